"""An nbgrader course from the written solution to feedback, with a class that is not all honest."""

import copy
import csv
import functools
import json
import os
from pathlib import Path

import nbformat
import pytest
from classroom import CHAPTER, as_bytes, asked, code_cell, pupil

from hlmteach.cli import main
from hlmteach.nbgrader import look
from hlmteach.nbgrader.course import CONFIG
from hlmteach.questions import get
from hlmteach.questions.evidence import MIME, Evidence
from hlmteach.sandbox import available

pytest.importorskip(
    "nbgrader", reason="NOT INSTALLED: nbgrader, so that no nbgrader course is tested"
)
needs_sandbox = pytest.mark.skipif(bool(available()), reason=f"NO SANDBOX HERE: {available()}")

from nbconvert.exporters import HTMLExporter  # noqa: E402
from nbcourse import NAME, Course, answered  # noqa: E402
from nbgrader import converters  # noqa: E402
from nbgrader.auth import Authenticator  # noqa: E402
from nbgrader.converters.base import NbGraderException  # noqa: E402
from nbgrader.exchange import default as exchange  # noqa: E402
from nbgrader.server_extensions.formgrader import handlers  # noqa: E402
from traitlets.config import Config  # noqa: E402

from hlmteach.nbgrader.exports import Canvas, Moodle  # noqa: E402
from hlmteach.nbgrader.release import NO_KERNEL  # noqa: E402

MOST = float(sum(question.points for question in asked()))


@functools.cache
def bo():
    return pupil(10, "bo", "Bo")


