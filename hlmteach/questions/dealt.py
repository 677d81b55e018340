"""Dealt data: a student's tables as files beside the notebook, exact to the last digit.

Drawn data need an id only. Where an instructor's secret went into the draw (an exam), nobody else
can draw them: `hlmteach deal` writes them to a folder, and `hlm.data` and `hlm.check` use what is
there. The folder holds one student's data and nothing else: no answer and no secret.
"""

import gzip
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .cases import case, stamp
from .question import Question
from .students import normalise

FOLDER = "hlmteach_data"
VARIABLE = "HLMTEACH_DEALT"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Dealt:
    """A folder with one student's data.

    Attributes
    ----------
    folder : where the files lie
    student : the id that the data are for, normalised
    datasets : question -> name of its data set, "" for a question without data
    """

    folder: Path
    student: str
    datasets: dict[str, str]

    def data(self, question: str) -> Any:
        """A fresh copy of the data for a question: a table, or a tuple of tables.

        Raises
        ------
        LookupError
            If the folder has no such question, or the question has no data.
        """
        name = str(question).strip().lower()
        if name not in self.datasets:
            raise LookupError(
                f"The data in {self.folder.name}/ are for {_some(self.datasets)}; there is nothing "
                f"for {question!r}. Was the folder dealt for another chapter?"
            )
        if not self.datasets[name]:
            raise LookupError(f"{name} is about ideas; it has no data. Read its text and answer.")
        tables = _read(self.folder / _file(self.datasets[name]))
        for table in tables:
            stamp(table, self.datasets[name])
        return tables if len(tables) > 1 else tables[0]


def _some(names: Iterable[str]) -> str:
    chapters = sorted({name.partition(".")[0] for name in names})
    return ", ".join(chapters) or "no chapter"


def current() -> Dealt | None:
    """The folder named by HLMTEACH_DEALT, or `hlmteach_data` in the working folder, if any.

    Raises
    ------
    ValueError
        If the folder is there and cannot be read.
    """
    named = os.environ.get(VARIABLE)
    folder = Path(named) if named else Path(FOLDER)
    return open_folder(folder.absolute()) if (folder / MANIFEST).is_file() else None


@lru_cache(maxsize=4)
def open_folder(folder: Path) -> Dealt:
    """The data in a folder that `write` made.

    Raises
    ------
    ValueError
        If the list of what is in it is damaged.
    """
    try:
        record = json.loads((folder / MANIFEST).read_text("utf-8"))
        return Dealt(folder, normalise(record["student"]), dict(record["questions"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{folder.name}/{MANIFEST} cannot be read ({type(error).__name__}). Copy the folder "
            "that you were given once more, as it is."
        ) from error


def write(folder: Path, student: object, questions: Iterable[Question], secret: str = "") -> None:
    """Write a student's data for some questions; the same bytes every time.

    Parameters
    ----------
    folder : made if it is not there
    student, secret : whose data they are, see `Question.data`
    questions : those that the folder shall serve

    Examples
    --------
    >>> import tempfile
    >>> from hlmteach.questions import get
    >>> with tempfile.TemporaryDirectory() as name:
    ...     write(Path(name), "jo", [get("ch04.icc")], secret="s3")
    ...     again = open_folder(Path(name)).data("ch04.icc")
    >>> again.equals(get("ch04.icc").data("jo", secret="s3"))
    True
    """
    folder.mkdir(parents=True, exist_ok=True)
    datasets: dict[str, str] = {}
    written: set[str] = set()
    for question in questions:
        datasets[question.id] = question.dataset if question.recipe else ""
        if question.recipe and question.dataset not in written:
            data = case(question, student, secret).data
            tables = data if isinstance(data, tuple) else (data,)
            _write(folder / _file(question.dataset), tables)
            written.add(question.dataset)
    record = {"student": normalise(student), "questions": datasets}
    (folder / MANIFEST).write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", "utf-8")


def _file(dataset: str) -> str:
    return f"{dataset}.json.gz"


# ---------------------------------------------------------------- tables as JSON, without a loss


def _write(path: Path, tables: tuple[pd.DataFrame, ...]) -> None:
    text = json.dumps([_plain(table) for table in tables], ensure_ascii=True)
    path.write_bytes(gzip.compress(text.encode("ascii"), mtime=0))


def _read(path: Path) -> tuple[pd.DataFrame, ...]:
    return tuple(_table(plain) for plain in json.loads(gzip.decompress(path.read_bytes())))


def _plain(table: pd.DataFrame) -> dict[str, Any]:
    columns = [_column(str(name), table[name]) for name in table.columns]
    if isinstance(table.index, pd.RangeIndex):
        return {"rows": len(table), "columns": columns}
    index = _column(table.index.name, table.index.to_series())
    return {"rows": len(table), "columns": columns, "index": index}


def _column(name: str | None, values: pd.Series) -> dict[str, Any]:
    plain: dict[str, Any] = {"name": name, "type": str(values.dtype)}
    if isinstance(values.dtype, pd.CategoricalDtype):
        plain["categories"] = list(values.cat.categories)
        plain["ordered"] = bool(values.cat.ordered)
        plain["values"] = values.cat.codes.tolist()
    else:  # JSON keeps every digit of a float; null stands for a gap
        plain["values"] = values.astype(object).where(values.notna(), None).tolist()
    return plain


def _table(plain: dict[str, Any]) -> pd.DataFrame:
    index = plain.get("index")
    rows = pd.RangeIndex(plain["rows"])
    if index:
        rows = pd.Index(_values(index), name=index["name"])
    return pd.DataFrame({c["name"]: _values(c) for c in plain["columns"]}, index=rows)


def _values(column: dict[str, Any]) -> Any:
    if column["type"] == "category":
        categories = pd.CategoricalDtype(column["categories"], ordered=column["ordered"])
        return pd.Categorical.from_codes(column["values"], dtype=categories)
    if column["type"].startswith("float"):
        return np.array(column["values"], dtype=column["type"])
    return pd.array(column["values"], dtype=column["type"])
