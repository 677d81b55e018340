"""Marking sheet: all answers to the open questions in one table, for a person's points.

The file belongs to the person. `grade` reads it first, adds what is new, and keeps every line in
which somebody wrote something; if it cannot read the file, it stops and leaves it alone.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from . import csvfile
from .csvfile import BadTable
from .results import write

FILE = "marking_sheet.csv"
COLUMNS = ("question", "id", "name", "answer", "looked for", "of", "points", "comment", "key")
_NEEDED = ("question", "points", "key")
GONE = "not counted: the student has handed in another answer"


@dataclass(frozen=True)
class Mark:
    """A person's points for one answer; None where only a comment was written."""

    points: float | None
    comment: str


@dataclass
class Sheet:
    """Human marks by the key of the answer, the lines that hold them, and what is wrong there."""

    marks: dict[str, Mark] = field(default_factory=dict)
    lines: dict[str, dict[str, str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Open:
    """An answer that a person marks."""

    question: str
    id: str
    name: str
    answer: str
    rubric: str
    of: float
    key: str


def answer_id(student: str, question: str, text: str) -> str:
    """The key of an answer; another text has another key, so that no mark is carried over.

    Examples
    --------
    >>> answer_id("jo", "ch04.report", "A")[:1]
    'a'
    """
    plain = "\0".join((student, question, text)).encode("utf-8", "replace")
    return "a" + hashlib.sha256(plain).hexdigest()[:15]  # a letter first: Excel keeps it a text


def read(path: Path, most: dict[str, float]) -> Sheet:
    """Read the sheet as a person left it; an empty one if there is none.

    Parameters
    ----------
    path : the CSV file
    most : question -> points that can be had

    Raises
    ------
    BadTable
        If the file is there and cannot be read, or a column is missing.
    """
    if not path.exists():
        return Sheet()
    rows = csvfile.read(path)
    missing = [name for name in _NEEDED if rows and name not in rows[0]]
    if missing:
        raise BadTable(
            f"{path.name} has lost its column {missing[0]!r}, so the marks in it cannot be used. "
            "Nothing was changed. Restore the column, or move the file away to begin a new sheet."
        )
    sheet = Sheet()
    for number, row in enumerate(rows, start=2):
        if not (row["points"] or row.get("comment", "")):
            continue
        points, problem = _points(row["points"], most.get(row["question"]))
        if problem:
            where = f"{path.name}, {row.get('id', '')}, {row['question']} (row {number})"
            sheet.problems.append(f"{where}: {problem}")
        key = row["key"] or f"row {number}"  # a line that a person added is kept as well
        sheet.marks[key] = Mark(points, _plain(row.get("comment", "")))
        sheet.lines[key] = row
    return sheet


def _points(text: str, most: float | None) -> tuple[float | None, str]:
    if not text:
        return None, ""
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        return None, f"{text!r} is no number of points, so it is not counted yet."
    if not 0 <= points < float("inf") or (most is not None and points > most):
        span = f"from 0 to {most:g}" if most is not None else "0 or more"
        return None, f"{text} points are not {span}, so they are not counted yet."
    return points, ""


def _plain(cell: str) -> str:
    """A cell without the apostrophe that `csvfile.safe` put before it."""
    return cell[1:] if cell[:1] == "'" else cell


def store(path: Path, sheet: Sheet, answers: list[Open]) -> None:
    """Write the sheet anew: answers of today, with the marks they have, then lines without answer.

    Nothing that a person wrote is lost. The file is left alone where nothing would change.
    """
    rows = [_row(answer, sheet.lines.get(answer.key, {})) for answer in answers]
    known = {answer.key for answer in answers}
    for key, line in sheet.lines.items():
        if key not in known:
            kept = {**line, "looked for": GONE}
            rows.append([_plain(kept.get(name, "")) for name in COLUMNS])
    # A mark at the beginning tells Excel that it is UTF-8.
    text = "\ufeff" + csvfile.text(COLUMNS, rows)
    if not path.exists() or path.read_bytes() != text.encode():
        write(path, text)


def _row(answer: Open, line: dict[str, str]) -> list[object]:
    points, comment = line.get("points", ""), _plain(line.get("comment", ""))
    shown = [answer.question, answer.id, answer.name, answer.answer, answer.rubric, answer.of]
    return [*shown, points, comment, answer.key]
