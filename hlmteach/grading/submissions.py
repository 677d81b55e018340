"""Submissions: the pile, sorted by student."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from . import paper as papers
from .people import Match, People
from .pile import CannotRead, File, Pile
from .roster import Roster, Student

PACKAGES = ("hlmteach", "numpy", "pandas", "statsmodels", "scipy", "matplotlib", "formulaic")
PACKAGES += ("sitecustomize", "usercustomize", "ipykernel", "json", "random", "os", "sys", "math")
MOST_ATTEMPTS = 5  # of one student; the last ones
MOST_NOTES = 20  # on files beside a notebook
MOST_COMPARED = 40_000  # letters of a notebook's code


def plain_line(line: str) -> str:
    """A line of code without spaces and comments; "" if it says who the student is.

    Examples
    --------
    >>> plain_line("icc = fit.icc   # at last")
    'icc=fit.icc'
    """
    after = 1 + max(line.rfind('"'), line.rfind("'"))  # a sign in quotes begins no comment
    bare = "".join((line[:after] + line[after:].partition("#")[0]).split())
    return "" if re.search(r"\b(student|dealt)\(", bare) else bare


@dataclass(frozen=True)
class Attempt:
    """One notebook of a student.

    Attributes
    ----------
    file : where it lies
    time : when it was handed in, if that can be told
    digest : of its bytes, "" if they could not be read
    unreadable : why it is no notebook; "" if it is one
    checked, named, oddities : see `Paper`
    lines : of its code, plain, to find students whose code is the same
    dealt : what `hlmteach deal` wrote into it
    """

    file: File
    time: datetime | None
    digest: str = ""
    unreadable: str = ""
    checked: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    oddities: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    dealt: dict = field(default_factory=dict)

    @property
    def chapters(self) -> list[str]:
        return sorted({name.partition(".")[0] for name in self.checked})


@dataclass
class Submission:
    """All that a student handed in: attempts, the earliest first, and what lay beside them."""

    student: Student
    attempts: list[Attempt] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class Class:
    """Every student's submission in the roster's order, and the files that are nobody's."""

    submissions: list[Submission]
    unmatched: list[tuple[File, str]]
    problems: list[str]


def sort(pile: Pile, roster: Roster, by_hand: dict[str, str] | None = None) -> Class:
    """Find out whose each file is, and read the notebooks.

    Parameters
    ----------
    pile : from `gather`
    roster : the class
    by_hand : name of a file in the pile -> id of a student, where a person has said so
    """
    matches = _matches(pile, roster, by_hand or {})
    found = {student.key: Submission(student) for student in roster}
    notebooks: dict[str, list[File]] = {student.key: [] for student in roster}
    unmatched: list[tuple[File, str]] = []
    for file, match in matches:
        if match.student is None:
            if file.is_notebook:
                unmatched.append((file, match.doubt))
            continue
        mine = found[match.student.key]
        if match.doubt and file.is_notebook:
            mine.notes.append(f"{file.name}: {match.doubt}")
        if file.is_notebook:
            file = replace(file, time=file.handed_in(match.depth))
            notebooks[match.student.key].append(file)
        else:
            mine.others.append(file.name)
            mine.notes += _odd_file(file) if len(mine.notes) < MOST_NOTES else []
    stamps = _timestamps(pile, [[f.parts[:-1] for f in files] for files in notebooks.values()])
    for key, submission in found.items():
        _take_attempts(submission, notebooks[key], stamps)
    return Class(list(found.values()), unmatched, pile.problems)


def _take_attempts(
    submission: Submission, files: list[File], stamps: dict[tuple[str, ...], datetime]
) -> None:
    """Read a student's notebooks, the earliest first; of a great many, the last ones."""
    early = datetime.min.replace(tzinfo=UTC)

    def time(file: File) -> datetime | None:
        return stamps.get(file.parts[:-1]) or file.time

    def order(file: File) -> tuple:
        return time(file) or early, len(file.parts[-1]), file.parts

    ordered = sorted(files, key=order)
    submission.attempts = [_attempt(file, time(file)) for file in ordered[-MOST_ATTEMPTS:]]
    if len(files) > MOST_ATTEMPTS:
        submission.notes.append(
            f"{len(files):,} notebooks were handed in; the last {MOST_ATTEMPTS} were looked at."
        )


def _matches(pile: Pile, roster: Roster, by_hand: dict[str, str]) -> list[tuple[File, Match]]:
    """Whose each file is. Names below the level at which most are found count for nothing: a
    student who makes a folder with another's id in it has not made a submission of the other's."""
    people = People(roster)
    found = [(file, people.who(file)) for file in pile.files]
    levels = Counter(m.depth for file, m in found if m.student and file.is_notebook)
    level = min(levels, key=lambda depth: (-levels[depth], depth)) if levels else 0
    return [(file, _settled(file, match, level, roster, by_hand)) for file, match in found]


