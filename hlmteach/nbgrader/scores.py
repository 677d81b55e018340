"""Scores: every score of a submission set anew, from evidence that is judged in this process."""

from typing import Any

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from hlmteach.questions import Question
from hlmteach.questions.judge import judge
from hlmteach.questions.verdict import Verdict

from .execution import KEY, Run
from .names import question_of


class ScoreEvidence(NbGraderPreprocessor):
    """Stands where nbgrader has SaveAutoGrades, which takes a cell's outputs for its score.

    Whose data it has to be about is said by the folder of the submission and by nothing in it.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        about, run = resources["nbgrader"], resources[KEY]
        cells = {c.metadata.nbgrader.grade_id: c for c in nb.cells if "nbgrader" in c.metadata}
        with Gradebook(about["db_url"]) as gradebook:
            submitted = gradebook.find_submission_notebook(
                about["notebook"], about["assignment"], about["student"]
            )
            for grade in submitted.grades:
                score = _score(question_of(grade.name), cells.get(grade.name), run, about)
                grade.auto_score = None if score is None else score * grade.max_score
                # As in nbgrader: what a person gave an earlier attempt is looked at again.
                grade.needs_manual_grade = score is None or grade.manual_score is not None
            for comment in submitted.comments:
                said = _comment(question_of(comment.name), cells.get(comment.name), run, about)
                comment.auto_comment = said
            gradebook.db.commit()
        return nb, resources


def _score(
    question: Question | None, cell: NotebookNode | None, run: Run, about: dict[str, str]
) -> float | None:
    """Share of the points; None where a person has to look."""
    if question is None or question.kind == "text":
        return _by_hand(question, cell, run)
    verdict = _verdict(question, run, about)
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


def _verdict(question: Question, run: Run, about: dict[str, str]) -> Verdict | None:
    evidence = run.answers.get(question.id)
    return judge(question, evidence, about["student"]) if evidence else None


def _comment(
    question: Question | None, cell: NotebookNode | None, run: Run, about: dict[str, str]
) -> str | None:
    """What the feedback says about a question; never the right answer."""
    if question is None:
        return None
    if question.kind == "text":
        return plain("What is looked for: " + "; ".join(question.rubric))
    verdict = _verdict(question, run, about)
    if verdict is None:
        return f"No answer was recorded. {run.ended}".strip()
    return plain(f"{verdict.heading}. {verdict.message}")


def plain(text: str) -> str:
    """Text that stays text where nbgrader makes HTML of it.

    Examples
    --------
    >>> plain("a <b>c</b> [d](javascript:e)")
    'a ‹b›c‹/b› [d] (javascript:e)'
    """
    return text.replace("<", "‹").replace(">", "›").replace("](", "] (")
