"""The fixed part as columns of X: bare columns coded here, anything else by the formula library."""

import ast
import re
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .columns import (
    FEW_LEVELS,
    Coded,
    DataError,
    find_column,
    is_missing,
    read,
    refuse_numbers_as_text,
)
from .formula import FormulaError

_COLOURS = re.compile(r"\x1b\[[0-9;]*m|[⧛⧚]")  # how the library marks the bad token


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
                levels[name] = _used_levels(name, column)
                refuse_numbers_as_text(name, levels[name], len(column.codes))
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

    @property
    def references(self) -> dict[str, object]:
        """Categorical -> the level that the others are compared with."""
        return {name: levels[0] for name, levels in self.levels.items() if name != self.full}

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
            out += [(codes == at[level]).astype(float) for level in self._coded(name)]
        return out

    def rebuild(self, data: pd.DataFrame) -> list[np.ndarray | None]:
        values = {name: _again(find_column(name, data), self.levels) for name in self.terms}
        out = self.columns(values, len(data))
        for name in self.levels:
            gone = values[name].codes < 0
            for at, label in enumerate(self.names):
                if gone.any() and label.startswith(f"{name}["):
                    out[at] = np.where(gone, np.nan, out[at])
        return out


@dataclass(frozen=True)
class FormulaColumns:
    """A fixed part with interactions or transformations: coded by the formula library."""

    spec: object
    names: list[str]
    wanted: list[str]
    levels: dict[str, list]  # of the table's columns
    references: dict[str, object]

    @classmethod
    def learn(cls, fixed: str, data: pd.DataFrame) -> tuple["FormulaColumns", list]:
        """The coding and the columns of X, from a table of the columns that `fixed` reads."""
        from formulaic import model_matrix

        found = {name: read(data[name]) for name in data}
        levels = {name: _used_levels(name, v) for name, v in found.items() if isinstance(v, Coded)}
        many = {name for name in levels if len(levels[name]) > FEW_LEVELS}
        for name in sorted(many & bare_columns(fixed)) if many else ():
            refuse_numbers_as_text(name, levels[name], len(data))
        frame = _frame(data, found, levels)
        try:
            with np.errstate(all="ignore"):
                matrix = model_matrix(fixed, frame, na_action="ignore", output="pandas")
        except Exception as error:  # the formula is the learner's own Python
            raise FormulaError(_cannot_work_out(fixed, error)) from error
        spec = matrix.model_spec
        coded = cls(spec, list(matrix.columns), list(data), levels, _references(spec))
        return coded, coded._columns(matrix)

    def _columns(self, matrix: pd.DataFrame) -> list[np.ndarray | None]:
        return [
            None if name == "Intercept" else matrix[name].to_numpy(dtype=float)
            for name in self.names
        ]

    def rebuild(self, data: pd.DataFrame) -> list[np.ndarray | None]:
        found = {name: _again(find_column(name, data), self.levels) for name in self.wanted}
        gone = np.logical_or.reduce([is_missing(column) for column in found.values()])
        full = np.flatnonzero(~gone)
        table = pd.DataFrame({name: data[name].iloc[full] for name in self.wanted})
        found = {name: column.take(full) for name, column in found.items()}
        columns = [
            None if name == "Intercept" else np.full(len(gone), np.nan) for name in self.names
        ]
        if len(full):
            for column, values in zip(columns, self._predicted(table, found), strict=True):
                if column is not None:
                    column[full] = values
        return columns

    def _predicted(self, table: pd.DataFrame, found: dict) -> list[np.ndarray | None]:
        from formulaic.errors import DataMismatchWarning

        frame = _frame(table, found, self.levels)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            # A category such as C(year) that the fit has not seen would count as the reference.
            warnings.simplefilter("error", DataMismatchWarning)
            try:
                return self._columns(self.spec.get_model_matrix(frame))
            except DataMismatchWarning as error:
                raise DataError(f"A category is one that the fit has not seen: {error}") from error


def _used_levels(name: str, column: Coded) -> list:
    seen = np.zeros(len(column.categories) + 1, dtype=bool)
    seen[column.codes] = True  # the last is that of missing ones, whose code is -1
    levels = [
        level for level, used in zip(column.categories, seen[:-1].tolist(), strict=True) if used
    ]
    if len(levels) < 2:
        raise DataError(
            f"'{name}' is '{levels[0]}' in every row that is left, so it has no coefficient. "
            "Take it out of the formula."
        )
    return levels


