"""Checks on the groups: is the grouping column the right one, and does one label mean one group?"""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from .case import ABOVE, Case, likely_group, looks_like_id
from .findings import Finding

_TIME = re.compile(r"(year|cycle|wave)", re.IGNORECASE)


def unidentified(case: Case) -> Iterator[Finding]:
    """Is there one group only, or one row per group?"""
    design, group = case.design, case.group
    better = likely_group(case.table, but=group) or "school_id"
    if design.n_groups == 1:
        yield Finding(
            "one-group",
            "problem",
            f"'{group}' has one group only ({str(design.groups[0])!r}) for {design.n:,} rows.",
            "With a single group nothing can vary between groups: the variances shown are start "
            "values, and an ICC of 0.5 from such a fit means nothing. A filter may have left one "
            "group, or this is not the grouping column.",
            str(case.recipe.with_(group=better)),
        )
    elif design.n_groups == design.n:
        yield Finding(
            "one-row-per-group",
            "problem",
            f"'{group}' has {design.n:,} groups for {design.n:,} rows: one row each.",
            "Differences between groups cannot be told from those within, so the variances shown "
            "are start values, and an ICC of 0.5 from such a fit means nothing. Group by the unit "
            "that several rows share, such as the school, not by the student.",
            str(case.recipe.with_(group=better)),
        )


def mostly_singletons(case: Case) -> Iterator[Finding]:
    """Do most groups have one row?"""
    single = int((case.design.sizes == 1).sum())
    J = case.design.n_groups
    if single <= J / 2:
        return
    yield Finding(
        "mostly-singletons",
        "problem",
        f"{single:,} of {J:,} groups of '{case.group}' have one row only.",
        "A group of one says nothing about differences within groups; the split of the variance "
        f"rests on the other {J - single:,} groups. Check that this is the grouping column, and "
        "that no filter or join has thinned the groups.",
        _sizes_code(case),
    )


def _sizes_code(case: Case) -> str:
    if ":" in case.group:
        return f"data.groupby({case.group.split(':')}).size().value_counts()"
    return f'data["{case.group}"].value_counts().value_counts()'


# ---------------------------------------------------------------- the wrong column


def wrong_column(case: Case) -> Iterator[Finding]:
    """Are the groups values of a measurement, or do finer units lie inside them?"""
    finer = _finer_unit(case)
    if _measured(case.labels):
        yield _grouped_by_measurement(case, finer)
    elif finer and (finer[1] <= 1.5 * case.design.n_groups):
        yield _property_as_group(case, *finer)
    elif finer:
        yield _level_left_out(case, *finer)


def _measured(labels: np.ndarray) -> bool:
    if labels.dtype.kind != "f":
        return False
    return bool((labels != np.round(labels)).any())


def _finer_unit(case: Case) -> tuple[str, int] | None:
    """(column, units) of an id-like column whose units each lie inside one group, several rows
    each, and are more than the groups."""
    codes, J, n = case.design.codes, case.design.n_groups, case.design.n
    found = {}
    for name in case.columns:
        if name in case.group.split(":") or not looks_like_id(name):
            continue
        units = case.codes(name)
        count = int(units.max(initial=-1)) + 1
        if units.min(initial=0) < 0 or not J < count <= n / 2:
            continue
        if len(np.unique(units.astype(np.int64) * J + codes)) == len(np.unique(units)):
            found[name] = len(np.unique(units))
    found = {name: count for name, count in found.items() if count > J}
    return min(found.items(), key=lambda item: item[1]) if found else None


def _grouped_by_measurement(case: Case, finer: tuple[str, int] | None) -> Finding:
    J = case.design.n_groups
    example = ", ".join(f"{v:g}" for v in np.sort(case.labels)[:3])
    better = finer[0] if finer else likely_group(case.table, but=case.group) or "school_id"
    more = f"; '{better}' has {finer[1]:,}" if finer else ""
    return Finding(
        "wrong-group",
        "problem",
        f"The groups are values of a measurement, '{case.group}' ({example}, ...): "
        f"{J:,} groups{more}.",
        "Two schools that share a value become one group, so the model mixes them. Its numbers can "
        "look right and are not. Group by the column that names the unit.",
        str(case.recipe.with_(group=better)),
    )


def _property_as_group(case: Case, name: str, count: int) -> Finding:
    J = case.design.n_groups
    return Finding(
        "wrong-group",
        "problem",
        f"The model has {J:,} groups of '{case.group}', but '{name}' has {count:,} units, each "
        f"inside one of them: {count - J:,} units share a group with another.",
        f"'{case.group}' looks like a property of '{name}', not its name. Units with the same "
        "value become one group. The numbers can look right and are not.",
        str(case.recipe.with_(group=name)),
    )


