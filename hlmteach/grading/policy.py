"""Policy: what counts and how much, from a small TOML file. Without a file, everything counts once.

chapters = ["ch04"]                     # what the class was to do; else the notebooks tell
deadline = 2026-11-20T23:59:00+01:00

[late]
percent_per_day = 10                    # of the marks, for each day begun
grace_minutes = 15
days = 5                                # later than that: no marks

[extensions]                            # a deadline of their own
"jo@example.org" = 2026-11-27T23:59:00+01:00

[attempts]
keep = "last"                           # or "best", of several notebooks

[questions]
drop = ["ch04.small-icc"]               # not counted
bonus = ["ch04.report"]                 # counted above the total that can be had
nearly = 0.5                            # share of the points for an answer cut off too soon
points = { "ch04.icc" = 4 }             # in place of the question's own

[limits]                                # of one notebook in the sandbox
seconds = 60
memory_mb = 1024
"""

import difflib
import math
import tomllib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hlmteach.questions import QuestionNotFound, get
from hlmteach.questions.students import normalise

from .roster import Roster

KEEP = ("last", "best")
_SECTIONS: dict[str, set[str]] = {
    "late": {"percent_per_day", "grace_minutes", "days"},
    "attempts": {"keep"},
    "questions": {"drop", "bonus", "nearly", "points"},
    "limits": {"seconds", "cpu", "memory_mb", "processes", "file_mb", "output_kb"},
}
_TOP = {"title", "chapters", "deadline", "extensions", *_SECTIONS}


class BadPolicy(ValueError):
    """A policy file that cannot be used; the message says where and what to write."""


@dataclass(frozen=True)
class Policy:
    """What counts.

    Attributes
    ----------
    title : the column's name in the LMS
    chapters : what the class was to do; empty: what the notebooks tell
    deadline : a time with its zone, or None
    percent_per_day : of the marks, taken off for each day begun after the deadline
    grace_minutes : so long after the deadline is not late yet
    days : later than so many days there are no marks; None: there is no such end
    extensions : student -> a deadline of one's own
    keep : "last" or "best" of several notebooks
    drop, bonus : question ids
    nearly : share of the points for an answer that is right as far as it goes
    points : question -> points in place of its own
    limits : of one notebook in the sandbox
    """

    title: str = ""
    chapters: tuple[str, ...] = ()
    deadline: datetime | None = None
    percent_per_day: float = 0.0
    grace_minutes: float = 0.0
    days: float | None = None
    extensions: dict[str, datetime] = field(default_factory=dict)
    keep: str = "last"
    drop: frozenset[str] = frozenset()
    bonus: frozenset[str] = frozenset()
    nearly: float = 0.0
    points: dict[str, float] = field(default_factory=dict)
    limits: dict[str, float] = field(default_factory=dict)

    def days_late(self, student: str, time: datetime | None) -> int:
        """Days begun after the student's deadline; 0 in time, or where no time is known.

        Examples
        --------
        >>> from datetime import UTC
        >>> policy = Policy(deadline=datetime(2026, 11, 20, tzinfo=UTC))
        >>> policy.days_late("jo", datetime(2026, 11, 21, 1, tzinfo=UTC))
        2
        """
        deadline = self.extensions.get(normalise(student), self.deadline)
        if deadline is None or time is None:
            return 0
        over = time - deadline
        if over <= timedelta(minutes=self.grace_minutes):
            return 0
        return math.ceil(over / timedelta(days=1))

    def share(self, days_late: int) -> float:
        """The share of the marks that is left after so many days."""
        if days_late == 0:
            return 1.0
        if self.days is not None and days_late > self.days:
            return 0.0
        return max(0.0, 1.0 - self.percent_per_day * days_late / 100)


