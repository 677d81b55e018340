import nbformat
import pytest
from tiny_course import CHECKED, HEADER, code, write

from hlmteach import build, exercises
from hlmteach.cli import main
from hlmteach.exercises import stub

BLOCK = "### BEGIN SOLUTION\n{}\n### END SOLUTION"


def test_a_name_that_is_checked_afterwards_becomes_dots():
    cell = BLOCK.format("fit = 1\nicc = fit / 2") + '\nhlm.check("x", icc)'
    assert stub(cell) == 'icc = ...\nhlm.check("x", icc)'


def test_a_name_that_a_later_cell_uses_becomes_dots():
    assert stub(BLOCK.format("fit = 1"), ["print(fit)"]) == "fit = ..."


def test_a_name_that_only_another_solution_uses_does_not():
    assert stub(BLOCK.format("fit = 1"), [BLOCK.format("print(fit)")]) == "..."


def test_several_blocks_and_their_indent():
    cell = "if True:\n    ### BEGIN SOLUTION\n    a = 1\n    ### END SOLUTION\n" + BLOCK.format(
        "b = 2"
    )
    assert stub(cell + "\nprint(a, b)") == "if True:\n    a = ...\nb = ...\nprint(a, b)"


def test_two_names_at_once():
    assert stub(BLOCK.format("a, b = 1, 2") + "\nprint(b, a)") == "a = ...\nb = ...\nprint(b, a)"


def test_a_cell_without_a_solution_stays_as_it_is():
    assert stub("%matplotlib inline\nx = 1") == "%matplotlib inline\nx = 1"


@pytest.mark.parametrize("open_", ["### BEGIN SOLUTION\nx = 1", "x = 1\n### END SOLUTION"])
def test_an_open_block_is_refused(open_):
    with pytest.raises(ValueError, match="A solution block is left open in the cell"):
        stub(open_)


@pytest.fixture
def course(tmp_path):
    write(tmp_path, CHECKED, "ch98_tiny")
    page = tmp_path / "solutions" / "ch98_tiny.md"
    page.parent.mkdir()
    secret = '+++ {"tags": ["solution"]}\n\nThe answer is two.\n\n+++\n\nThink.\n\n'
    cell = code(BLOCK.format("two = 1 + 1") + "\ntwo")
    tagged = code("two * 2", "solution, nbval-check-output")
    page.write_text(HEADER + secret + cell + "\n" + tagged, encoding="utf-8")
    return tmp_path


def test_build_makes_the_solution_with_outputs_and_the_exercise_without(course, capsys):
    assert main(["build", "ch98", "--tidy", "--root", str(course), "--jobs", "1"]) == 0
    assert "exercises/ch98_tiny.ipynb made" in capsys.readouterr().out
    solved = nbformat.read(course / "solutions" / "ch98_tiny.ipynb", as_version=4)
    assert [c.outputs[0].data["text/plain"] for c in solved.cells if c.cell_type == "code"] == [
        "2",
        "4",
    ]
    unsolved = nbformat.read(course / "exercises" / "ch98_tiny.ipynb", as_version=4)
    nbformat.validate(unsolved)
    assert "generated from `solutions/ch98_tiny.md`" in unsolved.cells[0].source
    assert [cell.source for cell in unsolved.cells[1:]] == ["Think.", "two = ...\ntwo"]
    assert unsolved.cells[-1].outputs == []


def test_making_it_again_changes_nothing_and_an_edit_is_undone(course):
    page = course / "solutions" / "ch98_tiny.md"
    assert exercises.write(page) and not exercises.write(page)
    path = exercises.exercise_path(page)
    path.write_text(path.read_text().replace("Think", "Drink"))
    assert not exercises.is_current(page)
    assert exercises.write(page) and exercises.is_current(page)


def test_check_names_an_exercise_that_is_not_of_its_solution(course):
    page = course / "solutions" / "ch98_tiny.md"
    main(["build", "ch98", "--tidy", "--root", str(course), "--jobs", "1"])
    assert build.check(page, course) == []
    exercises.exercise_path(page).unlink()
    assert "the exercise is missing or not of this solution" in build.check(page, course)[0]
