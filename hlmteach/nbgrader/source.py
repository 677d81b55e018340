"""Source: the notebook from which nbgrader makes an assignment, made from a written solution.

A question's cell becomes two: the answer, which the learner edits, and the check, which is locked
and earns the points. A question that a person marks stays one cell.
"""

import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from hlmteach import notebook
from hlmteach.grading.handout import DATA_FILE
from hlmteach.questions import get

from .names import answer_id, check_id

SCHEMA = 3  # of nbgrader's metadata
_CHECK = re.compile(r'^hlm\.check\("([^"]+)".*\Z', re.MULTILINE | re.DOTALL)
_ASK = re.compile(r"^import hlmteach as hlm\n+hlm\.student\(\).*$", re.MULTILINE)
_WHO = """\
import os

import hlmteach as hlm

hlm.student(os.environ.get("JUPYTERHUB_USER"))  # or your id, in quotes, between the brackets"""
_DEALT = f"""\
import hlmteach as hlm

hlm.dealt("{DATA_FILE}")  # the file with your data; keep it beside this notebook"""


def make(solution: Path, seal: str = "") -> NotebookNode:
    """The source notebook of a chapter's exercises, with solutions, without outputs.

    Parameters
    ----------
    solution : solutions/chNN_stem.md
    seal : for an exam, the letters of its secret: then students' data lie beside the notebook

    Raises
    ------
    ValueError
        If the notebook does not ask for the student's id.
    """
    made = notebook.read_source(solution)
    made.cells = [part for cell in made.cells for part in _parts(cell)]
    asking = [cell for cell in made.cells if cell.cell_type == "code" and _ASK.search(cell.source)]
    if not asking:
        raise ValueError(f"{solution.name} has no cell with `hlm.student()`.")
    who = _DEALT if seal else _WHO
    asking[0].source = _ASK.sub(lambda _: who, asking[0].source, count=1)
    made.metadata["hlmteach"] = {"chapter": solution.stem.partition("_")[0], "seal": seal}
    return made


def text(solution: Path, seal: str = "") -> str:
    """The source notebook as it is stored."""
    return nbformat.writes(make(solution, seal)) + "\n"


def _parts(cell: NotebookNode) -> list[NotebookNode]:
    """A cell, or the answer and the check of which it consists."""
    found = _CHECK.search(cell.source) if cell.cell_type == "code" else None
    if not found:
        return [cell]
    question = get(found[1])
    if question.kind == "text":
        mark(cell, check_id(question.id), points=question.points, solution=True)
        return [cell]
    check = nbformat.v4.new_code_cell(found[0].rstrip(), id=f"{cell['id']}-check"[-64:])
    mark(check, check_id(question.id), points=question.points, locked=True)
    cell.source = cell.source[: found.start()].rstrip()
    mark(cell, answer_id(question.id), solution=True)
    return [cell, check]


def mark(
    cell: NotebookNode,
    grade_id: str,
    points: float | None = None,
    solution: bool = False,
    locked: bool = False,
    **more: Any,
) -> None:
    """Give a cell nbgrader's metadata; with `points` it is one that is graded."""
    made = {"schema_version": SCHEMA, "grade_id": grade_id, "grade": points is not None}
    made |= {"solution": solution, "locked": locked, "task": False, **more}
    if points is not None:
        made["points"] = float(points)
    cell.metadata["nbgrader"] = made
