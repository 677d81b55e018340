"""Exercises: what learners receive, made from the written solutions by two rules.

1. In a code cell, what stands between `### BEGIN SOLUTION` and `### END SOLUTION` becomes dots; a
   name that is assigned there and used afterwards is set to the dots, so that its check can say so.
2. A cell that is tagged `solution` is left out.

solutions/chNN_stem.md is the only source; exercises/chNN_stem.ipynb is never edited.
"""

import ast
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from hlmteach import notebook

FOLDER = "exercises"
TAG = "solution"
CHECKED = {notebook.CHECKED, notebook.STDERR_ALLOWED, notebook.ERROR_ALLOWED}
_BLOCK = re.compile(r"^( *)### BEGIN SOLUTION *\n(.*?)^ *### END SOLUTION *$", re.DOTALL | re.M)


def exercise_path(solution: Path) -> Path:
    """Where the exercise of a solution lies: exercises/chNN_stem.ipynb."""
    return solution.parent.parent / FOLDER / f"{solution.stem}.ipynb"


def make(solution: Path) -> NotebookNode:
    """The exercise of a written solution, unexecuted.

    Parameters
    ----------
    solution : Path
        solutions/chNN_stem.md.

    Raises
    ------
    ValueError
        If a solution block is left open.
    """
    made = notebook.read_source(solution)
    kept = bare(made.cells)
    made.cells = [_first_cell(solution), *kept]
    return made


def bare(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells of a solution as learners get them; the code cells are changed in place."""
    kept = [cell for cell in cells if TAG not in cell.metadata.get("tags", [])]
    for number, cell in enumerate(kept):
        if cell.cell_type == "code":
            later = [other.source for other in kept[number + 1 :] if other.cell_type == "code"]
            cell.source = stub(cell.source, later)
            _forget_tags(cell)
    return kept


def text(solution: Path) -> str:
    """The exercise as it is stored."""
    return nbformat.writes(make(solution)) + "\n"


def write(solution: Path) -> bool:
    """Store the exercise of a solution; True if that changed the file."""
    path, new = exercise_path(solution), text(solution)
    if path.exists() and path.read_text(encoding="utf-8") == new:
        return False
    path.parent.mkdir(exist_ok=True)
    path.write_text(new, encoding="utf-8", newline="\n")
    return True


def is_current(solution: Path) -> bool:
    """Is the stored exercise the one that the solution gives?"""
    path = exercise_path(solution)
    return path.exists() and path.read_text(encoding="utf-8") == text(solution)


def stub(source: str, later: list[str] = ()) -> str:
    """A code cell without its solution.

    Examples
    --------
    >>> print(stub("### BEGIN SOLUTION\\nicc = 1\\n### END SOLUTION\\ncheck('x', icc)"))
    icc = ...
    check('x', icc)
    """
    bare = _BLOCK.sub(r"\1...", source)
    if "### BEGIN SOLUTION" in bare or "### END SOLUTION" in bare:
        raise ValueError(f"A solution block is left open in the cell {source[:60]!r}.")
    used = _used([bare, *(_BLOCK.sub(r"\1...", other) for other in later)])
    return _BLOCK.sub(lambda match: _dots(match, used), source)


def _dots(match: re.Match, used: set[str]) -> str:
    indent, body = match.groups()
    names = [name for name in _assigned(body) if name in used]
    return "\n".join(f"{indent}{name} = ..." for name in names) or f"{indent}..."


def _assigned(body: str) -> list[str]:
    """Names that a block assigns, in order."""
    tree = ast.parse("if True:\n" + "\n".join("    " + line for line in body.splitlines()))
    stored = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return list(dict.fromkeys(n.id for n in sorted(stored, key=lambda n: (n.lineno, n.col_offset))))


def _used(sources: list[str]) -> set[str]:
    names: set[str] = set()
    for source in sources:
        plain = "\n".join(
            line for line in source.splitlines() if line.strip()[:1] not in ("%", "!")
        )
        for node in ast.walk(ast.parse(plain)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                names.add(node.id)
    return names


def _forget_tags(cell: NotebookNode) -> None:
    """Tags for the solution's tests mean nothing in an exercise."""
    tags = [tag for tag in cell.metadata.get("tags", []) if tag not in CHECKED]
    cell.metadata.pop("tags", None)
    if tags:
        cell.metadata["tags"] = tags


def _first_cell(solution: Path) -> NotebookNode:
    cell = nbformat.v4.new_markdown_cell(
        f"<!-- Generated from solutions/{solution.name} by `hlmteach build`: edit that file. -->\n"
        f"*This notebook is generated from `solutions/{solution.name}` by `hlmteach build`. "
        "Work in a copy of your own: File, Save Notebook As.*"
    )
    cell["id"] = "generated"
    return cell
