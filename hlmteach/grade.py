"""Grade a class: run every notebook in a sandbox, judge the answers, write the gradebook.

    hlmteach grade collected/ --roster roster.csv --out marked/

What was handed in may be a folder with a folder per student, a folder with all notebooks, a zip as
Moodle or Canvas export it, or nbgrader's submitted/. In marked/ you find gradebook.csv (also in the
layouts of Canvas and Moodle), report.html, feedback/ with a page per student, and marking_sheet.csv
with the answers that a person marks: fill in its column `points` and run the same command again.

A run that was stopped goes on where it stopped. What has not changed is not run again.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from hlmteach.assignment import Stop, chapter_ids, handed_out, read_secret
from hlmteach.words import count

NO_SANDBOX = (
    "Without the sandbox each notebook runs as a plain program with your rights: it can read and "
    "change your files (the gradebook and other submissions too) and use the network. Add "
    "--no-sandbox only for notebooks that you trust or have read."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may follow `hlmteach grade`."""
    parser.add_argument("collected", type=Path, help="folder or zip with what was handed in")
    parser.add_argument("--roster", type=Path, required=True, help="CSV file with the class")
    parser.add_argument("--out", type=Path, required=True, help="folder for all that is written")
    parser.add_argument("--secret", type=Path, help="the secret file that the data were dealt with")
    parser.add_argument("--chapter", action="append", help="such as ch04 (default: as handed in)")
    parser.add_argument("--config", type=Path, help="policy file: late work, attempts, bonus")
    parser.add_argument("--jobs", type=int, default=cores(), help="processes at once")
    parser.add_argument("--shard", metavar="i/n", help="mark only every n-th, from the i-th on")
    parser.add_argument("--no-sandbox", action="store_true", help="run notebooks unprotected")
    parser.add_argument("--root", type=Path, help="the project's folder (found by default)")


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(args: argparse.Namespace) -> int:
    """Grade; 1 if a submission has to be tried again, 2 if nothing could be begun."""
    from hlmteach.grading.csvfile import BadTable
    from hlmteach.grading.policy import BadPolicy

    try:
        return _run(args)
    except (Stop, BadTable, BadPolicy, ValueError) as error:
        print(f"hlmteach grade: {error}", file=sys.stderr)
    except OSError as error:
        print(f"hlmteach grade: {error}. What was done so far is kept.", file=sys.stderr)
    return 2


def _run(args: argparse.Namespace) -> int:
    shard = parse_shard(args.shard)
    grader = prepare(args)
    todo = grader.todo(shard)
    if args.no_sandbox:
        print(f"Warning. {NO_SANDBOX}", file=sys.stderr)
    students = count(len(grader.group.submissions), "student")
    done = sum(bool(s.attempts) for s in grader.group.submissions[shard[0] - 1 :: shard[1]])
    print(
        f"{students}, {done} with something handed in; chapter "
        f"{', '.join(grader.setup.chapters)}; {len(todo)} to mark.",
        flush=True,
    )
    grader.mark(todo, args.jobs, _progress)
    if shard[1] > 1:
        print(
            f"Shard {args.shard} is marked. When all are, bring their {args.out.name}/results/ "
            "together in one folder and run this without --shard: it writes the gradebook."
        )
        return 1 if grader.todo(shard) else 0
    return _tell(grader, args.out)


def prepare(args: argparse.Namespace):
    """Read all that is needed, run nothing.

    Raises
    ------
    Stop, BadTable, BadPolicy, ValueError
        If something is missing; the message says what.
    """
    from hlmteach.grading import grader, pile, policy, roster, submissions
    from hlmteach.grading.results import Setup

    people = roster.read(args.roster)
    rules = policy.for_class(policy.read(args.config), people)
    secret = read_secret(args.secret)
    if not args.no_sandbox:
        _need_sandbox()
    _need_other_folder(args.collected, args.out)
    found = pile.gather(args.collected)
    group = submissions.sort(found, people, grader.by_hand(args.out))
    _need_same_secret(group, secret)
    asked = args.chapter or list(rules.chapters) or submissions.chapters_of(group.submissions)
    chapters = tuple(chapter_ids(asked, args.collected))
    setup = Setup(chapters, secret, not args.no_sandbox, rules.limits)
    return grader.Grader(group, rules, setup, args.out, *handed_out(args.root, chapters))


def parse_shard(text: str | None) -> tuple[int, int]:
    """(i, n) of "i/n".

    Examples
    --------
    >>> parse_shard("2/3"), parse_shard(None)
    ((2, 3), (1, 1))
    """
    if text is None:
        return 1, 1
    first, slash, last = text.partition("/")
    if not (slash and first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last)):
        raise Stop(f"--shard is {text!r}; write 1/3, 2/3 and 3/3 for three machines.")
    return int(first), int(last)


def _need_sandbox() -> None:
    from hlmteach.sandbox import available

    if why := available():
        raise Stop(f"There is no sandbox here: {why}\n{NO_SANDBOX}")


def _need_same_secret(group, secret: str) -> None:
    """Another secret than the notebooks were dealt with would make every answer wrong.

    Each student has one vote, however many notebooks there are: nobody can stop the others'.
    """
    from hlmteach.grading.handout import seal

    mine = seal(secret)
    there = [one.attempts for one in group.submissions if one.attempts]
    said = [{a.dealt.get("seal") for a in attempts} for attempts in there]
    seals = Counter(word for words in said for word in words if isinstance(word, str))
    usual = max(seals, key=lambda word: (seals[word], word == mine), default=mine)
    if usual == mine or 2 * seals[usual] <= len(there):
        return
    if not usual:
        raise Stop("Most notebooks were dealt without a secret. Leave --secret out.")
    given = "another one was given" if secret else "none was given"
    raise Stop(
        f"Most notebooks were dealt with a secret, and {given}. Grade with the same file: "
        "--secret FILE."
    )


def _need_other_folder(collected: Path, out: Path) -> None:
    if out.resolve().is_relative_to(collected.resolve()):
        raise Stop(
            f"--out {out} lies in {collected}, where submissions are looked for. Name a folder "
            "beside it."
        )


def _progress(done: Iterable, total: int) -> Iterable:
    from tqdm import tqdm

    return tqdm(done, total=total, unit="notebook", disable=None if total else True)


def _tell(grader, out: Path) -> int:
    """Write everything and say what to do next."""
    entries = grader.finish()
    waiting = sum(a.points is None for e in entries for a in e.answers)
    graded = sum(bool(entry.used) for entry in entries)
    print(f"Graded: {graded} of {count(len(entries), 'student')}.")
    for what, name in (
        ("the marks", "gradebook.csv"),
        ("the class on one page", "report.html"),
        ("a page for each student", "feedback"),
    ):
        print(f"  {out / name}: {what}")
    if waiting:
        answers = count(waiting, "answer")
        print(f"  {out / 'marking_sheet.csv'}: {answers} for you to mark; then run this again")
    for slip in grader.slips[:5]:
        print(f"    {slip}")
    if grader.group.unmatched:
        files = count(len(grader.group.unmatched), "notebook")
        print(f"  {out / 'unmatched.csv'}: {files} of nobody's; write the id beside it")
    failures = grader.failures()
    for why, ids in failures.items():
        names = ", ".join(ids[:3]) + (f" and {len(ids) - 3} more" if len(ids) > 3 else "")
        print(f"Not graded: {names}. {why}\nRun the same command again.", file=sys.stderr)
    return 1 if failures else 0
