"""Case: a fitted model with the learner's table beside it, as the checks see them."""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from hlmteach.design import Design
from hlmteach.engine.solution import solve
from hlmteach.fit import Fit

from .recipe import Recipe

# Names of columns that number things rather than measure them.
_ID = re.compile(
    r"(?i:(.*[_. ])?(id|idn|code|nr|key)\d?$)|(?i:(school|sch|student|stu|class|person)_?id)$|"
    r".*[A-Z]I[Dd]$|.*[a-z]I[Dd]$|"
    r"(?i:(school|class|classroom|group|cluster|firm|clinic|hospital|site|teacher|person|subject)\d?)$"
)

# Columns that stand above a school: an id may start again in each of their values.
ABOVE = re.compile(
    r"(country|cnt|nation|state|region|district|province|year|cycle|wave)([._].*)?$", re.IGNORECASE
)


@dataclass(frozen=True)
class Case:
    """What the checks look at. N rows in the fit, J groups.

    Attributes
    ----------
    fit : the model
    table : the learner's table, or None
    rows : (N,) positions in `table` of the rows of the fit, or None where they cannot be told
    criterion : the criterion that the learner's tool reached
    converged : what the learner's tool says
    before : the learner's table as it was before rows were dropped, as far as it is known
    """

    fit: Fit
    table: pd.DataFrame | None
    rows: np.ndarray | None
    criterion: float
    converged: bool
    before: pd.DataFrame | None

    @property
    def design(self) -> Design:
        return self.fit.design

    @property
    def group(self) -> str:
        return self.fit.group_name

    @property
    def labels(self) -> np.ndarray:
        """(J,) the groups' labels."""
        return np.asarray(self.design.groups)

    @property
    def by_statsmodels(self) -> bool:
        return self.fit.source == "statsmodels"

    @cached_property
    def recipe(self) -> Recipe:
        return Recipe.of(self.fit)

    @property
    def identified(self) -> bool:
        """Can differences between groups be told from those within?"""
        return 1 < self.design.n_groups < self.design.n

    @cached_property
    def best(self) -> Fit:
        """The same model at the optimum."""
        if not self.by_statsmodels:
            return self.fit
        return Fit(self.design, solve(self.design, self.fit.reml), self.fit.reml)

    # ------------------------------------------------------------ columns

    @cached_property
    def used(self) -> list[str]:
        """The table's columns that the formula names, grouping columns left out."""
        if self.table is None:
            return []
        groups = self.group.split(":")
        return [name for name in named_in(self.fit.formula, self.table) if name not in groups]

    @cached_property
    def columns(self) -> list[str]:
        """All columns of the table whose rows are known."""
        if self.rows is None:
            return []
        names = self.table.columns
        return list(names[~names.duplicated(keep=False)])

    def values(self, name: str) -> pd.Series:
        """(N,) a column of the table, rows of the fit only."""
        column = self.table[name]
        if len(self.rows) == len(column):
            return column
        return column.iloc[self.rows]

    def codes(self, name: str) -> np.ndarray:
        """(N,) a column of the table as whole numbers from 0; -1 where it is missing."""
        if name not in self._codes:
            self._codes[name] = _coded(self.values(name))
        return self._codes[name]

    @cached_property
    def _codes(self) -> dict[str, np.ndarray]:
        return {}

    def numbers(self) -> dict[str, np.ndarray]:
        """Numeric columns of the model by name: those of the table, or else those of the design."""
        if self.rows is not None:
            numeric = pd.api.types.is_numeric_dtype
            return {
                name: self.values(name).to_numpy(dtype=float, na_value=np.nan)
                for name in self.used
                if name in self.columns and numeric(self.table[name].dtype)
            }
        return {self.design.response: self.design.y} | self.predictors

    @cached_property
    def predictors(self) -> dict[str, np.ndarray]:
        """Columns of X by name, the constant left out."""
        pairs = zip(self.design.names, self.design.columns, strict=True)
        return {name: column for name, column in pairs if column is not None}

    @cached_property
    def slopes(self) -> dict[str, np.ndarray]:
        """Columns of Z by name, the constant left out."""
        pairs = zip(self.design.random_names, self.design.random, strict=True)
        return {name: column for name, column in pairs if column is not None}

    # ------------------------------------------------------------ groups

    @cached_property
    def first(self) -> np.ndarray:
        """(J,) position of each group's first row."""
        return np.unique(self.design.codes, return_index=True)[1]

    def is_level2(self, column: np.ndarray) -> bool:
        """Has every group one value, and do the groups differ?"""
        value = column[self.first]
        return bool((value != value[0]).any() and (column == value[self.design.codes]).all())

    @cached_property
    def level2(self) -> dict[str, np.ndarray]:
        """The predictors with one value per group: name -> (J,) values."""
        found = self.predictors.items()
        return {name: column[self.first] for name, column in found if self.is_level2(column)}


def _coded(column: pd.Series) -> np.ndarray:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy()
    try:
        return pd.factorize(column)[0]
    except TypeError:  # lists and the like cannot be looked up
        return pd.factorize(column.astype(str))[0]


def looks_like_id(name: object) -> bool:
    return bool(_ID.match(str(name)))


def likely_group(table: pd.DataFrame | None, but: str = "") -> str | None:
    """The id-like column with the most groups of two rows or more on average, if there is one."""
    sizes = {}
    for name in [] if table is None else table.columns:
        if looks_like_id(name) and name != but and not isinstance(table[name], pd.DataFrame):
            count = table[name].nunique()
            if 2 <= count <= len(table) / 2:
                sizes[name] = count
    return max(sizes, key=sizes.get) if sizes else None


def find_rows(design: Design, table: pd.DataFrame | None) -> np.ndarray | None:
    """(N,) positions in the table of the rows of the fit; None where they cannot be told."""
    if table is None:
        return None
    at = None
    if len(table) == design.n and table.index.equals(design.index):
        at = np.arange(design.n)
    elif table.index.is_unique and design.index.is_unique:
        at = table.index.get_indexer(design.index)
    elif (complete := complete_rows(design, table)).sum() == design.n:
        at = np.flatnonzero(complete)
    if at is None or (at < 0).any() or not _same_outcome(design, table, at):
        return None
    return at


def complete_rows(design: Design, table: pd.DataFrame) -> np.ndarray:
    """Which rows of the table have a value in every column that the formula names?"""
    return table[named_in(design.text, table)].notna().all(axis=1).to_numpy()


def named_in(formula: str, table: pd.DataFrame) -> list:
    """The table's columns that a formula names, as a word or, with a space in it, in quotes."""
    words = set(re.findall(r"[^\W\d]\w*", formula)) | set(re.findall("[`'\"]([^`'\"]+)", formula))
    return [name for name in table.columns if str(name) in words]


def _same_outcome(design: Design, table: pd.DataFrame, at: np.ndarray) -> bool:
    if design.response not in table or isinstance(table[design.response], pd.DataFrame):
        return True
    column = table[design.response]
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return True
    return bool((column.to_numpy(dtype=float, na_value=np.nan)[at] == design.y).all())
