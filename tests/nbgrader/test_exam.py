"""An exam by nbgrader: data that follow from the teacher's secret, which no student can come by."""

import functools

import nbformat
import pytest
from classroom import CHAPTER, pupil

from hlmteach.cli import main
from hlmteach.grading.handout import seal
from hlmteach.questions import get
from hlmteach.questions.parcel import unpack
from hlmteach.sandbox import available

pytest.importorskip(
    "nbgrader", reason="NOT INSTALLED: nbgrader, so that no nbgrader course is tested"
)
needs_sandbox = pytest.mark.skipif(bool(available()), reason=f"NO SANDBOX HERE: {available()}")

from nbcourse import Course, answered  # noqa: E402
from nbgrader.converters import Autograde, GenerateFeedback  # noqa: E402
from nbgrader.converters.base import NbGraderException  # noqa: E402

SECRET = "seven blue bicycles"
LAST = "ch04_same-rows"  # the notebook ends its own program in front of this check


@functools.cache
def jo(secret=SECRET):
    return pupil(10, "jo", "Jo", secret)


SPY = """
import pathlib
for root in (".", {folder!r}, "/tmp", "/home", "/root", "/proc/self/environ"):
    for path in (pathlib.Path(root), *pathlib.Path(root).rglob("*")):
        try:
            if {word!r}[::-1].encode() in path.read_bytes():
                print("FOUND", path)
        except OSError:
            continue
from hlmteach.questions import recorder
mine = recorder.current().parcel
print("MINE", mine.student, sorted(vars(mine)))
"""


@pytest.fixture(scope="module")
def exam(tmp_path_factory):
    """An exam of three, of whom one hands in."""
    root = tmp_path_factory.mktemp("exam")
    (root / "secret.txt").write_text(SECRET + "\n")
    (root / "class.csv").write_text('id,name\njo,Jo\nbo,"B, o"\nida,Ida\n')
    words = ["--secret", str(root / "secret.txt"), "--roster", str(root / "class.csv")]
    made = Course(root / "course", *words)
    mine = answered(made, jo().sources)
    spy = SPY.format(folder=str(root), word=SECRET[::-1])
    mine.cells.insert(1, nbformat.v4.new_code_cell(spy))
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in mine.cells]
    mine.cells.insert(ids.index(LAST), nbformat.v4.new_code_cell("import os; os._exit(0)"))
    made.hand_in("jo", mine)
    made.words = words
    if not available():
        made.do(Autograde)
        made.do(GenerateFeedback)
    return made


def parcel(exam, student):
    path = exam.root / "handout" / student / CHAPTER / "hlmteach_data.txt"
    return unpack(path.read_text("ascii"))


def test_each_student_gets_data_of_the_secret_in_a_folder_of_their_own(exam):
    for student in ("jo", "bo", "ida"):
        dealt = parcel(exam, student)
        assert dealt.student == student and not dealt.judged
        assert dealt.data("ch04.icc").equals(get("ch04.icc").data(student, SECRET))
    assert not parcel(exam, "jo").data("ch04.icc").equals(get("ch04.icc").data("jo"))
    folders = (exam.root / "handout" / "folders.csv").read_text("utf-8")
    assert folders.splitlines()[2] == 'bo,"B, o",bo'


def test_the_released_notebook_opens_them_and_names_nobody(exam):
    code = [cell.source for cell in exam.released.cells if cell.cell_type == "code"]
    assert 'hlm.dealt("hlmteach_data.txt")' in code[0] and "hlm.student(" not in "".join(code)
    assert exam.released.metadata.hlmteach == {"chapter": CHAPTER, "seal": seal(SECRET)}
    assert exam.released.metadata.kernelspec.name == "python3"


@needs_sandbox
def test_answers_are_judged_against_the_data_of_the_secret(exam):
    marks = {name.replace("_", ".", 1): mark[0] for name, mark in exam.marks("jo").items()}
    last = LAST.replace("_", ".", 1)
    assert marks == jo().deserved | {last: 0.0} and jo().total > 4
    without = jo("")
    changed = [name for name in jo().sources if jo().sources[name] != without.sources[name]]
    assert len(changed) >= 3  # numbers that would earn nothing without the secret


@needs_sandbox
def test_a_notebook_that_ends_its_program_keeps_what_it_had_answered(exam):
    said = exam.comments("jo")[f"{LAST}_answer"]
    assert said.startswith("No answer was recorded. The notebook's program ended in its cell ")
    assert "The notebook's program ended" in exam.worth_a_look("jo")


@needs_sandbox
def test_the_notebook_finds_its_own_data_and_not_the_secret(exam):
    graded = exam.read("autograded", "jo")
    said = "".join(o.get("text", "") for c in graded.cells for o in c.get("outputs", []))
    assert "MINE jo ['datasets', 'judged', 'student', 'tables']" in said
    assert "FOUND" not in said


@needs_sandbox
def test_the_secret_is_in_no_file_of_the_course(exam):
    paths = [path for path in exam.root.rglob("*") if path.is_file()]
    assert {"autograded", "feedback", "handout", "release"} <= {p.name for p in exam.root.iterdir()}
    assert [path for path in paths if SECRET.encode() in path.read_bytes()] == []


def test_another_secret_grades_nobody(exam, caplog):
    secret = exam.root.parent / "secret.txt"
    exam.hand_in("ida", exam.released)
    secret.write_text("another red tandem")
    try:
        with pytest.raises(NbGraderException):
            exam.do(Autograde, "ida")
    finally:
        secret.write_text(SECRET)
    assert "holds another secret than the one this exam's data were drawn with" in caplog.text
    assert SECRET not in caplog.text and "red tandem" not in caplog.text


def test_running_it_again_deals_to_who_came_late_and_changes_nothing_else(exam, capsys):
    roster = exam.root.parent / "class.csv"
    roster.write_text(roster.read_text() + "kim,Kim\n")
    paths = [path for path in (exam.root / "handout").rglob("*.txt")]
    before = {path: path.read_bytes() for path in (*paths, exam.root / "nbgrader_config.py")}
    assert main(["nbgrader", "--chapter", CHAPTER, "--out", str(exam.root), *exam.words]) == 0
    assert "4 folders in" in capsys.readouterr().out
    assert parcel(exam, "kim").student == "kim"
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "was made for an exam, with a secret"),
        (["--secret", "OTHER", "--roster", "ROSTER"], "was made with another secret"),
        (["--secret", "SECRET"], "--secret and --roster belong together"),
        (["--roster", "ROSTER"], "--secret and --roster belong together"),
        (["--secret", "INSIDE", "--roster", "ROSTER"], "lies in the course's folder"),
        (["--secret", "SECRET", "--roster", "ODD"], "nbgrader cannot call a student 'a+b'"),
    ],
)
def test_slips_are_named(exam, tmp_path, capsys, words, said):
    files = {"OTHER": "another red tandem", "ODD": "id\na+b\n", "ROSTER": "id\njo\n"}
    files["SECRET"] = SECRET
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (exam.root / "INSIDE").write_text("left lying about")
    places = {name: str(tmp_path / name) for name in files} | {"INSIDE": str(exam.root / "INSIDE")}
    words = [places.get(word, word) for word in words]
    assert main(["nbgrader", "--chapter", CHAPTER, "--out", str(exam.root), *words]) == 2
    assert said in capsys.readouterr().err
