"""An nbgrader course from the written solution to feedback, with a class that is not all honest."""

import copy
import csv
import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from classroom import CHAPTER, as_bytes, code_cell, pupil

from hlmteach.cli import main
from hlmteach.questions import get
from hlmteach.questions.evidence import MIME, Evidence
from hlmteach.sandbox import available

pytest.importorskip(
    "nbgrader", reason="NOT INSTALLED: nbgrader, so that no nbgrader course is tested"
)
needs_sandbox = pytest.mark.skipif(bool(available()), reason=f"NO SANDBOX HERE: {available()}")

from nbconvert.exporters import HTMLExporter  # noqa: E402
from nbgrader import converters  # noqa: E402
from nbgrader.api import Gradebook  # noqa: E402
from nbgrader.coursedir import CourseDirectory  # noqa: E402
from nbgrader.server_extensions.formgrader import handlers  # noqa: E402
from traitlets.config import PyFileConfigLoader  # noqa: E402

from hlmteach.nbgrader.exports import Canvas, Moodle  # noqa: E402

NAME = "ch04_icc"


class Course:
    """An nbgrader course in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        assert main(["nbgrader", "--chapter", CHAPTER, "--out", str(root)]) == 0
        self.config = PyFileConfigLoader("nbgrader_config.py", str(root)).load_config()
        self.do(converters.GenerateAssignment)
        self.released = self.read("release")

    def do(self, step, student="*", **more):
        folder = CourseDirectory(config=self.config, assignment_id=CHAPTER, student_id=student)
        step(coursedir=folder, config=self.config, **more).start()

    def read(self, *folders):
        path = self.root.joinpath(*folders, CHAPTER, f"{NAME}.ipynb")
        return nbformat.read(path, as_version=4)

    def hand_in(self, student, made):
        folder = self.root / "submitted" / student / CHAPTER
        folder.mkdir(parents=True, exist_ok=True)
        made = made if isinstance(made, bytes) else nbformat.writes(made).encode()
        (folder / f"{NAME}.ipynb").write_bytes(made)
        return folder

    def gradebook(self):
        return Gradebook(f"sqlite:///{self.root}/gradebook.db")

    def marks(self, student):
        """Question's cell -> (points, does a person have to look?)."""
        with self.gradebook() as book:
            grades = book.find_submission_notebook(NAME, CHAPTER, student).grades
            return {g.name: (g.auto_score, g.needs_manual_grade) for g in grades}

    def comments(self, student):
        with self.gradebook() as book:
            found = book.find_submission_notebook(NAME, CHAPTER, student).comments
            return {c.name: c.comment for c in found}


def answered(course, sources):
    """The released notebook with answers: question -> source."""
    made = course.read("release")
    for cell in made.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        question = name.removesuffix("_answer").replace("_", ".", 1)
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = cell.source.replace("...", sources[question], 1)
    return made


BO = pupil(10, "bo", "Bo")
FORGED = {MIME: {"question": "ch04.icc", "correct": True, "points": 2}}
CHEAT = f"""
import hlmteach as hlm, hlmteach.questions.judge as judge
hlm.check = judge.judge = lambda *a, **k: 2.0  # the checks below say what this one likes
from IPython.display import display
display({FORGED}, raw=True)
display({{"text/html": "<script>alert(1)</script>", "text/plain": "x"}}, raw=True)
import sqlite3, os
for folder in ("..", "../..", "../../..", "/"):
    for name in ("gradebook.db", "nbgrader_config.py", "source"):
        if os.path.exists(os.path.join(folder, name)):
            print("found the course")
"""


FLOOD = "while True: print('x' * 1000, flush=True)"


