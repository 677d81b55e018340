"""Case: one student's data for one question, the right answer and every wrong one.

The data are the first draw in which no wrong answer can be taken for the right one, nor for another
wrong one where that can be had.
"""

import itertools
import math
import numbers
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from . import registry
from .question import ALLOWANCE, Misconception, Question
from .students import normalise, random_state

DRAWS = 60  # then the question's author has to think again
PATIENCE = 3  # draws to choose from where two wrong answers always meet
TOLERANCES = 3  # answers must lie this many tolerances apart
TABLES = 1.5  # and tables, whose tolerance is wide
_KEPT = 96


class NoCleanDraw(RuntimeError):
    """In every draw a wrong answer fell on the right one; the author must change the question."""


@dataclass(eq=False)
class Case:
    """One student's data and what each way of thinking makes of them.

    Attributes
    ----------
    data : the data; callers get copies from `fresh`
    answer : the right answer
    wrong : (misconception, its answer) for those that give one
    failed : misconceptions whose function raised an error
    """

    question: Question
    data: Any
    answer: Any
    wrong: list[tuple[Misconception, Any]]
    failed: list[tuple[Misconception, Exception]]

    def fresh(self) -> Any:
        """The data as a copy that a learner may change, marked as this student's."""
        stamp(self.data, self.question.dataset)
        if isinstance(self.data, tuple):
            return tuple(table.copy() for table in self.data)
        return None if self.data is None else self.data.copy()


_cases: OrderedDict[tuple, Case] = OrderedDict()


def case(question: Question, student: object = None, secret: str = "") -> Case:
    """The case of one question and student, remembered.

    Raises
    ------
    NoCleanDraw
        If no draw keeps the right answer apart from the wrong ones.

    Examples
    --------
    >>> from hlmteach.questions import get
    >>> case(get("ch04.icc"), "jo") is case(get("ch04.icc"), "Jo ")
    True
    """
    key = (id(question), normalise(student), secret)
    if key not in _cases:
        for made in _draw(question, student, secret):
            _cases[id(made.question), *key[1:]] = made
        while len(_cases) > _KEPT:
            _cases.popitem(last=False)
    _cases.move_to_end(key)
    return _cases[key]


def guests(question: Question) -> Case:
    """The guest's case, kept without the data: answers to compare with, at no cost later.

    Examples
    --------
    >>> from hlmteach.questions import get
    >>> guests(get("ch04.icc")).answer == case(get("ch04.icc")).answer
    True
    """
    if id(question) not in _guests:
        for member in registry.sharing(question):
            _guests[id(member)] = replace(case(member), data=None)
    return _guests[id(question)]


_guests: dict[int, Case] = {}


def adopt(question: Question, student: object, data: Any, secret: str) -> None:
    """Take these data as the student's instead of drawing them; they were drawn elsewhere."""
    _cases[id(question), normalise(student), secret] = make(question, data)


def _draw(question: Question, student: object, secret: str) -> list[Case]:
    """Cases of all questions that share the data set, on the first draw that serves them all."""
    members = registry.sharing(question)
    if question.recipe is None:
        return [make(question, None)]
    usable: list[list[Case]] = []
    for number in range(DRAWS):
        data = question.recipe(random_state(student, question.dataset, number, secret))
        cases, worst = _try(members, data)
        if worst == 0:
            return cases
        usable += [cases] if worst == 1 else []
        if usable and (len(usable) >= PATIENCE or number + 1 == DRAWS):
            return min(usable, key=lambda cases: sum(len(meetings(made)) for made in cases))
    raise NoCleanDraw(
        f"{question.dataset}: in {DRAWS} draws a wrong answer always lies within {TOLERANCES} "
        f"tolerances of the right one. See question.preview({str(student)!r})."
    )


def _try(members: list[Question], data: Any) -> tuple[list[Case], int]:
    """The cases, and 0 (all apart), 1 (two wrong answers meet) or 2 (a wrong one meets a right)."""
    if any(awkward(member, data) for member in members):
        return [], 2
    cases, worst = [], 0
    for member in sorted(members, key=lambda member: -len(member.misconceptions)):
        made = make(member, data, stop=True)
        if made is None:
            return [], 2
        worst = max(worst, int(bool(meetings(made))))
        cases.append(made)
    return cases, worst


