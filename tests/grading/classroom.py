"""A class of simulated students whose deserved marks are known, and notebooks as they hand them in.

Answers come from the questions themselves: the right one, or that of a known mistake.
"""

import csv
import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

from hlmteach.questions import Question, all_questions
from hlmteach.questions.cases import case

CHAPTER = "ch04"
MODELS = {  # code of a right model and of a wrong one
    "ch04.empty-model": (
        'hlm.lmer("math ~ 1 + (1 | school_id)", hlm.data("ch04.empty-model"))',
        'hlm.lmer("math ~ 1 + escs + (1 | school_id)", hlm.data("ch04.empty-model"))',
    )
}
TEXT = "Schools differ, says student {}: a fifth of the spread lies between them; nobody knows why."


def asked() -> list[Question]:
    return [question for question in all_questions() if question.chapter == CHAPTER]


@dataclass
class Pupil:
    """A simulated student: the source of each answer, and what it deserves.

    Attributes
    ----------
    id, name : as in the roster
    sources : question -> the code that is passed to the check
    deserved : question -> points; None where a person marks
    mistakes : question -> id of the mistake that was made
    """

    id: str
    name: str
    sources: dict[str, str] = field(default_factory=dict)
    deserved: dict[str, float | None] = field(default_factory=dict)
    mistakes: dict[str, str] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return sum(points or 0 for points in self.deserved.values())


def pupil(number: int, id: str, name: str, secret: str = "") -> Pupil:
    """A student of an ability of their own, always the same one."""
    dice = random.Random(number)
    ability = dice.random()
    made = Pupil(id, name)
    for question in asked():
        fate = "right" if dice.random() < ability else dice.choice(["wrong", "wrong", "nothing"])
        _answer(made, question, fate, dice, secret)
    return made


def _answer(made: Pupil, question: Question, fate: str, dice: random.Random, secret: str) -> None:
    name = question.id
    made.deserved[name] = 0.0
    if fate == "nothing":
        made.sources[name] = "..."
    elif question.kind == "text":
        made.sources[name], made.deserved[name] = repr(TEXT.format(made.id)), None
    elif question.kind == "model":
        made.sources[name] = MODELS[name][fate == "wrong"]
        made.deserved[name] = float(question.points) if fate == "right" else 0.0
    elif fate == "right":
        made.sources[name] = repr(plain(case(question, made.id, secret).answer))
        made.deserved[name] = float(question.points)
    else:
        mistake, value = dice.choice(case(question, made.id, secret).wrong)
        made.sources[name], made.mistakes[name] = repr(plain(value)), mistake.id


def plain(value: object) -> object:
    """A number as Python writes it."""
    return value if isinstance(value, str) else float(value)


def notebook(cells: list[str], metadata: dict | None = None) -> bytes:
    """A notebook of code cells."""
    return as_bytes([code_cell(source) for source in cells], metadata)


def code_cell(source: str) -> dict:
    lines = source.splitlines(keepends=True)
    empty = {"metadata": {}, "execution_count": None, "outputs": []}
    return {"cell_type": "code", "source": lines, **empty}


def as_bytes(cells: list[dict], metadata: dict | None = None) -> bytes:
    whole = {"cells": cells, "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(whole, ensure_ascii=False).encode("utf-8", "surrogatepass")


EXERCISE = Path(__file__).resolve().parents[2] / "exercises" / "ch04_icc.ipynb"
_CHECK = re.compile(r'hlm\.check\("([^"]+)"')


def solved(student: Pupil) -> bytes:
    """The exercise as a student hands it in: each check's dots replaced by an answer."""
    whole = json.loads(EXERCISE.read_text("utf-8"))
    for cell in whole["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            source = source.replace("hlm.student()", f"hlm.student({student.id!r})")
            if found := _CHECK.search(source):
                source = source.replace("...", student.sources[found[1]], 1)
        cell["source"] = source
    return as_bytes(whole["cells"], whole["metadata"])


def roster(path: Path, students: list[Pupil]) -> Path:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "name"])
        writer.writerows([student.id, student.name] for student in students)
    return path


def book(path: Path) -> dict[str, dict[str, str]]:
    """The gradebook's rows by id."""
    with open(path, encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
