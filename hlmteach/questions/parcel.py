"""Parcel: one student's data for some questions, as a text that another process can open.

Data that follow from a secret cannot be drawn where the learner works, and where a notebook is
graded no answers lie about; there the tables come from a parcel. It is compressed JSON and holds no
code, no answers and no secret.
"""

import base64
import binascii
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .registry import all_questions
from .students import normalise

FIRST = "hlmteach-data-1:"
LARGEST = 64_000_000  # bytes when opened; a chapter's tables have about 400,000


@dataclass(frozen=True, eq=False)
class Parcel:
    """What is in a parcel.

    Attributes
    ----------
    student : whose data these are, as normalised
    datasets : question id -> name of its data set; "" for a question without data
    tables : name of a data set -> its tables, one or several
    judged : for practice: answers are judged where the learner works
    """

    student: str
    datasets: Mapping[str, str]
    tables: Mapping[str, tuple[pd.DataFrame, ...]]
    judged: bool = False

    def data(self, question: str) -> Any:
        """A fresh copy of the data for a question: a DataFrame, or a tuple of them.

        Raises
        ------
        LookupError
            If the parcel has none for it.
        """
        name = self.datasets.get(question)
        if not name:
            raise LookupError(_absent(self, question))
        tables = tuple(table.copy() for table in self.tables[name])
        return tables if len(tables) > 1 else tables[0]


def _absent(parcel: Parcel, question: str) -> str:
    if question in parcel.datasets:
        return f"{question} is about ideas; it has no data. Read its text and answer."
    known = ", ".join(q for q, name in parcel.datasets.items() if name)
    return (
        f"There are no data for {question!r} in what was dealt to {parcel.student}. There are data "
        f"for: {known or 'no question'}. Check the question's id."
    )


def pack(student: object, chapters: Iterable[str], secret: str = "", judged: bool = False) -> str:
    """One student's data for all questions of some chapters, as a text.

    Parameters
    ----------
    student : whose
    chapters : such as "ch04", or ids of questions such as "ch04.icc"
    secret : of the instructor; the data follow from it
    judged : for practice: answers are judged where the learner works, and not only recorded

    Returns
    -------
    str
        Letters that need no quoting, for a file or a cell; `unpack` opens it.

    Examples
    --------
    >>> unpack(pack("Jo", ["ch04.icc"])).data("ch04.icc")["school_id"].nunique()
    60
    """
    wanted = set(chapters)
    chapters = {name.partition(".")[0] for name in wanted}
    questions = [q for q in all_questions(chapters) if q.id in wanted or q.chapter in wanted]
    datasets: dict[str, str] = {}
    tables: dict[str, list] = {}
    for question in questions:
        datasets[question.id] = question.dataset if question.recipe else ""
        if question.recipe and question.dataset not in tables:
            data = question.data(student, secret)
            data = data if isinstance(data, tuple) else (data,)
            tables[question.dataset] = [_plain(table) for table in data]
    record = {"student": normalise(student), "datasets": datasets, "tables": tables}
    record["judged"] = bool(judged)
    raw = json.dumps(record, allow_nan=False, separators=(",", ":")).encode()
    return FIRST + base64.b64encode(zlib.compress(raw, 6)).decode()


def unpack(text: str) -> Parcel:
    """Open a parcel.

    Raises
    ------
    ValueError
        If the text is no parcel, or was cut off.
    """
    text = "".join(text.split())
    if not text.startswith(FIRST):
        raise ValueError(
            f"This is no parcel of data: it begins with {text[:20]!r} and not with {FIRST!r}. Copy "
            "it anew from the notebook that you were given."
        )
    try:
        packed = base64.b64decode(text[len(FIRST) :], validate=True)
        opener = zlib.decompressobj()
        record = json.loads(opener.decompress(packed, LARGEST))
        tables = {name: tuple(map(_table, some)) for name, some in record["tables"].items()}
        return Parcel(record["student"], record["datasets"], tables, record["judged"])
    except (binascii.Error, zlib.error, ValueError, LookupError, TypeError) as error:
        raise ValueError(
            f"This parcel of data is damaged ({error}). Copy it anew from the notebook that you "
            "were given, as a whole."
        ) from None


def opened(parcel: str) -> Parcel:
    """Open a parcel given as its text, or as the name of the file that holds it.

    Raises
    ------
    ValueError, OSError
        If it is neither.
    """
    text = str(parcel)
    if text.lstrip().startswith(FIRST):
        return unpack(text)
    if not Path(text).is_file():
        raise ValueError(
            f"There is no file {text[:80]!r} beside the notebook. Copy it there from what you were "
            "given, and run the cell again."
        )
    return unpack(Path(text).read_text("ascii", "replace"))


# ------------------------------------------------------------------------------ one table


def _plain(table: pd.DataFrame) -> dict[str, Any]:
    """A table as JSON knows it; rows that are simply numbered need no index."""
    columns = [[str(name), *_column(table[name])] for name in table.columns]
    numbered = isinstance(table.index, pd.RangeIndex) and table.index.start == 0
    index = None if numbered else [table.index.name, *_column(table.index.to_series())]
    return {"rows": len(table), "index": index, "columns": columns, "attrs": dict(table.attrs)}


def _column(column: pd.Series) -> tuple[Any, list]:
    """(type, values): numbers as numbers, categories as codes, anything else as texts."""
    kind: Any = str(column.dtype)
    if isinstance(column.dtype, pd.CategoricalDtype):
        kind = {"categories": list(column.cat.categories), "ordered": bool(column.cat.ordered)}
        return kind, column.cat.codes.tolist()
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_integer_dtype(column):
        return kind, column.tolist()
    if pd.api.types.is_float_dtype(column):
        return kind, [None if np.isnan(v) else float(v) for v in column.to_numpy()]
    return kind, [None if pd.isna(v) else str(v) for v in column]


def _table(plain: dict[str, Any]) -> pd.DataFrame:
    made = {name: _series(kind, values) for name, kind, values in plain["columns"]}
    table = pd.DataFrame(made, index=pd.RangeIndex(plain["rows"]))
    if plain["index"]:
        name, kind, values = plain["index"]
        table.index = pd.Index(_series(kind, values), name=name)
    table.attrs.update(plain["attrs"])
    return table


def _series(kind: Any, values: list) -> pd.Series:
    if isinstance(kind, dict):
        made = pd.Categorical.from_codes(values, kind["categories"], ordered=kind["ordered"])
        return pd.Series(made)
    if kind.startswith("float"):
        return pd.Series(np.array([np.nan if v is None else v for v in values], dtype=kind))
    return pd.Series(values, dtype=kind)
