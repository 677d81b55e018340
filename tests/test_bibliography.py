"""references.md is what references.bib gives; what the chapters cite is there, and is cited."""

import shutil
import sys

import pytest

from hlmteach import bibliography, build
from hlmteach.bibliography import Entry, citations, known
from hlmteach.cli import main

FOLDER = build.find_root() / "chapters"
ENTRIES = bibliography.read(FOLDER / bibliography.SOURCE)
CHAPTERS = sorted(path for path in FOLDER.glob("*.md") if path.name != bibliography.TARGET)
SMALL = """
@article{one, author = {Côté, A. and de Wit, B. and Zed, C.}, year = {2001}, title = {Why?},
  journal = {Journal}, volume = {1}, number = {2}, pages = {3--4}}
@book{two, author = {{WHO}}, year = {2002}, title = {A book}, edition = {2nd}, publisher = {Press},
  keywords = {recommended}, annotation = {For all.}}
@incollection{three, author = {Abel, D.}, year = {2003}, title = {A part}, editor = {Eve, E. and
  Fox, F.}, booktitle = {Whole}, volume = {3}, pages = {5--6}, publisher = {Press}}
@misc{four, label = {Data}, note = {From "here"}, keywords = {source}}
"""


@pytest.fixture
def small(tmp_path):
    (tmp_path / bibliography.SOURCE).write_text(SMALL, encoding="utf-8")
    return tmp_path


def test_references_md_is_what_the_bib_gives():
    text = (FOLDER / bibliography.TARGET).read_text(encoding="utf-8")
    assert text == bibliography.markdown(ENTRIES), "run `hlmteach build`"


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)
def test_what_a_chapter_cites_is_in_the_bib(chapter):
    cited = citations(chapter.read_text(encoding="utf-8"))
    unknown = [citation for citation in cited if not known(citation, ENTRIES)]
    assert not unknown, f"add to {bibliography.SOURCE}: {unknown}"


def test_most_chapters_cite_something():
    """So the test above can fail: the search for citations finds them."""
    counts = {p.stem: len(citations(p.read_text(encoding="utf-8"))) for p in CHAPTERS}
    without = [stem for stem, n in counts.items() if stem.startswith("ch") and n == 0]
    assert set(without) <= {"ch00_start_here"}
    assert counts["ch08_centering"] >= 8


def test_every_entry_is_cited_or_recommended_or_a_source_of_data():
    cited = [c for path in CHAPTERS for c in citations(path.read_text(encoding="utf-8"))]
    used = {entry.key for citation in cited for entry in known(citation, ENTRIES)}
    idle = [e.key for e in ENTRIES if e.key not in used and not e.section]
    assert not idle, f"nobody cites {idle}"


def test_an_entry_can_be_found_in_a_library():
    """An article has a journal and a place in it; a book a publisher; the rest a place."""
    needed = {
        "article": {"title", "journal", "year"},
        "book": {"title", "publisher", "year"},
        "incollection": {"title", "booktitle", "pages", "publisher", "year"},
    }
    for entry in ENTRIES:
        assert needed.get(entry.kind, set()) <= set(entry.fields), entry.key
        if entry.kind == "article":
            assert {"volume", "pages"} <= set(entry.fields) or "doi" in entry.fields, entry.key
        assert set(entry.section.split()) <= {"recommended", "source"}, entry.key
    assert len({(e.authors, e.year, e.fields.get("title", e.key)) for e in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("as (Moulton, 1986) shows", [("Moulton", "1986")]),
        ("by Lüdtke et al. (2008)", [("Lüdtke et al.", "2008")]),
        ("Hox, Moerbeek & van de\nSchoot, 2018)", [("Hox, Moerbeek & van de Schoot", "2018")]),
        ("(Stram & Lee, 1994; OECD, 2009, p. 3)", [("Stram & Lee", "1994"), ("OECD", "2009")]),
        ("McNeish, Stapleton and Silverman (2017)", [("McNeish, Stapleton & Silverman", "2017")]),
        ("Van der Meer & te Grotenhuis (2010)", [("Van der Meer & te Grotenhuis", "2010")]),
        ("Bloom, Richburg-Hayes & Black (2007)", [("Bloom, Richburg-Hayes & Black", "2007")]),
        ("twice: Kish (1965), Kish (1965)", [("Kish", "1965")]),
        ("in PISA 2003, in the United States", []),
        ("```r\n# Kish (1965)\n```\n", []),
    ],
)
def test_citations_are_found(text, expected):
    assert citations(text) == expected


def test_a_citation_is_looked_up_by_its_authors_and_its_year():
    entry = Entry("k", "misc", (("Rubin", "D. B."),), (), {"year": "1981"})
    assert known(("Rubin", "1981"), [entry]) == [entry]
    assert known(("Rubin", "1987"), [entry]) == []
    assert known(("Rubin et al.", "1981"), [entry]) == []


def test_the_page(small):
    assert bibliography.markdown(bibliography.read(small / bibliography.SOURCE)) == (
        "# References\n\n"
        "## The two books that the article recommends\n\n"
        "WHO (2002). *A book* (2nd ed.). Press. For all.\n\n"
        "## Cited in the chapters\n\n"
        "Abel, D. (2003). A part. In E. Eve & F. Fox (Eds.), *Whole* (Vol. 3, pp. 5–6). Press.\n\n"
        "Côté, A., de Wit, B., & Zed, C. (2001). Why? *Journal*, 1(2), 3–4.\n\n"
        "## Data and software\n\n"
        'Data: From "here".\n'
    )


def test_it_is_written_once_and_a_stale_one_is_told(small, capsys):
    target = small / bibliography.TARGET
    (stale,) = bibliography.refresh(small, check=True)
    assert stale == "references.md is not what references.bib gives; run `hlmteach build`"
    assert not target.exists()
    assert bibliography.refresh(small) == []
    assert "references.md written" in capsys.readouterr().out
    assert bibliography.refresh(small, check=True) == []
    assert bibliography.refresh(small) == [] and not capsys.readouterr().out


def test_a_folder_without_references_has_nothing_to_do(tmp_path):
    assert bibliography.refresh(tmp_path) == [] and not list(tmp_path.iterdir())


def test_without_pybtex_the_reason_is_said(small, monkeypatch):
    monkeypatch.setitem(sys.modules, "pybtex.database", None)
    (sentence,) = bibliography.refresh(small)
    assert sentence == 'Reading references.bib needs pybtex. Type: pip install "hlmteach[test]"'


def test_build_checks_it(tmp_path, capsys):
    shutil.copy(FOLDER.parent / "jupytext.toml", tmp_path)
    (tmp_path / "chapters").mkdir()
    for name in ("ch04_icc.md", "ch04_icc.ipynb", bibliography.SOURCE, bibliography.TARGET):
        shutil.copy(FOLDER / name, tmp_path / "chapters")
    words = ["build", "--check", "--root", str(tmp_path)]
    assert main(words) == 0
    page = tmp_path / "chapters" / bibliography.TARGET
    page.write_text(page.read_text(encoding="utf-8") + "\nmore\n", encoding="utf-8")
    assert main(words) == 1
    assert "references.md is not what references.bib gives" in capsys.readouterr().out
