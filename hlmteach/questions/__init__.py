"""Questions that know the mistake: data for each student, the right answer, the wrong ones."""

from .question import Misconception, Question, question
from .registry import QuestionNotFound, all_questions, get

__all__ = ["Misconception", "Question", "QuestionNotFound", "all_questions", "get", "question"]