FORGED = {MIME: {"question": "ch04.icc", "correct": True, "points": 2}}
CHEAT = f"""
import hlmteach as hlm, hlmteach.questions.judge as judge
hlm.check = judge.judge = lambda *a, **k: 2.0  # the checks below say what this one likes
from IPython.display import display
display({FORGED}, raw=True)
display({{"text/html": "<script>alert(1)</script>", "text/plain": "x"}}, raw=True)
import os, pathlib
for folder in ("..", "../..", "../../..", "/"):
    for name in ("gradebook.db", "{CONFIG}", "source", "{look.FILE}"):
        if os.path.exists(os.path.join(folder, name)):
            print("found the course")
for name in ("{CONFIG}", "{NAME}.ipynb", "/tmp/left-behind"):
    try:
        pathlib.Path(name).write_text("mine")
    except OSError as error:
        print(type(error).__name__, name)
"""
PWNED = "import pathlib; pathlib.Path({!r}).write_text('mine'); raise SystemExit"
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
    own = {"kernel_provisioner": {"provisioner_name": "local-provisioner"}}
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "mine", "metadata": own}
    return json.dumps(made).encode()


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course, graded once, with a class of four."""
    root = tmp_path_factory.mktemp("course")
    root.chmod(0o755)
    for folder in root.parents[:2]:
        folder.chmod(0o755)
    made = Course(root / "course")
    made.hand_in("ann", made.read("source"))  # every solution, worked out with her own data
    flooding = answered(made, bo().sources)
    flooding.cells.append(nbformat.v4.new_code_cell(FLOOD))
    made.hand_in("bo", flooding, name="Lab 4 (Bo)")
    folder = made.hand_in("cat", cheating(made))
    (folder / "data.csv").symlink_to(made.root / "gradebook.db")
    os.mkfifo(folder / "pipe")
    for name in (CONFIG, "hlmteach.py", "sitecustomize.py", "nbformat.py", "gradebook.db"):
        (folder / name).write_text(PWNED.format(str(made.root / "pwned.txt")))
    (folder / "timestamp.txt").write_text("yesterday, I swear")
    made.hand_in("dan", b'{"cells": [{"cell_type": "code"')
    made.config.RunInSandbox.output_mb = 2
    if not available():
        made.do(converters.Autograde)
        for student in ("cat", "dan"):
            made.do(converters.GenerateFeedback, student)
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
    assert len(asked) == 12
    for name, question in asked.items():
        by_hand = question.kind == "text"
        assert marks[name] == ((None, True) if by_hand else (question.points, False)), name
    assert course.comments("ann")["ch04_icc_answer"].startswith("Right (ch04.icc, 2 of 2 points)")


@needs_sandbox
def test_honest_and_partly_wrong_has_what_it_deserves(course):
    marks = {name.replace("_", ".", 1): mark[0] for name, mark in course.marks("bo").items()}
    assert bo().mistakes and 0 < bo().total < MOST - 3
    assert marks == bo().deserved
    name = next(iter(bo().mistakes))
    said = course.comments("bo")[f"{name.replace('.', '_')}_answer"]
    assert said.startswith("Not yet") and "points" in said
    assert f"there is no {NAME}.ipynb; Lab 4 (Bo).ipynb was taken" in course.worth_a_look("bo")


@needs_sandbox
def test_of_the_honest_there_is_nothing_to_look_at(course):
    assert course.worth_a_look("ann") == ""


@needs_sandbox
def test_cheating_earns_nothing(course):
    scores = {name: mark for name, mark in course.marks("cat").items() if name != "ch04_report"}
    assert set(scores.values()) == {(0.0, False)}
    folder = course.root / "submitted" / "cat" / CHAPTER
    assert not {"data.csv", "pipe", "timestamp.txt"} & {path.name for path in folder.iterdir()}
    graded = course.read("autograded", "cat")
    names = [c.metadata.nbgrader.grade_id for c in graded.cells if "nbgrader" in c.metadata]
    assert len(names) == len(set(names))
    checks = [c for c in graded.cells if c.metadata.get("nbgrader", {}).get("locked")]
    assert all(cell.source.startswith("hlm.check(") for cell in checks)
    shown = [output for cell in graded.cells for output in cell.get("outputs", [])]
    assert "2.0" in json.dumps(shown)  # the cheating worked as far as it goes
    assert "found the course" not in json.dumps(shown) and "text/html" not in json.dumps(shown)
    said = "\n".join(output.get("text", "") for output in shown)
    assert f"OSError {CONFIG}" in said and f"OSError {NAME}.ipynb" in said  # it cannot write
    assert not (course.root / "pwned.txt").exists() and not Path("/tmp/left-behind").exists()
    assert "<script>alert" not in course.page("cat")
    assert "&lt;script&gt;alert(2)" in course.page("cat")


@needs_sandbox
def test_what_cheats_did_is_listed_for_a_person(course):
    found = course.worth_a_look("cat")
    for said in (
        "data.csv is a link or no plain file",
        "pipe is a link or no plain file",
        "timestamp.txt is no time",
        "edited checks, in whose place the assignment's own are run: ",
        "cells that are there twice, of which the last counts: ",
        "cells that say otherwise of their points or their kind: ",
        "1 record(s) that are no evidence",
    ):
        assert said in found


@needs_sandbox
def test_a_broken_notebook_is_graded_and_says_why(course):
    assert {mark for mark in course.marks("dan").values()} == {(0.0, False)}
    assert "could not be read as a notebook: it is a damaged notebook" in course.page("dan")


@needs_sandbox
def test_a_flood_of_output_is_stopped_after_what_was_answered(course):
    assert "The notebook was stopped: it printed too much." in course.worth_a_look("bo")
    assert course.marks("bo")["ch04_report"] == (None, True)
    shown = course.read("autograded", "bo").cells[-1].outputs
    assert len(nbformat.writes(course.read("autograded", "bo"))) < 200_000, len(shown)


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


HTML = "Good & <b>bold</b> <script>alert(3)</script> [x](javascript:alert(4)), p < .05\n\n* one"


@needs_sandbox
def test_a_teachers_points_and_comment_are_in_the_feedback_as_typed(course):
    course.mark("ann", "ch04_report", 2.5, HTML)
    course.do(converters.GenerateFeedback, "ann")
    page = course.page("ann")
    assert f"(Score: {MOST - 0.5} / {MOST})" in page and "Score: 2.5 / 3.0" in page
    assert "Good &amp; &lt;b&gt;bold&lt;/b&gt; &lt;script&gt;alert(3)&lt;/script&gt;" in page
    assert "p &lt; .05" in page and "<li>one</li>" in page
    assert 'href="javascript' not in page and "[answer]" not in page
    assert "Right (ch04.icc, 2 of 2 points)." in page


@needs_sandbox
def test_autograding_again_keeps_a_teachers_mark_for_the_same_answer(course):
    course.mark("dan", "ch04_report", 1.0, "asked aloud")
    course.do(converters.Autograde, "dan", force=True)
    assert course.total("dan") == 1.0 and course.comments("dan")["ch04_report"] == "asked aloud"
    assert course.marks("dan")["ch04_report"] == (0.0, True)  # and asks to look again


@needs_sandbox
def test_no_score_survives_from_an_earlier_attempt(course):
    course.mark("ann", "ch04_report", 2.5, "so much work")
    course.mark("ann", "ch04_icc_answer", None, "nicely done")
    assert course.total("ann") == MOST - 0.5
    course.hand_in("ann", as_bytes([{"cell_type": "markdown", "source": "gone", "metadata": {}}]))
    course.do(converters.Autograde, "ann", force=True)
    assert {mark[0] for mark in course.marks("ann").values()} == {0.0}
    assert course.total("ann") == 0.0
    said = "ch04_report has another answer now; what was given for the old one is out: 2.5 points"
    assert f"{said} and the comment 'so much work'" in course.worth_a_look("ann")


def test_without_its_settings_nbgrader_runs_nothing(course, caplog):
    course.hand_in("gus", answered(course, bo().sources))
    bare = Config()
    bare.CourseDirectory.root = str(course.root)
    config, course.config = course.config, bare
    try:
        with pytest.raises(NbGraderException):
            course.do(converters.Autograde, "gus")
    finally:
        course.config = config
    assert f"No such kernel named {NO_KERNEL}" in caplog.text
    assert all(mark == (None, True) for mark in course.marks("gus").values())


@needs_sandbox
def test_without_a_sandbox_nobody_is_graded(course, monkeypatch):
    from hlmteach.nbgrader import execution

    course.hand_in("fay", as_bytes([code_cell("1")]))
    monkeypatch.setattr(execution, "available", lambda: "No walls here.")
    with pytest.raises(NbGraderException):
        course.do(converters.Autograde, "fay")
    assert not (course.root / "autograded" / "fay" / CHAPTER).exists()


@needs_sandbox
def test_canvas_gets_what_was_earned(course, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with course.gradebook() as book:
        Canvas().export(book)
    rows = {
        r["SIS User ID"]: r["ch04"] for r in csv.DictReader(open("canvas_ch04.csv", newline=""))
    }
    of = sum(get(name.replace("_", ".", 1)).points for name in course.marks("bo"))
    assert float(rows[""]) == of and float(rows["bo"]) == bo().total and rows["cat"] == "0"


@needs_sandbox
def test_the_way_through_the_exchange_and_back(course, tmp_path, monkeypatch):
    """Release, fetch, submit, collect, autograde late, mark, feedback, release and fetch that."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    (tmp_path / "exchange").mkdir()
    (tmp_path / "exchange").chmod(0o777)
    monkeypatch.setattr(course, "config", copy.deepcopy(course.config))
    course.config.Exchange.root = str(tmp_path / "exchange")
    course.config.LateSubmissionPlugin.penalty_method = "zero"

    def hand_over(step, **more):
        course.do(step, "hal", authenticator=Authenticator(), **more)

    course.do(exchange.ExchangeReleaseAssignment)
    hand_over(exchange.ExchangeFetchAssignment)
    mine = tmp_path / CHAPTER / f"{NAME}.ipynb"
    assert nbformat.read(mine, as_version=4) == course.released
    mine.write_bytes(as_bytes([{"cell_type": "markdown", "source": "so late", "metadata": {}}]))
    hand_over(exchange.ExchangeSubmit)
    with course.gradebook() as book:
        book.update_or_create_assignment(CHAPTER, duedate="2026-01-02 03:04:05 UTC")
    course.do(course.config.ExchangeFactory.collect, check_owner=False)
    course.do(converters.Autograde, "hal")
    course.mark("hal", "ch04_report", 2.0, "well said")
    assert course.total("hal") == 2.0
    course.do(converters.Autograde, "hal", force=True)  # by which the late penalty is known
    course.do(converters.GenerateFeedback, "hal")
    course.do(exchange.ExchangeReleaseFeedback, "hal")
    hand_over(exchange.ExchangeFetchFeedback)
    (page,) = (tmp_path / CHAPTER / "feedback").rglob("*.html")
    text = page.read_text("utf-8")
    assert "so late" in text and f"(Score: 0.0 / {MOST})" in text
    assert "Late submission penalty (Score: -2.0)" in text
    with course.gradebook() as book:
        Moodle(to="m.csv", student=["hal"]).export(book)
    (row,) = csv.DictReader(open("m.csv", newline=""))
    assert row["ch04"] == "0" and row["ch04 (feedback)"] == "still to be marked by hand"


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
