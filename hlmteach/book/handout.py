"""What the book hands out: notebooks, to download or to open on Colab, and a table for R."""

from pathlib import Path

import nbformat
import pandas as pd
from nbformat import NotebookNode

from hlmteach import build, exercises, notebook
from hlmteach.book import launch
from hlmteach.datasets import pisa_like


def write(root: Path, target: Path, address: str = "") -> int:
    """Write the chapters, with what they show, the exercises, without solutions, and the table.

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
        How many notebooks they are.
    """
    found = build.sources(root)
    for path in found:
        folder = exercises.FOLDER if path.parent.name == "solutions" else path.parent.name
        place = target / folder / f"{path.stem}.ipynb"
        place.parent.mkdir(parents=True, exist_ok=True)
        text = nbformat.writes(with_install(_bare(path), address)) + "\n"
        place.write_text(text, encoding="utf-8", newline="\n")
    usa().to_csv(target / launch.TABLE, index=False, lineterminator="\n")
    return len(found)


def usa() -> pd.DataFrame:
    """The table of chapters 3 to 8: simulated students of the United States, complete rows."""
    students, schools = pisa_like()
    joined = students.merge(schools, on=["year", "country", "school_id"], validate="m:1")
    kept = joined.loc[joined["country"] == "USA", launch.COLUMNS]
    return kept.dropna()


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
