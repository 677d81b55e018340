"""A formula and a table become arrays: the outcome, the predictors' columns and the groups."""

import ast
import difflib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from .formula import Formula, FormulaError


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


@dataclass(frozen=True)
class Design:
    """The arrays of one two-level model. N rows, p fixed coefficients, q random effects.

    Attributes
    ----------
    y : (N,) outcome
    columns : p arrays of shape (N,), the columns of X; None stands for the constant column
    names : their p names; an intercept comes first and is called "Intercept"
    codes : (N,) the group of each row, 0 .. J - 1
    groups : (J,) label of each group
    random : q arrays of shape (N,), the columns of Z; None stands for the constant column
    random_names : their q names
    blocks : which random effects are correlated with one another, as lists of positions
    response, group_name, text : names and the formula as typed
    index : (N,) row labels of the table
    levels : categorical predictor -> its levels, the first being the reference
    dropped : what incomplete rows cost, or None
    rebuild : makes the columns of X from another table
    frame : the table that the model was fitted to, for checks only
    """

    y: np.ndarray
    columns: list[np.ndarray | None]
    names: list[str]
    codes: np.ndarray
    groups: np.ndarray
    random: list[np.ndarray | None]
    random_names: list[str]
    blocks: list[list[int]]
    response: str
    group_name: str
    text: str
    index: pd.Index
    levels: dict[str, list] = field(default_factory=dict)
    dropped: Dropped | None = None
    rebuild: Callable[[pd.DataFrame], list[np.ndarray | None]] | None = None
    frame: pd.DataFrame | None = None

    @property
    def n(self) -> int:
        return len(self.y)

    @property
    def n_groups(self) -> int:
        return len(self.groups)

    @property
    def has_intercept(self) -> bool:
        return bool(self.columns) and self.columns[0] is None

    @cached_property
    def exog(self) -> np.ndarray:
        """X, (N, p)."""
        return filled(self.columns, self.n)

    @cached_property
    def exog_random(self) -> np.ndarray:
        """Z without the groups, (N, q)."""
        return filled(self.random, self.n)

    @cached_property
    def sizes(self) -> np.ndarray:
        """(J,) rows in each group."""
        return np.bincount(self.codes, minlength=self.n_groups)


def filled(columns: list[np.ndarray | None], n: int) -> np.ndarray:
    """Columns side by side, (n, p), with ones where None stands for the constant."""
    out = np.ones((n, len(columns)))
    for k, column in enumerate(columns):
        if column is not None:
            out[:, k] = column
    return out


def build(formula: Formula, table: pd.DataFrame) -> Design:
    """Read the columns that the formula names, drop incomplete rows, code the predictors.

    Raises
    ------
    DataError
        Naming the culprit: an unknown column, text where a number is needed, infinite values,
        an empty table, a constant outcome, a single group, one row per group, too few rows.
    """
    _check_table(table)
    data = table
    plain = formula.plain_terms()
    wanted = plain[1] if plain else _required(formula.fixed)
    outcome = [formula.response] if formula.response in data else _required(formula.response)
    slopes = [c for term in formula.random for c in term.slopes]
    used = list(dict.fromkeys([*outcome, *wanted, *slopes, *formula.group]))
    series = {name: _column(name, data) for name in used}
    columns = {name: _values(series[name]) for name in used if name not in formula.group}
    codes, groups = _group_codes([series[name] for name in formula.group])
    keep, dropped = _complete(columns, codes, groups, len(data), formula.group)
    index = data.index
    if keep is not None:
        data = data if plain and formula.response in data else data.iloc[keep]
        columns = {name: column.take(keep) for name, column in columns.items()}
        codes, groups = _recode(codes[keep], groups)
        index = index[keep]
    rows = len(codes)
    if plain:
        coded = PlainColumns.learn(plain[0], plain[1], columns)
        fixed, levels = coded.columns(columns, rows), coded.levels
    else:
        coded = FormulaColumns.learn(formula.fixed, data)
        fixed, levels = coded.columns(data), coded.levels
    names = coded.names
    y = _outcome(formula.response, data, columns)
    for name, column in [(formula.response, y), *zip(names, fixed, strict=True)]:
        _check_finite(name, column)
    random, random_names, blocks = _random_columns(formula, columns)
    design = Design(
        y=y,
        columns=fixed,
        names=names,
        codes=codes,
        groups=groups,
        random=random,
        random_names=random_names,
        blocks=blocks,
        response=formula.response,
        group_name=":".join(formula.group),
        text=formula.text,
        index=index,
        levels=levels,
        dropped=dropped,
        rebuild=coded.rebuild,
        frame=table,
    )
    check_design(design)
    return design


