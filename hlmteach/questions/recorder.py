"""Recorder: where answers are recorded for marking, and not judged on the spot.

Two occasions: a learner works on a notebook that was dealt to them, with data that follow from the
instructor's secret; and the grader runs a notebook again. The reply is the same for every answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .cases import adopt
from .evidence import MIME, Evidence
from .parcel import Parcel
from .question import Question
from .verdict import panel


@dataclass(eq=False)
class Recorder:
    """Serves the data of a parcel and records answers.

    Attributes
    ----------
    parcel : the data
    sink : called with each Evidence; None where the notebook's outputs are record enough
    locked : True while grading: then the notebook cannot choose another student or other data
    named : called with each student id that the notebook says
    """

    parcel: Parcel
    sink: Callable[[Evidence], None] | None = None
    locked: bool = False
    named: Callable[[str], None] | None = None

    @property
    def judged(self) -> bool:
        """Were the data dealt for practice, so that answers are judged on the spot after all?"""
        return self.parcel.judged and not self.locked

    def check(self, question: str, value: Any) -> "Receipt":
        """Record an answer."""
        evidence = Evidence.of(str(question).strip().lower(), value)
        if self.sink:
            self.sink(evidence)
        known = evidence.question in self.parcel.datasets
        return Receipt(evidence, known)


@dataclass(frozen=True)
class Receipt:
    """The reply to a recorded answer: the same whatever it was."""

    evidence: Evidence
    known: bool = True
    status = "recorded"
    correct = None
    points = 0
    diagnosis = ()

    @property
    def heading(self) -> str:
        return f"Recorded ({self.evidence.question})"

    @property
    def message(self) -> str:
        if not self.known:
            return "No question of this notebook is called so; check the id."
        if self.evidence.value == {"seen": "dots"}:
            return "The dots `...` are still there: that is no answer yet."
        return "It is marked after you have handed in the notebook. The last answer counts."

    def __str__(self) -> str:
        return f"{self.heading}\n{self.message}"

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        html = panel(self.heading, [self.message])
        return {"text/plain": str(self), "text/html": html, MIME: self.evidence.as_json()}


_current: list[Recorder] = []


def current() -> Recorder | None:
    """The recorder at work, if any."""
    return _current[-1] if _current else None


def judging() -> bool:
    """Are answers judged on the spot here?"""
    return current() is None or current().judged


_DEALT = "\0dealt"  # stands where a secret stands, for data whose secret is not known here


def stand_in(question: Question) -> str:
    """What to give the judge for a secret: with dealt data, a word under which it finds them."""
    if current() is None or question.recipe is None or question.id not in current().parcel.datasets:
        return ""
    adopt(question, current().parcel.student, current().parcel.data(question.id), _DEALT)
    return _DEALT


def install(recorder: Recorder) -> bool:
    """Put a recorder to work; False where a locked one is at work already."""
    if _current and _current[-1].locked:
        return False
    _current[:] = [recorder]
    return True


def remove() -> None:
    """Go back to judging on the spot."""
    _current.clear()
