"""Verdict: what the judge says, as a record; text and HTML are renderings of it."""

from dataclasses import dataclass, field
from html import escape
from typing import Any

from .evidence import MIME

LABELS = {
    "right": "Right",
    "wrong": "Not yet",
    "unknown": "Not yet",
    "coarse": "Nearly",
    "unreadable": "I cannot read this as an answer",
    "other-data": "Other data",
    "recorded": "Recorded",
    "fault": "The course's fault, not yours",
}
_COLOURS = {"right": "#1b6e3c", "recorded": "#1b6e3c", "fault": "#7a3e9d"}


@dataclass(frozen=True)
class Verdict:
    """The judgement of one answer.

    Attributes
    ----------
    question : id of the question
    status : "right"; "wrong" (a known mistake); "unknown" (none that is known); "coarse" (right or
        wrong cannot be told without more digits); "unreadable"; "other-data"; "recorded" (a person
        marks it); "fault" (the question's own code failed)
    correct : True, False, or None where that is not decided ("coarse", "recorded", "fault")
    points, of : points earned, and points to be had
    diagnosis : ids of the mistakes that give this answer, at most two
    message : what the learner reads
    hint : what to do next
    evidence : what was judged, for a grader who reads the notebook's outputs; None for learners
    """

    question: str
    status: str
    correct: bool | None
    points: float
    of: float
    diagnosis: tuple[str, ...] = ()
    message: str = ""
    hint: str = ""
    evidence: dict[str, Any] | None = field(default=None, compare=False)

    @property
    def label(self) -> str:
        return LABELS[self.status]

    @property
    def heading(self) -> str:
        return f"{self.label} ({self.question}{self._points})"

    @property
    def _points(self) -> str:
        return f", {self.points:g} of {self.of:g} points" if self.correct is not None else ""

    def __str__(self) -> str:
        return "\n".join(part for part in (self.heading, self.message, self.hint) if part)

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {MIME: self.evidence} if self.evidence else {}

    def _repr_html_(self) -> str:
        return panel(self.heading, [self.message, self.hint], _COLOURS.get(self.status, "#8a4b00"))


def panel(heading: str, paragraphs: list[str], colour: str = "#1f4e79") -> str:
    """A box that a screen reader announces; the heading says in words what the colour shows."""
    body = "".join(f"<p>{_code(escape(text))}</p>" for text in paragraphs if text)
    return (
        f'<div role="status" class="hlm-verdict" style="border-left:4px solid {colour};'
        f'padding:0.2em 1em;margin:0.4em 0"><p><strong>{escape(heading)}</strong></p>{body}</div>'
    )


def _code(text: str) -> str:
    """Text between back ticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return text
    return "".join(f"<code>{p}</code>" if k % 2 else p for k, p in enumerate(parts))
