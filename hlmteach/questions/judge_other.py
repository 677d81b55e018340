"""Judging choices, tables and texts."""

import math
import re
import unicodedata
from typing import Any

import pandas as pd

from .cases import Case
from .evidence import Evidence, _label
from .judge_number import RIGHT, UNKNOWN, Look
from .question import ALLOWANCE

SHORTEST_TEXT = 15
TABLE = 0.005  # relative; how far a value in a table may be off
_YES = {"yes", "y", "true", "ja", "oui", "si", "sí"}
_NO = {"no", "n", "false", "nein", "non"}


def look_choice(made: Case, typed: str) -> Look:
    """The key of an option, in capitals or with a bracket, or the option's text."""
    options = made.question.choices
    key = _key(typed, options)
    if not key:
        return "unreadable", (), f"Choose one of {', '.join(options)}; I cannot find your answer."
    if key == made.answer:
        return "right", (), RIGHT
    wrong = [m for m, value in made.wrong if value == key]
    return ("wrong", (wrong[0].id,), wrong[0].message) if wrong else ("unknown", (), UNKNOWN)


def _key(typed: str, options: dict[str, str]) -> str:
    plain = _words(typed)
    bare = plain.removeprefix("answer ").removeprefix("option ")
    for key, text in options.items():
        if plain in (_words(key), _words(text), _words(f"{key} {text}")) or bare == _words(key):
            return key
    if {"yes", "no"} <= set(options):
        return "yes" if plain in _YES else "no" if plain in _NO else ""
    return ""


def _words(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[^\w%.<>=+-]+", " ", plain).strip(" .").split())


def look_text(made: Case, typed: str) -> Look:
    """A text is kept for a person; one that is next to nothing is sent back."""
    if len(typed.strip()) < SHORTEST_TEXT:
        return "unreadable", (), "Write at least a sentence in your own words."
    words = len(typed.split())
    message = (
        f"Your text ({words} words) is recorded; a person marks it. Compare it yourself with what "
        "is looked for: " + "; ".join(made.question.rubric) + "."
    )
    return "recorded", (), message


def look_table(made: Case, value: dict[str, Any]) -> Look:
    """Compare a table with the right one and with those of the known mistakes."""
    right = _cells(made.answer)
    seen = _cells_of(value)
    if seen is None:
        return "unreadable", (), "I cannot read this table."
    allowance = max(ALLOWANCE[made.question.quantity], 1e-3)
    if _same(seen, right, allowance):
        return "right", (), RIGHT
    for misconception, wrong in made.wrong:
        if _same(seen, _cells(wrong), allowance):
            return "wrong", (misconception.id,), misconception.message
    return "unknown", (), _shape(seen, right) or UNKNOWN


def matches(made: Case, value: dict[str, Any], table: pd.DataFrame | pd.Series) -> bool:
    """Is what was handed in this table?"""
    seen, allowance = _cells_of(value), max(ALLOWANCE[made.question.quantity], 1e-3)
    return seen is not None and _same(seen, _cells(table), allowance)


def alike(one: pd.DataFrame | pd.Series, other: pd.DataFrame | pd.Series, times: float) -> bool:
    """Are two tables the same within so many tolerances?"""
    return _same(_cells(one), _cells(other), times * TABLE)


Cells = tuple[list[str], list[str], list[list[Any]]]


def _cells(table: pd.DataFrame | pd.Series) -> Cells:
    """Cells of one of our own tables; where all are numbers, ten times as fast as evidence is."""
    frame = table.to_frame() if isinstance(table, pd.Series) else table
    if not all(dtype.kind == "f" for dtype in frame.dtypes):
        return _cells_of(Evidence.of("", table).value)
    values = [[v if math.isfinite(v) else None for v in row] for row in frame.to_numpy().tolist()]
    return [str(name) for name in frame.columns], [_label(name) for name in frame.index], values


def _cells_of(value: dict[str, Any]) -> Cells | None:
    """(columns, index, values) of evidence, or None if it is no table."""
    if not isinstance(value, dict) or not {"columns", "index", "values"} <= set(value):
        return None
    columns, index, values = value["columns"], value["index"], value["values"]
    lists = all(isinstance(part, list) for part in (columns, index, values))
    if not lists or len(index) != len(values):
        return None
    if not all(isinstance(row, list) and len(row) == len(columns) for row in values):
        return None
    return columns, index, values


def _same(a: Cells, b: Cells, allowance: float) -> bool:
    """Same labels in any order of rows and columns, same values; one column needs no name."""
    columns = [0] if len(a[0]) == len(b[0]) == 1 else _places(a[0], b[0])
    rows = _places(a[1], b[1])
    if columns is None or rows is None:
        return False
    return all(
        _equal(a[2][r][c], b[2][k][j], allowance)
        for k, r in enumerate(rows)
        for j, c in enumerate(columns)
    )


def _places(a: list[str], b: list[str]) -> list[int] | None:
    """Where each label of `b` stands in `a`; None if the labels differ."""
    plain = [_words(label) for label in a]
    if sorted(plain) != sorted(_words(label) for label in b) or len(set(plain)) < len(plain):
        return None
    return [plain.index(_words(label)) for label in b]


def _equal(a: Any, b: Any, allowance: float) -> bool:
    if isinstance(a, float | int) and isinstance(b, float | int):
        return abs(a - b) <= max(allowance, TABLE) * abs(b) + 1e-9
    return a == b or (isinstance(a, str) and isinstance(b, str) and _words(a) == _words(b))


def _shape(seen: Cells, right: Cells) -> str:
    """What is visibly different about the table."""
    if len(seen[1]) != len(right[1]):
        return f"Your table has {len(seen[1])} rows; {len(right[1])} are needed."
    if len(seen[0]) > 1 and _places(seen[0], right[0]) is None:
        return f"Your table has the columns {', '.join(map(str, seen[0][:8]))}; others are needed."
    if _places(seen[1], right[1]) is None:
        return f"The rows are labelled {', '.join(map(str, seen[1][:3]))}, ...; others are needed."
    return ""


LOOK = {"choice": look_choice, "text": look_text, "table": look_table}
