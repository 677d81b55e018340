"""Scores: every score of a submission set anew, from evidence that is judged in this process."""

import hashlib
import re
from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Comment, Grade, Gradebook

from hlmteach.questions import Question
from hlmteach.questions.judge import judge
from hlmteach.questions.verdict import Verdict

from .execution import KEY, Run
from .names import ANSWER, question_of
from .step import Step, about

# Markdown does not show it: the definition of a link that leads nowhere.
_SIGNED = "{}\n\n[answer]: #{}"
_SIGNATURE = re.compile(r"\n\n\[answer\]: #([0-9a-f]{8})\Z")


class ScoreEvidence(Step):
    """Stands where nbgrader has SaveAutoGrades, which takes a cell's outputs for its score.

    Whose data it has to be about is said by the folder of the submission and by nothing in it.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        whose, self.run, self._secret = about(resources), resources[KEY], self.secret()
        self._student, notes = whose["student"], []
        cells = {c.metadata.nbgrader.grade_id: c for c in nb.cells if "nbgrader" in c.metadata}
        with Gradebook(whose["db_url"]) as gradebook:
            submitted = gradebook.find_submission_notebook(
                whose["notebook"], whose["assignment"], whose["student"]
            )
            comments = {comment.name: comment for comment in submitted.comments}
            for grade in submitted.grades:
                comment = comments.get(grade.name) or comments.get(grade.name + ANSWER)
                notes += self._grade(grade, comment, cells.get(grade.name))
            gradebook.db.commit()
        self.note(whose, f"scores of {whose['notebook']}", notes)
        return nb, resources

    def _grade(self, grade: Grade, comment: Comment | None, cell: NotebookNode | None) -> list[str]:
        """Set a score and what the feedback says of it; what became of a person's mark."""
        question = question_of(grade.name)
        verdict = self._verdict(question)
        score = _score(question, verdict, cell, self.run)
        grade.auto_score = None if score is None else score * grade.max_score
        notes = []
        if comment is not None:
            answer = _digest(question, cell, self.run)
            if _answer(comment) not in (None, answer):
                notes = _withdraw(grade, comment)
            said = _said(question, verdict, self.run)
            comment.auto_comment = _SIGNED.format(said, answer)
        # As in nbgrader: a person looks again at what a person gave an earlier run.
        grade.needs_manual_grade = score is None or grade.manual_score is not None
        return notes

    def _verdict(self, question: Question | None) -> Verdict | None:
        evidence = self.run.answers.get(question.id) if question else None
        return judge(question, evidence, self._student, self._secret) if evidence else None


def _score(
    question: Question | None, verdict: Verdict | None, cell: NotebookNode | None, run: Run
) -> float | None:
    """Share of the points; None where a person has to look."""
    if question is None or question.kind == "text":
        return _by_hand(question, cell, run)
    if verdict is None:
        return 0.0
    return None if verdict.status == "fault" else verdict.points / verdict.of


def _by_hand(question: Question | None, cell: NotebookNode | None, run: Run) -> float | None:
    """Nothing if the cell is as it was dealt; else a person looks."""
    given = run.answers.get(question.id) if question else None
    if given is not None and given.kind == "typed" and given.value.strip():
        return None
    untouched = cell is None or (
        not utils.is_locked(cell)
        and cell.metadata.nbgrader.checksum == utils.compute_checksum(cell)
    )
    return 0.0 if untouched else None


def _said(question: Question | None, verdict: Verdict | None, run: Run) -> str:
    """What the feedback says about a question; never the right answer."""
    if question is None:
        return "A person marks this."
    if question.kind == "text":
        return plain("What is looked for: " + "; ".join(question.rubric))
    if verdict is None:
        return f"No answer was recorded. {run.ended}".strip()
    return plain(f"{verdict.heading}. {verdict.message}")


# ----------------------------------------------------------------- a person's mark for an answer


def _digest(question: Question | None, cell: NotebookNode | None, run: Run) -> str:
    """Letters that change with the answer that a person marks."""
    given = run.answers.get(question.id) if question else None
    source = cell.source if cell is not None else ""
    text = (given.to_json() if given else "") + "\0" + source
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def _answer(comment: Comment) -> str | None:
    """The letters of the answer that was there the last time."""
    found = _SIGNATURE.search(comment.auto_comment or "")
    return found[1] if found else None


def _withdraw(grade: Grade, comment: Comment) -> list[str]:
    """Take out what a person gave for another answer than the one that is there now."""
    if grade.manual_score is None and not grade.extra_credit:
        return []
    given = f"{grade.manual_score or 0:g} + {grade.extra_credit or 0:g}".removesuffix(" + 0")
    said = f" and the comment {comment.manual_comment!r}" if comment.manual_comment else ""
    grade.manual_score, grade.extra_credit, comment.manual_comment = None, None, None
    what = f"{given} points{said}"
    return [f"{grade.name} has another answer now; what was given for the old one is out: {what}"]


def plain(text: str) -> str:
    """Text that stays text where nbgrader makes HTML of it.

    Examples
    --------
    >>> plain("a <b>c</b> [d](javascript:e)")
    'a ‹b›c‹/b› [d] (javascript:e)'
    """
    return text.replace("<", "‹").replace(">", "›").replace("](", "] (")
