import copy

import nbformat
import pytest

from hlmteach.book import exercise_pages
from hlmteach.questions import get

v4 = nbformat.v4
SOLVED = '### BEGIN SOLUTION\nicc = 0.2\n### END SOLUTION\nhlm.check("ch04.icc", icc)'
OPTIONS = "\n".join(f"- **{key}** option" for key in get("ch03.printout").choices)
CHOSEN = '### BEGIN SOLUTION\nkey = "d"\n### END SOLUTION\nhlm.check("ch03.printout", key)'


@pytest.fixture
def solved():
    """A notebook like those in solutions/, with what it shows."""
    shown = v4.new_output("stream", text="Right.")
    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell(
                "# Exercises 4 · The ICC\n\n*About 40 minutes. Read chapter 4 first.*"
            ),
            v4.new_code_cell("import hlmteach as hlm"),
            v4.new_markdown_cell("**1.** What is the ICC?"),
            v4.new_code_cell(SOLVED, outputs=[shown]),
            v4.new_code_cell("hlm.plots.nesting()", metadata={"tags": ["solution"]}),
            v4.new_markdown_cell("Half of it.", metadata={"tags": ["solution"]}),
            v4.new_markdown_cell("**2.** Which printout?\n\n" + OPTIONS),
            v4.new_code_cell(CHOSEN, outputs=[shown]),
        ]
    )


@pytest.fixture
def cells(solved):
    return exercise_pages.page(solved, "ch04_icc").cells


def is_folded(cell):
    return "hide-cell" in cell.metadata.get("tags", [])


def test_the_note_stands_below_the_title_and_names_the_file(cells):
    lines = cells[0].source.split("\n")
    assert lines[0] == "# Exercises 4 · The ICC"
    assert lines[2] == ":::{note}"
    assert "`exercises/ch04_icc.ipynb`" in cells[0].source


def test_the_chapter_to_read_first_is_a_link(cells):
    link = "[chapter 4](../chapters/ch04_icc.ipynb)"
    assert cells[0].source.endswith(f"*About 40 minutes. Read {link} first.*")


def test_what_the_learner_gets_is_open_and_the_solution_below_it_folded(cells):
    stub, answer = cells[3:5]
    assert stub.source == 'icc = ...\nhlm.check("ch04.icc", icc)'
    assert not is_folded(stub) and not stub.outputs
    assert answer.source == 'icc = 0.2\nhlm.check("ch04.icc", icc)'
    assert is_folded(answer) and answer.outputs[0].text == "Right."
    assert answer.metadata["mystnb"]["code_prompt_show"] == "Show the solution"


def test_a_cell_that_the_exercise_lacks_is_folded_under_a_name_of_its_own(cells):
    assert is_folded(cells[5])
    assert cells[5].metadata["mystnb"]["code_prompt_show"] == "Show a further look"
    assert cells[6].source.startswith("<details><summary>Show a remark</summary>")
    assert "Half of it." in cells[6].source


def test_a_choice_is_a_form_and_its_code_only_a_solution(cells):
    question, answer = cells[7:]
    assert "````{container} hlm-choice" in question.source
    assert is_folded(answer) and answer.source.startswith('key = "d"')


def test_a_cell_without_a_solution_stays_as_it_is(cells, solved):
    assert cells[1] == solved.cells[1]


def test_no_mark_is_left(cells):
    assert not [cell for cell in cells if "SOLUTION" in cell.source]


def test_the_solved_notebook_is_not_changed(solved):
    before = copy.deepcopy(solved)
    exercise_pages.page(solved, "ch04_icc")
    assert solved == before