def _level_left_out(case: Case, name: str, count: int) -> Finding:
    return Finding(
        "level-left-out",
        "note",
        f"The {case.design.n_groups:,} groups of '{case.group}' hold {count:,} units of '{name}', "
        f"about {case.design.n / count:.0f} rows each.",
        f"Rows of the same '{name}' are usually alike beyond what they share through "
        f"'{case.group}'. The model leaves that out, so the standard errors of what varies "
        f"between units of '{name}' are too small. Group by '{name}', or use three "
        "levels (statsmodels' vc_formula).",
        str(case.recipe.with_(group=name)),
    )


# ---------------------------------------------------------------- one label, several groups


def reused_labels(case: Case) -> Iterator[Finding]:
    """Does one label stand for groups in several countries, years or schools?"""
    if ":" in case.group or ABOVE.match(case.group):
        return
    for name in case.columns:
        crossed = None if name == case.group else _crossed(case, name)
        if crossed:
            yield _reused(case, name, *crossed)
            return


def _crossed(case: Case, name: str) -> tuple[int, int, int] | None:
    """(labels that occur in several values of the column, values, combinations), or None."""
    above = bool(ABOVE.match(str(name)))
    if not above and not looks_like_id(name):
        return None
    units = case.codes(name)
    count = int(units.max(initial=-1)) + 1
    if count < 2 or units.min() < 0:
        return None
    J = case.design.n_groups
    pairs = np.unique(units.astype(np.int64) * J + case.design.codes)
    values = len(np.unique(pairs // J))
    if len(pairs) == values or len(pairs) == J or case.design.n < 2 * len(pairs):
        return None  # nested one way or the other, or a number within the group
    several = int((np.bincount(pairs % J, minlength=J) > 1).sum())
    # Classes 1, 2, 3 in every school: fewer labels than schools, most of them in many schools.
    if not above and not (values > J and several > J / 2):
        return None
    return several, values, len(pairs)


def _reused(case: Case, name: str, several: int, values: int, pairs: int) -> Finding:
    group, J = case.group, case.design.n_groups
    new = f"{name}_{group}"
    if case.by_statsmodels:
        join = f'data["{name}"].astype(str) + ":" + data["{group}"].astype(str)'
        code = f'data["{new}"] = {join}\n{case.recipe.with_(group=new)}'
    else:
        code = str(case.recipe.with_(group=f"{name}:{group}"))
    panel = (
        f" (If a label is the same unit in every {name}, leave it as it is.)"
        if _TIME.match(str(name))
        else ""
    )
    return Finding(
        "reused-label",
        "note" if panel else "problem",
        f"{several:,} of {J:,} labels of '{group}' occur in more than one '{name}' ({values:,} of "
        f"them): together they name {pairs:,} groups, and the model has {J:,}.",
        f"The label starts again in each {name}, so units that have nothing in common are taken "
        f"for one group, and the variance between groups comes out wrong.{panel}",
        code,
    )


# ---------------------------------------------------------------- ids as predictors


def id_as_predictor(case: Case) -> Iterator[Finding]:
    """Is an id among the predictors, as a number or as one coefficient for each group?"""
    for name, column in case.predictors.items():
        if name == case.group or _is_id_number(case, name, column):
            yield _id_as_number(case, name)
    group = re.escape(case.group)
    count = sum(bool(re.match(rf"(C\()?{group}\b.*\[", name)) for name in case.design.names)
    if count >= max(case.design.n_groups - 1, 1):
        yield _dummies(case, count)


def _is_id_number(case: Case, name: str, column: np.ndarray) -> bool:
    whole = bool((column == np.round(column)).all())
    if not whole:
        return False
    labels = case.labels
    if labels.dtype.kind in "iuf" and np.array_equal(column, labels[case.design.codes]):
        return True
    return bool(re.match(r"(?i)(.*_)?id$", name)) and len(np.unique(column)) > 10


def _id_as_number(case: Case, name: str) -> Finding:
    beta = case.best.beta.get(name, np.nan) if case.identified else np.nan
    shown = "" if pd.isna(beta) else f", with a coefficient of {beta:.3g} per unit of id"
    return Finding(
        "id-as-number",
        "problem",
        f"The id '{name}' is a predictor, as a number{shown}.",
        "An id names a unit; school 200 is not twice school 100. The coefficient means nothing. "
        "An id belongs into the grouping part only.",
        str(case.recipe.without(name)),
    )


def _dummies(case: Case, count: int) -> Finding:
    terms = [t for t in (case.group, f"C({case.group})") if t in case.recipe.fixed]
    return Finding(
        "group-dummies",
        "problem",
        f"'{case.group}' is a predictor too: {count:,} coefficients, one for each group but the "
        "first.",
        "They take up all differences between groups, so nothing is left for the random intercept, "
        "and no predictor with one value per group can be estimated. Keep one of the two.",
        str(case.recipe.without(*terms)),
    )
