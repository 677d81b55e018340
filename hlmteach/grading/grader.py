"""Grader: the whole of `hlmteach grade`, from the pile to the files that the teacher reads."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hlmteach.questions import Question, all_questions
from hlmteach.sandbox import Limits

from . import alikes, checks, csvfile, gradebook, sheet_page, workers
from . import sheet as sheets
from .entry import Entry, enter
from .feedback import feedback
from .marking import Job, blank, mark
from .policy import Policy
from .report import report
from .results import FOLDER, Setup, Store, fingerprint, is_final, write
from .statistics import items
from .submissions import Class, Submission

UNMATCHED = "unmatched.csv"


@dataclass
class Grader:
    """A class, what it was asked, and the folder where everything is written.

    Attributes
    ----------
    group : every student's submission
    policy, setup : what counts, and what the results follow from
    out : the folder for all that is written
    handed_out : lines of code that the class was given
    order : ids of questions as the exercise has them
    """

    group: Class
    policy: Policy
    setup: Setup
    out: Path
    handed_out: set[str]
    order: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = Store(self.out / FOLDER)
        self.slips: list[str] = []  # in the marking sheet, known after `finish`
        asked = all_questions(self.setup.chapters)
        place = {name: number for number, name in enumerate(self.order)}
        asked.sort(key=lambda q: (q.chapter, place.get(q.id, len(place))))
        self.questions: list[Question] = [q for q in asked if q.id not in self.policy.drop]

    def result(self, submission: Submission) -> dict[str, Any] | None:
        """What is stored about a submission as it is now; None if there is nothing (yet)."""
        if not submission.attempts:
            return None
        return self.store.read(submission.student, fingerprint(submission, self.setup))

    def todo(self, shard: tuple[int, int] = (1, 1)) -> list[Submission]:
        """Submissions without a final result; every n-th of the class, from the i-th on."""
        share = self.group.submissions[shard[0] - 1 :: shard[1]]
        return [s for s in share if s.attempts and not is_final(self.result(s))]

    def mark(
        self, todo: list[Submission], jobs: int, progress: Callable[[Iterable, int], Iterable]
    ) -> None:
        """Mark submissions; each is stored as soon as it is done.

        Parameters
        ----------
        todo : from `todo`
        jobs : processes at once
        progress : wraps the results as they come, with their number; for a progress bar
        """
        by_key = {submission.student.key: submission for submission in todo}
        pairs = [(key, self._job(submission)) for key, submission in by_key.items()]
        done = workers.run(mark, pairs, jobs, self._seconds)
        for key, attempts, why in progress(done, len(pairs)):
            submission = by_key[key]
            if attempts is None:
                attempts = [blank(a.file.name, "failed", why) for a in submission.attempts]
            self.store.write(submission.student, fingerprint(submission, self.setup), attempts)

    def failures(self) -> dict[str, list[str]]:
        """Why a notebook has to be tried again -> the students whose notebooks they are."""
        found: dict[str, list[str]] = {}
        for submission in self.group.submissions:
            for record in (self.result(submission) or {"attempts": []})["attempts"]:
                if record["status"] == "failed":
                    found.setdefault(record["why"], []).append(submission.student.id)
        return found

    def _job(self, submission: Submission) -> Job:
        files = tuple((a.file, a.digest, a.unreadable) for a in submission.attempts)
        return Job(submission.student.aliases, files, self.setup)

    def _seconds(self, job: Job) -> float:
        seconds = self.setup.limits.get("seconds", Limits.seconds)
        return len(job.files) * Limits(seconds=seconds).longest

    # ------------------------------------------------------------ what the teacher reads

    def finish(self) -> list[Entry]:
        """Write the gradebook, the pages and the marking sheet; returns the gradebook's rows.

        Raises
        ------
        BadTable
            If the marking sheet is there and cannot be read; then nothing is written.
        """
        most = {q.id: float(self.policy.points.get(q.id, q.points)) for q in self.questions}
        sheet = sheets.read(self.out / sheets.FILE, most)
        self.slips = sheet.problems
        submissions = self.group.submissions
        results = {s.student.key: _light(self.result(s)) for s in submissions}
        entries = [
            enter(s, results[s.student.key], self.questions, self.policy, sheet)
            for s in submissions
        ]
        dealt = checks.mostly_dealt(submissions)
        for submission, entry in zip(submissions, entries, strict=True):
            entry.notes += checks.notes(submission, self.questions, self.handed_out, dealt)
        there = {key: result for key, result in results.items() if result}
        alike = alikes.notes(submissions, entries, there, self.handed_out)
        self._write_tables(entries, sheet)
        self._write_feedback(submissions, entries)
        self._write_report(entries, alike, sheet.problems)
        self.store.tidy()
        return entries

    def _write_tables(self, entries: list[Entry], sheet: sheets.Sheet) -> None:
        title = gradebook.title(self.policy, self.setup.chapters)
        write(self.out / "gradebook.csv", gradebook.gradebook(entries))
        write(self.out / "gradebook_canvas.csv", gradebook.canvas(entries, title))
        write(self.out / "gradebook_moodle.csv", gradebook.moodle(entries, title))
        answers = sheet_page.open_answers(entries, self.questions)
        sheets.store(self.out / sheets.FILE, sheet, answers)
        page = sheet_page.sheet_page(answers, sheet, self.questions, title)
        write(self.out / "marking_sheet.html", page)
        self._write_unmatched()

    def _write_unmatched(self) -> None:
        """Files that are nobody's, with a column for the id; what a person wrote there stays."""
        path = self.out / UNMATCHED
        mine = by_hand(self.out)
        files = {file.name: why for file, why in self.group.unmatched}
        rows = [[name, why, mine.get(name, "")] for name, why in files.items()]
        rows += [[name, "matched by hand", id] for name, id in mine.items() if name not in files]
        if rows or path.exists():
            write(path, "\ufeff" + csvfile.text(["file", "why", "id"], rows))

    def _write_feedback(self, submissions: list[Submission], entries: list[Entry]) -> None:
        title = gradebook.title(self.policy, self.setup.chapters)
        folder = self.out / "feedback"
        made = set()
        for submission, entry in zip(submissions, entries, strict=True):
            if entry.used:
                path = folder / f"{entry.student.file_name}.html"
                pictures = _pictures(self.result(submission), entry)
                write(path, feedback(entry, title, self.policy, pictures))
                made.add(path.name)
        for path in folder.glob("*.html"):
            if path.name not in made:
                path.unlink()

    def _write_report(self, entries: list[Entry], alike: list[str], problems: list[str]) -> None:
        title = gradebook.title(self.policy, self.setup.chapters)
        unmatched = [(file.name, why) for file, why in self.group.unmatched]
        problems = [*self.group.problems, *problems]
        page = report(entries, items(entries), title, unmatched, alike, problems)
        write(self.out / "report.html", page)


def _light(result: dict[str, Any] | None) -> dict[str, Any] | None:
    """A result without its pictures, so that a large class takes no more memory than a small one;
    they are read again, a student at a time."""
    for record in result["attempts"] if result else []:
        record.pop("pictures", None)
    return result


def _pictures(result: dict[str, Any] | None, entry: Entry) -> list[list]:
    """The pictures of the notebooks that count."""
    counted = {record["file"] for record in entry.used}
    records = result["attempts"] if result else []
    return [p for r in records if r["file"] in counted for p in r.get("pictures", [])]


def by_hand(out: Path) -> dict[str, str]:
    """File -> id, where a person wrote one into unmatched.csv."""
    path = out / UNMATCHED
    if not path.exists():
        return {}
    rows = csvfile.read(path)
    plain = [{name: cell.removeprefix("'") for name, cell in row.items()} for row in rows]
    return {row["file"]: row["id"] for row in plain if row.get("file") and row.get("id")}
