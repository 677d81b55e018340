"""Checks on the fixed part: a predictor's level, the intercept, columns that say the same."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from .case import Case
from .findings import Finding


def level2_that_varies(case: Case) -> Iterator[Finding]:
    """Does a predictor have one value in nearly every group, yet not in all?"""
    for name, codes in _coded_predictors(case).items():
        varying = _strays(codes, case.design.codes, case.design.sizes)
        if varying is not None:
            yield _varies(case, name, varying, len(np.unique(codes)))


def _coded_predictors(case: Case) -> dict[str, np.ndarray]:
    if case.rows is None:
        return {name: pd.factorize(c)[0] for name, c in case.predictors.items()}
    response = case.design.response
    return {str(n): case.codes(n) for n in case.used if n in case.columns and n != response}


def _strays(codes: np.ndarray, groups: np.ndarray, sizes: np.ndarray) -> np.ndarray | None:
    """The groups in which a level-2 column varies; None if it does not look like one.

    A column is taken for level-2 if it has one value in most groups, if nearly all rows have their
    group's most frequent value, and if that value differs between groups. A rare answer ("no desk")
    fails the last; the sex of pupils in a country with some single-sex schools fails the second.
    """
    J, K = len(sizes), int(codes.max()) + 1
    if codes.min() < 0 or K < 2:
        return None
    pair, count = np.unique(groups.astype(np.int64) * K + codes, return_counts=True)
    group = pair // K
    kinds = np.bincount(group, minlength=J)
    several = sizes > 1
    varying = several & (kinds > 1)
    if not varying.any() or several.sum() < 5:
        return None
    order = np.lexsort((count, group))
    last = np.flatnonzero(np.append(np.diff(group[order]) > 0, True))
    mode, usual = pair[order][last] % K, count[order][last]
    constant = 1 - varying.sum() / several.sum()
    agree = usual[several].sum() / sizes[several].sum()
    differ = 1 - np.bincount(mode[several]).max() / several.sum()
    enough = constant > (0.5 if K > 4 else 0.8)
    return np.flatnonzero(varying) if enough and agree >= 0.9 and differ >= 0.1 else None


def _varies(case: Case, name: str, varying: np.ndarray, kinds: int) -> Finding:
    J = case.design.n_groups
    labels = [str(label) for label in case.labels[varying][:5]]
    several = case.group.split(":")
    by = f'"{case.group}"' if len(several) == 1 else str(several)
    return Finding(
        "level2-varies",
        "problem" if kinds > 4 else "note",
        f"'{name}' has one value in {J - len(varying):,} of {J:,} groups of '{case.group}', but "
        f"several in {len(varying):,}: {', '.join(labels)}{', ...' if len(varying) > 5 else ''}.",
        "A property of the group has one value for all its members. Two values point to a slip of "
        "typing, or to a join that mixed two groups. (If it is a property of the members that "
        "seldom differs, all is well.)",
        f'data.groupby({by})["{name}"].nunique().loc[lambda n: n > 1]',
    )


# ---------------------------------------------------------------- intercept and rank


def no_fixed_intercept(case: Case) -> Iterator[Finding]:
    """Has the fixed part lost its intercept?"""
    if case.design.has_intercept or _spans(case.design.exog, np.ones(case.design.n)):
        return
    recipe = case.recipe.with_intercept()
    yield Finding(
        "no-fixed-intercept",
        "problem",
        "The fixed part has no intercept: the outcome is taken to be 0 where all predictors are 0.",
        "The groups then have to carry the general level of the outcome, so the variance between "
        "them is blown up and the ICC means nothing.",
        str(recipe),
    )


def _spans(X: np.ndarray, column: np.ndarray) -> bool:
    """Is the column a sum of multiples of the columns of X?"""
    if X.shape[1] == 0:
        return False
    scale = np.abs(X).max(axis=0)
    X = X / np.where(scale > 0, scale, 1.0)
    rest = column - X @ np.linalg.lstsq(X, column, rcond=None)[0]
    return bool(np.abs(rest).max() <= 1e-8 * np.abs(column).max())


def determined_columns(case: Case) -> Iterator[Finding]:
    """Is a predictor a sum of others?"""
    names, X = case.design.names, case.design.exog
    for name in case.fit.dropped_columns:
        at = names.index(name)
        before = [k for k in range(at) if names[k] not in case.fit.dropped_columns]
        yield _determined(case, name, _parts(X[:, before], X[:, at], [names[k] for k in before]))


def _parts(X: np.ndarray, column: np.ndarray, names: list[str]) -> list[str]:
    scale = np.maximum(np.abs(X).max(axis=0), 1e-300)
    share = np.linalg.lstsq(X / scale, column, rcond=None)[0]
    size = np.abs(share) / max(np.abs(column).max(), 1e-300)
    parts = [name for name, s in zip(names, size, strict=True) if s > 1e-6]
    return [name for name in parts if name != "Intercept"] or ["the intercept"]


def _determined(case: Case, name: str, parts: list[str]) -> Finding:
    what = f"'{name}' says nothing new: it follows from {' and '.join(parts)}"
    if parts == ["the intercept"]:
        what = f"'{name}' has the same value in every row"
    held = (
        "statsmodels prints numbers for it all the same; they are arbitrary, and so are those of "
        "its partners."
        if case.by_statsmodels
        else "It was left out, as R does."
    )
    term = name.split("[")[0]
    return Finding(
        "determined-column",
        "problem",
        f"{what}.",
        f"Infinitely many sets of coefficients fit equally well, so none can be told. {held} Take "
        "out the one that you do not need.",
        str(case.recipe.without(term)),
    )
