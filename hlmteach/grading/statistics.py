"""Statistics: how the class did, question by question."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from hlmteach.questions import Question

from .entry import Entry

EASY, HARD = 0.95, 0.30  # shares of right answers
FEW = 8  # answers below which nothing is said about a question
ALONG = 0.1  # correlation with the rest of the marks below which a question is odd


@dataclass(frozen=True)
class Item:
    """How the class did on one question.

    Attributes
    ----------
    question : the question
    answered : how many answered it, of those who handed something in
    handed_in : how many handed something in
    share : mean share of the points, over those who handed something in; None before marking
    along : correlation with the rest of the marks; None where it cannot be told
    mistakes : (id, message, number of students), the commonest first
    unknown : wrong answers that are no known mistake
    """

    question: Question
    answered: int
    handed_in: int
    share: float | None
    along: float | None
    mistakes: list[tuple[str, str, int]]
    unknown: int

    @property
    def remark(self) -> str:
        """What the numbers suggest; "" if nothing."""
        if self.share is None or self.handed_in < FEW:
            return ""
        if self.share >= EASY:
            return "too easy?"
        if self.share <= HARD:
            return "too hard?"
        if self.along is not None and self.along < ALONG:
            return "odd: the rest of the marks does not go with it"
        return ""


def items(entries: list[Entry]) -> list[Item]:
    """One Item a question, over the students who handed something in."""
    there = [entry for entry in entries if entry.used]
    if not there:
        return []
    return [_item(there, number) for number in range(len(there[0].answers))]


def _item(entries: list[Entry], number: int) -> Item:
    answers = [entry.answers[number] for entry in entries]
    question = answers[0].question
    marked = [a.points / a.of for a in answers if a.points is not None and a.of]
    waiting = any(a.points is None for a in answers)
    mistakes: Counter[str] = Counter(m for a in answers for m in a.record.get("diagnosis", []))
    messages = {m: a.record["message"] for a in answers for m in a.record.get("diagnosis", [])}
    common = sorted(mistakes.items(), key=lambda pair: (-pair[1], pair[0]))
    return Item(
        question,
        sum(a.status not in ("none", "unreadable") for a in answers),
        len(entries),
        None if waiting or not marked else float(np.mean(marked)),
        None if waiting else _along(entries, number),
        [(name, messages[name], count) for name, count in common],
        sum(a.status == "unknown" for a in answers),
    )


def _along(entries: list[Entry], number: int) -> float | None:
    """Correlation of a question's points with the sum of the others'."""
    points = np.array([[a.points or 0.0 for a in entry.answers] for entry in entries])
    own, rest = points[:, number], points.sum(axis=1) - points[:, number]
    if len(own) < FEW or own.std() < 1e-9 or rest.std() < 1e-9:
        return None
    return round(float(np.corrcoef(own, rest)[0, 1]), 2)


def common_mistakes(found: list[Item], most: int = 10) -> list[tuple[Question, str, str, int]]:
    """(question, mistake, message, students) over all questions, the commonest first."""
    rows = [(i.question, name, text, n) for i in found for name, text, n in i.mistakes]
    return sorted(rows, key=lambda row: (-row[3], row[0].id, row[1]))[:most]
