"""The learner's table: its columns as numbers or coded levels, its groups, its complete rows."""

import difflib
import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from numbers import Real
from operator import eq
from os import PathLike
from typing import NamedTuple

import numpy as np
import pandas as pd

FEW_LEVELS = 20  # so few may be categories, whatever they look like
_SHOWN = 30  # names of columns in a message
# Names that learners import, and that a formula does not know.
_MODULES = {"pd", "pandas", "math", "scipy", "stats", "sm"}


class DataError(ValueError):
    """The table cannot carry the model; the message names the culprit."""


class MissingRowsWarning(UserWarning):
    """Rows with missing values were left out of a fit."""


@dataclass(frozen=True)
class Dropped:
    """What incomplete rows cost.

    Attributes
    ----------
    rows, of_rows : rows left out, and rows in the table
    groups, of_groups : groups that vanished with them, and groups in the table
    by_column : column name -> number of its missing values
    """

    rows: int
    of_rows: int
    groups: int
    of_groups: int
    by_column: dict[str, int]

    def __str__(self) -> str:
        columns = ", ".join(f"{name} ({count:,})" for name, count in self.by_column.items())
        return (
            f"{self.rows:,} of {self.of_rows:,} rows have a missing value and were left out, and "
            f"with them {self.groups:,} of {self.of_groups:,} groups. Missing by column: {columns}."
        )


class Coded(NamedTuple):
    """A categorical column: each row's level by number, -1 where missing. Lighter than pandas'."""

    codes: np.ndarray
    categories: list

    def take(self, rows: np.ndarray) -> "Coded":
        return Coded(self.codes[rows], self.categories)


def check_table(data: pd.DataFrame) -> None:
    check_frame(data)
    if len(data) == 0:
        raise DataError("The table has no rows. Has a filter or a join removed them all?")


def check_frame(data: pd.DataFrame) -> None:
    if not isinstance(data, pd.DataFrame):
        if hasattr(data, "to_pandas"):
            hint = "Convert it with its .to_pandas()."
        elif isinstance(data, str | PathLike):
            hint = "Read the file first: pd.read_csv(...)."
        elif isinstance(data, pd.Series):
            hint = "A column alone does not do: pass the table that it comes from."
        else:
            hint = "Make one with pd.DataFrame(...)."
        raise DataError(f"The data must be a pandas DataFrame; got {type(data).__name__}. {hint}")


def find_column(name: str, data: pd.DataFrame) -> pd.Series:
    """The column of that name; a DataError says what else it may be called or where it is."""
    try:
        column = data[name]
    except KeyError:
        names = [str(c) for c in data.columns]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        raise DataError(
            f"The column '{name}' is not in the table.{_hint(name, data)} "
            f"The table has these columns: {', '.join(names[:_SHOWN])}{more}."
        ) from None
    if isinstance(column, pd.DataFrame):
        raise DataError(f"The table has more than one column called '{name}'. Rename one of them.")
    return column


def _hint(name: str, data: pd.DataFrame) -> str:
    if data.columns.nlevels > 1:
        return " Its column names have several levels: keep one, as in data.droplevel(0, axis=1)."
    if name in data.index.names:
        return f" '{name}' is in its index: use data.reset_index()."
    if name in _MODULES:
        return " Inside a formula only np is known: make the column first, with data.assign(...)."
    for column in data.columns:
        if not isinstance(column, str) and str(column) == name:
            return f" One is called by the number {name}: data.columns = data.columns.astype(str)."
        if not str(column).isidentifier() and name in re.split(r"[\W]+", str(column)):
            return f" If you mean the column '{column}', write it in back ticks: `{column}`."
    names = {str(c).lower(): str(c) for c in data.columns}
    near = difflib.get_close_matches(name.lower(), list(names), 1, 0.6)
    return f" Did you mean '{names[near[0]]}'?" if near else ""


def read(column: pd.Series) -> np.ndarray | Coded:
    """Numbers as float64 (a view where they are already), anything else coded by level."""
    dtype = column.dtype
    if dtype == np.float64:
        return column.to_numpy()
    if dtype.kind in "mMc":
        raise _no_number(column.name)
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    if isinstance(dtype, pd.CategoricalDtype):
        return Coded(column.array.codes, list(column.array.categories))
    codes, seen = _factorize(column)
    if any(isinstance(value, date | timedelta | pd.Period | complex) for value in seen):
        raise _no_number(column.name)
    if len(seen) and _is_number(seen[0]) and all(map(_is_number, seen)):
        return np.append(np.array(seen, dtype=float), np.nan)[codes]
    order = sorted(range(len(seen)), key=lambda k: str(seen[k]))
    rank = np.full(len(seen) + 1, -1)
    rank[order] = np.arange(len(seen))
    return Coded(rank[codes], [seen[k] for k in order])


def is_missing(values: np.ndarray | Coded) -> np.ndarray:
    return values.codes < 0 if isinstance(values, Coded) else np.isnan(values)


def slope_numbers(name: str, values: np.ndarray | Coded) -> np.ndarray:
    """The values of a random slope's column, which must be numbers."""
    if isinstance(values, Coded):
        raise DataError(
            f"The random slope '{name}' is not a number. Make a 0/1 column of it first."
        )
    return values


def _is_number(value: object) -> bool:
    return isinstance(value, Real | Decimal) and not isinstance(value, bool | np.bool_)


