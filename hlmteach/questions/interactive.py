"""What a learner types in a notebook: student, data, check, hint, progress, dealt.

No error of a learner ends in a traceback here: every reply is a panel, with text for a terminal.
"""

import os
from dataclasses import dataclass, replace
from typing import Any

from . import progress as book
from . import recorder
from .evidence import Evidence
from .judge import judge
from .parcel import opened
from .recorder import Receipt, Recorder
from .registry import QuestionNotFound, all_questions, get
from .students import GUEST, normalise
from .verdict import Verdict, panel

STUDENT_VARIABLE = "HLMTEACH_STUDENT"
EVIDENCE_VARIABLE = "HLMTEACH_EVIDENCE"  # set where a grader reads the outputs of hlm.check
_chosen: list[str] = []
_unopened: list[str] = []  # why data that were dealt could not be opened


@dataclass(frozen=True)
class Note:
    """A short reply: a heading and paragraphs, as text and as HTML."""

    heading: str
    paragraphs: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join((self.heading, *self.paragraphs))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return panel(self.heading, list(self.paragraphs))


def current() -> str:
    """The student as normalised: dealt to, named here, or in HLMTEACH_STUDENT, or the guest."""
    if at_work := recorder.current():
        return at_work.parcel.student
    return _chosen[-1] if _chosen else normalise(os.environ.get(STUDENT_VARIABLE))


def student(id: object = None) -> Note:
    """Say who you are; your data, and what is right, follow from it.

    Parameters
    ----------
    id : any text or whole number: an e-mail address, a student number, a name in any script.
        Capitals and spaces around it make no difference. Without it, say who is set.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> hlm.student("Student-017@example.org")
    You are student-017@example.org
    Your data follow from this id: the same on every machine, others for everybody else.
    >>> _chosen.clear()
    """
    at_work = recorder.current()
    if id is not None:
        try:
            _chosen[:] = [normalise(id)]
        except TypeError as error:
            return Note("I cannot use this as a student id", (str(error),))
        if at_work and at_work.named:
            at_work.named(_chosen[-1])
    name = current()
    if at_work:
        return _holder(at_work, name if id is None else _chosen[-1])
    if _unopened:
        return Note(_CLOSED, tuple(_unopened))
    if name == GUEST:
        return Note("You are the guest", (_GUEST_NOTE,))
    text = "Your data follow from this id: the same on every machine, others for everybody else."
    return Note(f"You are {name}", (text,))


def _holder(at_work: Recorder, said: str) -> Note:
    """Whose data were dealt; the notebook may say that it is somebody else's."""
    holder = at_work.parcel.student
    if at_work.locked or said == holder:
        after = "" if at_work.judged else _RECORDED_NOTE
        return Note(f"You are {holder}", (_DEALT_NOTE, after))
    return Note(f"These are the data of {holder}", (_OTHERS_NOTE.format(said),))


_CLOSED = "I cannot open your data"
_OTHERS_NOTE = (
    "The notebook says that you are {}. Answers about another's data are wrong for yours: put the "
    "file that came with your own notebook beside it, and run this cell again."
)
_GUEST_NOTE = (
    'Everybody who gives no id has the same data. For your own, run `hlm.student("...")` with your '
    "e-mail address or student number."
)


def data(question: str) -> Any:
    """Your data for a question: a DataFrame, or a tuple of DataFrames where it says so.

    Parameters
    ----------
    question : id of the question, such as "ch04.icc"

    Raises
    ------
    QuestionNotFound
        With the nearest ids.
    ValueError
        If the question has no data.
    LookupError
        If your data were dealt to you and are for other questions, or could not be opened.

    Examples
    --------
    >>> data("ch04.icc")["school_id"].nunique()
    60
    """
    if at_work := recorder.current():
        return at_work.parcel.data(str(question).strip().lower())
    if _unopened:  # anybody's data in their place would cost all the points
        raise LookupError(_UNOPENED)
    found = get(question)
    if found.recipe is None:
        raise ValueError(f"{found.id} is about ideas; it has no data. Read its text and answer.")
    return found.data(current())


