"""The glossary's page, and links to it from the first mention of a term in a chapter."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docutils import nodes

PAGE = "chapters/glossary"
_ENTRY = re.compile(r"^\*\*(.+?)\.\*\* ", re.MULTILINE)


def terms(text: str) -> dict[str, str]:
    """The terms of the written glossary and their anchors on its page.

    Examples
    --------
    >>> terms("**Design effect.** 1 + (n − 1) ICC.")
    {'design effect': 'term-design-effect'}
    """
    return {term.lower(): anchor(term) for term in _ENTRY.findall(text)}


def anchor(term: str) -> str:
    """The name of a term's place on the page."""
    return "term-" + re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")


def page_text(text: str) -> str:
    """The written glossary with a named place in front of each term."""
    return _ENTRY.sub(lambda entry: f"({anchor(entry[1])})=\n{entry[0]}", text)


def link_terms(tree: "nodes.document", known: dict[str, str], uri: str) -> None:
    """Link the first mention of each term in a page's paragraphs to the glossary.

    Parameters
    ----------
    tree : docutils document
        Changed in place.
    known : dict
        As `terms` gives it.
    uri : str
        The glossary's page, as seen from this one.
    """
    left = dict(known)
    for text in list(_plain_texts(tree)):
        if not left:
            return
        # The longest first: "cluster-robust standard error" before "standard error".
        words = "|".join(re.escape(term) for term in sorted(left, key=len, reverse=True))
        found = re.search(rf"(?<![\w-])({words})(?![\w-])", text.astext(), re.IGNORECASE)
        if found:
            _link(text, found, f"{uri}#{left.pop(found[1].lower())}")


def _plain_texts(tree: "nodes.document") -> Iterator["nodes.Text"]:
    from docutils import nodes

    plain = (nodes.paragraph, nodes.emphasis, nodes.strong)
    for paragraph in tree.findall(nodes.paragraph):
        for text in paragraph.findall(nodes.Text):
            if isinstance(text.parent, plain) and not _inside(text, nodes.reference):
                yield text


def _inside(node: "nodes.Node", kind: type) -> bool:
    while node.parent is not None:
        node = node.parent
        if isinstance(node, kind):
            return True
    return False


def _link(text: "nodes.Text", found: re.Match, uri: str) -> None:
    from docutils import nodes

    whole = text.astext()
    link = nodes.reference("", found[0], refuri=uri, internal=True, classes=["glossary-link"])
    parts = [nodes.Text(whole[: found.start()]), link, nodes.Text(whole[found.end() :])]
    text.parent.replace(text, [part for part in parts if part.astext()])
