"""Exports: nbgrader's gradebook in the layouts that Canvas and Moodle import.

nbgrader export --exporter=hlmteach.nbgrader.exports.Canvas --assignment='["ch04"]'
"""

from collections.abc import Callable
from pathlib import Path

from nbgrader.api import Assignment, Gradebook, MissingEntry
from nbgrader.api import Student as Row
from nbgrader.plugins import ExportPlugin
from traitlets import Unicode

from hlmteach.grading import gradebook, roster
from hlmteach.grading.entry import Entry
from hlmteach.grading.roster import Roster, Student

Layout = Callable[[list[Entry], str], str]


class _Export(ExportPlugin):
    """One file for each assignment: the name given by --to, or the LMS's with the assignment's."""

    roster = Unicode("", help="the LMS's own list of the class, whose numbers are used").tag(
        config=True
    )
    layout: Layout
    lms = ""

    def export(self, gradebook: Gradebook) -> None:
        people = roster.read(Path(self.roster)) if self.roster else Roster([])
        chosen = [
            a for a in gradebook.assignments if not self.assignment or a.name in self.assignment
        ]
        for assignment in chosen:
            students = [s for s in gradebook.students if not self.student or s.id in self.student]
            entries = [_entry(gradebook, assignment, s, people) for s in students]
            path = Path(self.to or f"{self.lms}_{assignment.name}.csv")
            if self.to and len(chosen) > 1:
                path = path.with_stem(f"{path.stem}_{assignment.name}")
            path.write_text(type(self).layout(entries, assignment.name), "utf-8", newline="\n")
            self.log.info("%s: %s", path, self.lms)


class Canvas(_Export):
    """For Canvas: Grades, Import."""

    layout = staticmethod(gradebook.canvas)
    lms = "canvas"


class Moodle(_Export):
    """For Moodle: Grades, Import, CSV file; or the grading worksheet, if that is the roster."""

    layout = staticmethod(gradebook.moodle)
    lms = "moodle"


def _entry(book: Gradebook, assignment: Assignment, row: Row, people: Roster) -> Entry:
    name = " ".join(filter(None, [row.first_name, row.last_name]))
    student = people.find(row.id) or Student(row.id, name, row.email or "")
    of = float(assignment.max_score)
    try:
        submission = book.find_submission(assignment.name, row.id)
    except MissingEntry:
        return Entry(student, [], 0.0, of, status="missing")
    total = max(0.0, submission.score - (submission.late_submission_penalty or 0.0))
    status = "still to be marked by hand" if submission.needs_manual_grade else "graded"
    return Entry(student, [], round(total, 2), of, status=status, used=[{}])