def dealt(parcel: str) -> Note:
    """Use the data that were dealt to you with this notebook.

    Unless it was dealt for practice, answers are then recorded and not judged on the spot.

    Parameters
    ----------
    parcel : the file that came with the notebook, or its text

    Examples
    --------
    >>> dealt("no such file").heading
    'I cannot open your data'
    >>> _unopened.clear()
    """
    at_work = recorder.current()
    if at_work is None or not at_work.locked:
        try:
            at_work = Recorder(opened(parcel))
        except (OSError, ValueError) as error:
            _unopened[:] = [str(error)]
            return Note(_CLOSED, tuple(_unopened))
        _unopened.clear()
        recorder.install(at_work)
    return _holder(at_work, at_work.parcel.student)


_UNOPENED = (
    "Your data are not open yet: the cell with `hlm.dealt` says what is missing. Mend that and "
    "run that cell again."
)
_DEALT_NOTE = "The data of this notebook were dealt to this id; it cannot be changed here."
_RECORDED_NOTE = (
    "`hlm.check` records your answers without judging them; they are marked after you have handed "
    "in the notebook."
)


def check(question: str, value: object = ...) -> Verdict | Note | Receipt:
    """Judge an answer at once: right, which mistake it is, or what to look at next.

    Parameters
    ----------
    question : id of the question, such as "ch04.icc"
    value : your answer: a number, a choice, a fitted model, a table or a text

    Returns
    -------
    Verdict
        Shown as a panel; `.correct`, `.points`, `.diagnosis` and `.message` are there to read.

    Examples
    --------
    >>> check("ch04.icc", ...).status
    'unreadable'
    """
    at_work = recorder.current()
    if at_work and not at_work.judged:
        return at_work.check(question, value)
    try:
        found = get(question)
    except QuestionNotFound as error:
        return Note("No such question", (str(error),))
    except Exception as error:
        return _broken(question, error)
    evidence = Evidence.of(found.id, value)
    verdict = judge(found, evidence, current(), recorder.stand_in(found))
    if verdict.status not in ("unreadable", "fault"):
        book.record(
            current(),
            "check",
            found.id,
            status=verdict.status,
            points=verdict.points,
            diagnosis=list(verdict.diagnosis),
        )
    if os.environ.get(EVIDENCE_VARIABLE):
        return replace(verdict, evidence=evidence.as_json())
    return verdict


def hint(question: str) -> Note:
    """The next hint of three; asking again goes one further.

    Examples
    --------
    >>> hint("ch04.nothing").heading
    'No such question'
    """
    if not recorder.judging():
        return Note("No hints here", ("Hints are for practice; this notebook is marked.",))
    try:
        found = get(question)
    except QuestionNotFound as error:
        return Note("No such question", (str(error),))
    except Exception as error:
        return _broken(question, error)
    lines = book.records(current())
    before = sum(e.get("event") == "hint" and e.get("question") == found.id for e in lines)
    before = max(before, _hints.get((current(), found.id), 0))
    at = min(before, len(found.hints) - 1)
    if before < len(found.hints):
        _hints[current(), found.id] = before + 1
        book.record(current(), "hint", found.id, number=at + 1)
    last = "" if at + 1 < len(found.hints) else "That was the last hint."
    return Note(f"Hint {at + 1} of {len(found.hints)} ({found.id})", (found.hints[at], last))


_hints: dict[tuple[str, str], int] = {}


def progress(chapter: str = "") -> book.Progress | Note:
    """What you have done: a row a chapter, or a row a question of one chapter ("ch04").

    Examples
    --------
    >>> list(progress().table.columns)
    ['right', 'recorded', 'questions', 'points', 'of']
    """
    if not recorder.judging():
        return Note("No progress here", ("This notebook is marked after you hand it in.",))
    questions = [q for q in all_questions() if q.id.startswith(str(chapter).lower()[:4])]
    rows = book.by_question if chapter and questions else book.by_chapter
    return book.Progress(current(), rows(current(), questions or all_questions()))


def _broken(question: object, error: Exception) -> Note:
    text = (
        f"The questions of this chapter could not be loaded ({type(error).__name__}: "
        f"{str(error)[:200]}). Please tell the course's authors and name {str(question)[:40]!r}."
    )
    return Note("The course's fault, not yours", (text,))
