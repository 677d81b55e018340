"""Checks on missing values: rows they cost, and codes that stand for them."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from hlmteach.design import Dropped

from .case import Case, complete_rows
from .findings import Finding

_MUCH = 0.1


def lost_rows(case: Case) -> Iterator[Finding]:
    """What did incomplete rows cost?"""
    dropped = case.fit.dropped or _dropped_before(case)
    if dropped is not None:
        yield _lost(case, dropped)
    elif case.by_statsmodels and _dropped_silently(case):
        yield Finding(
            "rows-lost",
            "note",
            f'This model was fitted with missing="drop": {case.design.n:,} rows of '
            f"{case.design.n_groups:,} groups are left, and the row labels have gaps.",
            "statsmodels leaves incomplete rows out without a word, and a group whose predictor is "
            "missing vanishes as a whole. Show the check your table and it counts both.",
            "hlm.check_model(model, data)",
        )


def _dropped_before(case: Case) -> Dropped | None:
    """What the rows of the table that are not in the fit lack; None if they lack nothing."""
    table, design = case.before, case.design
    if table is None or len(table) == design.n:
        return None
    columns = [c for c in [*case.used, *case.group.split(":")] if c in table.columns]
    inside = np.zeros(len(table), dtype=bool)
    if case.rows is not None and case.table is table:
        inside[case.rows] = True
    elif (complete := complete_rows(design, table)).sum() == design.n:
        inside = complete
    else:
        return None
    missing = table.loc[~inside, columns].isna()
    gone = int(missing.any(axis=1).sum())
    if gone == 0:
        return None
    counts = {str(name): int(n) for name, n in missing.sum().items() if n}
    group = case.group.split(":")
    groups = lost = case.design.n_groups
    if set(group) <= set(table.columns):
        rows = table[group].apply(tuple, axis=1) if len(group) > 1 else table[group[0]]
        inside_or_lost = inside.copy()
        inside_or_lost[~inside] = missing.any(axis=1).to_numpy()
        groups, lost = rows[inside_or_lost].nunique(), rows[inside].nunique()
    return Dropped(gone, design.n + gone, int(groups - lost), int(groups), counts)


def _dropped_silently(case: Case) -> bool:
    """Was missing="drop" used on a table with rows to drop? statsmodels then keeps only the
    columns of the formula, and the row labels have gaps."""
    kept, labels = case.design.frame, case.design.index
    if kept is None or case.before is not kept or case.group in kept.columns:
        return False
    if not pd.api.types.is_integer_dtype(labels.dtype) or not labels.is_unique:
        return False
    return int(labels.max() - labels.min()) + 1 > len(labels)


def _lost(case: Case, dropped: Dropped) -> Finding:
    rows, groups = dropped.rows / dropped.of_rows, dropped.groups / max(dropped.of_groups, 1)
    columns = ", ".join(f"{name} ({count:,})" for name, count in dropped.by_column.items())
    listed = ", ".join(f'"{name}"' for name in dropped.by_column)
    return Finding(
        "rows-lost",
        "problem" if max(rows, groups) >= _MUCH else "note",
        f"{dropped.rows:,} of {dropped.of_rows:,} rows ({rows:.0%}) and {dropped.groups:,} of "
        f"{dropped.of_groups:,} groups ({groups:.0%}) are not in the model, because a value is "
        f"missing. Missing by column: {columns}.",
        "Those left out are seldom like those left in, so the estimates describe the rows that "
        "stayed. Models to be compared must rest on the same rows. Say both counts in a report, "
        "and look at who was lost:",
        f"lost = data[[{listed}]].isna().any(axis=1)\n"
        f'data.groupby(lost)["{case.design.response}"].describe()',
    )


# ---------------------------------------------------------------- missing-value codes

_BANDS = [(95, 99), (995, 999), (9995, 9999), (99995, 99999), (-9, -7), (-99, -95), (-999, -995)]
_SMALL_CODES = (7, 9)  # for questions answered with 0, 1 or 2


def coded_missing(case: Case) -> Iterator[Finding]:
    """Do numbers such as 99 or 999 stand for missing values?"""
    for name, column in case.numbers().items():
        codes = _codes_in(column[np.isfinite(column)])
        if codes:
            yield _coded(case, str(name), column, codes)


def _codes_in(column: np.ndarray) -> list[int]:
    """The values that look like codes: whole, in a band that codes use, and apart from the rest
    by more than the whole width of the rest."""
    low, high = column.min(initial=np.inf), column.max(initial=-np.inf)
    for start, stop in _BANDS:
        if not (start <= high <= stop or start <= low <= stop):
            continue
        inside = (column >= start) & (column <= stop)
        rest = column[~inside]
        if len(rest) < 20 or len(rest) < len(column) / 2:
            continue
        if start < 0 and rest.min() < 0:
            continue
        gap = column[inside].min() - rest.max() if start > 0 else rest.min() - column[inside].max()
        if _whole(column[inside]) and gap > np.ptp(rest) > 0:
            return [int(v) for v in np.unique(column[inside])]
    start, stop = _SMALL_CODES
    inside = (column >= start) & (column <= stop)
    rest = column[~inside]
    few = inside.any() and high <= stop and len(rest) >= 20 and inside.sum() < len(column) / 2
    if few and set(np.unique(rest)) <= {0.0, 1.0, 2.0} and _whole(column[inside]):
        return [int(v) for v in np.unique(column[inside])]
    return []


def _whole(values: np.ndarray) -> bool:
    return bool((values == np.round(values)).all())


def _coded(case: Case, name: str, column: np.ndarray, codes: list[int]) -> Finding:
    hit = np.isin(column, codes)
    rest = column[~hit & np.isfinite(column)]
    listed = ", ".join(map(str, codes))
    return Finding(
        "missing-code",
        "problem",
        f"'{name}' is {listed} in {int(hit.sum()):,} rows ({_rows(case, hit)}), while all others "
        f"lie between {rest.min():g} and {rest.max():g}.",
        "Such numbers usually stand for 'no answer' in a codebook. As values they pull the "
        "coefficients and the variances. If yours are codes, make them missing:",
        f'data["{name}"] = data["{name}"].mask(data["{name}"].isin([{listed}]))\n{case.recipe}',
    )


def _rows(case: Case, hit: np.ndarray) -> str:
    labels = [str(label) for label in case.design.index[hit][:3]]
    return f"row labels {', '.join(labels)}{', ...' if hit.sum() > 3 else ''}"
