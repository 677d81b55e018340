"""Whose file is it: every layout that an LMS or a lecturer makes."""

from pathlib import Path

import pytest

from hlmteach.grading.people import People
from hlmteach.grading.pile import File
from hlmteach.grading.roster import Roster, Student

ANN = Student("ann@x.org", "Ann Lee", row={"ID": "4711", "Identifier": "Participant 99"})
ZOE = Student("Zoë", "Zoë de la Cruz", "zoe@x.org")
TEN = Student("10", "Ten Hag")
HUNDRED = Student("100", "Bo Ek")
CLASS = People(Roster([ANN, ZOE, TEN, HUNDRED]))


def who(path):
    return CLASS.who(File(tuple(path.split("/")), 0, None, Path(path)))


@pytest.mark.parametrize(
    ("path", "student"),
    [
        # a folder per student, named by id, e-mail address, person, or what `deal` calls it
        ("ann@x.org/lab.ipynb", ANN),
        ("Ann Lee/lab.ipynb", ANN),
        ("Lee, Ann/lab.ipynb", ANN),
        ("zoe@x.org/deep/er/lab.ipynb", ZOE),
        (f"{ZOE.file_name}/ch04_icc-{ANN.file_name}.ipynb", ZOE),
        ("100/lab.ipynb", HUNDRED),
        # nbgrader
        ("submitted/10/lab_1/lab.ipynb", TEN),
        # one folder for all
        ("ch04_icc-ann@x.org.ipynb", ANN),
        ("ch04_icc-10.ipynb", TEN),
        ("ch04_icc-100 (1).ipynb", HUNDRED),
        ("10.ipynb", TEN),
        ("lab_10.ipynb", TEN),
        ("ZOË-lab.ipynb", ZOE),
        # Moodle, with and without folders
        ("Ann Lee_99_assignsubmission_file_/lab.ipynb", ANN),
        ("Zoë de la Cruz_5_assignsubmission_file_lab.ipynb", ZOE),
        ("Somebody_99_assignsubmission_file_lab.ipynb", ANN),
        # Canvas: its own number, or the name in one word
        ("whoever_4711_555_lab.ipynb", ANN),
        ("leeann_LATE_1_555_lab-2.ipynb", ANN),
        ("delacruzzoe_7_555_lab.ipynb", ZOE),
    ],
)
def test_whose(path, student):
    match = who(path)
    assert (match.student, match.doubt) == (student, "")


@pytest.mark.parametrize(
    "path",
    [
        "lab.ipynb",
        "lab1/x.ipynb",  # 1 is no id, and 10 is not in it
        "week_10/nobody.ipynb",  # a short number in a folder's name may be the week's
        "ch04_icc-1000.ipynb",
        "joann@x.org.ipynb",  # somebody else whose address ends alike
        "ann@x.org.uk.ipynb",
        "10 and 100.ipynb",  # two students
    ],
)
def test_nobodys(path):
    assert who(path).student is None


def test_what_the_lms_wrote_goes_before_what_the_student_wrote():
    match = who("Ann Lee_99_assignsubmission_file_ch04_icc-10.ipynb")
    assert match.student is ANN and match.doubt == "The file's name says 10."


def test_an_unknown_name_of_the_lms_leaves_the_students_own_with_a_doubt():
    match = who("X Y_5_assignsubmission_file_ch04_icc-10.ipynb")
    assert match.student is TEN and "that the student chose" in match.doubt


def test_a_name_that_two_share_is_nobodys():
    people = People(Roster([Student("a", "Jo Li"), Student("b", "Li Jo")]))
    assert people.who(File(("Jo Li", "x.ipynb"), 0, None, Path("x"))).student is None
