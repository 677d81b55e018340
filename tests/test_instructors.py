"""The instructors' guide: its plans add up, its rubrics and its policy are those of the course."""

import re

import pytest

from hlmteach.grading import policy
from hlmteach.questions import get

CHAPTERS = ("03", "04", "05", "06", "07")


@pytest.fixture(scope="module")
def guide(root):
    return (root / "chapters" / "instructors.md").read_text("utf-8")


def sheet(guide, chapter):
    return re.search(rf"^### {chapter} ·.*?(?=^###? |\Z)", guide, re.M | re.S)[0]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_minutes_add_up(guide, chapter):
    rows = re.findall(r"^\| +(\d+|–) \| +(\d+) \|", sheet(guide, chapter), re.M)
    assert sum(int(a) for a, _ in rows if a != "–") == 90
    assert sum(int(b) for _, b in rows) == 180


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_question_of_the_exercise_has_its_place(guide, chapter, root):
    (path,) = (root / "solutions").glob(f"ch{chapter}_*.md")
    asked = re.findall(r"^\*\*(\d+)\.\*\*", path.read_text("utf-8"), re.M)
    planned = set()
    for words in re.findall(r"questions? ([\d-]+)", sheet(guide, chapter)):
        first, _, last = words.partition("-")
        planned |= set(range(int(first), int(last or first) + 1))
    report = len(asked)
    assert planned == set(range(1, report))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_rubrics_are_those_of_the_question(guide, chapter):
    name, text = re.search(r"\*\*Rubric, `(.*?)`\.\*\*(.*)", sheet(guide, chapter), re.S).groups()
    assert name == f"ch{chapter}.report"
    assert text.count("(") == len(get(name).rubric) == get(name).points


def test_the_policy_that_is_shown_can_be_used(guide, tmp_path):
    (tmp_path / "lab4.toml").write_text(re.search(r"```toml\n(.*?)```", guide, re.S)[1])
    found = policy.read(tmp_path / "lab4.toml")
    assert found.title == "Lab 4" and found.points == {"ch04.icc": 4}
