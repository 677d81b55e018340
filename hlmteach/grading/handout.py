"""Handout: a student's own notebook, made from an exercise."""

import copy
import hashlib
import json
import re
from typing import Any

from . import csvfile

MADE = "generated"  # id of the exercise's first cell, which is for the course's authors
DATA_FILE = "hlmteach_data.txt"
_ASK = "hlm.student()"
_HOW = re.compile("Write your id in the first cell(.*)", re.DOTALL)
_EXAM = """. Replace the dots and run the
cell: it says that your answer is recorded. The last answer counts; it is marked after you have
handed in the notebook."""


def seal(secret: str) -> str:
    """Letters by which grading sees that it has the secret that was dealt with; "" without one.

    They help nobody to find the secret: who holds data drawn with it can try out guesses anyway.
    """
    return hashlib.sha256(f"hlmteach:{secret}".encode()).hexdigest()[:8] if secret else ""


def notebook(
    exercise: dict[str, Any],
    chapter: str,
    student: str | None,
    secret: str = "",
    judged: bool = True,
) -> str:
    """The notebook's text.

    Parameters
    ----------
    exercise : as JSON
    chapter : such as "ch04"
    student : whose it is; None for a notebook that asks for the id
    secret : that the data were drawn with, which then lie beside it in `DATA_FILE`
    judged : False where answers are only recorded, as in an exam

    Raises
    ------
    ValueError
        If the exercise has no cell with `hlm.student()`.
    """
    made = copy.deepcopy(exercise)
    made["cells"] = [cell for cell in made["cells"] if cell.get("id") != MADE]
    mark = {"chapter": chapter, "seal": seal(secret), **({"student": student} if student else {})}
    made["metadata"]["hlmteach"] = mark
    _introduce(made["cells"], student, bool(secret))
    if student:
        _tell(made["cells"], judged)
    return json.dumps(made, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _introduce(cells: list[dict[str, Any]], student: str | None, secret: bool) -> None:
    """Put the id into the cell that asks for it; the dealt data are opened there too."""
    for cell in cells:
        source = _source(cell)
        if cell["cell_type"] == "code" and _ASK in source:
            lines = [line for line in source.splitlines() if not line.startswith(_ASK)]
            cell["source"] = "\n".join([*lines, *_who(student, secret)]).splitlines(keepends=True)
            return
    raise ValueError(f"The exercise has no cell with `{_ASK}`, where the id belongs.")


def _tell(cells: list[dict[str, Any]], judged: bool) -> None:
    """Say what to do in a notebook that has its id already, or that only records answers."""
    for cell in cells:
        source = _source(cell)
        if cell["cell_type"] == "markdown" and (found := _HOW.search(source)):
            rest = found[1] if judged else _EXAM
            told = f"{source[: found.start()]}Your id stands in the first cell{rest}"
            cell["source"] = told.splitlines(keepends=True)
            return


def _who(student: str | None, secret: bool) -> list[str]:
    if student is None:
        return ['hlm.student("")  # between the quotes: your student number or e-mail address']
    quoted = json.dumps(student, ensure_ascii=False)
    opened = [f'hlm.dealt("{DATA_FILE}")  # keep this file beside the notebook'] if secret else []
    return [*opened, f"hlm.student({quoted})"]


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def overview(rows: list[tuple[str, str, str]]) -> str:
    """Which folder is whose, as CSV."""
    return csvfile.text(["id", "name", "folder"], rows)
