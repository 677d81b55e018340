"""What holds for every question and every student: right is right, each mistake is itself."""

import re

import numpy as np
import pytest
import statsmodels.formula.api as smf
from questions_of import DATASETS, QUESTIONS
from student_ids import STUDENTS

from hlmteach.fit import Fit
from hlmteach.formula import parse
from hlmteach.questions import stopped
from hlmteach.questions.cases import case, meetings, tolerance
from hlmteach.questions.evidence import Evidence
from hlmteach.questions.judge import judge
from hlmteach.questions.question import ALLOWANCE

RANDOM_ANSWERS = 3
BY_STATSMODELS = 20  # students whose wrong answers are held against statsmodels' fits as well


def verdict(made, value, student):
    return judge(made.question, Evidence.of(made.question.id, value), student)


def elsewhere(made, value, student):
    """Judged as another process would: from JSON."""
    text = Evidence.of(made.question.id, value).to_json()
    return judge(made.question, Evidence.from_json(text), student)


def as_typed(value):
    """Three significant digits, zeros at the end included."""
    text = f"{value:#.3g}"
    return f"{float(text):.0f}" if "e+" in text else text.rstrip(".")


@pytest.mark.parametrize("name", DATASETS)
def test_right_answers_are_right_and_mistakes_are_named(name, monkeypatch):
    for number, student in enumerate(STUDENTS if DATASETS[name][0].recipe else STUDENTS[:1]):
        if number == BY_STATSMODELS:
            monkeypatch.setattr(stopped, "_again", lambda made: None)
        for question in DATASETS[name]:
            made = case(question, student)
            assert not made.failed, made.failed
            CHECK[question.kind](made, student)


def check_number(made, student):
    for answer in (made.answer, as_typed(made.answer), as_typed(made.answer).replace(".", ",")):
        said = elsewhere(made, answer, student)
        assert said.correct is True, (student, answer, said)
        assert said.points == made.question.points
    meeting = {name for pair in meetings(made) for name in pair}
    for misconception, wrong in made.wrong:
        check_mistake(made, student, misconception, wrong, misconception.id in meeting)
    check_random_answers(made, student)


def check_mistake(made, student, misconception, wrong, meets):
    for answer in (wrong, as_typed(wrong)):
        said = verdict(made, answer, student)
        assert said.correct is False and said.points == 0, (student, misconception.id, answer, said)
        named = misconception.id in said.diagnosis or (meets and said.diagnosis)
        assert named, (student, misconception.id, said)
        assert says_not(said.message, made.answer)
    typed = f"{wrong:.2g}"
    if "e+" in typed and round(made.answer) == float(typed):
        return  # 1e+02 is read as 100, to which the right answer rounds as well
    said = verdict(made, typed, student)  # too few digits may be undecided, never right
    assert said.correct is not True, (student, misconception.id, said)


def says_not(message, right):
    """The message does not hold the right number, to three digits or to two decimals."""
    numbers = {float(text) for text in re.findall(r"\d+(?:\.\d+)?", message)}
    return not any(abs(n - abs(right)) < 0.004 * abs(right) and n > 2 for n in numbers)


def check_random_answers(made, student):
    random = np.random.RandomState(len(str(student)))
    allowance = max(ALLOWANCE[made.question.quantity], 0.005)
    guests = case(made.question, "guest").answer
    known = np.array([made.answer, guests, *(float(wrong) for _, wrong in made.wrong)])
    known = np.concatenate([known, known / 100, known * 100])
    reach = [3 * tolerance(v, allowance) for v in known]
    for _ in range(RANDOM_ANSWERS):
        value = made.answer * float(np.exp(random.normal(0, 1)))
        if (np.abs(known - value) <= reach).any():
            continue
        said = verdict(made, float(f"{value:.6g}"), student)
        assert said.status == "unknown" and said.correct is False, (student, value, said)
        assert "not one of the mistakes I know" in said.message and "look at next" in said.hint


def check_count(made, student):
    assert verdict(made, made.answer, student).correct is True
    assert verdict(made, float(made.answer), student).correct is True
    for misconception, wrong in made.wrong:
        said = verdict(made, int(wrong), student)
        assert said.correct is False and misconception.id in said.diagnosis
    assert verdict(made, made.answer + 0.5, student).correct is False


def check_choice(made, student):
    options = made.question.choices
    assert made.answer in options
    replies = {wrong: misconception.id for misconception, wrong in made.wrong}
    assert set(options) <= {made.answer, *replies}, f"an option of {made.question.id} has no reply"
    for key, text in options.items():
        for typed in (key, key.upper(), f" {key})", text):
            said = verdict(made, typed, student)
            assert said.correct is (key == made.answer), (typed, said)
            assert said.diagnosis == (() if key == made.answer else (replies[key],))


def check_model(made, student):
    assert elsewhere(made, made.answer, student).correct is True


def check_table(made, student):
    assert verdict(made, made.answer, student).correct is True
    for misconception, wrong in made.wrong:
        said = verdict(made, wrong, student)
        assert said.correct is False and misconception.id in said.diagnosis, (
            misconception.id,
            said,
        )


def check_text(made, student):
    assert (
        verdict(made, "Schools differ, and this says nothing about why.", student).correct is None
    )
    assert verdict(made, "short", student).status == "unreadable"


CHECK = {
    "number": check_number,
    "count": check_count,
    "choice": check_choice,
    "model": check_model,
    "table": check_table,
    "text": check_text,
}
MODELS = [q for q in QUESTIONS if q.kind == "model" and isinstance(case(q).answer, Fit)]


@pytest.mark.parametrize("question", MODELS, ids=lambda question: question.id)
def test_the_same_model_from_statsmodels_is_right(question):
    for student in STUDENTS[:4]:
        made = case(question, student)
        said = verdict(made, from_statsmodels(made.answer), student)
        assert said.correct is True, (student, said)


def from_statsmodels(fit):
    """The model of a Fit, fitted by statsmodels to the same rows."""
    formula = parse(fit.formula)
    rows = fit.design.frame.loc[fit.design.index]
    slopes = formula.random[0].slopes
    text = f"{formula.response} ~ {formula.fixed}"
    model = smf.mixedlm(
        text, rows, groups=formula.group[0], re_formula="~" + "+".join(slopes) if slopes else None
    )
    return model.fit(reml=fit.reml, method=["powell", "lbfgs"])


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_dots_nothing_and_nonsense_are_never_accepted(question):
    for value in (..., None, float("nan"), "", object(), [1, 2, 3], print):
        said = question.check(value)
        assert said.status == "unreadable" and said.correct is False, (value, said)
        assert said.message
