import os

import nbformat
import pytest
from tiny_course import CHECKED, HEADER, write

from hlmteach import build, notebook
from hlmteach.book import api, sources

BODY = """\
# 4 · Tiny

See [chapter 5](ch05_next.md), [its answers](../solutions/ch04_tiny.md), [words](glossary.md).

"""


@pytest.fixture
def course(tmp_path):
    (tmp_path / "README.md").write_text("| 04 | tiny | what it is |\n", encoding="utf-8")
    for stem in ("ch04_tiny", "ch05_next"):
        path = write(tmp_path, BODY + CHECKED, stem)
        nbformat.write(notebook.read_source(path), path.with_suffix(".ipynb"))
        assert build.is_current(path)
    written = tmp_path / "chapters" / "glossary.md"
    written.write_text("# Glossary\n\n**ICC.** In [chapter 4](ch04_tiny.md).\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def never_run(monkeypatch):
    def execute(*words):
        raise AssertionError("a notebook was run")

    monkeypatch.setattr(sources.notebook, "execute", execute)


def written(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_pages_of_the_book(course, tmp_path, never_run):
    assert sources.make(course, tmp_path / "out") == 2
    assert written(tmp_path / "out") == {
        "index.md",
        "cover.svg",
        "run.md",
        *(f"api/{name}" for name in api.pages()),
        "chapters/ch04_tiny.ipynb",
        "chapters/ch05_next.ipynb",
        "chapters/glossary.md",
    }


def test_links_lead_to_pages_of_the_book(course, tmp_path, never_run):
    sources.make(course, tmp_path / "out")
    page = (tmp_path / "out" / "chapters" / "ch04_tiny.ipynb").read_text(encoding="utf-8")
    assert "(ch05_next.ipynb)" in page
    assert "(../exercises/ch04_tiny.ipynb)" in page
    assert "(glossary.md)" in page
    terms = (tmp_path / "out" / "chapters" / "glossary.md").read_text(encoding="utf-8")
    assert "(term-icc)=\n**ICC.** In [chapter 4](ch04_tiny.ipynb)." in terms


def test_what_has_not_changed_keeps_its_date(course, tmp_path, never_run):
    sources.make(course, tmp_path / "out")
    path = tmp_path / "out" / "chapters" / "ch04_tiny.ipynb"
    os.utime(path, (1, 1))
    sources.make(course, tmp_path / "out")
    assert path.stat().st_mtime == 1


def test_what_left_the_course_leaves_the_book(course, tmp_path, never_run):
    sources.make(course, tmp_path / "out")
    for path in (course / "chapters").glob("ch05_*"):
        path.unlink()
    sources.make(course, tmp_path / "out")
    assert not (tmp_path / "out" / "chapters" / "ch05_next.ipynb").exists()


def test_a_notebook_that_is_not_of_its_text_is_run_here(course, monkeypatch, capsys):
    path = course / "chapters" / "ch04_tiny.md"
    path.write_text(HEADER + "Another text.\n\n" + CHECKED, encoding="utf-8")
    ran = []
    monkeypatch.setattr(sources.notebook, "execute", lambda made, folder: ran.append(folder))
    sources.executed(path)
    assert ran == [course / "chapters"]
    assert "running ch04_tiny" in capsys.readouterr().out


def test_all_are_run_if_that_is_asked_for(course, monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(sources.notebook, "execute", lambda made, folder: ran.append(folder))
    sources.executed(course / "chapters" / "ch04_tiny.md", fresh=True)
    assert len(ran) == 1


def test_the_link_to_the_exercises_has_their_name():
    text = "They are in [exercises/ch04_icc.ipynb](../exercises/ch04_icc.ipynb)."
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    link = "[Exercises 4](../exercises/ch04_icc.ipynb)"
    assert sources.settled(made).cells[0].source == f"They are in {link}."
