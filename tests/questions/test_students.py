import numpy as np
import pytest
from student_ids import STUDENTS

from hlmteach.questions.students import normalise, random_state


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jo@Example.org", " jo@example.ORG\n"),
        ("e\u0301clair", "\u00e9clair"),
        (17, "17"),
        (17.0, "17"),
        (np.int64(17), "17"),
        ("\ufeffjo", "jo"),
        ("a  b", "a\tb"),
        (None, "guest"),
        ("  ", "guest"),
        ("STRASSE", "straße"),
    ],
)
def test_the_same_person_typed_differently(one, other):
    assert normalise(one) == normalise(other)


def test_leading_zeros_count():
    assert normalise("017") != normalise("17")


@pytest.mark.parametrize("nobody", [True, 1.5, float("nan"), float("inf"), ["jo"], b"jo"])
def test_what_is_no_id_is_refused(nobody):
    with pytest.raises(TypeError, match="A student id is a text"):
        normalise(nobody)


def test_two_hundred_ids_are_two_hundred_people():
    assert len({normalise(student) for student in STUDENTS}) == len(STUDENTS)
    drawn = {random_state(student, "ch04.icc", 0).randint(2**31) for student in STUDENTS}
    assert len(drawn) == len(STUDENTS)


def test_question_draw_and_secret_change_the_seed():
    first = random_state("jo", "ch04.icc", 0).randint(2**31)
    for other in (
        random_state("jo", "ch05.desk", 0),
        random_state("jo", "ch04.icc", 1),
        random_state("jo", "ch04.icc", 0, "exam"),
    ):
        assert other.randint(2**31) != first


def test_the_stream_is_the_one_that_was_published():
    """A new version of NumPy or Python must not change anybody's data."""
    drawn = random_state("student-017@example.org", "ch04.icc", 0)
    assert drawn.randint(10**6, size=4).tolist() == STREAM[0]
    assert drawn.random_sample(2).round(12).tolist() == STREAM[1]
    assert drawn.normal(size=2).round(12).tolist() == STREAM[2]


STREAM = (
    [289101, 898686, 644780, 719019],
    [0.77079029661, 0.91325692168],
    [-2.006704657946, 0.299142111751],
)


def test_half_a_surrogate_pair_is_an_id_too():
    assert random_state("\ud800", "ch04.icc", 0).randint(10) >= 0
