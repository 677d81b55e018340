"""Gradebook: a row per student, as CSV for people and in the layouts that LMSs import."""

from collections.abc import Iterable

from . import csvfile
from .entry import Entry
from .policy import Policy

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_IDENTIFIER = "Identifier"
_WORKSHEET = (_IDENTIFIER, "Grade", "Last modified (grade)", "Feedback comments")
# By these an LMS finds the student; with an apostrophe before it an id would be somebody else's.
_KEYS = ("ID", "SIS User ID", "SIS Login ID", "ID number", "Email address", "Username", _IDENTIFIER)
_POINTS_POSSIBLE = "    Points Possible"  # with the spaces that Canvas looks for


def gradebook(entries: list[Entry]) -> str:
    """The gradebook as CSV: id, name, a column per question, total, of, days late, status.

    A cell is empty where a person still has to mark the answer.
    """
    questions = [answer.question.id for answer in entries[0].answers] if entries else []
    head = ["id", "name", *questions, "total", "of", "days_late", "status"]
    return csvfile.text(head, [_row(entry) for entry in entries])


def _row(entry: Entry) -> list[object]:
    points = ["" if a.points is None else a.points for a in entry.answers]
    student = entry.student
    rest = [entry.total, entry.of, entry.days_late, entry.status]
    return [student.id, student.name, *points, *rest]


def handed_in(entry: Entry) -> bool:
    """Is there anything to give a mark for?"""
    return bool(entry.used)


def title(policy: Policy, chapters: Iterable[str]) -> str:
    """What the column is called in the LMS."""
    return policy.title or f"hlmteach {' '.join(chapters)}"


def canvas(entries: list[Entry], name: str) -> str:
    """For Canvas: Grades, Import. A student without a submission has an empty cell.

    A roster that was exported from Canvas brings Canvas's own numbers; else students are found by
    their SIS User ID.
    """
    of = entries[0].of if entries else 0.0
    rows: list[list[object]] = []
    for entry in entries:
        row, student = entry.student.row, entry.student
        exported = "Student" in row and "ID" in row
        own = [row.get(column, "") for column in CANVAS]
        made = [student.name or student.id, "", student.id, student.email or student.id, ""]
        rows.append([*(own if exported else made), _mark(entry)])
    text = csvfile.text([*CANVAS, name], [["", "", "", "", "", of], *rows], _KEYS)
    return text.replace("\n", f"\n{_POINTS_POSSIBLE}", 1)


def moodle(entries: list[Entry], name: str) -> str:
    """For Moodle: Grades, Import, CSV file; match by ID number or e-mail address.

    With a roster that is Moodle's grading worksheet (it has a column Identifier), the layout is
    the worksheet's, with every column that Moodle looks for, to be uploaded on the assignment's
    page. Where an e-mail address is missing there is no column of them: Moodle, told to match by
    it, would credit the row to somebody else.
    """
    if any(_IDENTIFIER in entry.student.row for entry in entries):
        return _worksheet([entry for entry in entries if entry.student.row.get(_IDENTIFIER)])
    mails = all(entry.student.email for entry in entries)
    head = ["ID number", *["Email address"] * mails, name, f"{name} (feedback)"]
    rows = [
        [entry.student.id, *[entry.student.email] * mails, _mark(entry), entry.status]
        for entry in entries
    ]
    return csvfile.text(head, rows, _KEYS)


def _worksheet(entries: list[Entry]) -> str:
    """The roster's own columns, with the marks and the status filled in."""
    given = entries[0].student.row if entries else {}
    head = list(dict.fromkeys([*given, *_WORKSHEET]))
    filled = [
        {**entry.student.row, "Grade": _mark(entry), "Feedback comments": entry.status}
        for entry in entries
    ]
    return csvfile.text(head, [[row.get(column, "") for column in head] for row in filled], _KEYS)


def _mark(entry: Entry) -> object:
    return entry.total if handed_in(entry) else ""