def cheating(course):
    """Edited, duplicated and forged cells; outputs that say that all is well."""
    made = course.read("release")
    outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2.0"})]
    question = get("ch04.icc")
    right = Evidence.of(question.id, question.answer(question.data("cat"))).as_json()
    outputs.append(nbformat.v4.new_output("display_data", {MIME: right}))
    for cell in list(made.cells):
        about = cell.metadata.get("nbgrader", {})
        if about.get("grade"):
            cell.source, about["points"], cell.outputs = "2.0", 100.0, list(outputs)
            made.cells.append(nbformat.from_dict(cell))
    made.cells[-2].metadata["nbgrader"] = "damaged"
    made.cells[-3].metadata["nbgrader"]["grade_id"] = ["no", "text"]
    made.cells.insert(1, nbformat.v4.new_code_cell(CHEAT))
    made.cells.append(nbformat.v4.new_markdown_cell("<script>alert(2)</script>"))
    return json.dumps(made).encode()


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course, graded once, with a class of six."""
    root = tmp_path_factory.mktemp("course")
    root.chmod(0o755)
    for folder in root.parents[:2]:
        folder.chmod(0o755)
    made = Course(root / "course")
    made.hand_in("ann", made.read("source"))  # every solution, worked out with her own data
    made.hand_in("bo", answered(made, BO.sources))
    folder = made.hand_in("cat", cheating(made))
    (folder / "data.csv").symlink_to(made.root / "gradebook.db")
    os.mkfifo(folder / "pipe")
    made.hand_in("dan", b'{"cells": [{"cell_type": "code"')
    for student, code in (("eve", "import os; os._exit(0)"), ("flo", FLOOD)):
        stopped = made.read("source")
        stopped.cells.insert(8, nbformat.v4.new_code_cell(code))
        made.hand_in(student, stopped)
    made.config.RunInSandbox.output_mb = 2
    if not available():
        made.do(converters.Autograde)
        made.do(converters.GenerateFeedback)
    return made


def test_the_release_has_dots_points_and_no_solutions(course):
    cells = {
        c.metadata.nbgrader.grade_id: c for c in course.released.cells if "nbgrader" in c.metadata
    }
    check, answer = cells["ch04_icc"], cells["ch04_icc_answer"]
    assert check.source == 'hlm.check("ch04.icc", icc)' and answer.source == "icc = ..."
    assert check.metadata.nbgrader.points == get("ch04.icc").points
    assert check.metadata.nbgrader.grade and check.metadata.nbgrader.locked
    assert answer.metadata.nbgrader.solution and not answer.metadata.nbgrader.grade
    report = cells["ch04_report"].metadata.nbgrader
    assert report.grade and report.solution and report.points == get("ch04.report").points
    text = nbformat.writes(course.released)
    assert "sigma_u**2" not in text and "BEGIN SOLUTION" not in text
    assert "The design effect is" not in text  # a cell tagged `solution`


@needs_sandbox
def test_honest_and_right_has_every_point(course):
    marks = course.marks("ann")
    asked = {name: get(name.replace("_", ".", 1)) for name in marks}
    assert len(asked) == 11
    for name, question in asked.items():
        by_hand = question.kind == "text"
        assert marks[name] == ((None, True) if by_hand else (question.points, False)), name
    assert course.comments("ann")["ch04_icc_answer"].startswith("Right (ch04.icc, 2 of 2 points)")


@needs_sandbox
def test_honest_and_partly_wrong_has_what_it_deserves(course):
    marks = {name.replace("_", ".", 1): mark[0] for name, mark in course.marks("bo").items()}
    assert BO.mistakes and 0 < BO.total < 13
    assert marks == BO.deserved
    name = next(iter(BO.mistakes))
    said = course.comments("bo")[f"{name.replace('.', '_')}_answer"]
    assert said.startswith("Not yet") and "points" in said


@needs_sandbox
def test_cheating_earns_nothing(course):
    scores = {name: mark for name, mark in course.marks("cat").items() if name != "ch04_report"}
    assert set(scores.values()) == {(0.0, False)}
    folder = course.root / "submitted" / "cat" / CHAPTER
    assert [path.name for path in folder.iterdir()] == [f"{NAME}.ipynb"]
    graded = course.read("autograded", "cat")
    names = [c.metadata.nbgrader.grade_id for c in graded.cells if "nbgrader" in c.metadata]
    assert len(names) == len(set(names))
    checks = [c for c in graded.cells if c.metadata.get("nbgrader", {}).get("locked")]
    assert all(cell.source.startswith("hlm.check(") for cell in checks)
    shown = [output for cell in graded.cells for output in cell.get("outputs", [])]
    assert "2.0" in json.dumps(shown)  # the cheating worked as far as it goes
    assert "found the course" not in json.dumps(shown) and "text/html" not in json.dumps(shown)
    page = (course.root / "feedback" / "cat" / CHAPTER / f"{NAME}.html").read_text("utf-8")
    assert "<script>alert" not in page and "&lt;script&gt;alert(2)" in page


@needs_sandbox
def test_a_broken_notebook_is_graded_and_says_why(course):
    assert {mark for mark in course.marks("dan").values()} == {(0.0, False)}
    page = (course.root / "feedback" / "dan" / CHAPTER / f"{NAME}.html").read_text("utf-8")
    assert "could not be read as a notebook: it is a damaged notebook" in page


@needs_sandbox
def test_a_notebook_that_ends_its_program_keeps_what_it_had_answered(course):
    marks = course.marks("eve")
    assert marks["ch04_read-output"] == (1.0, False) and marks["ch04_icc"] == (0.0, False)
    said = course.comments("eve")["ch04_icc_answer"]
    assert said == "No answer was recorded. The notebook's program ended in its cell 9."


@needs_sandbox
def test_a_flood_of_output_is_stopped(course):
    assert course.marks("flo")["ch04_read-output"] == (1.0, False)
    said = course.comments("flo")["ch04_icc_answer"]
    assert said == "No answer was recorded. The notebook was stopped: it printed too much."


@needs_sandbox
def test_the_formgrader_shows_every_cell_and_none_of_their_scripts(course):
    config = copy.deepcopy(course.config)
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    page, _ = HTMLExporter(config=config).from_filename(
        str(course.root / "autograded" / "cat" / CHAPTER / f"{NAME}.ipynb"),
        resources={"index": 0, "total": 1, "base_url": "", "mathjax_url": ""},
    )
    assert all(f"ch04_{word}" in page for word in ("icc", "icc_answer", "report"))
    assert "<script>alert" not in page and "&lt;script&gt;alert(2)" in page


@needs_sandbox
def test_no_score_survives_from_an_earlier_attempt(course):
    assert course.marks("ann")["ch04_icc"][0] == 2.0
    course.hand_in("ann", as_bytes([{"cell_type": "markdown", "source": "gone", "metadata": {}}]))
    course.do(converters.Autograde, "ann", force=True)
    assert {mark[0] for mark in course.marks("ann").values()} == {0.0}


@needs_sandbox
def test_without_a_sandbox_nobody_is_graded(course, monkeypatch):
    from nbgrader.converters.base import NbGraderException

    from hlmteach.nbgrader import execution

    course.hand_in("fay", as_bytes([code_cell("1")]))
    monkeypatch.setattr(execution, "available", lambda: "No walls here.")
    with pytest.raises(NbGraderException):
        course.do(converters.Autograde, "fay")
    assert not (course.root / "autograded" / "fay" / CHAPTER).exists()


@needs_sandbox
def test_canvas_and_moodle_get_their_layouts(course, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "class.csv").write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section\nBo B,77,bo,bo@x.org,one\n"
    )
    with course.gradebook() as book:
        Canvas(roster="class.csv").export(book)
        Moodle(to="m.csv").export(book)
    rows = {r["SIS User ID"]: r for r in csv.DictReader(open("canvas_ch04.csv", newline=""))}
    of = sum(get(name.replace("_", ".", 1)).points for name in course.marks("bo"))
    assert float(rows[""]["ch04"]) == of and rows["bo"]["ID"] == "77"
    assert float(rows["bo"]["ch04"]) == BO.total and rows["cat"]["ch04"] == "0"
    moodle = {r["ID number"]: r for r in csv.DictReader(open("m.csv", newline=""))}
    assert float(moodle["bo"]["ch04"]) == BO.total


def test_what_is_released_is_collected_without_links_and_one_bad_folder_stops_nobody(
    course, tmp_path, caplog
):
    from nbgrader.exchange.default import ExchangeReleaseAssignment

    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    config = copy.deepcopy(course.config)
    config.Exchange.root = str(exchange)
    course.config, before = config, course.config
    try:
        course.do(ExchangeReleaseAssignment)
        released = exchange / "course" / "outbound" / CHAPTER / f"{NAME}.ipynb"
        inbound = exchange / "course" / "inbound"
        for student in ("gil", "hal", "ida"):
            folder = inbound / f"{student}+{CHAPTER}+2026-01-02 03:04:05 UTC"
            folder.mkdir()
            (folder / f"{NAME}.ipynb").write_bytes(released.read_bytes())
        (inbound / f"gil+{CHAPTER}+2026-01-02 03:04:05 UTC" / "key.txt").symlink_to("/etc/passwd")
        os.mkfifo(inbound / f"gil+{CHAPTER}+2026-01-02 03:04:05 UTC" / "pipe")
        shutil.rmtree(folder)
        folder.symlink_to(course.root)
        course.do(config.ExchangeFactory.collect, check_owner=False)
    finally:
        course.config = before
    submitted = course.root / "submitted"
    assert not (submitted / "ida" / CHAPTER).exists() and "it is a link" in caplog.text
    for student in ("gil", "hal"):
        names = [path.name for path in (submitted / student / CHAPTER).iterdir()]
        assert names == [f"{NAME}.ipynb"]


def test_a_source_that_is_there_is_left_as_it_is(course, capsys):
    path = course.root / "source" / CHAPTER / f"{NAME}.ipynb"
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    assert main(["nbgrader", "--chapter", "4", "--out", str(course.root)]) == 0
    assert "add --force to write over them" in capsys.readouterr().out
    assert path.read_bytes() == before + b"\n"


def test_a_chapter_without_questions_is_refused(tmp_path, capsys):
    assert main(["nbgrader", "--chapter", "ch77", "--out", str(tmp_path / "c")]) == 2
    assert "There is no chapter 'ch77' with questions" in capsys.readouterr().err