def _no_number(name: object) -> DataError:
    return DataError(
        f"'{name}' holds complex numbers, dates or times. Make a number of it first, "
        "such as days since the first date: (data['date'] - data['date'].min()).dt.days."
    )


def _factorize(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    dtype = column.dtype
    if dtype == "str" or (isinstance(dtype, np.dtype) and dtype.kind in "iu"):
        return _factorize_runs(column.to_numpy())
    numeric = pd.api.types.is_numeric_dtype(dtype)
    try:
        return pd.factorize(column if numeric else column.to_numpy(dtype=object))
    except TypeError as error:
        raise DataError(
            f"'{column.name}' holds lists or tables; a cell must be one value."
        ) from error


def _factorize_runs(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """pd.factorize, which looks up one value of each run where equal values stand together."""
    changes = (values[1:] != values[:-1]).nonzero()[0]
    if 3 * len(changes) >= len(values):
        return pd.factorize(values)
    edges = np.empty(len(changes) + 2, dtype=np.intp)
    edges[0], edges[1:-1], edges[-1] = 0, changes + 1, len(values)
    seen = values[edges[:-1]]
    labels = seen.tolist()
    if len(set(labels)) == len(labels) and all(map(eq, labels, labels)):
        codes = np.arange(len(labels))  # sorted by label, and none is missing
    else:
        codes, seen = pd.factorize(seen)
    return codes.repeat(edges[1:] - edges[:-1]), seen


def refuse_numbers_as_text(name: str, levels: list, rows: int) -> None:
    """A measurement read as text is not a category: fractions, or nearly a level for each row."""
    texts = sum(isinstance(level, str) for level in levels)
    if len(levels) <= FEW_LEVELS or not texts or texts + sum(map(_is_number, levels)) < len(levels):
        return
    text = pd.Series(levels, dtype=object)
    numbers = pd.to_numeric(text, errors="coerce")
    fractions = bool((numbers.dropna() % 1 != 0).any())
    if numbers.notna().mean() < 0.9 or not (fractions or 2 * len(levels) > rows):
        return
    other = text[numbers.isna()].tolist()
    found = f", beside {other[0]!r}" if other else ""
    stored = " stored as text" if texts == len(levels) else ""
    raise DataError(
        f"'{name}' holds numbers{stored}{found}: {len(levels):,} different values. Convert "
        f"them with pd.to_numeric(data['{name}'], errors='coerce'), or write C({name}) if each "
        "value is a category of its own."
    )


def group_codes(group: list[pd.Series]) -> tuple[np.ndarray, np.ndarray]:
    """(codes, labels) of one grouping column or of several joined; a missing label has code -1."""
    if len(group) == 1:
        column = group[0]
        if isinstance(column.dtype, pd.CategoricalDtype):
            return recode(column.array.codes, column.array.categories.to_numpy())
        codes, labels = _factorize(column)
        return codes, np.asarray(labels)
    parts = [group_codes([column]) for column in group]
    codes = np.zeros(len(group[0]), dtype=np.int64)
    missing = np.zeros(len(group[0]), dtype=bool)
    for part, labels in parts:
        codes = codes * len(labels) + part
        missing |= part < 0
    gaps = missing.any()
    codes, seen = pd.factorize(np.where(missing, -1, codes) if gaps else codes)
    names = _joined([labels for _, labels in parts], seen)
    return recode(np.where(missing, -1, codes) if gaps else codes, names)


def _joined(parts: list[np.ndarray], seen: np.ndarray) -> np.ndarray:
    """Labels such as "USA:0012" of combined codes: each part's label, joined by a colon."""
    names: np.ndarray | None = None
    for labels in reversed(parts):
        texts = np.array([*map(str, labels)] or [""], dtype=object)  # [""]: all are missing
        seen, at = np.divmod(seen, len(texts))
        texts = texts[at]
        names = texts if names is None else texts + ":" + names
    return names


def recode(codes: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Drop labels that no row carries; a missing code stays -1."""
    count = np.bincount(codes[codes >= 0], minlength=len(labels))
    used = np.flatnonzero(count)
    if len(used) == len(labels):
        return codes, labels
    place = np.full(len(labels) + 1, -1)
    place[used] = np.arange(len(used))
    return place[codes], labels[used]


def complete_rows(
    columns: dict[str, np.ndarray | Coded],
    codes: np.ndarray,
    groups: np.ndarray,
    group: tuple[str, ...],
) -> tuple[np.ndarray | None, Dropped | None]:
    """The rows without a missing value (None: all of them) and what the others cost."""
    missing, rows = {}, len(codes)
    for name, column in columns.items():
        gone = is_missing(column)
        if gone.any():
            missing[name] = gone
    if (codes < 0).any():
        missing[":".join(group)] = codes < 0
    if not missing:
        return None, None
    keep = np.flatnonzero(~np.logical_or.reduce(list(missing.values())))
    counts = {name: int(gone.sum()) for name, gone in missing.items()}
    if len(keep) == 0:
        worst = max(counts, key=counts.get)
        raise DataError(
            f"No row is complete: '{worst}' is missing in {counts[worst]:,} of {rows:,} rows."
        )
    left = len(groups) - len(np.unique(codes[keep]))
    return keep, Dropped(rows - len(keep), rows, left, len(groups), counts)
