import pytest
from tiny_course import code, write

from hlmteach import notebook
from hlmteach.nbgrader import source
from hlmteach.nbgrader.names import question_of
from hlmteach.questions import all_questions

CHAPTERS = sorted({question.chapter for question in all_questions()})


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_question_has_a_cell_with_its_points(root, chapter):
    (path,) = (root / "solutions").glob(f"{chapter}_*.md")
    cells = [c.metadata.nbgrader for c in source.make(path).cells if "nbgrader" in c.metadata]
    graded = {question_of(one.grade_id).id: one for one in cells if one.grade}
    asked = {question.id: question for question in all_questions() if question.chapter == chapter}
    assert set(graded) == set(asked)
    for name, question in asked.items():
        by_hand = question.kind == "text"
        assert graded[name].points == question.points
        assert (graded[name].solution, graded[name].locked) == (by_hand, not by_hand)
    assert len({one.grade_id for one in cells}) == len(cells)


def test_the_exercises_of_the_course_are_free_of_it(root):
    for path in (root / "exercises").glob("*.ipynb"):
        assert '"nbgrader"' not in path.read_text("utf-8")


def test_a_notebook_that_does_not_ask_who_it_is_is_refused(tmp_path):
    path = write(tmp_path, code("1", notebook.CHECKED), "ch00_tiny")
    with pytest.raises(ValueError, match=r"ch00_tiny.md has no cell with `hlm.student\(\)`"):
        source.make(path)
