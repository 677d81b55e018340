"""Case: one student's data for one question, the right answer and every wrong one.

The data are the first draw in which no wrong answer can be taken for the right one, nor for another
wrong one where that can be had.
"""

import math
import numbers
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from . import registry
from .question import ALLOWANCE, Misconception, Question
from .students import normalise, random_state

DRAWS = 60  # then the question's author has to think again
PATIENT_DRAWS = 8  # draws that may be spent on telling two wrong answers apart
TOLERANCES = 3  # answers must lie this many tolerances apart
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
        """The data as a copy that a learner may change."""
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


def _draw(question: Question, student: object, secret: str) -> list[Case]:
    """Cases of all questions that share the data set, on the first draw that serves them all."""
    members = registry.sharing(question)
    if question.recipe is None:
        return [make(question, None)]
    usable = None
    for number in range(DRAWS):
        data = question.recipe(random_state(student, question.dataset, number, secret))
        stamp(data, question.dataset, student)
        cases, quality = _try(members, data)
        if quality == 0 or (quality == 1 and number >= PATIENT_DRAWS):
            return cases
        if quality == 1 and usable is None:
            usable = cases
    if usable:
        return usable
    raise NoCleanDraw(
        f"{question.dataset}: in {DRAWS} draws a wrong answer always lies within {TOLERANCES} "
        f"tolerances of the right one. See question.preview({str(student)!r})."
    )


def _try(members: list[Question], data: Any) -> tuple[list[Case], int]:
    """The cases, and 0 (all apart), 1 (two wrong answers meet) or 2 (a wrong one meets a right)."""
    if any(_awkward(member, data) for member in members):
        return [], 2
    cases, worst = [], 0
    for member in members:
        made = make(member, data)
        worst = max(worst, quality(made))
        if worst == 2:
            break
        cases.append(made)
    return cases, worst


def _awkward(question: Question, data: Any) -> bool:
    """Would Python drop a zero that the learner typed? Then three digits look like two."""
    if question.kind != "number" or question.quantity == "exact":
        return False
    right = question.answer(data)
    return not _is_number(right) or f"{abs(right):.2e}"[3] == "0"


def make(question: Question, data: Any) -> Case:
    """Compute the right answer and every wrong one; a mistake whose function fails is set aside."""
    wrong, failed = [], []
    answer = question.answer(data)
    for misconception in question.misconceptions:
        try:
            value = misconception.wrong(data)
        except Exception as error:  # the judge reports it as the course's fault
            failed.append((misconception, error))
            continue
        if not isinstance(value, float) or math.isfinite(value):
            wrong.append((misconception, value))
    return Case(question, data, answer, wrong, failed)


def quality(made: Case) -> int:
    """0 if all answers lie apart, 1 if two wrong ones meet, 2 if a wrong one meets the right one."""
    if made.question.kind not in ("number", "count"):
        return 0
    # A misconception may be no mistake in these data; then they do not serve.
    right, wrong = made.answer, np.array([float(value) for _, value in made.wrong])
    if made.question.kind == "count":
        hits = wrong == right
        return 2 if hits.any() else int(len(set(wrong)) < len(wrong))
    reach = TOLERANCES * tolerance(right, min(ALLOWANCE[made.question.quantity], 1e-3))
    if made.question.quantity == "se":
        reach = max(reach, ALLOWANCE["se"] * abs(right) + reach / TOLERANCES)
    if (np.abs(wrong - right) <= reach).any():
        return 2
    ordered = np.sort(wrong)
    reaches = [tolerance(value, 1e-4) for value in ordered[1:]]
    return int((np.diff(ordered) <= TOLERANCES * np.array(reaches)).any()) if len(wrong) > 1 else 0


def tolerance(value: float, allowance: float) -> float:
    """Half a unit in the third significant digit, and the optimiser's share."""
    if value == 0:
        return 0.0005
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 2)
    return 0.5 * unit + allowance * abs(value)


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and math.isfinite(value)


def stamp(data: Any, dataset: str, student: object) -> None:
    """Write into each table's attrs whose data these are."""
    for table in data if isinstance(data, tuple) else (data,):
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
