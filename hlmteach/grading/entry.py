"""Entry: what a student gets, from the result of the submission, the policy and human marks."""

from dataclasses import dataclass, field
from typing import Any

from hlmteach.questions import Question

from .policy import Policy
from .roster import Student
from .sheet import Sheet, answer_id
from .submissions import Attempt, Submission

WORDS = {
    "timeout": "stopped: it took too long",
    "memory": "stopped: it took too much memory",
    "crashed": "stopped: its program ended early",
    "output": "stopped: it wrote too much",
    "failed": "failed: grade again",
}


@dataclass(frozen=True)
class Answer:
    """One question of one student.

    Attributes
    ----------
    question : the question
    points : earned; None where a person still has to mark it, or it could not be judged
    of : to be had
    record : what `marking` stored about the answer; empty where there is none
    comment : a person's
    """

    question: Question
    points: float | None
    of: float
    record: dict[str, Any] = field(default_factory=dict)
    comment: str = ""

    @property
    def status(self) -> str:
        return self.record.get("status", "none")


@dataclass
class Entry:
    """A row of the gradebook.

    Attributes
    ----------
    student : of the roster
    answers : one for each question that counts
    total, of : points earned after what is taken off for lateness, and points to be had
    days_late : of the notebook that counts, the latest one where these are several
    status : "graded", "missing", or what keeps it from being so
    used : the notebooks that count, as `marking` stored them
    notes : what a person may want to look at
    """

    student: Student
    answers: list[Answer]
    total: float
    of: float
    days_late: int = 0
    status: str = "graded"
    used: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def enter(
    submission: Submission,
    result: dict[str, Any] | None,
    questions: list[Question],
    policy: Policy,
    sheet: Sheet,
) -> Entry:
    """Work out a student's row.

    Parameters
    ----------
    submission : what was handed in
    result : what the store has about it; None if it was not graded yet
    questions : those that count, in order
    policy, sheet : what counts how much, and the human marks
    """
    student = submission.student
    records = result["attempts"] if result else []
    tried = list(zip(submission.attempts, records, strict=False))
    chapters = list(dict.fromkeys(question.chapter for question in questions))
    chosen = {c: _choose(student, c, tried, questions, policy, sheet) for c in chapters}
    answers, earned = [], 0.0
    for question in questions:
        attempt, record = chosen[question.chapter]
        answer = _answer(student, question, record, policy, sheet)
        answers.append(answer)
        earned += (answer.points or 0.0) * _share(student, attempt, policy)
    late = [policy.days_late(student.id, a.time) for a, _ in chosen.values() if a]
    used = [record for record in _distinct(chosen.values()) if record]
    return Entry(
        student,
        answers,
        round(earned, 2),
        round(sum(a.of for a in answers if a.question.id not in policy.bonus), 2),
        max(late, default=0),
        _status(submission, result, used, answers),
        used,
        _notes(submission, tried, used),
    )


Tried = tuple[Attempt, dict[str, Any]]


def _choose(
    student: Student,
    chapter: str,
    tried: list[Tried],
    questions: list[Question],
    policy: Policy,
    sheet: Sheet,
) -> tuple[Attempt | None, dict[str, Any]]:
    """The notebook that counts for a chapter: the last, or the best, of those that are about it.

    One that cannot be read, or checks nothing, takes no mark away that another one earned.
    """
    about = [t for t in tried if _about(t, chapter)]
    about = about or [t for t in tried if not t[0].unreadable] or tried
    if not about:
        return None, {}
    if policy.keep == "last":
        return about[-1]
    mine = [question for question in questions if question.chapter == chapter]

    def worth(one: Tried) -> float:
        answers = [_answer(student, question, one[1], policy, sheet) for question in mine]
        return sum(a.points or 0.0 for a in answers) * _share(student, one[0], policy)

    return max(reversed(about), key=worth)


def _about(one: Tried, chapter: str) -> bool:
    attempt, record = one
    answered = any(name.startswith(f"{chapter}.") for name in record["answers"])
    return answered or chapter in attempt.chapters


def _distinct(chosen: Any) -> list[dict[str, Any]]:
    return list({id(record): record for _, record in chosen}.values())


def _share(student: Student, attempt: Attempt | None, policy: Policy) -> float:
    return policy.share(policy.days_late(student.id, attempt.time)) if attempt else 1.0


def _answer(
    student: Student, question: Question, record: dict[str, Any], policy: Policy, sheet: Sheet
) -> Answer:
    found = record.get("answers", {}).get(question.id, {})
    of = float(policy.points.get(question.id, question.points))
    if not found:
        return Answer(question, 0.0, of)
    if found["status"] == "recorded":
        mark = sheet.marks.get(answer_id(student.key, question.id, found.get("text", "")))
        return Answer(question, mark and mark.points, of, found, mark.comment if mark else "")
    if found["status"] == "fault":
        return Answer(question, None, of, found)
    share = policy.nearly if found["status"] == "coarse" else found["share"]
    return Answer(question, round(share * of, 4), of, found)


def _status(
    submission: Submission,
    result: dict[str, Any] | None,
    used: list[dict[str, Any]],
    answers: list[Answer],
) -> str:
    if not submission.attempts:
        others = ", ".join(submission.others[:3])
        return f"no notebook, only {others}" if others else "missing"
    if result is None:
        return "not graded yet"
    words = [WORDS[record["status"]] for record in used if record["status"] in WORDS]
    words += [f"unreadable: {r['why']}" for r in used if r["status"] == "unreadable"]
    to_mark = sum(a.points is None and a.status == "recorded" for a in answers)
    faults = [a.question.id for a in answers if a.status == "fault"]
    words += [f"{to_mark} to mark"] if to_mark else []
    words += [f"the course's fault in {', '.join(faults)}"] if faults else []
    return "; ".join(dict.fromkeys(words)) or "graded"


def _notes(submission: Submission, tried: list[Tried], used: list[dict[str, Any]]) -> list[str]:
    notes = list(submission.notes)
    several = len(submission.attempts) > 1
    if several:
        names = ", ".join(record["file"] for record in used)
        notes.append(f"{len(submission.attempts)} notebooks were handed in; counted: {names}.")
    for attempt, record in tried:
        prefix = f"{record['file']}: " if several else ""
        unreadable = [f"It cannot be read: {record['why']}."] if attempt.unreadable else []
        mine = [*unreadable, *attempt.oddities, *record["notes"]]
        notes += [f"{prefix}{note}" for note in mine]
    return list(dict.fromkeys(notes))
