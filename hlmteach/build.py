"""Run the written chapters and store what they show.

chapters/chNN_stem.md is written by people; `hlmteach build` runs it and writes
chapters/chNN_stem.ipynb beside it, which is committed. It goes one way only: nothing is ever
carried back from the .ipynb. The same holds for solutions/, from which the exercises are made as
well (see hlmteach.exercises), and for chapters/references.bib, from which references.md is. Only
what changed is run.
"""

import argparse
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from hlmteach.project import find_root

FOLDERS = ("chapters", "solutions")
PATTERN = "ch[0-9][0-9]_*"
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may follow `hlmteach build`."""
    parser.add_argument("stems", nargs="*", help="chapters to build, such as ch03 (default: all)")
    parser.add_argument("--check", action="store_true", help="write nothing; say what is stale")
    parser.add_argument("--force", action="store_true", help="build also what has not changed")
    parser.add_argument(
        "--tidy", action="store_true", help="first rewrite the .md the way Jupytext would"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    parser.add_argument("--root", type=Path, help="the project's folder (found by default)")


def run(args: argparse.Namespace) -> int:
    """Build or check the chapters that were named; 1 if any has a problem."""
    root = args.root.resolve() if args.root else find_root()
    try:
        chosen = sources(root, args.stems)
    except ValueError as error:
        print(f"hlmteach build: {error}", file=sys.stderr)
        return 2
    if args.tidy:
        tidy(chosen)
    stale = _references(root, args.check)
    if args.check:
        return _report(((path, check(path, root)) for path in chosen), "up to date") or stale
    for path in chosen:
        _make_exercise(path)
    todo = [path for path in chosen if args.force or not is_current(path)]
    print(f"{len(todo)} of {len(chosen)} notebooks to build")
    return _report(_build_all(todo, root, min(args.jobs, len(todo))), "built") or stale


def _references(root: Path, check: bool) -> int:
    """Write or check the page of references; 1 if it has a problem."""
    from hlmteach import bibliography

    found = bibliography.refresh(root / "chapters", check)
    for sentence in found:
        print(f"PROBLEM  chapters/{bibliography.TARGET}\n         - {sentence}")
    return 1 if found else 0


def _build_all(todo: list[Path], root: Path, workers: int) -> Iterator[tuple[Path, list[str]]]:
    if workers < 2:
        yield from ((path, build(path, root)) for path in todo)
        return
    # Spawned, not forked: a fork of a process that has threads may hang.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from zip(todo, pool.map(build, todo, [root] * len(todo)), strict=True)


def _make_exercise(path: Path) -> None:
    """Write the exercise of a solution; a chapter has none."""
    from hlmteach import exercises

    if path.parent.name == "solutions" and exercises.write(path):
        print(f"  exercises/{path.stem}.ipynb made")


def sources(root: Path, stems: Iterable[str] = ()) -> list[Path]:
    """The written notebooks of the project, or those whose names begin with one of the stems.

    Raises
    ------
    ValueError
        A stem fits no file, or there is nothing to build.
    """
    found = [path for folder in FOLDERS for path in sorted((root / folder).glob(f"{PATTERN}.md"))]
    names = [Path(stem).name.removesuffix(".md").removesuffix(".ipynb") for stem in stems]
    for name in names:
        if not any(path.stem.startswith(name) for path in found):
            have = ", ".join(sorted({path.stem for path in found})) or "none"
            raise ValueError(f"no chapter begins with {name!r}. The chapters here are: {have}.")
    if not found:
        raise ValueError(
            f"{root} has no chapters/{PATTERN}.md. Run this in the folder of the course."
        )
    return [path for path in found if not names or path.stem.startswith(tuple(names))]


def is_current(path: Path) -> bool:
    """Whether the executed notebook has exactly the cells of the written one."""
    import nbformat

    from hlmteach import notebook

    stored = path.with_suffix(".ipynb")
    if not stored.exists():
        return False
    old = nbformat.read(stored, as_version=4)
    return notebook.cells_of(old) == notebook.cells_of(notebook.read_source(path))


def check(path: Path, root: Path) -> list[str]:
    """What is wrong with a pair as it lies there; runs nothing and writes nothing."""
    import nbformat

    from hlmteach import exercises, notebook

    if not is_current(path):
        return ["the .ipynb is missing or not of this .md; run `hlmteach build`", *_untidy(path)]
    stored = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    found = _untidy(path) + notebook.problems(stored, notebook.private_words(root))
    if path.parent.name == "solutions" and not exercises.is_current(path):
        found.append("the exercise is missing or not of this solution; run `hlmteach build`")
    return found


def build(path: Path, root: Path) -> list[str]:
    """Run one written notebook and store it beside the .md, unless it has a problem."""
    import nbformat
    from nbclient.exceptions import CellExecutionError, CellTimeoutError

    from hlmteach import notebook

    if untidy := _untidy(path):
        return untidy
    start = time.perf_counter()
    try:
        done = notebook.execute(notebook.read_source(path), path.parent)
    except (CellExecutionError, CellTimeoutError) as error:
        return [f"a cell failed:\n{_COLOURS.sub('', str(error)).strip()}"]
    if found := notebook.problems(done, notebook.private_words(root)):
        return found
    target = path.with_suffix(".ipynb")
    half = target.with_suffix(".ipynb.part")
    half.write_text(nbformat.writes(done) + "\n", encoding="utf-8", newline="\n")
    half.replace(target)
    print(f"  {path.stem}: {time.perf_counter() - start:.1f} s", flush=True)
    return []


def tidy(paths: Iterable[Path]) -> None:
    """Rewrite the written notebooks the way Jupytext would, so that JupyterLab leaves no diff."""
    from hlmteach import notebook

    for path in paths:
        text = notebook.tidy_source(path)
        if text != path.read_text(encoding="utf-8"):
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"tidied {path.name}")


def _untidy(path: Path) -> list[str]:
    from hlmteach import notebook

    if notebook.tidy_source(path) == path.read_text(encoding="utf-8"):
        return []
    return ["the .md is not as Jupytext would write it; run `hlmteach build --tidy`"]


def _report(results: Iterable[tuple[Path, list[str]]], verb: str) -> int:
    bad = 0
    for path, found in results:
        name = f"{path.parent.name}/{path.stem}"
        bad += bool(found)
        print(f"PROBLEM  {name}" if found else f"OK       {name} {verb}")
        for sentence in found:
            print(f"         - {sentence}")
    return 1 if bad else 0
