"""Make an nbgrader course of chapters' exercises, graded in the sandbox.

    hlmteach nbgrader --chapter ch04 --out course/

Then, in course/, everything is nbgrader's: `nbgrader generate_assignment ch04`, release, collect,
`nbgrader autograde ch04`, the formgrader, `nbgrader generate_feedback ch04`. The folder's
nbgrader_config.py lets submissions run in the sandbox, and scores follow from what is judged
outside of it. A student's data follow from nbgrader's id of the student.

A source notebook that is there already is left as it is, with what you changed in it.
"""

import argparse
import re
import sys
from importlib.util import find_spec
from pathlib import Path

from hlmteach.grade import Stop, chapter_ids
from hlmteach.project import find_root
from hlmteach.words import count

from . import source

CONFIG = "nbgrader_config.py"
_CONFIG = '''\
"""nbgrader's settings for this course; add your own at the end."""

from pathlib import Path

from hlmteach.nbgrader import configure

c = get_config()  # noqa: F821
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "{course}"
configure(c)
'''


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may follow `hlmteach nbgrader`."""
    parser.add_argument("--chapter", action="append", required=True, help="such as ch04")
    parser.add_argument("--out", type=Path, required=True, help="the course's folder")
    parser.add_argument("--force", action="store_true", help="write over source notebooks")
    parser.add_argument("--root", type=Path, help="the project's folder (found by default)")


def run(args: argparse.Namespace) -> int:
    """Write the course; 2 if nothing could be begun."""
    try:
        return _run(args)
    except (Stop, ValueError, OSError) as error:
        print(f"hlmteach nbgrader: {error}", file=sys.stderr)
        return 2


def _run(args: argparse.Namespace) -> int:
    chapters = chapter_ids(args.chapter, args.out)
    solutions = {c: _solution(args.root or find_root(), c) for c in chapters}
    made = [_write(args.out, *pair, args.force) for pair in solutions.items()]
    config = args.out / CONFIG
    if not config.exists():
        course = re.sub(r"\W+", "-", args.out.resolve().name).strip("-") or "hlm"
        config.write_text(_CONFIG.format(course=course), encoding="utf-8", newline="\n")
    print(
        f"{count(sum(made), 'source notebook')} written in {args.out}, for {', '.join(chapters)}."
    )
    if not all(made):
        print("Those that were there are as they were; add --force to write over them.")
    print(f"Next: cd {args.out}; nbgrader generate_assignment {chapters[0]}")
    if find_spec("nbgrader") is None:
        print("nbgrader is not installed: pip install 'hlmteach[nbgrader]'", file=sys.stderr)
    return 0


def _solution(root: Path, chapter: str) -> Path:
    found = sorted((root / "solutions").glob(f"{chapter}_*.md"))
    if not found:
        raise Stop(
            f"{root} has no solutions/{chapter}_*.md. Run this in the folder of the course, or "
            "name it with --root."
        )
    return found[0]


def _write(out: Path, chapter: str, solution: Path, force: bool) -> bool:
    """Write the source of an assignment; False if there is one already."""
    path = out / "source" / chapter / f"{solution.stem}.ipynb"
    if path.exists() and not force:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source.text(solution), encoding="utf-8", newline="\n")
    return True