def check_design(design: Design) -> None:
    """Refuse what no engine can fit, naming the culprit."""
    n, n_groups, p, q = design.n, design.n_groups, len(design.names), len(design.random)
    group = design.group_name
    if n_groups < 2:
        raise DataError(
            f"'{group}' has one group only ({design.groups[0]!r}), so nothing can vary between "
            "groups. Is it the right column, and has a filter left a single group?"
        )
    if n_groups == n:
        raise DataError(
            f"'{group}' has {n:,} groups for {n:,} rows: one row each, so differences between "
            "groups cannot be told from those within. Group by the school, not by the student."
        )
    if q * n_groups >= n:
        raise DataError(
            f"{q} random effects for each of {n_groups:,} groups are {q * n_groups:,} unknowns, "
            f"with {n:,} rows to tell them from the error. Take a random slope out."
        )
    if p >= n:
        raise DataError(f"{p} fixed coefficients for {n:,} rows: use fewer predictors.")
    low, high = design.y.min(), design.y.max()
    if low == high:
        raise DataError(f"The outcome '{design.response}' is {low:g} in every row: no variance.")


# ---------------------------------------------------------------- the table


def _check_table(data: pd.DataFrame) -> None:
    if not isinstance(data, pd.DataFrame):
        raise DataError(f"The data must be a pandas DataFrame; got {type(data).__name__}.")
    if len(data) == 0:
        raise DataError("The table has no rows. Has a filter or a join removed them all?")


def _column(name: str, data: pd.DataFrame) -> pd.Series:
    if name not in data.columns:
        near = difflib.get_close_matches(name, [str(c) for c in data.columns], 1, 0.6)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise DataError(
            f"The column '{name}' is not in the table.{hint} "
            f"The table has these columns: {', '.join(map(str, data.columns))}."
        )
    column = data[name]
    if isinstance(column, pd.DataFrame):
        raise DataError(f"The table has more than one column called '{name}'. Rename one of them.")
    return column


def _required(expression: str) -> list[str]:
    """The columns that a formula-library expression reads.

    The library's own `required_variables` overlooks the arguments of `center(x)` and the like,
    so the names are read from each factor's syntax tree.
    """
    from formulaic import Formula as Library
    from formulaic.errors import FormulaicError
    from formulaic.transforms import TRANSFORMS

    try:
        factors = {factor for term in Library(expression) for factor in term.factors}
        trees = [(f.expr, ast.parse(f.expr) if _is_code(f) else None) for f in factors]
    except (FormulaicError, SyntaxError) as error:
        raise FormulaError(f"Cannot read {expression!r}: {error}") from error
    names = set()
    for text, tree in trees:
        if tree is None:
            names |= {text} - {"1", "0"}
            continue
        called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
        found = (n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called)
        names |= {n.id for n in found if n.id not in TRANSFORMS}
    return sorted(names)


def _is_code(factor: object) -> bool:
    return factor.eval_method.value == "python"


def _values(column: pd.Series) -> np.ndarray | Coded:
    """Numbers as float64 (a view where they are already), anything else coded by level."""
    dtype = column.dtype
    if dtype == np.float64:
        return column.to_numpy()
    if pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    if isinstance(dtype, pd.CategoricalDtype):
        return Coded(column.cat.codes.to_numpy(), list(column.cat.categories))
    codes, seen = pd.factorize(column.to_numpy(dtype=object))
    order = sorted(range(len(seen)), key=lambda k: str(seen[k]))
    rank = np.full(len(seen) + 1, -1)
    rank[order] = np.arange(len(seen))
    return Coded(rank[codes], [seen[k] for k in order])


