import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from classroom import notebook

from hlmteach.grading import pile, submissions
from hlmteach.grading.roster import Roster, Student

ANN, BO = Student("ann", "Ann Lee"), Student("bo", "Bo Ek")
LAB = notebook(['hlm.check("ch04.icc", 0.2)'])


@pytest.fixture
def put(tmp_path):
    def write(name, raw=LAB):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
        return path

    return write


def sort(root, by_hand=None):
    return submissions.sort(pile.gather(root), Roster([ANN, BO]), by_hand)


def files(submission):
    return [attempt.file.name for attempt in submission.attempts]


def test_every_student_has_a_submission_and_nothing_is_dropped(tmp_path, put):
    for name in ("ann/lab.ipynb", "ann/notes.txt", "carl/lab.ipynb"):
        put(name)
    found = sort(tmp_path)
    ann, bo = found.submissions
    assert (files(ann), ann.others, files(bo)) == (["ann/lab.ipynb"], ["ann/notes.txt"], [])
    ((file, why),) = found.unmatched
    assert (file.name, why) == ("carl/lab.ipynb", "No name in its path is in the roster.")


def test_what_a_person_said_goes_first(tmp_path, put):
    put("ann/lab.ipynb")
    put("carl/lab.ipynb")
    found = sort(tmp_path, {"carl/lab.ipynb": "BO"})
    assert files(found.submissions[1]) == ["carl/lab.ipynb"] and not found.unmatched
    wrong = sort(tmp_path, {"carl/lab.ipynb": "dora"}).unmatched
    assert wrong[0][1] == "'dora' is not in the roster."


def test_a_folder_made_by_a_student_is_no_submission_of_another(tmp_path, put):
    put("ann/lab.ipynb")
    put("bo/ann/lab.ipynb")
    put("participant 5/ann/lab.ipynb")
    found = sort(tmp_path)
    assert [files(one) for one in found.submissions] == [["ann/lab.ipynb"], ["bo/ann/lab.ipynb"]]
    assert found.unmatched[0][1] == "Only a part of the path that students choose says ann."


def test_attempts_are_in_the_order_of_nbgraders_timestamps(tmp_path, put):
    put("ann/b/lab.ipynb")
    put("ann/b/timestamp.txt", b"2026-11-20 10:00:00.123 UTC")
    put("ann/a/lab.ipynb")
    put("ann/a/timestamp.txt", b"2026-11-20 12:30:00 +0100")
    attempts = sort(tmp_path).submissions[0].attempts
    assert [a.file.parts[1] for a in attempts] == ["b", "a"]
    assert attempts[1].time == datetime(2026, 11, 20, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-11-20 10:00:00 UTC", "0001-01-01 00:00:00 +1400", "x"])
def test_a_timestamp_that_a_student_made_is_not_believed(tmp_path, put, text):
    for number in range(3):
        put(f"ann/{number}/lab.ipynb")
        put(f"ann/{number}/timestamp.txt", text.encode())
    put("bo/lab.ipynb")
    found = sort(tmp_path)
    today = datetime.now(UTC) - timedelta(days=1)
    assert all(attempt.time > today for attempt in found.submissions[0].attempts)
    noted = [text.startswith("2026"), "ann/0/timestamp.txt was not believed" in str(found.problems)]
    assert len(set(noted)) == 1


def test_times_in_a_zip_that_a_student_made_are_not_believed(tmp_path, put):
    (tmp_path / "ann").mkdir()
    inner = io.BytesIO()
    for target in (tmp_path / "ann" / "work.zip", tmp_path / "bo.zip", inner):
        with zipfile.ZipFile(target, "w") as made:
            made.writestr(zipfile.ZipInfo("lab.ipynb", (1990, 1, 1, 0, 0, 0)), LAB)
    for submission in sort(tmp_path).submissions:
        assert submission.attempts[0].time.year > 1990
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as made:
        name = "Ann Lee_1_assignsubmission_file_/work.zip"
        made.writestr(zipfile.ZipInfo(name, (2026, 11, 20, 10, 0, 0)), inner.getvalue())
    assert sort(tmp_path / "export.zip").submissions[0].attempts[0].time.year == 2026


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ann/hlmteach.py", "is named like a module that the notebook imports; it was not used"),
        ("ann/numpy/__init__.py", "is named like a module that the notebook imports"),
        ("ann/own.py", "is a program beside the notebook; it was not used"),
    ],
)
def test_programs_beside_the_notebook_are_noted(tmp_path, put, name, words):
    put("ann/lab.ipynb")
    put(name, b"print(1)")
    (note,) = sort(tmp_path).submissions[0].notes
    assert words in note


def test_a_file_that_is_no_notebook_says_why(tmp_path, put):
    put("ann/lab.ipynb", b"")
    (attempt,) = sort(tmp_path).submissions[0].attempts
    assert attempt.unreadable == "it is empty" and attempt.digest == ""


def test_one_notebook_does_not_change_what_the_class_was_asked(tmp_path, put):
    roster = Roster([Student(f"s{k}") for k in range(9)])
    for number in range(8):
        put(f"s{number}/lab.ipynb")
    put("s8/lab.ipynb", notebook(['hlm.check("ch05.desk-slope", 1)\nhlm.check("xx.y", 1)']))
    found = submissions.sort(pile.gather(tmp_path), roster)
    assert submissions.chapters_of(found.submissions) == ["ch04"]
    put("s8/more.ipynb")
    pair = submissions.sort(pile.gather(tmp_path), Roster(list(roster)[7:])).submissions
    assert submissions.chapters_of(pair) == ["ch04"]
    assert submissions.chapters_of([]) == []


def test_the_very_same_file_is_noticed(tmp_path, put):
    put("ann/lab.ipynb")
    put("bo/lab.ipynb")
    ((who),) = submissions.by_code(sort(tmp_path).submissions).values()
    assert who == [ANN, BO]


def test_of_a_great_many_notebooks_the_last_are_looked_at(tmp_path, put):
    for number in range(9):
        put(f"ann/{number}/lab.ipynb")
        put(f"ann/{number}/timestamp.txt", f"2026-11-20 10:0{number}:00 UTC".encode())
    put("bo/lab.ipynb")
    put("bo/timestamp.txt", b"2026-11-20 10:00:00 UTC")
    ann, bo = sort(tmp_path).submissions
    assert files(ann) == [f"ann/{number}/lab.ipynb" for number in range(4, 9)]
    assert ann.notes == ["9 notebooks were handed in; the last 5 were looked at."]
    assert files(bo) == ["bo/lab.ipynb"]
