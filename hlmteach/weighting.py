"""Survey weights: read them from a table, refuse what is no weight, scale them within groups."""

from collections.abc import Hashable

import numpy as np
import pandas as pd

from .arguments import known, number
from .columns import DataError, find_column, group_codes

SCALINGS = ("size", "effective", None)
Weights = str | pd.Series | np.ndarray


def scale_weights(
    weights: pd.Series | np.ndarray, groups: pd.Series | np.ndarray, scaling: str | None = "size"
) -> pd.Series:
    """Scale level-1 weights within each group.

    Parameters
    ----------
    weights : (N,) weights of the rows (students), not negative
    groups : (N,) the group (school) of each row
    scaling : "size", so that a group's weights sum to its number of rows; "effective", so that
        they sum to its effective number of rows, (sum w)^2 / sum w^2; None leaves them as they are

    Returns
    -------
    Series (N,)
        With the index of `weights` if that is a Series.

    Raises
    ------
    DataError
        If a weight is missing, negative or infinite, all weights of a group are zero, or there are
        not as many groups as weights.

    Notes
    -----
    "size" is scaling method 2 of Pfeffermann et al. (1998), J. R. Stat. Soc. B 60(1), 23-40, and
    "effective" their method 1; Stata's `pwscale` has both names, Mplus calls them CLUSTER and
    ECLUSTER: Asparouhov (2006), Commun. Stat. Theory Methods 35(3), 439-460. Both remove any factor
    that the rows of a group share, so a student's total weight and the weight given the school are
    scaled to the same numbers.

    Examples
    --------
    >>> scale_weights(pd.Series([1.0, 3.0, 5.0]), ["a", "a", "b"]).tolist()
    [0.5, 1.5, 1.0]
    >>> scale_weights(pd.Series([1.0, 3.0, 5.0]), ["a", "a", "b"], "effective").round(3).tolist()
    [0.4, 1.2, 1.0]
    """
    if isinstance(weights, str) or isinstance(groups, str | pd.DataFrame):
        raise DataError(
            "scale_weights takes the columns themselves: scale_weights(data['stu_wgt'], "
            "data['school_id'])."
        )
    series = weights if isinstance(weights, pd.Series) else pd.Series(np.asarray(weights))
    name = "weights" if series.name is None else series.name
    groups = groups if isinstance(groups, pd.Series) else pd.Series(np.asarray(groups))
    if len(groups) != len(series):
        raise DataError(f"{len(series):,} weights for {len(groups):,} rows of groups.")
    codes, labels = group_codes([groups])
    if (codes < 0).any():
        raise DataError(f"The group is missing in {int((codes < 0).sum()):,} rows.")
    values = checked(name, series.to_numpy(dtype=float, na_value=np.nan))
    scaled = scaled_within(name, values, codes, labels, scaling)
    return pd.Series(scaled, series.index, name=series.name)


def scaled_within(
    name: Hashable, w: np.ndarray, codes: np.ndarray, labels: np.ndarray, scaling: str | None
) -> np.ndarray:
    """`scale_weights` on arrays: (N,) weights, (N,) group numbers, (J,) labels for messages."""
    known("scaling", scaling, SCALINGS)
    total = np.bincount(codes, weights=w)
    if (total == 0).any():
        empty = labels[total == 0]
        raise DataError(
            f"'{name}' is zero in every row of {len(empty):,} groups (the first is '{empty[0]}'). "
            "Such a group takes no part: drop it first."
        )
    if scaling is None:
        return w
    size = np.bincount(codes) if scaling == "size" else total**2 / np.bincount(codes, weights=w * w)
    return w * (size / total)[codes]


def checked(name: Hashable, values: np.ndarray) -> np.ndarray:
    """The weights, if each is a finite number that is not negative."""
    missing = int(np.isnan(values).sum())
    if missing:
        raise DataError(
            f"The weight '{name}' is missing in {missing:,} of {len(values):,} rows. A row without "
            "a weight is not part of the sample: find out why, or drop those rows."
        )
    if not np.isfinite(values).all():
        raise DataError(f"The weight '{name}' is infinite in {int(np.isinf(values).sum()):,} rows.")
    if (values < 0).any():
        raise DataError(
            f"The weight '{name}' is negative in {int((values < 0).sum()):,} rows (smallest: "
            f"{values.min():g}). A weight says how many units of the population a row stands for."
        )
    return values


def read_weights(what: str, given: Weights, data: pd.DataFrame) -> tuple[str, np.ndarray]:
    """(name, values) of a column or of an array that belongs to the rows of `data`."""
    if isinstance(given, str):
        column = find_column(given, data)
        if not pd.api.types.is_numeric_dtype(column.dtype):
            raise DataError(f"The weight '{given}' is not a number; convert it with pd.to_numeric.")
        return given, column.to_numpy(dtype=float, na_value=np.nan)
    values = np.asarray(given, dtype=float)
    if values.shape != (len(data),):
        raise DataError(
            f"{what} has shape {values.shape}; it takes the name of a column, or one number for "
            f"each of the {len(data):,} rows."
        )
    if isinstance(given, pd.Series) and not given.index.equals(data.index):
        raise DataError(f"{what} has other row labels than the data; make it from the same table.")
    return str(getattr(given, "name", None) or what), values


def group_values(
    name: str, values: np.ndarray, codes: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    """(J,) the value of each group, which all its rows must share."""
    first = np.empty(len(labels), dtype=values.dtype)
    first[codes[::-1]] = values[::-1]
    differ = values != first[codes]
    if differ.any():
        group = labels[codes[int(np.argmax(differ))]]
        raise DataError(
            f"'{name}' differs between rows of the group '{group}'; a group has one value. Is it "
            "a weight of the rows, or is the grouping column not the school?"
        )
    return first


def check_fay(fay: float) -> None:
    """Is this a k that Fay's method allows?"""
    if not 0 <= number("fay", fay, "PISA takes 0.5") < 1:
        raise ValueError(f"fay is {fay}; it is at least 0 and below 1, and 0.5 in PISA.")
