import json
import os
import subprocess
import sys

import pytest

from hlmteach.questions import all_questions, progress


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HLMTEACH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_what_is_recorded_is_read_back_by_student(home):
    progress.record("jo", "check", "ch04.icc", status="right")
    progress.record("ann", "check", "ch04.icc", status="wrong")
    (line,) = progress.records("jo")
    assert (line["question"], line["status"], line["event"]) == ("ch04.icc", "right", "check")
    assert line["time"].endswith("+00:00")


@pytest.mark.parametrize("torn", ['{"time": "2026', "\x00\x00", '["a list"]', "\udcff"])
def test_a_torn_line_costs_only_itself(home, torn):
    progress.record("jo", "check", "ch04.icc", status="right")
    with open(home / progress.FILE, "ab") as file:
        file.write(torn.encode("utf-8", "surrogateescape"))
    progress.record("jo", "check", "ch04.n-groups", status="right")
    assert [line["question"] for line in progress.records("jo")] == ["ch04.icc", "ch04.n-groups"]


WRITER = """
import sys
from hlmteach.questions.progress import record
for number in range(200):
    record("jo", "check", f"ch04.{sys.argv[1]}", number=number)
"""


def test_two_notebooks_may_write_at_once(home):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name]) for name in ("one", "two")]
    assert [writer.wait() for writer in writers] == [0, 0]
    lines = progress.records("jo")
    for name in ("ch04.one", "ch04.two"):
        numbers = [line["number"] for line in lines if line["question"] == name]
        assert numbers == list(range(200))


def test_a_place_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HLMTEACH_HOME", str(tmp_path / "file" / "below"))
    assert progress.record("jo", "check", "ch04.icc") is False
    assert progress.records("jo") == []


def test_the_file_is_for_its_owner_only(home):
    progress.record("jo", "check", "ch04.icc")
    if os.name != "nt":
        assert (home / progress.FILE).stat().st_mode & 0o077 == 0


def test_home_is_beside_the_course_or_in_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("HLMTEACH_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "course" / "exercises").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "course" / "exercises")
    assert progress.home() == tmp_path / ".hlmteach"
    (tmp_path / "course" / "course.py").write_text("")
    assert progress.home() == (tmp_path / "course").resolve() / ".hlmteach"


def test_a_right_answer_stays_right_and_points_are_counted_once(home):
    for status in ("wrong", "right", "right", "wrong"):
        progress.record("jo", "check", "ch04.icc", status=status)
    progress.record("jo", "hint", "ch04.icc", number=1)
    progress.record("jo", "check", "ch04.report", status="recorded")
    table = progress.by_question("jo", all_questions())
    assert table.loc["ch04.icc", ["done", "tries", "hints", "points"]].tolist() == [
        "right",
        4,
        1,
        2,
    ]
    assert table.loc["ch04.report", "done"] == "recorded"
    assert table.loc["ch04.n-groups", "done"] == ""
    row = progress.by_chapter("jo", all_questions()).loc["ch04"]
    assert (row["right"], row["recorded"], row["points"]) == (1, 1, 2)


def test_it_shows_as_text_and_as_a_table(home):
    shown = progress.Progress("<jo>", progress.by_chapter("jo", all_questions()))
    assert "0 of" in str(shown) and "ch04" in str(shown)
    html = shown._repr_html_()
    assert "<table" in html and "&lt;jo&gt;" in html and 'role="status"' in html


def test_lines_are_plain_json(home):
    progress.record("李", "check", "ch04.icc", status="right")
    text = (home / progress.FILE).read_text(encoding="ascii").strip()
    assert json.loads(text)["student"] == "李"
