"""A page of exercises: the solved notebook with its solutions folded."""

import copy
import re

import nbformat
from nbformat import NotebookNode

from hlmteach import exercises
from hlmteach.book import choices

NOTE = """:::{note}
This page is for reading. To work on the exercises, with data of your own and a reply to each
answer, [run](../run.md) `exercises/%s.ipynb` in JupyterLab. Questions with options answer here. The
solutions are those of the guest, who has other data than you.
:::"""
_MARK = re.compile(r"^ *### (BEGIN|END) SOLUTION *\n", re.MULTILINE)
_CHAPTER = re.compile(r"(\*About .*\b)(chapter \d+)(\b.*\*)")  # in the line below the title
SOLUTION, FURTHER, REMARK = "the solution", "a further look", "a remark"


def page(solved: NotebookNode, stem: str) -> NotebookNode:
    """The page that is made of an executed solution.

    Parameters
    ----------
    solved : NotebookNode
        solutions/chNN_stem.ipynb.
    stem : str
        `chNN_stem`.

    Returns
    -------
    NotebookNode
        Each question, the cell that the learner gets, and the solution with what it shows, folded.
        A choice question gets a form.
    """
    made = copy.deepcopy(solved)
    cells: list[NotebookNode] = []
    for number, cell in enumerate(made.cells):
        later = made.cells[number + 1 :]
        cells += _cells(cell, later[0] if later else None, later)
    first, rest = cells[0].source.partition("\n")[::2]
    rest = _CHAPTER.sub(rf"\1[\2](../chapters/{stem}.ipynb)\3", rest)
    cells[0].source = f"{first}\n\n{NOTE % stem}\n{rest}"
    made.cells = cells
    return made


def _cells(
    cell: NotebookNode, after: NotebookNode | None, later: list[NotebookNode]
) -> list[NotebookNode]:
    solution_only = exercises.TAG in cell.metadata.get("tags", [])
    if cell.cell_type != "code":
        return [_folded_text(cell) if solution_only else _question(cell, after)]
    if solution_only:
        return [_folded(cell, FURTHER)]
    if not _MARK.search(cell.source):
        return [cell]
    if choices.question_of(cell.source):  # its form stands in the cell above
        return [_folded(cell)]
    codes = [other.source for other in later if other.cell_type == "code"]
    stub = nbformat.v4.new_code_cell(exercises.stub(cell.source, codes))
    return [stub, _folded(cell)]


def _question(cell: NotebookNode, after: NotebookNode | None) -> NotebookNode:
    asked = choices.question_of(after.source) if after and after.cell_type == "code" else None
    if asked:
        cell.source = choices.page_text(cell.source, asked)
    return cell


def _folded(cell: NotebookNode, what: str = SOLUTION) -> NotebookNode:
    cell.source = _MARK.sub("", cell.source + "\n").rstrip("\n")
    cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-cell"]
    prompts = {"code_prompt_show": f"Show {what}", "code_prompt_hide": f"Hide {what}"}
    cell.metadata["mystnb"] = {**cell.metadata.get("mystnb", {}), **prompts}
    return cell


def _folded_text(cell: NotebookNode) -> NotebookNode:
    cell.source = f"<details><summary>Show {REMARK}</summary>\n\n{cell.source}\n\n</details>"
    return cell
