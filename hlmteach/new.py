"""Begin something new: `hlmteach new question ch05.desk-slope`.

A question is one function, one more for each mistake, and a pair of cells on the solution's page.
This writes the beginnings of all three; a file that does not exist yet is begun as well.
"""

import argparse
import sys
from pathlib import Path

from hlmteach.project import find_root
from hlmteach.questions.question import KINDS
from hlmteach.questions.registry import QuestionNotFound, get

MODULE = '''"""Chapter {number}: questions."""

from .fits import lmer
from .question import question
from .recipes import usa_schools
'''
QUESTION = '''

@question(
    "{id}",
    data=usa_schools,{kind}
    hints=(
        "A nudge: where to look.",
        "Nearer: which rule or which row.",
        "Nearly all the way, without the number.",
    ),
)
def {name}(data):
    """What is asked, with its unit, the model and the estimator?"""
    return lmer("math ~ 1 + (1 | school_id)", data).icc


@{name}.misconception("name-of-the-mistake")
def _(data):
    """What was done, which relation was missed, what to do. Never the right number."""
    fit = lmer("math ~ 1 + (1 | school_id)", data)
    return fit.sigma_u / (fit.sigma_u + fit.sigma_e)
'''
PAGE = """---
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

# Exercises {number}

```{{code-cell}} ipython3
import hlmteach as hlm

hlm.student()  # your e-mail address or student number, in quotes, between the brackets
```
"""
CELLS = """
What is asked, with its unit, the model and the estimator?

```{{code-cell}} ipython3
data = hlm.data("{id}")
### BEGIN SOLUTION
fit = hlm.lmer("math ~ 1 + (1 | school_id)", data)
{name} = fit.icc
### END SOLUTION
hlm.check("{id}", {name})
```
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may follow `hlmteach new`."""
    parser.add_argument("what", choices=["question"])
    parser.add_argument("id", help="such as ch05.desk-slope")
    parser.add_argument("--kind", choices=KINDS, default="number")
    parser.add_argument("--root", type=Path, help="the project's folder (found by default)")


def run(args: argparse.Namespace) -> int:
    """Write the beginnings and say where they are; 2 if the id cannot be used."""
    root = args.root.resolve() if args.root else find_root()
    try:
        stem = _stem(root, args.id)
        written = scaffold(root, args.id, stem, args.kind)
    except ValueError as error:
        print(f"hlmteach new: {error}", file=sys.stderr)
        return 2
    for path in written:
        print(f"  {path.relative_to(root)}")
    print(f"Fill them in, then run `hlmteach build --tidy {stem}` and `pytest tests/questions`.")
    return 0


def scaffold(root: Path, id: str, stem: str, kind: str = "number") -> list[Path]:
    """Append a question's beginnings to the chapter's module and page.

    Raises
    ------
    ValueError
        If there is such a question already.
    """
    if _exists(id):
        raise ValueError(f"there is a question {id!r} already; choose another id.")
    name = id.partition(".")[2].replace("-", "_")
    words = {"id": id, "name": name, "number": int(stem[2:4])}
    words["kind"] = f'\n    kind="{kind}",' if kind != "number" else ""
    module = root / "hlmteach" / "questions" / f"{stem}.py"
    page = root / "solutions" / f"{stem}.md"
    _append(module, MODULE.format(**words), QUESTION.format(**words))
    _append(page, PAGE.format(**words), CELLS.format(**words))
    return [module, page]


def _exists(id: str) -> bool:
    try:
        get(id)
    except QuestionNotFound:
        return False
    return True


def _stem(root: Path, id: str) -> str:
    """The stem of the chapter that the id names.

    Raises
    ------
    ValueError
        If the id is misspelt or the chapter is not there.
    """
    chapter, dot, rest = id.partition(".")
    if not dot or not rest.replace("-", "").isalnum() or rest != rest.lower():
        raise ValueError(f"{id!r} must look like 'ch05.desk-slope'.")
    found = sorted((root / "chapters").glob(f"{chapter}_*.md"))
    if not found:
        have = ", ".join(sorted(p.stem for p in (root / "chapters").glob("ch*_*.md")))
        raise ValueError(f"there is no chapter {chapter!r}; there are: {have}.")
    return found[0].stem


def _append(path: Path, beginning: str, text: str) -> None:
    old = path.read_text(encoding="utf-8") if path.exists() else beginning
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(old.rstrip("\n") + "\n" + text, encoding="utf-8", newline="\n")
