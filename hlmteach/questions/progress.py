"""Progress: one line of JSON for every check and hint, in the user's own folder.

Lines are only ever added, each in one write, so that two notebooks may write at once and a line
that was cut off costs nothing but itself.
"""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from .question import Question
from .verdict import panel

HOME_VARIABLE = "HLMTEACH_HOME"
FILE = "progress.jsonl"


def home() -> Path:
    """Where progress is kept: HLMTEACH_HOME, `.hlmteach` beside the course, or in the home folder.

    Examples
    --------
    >>> isinstance(home(), Path)
    True
    """
    if named := os.environ.get(HOME_VARIABLE):
        return Path(named).expanduser()
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / "course.py").is_file() and os.access(folder, os.W_OK):
            return folder / ".hlmteach"
    return Path.home() / ".hlmteach"


def record(student: str, event: str, question: str, **more: Any) -> bool:
    """Add one line; False if it could not be written (a full or read-only disk)."""
    time = datetime.now(UTC).isoformat(timespec="seconds")
    line = {"time": time, "student": student, "event": event, "question": question, **more}
    # A new line before as well: what follows a line that was cut off starts afresh.
    text = ("\n" + json.dumps(line, ensure_ascii=True) + "\n").encode()
    try:
        folder = home()
        folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        handle = os.open(folder / FILE, flags, 0o600)
        try:
            return os.write(handle, text) == len(text)
        finally:
            os.close(handle)
    except OSError:
        return False


def records(student: str) -> list[dict[str, Any]]:
    """The student's lines, the oldest first; lines that cannot be read are left out."""
    try:
        text = (home() / FILE).read_bytes().decode("utf-8", "replace")
    except OSError:
        return []
    found = []
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("student") == student:
            found.append(entry)
    return found


@dataclass(frozen=True, eq=False)
class Progress:
    """What is done: `table` has a row a chapter (or a question), also in text and HTML."""

    student: str
    table: pd.DataFrame

    @property
    def heading(self) -> str:
        done, of = self.table["points"].sum(), self.table["of"].sum()
        return f"Progress of {self.student}: {done:g} of {of:g} points"

    def __str__(self) -> str:
        return f"{self.heading}\n{self.table.to_string()}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return panel(self.heading, []) + self.table.to_html(border=0)


def by_question(student: str, questions: list[Question]) -> pd.DataFrame:
    """A row a question: answered rightly (or recorded) or not, tries, hints, points."""
    lines = records(student)
    rows = []
    for question in questions:
        mine = [line for line in lines if line.get("question") == question.id]
        checks = [line for line in mine if line.get("event") == "check"]
        states = {line.get("status") for line in checks}
        done = "right" if "right" in states else "recorded" if "recorded" in states else ""
        rows.append(
            {
                "question": question.id,
                "done": done or ("tried" if checks else ""),
                "tries": len(checks),
                "hints": sum(line.get("event") == "hint" for line in mine),
                "points": question.points if done == "right" else 0,
                "of": question.points,
            }
        )
    return pd.DataFrame(rows).set_index("question")


def by_chapter(student: str, questions: list[Question]) -> pd.DataFrame:
    """A row a chapter: questions right, recorded for a person to mark, and in all; points."""
    table = by_question(student, questions)
    chapter = table.index.str.partition(".").get_level_values(0).rename("chapter")
    counted = pd.DataFrame(
        {
            "right": table["done"] == "right",
            "recorded": table["done"] == "recorded",
            "questions": 1,
            "points": table["points"],
            "of": table["of"],
        }
    )
    return counted.groupby(chapter.to_numpy()).sum().rename_axis("chapter")
