"""From a stored result, a policy and human marks to a row of the gradebook."""

from datetime import UTC, datetime, timedelta

import pytest
from pieces import ANN, ICC, OPEN, READ, REPORT, RIGHT, WRONG, answer, attempt, entry, record

from hlmteach.grading.entry import enter
from hlmteach.grading.policy import Policy
from hlmteach.grading.sheet import Mark, Sheet, answer_id
from hlmteach.grading.submissions import Submission

FRIDAY = datetime(2026, 11, 20, tzinfo=UTC)
KEY = answer_id(ANN.key, REPORT.id, OPEN["text"])


def points(row):
    return [a.points for a in row.answers]


def test_points_total_and_what_is_to_mark():
    row = entry([attempt()], [record(read=RIGHT, icc=RIGHT, report=OPEN)])
    assert points(row) == [1, 2, None]
    assert (row.total, row.of, row.status) == (3, 6, "1 to mark")


def test_a_persons_mark_completes_it():
    sheet = Sheet({KEY: Mark(2.5, "well said")})
    row = entry([attempt()], [record(read=WRONG, icc=RIGHT, report=OPEN)], sheet=sheet)
    assert (row.total, row.status, row.answers[2].comment) == (4.5, "graded", "well said")


def test_a_persons_mark_is_not_carried_over_to_another_text():
    sheet = Sheet({KEY: Mark(3, "")})
    other = answer("recorded", text="Quite another answer, it is.")
    row = entry([attempt()], [record(report=other)], sheet=sheet)
    assert row.answers[2].points is None and row.status == "1 to mark"


@pytest.mark.parametrize(
    ("policy", "total", "of"),
    [
        (Policy(points={ICC.id: 10}), 11, 14),
        (Policy(bonus=frozenset({READ.id})), 3, 5),
        (Policy(nearly=0.5), 3, 6),
    ],
)
def test_points_bonus_and_nearly(policy, total, of):
    row = entry([attempt()], [record(read=RIGHT, icc=RIGHT)], policy)
    assert (row.total, row.of) == (total, of)


def test_an_answer_cut_off_too_soon_gets_the_share_that_the_policy_says():
    coarse = record(icc=answer("coarse"))
    assert entry([attempt()], [coarse]).total == 0
    assert entry([attempt()], [coarse], Policy(nearly=0.5)).total == 1


def test_lateness_takes_its_share_off():
    policy = Policy(deadline=FRIDAY, percent_per_day=10)
    row = entry([attempt(time=FRIDAY + timedelta(hours=30))], [record(icc=RIGHT)], policy)
    assert (row.total, row.days_late) == (1.6, 2)


def two(first, second, policy=None, **more):
    """The row of two notebooks, one handed in after the other."""
    early = attempt("ann/1.ipynb", FRIDAY)
    late = attempt("ann/2.ipynb", FRIDAY + timedelta(hours=1), **more)
    return entry([early, late], [first, second], policy)


def test_the_last_attempt_counts_and_no_mark_of_the_first_survives():
    row = two(record(icc=RIGHT, read=RIGHT), record(read=RIGHT, name="ann/2.ipynb"))
    assert points(row) == [1, 0, 0]
    assert "2 notebooks were handed in; counted: ann/2.ipynb." in row.notes


def test_the_best_attempt_counts_where_the_policy_says_so():
    best = Policy(keep="best")
    assert two(record(icc=RIGHT), record(read=RIGHT), best).total == 2
    assert two(record(read=RIGHT), record(icc=RIGHT), best).total == 2


def test_the_best_is_the_best_after_what_lateness_takes_off():
    policy = Policy(keep="best", deadline=FRIDAY, percent_per_day=60)
    assert two(record(read=RIGHT), record(icc=RIGHT), policy).total == 1


def test_a_broken_upload_takes_no_mark_away():
    broken = {**record("unreadable"), "why": "it is empty"}
    row = two(record(icc=RIGHT), broken, unreadable="it is empty", checked=())
    assert (row.total, row.status) == (2, "graded")
    assert any("It cannot be read: it is empty." in note for note in row.notes)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("timeout", "stopped: it took too long"),
        ("memory", "stopped: it took too much memory"),
        ("crashed", "stopped: its program ended early"),
        ("output", "stopped: it wrote too much"),
        ("failed", "failed: grade again"),
    ],
)
def test_a_notebook_that_was_stopped_keeps_what_it_had_earned(status, words):
    row = entry([attempt()], [record(status, icc=RIGHT)])
    assert (row.total, row.status) == (2, words)


def test_the_courses_own_fault_is_no_zero():
    row = entry([attempt()], [record(icc=answer("fault"))])
    assert row.answers[1].points is None
    assert row.status == "the course's fault in ch04.icc"


def test_who_handed_in_nothing_is_missing_and_who_handed_in_a_pdf_is_told():
    assert entry([], None).status == "missing"
    row = enter(Submission(ANN, [], ["lab.pdf"]), None, [ICC], Policy(), Sheet())
    assert row.status == "no notebook, only lab.pdf"
    assert entry([attempt()], None).status == "not graded yet"
