"""Cells: nbgrader's metadata of a submission, written anew from the gradebook.

What the submission says about its cells is a hint and no more: which cell is which. Points, kinds
and the text of the checks are the gradebook's.
"""

import re
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook, Notebook

from .intake import CLAIMS
from .names import question_of
from .source import mark
from .step import Step, about

TWICE = "cells that are there twice, of which the last counts"
STRANGE = "cells that are none of the assignment's"
EDITED = "edited checks, in whose place the assignment's own are run"
CLAIMED = "cells that say otherwise of their points or their kind"
MISSING = "missing checks, put back"
Problem = tuple[str, str]  # one of these, and the name of a cell
_CHECKS = re.compile(r"""^[^#\n]*\bcheck\(\s*["']([^"'\n]{1,80})["']""", re.MULTILINE)


class KnownCells(Step):
    """Clears duplicated and damaged cells; puts the checks back that were edited or deleted."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        whose = about(resources)
        with Gradebook(whose["db_url"]) as gradebook:
            known = Known(gradebook.find_notebook(whose["notebook"], whose["assignment"]))
        self._tell(whose, known.restore(nb.cells))
        return nb, resources

    def _tell(self, whose: dict[str, str], problems: list[str]) -> None:
        self.note(whose, f"cells of {whose['notebook']}", problems)


class StillKnownCells(KnownCells):
    """The same once more: the intake reads what the first pass has written."""

    def _tell(self, whose: dict[str, str], problems: list[str]) -> None:
        """The first pass has told it."""


class Known:
    """The cells of an assignment's notebook, as the gradebook has them."""

    def __init__(self, source: Notebook) -> None:
        points = {cell.name: cell.max_score for cell in source.grade_cells}
        solutions = {cell.name for cell in source.solution_cells}
        tasks = {cell.name: cell.max_score for cell in source.task_cells}
        self.cells: dict[str, NotebookNode] = {}
        for cell in source.source_cells:
            new = nbformat.v4.new_code_cell if cell.cell_type == "code" else _markdown
            made = self.cells[cell.name] = new(cell.source)
            mark(
                made,
                cell.name,
                points=points.get(cell.name),
                solution=cell.name in solutions,
                locked=bool(cell.locked),
                cell_type=cell.cell_type,
                checksum=cell.checksum,
            )
            if cell.name in tasks:
                made.metadata["nbgrader"] |= {"task": True, "points": tasks[cell.name]}

    def restore(self, cells: list[NotebookNode]) -> list[str]:
        """Give the cells of a submission what the gradebook says about them; what was odd."""
        problems = self._name(cells)
        problems += [p for cell in cells for p in self._renew(cell)]
        problems += self._add_missing(cells) if _code(cells) else []
        kinds = dict.fromkeys(kind for kind, _ in problems)
        return [f"{kind}: {_list([n for k, n in problems if k == kind])}" for kind in kinds]

    def _name(self, cells: list[NotebookNode]) -> list[Problem]:
        """One cell for each name: the last, as the last answer counts."""
        problems, seen = [], set()
        for cell in reversed(cells):
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name is not None and (name in seen or name not in self.cells):
                problems.append((TWICE if name in seen else STRANGE, name))
                del cell.metadata["nbgrader"]
            seen.add(name)
        for name, source in self.cells.items():  # one that a person marks, by what it checks
            if name not in seen and _is_by_hand(source):
                self._adopt(cells, name)
        return problems

    def _adopt(self, cells: list[NotebookNode], name: str) -> None:
        question = question_of(name)
        for cell in reversed(_code(cells)):
            if question and "nbgrader" not in cell.metadata and question.id in _checks([cell]):
                cell.metadata["nbgrader"] = {"grade_id": name}
                return

    def _renew(self, cell: NotebookNode) -> list[Problem]:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name is None:
            return []
        source, theirs = self.cells[name], cell.metadata["nbgrader"]
        ours = source.metadata["nbgrader"]
        problems = []
        if ours["locked"] and cell.source != source.source:
            problems.append((EDITED, name))
        if any(theirs[claim] != ours.get(claim, False) for claim in CLAIMS if claim in theirs):
            problems.append((CLAIMED, name))
        if cell.cell_type != source.cell_type:
            _become(cell, source)
        cell.metadata["nbgrader"] = dict(ours)
        if ours["locked"]:
            cell.source = source.source
        return problems

    def _add_missing(self, cells: list[NotebookNode]) -> list[Problem]:
        """Put checks back behind the cell that comes before them in the assignment.

        A question that the submission checks in a cell of its own needs none.
        """
        problems, checked, before = [], _checks(cells), 0
        for name, source in self.cells.items():
            at = [n for n, cell in enumerate(cells) if _name_of(cell) == name]
            if at:
                before = at[0] + 1
                continue
            question = question_of(name)
            locked = source.metadata["nbgrader"]["locked"]
            if locked and not (question and question.id in checked):
                problems.append((MISSING, name))
                # Behind everything if no cell of the assignment is known any more.
                place = before or len(cells)
                added = nbformat.from_dict(source)
                added["id"] = f"added-{len(problems)}"
                cells.insert(place, added)
                before = place + 1
        return problems


def _list(names: list[str]) -> str:
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(name[:60] for name in names[:6]) + more


def _markdown(source: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source)


def _code(cells: list[NotebookNode]) -> list[NotebookNode]:
    return [cell for cell in cells if cell.cell_type == "code"]


def _checks(cells: list[NotebookNode]) -> set[str]:
    """Ids of the questions that these cells check."""
    return {name.strip().lower() for cell in _code(cells) for name in _CHECKS.findall(cell.source)}


def _is_by_hand(cell: NotebookNode) -> bool:
    return bool(cell.metadata["nbgrader"]["grade"] and cell.metadata["nbgrader"]["solution"])


def _name_of(cell: NotebookNode) -> str | None:
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _become(cell: NotebookNode, like: NotebookNode) -> None:
    """Turn a code cell into text, or text into code."""
    text, name = cell.source, cell["id"]
    cell.clear()
    cell.update(nbformat.from_dict(like), source=text, id=name)
