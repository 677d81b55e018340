"""A class of sixty whose deserved marks are known, graded in the sandbox, once undisturbed and once
in shards that are killed at random moments."""

import json
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from classroom import book, pupil, roster, snapshot, solved

from hlmteach.grading.filenames import file_name
from hlmteach.sandbox import available

pytestmark = pytest.mark.skipif(bool(available()), reason=f"no sandbox: {available()}")
# The smallest and the largest mean of a school, at the ends of a picture's axis and in its words.
AXIS = re.compile(r">-?\d+</text>|; from -?\d+ to -?\d+ points\.")
SECRET = "eleven quiet harbours"
IDS = [f"p{number:02d}@uni.example" for number in range(54)]
IDS += ["Zoë Ångström", "学生六", 'O\'Neil; "Bo"', "../up", "=1+1", "12345"]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The class, its notebooks in one folder, and a first marking."""
    root = tmp_path_factory.mktemp("class")
    students = [pupil(k, id, f"Pupil {k}", SECRET) for k, id in enumerate(IDS)]
    (root / "pile").mkdir()
    for student in students:
        name = f"ch04_icc-{file_name(student.id)}.ipynb"
        (root / "pile" / name).write_bytes(solved(student))
    (root / "secret.txt").write_text(SECRET)
    roster(root / "class.csv", students)
    start(root, "marked", "--jobs", "2").wait()
    return root, students


def start(root: Path, out: str, *words: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "hlmteach", "grade", "pile", "--roster", "class.csv"]
    command += ["--out", out, "--secret", "secret.txt", *words]
    with open(root / f"{out}.log", "ab") as log:
        return subprocess.Popen(command, cwd=root, stdout=log, stderr=log)


def result(root: Path, id: str) -> dict:
    text = (root / "marked" / "results" / f"{file_name(id)}.json").read_text("utf-8")
    (attempt,) = json.loads(text)["attempts"]
    return attempt


def test_everybody_gets_what_is_deserved(course):
    root, students = course
    found = book(root / "marked" / "gradebook.csv")
    assert len(found) == len(students)
    for student in students:
        row = found[student.id if student.id[0] != "=" else f"'{student.id}"]
        for question, deserved in student.deserved.items():
            assert row[question] == ("" if deserved is None else f"{deserved:g}"), question
        assert float(row["total"]) == student.total
        waiting = sum(points is None for points in student.deserved.values())
        assert row["status"] == (f"{waiting} to mark" if waiting else "graded")


def test_every_mistake_is_named(course):
    root, students = course
    for student in students:
        answers = result(root, student.id)["answers"]
        for question, mistake in student.mistakes.items():
            assert mistake in answers[question]["diagnosis"], (student.id, question)


def words(page):
    """All that a page says, in the words for its pictures too."""
    page = AXIS.sub("", page)
    labels = re.findall(r'(?:aria-label|alt)="([^"]*)"', page)
    assert any("mean of math in each of" in label for label in labels)
    return " ".join([*labels, re.sub("<[^>]*>", " ", page)])


def test_no_page_for_a_student_tells_a_right_number_that_was_not_given(course):
    root, students = course
    for student in students:
        page = (root / "marked" / "feedback" / f"{file_name(student.id)}.html").read_text("utf-8")
        said = words(page)
        for question, right in result(root, student.id)["truth"].items():
            if student.deserved[question] == 0:
                told = said.replace(student.sources[question], "")
                assert not re.search(rf"(?<![\d.]){re.escape(f'{right:.4g}')}", told)


def test_grading_again_runs_nothing_and_changes_nothing(course):
    root = course[0]
    before = snapshot(root / "marked")
    assert start(root, "marked").wait() == 0
    assert snapshot(root / "marked") == before
    assert "60 with something handed in; chapter ch04; 0 to mark." in (
        root / "marked.log"
    ).read_text("utf-8")


def test_a_run_killed_at_random_moments_and_taken_up_gives_the_same_files(course):
    """Two thirds of the results come from elsewhere, as those of another machine's shard do.

    Two kills, another number of jobs; and no process is left behind.
    """
    root, students = course
    (root / "again" / "results").mkdir(parents=True)
    for student in students[:40]:
        name = f"results/{file_name(student.id)}.json"
        shutil.copy(root / "marked" / name, root / "again" / name)
    dice = random.Random()  # a new moment each time; the outcome must not depend on it
    for words in (["--jobs", "1", "--shard", "2/2"], ["--jobs", "2"]):
        running = start(root, "again", *words)
        _wait_for(root / "again" / "results", dice.randint(1, 5), running)
        time.sleep(dice.random())
        family = _family(running.pid)
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert _gone(family)
    assert start(root, "again", "--jobs", "3").wait() == 0
    assert snapshot(root / "again") == snapshot(root / "marked")


def _wait_for(folder: Path, more: int, running: subprocess.Popen) -> None:
    """Until so many further results are there."""
    target, until = len(list(folder.glob("*.json"))) + more, time.monotonic() + 300
    while len(list(folder.glob("*.json"))) < target:
        assert running.poll() is None and time.monotonic() < until, "grading did not get so far"
        time.sleep(0.02)


def _family(pid: int) -> list[int]:
    """Processes below this one, all the way down."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    below = [int(word) for word in text.split()]
    return below + [deeper for child in below for deeper in _family(child)]


def _gone(pids: list[int]) -> bool:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if not any(_lives(pid) for pid in pids):
            return True
        time.sleep(0.1)
    return False


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
