"""Each chapter's solution answers every question; its exercise answers none and says so kindly."""

import re
from pathlib import Path

import pytest
from questions_of import QUESTIONS

import hlmteach as hlm
from hlmteach import exercises, notebook
from hlmteach.questions.verdict import Verdict

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = sorted((ROOT / "solutions").glob("ch*.md"))
CHAPTERS = [f"ch{number:02d}" for number in range(1, 15)]
_CHECK = re.compile(r"""hlm\.check\(\s*["']([^"']+)["']""")
each_solution = pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)


def code_cells(made):
    return [cell.source for cell in made.cells if cell.cell_type == "code"]


def run(cells, monkeypatch):
    """Run the cells as a kernel would and return what hlm.check said, by question."""
    said, real = {}, hlm.check

    def check(question, *answer):
        said[question] = real(question, *answer)
        return said[question]

    monkeypatch.setattr(hlm, "check", check)
    world = {}
    for cell in cells:
        exec(compile(cell, "<cell>", "exec"), world)
    return said


def of_chapter(path):
    return {q.id: q for q in QUESTIONS if q.chapter == path.stem[:4]}


@each_solution
def test_every_check_has_a_question_and_every_question_a_check(path):
    checked = _CHECK.findall("\n".join(code_cells(notebook.read_source(path))))
    assert len(checked) == len(set(checked)), "a question is checked twice"
    assert set(checked) == set(of_chapter(path))


@each_solution
def test_the_page_asks_what_the_question_asks(path):
    page = " ".join(path.read_text(encoding="utf-8").split())
    for question in of_chapter(path).values():
        assert question.prompt in page, f"the prompt of {question.id} is not in {path.name}"
        for key, text in question.choices.items():
            assert " ".join(text.split()) in page, f"option {key} of {question.id} is not there"


@each_solution
def test_the_solution_passes(path, monkeypatch):
    said = run(code_cells(notebook.read_source(path)), monkeypatch)
    for verdict in said.values():
        assert isinstance(verdict, Verdict), verdict
        assert verdict.status == ("recorded" if verdict.correct is None else "right"), verdict


@each_solution
def test_the_unsolved_exercise_runs_through_and_fails_every_check(path, monkeypatch):
    said = run(code_cells(exercises.make(path)), monkeypatch)
    assert set(said) == set(of_chapter(path))
    for verdict in said.values():
        assert verdict.correct is False and verdict.points == 0, verdict
        assert "Replace the dots by your answer" in verdict.message


@each_solution
def test_making_the_exercise_again_changes_nothing(path):
    assert exercises.is_current(path), f"run `hlmteach build {path.stem}`"


@each_solution
def test_the_exercise_says_first_that_it_is_generated_and_shows_no_answer(path):
    made = exercises.make(path)
    assert f"generated from `solutions/{path.name}`" in made.cells[0].source
    for cell in made.cells:
        assert "SOLUTION" not in cell.source
        assert exercises.TAG not in cell.metadata.get("tags", [])
        assert cell.cell_type != "code" or (not cell.outputs and cell.execution_count is None)


def test_no_exercise_is_without_its_solution():
    made = {path.stem for path in (ROOT / "exercises").glob("*.ipynb")}
    assert made == {path.stem for path in SOLUTIONS}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_has_six_questions_and_one_for_a_person_to_mark(chapter):
    mine = [question for question in QUESTIONS if question.chapter == chapter]
    assert len(mine) >= 6
    assert any(question.kind == "text" for question in mine)
    assert any(path.stem.startswith(chapter) for path in SOLUTIONS)


def test_there_are_forty_five_questions():
    assert len(QUESTIONS) >= 45
