import csv

import pytest

from hlmteach.grading import sheet
from hlmteach.grading.csvfile import BadTable
from hlmteach.grading.sheet import Open, answer_id

MOST = {"ch04.report": 3.0}


def answer(student, text):
    key = answer_id(student, "ch04.report", text)
    return Open("ch04.report", student, student.title(), text, "says it plainly", 3.0, key)


ANN, BO = answer("ann", "=1+1, and schools differ; a lot"), answer("bo", "Zwei\nZeilen, „so“")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / sheet.FILE
    sheet.store(path, sheet.Sheet(), [ANN, BO])
    return path


def fill(path, how, delimiter=",", encoding="utf-8-sig"):
    """What a person does in a spreadsheet; `how` maps an id to cells."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row.update(how.get(row["id"], {}))
    with open(path, "w", encoding=encoding, newline="", errors="replace") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8"), (";", "cp1252")])
def test_marks_come_back_from_a_spreadsheet(path, delimiter, encoding):
    fill(path, {"ann": {"points": "2,5", "comment": "fine"}}, delimiter, encoding)
    found = sheet.read(path, MOST)
    assert (found.marks[ANN.key].points, found.marks[ANN.key].comment) == (2.5, "fine")
    assert BO.key not in found.marks and not found.problems


def test_marks_stay_when_answers_are_added_and_the_file_settles(path):
    fill(path, {"ann": {"points": "2", "comment": "-- good"}})
    third = answer("cem", "Something new here")
    for _ in range(3):
        found = sheet.read(path, MOST)
        assert found.marks == {ANN.key: sheet.Mark(2.0, "-- good")}
        sheet.store(path, found, [ANN, BO, third])
    before = path.read_bytes()
    sheet.store(path, sheet.read(path, MOST), [ANN, BO, third])
    assert path.read_bytes() == before


def test_a_mark_for_an_answer_that_is_gone_is_kept_and_said_to_be_so(path):
    fill(path, {"ann": {"points": "2"}})
    sheet.store(path, sheet.read(path, MOST), [answer("ann", "A new text altogether"), BO])
    text = path.read_text("utf-8")
    assert sheet.GONE in text and ANN.key in text
    assert sheet.read(path, MOST).marks[ANN.key].points == 2


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ("two", "'two' is no number of points"),
        ("7", "7 points are not from 0 to 3"),
        ("-1", "points are not from 0 to 3"),
        ("nan", "points are not from 0 to 3"),
    ],
)
def test_points_that_cannot_be_are_named_and_kept(path, points, words):
    fill(path, {"bo": {"points": points}})
    found = sheet.read(path, MOST)
    assert words in found.problems[0] and "row" in found.problems[0]
    assert found.marks[BO.key].points is None
    sheet.store(path, found, [ANN, BO])
    assert points in path.read_text("utf-8")


def test_a_sheet_that_lost_a_column_is_refused_and_left_alone(path):
    path.write_text("question,points\nch04.report,2\n")
    with pytest.raises(BadTable, match=r"has lost its column 'key'.*Nothing was changed"):
        sheet.read(path, MOST)
    assert path.read_text() == "question,points\nch04.report,2\n"


def test_answers_cannot_run_in_a_spreadsheet(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'=1+1, and schools differ; a lot" in cells
    assert not any(cell[:1] in "=+-@" for cell in cells if cell)
