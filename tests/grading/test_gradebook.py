import csv
import io

import pytest
from pieces import OPEN, RIGHT, WRONG, attempt, entry, record

from hlmteach.grading import gradebook
from hlmteach.grading.policy import Policy
from hlmteach.grading.roster import Student

EVIL = Student("=b", '=HYPERLINK("http://evil")', "+1@x.org")
ROWS = [
    entry([attempt()], [record(read=RIGHT, icc=WRONG, report=OPEN)]),
    entry([], None, student=EVIL),
]


def rows(text):
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_row_a_student_and_a_column_a_question():
    head, ann, evil = rows(gradebook.gradebook(ROWS))
    asked = ["ch04.read-output", "ch04.icc", "ch04.report"]
    assert head == ["id", "name", *asked, "total", "of", "days_late", "status"]
    assert ann == ["ann", "Ann Lee", "1", "0", "", "1", "6", "0", "1 to mark"]
    assert evil[-1] == "missing" and evil[:2] == ["'=b", '\'=HYPERLINK("http://evil")']


def test_canvas_layout():
    head, possible, ann, evil = rows(gradebook.canvas(ROWS, "Lab 4"))
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lab 4"]
    assert possible == ["    Points Possible", "", "", "", "", "6"]
    assert ann == ["Ann Lee", "", "ann", "ann@x.org", "", "1"]
    assert evil == ['\'=HYPERLINK("http://evil")', "", "=b", "+1@x.org", "", ""]


def test_a_roster_from_canvas_brings_its_numbers():
    own = {"Student": "Lee, Ann", "ID": "47", "SIS User ID": "ann", "Section": "A"}
    row = entry([attempt()], [record(icc=RIGHT)], student=Student("ann", "Lee, Ann", "", own))
    assert rows(gradebook.canvas([row], "x"))[2] == ["Lee, Ann", "47", "ann", "", "A", "2"]


def test_moodle_layouts():
    head, ann, evil = rows(gradebook.moodle(ROWS, "Lab 4"))
    assert head == ["ID number", "Email address", "Lab 4", "Lab 4 (feedback)"]
    assert ann == ["ann", "ann@x.org", "1", "1 to mark"]
    assert evil[:2] == ["=b", "+1@x.org"]  # what Moodle looks for


def test_moodles_worksheet_comes_back_with_all_its_columns():
    sheet = {
        "Identifier": "Participant 5",
        "Full name": "Ann Lee",
        "Status": "Submitted for grading",
        "Grade": "",
        "Maximum Grade": "6.00",
        "Last modified (grade)": "-",
        "Feedback comments": "",
    }
    own, other = Student("ann", "Ann Lee", "a@x.org", sheet), Student("ben", "Ben Ash")
    graded = [entry([attempt()], [record(icc=RIGHT)], student=student) for student in (own, other)]
    head, *found = rows(gradebook.moodle(graded, "x"))
    assert head == list(sheet)
    filled = {**sheet, "Grade": "2", "Feedback comments": "graded"}
    assert found == [list(filled.values())]


def test_no_column_of_mails_where_one_is_missing():
    nobody = entry([attempt()], [record(icc=RIGHT)], student=Student("ben", "Ben Ash"))
    head, *found = rows(gradebook.moodle([*ROWS, nobody], "Lab 4"))
    assert head == ["ID number", "Lab 4", "Lab 4 (feedback)"]
    assert found[-1] == ["ben", "2", "graded"]


FORMULA = '=HYPERLINK("http://evil")'


@pytest.mark.parametrize("layout", [gradebook.gradebook, gradebook.canvas, gradebook.moodle])
@pytest.mark.parametrize("worksheet", [False, True])
def test_no_cell_of_any_layout_is_a_formula_that_does_anything(layout, worksheet):
    own = dict.fromkeys(["Identifier", "Username", "Full name", "Status"], FORMULA)
    student = Student(FORMULA, FORMULA, FORMULA, own if worksheet else {})
    graded = [entry([attempt()], [record()], student=student)]
    text = layout(graded) if layout is gradebook.gradebook else layout(graded, "=cmd()")
    cells = [cell for row in rows(text) for cell in row if cell]
    assert not any(cell[0] in "=+-@\t\r" for cell in cells)


def test_the_title():
    assert gradebook.title(Policy(), ["ch04"]) == "hlmteach ch04"
    assert gradebook.title(Policy(title="Lab"), ["ch04"]) == "Lab"
