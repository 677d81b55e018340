"""Make an nbgrader course of chapters' exercises, graded in the sandbox.

    hlmteach nbgrader --chapter ch04 --out course/
    hlmteach nbgrader --chapter ch04 --out exam/ --secret exam-secret.txt --roster roster.csv

Then, in course/, everything is nbgrader's: `nbgrader generate_assignment ch04`, release, collect,
`nbgrader autograde ch04`, the formgrader, `nbgrader generate_feedback ch04`. The folder's
nbgrader_config.py lets submissions run in the sandbox, and scores follow from what is judged
outside of it. A student's data follow from nbgrader's id of the student.

With --secret they follow from a secret that only you have, too, and lie in exam/handout/, a folder
for each student of the roster. nbgrader releases one notebook for all: hand each student the folder
of their own as well. An exam is a course of its own, in a folder of its own.

A source notebook that is there already is left as it is, with what you changed in it.
"""

import argparse
import re
import sys
from importlib.util import find_spec
from pathlib import Path

from hlmteach.assignment import Stop, chapter_ids, read_secret
from hlmteach.grading import csvfile, handout, roster
from hlmteach.project import find_root
from hlmteach.words import count

from . import source

CONFIG, HANDOUT = "nbgrader_config.py", "handout"
_CONFIG = '''\
"""nbgrader's settings for this course; add your own at the end."""

from pathlib import Path

from hlmteach.nbgrader import configure

c = get_config()  # noqa: F821
c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "{course}"
configure(c{exam})
'''
_NO_ID = re.compile(r"^[.\s]|[+*?\[\]/\\]")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may follow `hlmteach nbgrader`."""
    parser.add_argument("--chapter", action="append", required=True, help="such as ch04")
    parser.add_argument("--out", type=Path, required=True, help="the course's folder")
    parser.add_argument("--secret", type=Path, help="file with a secret, for an exam")
    parser.add_argument("--roster", type=Path, help="with --secret: CSV file with the class")
    parser.add_argument("--force", action="store_true", help="write over source notebooks")
    parser.add_argument("--root", type=Path, help="the project's folder (found by default)")


def run(args: argparse.Namespace) -> int:
    """Write the course; 2 if nothing could be begun."""
    try:
        return _run(args)
    except (Stop, csvfile.BadTable, ValueError, OSError) as error:
        print(f"hlmteach nbgrader: {error}", file=sys.stderr)
        return 2


def _run(args: argparse.Namespace) -> int:
    chapters = chapter_ids(args.chapter, args.out)
    solutions = {c: _solution(args.root or find_root(), c) for c in chapters}
    secret, people = _exam(args)
    _write_config(args.out, args.secret, handout.seal(secret))
    pairs = solutions.items()
    made = [_write(args.out, *pair, handout.seal(secret), args.force) for pair in pairs]
    print(
        f"{count(sum(made), 'source notebook')} written in {args.out}, for {', '.join(chapters)}."
    )
    if not all(made):
        print("Those that were there are as they were; add --force to write over them.")
    if secret:
        _deal(args.out / HANDOUT, people, chapters, secret)
        print(f"{count(len(people), 'folder')} in {args.out / HANDOUT}: hand each student theirs.")
        print(f"Keep {args.secret} where only you can read it: autograding needs it.")
    print(f"Next: cd {args.out}; nbgrader generate_assignment {chapters[0]}")
    if find_spec("nbgrader") is None:
        print("nbgrader is not installed: pip install 'hlmteach[nbgrader]'", file=sys.stderr)
    return 0


def _exam(args: argparse.Namespace) -> tuple[str, list[roster.Student]]:
    """The secret and who is in the class; nothing of both where there is no exam."""
    if not (args.secret and args.roster):
        if args.secret or args.roster:
            raise Stop(
                "--secret and --roster belong together: with a secret the data of every student of "
                "the class are drawn here. Give both, or neither."
            )
        return "", []
    if args.secret.resolve().is_relative_to(args.out.resolve()):
        raise Stop(
            f"{args.secret} lies in the course's folder, from which nbgrader copies files to "
            "students. Move it elsewhere."
        )
    people = list(roster.read(args.roster))
    if odd := [student.id for student in people if _NO_ID.search(student.id)]:
        raise Stop(
            f"nbgrader cannot call a student {odd[0]!r}: ids are names of folders there, without "
            "+ * ? [ ] / \\ and without a dot in front. Use the students' logins in the roster."
        )
    return read_secret(args.secret), people


def _solution(root: Path, chapter: str) -> Path:
    found = sorted((root / "solutions").glob(f"{chapter}_*.md"))
    if not found:
        raise Stop(
            f"{root} has no solutions/{chapter}_*.md. Run this in the folder of the course, or "
            "name it with --root."
        )
    return found[0]


def _write_config(out: Path, secret: Path | None, seal: str) -> None:
    """nbgrader's settings; those that are there must be for the same secret."""
    path = out / CONFIG
    exam = f", secret={str(secret.resolve())!r}, seal={seal!r}" if secret else ""
    if path.exists():
        text = path.read_text(encoding="utf-8")
        same = f"seal={seal!r}" in text if seal else "seal=" not in text
        if not same:
            other = "with another secret, or without one" if seal else "for an exam, with a secret"
            raise Stop(f"{out} was made {other}. Name a folder of its own with --out.")
        return
    out.mkdir(parents=True, exist_ok=True)
    course = re.sub(r"\W+", "-", out.resolve().name).strip("-") or "hlm"
    text = _CONFIG.format(course=course, exam=exam)
    path.write_text(text, encoding="utf-8", newline="\n")


def _write(out: Path, chapter: str, solution: Path, seal: str, force: bool) -> bool:
    """Write the source of an assignment; False if there is one already."""
    path = out / "source" / chapter / f"{solution.stem}.ipynb"
    if path.exists() and not force:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source.text(solution, seal), encoding="utf-8", newline="\n")
    return True


def _deal(out: Path, people: list[roster.Student], chapters: list[str], secret: str) -> None:
    """Each student's data, in a folder for each assignment as it lies in the student's home."""
    from hlmteach.questions.parcel import pack

    for student in people:
        for chapter in chapters:
            folder = out / student.file_name / chapter
            folder.mkdir(parents=True, exist_ok=True)
            text = pack(student.id, [chapter], secret) + "\n"
            (folder / handout.DATA_FILE).write_text(text, encoding="ascii", newline="\n")
    rows = [(student.id, student.name, student.file_name) for student in people]
    text = handout.overview(rows)
    (out / "folders.csv").write_text(text, encoding="utf-8", newline="\n")
