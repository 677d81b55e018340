"""The judge: a question and evidence become a verdict.

Order: whose data, what kind of answer, the fitted object, the right value, the known mistakes, and
only then "not one of the mistakes I know". Nothing in here runs or evaluates what a learner wrote.
"""

from . import judge_model, judge_number, judge_other, stopped
from .cases import case, guests
from .evidence import Evidence
from .question import Question
from .students import GUEST, normalise
from .verdict import Verdict

_SEEN = {
    "dots": "The dots `...` are still there. Replace the dots by your answer.",
    "none": "Your answer is None, which is what Python gives where nothing was returned. Did the "
    "last line assign the value, and is it the name that you pass on?",
    "nan": "Your answer is NaN or infinite: a missing value went into the calculation, or there "
    "was a division by zero. Look at each number on the way.",
    "several": "You passed {n} values ({type}); one answer is needed. Pick the one that the "
    "question asks for, for example with `.loc[...]` or `[0]`.",
    "rows": "You passed {n} values ({type}), and a table is asked. Hand in a Series or DataFrame "
    'with the rows that the question names, such as `pd.Series({{"first": 1.5, "second": 2.5}})`.',
    "function": "You passed the function `{type}` itself. Call it, with brackets: `{type}(...)`.",
    "unfitted": "This model is not fitted yet: add `.fit()`.",
    "summary": "You passed a summary, which is a printout. Pass the fitted model itself.",
    "model": "You passed a {type}. I can read ordinary regressions (`smf.ols`) and mixed models "
    "(`smf.mixedlm`, `hlm.lmer`), not this kind of model. The question asks for {wanted}.",
    "other": "You passed a {type}. The question asks for {wanted}.",
}
_WANTED = {
    "number": "a number",
    "count": "a whole number",
    "choice": "one of the letters of the options",
    "model": "a fitted model",
    "table": "a table",
    "text": "a text in your own words",
}


def judge(
    question: Question, evidence: Evidence, student: object = None, secret: str = ""
) -> Verdict:
    """Judge what one student handed in for one question.

    Parameters
    ----------
    question : the question
    evidence : from `Evidence.of` or `Evidence.from_json`
    student, secret : whose data the answer has to be about

    Returns
    -------
    Verdict
        Always; a question whose own code fails gives the status "fault".

    Examples
    --------
    >>> from hlmteach.questions import get
    >>> judge(get("ch04.icc"), Evidence.of("ch04.icc", "no idea")).status
    'unreadable'
    """
    try:
        return _judge(question, evidence, student, secret)
    except Exception as error:
        return fault(question, error)


def _judge(question: Question, evidence: Evidence, student: object, secret: str) -> Verdict:
    wrong_kind = _wrong_kind(question, evidence)
    if wrong_kind:
        return make(question, "unreadable", wrong_kind)
    made = case(question, student, secret)
    if question.kind == "model":
        status, diagnosis, message = judge_model.look(made, evidence)
    elif question.kind in ("number", "count"):
        status, diagnosis, message = judge_number.look(made, evidence.value)
    else:
        status, diagnosis, message = judge_other.LOOK[question.kind](made, evidence.value)
    # A standard error is compared so loosely that it may be taken for that of a mistake nearby.
    open_ = status in ("unknown", "coarse") or (status == "wrong" and question.quantity == "se")
    if open_ and stopped.short(made, evidence.value):
        status, diagnosis, message = stopped.LOOK
    if status == "unknown":
        if made.failed:
            return fault(question, made.failed[0][1])
        message = _elsewhere(question, evidence, student) or message
        status = "other-data" if message.startswith("Other data") else status
    if message == judge_number.RIGHT and question.recipe is None:
        message = "That is right."
    return make(question, status, message.removeprefix("Other data: "), diagnosis)


def make(question: Question, status: str, message: str, diagnosis: tuple[str, ...] = ()) -> Verdict:
    """A verdict with the points that its status brings, and the next step."""
    correct = {"right": True, "coarse": None, "recorded": None, "fault": None}.get(status, False)
    hint = f'For a hint, run `hlm.hint("{question.id}")`.'
    if status == "unknown":
        hint = f"What to look at next: {question.hints[0]} {hint}"
    return Verdict(
        question=question.id,
        status=status,
        correct=correct,
        points=question.points if correct else 0,
        of=question.points,
        diagnosis=diagnosis,
        message=message,
        hint=hint if status in ("wrong", "unknown") else "",
    )


def fault(question: Question, error: Exception) -> Verdict:
    """What to say when a question's own code fails."""
    message = (
        f"Question {question.id} could not be judged, because its own code stopped with "
        f"{type(error).__name__}: {str(error)[:200]}. Your answer was not counted as wrong. Please "
        "tell the course's authors the id of the question and this line."
    )
    return make(question, "fault", message)


# --------------------------------------------------------------------- the kind of answer


def _wrong_kind(question: Question, evidence: Evidence) -> str:
    """What to say to an answer of the wrong kind; nothing if the kind is right."""
    wanted = _WANTED[question.kind]
    if evidence.kind == "nothing":
        facts = evidence.value if isinstance(evidence.value, dict) else {}
        words = {"type": "thing", "n": "several", **facts, "wanted": wanted}
        seen = str(words.get("seen"))
        if seen not in _SEEN or seen == "other":
            seen = "model" if "Results" in str(words["type"]) else "other"
        if seen == "several" and question.kind == "table":
            seen = "rows"
        template = _SEEN[seen]
        return template.format(**{key: str(value)[:80] for key, value in words.items()})
    expected = {"model": "model", "table": "table"}.get(question.kind, "typed")
    if evidence.kind == expected:
        return ""
    if evidence.kind == "model":
        return (
            f"You passed a fitted model; the question asks for {wanted}. Take it from the model: "
            "`hlm.summary(model)` shows what is there."
        )
    if evidence.kind == "table":
        n = evidence.value.get("n", "several") if isinstance(evidence.value, dict) else "several"
        return f"You passed a table of {n} rows; the question asks for {wanted}. Pick one value."
    if question.kind == "model":
        return (
            "A fitted model is asked here, not a number or text: pass the result of "
            "`smf.mixedlm(...).fit()` or `hlm.lmer(...)` itself."
        )
    return f"The question asks for {wanted}, as a DataFrame or Series."


def _elsewhere(question: Question, evidence: Evidence, student: object) -> str:
    """Is the value right for the guest, whose data one sees without naming oneself?"""
    if question.recipe is None or question.kind != "number" or normalise(student) == GUEST:
        return ""
    if judge_number.digits(evidence.value) < judge_number.FEW:
        return ""  # two digits agree by chance
    if judge_number.look(guests(question), evidence.value)[0] != "right":
        return ""
    return (
        "Other data: This is the right answer for the guest's data, not for yours. Run "
        f'`hlm.student("...")` with your own id, then `hlm.data("{question.id}")` again, and '
        "compute it once more."
    )
