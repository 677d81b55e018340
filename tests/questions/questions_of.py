"""The questions of the course, and which share a data set."""

from hlmteach.questions import all_questions

# Those of chapter 99 are made up by other tests and examples.
QUESTIONS = [question for question in all_questions() if question.chapter != "ch99"]
DATASETS: dict[str, list] = {}
for _question in QUESTIONS:
    DATASETS.setdefault(_question.dataset, []).append(_question)