def _settled(
    file: File, match: Match, level: int, roster: Roster, by_hand: dict[str, str]
) -> Match:
    if named := by_hand.get(file.name):
        if student := roster.find(named):
            return Match(student, len(file.parts))
        return Match(None, doubt=f"{named!r} is not in the roster.")
    if match.student is None:
        return Match(None, doubt="No name in its path is in the roster.")
    if match.depth > level:
        doubt = f"Only a part of the path that students choose says {match.student.id}."
        return Match(None, doubt=doubt)
    return match


def _attempt(file: File, time: datetime | None) -> Attempt:
    try:
        paper = papers.read(file.read())
    except (CannotRead, papers.Unreadable) as error:
        return Attempt(file, time, unreadable=str(error))
    except Exception as error:  # one notebook must not cost the others theirs
        return Attempt(file, time, unreadable=f"it cannot be read ({type(error).__name__})")
    return Attempt(
        file,
        time,
        paper.digest,
        checked=tuple(paper.checked),
        named=tuple(paper.named),
        oddities=tuple(paper.oddities),
        lines=tuple(filter(None, map(plain_line, paper.code[:MOST_COMPARED].splitlines()))),
        dealt=paper.metadata,
    )


def _odd_file(file: File) -> list[str]:
    """A note on a file that has no business beside a notebook."""
    if file.link:
        return [f"{file.name} is a link; it was not followed."]
    stem = file.parts[-1].partition(".")[0].lower()
    python = file.parts[-1].lower().endswith((".py", ".pyc", ".so", ".pth"))
    inside = any(part.lower() in PACKAGES for part in file.parts[:-1])
    if python and (stem in PACKAGES or inside):
        return [f"{file.name} is named like a module that the notebook imports; it was not used."]
    if python:
        return [f"{file.name} is a program beside the notebook; it was not used."]
    return []


# ---------------------------------------------------------------- when


Folder = tuple[str, ...]


def _timestamps(pile: Pile, folders: list[list[Folder]]) -> dict[Folder, datetime]:
    """Folder -> time in nbgrader's timestamp.txt, where most students have one.

    Else nbgrader did not collect the notebooks, and one that is there was made by a student.
    """
    found = {}
    for file in pile.files:
        if file.parts[-1] == "timestamp.txt" and not file.link:
            try:
                text = file.read(1000).decode("ascii")
                found[file.parts[:-1]] = _when(text)
            except (CannotRead, ValueError, KeyError, OSError, OverflowError):
                continue
    with_one = sum(not found.keys().isdisjoint(mine) for mine in folders)
    if 2 * with_one > sum(map(bool, folders)):
        return found
    pile.problems += [
        f"{'/'.join(folder)}/timestamp.txt was not believed: most students have none."
        for folder in sorted(found)[:MOST_NOTES]
    ]
    return {}


def _when(text: str) -> datetime:
    """nbgrader's "2026-11-22 15:58:23.948203 UTC", or with the name of a zone or +0100."""
    day, clock, *zone = text.split()
    time = datetime.fromisoformat(f"{day} {clock}")
    if time.tzinfo or not zone:
        return time.astimezone(UTC)
    sign = zone[0][:1]
    if sign in "+-":
        hours, minutes = int(zone[0][1:3]), int(zone[0][-2:])
        offset = timedelta(hours=hours, minutes=minutes) * (1 if sign == "+" else -1)
        return time.replace(tzinfo=timezone(offset)).astimezone(UTC)
    return time.replace(tzinfo=ZoneInfo(zone[0])).astimezone(UTC)


def chapters_of(submissions: list[Submission]) -> list[str]:
    """The chapters that the class was to do: the one in most submissions, and those in half of all.

    One student's notebook cannot change what the class is asked.
    """
    votes: Counter[str] = Counter()
    for submission in submissions:
        votes.update({c for attempt in submission.attempts for c in attempt.chapters})
    if not votes:
        return []
    most = max(votes.values())
    handed_in = sum(1 for submission in submissions if submission.attempts)
    return sorted(c for c, n in votes.items() if n == most or (n > 1 and 2 * n >= handed_in))


def by_code(submissions: list[Submission]) -> dict[str, list[Student]]:
    """Digest of a file -> the students who handed in that very file, where these are several."""
    found: dict[str, dict[str, Student]] = defaultdict(dict)
    for submission in submissions:
        for attempt in submission.attempts:
            if attempt.digest:
                found[attempt.digest][submission.student.key] = submission.student
    return {digest: list(who.values()) for digest, who in found.items() if len(who) > 1}
