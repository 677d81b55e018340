"""Centring: a predictor as deviations from one mean for all rows, or from its group's own mean."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from .arguments import known
from .columns import Coded, DataError, check_table, find_column, group_codes, read

_NAMES = {"grand": "{}_c", "within": "{}_within", "mean": "{}_mean"}


def center(
    data: pd.DataFrame,
    columns: str | Sequence[str],
    group: str | None = None,
    *,
    keep_means: bool = True,
    grand: str | None = None,
) -> pd.DataFrame:
    """The table with centred copies of some columns beside the columns themselves.

    ==========================================  =========================================
    call                                        new columns, and what is subtracted
    ==========================================  =========================================
    ``center(data, "x")``                       ``x_c``: the mean of all rows
    ``center(data, "x", "g")``                  ``x_within``: the mean of the row's group;
                                                ``x_mean``: that mean itself, not centred
    ``center(data, "x", "g", grand="groups")``  ``x_c``: the mean of the group means, each
                                                group counted once
    ==========================================  =========================================

    The first and the last are grand-mean centring: one number is subtracted everywhere. The one
    between is group-mean centring, also called centring within context.

    Means are taken over the rows given. So drop incomplete rows before, with regard to *all*
    columns of the model: a mean of rows that the model does not use is another variable.

    Parameters
    ----------
    data : one row a level-1 unit, such as a student; it is not changed
    columns : the predictor to centre, or several; numbers
    group : the grouping column. Where names of groups repeat (school 1 of each country), make one
        name of both columns first.
    keep_means : with group-mean centring, also give the group means `x_mean`? Without them in the
        model, what differs between groups is no longer adjusted for
    grand : None centres at the group means if there is a group. "rows" or "groups" asks for
        grand-mean centring: at the mean of the rows, or at the mean of the group means. For a
        level-2 predictor, "groups" is the mean over groups.

    Returns
    -------
    DataFrame
        A copy of `data`, same rows and index, with the new columns at its end.

    Raises
    ------
    DataError
        If a column is not there, is not a number, or has missing values; if a new column's name is
        taken; if groups are missing, there is one group only, or no group has two rows; if a
        column has one value per group, so that nothing is left within groups.

    Notes
    -----
    Enders & Tofighi (2007), Psychological Methods 12, 121-138, compare the two kinds of centring.

    Examples
    --------
    >>> data = pd.DataFrame({"g": ["a", "a", "b", "b", "b"], "x": [1.0, 3, 6, 7, 8]})
    >>> center(data, "x")["x_c"].tolist()  # the mean of the rows is 5
    [-4.0, -2.0, 1.0, 2.0, 3.0]
    >>> center(data, "x", "g")[["x_within", "x_mean"]].to_numpy().T.tolist()
    [[-1.0, 1.0, -1.0, 0.0, 1.0], [2.0, 2.0, 7.0, 7.0, 7.0]]
    >>> center(data, "x", "g", grand="groups")["x_c"].tolist()  # the mean of 2 and 7 is 4.5
    [-3.5, -1.5, 1.5, 2.5, 3.5]
    """
    check_table(data)
    if grand is not None:
        known("grand", grand, ["rows", "groups"])
    names = _column_names(columns, group)
    values = {name: _numbers(name, data) for name in names}
    codes = None if group is None else _codes(group, data)
    if grand == "groups" and codes is None:
        raise DataError("grand='groups' is the mean of the group means: name the group, too.")
    new: dict[str, np.ndarray] = {}
    for name, x in values.items():
        if codes is None or grand is not None:
            middle = _group_means(x, codes).mean() if grand == "groups" else x.mean()
            new[_NAMES["grand"].format(name)] = x - middle
        else:
            new |= _parts(name, x, codes, group, keep_means)
    _refuse_taken(new, data)
    return data.assign(**new)


def _parts(
    name: str, x: np.ndarray, codes: np.ndarray, group: str, keep_means: bool
) -> dict[str, np.ndarray]:
    """Deviations from the group mean and, if they are kept, the means; (N,) each."""
    means = _group_means(x, codes)[codes]
    within = x - means
    if np.abs(within).max() <= 1e-12 * np.abs(x).max():
        raise DataError(
            f"'{name}' has one value for each '{group}': it is a level-2 predictor, and nothing of "
            f"it lies within groups. Centre it at the mean over groups: "
            f"hlm.center(data, '{name}', '{group}', grand='groups')."
        )
    parts = {_NAMES["within"].format(name): within}
    return parts | ({_NAMES["mean"].format(name): means} if keep_means else {})


def _group_means(x: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """(J,) mean of each group. Taken from deviations, so that a large offset loses no digits."""
    middle = x.mean()
    return middle + np.bincount(codes, x - middle) / np.bincount(codes)


def _column_names(columns: str | Sequence[str], group: str | None) -> list[str]:
    names = [columns] if isinstance(columns, str) else list(columns)
    if not names:
        raise DataError("No column is named. Say what to centre: hlm.center(data, 'escs').")
    if group in names:
        raise DataError(f"'{group}' is the group. A name of groups has no mean to centre at.")
    if len(set(names)) < len(names):
        raise DataError(f"A column is named twice in {names}. Name each once.")
    return names


def _numbers(name: str, data: pd.DataFrame) -> np.ndarray:
    """(N,) the column as floats; yes/no as truth values counts as 1/0."""
    column = find_column(name, data)
    if pd.api.types.is_bool_dtype(column.dtype) and not column.isna().any():
        return column.to_numpy(dtype=float)
    values = read(column)
    if isinstance(values, Coded):
        _refuse_text(name, values)
    _refuse_missing(name, np.isnan(values))
    if np.isinf(values).any():
        raise DataError(f"'{name}' is infinite in {int(np.isinf(values).sum())} rows: no mean.")
    return np.asarray(values, dtype=float)


def _refuse_text(name: str, values: Coded) -> None:
    levels = [str(level) for level in values.categories]
    if all(pd.notna(pd.to_numeric(pd.Series(levels, dtype=object), errors="coerce"))):
        way = f"They look like numbers: pd.to_numeric(data['{name}'])."
    else:
        way = (
            f"Make a 0/1 column of a level first: data['{name}'].eq({levels[-1]!r}).astype(float)."
        )
    shown = ", ".join(map(repr, levels[:4])) + (", ..." if len(levels) > 4 else "")
    raise DataError(f"'{name}' holds text or categories ({shown}), which have no mean. {way}")


def _refuse_missing(name: str, missing: np.ndarray) -> None:
    if missing.any():
        raise DataError(
            f"'{name}' is missing in {int(missing.sum()):,} of {len(missing):,} rows. A mean "
            "depends on the rows that enter it: first keep the rows that are complete in all "
            "columns of the model, as in data.dropna(subset=['math', 'escs']), then centre."
        )


def _codes(group: str, data: pd.DataFrame) -> np.ndarray:
    """(N,) number of each row's group, 0 .. J - 1."""
    codes, _ = group_codes([find_column(group, data)])
    _refuse_missing(group, codes < 0)
    _, codes, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    if len(sizes) == 1:
        raise DataError(
            f"All {len(codes):,} rows are of one '{group}'. With a single group its mean is the "
            "mean of the rows: leave out the group."
        )
    if sizes.max() == 1:
        raise DataError(
            f"Each of the {len(codes):,} rows has a '{group}' of its own, so every deviation from "
            "a group mean is zero. Is it the column of the groups, or one that numbers the rows?"
        )
    return codes


def _refuse_taken(new: dict[str, np.ndarray], data: pd.DataFrame) -> None:
    taken = [name for name in new if name in data.columns]
    if taken:
        raise DataError(
            f"The table has {', '.join(map(repr, taken))} already, perhaps from other rows. Centre "
            f"the table without: data.drop(columns={taken})."
        )