def _again(column: pd.Series, levels: dict[str, list]) -> np.ndarray | Coded:
    """A column of another table, in the levels that the fit knows."""
    name, found = column.name, read(column)
    if isinstance(found, Coded) != (name in levels):
        held = "numbers" if name in levels else "text"
        raise DataError(f"'{name}' holds {held} here, unlike in the table of the fit.")
    if name not in levels:
        return found
    used = {found.categories[k] for k in np.unique(found.codes) if k >= 0}
    strange = used - set(levels[name])
    if strange:
        raise DataError(
            f"'{name}' holds {sorted(map(str, strange))}, which the fit has not seen; "
            f"it knows {levels[name]}."
        )
    return _in_levels(found, levels[name])


def _in_levels(column: Coded, levels: list) -> Coded:
    place = {level: k for k, level in enumerate(levels)}
    new = np.array([*(place.get(level, -1) for level in column.categories), -1])
    return Coded(new[column.codes], levels)


# ---------------------------------------------------------------- the formula library


def required_columns(expression: str) -> list[str]:
    """The columns that a formula-library expression reads.

    The library's own `required_variables` overlooks the arguments of `center(x)` and the like,
    so the names are read from each factor's syntax tree.
    """
    from formulaic.errors import FormulaicError

    try:
        names = [_names_in(text, kind) for text, kind in _factors(expression)]
    except (FormulaicError, SyntaxError, AttributeError) as error:
        raise FormulaError(_cannot_read(expression, error)) from error
    return sorted(set().union(*names))


def bare_columns(expression: str) -> set[str]:
    """The columns that stand in an expression by themselves, outside `C(...)` and the like."""
    return {text for text, kind in _factors(expression) if kind == "lookup"}


def _factors(expression: str) -> set[tuple[str, str]]:
    """(text, kind) of each factor: "lookup" for a column, "python" or "literal"."""
    from formulaic import Formula as Library

    found = (factor for term in Library(expression) for factor in term.factors)
    return {(factor.expr, factor.eval_method.value) for factor in found}


def _names_in(text: str, kind: str) -> set[str]:
    from formulaic.transforms import TRANSFORMS

    if kind != "python":
        return set() if kind == "literal" else {text}
    names = set(re.findall("`([^`]+)`", text))
    tree = ast.parse(re.sub("`[^`]+`", "0", text))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call)]
    for call in calls:
        if isinstance(call.func, ast.Name) and call.func.id == "Q" and call.args:
            names |= {a.value for a in call.args if isinstance(a, ast.Constant)}
    called = {id(call.func) for call in calls}
    found = (n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called)
    return names | {n.id for n in found if n.id not in TRANSFORMS}


def _frame(data: pd.DataFrame, found: dict, levels: dict[str, list]) -> pd.DataFrame:
    """The table as the library sees it: numbers, and categoricals without unused levels.

    Text and True/False become categoricals, as in statsmodels and R; integers stay integers, so
    that C(year) names its levels by them.
    """
    out = {}
    for name, column in found.items():
        if isinstance(column, Coded):
            coded = _in_levels(column, levels[name])
            out[name] = pd.Categorical.from_codes(coded.codes, pd.Index(levels[name], dtype=object))
        else:
            out[name] = column.astype(np.int64) if data[name].dtype.kind in "iu" else column
    return pd.DataFrame(out, index=pd.RangeIndex(len(data)))


def _references(spec: object) -> dict[str, object]:
    """Categorical factor -> its reference level, where its coding has one."""
    out = {}
    for factor, (_, state) in spec.encoder_state.items():
        coding = state.get("contrasts")
        if type(getattr(coding, "contrasts", None)).__name__ == "TreatmentContrasts":
            base = coding.contrasts.base
            out[str(factor)] = base if base in coding.levels else coding.levels[0]
    for factor in list(out):
        # Where a factor stands with all its levels, there is no reference.
        if any(f"{factor}[{out[factor]}]" in name for name in spec.column_names):
            del out[factor]
    return out


def _cannot_work_out(fixed: str, error: Exception) -> str:
    from formulaic.errors import FormulaicError

    wrapped = isinstance(error, FormulaicError) and error.__cause__
    cause = _plain(error.__cause__ if wrapped else error)
    power = " In Python a power is written **, not ^." if "^" in fixed else ""
    return (
        f"Cannot work out {fixed!r}: {cause}.{power} Known are np.sqrt(x) and the rest of NumPy, "
        "C(x) for categories, C(x, Treatment('b')) for another reference, center(x), scale(x). "
        "A function of your own goes into a column first, as in data.assign(new=f(data['old']))."
    )


def _cannot_read(expression: str, error: Exception) -> str:
    return (
        f"Cannot read {expression!r}: {_plain(error)}. Write the predictors as names of columns "
        "joined by +, : or *; names with a space or a dash go into back ticks."
    )


def _plain(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    lines = _COLOURS.sub("", text).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")
