"""May two models be compared? The same rows, and one inside the other."""

import numpy as np
import pandas as pd

from .fit import Fit

# Share of a column that another model's columns may leave unexplained and still span it.
_SPANNED = 1e-7


def different_rows(n0: int, n1: int) -> str:
    """What to say when two models were fitted to different numbers of rows."""
    return (
        f"The models were fitted to different rows: {n0:,} and {n1:,}. Their likelihoods are of "
        "different data and cannot be compared. Freeze the analysis set first, for example "
        "data = data.dropna(subset=[...every column of every model...]), and fit all models to it."
    )


def check_same_rows(a: Fit, b: Fit) -> None:
    """Refuse two models whose outcomes are not the same numbers in the same order.

    Raises
    ------
    ValueError
        With both numbers of rows and what to do.
    """
    if a.n != b.n:
        raise ValueError(different_rows(a.n, b.n))
    y0, y1 = a.design.y, b.design.y
    if np.array_equal(y0, y1):
        return
    if np.array_equal(np.sort(y0), np.sort(y1)):
        raise ValueError(
            f"Both models have the same {a.n:,} outcomes but in another order. Fit both to one "
            "table, so that rows can be matched."
        )
    raise ValueError(
        f"Both models have {a.n:,} rows, but their outcomes differ "
        f"('{a.design.response}' and '{b.design.response}'). Likelihoods compare models of one "
        "outcome on one analysis set: freeze it first, then fit all models to it."
    )


def check_nested(small: Fit, large: Fit) -> None:
    """Refuse a pair in which the larger model does not contain the smaller.

    Raises
    ------
    ValueError
        Saying which part is not contained and what to do instead.
    """
    lost = _not_spanned(_fixed(small), _fixed(large))
    if lost:
        column = small.names[lost[0]]
        raise ValueError(_not_nested(small, large, f"'{column}' is in the first only"))
    if small.random_names and not _same_groups(small, large):
        why = f"they group by '{small.group_name}' and '{large.group_name}'"
        raise ValueError(_not_nested(small, large, why))
    if small.random_names and not _random_inside(small, large):
        why = "the first lets vary between groups what the second does not"
        raise ValueError(_not_nested(small, large, why))
    if small.n_params == large.n_params:
        raise ValueError(
            f"'{small.formula}' and '{large.formula}' have {small.n_params} parameters each and "
            "are the same model in other words, so there is nothing to test."
        )


def _not_nested(small: Fit, large: Fit, why: str) -> str:
    return (
        f"'{small.formula}' is not nested in '{large.formula}': {why}. A likelihood-ratio test "
        "needs one model inside the other. Compare their .aic or .bic instead (both fitted by ML), "
        "or fit a model that contains both."
    )


def same_fixed_part(a: Fit, b: Fit) -> bool:
    """Are the fixed columns the same numbers? REML criteria depend on them, not only on what they
    span."""
    X, Y = _fixed(a), _fixed(b)
    return X.shape == Y.shape and bool(np.array_equal(X, Y))


def _fixed(fit: Fit) -> np.ndarray:
    return fit.design.exog[:, fit.solution.kept]


def _not_spanned(X: np.ndarray, Y: np.ndarray) -> list[int]:
    """Positions of the columns of X that are no combination of the columns of Y."""
    if (Y == 1).all(axis=0).any():  # with a constant, an offset must not hide a difference
        X, Y = X - X.mean(axis=0), Y - Y.mean(axis=0)
    length = np.linalg.norm(Y, axis=0)
    Q = np.linalg.qr(Y[:, length > 0] / length[length > 0])[0]
    rest = X - Q @ (Q.T @ X)
    rest -= Q @ (Q.T @ rest)
    # A constant is nothing but rounding noise once centred.
    size = np.maximum(np.linalg.norm(X, axis=0), 1e-12 * np.abs(X).max(initial=0.0))
    return list(np.flatnonzero(np.linalg.norm(rest, axis=0) > _SPANNED * np.maximum(size, 1e-300)))


def _same_groups(a: Fit, b: Fit) -> bool:
    return np.array_equal(pd.factorize(a.design.codes)[0], pd.factorize(b.design.codes)[0])


def _random_inside(small: Fit, large: Fit) -> bool:
    """Does some correlated block of `large` span each block of `small`?"""
    if not large.random_names:
        return False  # an ordinary regression, which has the groups of the other on loan
    Z, W = small.design.exog_random, large.design.exog_random
    return all(
        any(not _not_spanned(Z[:, a], W[:, b]) for b in large.design.blocks)
        for a in small.design.blocks
    )
