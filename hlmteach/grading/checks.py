"""Checks: what a student did to the cells that hand in answers. For a person to look at."""

import re
from collections import Counter

from hlmteach.questions import Question, all_questions
from hlmteach.questions.students import normalise

from .submissions import Attempt, Submission

_CHECK = re.compile(r"""check\(["']([^"']+)["']""")


def notes(
    submission: Submission, asked: list[Question], handed_out: set[str], dealt: bool
) -> list[str]:
    """Sentences about a student's check cells and about whose notebook it was.

    Parameters
    ----------
    submission : the student's
    asked : the questions that count
    handed_out : lines of code that the class was given
    dealt : were most of the class's notebooks made by `hlmteach deal`?
    """
    found = []
    for attempt in submission.attempts:
        if not attempt.unreadable:
            found += _cells(attempt, asked, handed_out)
            found += _origin(attempt, submission, dealt)
    return list(dict.fromkeys(found))


def _cells(attempt: Attempt, asked: list[Question], handed_out: set[str]) -> list[str]:
    about = [q.id for q in asked if q.chapter in attempt.chapters]
    counts = Counter(attempt.checked)
    known = {question.id for question in all_questions(attempt.chapters)}
    sentences = (
        ("Check cells are missing: {}.", [name for name in about if name not in counts]),
        ("Checked more than once: {}.", [name for name, n in counts.items() if n > 1]),
        ("Checks questions that do not exist: {}.", [n for n in counts if n not in known]),
        ("Check cells were changed: {}.", _changed(attempt, handed_out)),
    )
    return [words.format(_list(names)) for words, names in sentences if names]


def _changed(attempt: Attempt, handed_out: set[str]) -> list[str]:
    given = {found[1]: line for line in handed_out if (found := _CHECK.search(line))}
    there = set(attempt.lines)
    return [
        name
        for name in dict.fromkeys(attempt.checked)
        if given.get(name, "") not in there and name in given
    ]


def _list(names: list[str]) -> str:
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(name[:60] for name in names[:6]) + more


def _origin(attempt: Attempt, submission: Submission, dealt: bool) -> list[str]:
    """Was the notebook dealt to somebody else, or to nobody?"""
    student = attempt.dealt.get("student")
    if not isinstance(student, str):
        return ["It is no notebook that `hlmteach deal` made."] if dealt else []
    if normalise(student) not in submission.student.aliases:
        return [f"The notebook was dealt to {student[:80]}."]
    return []


def mostly_dealt(submissions: list[Submission]) -> bool:
    """Does more than half of the class work on notebooks that were dealt?"""
    marks = [bool(a.dealt.get("student")) for s in submissions for a in s.attempts]
    return 2 * sum(marks) > len(marks)
