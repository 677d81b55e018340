"""Checks for rows that stand in the table more than once."""

import re
from collections.abc import Iterator

import numpy as np
import pandas as pd

from .case import ABOVE, Case
from .findings import Finding

# A join that multiplies rows multiplies most of them.
_MULTIPLIED = 1.5
# A pair of group and outcome can point to a row only if the outcome has many values.
_VALUES = 50


def copies(case: Case) -> Iterator[Finding]:
    """Do rows occur more than once, as they are or with other values of some columns?"""
    design = case.design
    key = _keys(case)
    keys = int(key.max()) + 1
    if keys == design.n:
        return
    many = design.n >= _MULTIPLIED * keys and len(np.unique(design.y)) >= _VALUES
    if many and keys < 0.6 * _expected_keys(case):
        differing = _differing(case, key)
        if differing:
            yield _joined(case, keys, differing)
            return
    yield from _duplicated(case)


def _keys(case: Case) -> np.ndarray:
    """(N,) the number of each row's pair of group and outcome."""
    value = np.unique(case.design.y, return_inverse=True)[1]
    pair = case.design.codes.astype(np.int64) * (int(value.max()) + 1) + value
    return np.unique(pair, return_inverse=True)[1]


def _expected_keys(case: Case) -> float:
    """How many pairs there would be if outcomes fell into the groups at random."""
    share = np.unique(case.design.y, return_counts=True)[1] / case.design.n
    size, count = np.unique(case.design.sizes, return_counts=True)
    seen = [(-np.expm1(m * np.log1p(-np.minimum(share, 1 - 1e-12)))).sum() for m in size]
    return float(np.dot(seen, count))


def _differing(case: Case, key: np.ndarray) -> list[str]:
    """The columns that a join brought: they differ between rows that agree in all else. Empty if
    nothing else agrees, that is, if equal outcomes are different rows."""
    codes = case.design.codes
    first = np.unique(key, return_index=True)[1]
    differing, agreeing, varying = [], 0, 0
    for name in case.columns:
        value = case.codes(name)
        apart = (value != value[first][key]).mean()
        within = (value != value[case.first][codes]).mean()
        if apart > 0.2:
            differing.append(str(name))
        elif within > 0.05 and name != case.design.response:
            varying += 1
            agreeing += apart < 0.05
    return differing if agreeing or not varying else []


def _joined(case: Case, keys: int, differing: list[str]) -> Finding:
    n = case.design.n
    above = [name for name in differing if ABOVE.match(name)]
    shown = ", ".join([*above, *(name for name in differing if name not in above)][:4])
    more = ", ..." if len(differing) > 4 else ""
    return Finding(
        "join-multiplied",
        "problem",
        f"{n:,} rows hold only {keys:,} different pairs of '{case.group}' and outcome: each "
        f"occurs {n / keys:.1f} times on average, with other values of {shown}{more}.",
        "A join on a key that is not unique pairs a row with several rows of the other table, "
        "mostly wrong ones. Every row then counts many times and the standard errors are far too "
        "small. Join on all columns that name a group (students and schools stand for your two "
        "tables); validate stops a join that multiplies.",
        f"data = students.merge(schools, on={_join_key(case)}, how='left', validate='m:1')",
    )


def _join_key(case: Case) -> list[str]:
    """The grouping columns with those that stand above them, without a join's suffixes."""
    above = [re.sub(r"[._][xy]$", "", str(n)) for n in case.columns if ABOVE.match(str(n))]
    return list(dict.fromkeys([*above, *case.group.split(":")]))


def _duplicated(case: Case) -> Iterator[Finding]:
    if not case.columns:
        return
    table = pd.DataFrame({name: case.codes(name) for name in case.columns})
    table["group of the fit"] = case.design.codes
    copy = table.duplicated().to_numpy()
    count, n = int(copy.sum()), case.design.n
    if count == 0 or count <= 2 * _chance(case, copy):
        return
    labels = [str(label) for label in case.design.index[copy][:5]]
    yield Finding(
        "duplicated-rows",
        "problem",
        f"{count:,} of {n:,} rows are copies of another row, in every column (row labels "
        f"{', '.join(labels)}{', ...' if count > 5 else ''}).",
        "A copy is no new information, but the model counts it as such: standard errors come out "
        f"too small{' (by the square root of 2 if all rows are doubled)' if 2 * count == n else ''}"
        " and groups look more alike within than they are.",
        f"data = data.drop_duplicates()\n{case.recipe}",
    )


def _chance(case: Case, copy: np.ndarray) -> int:
    """How many of the other rows agree in group and outcome anyway: a rounded outcome does."""
    rest = pd.DataFrame({"group": case.design.codes[~copy], "y": case.design.y[~copy]})
    return int(rest.duplicated().sum())
