"""Intake: a submission is read as data, and a clean notebook is made of it.

Kept are the sources of the cells, nbgrader's names of them, and what the student's notebook claims
about them. Outputs, attachments and all other metadata stay behind; what was damaged is mended, and
what cannot be read becomes a notebook that says so, so that it is graded like any other.
"""

import re
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode

from hlmteach import notebook
from hlmteach.grading import paper
from hlmteach.grading.pile import CannotRead, File

LONGEST_NAME = 120
CLAIMS = ("grade", "solution", "locked", "task", "points")  # of a cell, for comparison only
# Markdown that may become more than text on the pages that nbgrader shows to teachers.
_RISKY = re.compile(r"[<&]|\]\s*[(\[:]|\\(href|require|style|class|cssId|html|def|newcommand)")


class Intake(NotebookExporter):
    """Reads what nbgrader's autograder is about to grade."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> tuple[str, Any]:
        place = Path(filename)
        resources = resources or {}
        metadata = {"name": place.stem, "path": str(place.parent)}
        resources.setdefault("metadata", {}).update(metadata)
        return self.from_notebook_node(read(place), resources=resources, **kw)


def read(place: Path) -> NotebookNode:
    """A clean notebook of what lies there, whatever that is."""
    try:
        raw = File((place.name,), 0, None, place, link=place.is_symlink()).read()
        return clean(raw)
    except (CannotRead, paper.Unreadable) as error:
        said = f"This file could not be read as a notebook: {error}."
        return _notebook([nbformat.v4.new_markdown_cell(said)])


def clean(raw: bytes) -> NotebookNode:
    """A clean notebook with the cells of one that a stranger made.

    Raises
    ------
    Unreadable
        If the bytes are no notebook.

    Examples
    --------
    >>> made = clean(b'{"cells": [{"cell_type": "markdown", "source": "<b>x</b>"}]}')
    >>> made.cells[0].source
    '    <b>x</b>'
    """
    return _notebook([_cell(**cell) for cell in paper.all_cells(raw)])


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    metadata = {"kernelspec": dict(notebook.KERNELSPEC)}
    metadata["language_info"] = dict(notebook.LANGUAGE_INFO)
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def _cell(cell_type: str, source: str, metadata: dict[str, Any]) -> NotebookNode:
    if cell_type == "code":
        made = nbformat.v4.new_code_cell(source)
    else:
        made = nbformat.v4.new_markdown_cell(harmless(source))
    theirs = metadata.get("nbgrader")
    name = theirs.get("grade_id") if isinstance(theirs, dict) else None
    if isinstance(name, str) and 0 < len(name) <= LONGEST_NAME:
        claims = {c: theirs[c] for c in CLAIMS if isinstance(theirs.get(c), bool | int | float)}
        made.metadata["nbgrader"] = {"grade_id": name, **claims}
    return made


def harmless(source: str) -> str:
    """Markdown as it is, or as a block of code where it may hold HTML, links or TeX's tricks."""
    if not _RISKY.search(source):
        return source
    return "\n".join(f"    {line}" for line in source.splitlines())