def awkward(question: Question, data: Any) -> bool:
    """Would Python drop a zero that the learner typed? Then three digits look like two."""
    if question.kind != "number" or question.quantity == "exact":
        return False
    right = question.answer(data)
    return not _is_number(right) or f"{abs(right):.2e}"[3] == "0"


def make(question: Question, data: Any, stop: bool = False) -> Case | None:
    """Compute the right answer and every wrong one; a mistake whose function fails is set aside.

    With `stop`, give up (None) as soon as a wrong answer lies too near the right one.
    """
    made = Case(question, data, question.answer(data), [], [])
    for misconception in question.misconceptions:
        try:
            value = misconception.wrong(data)
        except Exception as error:  # the judge reports it as the course's fault
            made.failed.append((misconception, error))
            continue
        if isinstance(value, float) and not math.isfinite(value):
            continue
        if (stop or misconception.late) and _meets_right(made, value):
            if misconception.late:
                continue
            return None
        made.wrong.append((misconception, value))
    return made


def _meets_right(made: Case, value: Any) -> bool:
    if made.question.kind == "table":
        from .judge_other import alike  # which imports this module

        return alike(value, made.answer, TABLES)
    if made.question.kind not in ("number", "count"):
        return False
    return abs(float(value) - made.answer) <= _reach(made, made.answer)


RIGHT = "(right)"


def meetings(made: Case) -> list[tuple[str, str]]:
    """Pairs of answers that lie too near each other; the right one is called "(right)"."""
    if made.question.kind not in ("number", "count"):
        return []
    right = made.answer
    wrong = sorted((float(value), m.id) for m, value in made.wrong if not m.late)
    reach = _reach(made, right)
    near = [(RIGHT, name) for value, name in wrong if abs(value - right) <= reach]
    pairs = itertools.pairwise(wrong)
    close = [(a, b) for (u, a), (v, b) in pairs if v - u <= _reach(made, v, wrong=True)]
    return near + [(a, b) for a, b in close if a != b]  # variants of one mistake may meet


def _reach(made: Case, value: float, wrong: bool = False) -> float:
    """How far from `value` another answer must lie."""
    if made.question.kind == "count":
        return 0.0
    if wrong:  # far enough for three digits to tell them apart
        return 2 * tolerance(value, 1e-4)
    allowance = ALLOWANCE[made.question.quantity]
    reach = TOLERANCES * tolerance(value, min(allowance, 1e-3))
    return max(reach, allowance * abs(value) + reach / TOLERANCES)


def tolerance(value: float, allowance: float) -> float:
    """Half a unit in the third significant digit, and the optimiser's share."""
    if value == 0:
        return 0.0005
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 2)
    return 0.5 * unit + allowance * abs(value)


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and math.isfinite(value)


def stamp(data: Any, dataset: str) -> None:
    """Write into each table's attrs whose data these are, if that was not done before."""
    for table in data if isinstance(data, tuple) else (data,):
        if table is not None and "hlmteach" not in table.attrs:
            table.attrs["source"] = "simulated for this course; these are not PISA's data"
            table.attrs["hlmteach"] = {"dataset": dataset, "fingerprint": fingerprint(table)}


def fingerprint(table: pd.DataFrame) -> str:
    """Sixteen letters that follow from the contents: column names, and values to 6 decimals."""
    import hashlib

    digest = hashlib.sha256("\0".join(map(str, table.columns)).encode())
    for name in table.columns:
        column = table[name]
        if pd.api.types.is_numeric_dtype(column):
            exact = np.nan_to_num(column.to_numpy(float, na_value=np.nan), nan=-(2.0**40))
            digest.update(np.rint(exact * 1e6).astype("<i8").tobytes())
        else:
            digest.update("\0".join(map(str, column)).encode())
    return digest.hexdigest()[:16]


def preview(question: Question, student: object = None) -> pd.DataFrame:
    """Right and wrong answers, and how far each wrong one is from the right one in tolerances."""
    made = case(question, student)
    rows = [("(right)", made.answer), *((m.id, value) for m, value in made.wrong)]
    table = pd.DataFrame(rows, columns=["mistake", "answer"]).set_index("mistake")
    if question.kind == "number":
        unit = tolerance(made.answer, min(ALLOWANCE[question.quantity], 1e-3))
        table["tolerances"] = [abs(float(v) - made.answer) / unit for v in table["answer"]]
    return table
