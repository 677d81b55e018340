"""Feedback: a page for each student. It names what went wrong and never the right value."""

import base64
import binascii

from hlmteach.sandbox.outcome import is_picture

from .entry import WORDS, Answer, Entry
from .page import bullets, code, page, paragraph, text
from .pictures import school_means
from .policy import Policy

_HEADINGS = {
    "right": "Right",
    "wrong": "Not right",
    "unknown": "Not right",
    "coarse": "Nearly",
    "unreadable": "No answer that can be judged",
    "other-data": "An answer about other data",
    "recorded": "Marked by a person",
    "fault": "The course's fault, not yours",
    "none": "No answer",
}
_LOOKS = {"right": "right", "recorded": "open", "fault": "open", "none": ""}


def feedback(entry: Entry, title: str, policy: Policy, pictures: list[list]) -> str:
    """The page of one student; pictures are pairs of a cell's number and a PNG as text."""
    body = [*_summary(entry, policy)]
    for record in entry.used:
        body += _run(record)
    body += [_answer(answer, policy) for answer in entry.answers]
    means = next((r["school_means"] for r in entry.used if r.get("school_means")), [])
    if means:
        body += ["<h2>Your data</h2>", school_means(means)]
    if pictures:
        body += ["<h2>Your figures</h2>", *map(_picture, pictures)]
    return page(f"{title}: {entry.student.name or entry.student.id}", body)


def _summary(entry: Entry, policy: Policy) -> list[str]:
    name = entry.student
    who = f"{name.name} ({name.id})" if name.name else name.id
    lines = [f"{who}: {entry.total:g} of {entry.of:g} points."]
    if entry.days_late:
        left = policy.share(entry.days_late)
        lines.append(
            f"Handed in late, {entry.days_late} day(s) begun: {left:.0%} of the points count."
        )
    if any(a.points is None for a in entry.answers):
        lines.append("Not final: an answer of yours is still to be marked.")
    if not entry.used:
        lines.append(f"Nothing could be graded: {entry.status}.")
    return [paragraph(line) for line in lines]


def _run(record: dict) -> list[str]:
    """What happened when the notebook was run from top to bottom."""
    parts = []
    if record["status"] == "unreadable":
        name = record["file"].rpartition("/")[2]
        parts.append(paragraph(f"Your file {name} cannot be read: {record['why']}."))
    elif record["status"] in WORDS:
        words = WORDS[record["status"]]
        parts.append(
            paragraph(
                f"Your notebook was run from top to bottom and {words}. What it had answered "
                "up to there was counted."
            )
        )
    if record["log"]:
        words = "When your notebook was run from top to bottom, it said (code cells are counted):"
        parts.append(paragraph(words))
        parts.append(f"<pre>{text(record['log'])}</pre>")
    return ["<h2>The run</h2>", *parts] if parts else []


def _answer(answer: Answer, policy: Policy) -> str:
    question = answer.question
    worth = [f"{answer.points:g} of {answer.of:g}" if answer.points is not None else "still open"]
    worth += ["bonus"] if question.id in policy.bonus else []
    look = _LOOKS.get(answer.status, "wrong")
    heading = f"{_HEADINGS[answer.status]}: {question.id} ({', '.join(worth)})"
    parts = [f'<section class="{look}"><h2>{text(heading)}</h2>', paragraph(question.prompt)]
    if question.choices:
        parts.append(bullets([f"{key}: {option}" for key, option in question.choices.items()]))
    if answer.record:
        given = answer.record.get("text") or answer.record["given"]
        parts.append(f'<p>Your answer: <span class="answer">{text(given)}</span></p>')
    parts += _reply(answer)
    return "\n".join([*filter(None, parts), "</section>"])


def _reply(answer: Answer) -> list[str]:
    question = answer.question
    if answer.status == "recorded":
        looked_for = ["<p>What is looked for:</p>", bullets(list(question.rubric))]
        comment = [f"<p>Comment: {text(answer.comment)}</p>"] if answer.comment else []
        return [*looked_for, *comment]
    parts = [f"<p>{code(answer.record['message'])}</p>"] if answer.record else []
    if answer.status in ("wrong", "unknown", "coarse", "unreadable", "other-data", "none"):
        # The last hint is nearly the answer: it stays for those who ask for it.
        parts += ["<p>Hints:</p>", bullets(list(question.hints[:2]))]
    return parts


def _picture(picture: list) -> str:
    """A PNG of the student's own; anything else is left out."""
    cell, encoded = picture
    try:
        png = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return ""
    if not is_picture(png):
        return ""
    alt = f"A figure that your notebook drew in code cell {int(cell)}"
    source = base64.b64encode(png).decode()
    return f'<figure><img alt="{alt}" src="data:image/png;base64,{source}"></figure>'
