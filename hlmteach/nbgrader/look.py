"""Look: a list of what a person may want to look at; nothing in it has changed a mark.

It lies in the course's folder as worth_a_look.csv. A step of the way (collection, the files, the
cells, the run) replaces what it said earlier about the same submission.
"""

import csv
import io
import os
from pathlib import Path

from hlmteach.grading import csvfile

FILE = "worth_a_look.csv"
HEAD = ("assignment", "student", "step", "note")
MOST_NOTES, LONGEST_NOTE = 30, 300


def keep(folder: Path, assignment: str, student: str, step: str, notes: list[str]) -> None:
    """Write what a step noticed, in place of what it noticed before."""
    path = folder / FILE
    key = tuple(map(csvfile.safe, (assignment, student, step)))
    before = _read(path)
    rows = [row for row in before if tuple(row[:3]) != key]
    rows += [[*key, csvfile.safe(note[:LONGEST_NOTE])] for note in notes[:MOST_NOTES]]
    if sorted(rows) != sorted(before):
        new = path.with_name(f".{FILE}.{os.getpid()}")
        new.write_text(csvfile.text(HEAD, sorted(rows)), encoding="utf-8", newline="")
        os.replace(new, path)


def _read(path: Path) -> list[list[str]]:
    if not path.exists():
        return []
    text = csvfile.decode(path.read_bytes(), path.name)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    return [row for row in rows[1:] if len(row) == len(HEAD)]
