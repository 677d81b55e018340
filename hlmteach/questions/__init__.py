"""Questions that know the mistake: data for each student, the right answer, the wrong ones."""

from .question import Misconception, Question, question
from .registry import QuestionNotFound, all_questions, chapters, get

__all__ = ["Misconception", "Question", "QuestionNotFound", "all_questions", "chapters"]
__all__ += ["get", "question"]
