"""People: whose file is it, going by folders and names as LMSs and lecturers make them."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from hlmteach.questions.students import normalise

from .pile import File
from .roster import Roster, Student

# "Jane Doe_1234567_assignsubmission_file_lab.ipynb", or a folder of that name without the file's.
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?")
# "doejane_LATE_1234_567890_lab-1.ipynb": name, Canvas's number of the person, of the submission.
_CANVAS = re.compile(r"(?P<name>[^\W_]+)_(?:LATE_)?(?P<number>\d+)_\d+_(?P<rest>.+)")
_CANVAS_NUMBER = ("id", "canvas id", "canvas user id")
_MOODLE_NUMBER = ("identifier", "participant", "participant id")
# What `hlmteach deal` calls a notebook, and what browsers and LMSs add to a second copy.
_DEALT = re.compile(r"ch\d\d_\w*-(?P<id>.+)")
_COPY = re.compile(r"( ?\(\d{1,3}\)|-\d{1,2}| - copy|-copy\d*)+\Z", re.IGNORECASE)
_SHORT = 4  # a number of fewer digits may be the lab's number as well


@dataclass(frozen=True)
class Match:
    """Whose a file is.

    Attributes
    ----------
    student : None if nobody can be told
    depth : number of the folder, from the top, that told it; the file itself comes last
    doubt : what a person should look at; "" where there is none
    """

    student: Student | None
    depth: int = 0
    doubt: str = ""


class People:
    """Recognises the students of a roster in the names of files.

    What the LMS or the lecturer named (folders at the top, the beginning of an exported file's
    name) goes before what students name themselves.
    """

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        self._names: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._joined: dict[str, set[str]] = defaultdict(set)
        self._numbers: dict[str, Student] = {}
        self._tokens: dict[str, Student] = {}
        self._students = {student.key: student for student in roster}
        for student in roster:
            words = _words(student.name)
            if words:
                self._names[tuple(sorted(words))].add(student.key)
                for turn in range(len(words)):
                    self._joined["".join(words[turn:] + words[:turn])].add(student.key)
            for alias in (*student.aliases, normalise(student.file_name)):
                self._tokens.setdefault(alias, student)
            for column, cell in student.row.items():
                number = re.sub(r"\D", "", cell)
                if column.lower() in (*_CANVAS_NUMBER, *_MOODLE_NUMBER) and number:
                    self._numbers.setdefault(f"{column.lower()[:2]}{number}", student)

    def who(self, file: File) -> Match:
        """Whose file it is, going by its names only."""
        for depth, part in enumerate(file.parts):
            last = depth == len(file.parts) - 1
            text = _stem(part) if last else part
            if student := self._exactly(text):
                return Match(student, depth)
            if match := self._exported(part, depth):
                return match
            if student := self._named(text) if last else self._within(text):
                return Match(student, depth)
        return Match(None)

    def _exactly(self, text: str) -> Student | None:
        found = self._tokens.get(normalise(text))
        return found or self._only(self._names.get(tuple(sorted(_words(text))), ()))

    def _only(self, keys: object) -> Student | None:
        keys = list(keys)
        return self._students[keys[0]] if len(keys) == 1 else None

    def _exported(self, part: str, depth: int) -> Match | None:
        """By the beginning that Moodle or Canvas gave the name; the rest is the student's."""
        if found := _MOODLE.match(part):
            student = self._numbers.get("id" + found["number"])
            student = student or self._numbers.get("pa" + found["number"])
            student = student or self._exactly(found["name"])
        elif found := _CANVAS.match(part):
            numbered = self._numbers.get("ca" + found["number"])
            student = numbered or self._numbers.get("id" + found["number"])
            joined = "".join(_words(found["name"]))
            student = student or self._only(self._joined.get(joined, ()))
        else:
            return None
        own = self._named(_stem(part[found.end("number") :]).lstrip("_"))
        if student:
            other = own and own.key != student.key
            return Match(student, depth, f"The file's name says {own.id}." if other else "")
        if own:
            return Match(own, depth, "Matched by the part of the name that the student chose.")
        return None

    def _named(self, text: str) -> Student | None:
        """By a file's name without its ending: as it was dealt, or with the id anywhere in it."""
        dealt = _DEALT.search(text)
        for name in [dealt["id"], _COPY.sub("", dealt["id"])] if dealt else [_COPY.sub("", text)]:
            if student := self._exactly(name):
                return student
        return self._within(text, short=True)

    def _within(self, text: str, short: bool = False) -> Student | None:
        """The id that stands in a name between signs that belong to no word; the longest one."""
        plain = normalise(text)
        spans: dict[tuple[int, int], Student] = {}
        for alias, student in self._tokens.items():
            if alias.isdigit() and len(alias) < _SHORT and not short:
                continue
            for found in re.finditer(re.escape(alias), plain) if alias in plain else ():
                if _apart(plain, *found.span()):
                    spans[found.span()] = student
        keys = {one.key for span, one in spans.items() if not _inside(span, spans)}
        return self._only(keys)


def _inside(span: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    """Is it a part of a longer one?"""
    start, end = span
    return any(a <= start and end <= b and (a, b) != span for a, b in others)


def _apart(text: str, start: int, end: int) -> bool:
    """Is the piece no part of a longer word or number?"""
    signs = text[max(start - 1, 0) : start] + text[end : end + 1]
    return not any(sign.isalnum() or sign in ".@" for sign in signs)


def _stem(name: str) -> str:
    """A file's name without its ending."""
    return re.sub(r"(\.ipynb|\.txt|\.json|\.py|\.zip)+\Z", "", name, flags=re.IGNORECASE)


def _words(name: str) -> list[str]:
    """A person's name as plain words: no accents, no capitals."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", plain)
