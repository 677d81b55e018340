"""Deal the exercises of a chapter to a class: a notebook for each student, with the id in it.

    hlmteach deal roster.csv --chapter ch04 --out handout/
    hlmteach deal roster.csv --chapter ch04 --out handout/ --secret exam-secret.txt

Each student gets a folder in handout/, named after the id; handout/folders.csv lists them. With
--one there is one notebook for all, which asks for the id.

With --secret the data are drawn with a secret that only you have. No one else can draw them, before
the lab or in it, so each student's data lie in the folder beside the notebook. `hlm.check` then
records answers and says nothing about them (unless you add --feedback). Keep the secret file:
`hlmteach grade` needs it.
"""

import argparse
import json
import sys
from pathlib import Path

from hlmteach.assignment import Stop, chapter_ids, read_secret
from hlmteach.project import find_root
from hlmteach.words import count


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may follow `hlmteach deal`."""
    parser.add_argument("roster", type=Path, help="CSV file with the class")
    parser.add_argument("--chapter", action="append", required=True, help="such as ch04")
    parser.add_argument("--out", type=Path, required=True, help="folder for the notebooks")
    parser.add_argument("--secret", type=Path, help="file with a secret, for an exam")
    parser.add_argument(
        "--feedback", action="store_true", help="with --secret: hlm.check says what is right"
    )
    parser.add_argument("--one", action="store_true", help="one notebook that asks for the id")
    parser.add_argument("--force", action="store_true", help="write over notebooks in --out")
    parser.add_argument("--root", type=Path, help="the project's folder (found by default)")


def run(args: argparse.Namespace) -> int:
    """Write the notebooks; 2 if nothing could be begun."""
    from hlmteach.grading.csvfile import BadTable

    try:
        return _run(args)
    except (Stop, BadTable, ValueError, OSError) as error:
        print(f"hlmteach deal: {error}", file=sys.stderr)
        return 2


def _run(args: argparse.Namespace) -> int:
    from hlmteach.grading import handout, roster

    people = roster.read(args.roster)
    secret = read_secret(args.secret)
    if secret and args.one:
        raise Stop(
            "With --secret each student's data travel with the notebook, so there cannot be one "
            "notebook for all. Leave --one or --secret out."
        )
    chapters = chapter_ids(args.chapter, args.out)
    exercises = {c: _exercise(args.root or find_root(), c) for c in chapters}
    _need_empty(args.out, args.force)
    args.out.mkdir(parents=True, exist_ok=True)
    if args.one:
        for chapter, path in exercises.items():
            text = handout.notebook(_json(path), chapter, None)
            (args.out / path.name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{', '.join(p.name for p in exercises.values())} in {args.out}: one for all.")
        return 0
    for student in _progress(people):
        _deal(student, exercises, args, secret)
    rows = [(student.id, student.name, student.file_name) for student in people]
    (args.out / "folders.csv").write_text(handout.overview(rows), encoding="utf-8", newline="\n")
    print(f"{count(len(people), 'folder')} in {args.out}; folders.csv says which is whose.")
    if secret:
        print(f"Keep {args.secret}: grading needs `--secret {args.secret}`.")
    return 0


def _deal(student, exercises: dict[str, Path], args: argparse.Namespace, secret: str) -> None:
    """One student's folder."""
    from hlmteach.grading import handout

    folder = args.out / student.file_name
    judged = args.feedback or not secret
    folder.mkdir(exist_ok=True)
    for chapter, path in exercises.items():
        text = handout.notebook(_json(path), chapter, student.id, secret, judged)
        name = f"{path.stem}-{student.file_name}.ipynb"
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    if secret:
        from hlmteach.questions.parcel import pack

        data = pack(student.id, list(exercises), secret, judged=args.feedback)
        (folder / handout.DATA_FILE).write_text(data + "\n", encoding="ascii", newline="\n")


def _exercise(root: Path, chapter: str) -> Path:
    found = sorted((root / "exercises").glob(f"{chapter}_*.ipynb"))
    if not found:
        raise Stop(
            f"{root} has no exercises/{chapter}_*.ipynb. Run this in the folder of the course, or "
            "name it with --root."
        )
    return found[0]


def _json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def _need_empty(out: Path, force: bool) -> None:
    """Notebooks that a class may be working in are not written over unasked."""
    if not force and out.is_dir() and next(out.rglob("*.ipynb"), None):
        raise Stop(
            f"{out} holds notebooks already. Name another folder, or add --force to write over "
            "them (a student's work in them would be lost)."
        )


def _progress(people):
    from tqdm import tqdm

    return tqdm(list(people), unit="notebook", disable=None)
