"""A course of one or two tiny notebooks in a folder of its own, for the tests that build some."""

import shutil
from pathlib import Path

from hlmteach import notebook

ROOT = Path(__file__).resolve().parent.parent
HEADER = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
    format_version: 0.13
kernelspec:
  display_name: Python 3 (ipykernel)
  language: python
  name: python3
---

"""


def code(source: str, tags: str = "") -> str:
    """A code cell as a chapter writes it."""
    line = f":tags: [{tags}]\n\n" if tags else ""
    return f"```{{code-cell}} ipython3\n{line}{source}\n```\n"


CHECKED = code("1 + 1", notebook.CHECKED)


def write(folder: Path, body: str, stem: str = "ch00_tiny") -> Path:
    """Write a chapter into a course's folder and return its path."""
    path = folder / "chapters" / f"{stem}.md"
    path.parent.mkdir(exist_ok=True)
    shutil.copy(ROOT / "jupytext.toml", folder)
    path.write_text(HEADER + body, encoding="utf-8", newline="\n")
    return path
