import csv

from hlmteach.nbgrader import look


def rows(folder):
    with open(folder / look.FILE, encoding="utf-8", newline="") as file:
        return [tuple(row.values()) for row in csv.DictReader(file)]


def test_a_step_replaces_what_it_said_before_and_nothing_else(tmp_path):
    look.keep(tmp_path, "ch04", "jo", "run", [])
    assert not (tmp_path / look.FILE).exists()
    look.keep(tmp_path, "ch04", "jo", "run", ["one", "two"])
    look.keep(tmp_path, "ch04", "jo", "cells", ["three"])
    look.keep(tmp_path, "ch05", "jo", "run", ["four"])
    look.keep(tmp_path, "ch04", "jo", "run", ["five"])
    kept = [("ch04", "jo", "cells", "three"), ("ch04", "jo", "run", "five")]
    assert rows(tmp_path) == [*kept, ("ch05", "jo", "run", "four")]
    look.keep(tmp_path, "ch04", "jo", "run", [])
    assert ("ch04", "jo", "run", "five") not in rows(tmp_path)


def test_no_spreadsheet_runs_what_a_student_is_called(tmp_path):
    for _ in range(2):
        look.keep(tmp_path, "ch04", '=cmd("x"), ü', "run", ["=1+1\n@x"])
    assert rows(tmp_path) == [("ch04", '\'=cmd("x"), ü', "run", "'=1+1\n@x")]


def test_one_student_cannot_fill_it(tmp_path):
    look.keep(tmp_path, "ch04", "jo", "run", [str(n) * 1000 for n in range(1000)])
    assert len(rows(tmp_path)) == look.MOST_NOTES
    assert max(len(note) for *_, note in rows(tmp_path)) == look.LONGEST_NOTE
