"""A site of three pages, made by Sphinx with the book's settings."""

import re
from importlib.util import find_spec

import nbformat
import pytest

from hlmteach.book import launch, site

FORK = "https://github.com/fork/course"
INDEX = "# Book\n\n```{toctree}\nchapters/ch04_icc\nchapters/glossary\n```\n\nAn ICC here.\n"
GLOSSARY = "# Glossary\n\n(term-icc)=\n**ICC.** A share: $x$.\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if find_spec("sphinx") is None or find_spec("myst_nb") is None:
        pytest.skip("Sphinx is not installed; `python3 course.py test` installs it")
    folder = tmp_path_factory.mktemp("site")
    source = folder / "source"
    (source / "chapters").mkdir(parents=True)
    (source / "index.md").write_text(INDEX, encoding="utf-8")
    (source / "run.md").write_text("---\norphan:\n---\n\n# Run\n\nHere.\n", encoding="utf-8")
    (source / "chapters" / "glossary.md").write_text(GLOSSARY, encoding="utf-8")
    text = nbformat.v4.new_markdown_cell("# 4 · ICC\n\nAn ICC, and an ICC again. $y$")
    typed = nbformat.v4.new_code_cell("1 + 1", execution_count=1)
    notebook = nbformat.v4.new_notebook(cells=[text, typed])
    nbformat.write(notebook, source / "chapters" / "ch04_icc.ipynb")
    return folder


@pytest.fixture(scope="module")
def pages(folder):
    """A function: the text of a page of the site."""
    conf = site.settings(folder / "static", FORK)
    made = site.build(folder / "source", folder / "out", folder / "work", conf, False, "pages")
    assert made == 0
    return lambda name: (folder / "out" / f"{name}.html").read_text(encoding="utf-8")


def test_the_first_mention_in_a_chapter_leads_to_the_glossary(pages):
    link = r'<a class="glossary-link[^"]*" href="glossary\.html#term-icc">ICC</a>'
    assert len(re.findall(link, pages("chapters/ch04_icc"))) == 1
    assert "glossary-link" not in pages("index")


def test_no_page_loads_anything_from_another_host(pages):
    for name in ("index", "chapters/ch04_icc", "chapters/glossary", "search"):
        loaded = re.findall(r'<(?:script|img|link)[^>]*(?:src|href)="([^"]+)"', pages(name))
        assert len(loaded) > 5
        assert [url for url in loaded if re.match(r"(https?:)?//", url)] == []


def test_formulas_are_set_by_the_books_own_mathjax(pages):
    page = pages("chapters/ch04_icc")
    assert 'src="../_static/vendor/mathjax/tex-mml-chtml.js' in page
    assert '"enableMenu": false' in page


def test_the_buttons_lead_to_the_fork(pages):
    page = pages("chapters/ch04_icc")
    assert f"{launch.COLAB}/github/fork/course/blob/pages/_sources/chapters/ch04_icc.ipynb" in page
    assert f"{launch.BINDER}/v2/gh/fork/course/HEAD?urlpath=lab/tree/chapters/ch04_icc" in page
    assert 'href="../_sources/chapters/ch04_icc.ipynb"' in page


def test_a_page_without_a_notebook_offers_none(pages):
    assert "_sources" not in pages("chapters/glossary")
    assert "window.print()" in pages("chapters/glossary")


def test_a_warning_is_a_fault_if_that_is_asked_for(folder, tmp_path):
    (tmp_path / "source").mkdir()
    broken = "# Book\n\n[nowhere](missing.md)\n"
    (tmp_path / "source" / "index.md").write_text(broken, encoding="utf-8")
    conf = site.settings(folder / "static")
    assert site.build(tmp_path / "source", tmp_path / "out", tmp_path / "work", conf, True) == 1
