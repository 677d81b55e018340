import nbformat
import pandas as pd
import pytest
from tiny_course import CHECKED, HEADER, code, write

from hlmteach.book import handout, launch

ADDRESS = "https://github.com/one/two"


@pytest.fixture
def course(tmp_path):
    path = write(tmp_path, "# 4 · Tiny\n\n" + CHECKED, "ch04_tiny")
    (tmp_path / "solutions").mkdir()
    solved = code("### BEGIN SOLUTION\nx = 1\n### END SOLUTION\nprint(x)")
    (tmp_path / "solutions" / path.name).write_text(HEADER + solved, encoding="utf-8")
    return tmp_path


def cells(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def test_each_notebook_begins_with_the_cell_that_installs(course, tmp_path):
    assert handout.write(course, tmp_path / "out", ADDRESS) == 2
    for folder in ("chapters", "exercises"):
        first = cells(tmp_path / "out" / folder / "ch04_tiny.ipynb")[0]
        assert f"git+{ADDRESS}" in first
        assert 'if "google.colab" in sys.modules:' in first


def test_the_table_for_r_has_the_rows_of_chapter_3(course, tmp_path):
    handout.write(course, tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / launch.TABLE, dtype={"school_id": str})
    assert (len(table), table["school_id"].nunique()) == (3845, 137)
    assert table["math"].mean() == pytest.approx(476.82, abs=0.005)
    assert table["school_id"][0] == "00001"
    assert f'href="{launch.HANDED_OUT}/{launch.TABLE}"' in launch.page("")


def test_the_exercise_has_no_solution(course, tmp_path):
    handout.write(course, tmp_path / "out", ADDRESS)
    made = "\n".join(cells(tmp_path / "out" / "exercises" / "ch04_tiny.ipynb"))
    assert "x = ...\nprint(x)" in made
    assert "x = 1" not in made


def test_without_an_address_there_is_nothing_to_install_from(course, tmp_path):
    handout.write(course, tmp_path / "out")
    assert cells(tmp_path / "out" / "chapters" / "ch04_tiny.ipynb") == ["# 4 · Tiny", "1 + 1"]


def test_a_stored_notebook_keeps_what_it_shows(course, tmp_path):
    shown = nbformat.v4.new_output("stream", text="2")
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1", outputs=[shown])])
    nbformat.write(made, course / "chapters" / "ch04_tiny.ipynb")
    handout.write(course, tmp_path / "out", ADDRESS)
    read = nbformat.read(tmp_path / "out" / "chapters" / "ch04_tiny.ipynb", as_version=4)
    assert [cell.get("outputs") for cell in read.cells] == [[], [shown]]
    nbformat.validate(read)
