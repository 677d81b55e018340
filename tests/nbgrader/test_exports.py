"""The layouts of Canvas and Moodle, from a gradebook with names as people have them.

Canvas (lib/gradebook_importer.rb) reads a header that begins Student, ID, SIS User ID, SIS Login
ID, Section, and a line in whose first cell stands "Points Possible". Moodle (Grade import, CSV)
finds people by their ID number or e-mail address, as the teacher chooses.
"""

import csv

import pytest

pytest.importorskip(
    "nbgrader", reason="NOT INSTALLED: nbgrader, so that no nbgrader course is tested"
)

from nbgrader.api import Gradebook
from traitlets.config import Config

from hlmteach.nbgrader import configure
from hlmteach.nbgrader.exports import Canvas, Moodle

STUDENTS = {  # id -> first name, last name, e-mail, points; None: handed in nothing
    "zoe": ("Zoë", "Müller, Dr.", "zoe@x.org", 2.0),
    "bo": ('Bo "B"', "O'Neil", None, 1.5),
    "=cmd|'/C calc'!A0": ("=HYPERLINK(1)", "@x", None, 0.0),
    "0042": (None, None, None, 1.0),
    "ida": ("Ida", "Ö", "ida@x.org", None),
}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """A gradebook of an assignment with one question of two points."""
    url = f"sqlite:///{tmp_path_factory.mktemp('book')}/gradebook.db"
    configure(Config())  # by which nbgrader finds its alembic
    with Gradebook(url) as made:
        made.add_assignment("ch04")
        made.add_notebook("lab", "ch04")
        made.add_grade_cell("ch04_icc", "lab", "ch04", max_score=2, cell_type="code")
        for student, (first, last, email, points) in STUDENTS.items():
            made.add_student(student, first_name=first, last_name=last, email=email)
            if points is not None:
                made.add_submission("ch04", student)
                grade = made.find_grade("ch04_icc", "lab", "ch04", student)
                grade.auto_score, grade.needs_manual_grade = points, False
        made.find_submission_notebook("lab", "ch04", "zoe").late_submission_penalty = 0.5
        made.find_grade("ch04_icc", "lab", "ch04", "bo").needs_manual_grade = True
        made.db.commit()
        yield made


@pytest.fixture
def export(book, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(kind, roster="", **more):
        (tmp_path / "class.csv").write_text(roster, "utf-8")
        kind(roster="class.csv" if roster else "", to="out.csv", **more).export(book)
        with open("out.csv", encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    return run


def test_canvas_finds_students_by_their_sis_id(export):
    head, possible, *rows = export(Canvas)
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "ch04"]
    assert possible == ["    Points Possible", "", "", "", "", "2"]
    assert {row[2]: (row[0], row[3], row[5]) for row in rows} == {
        "zoe": ("Zoë Müller, Dr.", "zoe@x.org", "1.5"),  # after what is taken off for lateness
        "bo": ('Bo "B" O\'Neil', "bo", "1.5"),
        "'=cmd|'/C calc'!A0": ("'=HYPERLINK(1) @x", "'=cmd|'/C calc'!A0", "0"),
        "0042": ("0042", "0042", "1"),
        "ida": ("Ida Ö", "ida@x.org", ""),
    }
    assert all(row[1] == row[4] == "" for row in rows)


def test_with_canvas_own_list_its_numbers_and_names_are_used(export):
    roster = 'Student,ID,SIS User ID,SIS Login ID,Section,Old (9)\n"    Points Possible",,,,,10\n'
    roster += '"Müller, Zoë",101,zoe,zmueller,"Lab 1, Monday",3\n"Neil, Bo",102,bo,boneil,two,\n'
    _, _, *rows = export(Canvas, roster)
    found = {row[2]: row for row in rows}
    assert found["zoe"] == ["Müller, Zoë", "101", "zoe", "zmueller", "Lab 1, Monday", "1.5"]
    assert found["bo"][1] == "102"
    assert found["0042"][:2] == ["0042", ""]  # in nbgrader, and not in Canvas's list


def test_moodle_finds_them_by_id_number_and_says_what_is_to_be_marked(export):
    head, *rows = export(Moodle)
    assert head == ["ID number", "ch04", "ch04 (feedback)"]  # not all have an e-mail address
    assert {row[0]: row[1:] for row in rows} == {
        "zoe": ["1.5", "graded"],
        "bo": ["1.5", "still to be marked by hand"],
        "'=cmd|'/C calc'!A0": ["0", "graded"],
        "0042": ["1", "graded"],
        "ida": ["", "missing"],
    }


def test_moodles_worksheet_keeps_its_identifiers(export):
    roster = "Identifier,Full name,ID number,Email address,Grade\n"
    roster += 'Participant 7,"Müller, Zoë",zoe,zoe@x.org,\nParticipant 8,Bo,bo,,\n'
    head, *rows = export(Moodle, roster)
    found = [dict(zip(head, row, strict=True)) for row in rows]
    marks = {row["Identifier"]: row["Grade"] for row in found if row["Identifier"]}
    assert marks == {"Participant 7": "1.5", "Participant 8": "1.5"}


def test_only_those_who_are_asked_for(export):
    assert [row[0] for row in export(Moodle, student=["zoe"])[1:]] == ["zoe"]
