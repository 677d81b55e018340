import nbformat
import pytest
from tiny_course import CHECKED, code, write

from hlmteach import build, notebook
from hlmteach.cli import main


@pytest.fixture
def course(tmp_path):
    write(tmp_path, CHECKED, "ch00_tiny")
    write(tmp_path, CHECKED, "ch01_other")
    return tmp_path


@pytest.fixture
def quick(monkeypatch):
    """Without a kernel: every code cell shows 2, as CHECKED does."""

    def pretend(written, folder):
        for number, cell in enumerate(written.cells, start=1):
            data = {"text/plain": "2"}
            shown = nbformat.v4.new_output("execute_result", data, execution_count=number)
            if cell.cell_type == "code":
                cell.update(execution_count=number, outputs=[shown])
        return written

    monkeypatch.setattr(notebook, "execute", pretend)


def hlmteach_build(folder, *words):
    return main(["build", *words, "--root", str(folder), "--jobs", "1"])


def test_builds_what_is_written_and_then_finds_nothing_to_do(course, capsys):
    assert hlmteach_build(course) == 0
    stored = nbformat.read(course / "chapters" / "ch00_tiny.ipynb", as_version=4)
    assert stored.cells[0].outputs[0].data["text/plain"] == "2"
    assert "2 of 2 notebooks to build" in capsys.readouterr().out
    assert hlmteach_build(course) == 0
    assert "0 of 2 notebooks to build" in capsys.readouterr().out


def test_builds_only_what_changed(course, quick, capsys):
    hlmteach_build(course)
    write(course, CHECKED.replace("1 + 1", "1 + 2"), "ch01_other")
    capsys.readouterr()
    assert hlmteach_build(course) == 0
    shown = capsys.readouterr().out
    assert "1 of 2" in shown and "ch01_other built" in shown


def test_force_builds_again_and_changes_nothing(course, capsys):
    hlmteach_build(course, "ch00")
    path = course / "chapters" / "ch00_tiny.ipynb"
    first = path.read_bytes()
    assert hlmteach_build(course, "ch00", "--force") == 0
    assert "1 of 1 notebooks to build" in capsys.readouterr().out
    assert path.read_bytes() == first


def test_several_processes_give_the_same(course):
    assert main(["build", "--root", str(course), "--jobs", "2"]) == 0
    assert build.check(course / "chapters" / "ch01_other.md", course) == []


def test_nothing_goes_back_into_the_written_file(course, quick):
    path = course / "chapters" / "ch00_tiny.md"
    before = path.read_bytes()
    hlmteach_build(course, "ch00")
    stored = path.with_suffix(".ipynb")
    edited = nbformat.read(stored, as_version=4)
    edited.cells[0].source = "3 + 3"
    nbformat.write(edited, stored)
    assert hlmteach_build(course, "ch00") == 0
    assert path.read_bytes() == before
    assert nbformat.read(stored, as_version=4).cells[0].source == "1 + 1"


def test_a_failing_cell_stores_nothing_and_is_shown(course, capsys):
    write(course, code("{}['escs']") + "\n" + CHECKED, "ch00_tiny")
    assert hlmteach_build(course, "ch00") == 1
    shown = capsys.readouterr().out
    assert "PROBLEM  chapters/ch00_tiny" in shown and "KeyError: 'escs'" in shown
    assert [path.name for path in (course / "chapters").glob("ch00*")] == ["ch00_tiny.md"]


def test_a_notebook_with_a_problem_is_not_stored(course, quick, capsys):
    write(course, code("1"), "ch00_tiny")
    assert hlmteach_build(course, "ch00") == 1
    assert "no cell is checked" in capsys.readouterr().out
    assert not (course / "chapters" / "ch00_tiny.ipynb").exists()


def test_check_runs_and_writes_nothing_and_says_what_is_stale(course, quick, capsys):
    hlmteach_build(course, "ch00")
    capsys.readouterr()
    assert hlmteach_build(course, "--check") == 1
    shown = capsys.readouterr().out
    assert "OK       chapters/ch00_tiny up to date" in shown
    assert "PROBLEM  chapters/ch01_other" in shown and "missing or not of this .md" in shown
    assert not (course / "chapters" / "ch01_other.ipynb").exists()


def test_check_sees_a_path_in_a_stored_output(course, quick, capsys):
    path = course / "chapters" / "ch00_tiny.md"
    hlmteach_build(course, "ch00")
    stored = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    stored.cells[0].outputs[0].data["text/plain"] = f"{course}"
    nbformat.write(stored, path.with_suffix(".ipynb"))
    (found,) = build.check(path, course)
    assert "a path of this machine" in found


def test_an_untidy_source_is_a_problem_that_tidy_puts_right(course, quick, capsys):
    write(course, "# One\n\n\n\n\n" + CHECKED, "ch00_tiny")
    assert hlmteach_build(course, "ch00") == 1
    assert "run `hlmteach build --tidy`" in capsys.readouterr().out
    assert hlmteach_build(course, "ch00", "--tidy") == 0
    assert "tidied ch00_tiny.md" in capsys.readouterr().out


def test_an_unknown_stem_is_named_with_the_known_ones(course, capsys):
    assert hlmteach_build(course, "ch09") == 2
    said = capsys.readouterr().err
    assert "no chapter begins with 'ch09'" in said and "ch00_tiny, ch01_other" in said


def test_a_folder_without_chapters_is_named(tmp_path, capsys):
    assert hlmteach_build(tmp_path) == 2
    assert f"{tmp_path} has no chapters/" in capsys.readouterr().err


def test_a_stem_may_be_given_as_a_file_name(course):
    (only,) = build.sources(course, ["chapters/ch01_other.md"])
    assert only.stem == "ch01_other"


def test_solutions_are_built_as_chapters_are_and_plain_pages_are_not(course):
    (course / "chapters" / "glossary.md").write_text("# Glossary\n")
    solution = course / "solutions" / "ch01_other.md"
    solution.parent.mkdir()
    solution.write_text((course / "chapters" / "ch01_other.md").read_text())
    found = [f"{path.parent.name}/{path.stem}" for path in build.sources(course)]
    assert found == ["chapters/ch00_tiny", "chapters/ch01_other", "solutions/ch01_other"]


def test_a_cell_that_takes_too_long_is_a_problem(course, monkeypatch):
    path = write(course, code("import time; time.sleep(60)"), "ch00_tiny")
    real = notebook.execute
    monkeypatch.setattr(notebook, "execute", lambda nb, folder: real(nb, folder, timeout=1))
    (found,) = build.build(path, course)
    assert "a cell failed" in found and "timed out" in found
