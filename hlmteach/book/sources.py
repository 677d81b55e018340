"""The folder that Sphinx reads: the course's own files, in the tree that the links in them expect.

The executed notebooks are those that the tests run, from `hlmteach build`. One that is missing or
not of its text is run here by the same executor; nothing is written beside the chapters.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from hlmteach import build, notebook
from hlmteach.book import api, cover, exercise_pages, front, glossary, launch

_TO_TEXT = re.compile(r"\]\(((?:\.\./\w+/)?ch\d\d_\w+)\.md\)")
_TO_EXERCISES = re.compile(r"\[exercises/ch0?(\d+)_\w+\.ipynb\]\(")
_TO_SOLUTION = re.compile(r"\]\(\.\./solutions/(ch\d\d_\w+)\.(?:md|ipynb)\)")


def make(
    root: Path, target: Path, repository: str = "", branch: str = "", fresh: bool = False
) -> int:
    """Write the sources of the book.

    Parameters
    ----------
    root : Path
        The folder of the course.
    target : Path
        A folder of the book's own. What has not changed keeps its date, so that Sphinx passes over
        it, and what is no longer in the course is deleted.
    repository : str
        The course's address on the web, for the page that tells where it runs; may be empty.
    branch : str
        The branch of it that will hold the site, if any.
    fresh : bool
        Whether to run all notebooks again.

    Returns
    -------
    int
        The number of notebooks in the book.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell of a notebook that must be run fails.
    """
    pages = dict(_notebooks(root, fresh))
    count = len(pages)
    pages |= dict(_texts(root))
    pages[cover.NAME], shown = cover.picture()
    pages["index.md"] = front.page(root, shown)
    pages["run.md"] = launch.page(repository, branch)
    pages |= {f"api/{name}": text for name, text in api.pages().items()}
    _store(pages, target)
    return count


def _notebooks(root: Path, fresh: bool) -> Iterator[tuple[str, str]]:
    for path in build.sources(root):
        made = executed(path, fresh)
        if path.parent.name == "solutions":
            made = exercise_pages.page(made, path.stem)
        folder = "exercises" if path.parent.name == "solutions" else "chapters"
        yield f"{folder}/{path.stem}.ipynb", nbformat.writes(settled(made))


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((root / "chapters").glob("*.md")):
        if not path.match(f"{build.PATTERN}.md"):
            text = _linked(path.read_text(encoding="utf-8"))
            yield (
                f"chapters/{path.name}",
                glossary.page_text(text) if path.stem == "glossary" else text,
            )


def _store(pages: dict[str, str], target: Path) -> None:
    """Make a folder hold these pages and nothing else."""
    for path in target.rglob("*"):
        if path.is_file() and path.relative_to(target).as_posix() not in pages:
            path.unlink()
    for name, text in pages.items():
        path = target / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")


def executed(path: Path, fresh: bool = False) -> NotebookNode:
    """The executed notebook of a written one: the stored one where it is of this text."""
    if build.is_current(path) and not fresh:
        return nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    print(f"  running {path.stem}", flush=True)
    return notebook.execute(notebook.read_source(path), path.parent)


def settled(made: NotebookNode) -> NotebookNode:
    """Links as they are in the book, where a chapter is one file and a solution is in a fold."""
    for cell in made.cells:
        if cell.cell_type == "markdown":
            cell.source = _linked(cell.source)
    made.metadata.pop("jupytext", None)
    return made


def _linked(text: str) -> str:
    text = _TO_EXERCISES.sub(r"[Exercises \1](", _TO_TEXT.sub(r"](\1.ipynb)", text))
    return _TO_SOLUTION.sub(r"](../exercises/\1.ipynb)", text)
