"""A formula and a table become arrays: the outcome, the predictors' columns and the groups."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from .coding import FormulaColumns, PlainColumns, required_columns
from .columns import (
    Coded,
    DataError,
    Dropped,
    check_table,
    complete_rows,
    find_column,
    group_codes,
    read,
    recode,
    slope_numbers,
)
from .formula import Formula, FormulaError

# Beyond these sizes squares of the values no longer fit a floating-point number.
_LARGEST, _SMALLEST = 1e100, 1e-100


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
    references : categorical predictor -> the level that its others are compared with
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
    references: dict[str, object] = field(default_factory=dict)
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
    check_table(table)
    plain = formula.plain_terms
    wanted = plain[1] if plain else required_columns(formula.fixed)
    bare = formula.response in table
    outcome = [formula.response] if bare else required_columns(formula.response)
    slopes = [c for term in formula.random for c in term.slopes]
    numeric = list(dict.fromkeys([*outcome, *wanted, *slopes]))
    series = {name: find_column(name, table) for name in [*numeric, *formula.group]}
    columns = {name: read(series[name]) for name in numeric}
    codes, groups = group_codes([series[name] for name in formula.group])
    keep, dropped = complete_rows(columns, codes, groups, formula.group)
    index = table.index
    if keep is not None:
        columns = {name: column.take(keep) for name, column in columns.items()}
        codes, groups = recode(codes[keep], groups)
        index = index[keep]
    if plain:
        coded = PlainColumns.learn(plain[0], plain[1], columns)
        fixed = coded.columns(columns, len(codes))
    else:
        coded, fixed = FormulaColumns.learn(formula.fixed, _rows(table, wanted, keep))
    if bare:
        y = columns[formula.response]
    else:
        y = _computed_outcome(formula.response, _rows(table, outcome, keep))
    random, random_names, blocks = _random_columns(formula, columns)
    design = Design(
        y=_numeric_outcome(formula.response, y),
        columns=fixed,
        names=coded.names,
        codes=codes,
        groups=groups,
        random=random,
        random_names=random_names,
        blocks=blocks,
        response=formula.response,
        group_name=":".join(formula.group),
        text=formula.text,
        index=index,
        references=coded.references,
        dropped=dropped,
        rebuild=coded.rebuild,
        frame=table,
    )
    check_design(design, coded.levels)
    return design


def _rows(table: pd.DataFrame, names: list[str], keep: np.ndarray | None) -> pd.DataFrame:
    return table[names] if keep is None else table[names].iloc[keep]


def check_design(design: Design, levels: dict[str, list]) -> None:
    """Refuse what no engine can fit, naming the culprit."""
    n, n_groups, p, q = design.n, design.n_groups, len(design.names), len(design.random)
    group = design.group_name
    _check_names(design.names)
    _check_sizes(
        [design.response, *design.names, *design.random_names],
        [design.y, *design.columns, *design.random],
    )
    if n_groups < 2:
        raise DataError(
            f"'{group}' has one group only ('{design.groups[0]}'), so nothing can vary between "
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
        most = max(levels, key=lambda name: len(levels[name]), default=None)
        many = f" '{most}' alone has {len(levels[most]):,} levels." if most else ""
        raise DataError(f"{p:,} fixed coefficients for {n:,} rows: use fewer predictors.{many}")
    first, last = design.y[0], design.y[-1]
    if first == last and (design.y == first).all():
        raise DataError(f"The outcome '{design.response}' is {first:g} in every row: no variance.")


def _check_names(names: list[str]) -> None:
    twice = next((name for k, name in enumerate(names) if name in names[:k]), None)
    if twice:
        raise DataError(
            f"Two coefficients would be called '{twice}'. Rename that column, for example "
            f"data.rename(columns={{'{twice}': '{twice.lower()}_2'}})."
        )


def _check_sizes(names: list[str], columns: list[np.ndarray | None]) -> None:
    # One sum of squares is cheaper than a mask, which is made only when there is much to say.
    with np.errstate(all="ignore"):
        squares = [1.0 if column is None else column @ column for column in columns]
    for name, column, square in zip(names, columns, squares, strict=True):
        if not _SMALLEST**2 < square < _LARGEST**2:
            _refuse_size(name, column)


def _refuse_size(name: str, column: np.ndarray) -> None:
    bad = int((~np.isfinite(column)).sum())
    if bad:
        raise DataError(
            f"'{name}' is infinite or not a number in {bad:,} rows. "
            "Look for a division by zero, a log of zero or a missing-value code."
        )
    if column.any():
        raise DataError(
            f"'{name}' holds values as far from 1 as {np.abs(column).max():.3g}; such numbers "
            "cannot be squared and added up. Rescale it."
        )


def _computed_outcome(response: str, data: pd.DataFrame) -> np.ndarray:
    columns = FormulaColumns.learn("0 + " + response, data)[1] if len(data.columns) else []
    if len(columns) != 1:
        raise FormulaError(
            f"Left of the tilde stands {response!r}; it takes one numeric column, or one "
            "computation in brackets, as in 'np.log(income) ~ ...' or 'I(math + read) ~ ...'."
        )
    return columns[0]


def _numeric_outcome(response: str, y: np.ndarray | Coded) -> np.ndarray:
    if isinstance(y, Coded):
        raise DataError(
            f"The outcome '{response}' is not a number (it holds "
            f"{', '.join(repr(str(v)) for v in y.categories[:3])} ...). Convert numbers stored as "
            "text with pd.to_numeric; make 1 and 0 of a yes or no with (data['x'] == 'yes') * 1.0."
        )
    return y


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
            random.append(slope_numbers(name, columns[name]))
    return random, names, blocks
