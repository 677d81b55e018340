"""Names: how nbgrader's cells and the course's questions are called."""

import re

from hlmteach.questions import Question, get
from hlmteach.questions.registry import QuestionNotFound

ANSWER = "_answer"  # the cell in front of a check, where the learner works
_CHECK = re.compile(r"(ch\d\d)_([a-z0-9-]+)\Z")


def check_id(question: str) -> str:
    """nbgrader's id of the cell that earns a question's points.

    Examples
    --------
    >>> check_id("ch04.icc"), answer_id("ch04.icc")
    ('ch04_icc', 'ch04_icc_answer')
    """
    return question.replace(".", "_", 1)


def answer_id(question: str) -> str:
    """nbgrader's id of the cell in which the question is answered."""
    return check_id(question) + ANSWER


def question_of(grade_id: str) -> Question | None:
    """The question to which a cell belongs; None for a cell that the teacher added.

    Examples
    --------
    >>> question_of("ch04_icc_answer").id, question_of("my-test")
    ('ch04.icc', None)
    """
    found = _CHECK.match(grade_id.removesuffix(ANSWER))
    try:
        return get(".".join(found.groups())) if found else None
    except QuestionNotFound:
        return None