def _group_codes(group: list[pd.Series]) -> tuple[np.ndarray, np.ndarray]:
    """(codes, labels) of one grouping column or of several joined; a missing label has code -1."""
    if len(group) == 1:
        column = group[0]
        if isinstance(column.dtype, pd.CategoricalDtype):
            codes, labels = column.cat.codes.to_numpy(), column.cat.categories.to_numpy()
            return _recode(codes, labels)
        numeric = pd.api.types.is_numeric_dtype(column.dtype)
        codes, labels = pd.factorize(column if numeric else column.to_numpy(dtype=object))
        return codes, np.asarray(labels)
    parts = [_group_codes([column]) for column in group]
    codes = np.zeros(len(group[0]), dtype=np.int64)
    missing = np.zeros(len(group[0]), dtype=bool)
    for part, labels in parts:
        codes = codes * len(labels) + part
        missing |= part < 0
    codes, seen = pd.factorize(np.where(missing, -1, codes))
    names = []
    for value in seen:
        label = []
        for _, labels in reversed(parts):
            value, at = divmod(value, len(labels))
            label.append(str(labels[at]))
        names.append(":".join(reversed(label)))
    codes = np.where(missing, -1, codes)
    return _recode(codes, np.asarray(names, dtype=object))


def _recode(codes: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Drop labels that no row carries; a missing code stays -1."""
    count = np.bincount(codes[codes >= 0], minlength=len(labels))
    used = np.flatnonzero(count)
    if len(used) == len(labels):
        return codes, labels
    place = np.full(len(labels) + 1, -1)
    place[used] = np.arange(len(used))
    return place[codes], labels[used]


def _complete(
    columns: dict, codes: np.ndarray, groups: np.ndarray, rows: int, group: tuple[str, ...]
) -> tuple[np.ndarray | None, Dropped | None]:
    """The rows without a missing value (None: all of them) and what the others cost."""
    missing = {}
    for name, column in columns.items():
        gone = np.isnan(column) if isinstance(column, np.ndarray) else column.codes < 0
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


def _outcome(response: str, data: pd.DataFrame, columns: dict) -> np.ndarray:
    y = columns.get(response)
    if y is None:
        y = FormulaColumns.learn("0 + " + response, data).columns(data)[0]
    if not isinstance(y, np.ndarray):
        raise DataError(
            f"The outcome '{response}' is not a number (it holds {list(y.categories[:3])} ...). "
            "If these are numbers stored as text, convert them with pd.to_numeric."
        )
    return y


def _check_finite(name: str, column: np.ndarray | None) -> None:
    # One sum is cheaper than a mask; the mask is made only when there is something to say.
    if column is None or np.isfinite(column.sum()):
        return
    bad = int((~np.isfinite(column)).sum())
    if bad:
        raise DataError(
            f"'{name}' is infinite or not a number in {bad:,} rows. "
            "Look for a division by zero, a log of zero or a missing-value code."
        )
    raise DataError(f"'{name}' is too large to add up. Rescale it.")


def _random_columns(
    formula: Formula, columns: dict
) -> tuple[list[np.ndarray | None], list[str], list[list[int]]]:
    random, names, blocks = [], [], []
    for term in formula.random:
        at = range(len(names), len(names) + len(term.names))
        blocks += [list(at)] if term.correlated else [[k] for k in at]
        names += term.names
        random += [None] * term.intercept
        for name in term.slopes:
            column = columns[name]
            if not isinstance(column, np.ndarray):
                raise DataError(
                    f"The random slope '{name}' is not a number. Make a 0/1 column of it first."
                )
            _check_finite(name, column)
            random.append(column)
    return random, names, blocks


# ---------------------------------------------------------------- the fixed part


@dataclass(frozen=True)
class PlainColumns:
    """A fixed part that is a sum of bare columns: coded here, without the formula library."""

    intercept: bool
    terms: list[str]
    levels: dict[str, list]
    full: str | None  # the categorical that keeps all its levels because there is no intercept

    @classmethod
    def learn(cls, intercept: bool, terms: list[str], columns: dict) -> "PlainColumns":
        levels = {}
        for name in terms:
            column = columns[name]
            if not isinstance(column, np.ndarray):
                seen = np.unique(column.codes)
                levels[name] = [column.categories[k] for k in seen]
                if len(seen) < 2:
                    raise DataError(
                        f"'{name}' is {levels[name][0]!r} in every row that is left, so it has no "
                        "coefficient. Take it out of the formula."
                    )
        full = None if intercept else next(iter(levels), None)
        return cls(intercept, terms, levels, full)

    @property
    def names(self) -> list[str]:
        out = ["Intercept"] if self.intercept else []
        for name in self.terms:
            if name in self.levels:
                mark = "" if name == self.full else "T."
                out += [f"{name}[{mark}{level}]" for level in self._coded(name)]
            else:
                out.append(name)
        return out

    def _coded(self, name: str) -> list:
        return self.levels[name] if name == self.full else self.levels[name][1:]

    def columns(self, values: dict, rows: int) -> list[np.ndarray | None]:
        out: list[np.ndarray | None] = [None] if self.intercept else []
        for name in self.terms:
            if name not in self.levels:
                out.append(values[name])
                continue
            at = {level: k for k, level in enumerate(values[name].categories)}
            codes = values[name].codes
            out += [(codes == at[lv]).astype(float) for lv in self._coded(name) if lv in at]
        return out

    def rebuild(self, data: pd.DataFrame) -> list[np.ndarray | None]:
        values = {}
        for name in self.terms:
            column = _column(name, data)
            if name not in self.levels:
                values[name] = _values(column)
                continue
            strange = set(column.dropna().unique()) - set(self.levels[name])
            if strange:
                raise DataError(
                    f"'{name}' holds {sorted(map(str, strange))}, which the fit has not seen; "
                    f"it knows {self.levels[name]}."
                )
            codes = pd.Categorical(column, categories=self.levels[name]).codes
            values[name] = Coded(codes, self.levels[name])
        out = self.columns(values, len(data))
        for name, gone in ((n, v.codes < 0) for n, v in values.items() if n in self.levels):
            for at, label in enumerate(self.names):
                if gone.any() and label.startswith(f"{name}["):
                    out[at] = np.where(gone, np.nan, out[at])
        return out


@dataclass(frozen=True)
class FormulaColumns:
    """A fixed part with interactions or transformations: coded by the formula library."""

    spec: object
    names: list[str]
    levels: dict[str, list]

    @classmethod
    def learn(cls, fixed: str, data: pd.DataFrame) -> "FormulaColumns":
        from formulaic import model_matrix
        from formulaic.errors import FormulaicError

        try:
            matrix = model_matrix(fixed, _flags(data), na_action="ignore", output="pandas")
        except FormulaicError as error:
            cause = error.__cause__ or error
            power = " In Python a power is written **, not ^." if "^" in fixed else ""
            raise FormulaError(
                f"Cannot work out {fixed!r}: {cause}.{power} A function of your own goes into a "
                "column first, as in data.assign(new=f(data['old']))."
            ) from error
        spec = matrix.model_spec
        levels = {
            str(factor): list(getattr(state[1].get("contrasts", state[1]), "levels", []) or [])
            for factor, state in spec.encoder_state.items()
            if state[1].get("categories")
        }
        return cls(spec, list(matrix.columns), levels)

    def columns(self, data: pd.DataFrame) -> list[np.ndarray | None]:
        matrix = self.spec.get_model_matrix(_flags(data))
        return [
            None if name == "Intercept" else matrix[name].to_numpy(dtype=float)
            for name in self.names
        ]

    def rebuild(self, data: pd.DataFrame) -> list[np.ndarray | None]:
        return self.columns(data)


def _flags(data: pd.DataFrame) -> pd.DataFrame:
    """True/False columns as categoricals, as statsmodels' default formulas and R treat them."""
    flags = data.select_dtypes(bool).columns
    return data.astype(dict.fromkeys(flags, "category")) if len(flags) else data