def read(path: Path | None) -> Policy:
    """Read a policy file; the plain policy without one.

    Raises
    ------
    BadPolicy
        If there is no such file, or something in it is misspelt or of a wrong kind.
    """
    if path is None:
        return Policy()
    try:
        found = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise BadPolicy(f"There is no file {path}. Give the path of a policy file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadPolicy(f"{path.name} is no TOML that I can read: {error}.") from error
    try:
        return _policy(found)
    except BadPolicy as error:
        raise BadPolicy(f"{path.name}: {error}") from error


def for_class(policy: Policy, roster: Roster) -> Policy:
    """The policy with extensions by the roster's ids, whatever name of a student it gives.

    Raises
    ------
    BadPolicy
        If an extension is for nobody in the roster: it would be lost without a word.
    """
    mine = {}
    for name, deadline in policy.extensions.items():
        student = roster.find(name)
        if student is None:
            raise BadPolicy(
                f"[extensions] has {name!r}, who is not in the roster. Write an id or an e-mail "
                "address as the roster has it."
            )
        mine[student.key] = deadline
    return replace(policy, extensions=mine)


def _policy(found: dict[str, Any]) -> Policy:
    _known(found, _TOP, "")
    parts = {name: found.get(name, {}) for name in (*_SECTIONS, "extensions")}
    for name, part in parts.items():
        if not isinstance(part, dict):
            raise BadPolicy(f"`{name}` is a section: write [{name}] on a line of its own.")
        if name in _SECTIONS:
            _known(part, _SECTIONS[name], name)
    late, questions = parts["late"], parts["questions"]
    keep = parts["attempts"].get("keep", "last")
    if keep not in KEEP:
        raise BadPolicy(f'attempts.keep is {keep!r}; write "last" or "best".')
    return Policy(
        title=str(found.get("title", "")),
        chapters=tuple(_texts(found.get("chapters", []), "chapters")),
        deadline=_time(found.get("deadline"), "deadline"),
        percent_per_day=_number(late.get("percent_per_day", 0), "late.percent_per_day", 100),
        grace_minutes=_number(late.get("grace_minutes", 0), "late.grace_minutes"),
        days=None if "days" not in late else _number(late["days"], "late.days"),
        extensions={
            normalise(name): _time(time, f"extensions.{name}")
            for name, time in parts["extensions"].items()
        },
        keep=keep,
        drop=frozenset(_questions(questions.get("drop", []), "drop")),
        bonus=frozenset(_questions(questions.get("bonus", []), "bonus")),
        nearly=_number(questions.get("nearly", 0), "questions.nearly", 1),
        points=_points(questions.get("points", {})),
        limits={name: _number(value, f"limits.{name}") for name, value in parts["limits"].items()},
    )


def _known(found: dict[str, Any], names: set[str], section: str) -> None:
    for name in found:
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            meant = f" Did you mean {near[0]!r}?" if near else ""
            place = f" in [{section}]" if section else ""
            known = ", ".join(sorted(names))
            raise BadPolicy(f"I do not know {name!r}{place}.{meant} There are: {known}.")


def _number(value: Any, name: str, most: float = math.inf) -> float:
    fine = isinstance(value, int | float) and not isinstance(value, bool)
    if not fine or not 0 <= value <= most:
        upto = f" up to {most:g}" if most < math.inf else ""
        raise BadPolicy(f"{name} is {value!r}; write a number from 0{upto}.")
    return value


def _time(value: Any, name: str) -> datetime | None:
    if value is None or isinstance(value, datetime):
        # A time without a zone is this machine's.
        return value.astimezone() if value is not None else None
    raise BadPolicy(
        f"{name} is {value!r}; write a time without quotes, such as 2026-11-20T23:59:00+01:00."
    )


def _texts(value: Any, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise BadPolicy(f'{name} is {value!r}; write a list such as ["ch04"].')
    return [text.strip().lower() for text in value]


def _questions(value: Any, name: str) -> list[str]:
    return [_question(text, name) for text in _texts(value, f"questions.{name}")]


def _question(id: str, name: str) -> str:
    try:
        return get(id).id
    except QuestionNotFound as error:
        raise BadPolicy(f"questions.{name}: {error}") from error


def _points(value: Any) -> dict[str, float]:
    if not isinstance(value, dict):
        raise BadPolicy('questions.points is no table; write points = { "ch04.icc" = 4 }.')
    return {
        _question(id, "points"): _number(points, f"questions.points.{id}")
        for id, points in value.items()
    }
