from datetime import UTC, datetime, timedelta

import pytest

from hlmteach.grading import policy
from hlmteach.grading.policy import BadPolicy, Policy
from hlmteach.grading.roster import Roster, Student

DEADLINE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
WHOLE = """
title = "Lab 4"
chapters = ["ch04"]
deadline = 2026-11-20T23:59:00Z
[late]
percent_per_day = 10
grace_minutes = 15
days = 3
[extensions]
"Jo@Example.org" = 2026-11-27T23:59:00Z
[attempts]
keep = "best"
[questions]
drop = ["ch04.small-icc"]
bonus = ["ch04.report"]
nearly = 0.5
points = { "ch04.icc" = 4 }
[limits]
seconds = 60
"""


def read(tmp_path, text):
    path = tmp_path / "lab4.toml"
    path.write_text(text, encoding="utf-8")
    return policy.read(path)


def test_a_whole_file(tmp_path):
    found = read(tmp_path, WHOLE)
    assert found == Policy(
        title="Lab 4",
        chapters=("ch04",),
        deadline=DEADLINE,
        percent_per_day=10,
        grace_minutes=15,
        days=3,
        extensions={"jo@example.org": DEADLINE + timedelta(days=7)},
        keep="best",
        drop=frozenset({"ch04.small-icc"}),
        bonus=frozenset({"ch04.report"}),
        nearly=0.5,
        points={"ch04.icc": 4},
        limits={"seconds": 60},
    )


def test_an_extension_is_for_a_student_by_any_name_in_the_roster(tmp_path):
    found = read(tmp_path, WHOLE)
    people = Roster([Student("S-17", "Jo", "jo@example.org"), Student("ann")])
    mine = policy.for_class(found, people)
    late = DEADLINE + timedelta(days=2)
    assert [mine.days_late(id, late) for id in ("S-17", "ann")] == [0, 2]
    with pytest.raises(BadPolicy, match=r"'jo@example\.org', who is not in the roster"):
        policy.for_class(found, Roster([Student("ann")]))


def test_without_a_file_everything_counts():
    assert policy.read(None) == Policy()


@pytest.mark.parametrize(
    ("student", "over", "days", "share"),
    [
        ("ann", timedelta(minutes=-1), 0, 1.0),
        ("ann", timedelta(minutes=15), 0, 1.0),
        ("ann", timedelta(minutes=16), 1, 0.9),
        ("ann", timedelta(hours=25), 2, 0.8),
        ("ann", timedelta(days=3), 3, 0.7),
        ("ann", timedelta(days=3, minutes=1), 4, 0.0),
        ("JO@example.org", timedelta(days=6), 0, 1.0),
    ],
)
def test_lateness(tmp_path, student, over, days, share):
    found = read(tmp_path, WHOLE)
    assert found.days_late(student, DEADLINE + over) == days
    assert found.share(days) == pytest.approx(share)


def test_nobody_is_late_without_a_deadline_or_a_time():
    assert Policy().days_late("ann", DEADLINE) == 0
    assert Policy(deadline=DEADLINE).days_late("ann", None) == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dedline = 1", "I do not know 'dedline'. Did you mean 'deadline'"),
        (
            "[late]\npercent_perday = 1",
            r"I do not know 'percent_perday' in \[late\]. Did you mean 'percent_per_day'",
        ),
        ('deadline = "Friday"', "write a time without quotes, such as 2026-11-20"),
        ('[attempts]\nkeep = "first"', 'write "last" or "best"'),
        ("[late]\npercent_per_day = 120", "write a number from 0 up to 100"),
        ('[questions]\ndrop = ["ch04.ic"]', "questions.drop: No question is called 'ch04.ic'"),
        ('[questions]\ndrop = "ch04.icc"', 'write a list such as \\["ch04"\\]'),
        ("late = 3", r"`late` is a section: write \[late\]"),
        ("x = ", "is no TOML that I can read"),
    ],
)
def test_slips_are_named(tmp_path, text, words):
    with pytest.raises(BadPolicy, match=words) as caught:
        read(tmp_path, text)
    assert "lab4.toml" in str(caught.value)
