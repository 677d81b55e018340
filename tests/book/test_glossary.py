import pytest

from hlmteach.book import glossary

WRITTEN = "# Glossary\n\n**Standard error.** How far.\n\n**Cluster-robust standard error.** It.\n"


def test_terms_and_their_places():
    assert glossary.terms(WRITTEN) == {
        "standard error": "term-standard-error",
        "cluster-robust standard error": "term-cluster-robust-standard-error",
    }


def test_a_bold_word_inside_a_text_is_no_term():
    assert glossary.terms("It is **not.** a term") == {}


def test_every_term_has_its_place_on_the_page():
    made = glossary.page_text(WRITTEN)
    assert "(term-standard-error)=\n**Standard error.** How far." in made
    assert made.count(")=\n") == 2


def test_no_two_terms_of_the_course_share_a_place(root):
    known = glossary.terms((root / "chapters" / "glossary.md").read_text(encoding="utf-8"))
    assert len(known) > 50
    assert len(set(known.values())) == len(known)


@pytest.fixture
def linked():
    """A function: the glossary's links in a page of some paragraphs."""
    nodes = pytest.importorskip("docutils.nodes", reason="docutils comes with the book's packages")
    utils = pytest.importorskip("docutils.utils")

    def links(*paragraphs):
        tree = utils.new_document("page")
        for text in paragraphs:
            child = text if isinstance(text, nodes.Node) else nodes.Text(text)
            paragraph = nodes.paragraph()
            paragraph += child
            tree += paragraph
        text = tree.astext()
        glossary.link_terms(tree, glossary.terms(WRITTEN), "glossary.html")
        assert tree.astext() == text  # a link changes no word
        found = tree.findall(nodes.reference)
        return [(link.astext(), link["refuri"]) for link in found if link.get("internal")]

    return links


def test_the_first_mention_is_linked_and_the_second_is_not(linked):
    found = linked("The standard error.", "Another standard error.")
    assert found == [("standard error", "glossary.html#term-standard-error")]


def test_the_longer_term_is_linked_where_both_begin(linked):
    found = linked("A cluster-robust standard error, then a standard error.")
    assert found[0][0] == "cluster-robust standard error"


def test_capitals_make_no_difference_and_parts_of_words_do(linked):
    assert linked("Standard error first.")[0][0] == "Standard error"
    assert linked("The standard errors and nonstandard error.") == []


def test_what_is_a_link_or_code_already_stays(linked):
    from docutils import nodes

    inside = nodes.reference("", "standard error", refuri="x.html")
    assert linked(inside) == []
    assert linked(nodes.literal("", "standard error")) == []
