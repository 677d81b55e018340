import ast

import pytest
from tiny_course import CHECKED, write

from hlmteach import exercises
from hlmteach.cli import main


@pytest.fixture
def course(tmp_path):
    write(tmp_path, CHECKED, "ch98_tiny")
    (tmp_path / "course.py").write_text("")
    return tmp_path


def new(course, *words):
    return main(["new", "question", *words, "--root", str(course)])


def test_a_question_is_begun_in_both_files(course, capsys):
    assert new(course, "ch98.desk-slope") == 0
    module = (course / "hlmteach" / "questions" / "ch98_tiny.py").read_text()
    assert '"ch98.desk-slope"' in module and "@desk_slope.misconception" in module
    ast.parse(module)
    page = course / "solutions" / "ch98_tiny.md"
    assert 'hlm.check("ch98.desk-slope", desk_slope)' in page.read_text()
    assert "desk_slope = ..." in exercises.make(page).cells[-1].source
    assert "hlmteach build --tidy ch98_tiny" in capsys.readouterr().out


def test_a_second_question_is_added_behind_the_first(course):
    new(course, "ch98.one")
    new(course, "ch98.two", "--kind", "count")
    module = (course / "hlmteach" / "questions" / "ch98_tiny.py").read_text()
    assert module.index('"ch98.one"') < module.index('"ch98.two"')
    assert module.count("from .question import question") == 1 and 'kind="count"' in module
    assert len(exercises.make(course / "solutions" / "ch98_tiny.md").cells) == 7


@pytest.mark.parametrize(
    ("id", "says"),
    [
        ("desk", "must look like 'ch05.desk-slope'"),
        ("ch98.Desk", "must look like 'ch05.desk-slope'"),
        ("ch97.desk", "there is no chapter 'ch97'; there are: ch98_tiny"),
        ("ch04.icc", "there is no chapter 'ch04'"),
    ],
)
def test_an_id_that_cannot_be_used_is_explained(course, capsys, id, says):
    assert new(course, id) == 2
    assert says in capsys.readouterr().err


def test_a_question_that_exists_is_left_alone(course, capsys):
    write(course, CHECKED, "ch04_icc")
    assert new(course, "ch04.icc") == 2
    assert "there is a question 'ch04.icc' already" in capsys.readouterr().err
    assert not (course / "solutions" / "ch04_icc.md").exists()
