"""Marking one submission: run each notebook in the sandbox, judge what it emitted.

The sandbox gets the code cells and the student's data. Truth is computed here, from the student's
id in the roster, whatever the notebook says about itself.
"""

import re
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from hlmteach.questions import Question, all_questions
from hlmteach.questions.cases import Case, case
from hlmteach.questions.evidence import Evidence
from hlmteach.questions.judge import judge
from hlmteach.questions.parcel import pack
from hlmteach.questions.students import normalise

from . import paper as papers
from .pile import CannotRead, File
from .results import Setup

LONGEST_LOG = 4_000
MOST_PICTURES = 4
LARGEST_PICTURE = 150_000  # bytes
_NO_MODULE = re.compile(r"No module named '([A-Za-z_][\w.]{0,60})'")


@dataclass(frozen=True)
class Job:
    """One student's notebooks, to be marked.

    Attributes
    ----------
    aliases : the id in the roster, and further names of the same person
    files : the notebooks with their digests; "" marks one that could not be read, with the reason
    """

    aliases: tuple[str, ...]
    files: tuple[tuple[File, str, str], ...]
    setup: Setup


def mark(job: Job) -> list[dict[str, Any]]:
    """What came of each notebook, as plain JSON."""
    return [_mark_file(job, *one) for one in job.files]


def _mark_file(job: Job, file: File, digest: str, unreadable: str) -> dict[str, Any]:
    if unreadable:
        return blank(file.name, "unreadable", unreadable)
    try:
        paper = papers.read(file.read())
    except (CannotRead, papers.Unreadable) as error:
        return blank(file.name, "failed", f"it could be read before, and now {error}")
    if paper.digest != digest:
        return blank(file.name, "failed", "it changed while it was being graded; grade again")
    return _mark_paper(job, file, paper)


def blank(name: str, status: str, why: str) -> dict[str, Any]:
    """The record of a notebook that gave nothing."""
    return {"file": name, "status": status, "why": why, "answers": {}, "notes": [], "log": ""}


def _mark_paper(job: Job, file: File, paper: papers.Paper) -> dict[str, Any]:
    from hlmteach.sandbox import Limits, run

    setup = job.setup
    student = alias(job.aliases, paper.named)
    limits = {name: type(getattr(Limits(), name))(v) for name, v in setup.limits.items()}
    outcome = run(
        paper.cells,
        student,
        limits=Limits(**limits),
        secret_data=pack(student, setup.chapters, setup.secret).encode(),
        sandbox=setup.sandbox,
    )
    record = blank(file.name, outcome.status, outcome.reason)
    asked = all_questions(setup.chapters)
    for question in asked:
        if evidence := outcome.answers.get(question.id):
            record["answers"][question.id] = _judged(question, evidence, student, setup.secret)
    record["notes"] = _notes(outcome, asked, job.aliases)
    record["log"] = outcome.log[:LONGEST_LOG]
    record["errors"] = [asdict(error) for error in outcome.cell_errors[:20]]
    record["pictures"] = _pictures(outcome.figures)
    record["truth"] = _truth(asked, student, setup.secret)
    record["school_means"] = _school_means(asked, student, setup.secret)
    return record


def alias(aliases: tuple[str, ...], named: list[str]) -> str:
    """Under which of the student's own names the notebook works; the roster's id by default."""
    mine = [normalise(name) for name in named if normalise(name) in aliases]
    return mine[-1] if mine else aliases[0]


def _judged(question: Question, evidence: Evidence, student: str, secret: str) -> dict[str, Any]:
    """The verdict as plain JSON, with what the student gave."""
    verdict = judge(question, evidence, student, secret)
    record = {
        "status": verdict.status,
        "correct": verdict.correct,
        "share": verdict.points / verdict.of if verdict.of else 0.0,
        "diagnosis": list(verdict.diagnosis),
        "message": verdict.message,
        "given": given(evidence),
    }
    if question.kind == "text" and evidence.kind == "typed":
        record["text"] = evidence.value
    return record


def given(evidence: Evidence) -> str:
    """The answer in a few words, for people.

    Examples
    --------
    >>> given(Evidence.of("ch04.icc", 0.25))
    '0.25'
    """
    value = evidence.value
    if evidence.kind == "typed":
        return value if len(value) <= 200 else value[:199] + "…"
    if evidence.kind == "model":
        how = {"lmer": "hlm.lmer", "mixedlm": "statsmodels", "ols": "ordinary regression"}
        engine = how.get(str(value.get("engine")), "a model")
        return f"a fitted model: {str(value.get('formula'))[:160]} ({engine})"
    if evidence.kind == "table":
        return f"a table of {value.get('n', '?')} rows"
    seen = {"dots": "nothing: the dots are still there", "none": "None", "nan": "no number (NaN)"}
    return seen.get(str(value.get("seen")), f"something else ({str(value.get('type', ''))[:60]})")


def _notes(outcome: Any, asked: list[Question], aliases: tuple[str, ...]) -> list[str]:
    """What the run showed that a person may want to look at."""
    known = {question.id for question in asked}
    unknown = sorted({e.question for e in outcome.evidence if e.question not in known})
    notes = [f"Sandbox: {problem}" for problem in outcome.problems]
    notes += [f"It answers {name[:80]!r}, which was not asked." for name in unknown[:5]]
    notes += [
        f"It answers {name} {count} times; the last answer counts."
        for name, count in sorted(outcome.repeated.items())
        if name in known
    ]
    others = [name for name in dict.fromkeys(outcome.named) if name not in aliases]
    notes += [
        f"It says that it is {name[:80]!r}; judged with the student's own data all the same."
        for name in others[:5]
        if name != "guest"
    ]
    return notes + [f"It imports {name}, which is not installed here." for name in _absent(outcome)]


def _absent(outcome: Any) -> list[str]:
    """Packages that the notebook wanted and that are not there."""
    messages = [e.message for e in outcome.cell_errors if e.name == "ModuleNotFoundError"]
    found = [match[1] for message in messages if (match := _NO_MODULE.match(message))]
    return sorted({name.partition(".")[0] for name in found})[:5]


def _pictures(figures: list[tuple[int, bytes]]) -> list[list]:
    """A few small pictures of the student's own, as text."""
    import base64

    small = [(cell, png) for cell, png in figures if len(png) <= LARGEST_PICTURE]
    return [[cell, base64.b64encode(png).decode()] for cell, png in small[:MOST_PICTURES]]


def _truth(asked: list[Question], student: str, secret: str) -> dict[str, float]:
    """Right numbers, by which another student's wrong ones are recognised. Only teachers see it."""
    numbers = [q for q in asked if q.kind == "number" and q.recipe]
    cases = {q.id: _case(q, student, secret) for q in numbers}
    return {name: float(made.answer) for name, made in cases.items() if made}


def _case(question: Question, student: str, secret: str) -> Case | None:
    try:
        return case(question, student, secret)
    except Exception:  # the course's fault, which the judge reports
        return None


def _school_means(asked: list[Question], student: str, secret: str) -> list[float]:
    """Mean of math in each of the student's schools, for a picture of one's own data."""
    for question in asked:
        made = _case(question, student, secret) if question.recipe else None
        data = made.data if made else None
        table = data[0] if isinstance(data, tuple) else data
        if isinstance(table, pd.DataFrame) and {"school_id", "math"} <= set(table.columns):
            return table.groupby("school_id")["math"].mean().dropna().round(1).tolist()
    return []
