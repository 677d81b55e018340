"""Roster: who is in the class, read from whatever the LMS or the office exports."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hlmteach.questions.students import GUEST, normalise

from . import csvfile
from .csvfile import BadTable
from .filenames import file_name

# What the columns are called, the best first; compared without capitals, spaces and signs.
ID = ("id", "studentid", "studentnumber", "matriculationnumber", "matrikelnummer", "matrnr")
ID += ("idnumber", "sisuserid", "sisid", "sisloginid", "loginid", "username", "userid", "login")
EMAIL = ("email", "emailaddress", "mail", "emailadresse", "correo")
NAME = ("name", "fullname", "studentname", "student", "displayname", "vollständigername")
FIRST = ("firstname", "givenname", "vorname", "forename")
LAST = ("lastname", "surname", "familyname", "nachname")


@dataclass(frozen=True)
class Student:
    """One row of the roster.

    Attributes
    ----------
    id : as it is written in the roster; data and marks follow from it
    name, email : "" where the roster has none
    row : all cells of the row by the column's name, for the LMS's import layouts
    """

    id: str
    name: str = ""
    email: str = ""
    row: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def key(self) -> str:
        """The id as ids are compared."""
        return normalise(self.id)

    @property
    def file_name(self) -> str:
        return file_name(self.id)

    @property
    def aliases(self) -> tuple[str, ...]:
        """The id, and the e-mail address: a student may give either in the notebook."""
        both = (self.key, normalise(self.email) if self.email else self.key)
        return tuple(dict.fromkeys(both))


class Roster:
    """The students of a class, in the order of the file; found again by any of their names."""

    def __init__(self, students: list[Student], columns: list[str] | None = None) -> None:
        self.students = students
        self.columns = columns or []
        self._by_alias: dict[str, Student] = {}
        for student in students:
            for alias in (*student.aliases, normalise(student.file_name)):
                self._by_alias.setdefault(alias, student)

    def __iter__(self) -> Iterator[Student]:
        return iter(self.students)

    def __len__(self) -> int:
        return len(self.students)

    def find(self, name: str) -> Student | None:
        """The student with this id, e-mail address or file name.

        Examples
        --------
        >>> Roster([Student("Jo@x.org", "Jo")]).find("jo@X.org").name
        'Jo'
        """
        return self._by_alias.get(normalise(name))


def read(path: Path) -> Roster:
    """Read a roster.

    Parameters
    ----------
    path : a CSV file with a column of ids (named "id", "Student ID", "ID number", "SIS Login ID",
        "username", ... or, if there is none, "email"), and, if possible, names and e-mail addresses

    Raises
    ------
    BadTable
        If it cannot be read, or has no such column, or an id is missing or there twice; the message
        names the lines.
    """
    rows = csvfile.read(path)
    if not rows:
        raise BadTable(f"{path.name} names its columns and no student below them.")
    columns = {_plain(name): name for name in reversed(list(rows[0])) if name}
    places = {what: _first(columns, names) for what, names in _COLUMNS.items()}
    # Canvas calls its own number ID and the name Student; the school's number is the SIS ID.
    canvas = _first(columns, ("sisuserid", "sisloginid"))
    id_column = (canvas if "student" in columns and canvas else places["id"]) or places["email"]
    if id_column is None:
        seen = ", ".join(repr(name) for name in list(rows[0])[:8])
        raise BadTable(
            f"{path.name} has no column of ids; its columns are {seen}. Name one of them `id`."
        )
    rows = [row for row in rows if not _is_canvas_header(row, places)]
    students = [_student(row, id_column, places) for row in rows]
    _refuse_doubtful(students, path.name, id_column)
    return Roster(students, list(rows[0]) if rows else [])


_COLUMNS = {"id": ID, "email": EMAIL, "name": NAME, "first": FIRST, "last": LAST}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", name).casefold())


def _first(columns: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((columns[name] for name in names if name in columns), None)


def _is_canvas_header(row: dict[str, str], places: dict[str, str | None]) -> bool:
    """Canvas's second line says how many points are possible and is no student."""
    name = row.get(places["name"] or "", "").lower()
    return name in ("points possible", "student, test")


def _student(row: dict[str, str], id_column: str, places: dict[str, str | None]) -> Student:
    cell = {what: row.get(column, "") if column else "" for what, column in places.items()}
    name = " ".join(filter(None, [cell["first"], cell["last"]])) or cell["name"]
    return Student(row[id_column], name, cell["email"], row)


def _refuse_doubtful(students: list[Student], file: str, column: str) -> None:
    first: dict[str, int] = {}
    problems = []
    for number, student in enumerate(students, start=1):
        who = f"student {number}" + (f" ({student.name})" if student.name else "")
        if normalise(student.id) == GUEST:
            problems.append(f"{who} has no id in the column {column!r}")
        elif student.key in first:
            problems.append(f"{who} has the id {student.id!r} of student {first[student.key]}")
        first.setdefault(student.key, number)
    if problems:
        more = f", and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise BadTable(
            f"{file}: {'; '.join(problems[:5])}{more}. Ids are compared without capitals and "
            "spaces. Every student needs an id of one's own: correct the file and try again."
        )
    if not students:
        raise BadTable(f"{file} names its columns and no student below them.")
