"""The notebooks that the book hands out, to download or to open on Colab."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from hlmteach import build, exercises, notebook
from hlmteach.book import launch


def write(root: Path, target: Path, address: str = "") -> int:
    """Write the chapters, with what they show, and the exercises, without solutions.

    Parameters
    ----------
    root : Path
        The folder of the course.
    target : Path
        The folder of the site that holds them.
    address : str
        The course's address on the web; with it, each notebook begins with the cell that installs
        the course on Colab.

    Returns
    -------
    int
        How many they are.
    """
    found = build.sources(root)
    for path in found:
        folder = exercises.FOLDER if path.parent.name == "solutions" else path.parent.name
        place = target / folder / f"{path.stem}.ipynb"
        place.parent.mkdir(parents=True, exist_ok=True)
        text = nbformat.writes(with_install(_bare(path), address)) + "\n"
        place.write_text(text, encoding="utf-8", newline="\n")
    return len(found)


def with_install(made: NotebookNode, address: str) -> NotebookNode:
    """The notebook, with the install cell in front if there is an address to install from."""
    if address:
        cell = nbformat.v4.new_code_cell(launch.install_cell(address), id="install")
        made.cells = [cell, *made.cells]
    return made


def _bare(path: Path) -> NotebookNode:
    if path.parent.name == "solutions":
        return exercises.make(path)
    stored = path.with_suffix(".ipynb")
    if stored.exists():
        return nbformat.read(stored, as_version=4)
    return notebook.read_source(path)
