"""Question: data for one student, the right answer, and the wrong answers that are known."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import registry

KINDS = ("number", "count", "choice", "model", "table", "text")
# How far two correct computations of one quantity may lie apart, as a share of it. Standard errors
# of statsmodels and lme4 differ by up to 3 %: both invert a right matrix, but not the same one.
ALLOWANCE = {"fixed": 1e-4, "variance": 1e-3, "se": 0.03, "exact": 1e-9}
UNITS = ("", "share", "percent")
_ID = re.compile(r"ch\d\d\.[a-z0-9]+(-[a-z0-9]+)*\Z")


@dataclass(frozen=True)
class Misconception:
    """A known mistake: a function from data to the wrong answer; the message is the feedback.

    One that is `late` was added after data had been given to students, or often comes too near the
    right answer: it has no say in the draw, so that nobody's data change, and is silent there.
    """

    id: str
    wrong: Callable[[Any], Any]
    message: str
    late: bool = False


@dataclass(frozen=True)
class Rule:
    """A known mistake that is seen on the fitted model: a function (evidence, data) -> bool."""

    id: str
    broken: Callable[[dict, Any], bool]
    message: str


@dataclass(eq=False)
class Question:
    """One question.

    Attributes
    ----------
    id : such as "ch04.icc"; the part before the dot is the chapter
    prompt : what is asked, the docstring of the answer
    points : points for the right answer
    kind : "number", "count" (a whole number, exact), "choice", "model", "table" or "text"
    quantity : "fixed", "variance", "se" or "exact": how exactly a number must agree
    unit : "share" or "percent" where one may be typed for the other
    choices : for a choice, key -> text of the option
    hints : three hints, from a nudge to nearly the whole way
    rubric : for a text, what the marker looks for
    recipe : makes the data from a RandomState; None for a question without data
    dataset : name of the data set; questions that share it get the same data
    misconceptions, rules : what is known about wrong answers, most specific first

    Examples
    --------
    >>> from hlmteach.questions import get
    >>> icc = get("ch04.icc")
    >>> icc.points, icc.kind
    (2, 'number')
    """

    id: str
    solve: Callable[[Any], Any]
    prompt: str
    points: float = 1
    kind: str = "number"
    quantity: str = "variance"
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    rubric: tuple[str, ...] = ()
    recipe: Callable[..., Any] | None = None
    dataset: str = ""
    misconceptions: list[Misconception] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)

    @property
    def chapter(self) -> str:
        return self.id.partition(".")[0]

    def __repr__(self) -> str:
        return f"<Question {self.id}: {self.kind}, {len(self.known)} known mistakes>"

    @property
    def known(self) -> list[str]:
        """Ids of the mistakes that this question itself names."""
        return list(dict.fromkeys(m.id for m in (*self.misconceptions, *self.rules)))

    # ------------------------------------------------------------ what authors write

    def misconception(self, name: str, *, late: bool = False) -> Callable:
        """Decorate a function from data to a wrong answer; its docstring is the message."""

        def add(function: Callable) -> Callable:
            self._check_new(name)
            message = _message(function, name)
            self.misconceptions.append(Misconception(name, function, message, late))
            return function

        return add

    def variant(self, name: str, *, late: bool = False) -> Callable:
        """Decorate another way of making a mistake that is there already; its message serves."""
        message = next((m.message for m in self.misconceptions if m.id == name), None)
        if message is None:
            raise ValueError(
                f"{self.id} has no mistake called {name!r} to add a variant to; define it first."
            )

        def add(function: Callable) -> Callable:
            self.misconceptions.append(Misconception(name, function, message, late))
            return function

        return add

    def rule(self, name: str) -> Callable:
        """Decorate a function (evidence, data) -> bool that is true where the mistake was made."""

        def add(function: Callable) -> Callable:
            self._check_new(name)
            self.rules.append(Rule(name, function, _message(function, name)))
            return function

        return add

    def misconceptions_from(
        self, library: Iterable[Misconception], omit: Iterable[str] = ()
    ) -> None:
        """Add the mistakes of a library, except those named and those that are there already."""
        skipped = {*omit, *self.known}
        self.misconceptions += [m for m in library if m.id not in skipped]

    def _check_new(self, name: str) -> None:
        if name in self.known:
            raise ValueError(f"{self.id} has two mistakes called {name!r}; rename one of them.")

    # ------------------------------------------------------------ what the rest asks of it

    def data(self, student: object = None, secret: str = "") -> Any:
        """A fresh copy of one student's data."""
        from .cases import case, guests

        if self.recipe is not None:
            guests(self)  # so that the first check, which may ask for them, need not draw them
        return case(self, student, secret).fresh()

    def answer(self, data: Any) -> Any:
        """The right answer for these data."""
        return self.solve(data)

    def check(self, value: object, student: object = None, secret: str = ""):
        """Judge an imagined answer; nothing is recorded. For authors and tests."""
        from .evidence import Evidence
        from .judge import judge

        return judge(self, Evidence.of(self.id, value), student, secret)

    def preview(self, student: object = None):
        """Right and wrong answers of one student, as a DataFrame. For authors."""
        from .cases import preview

        return preview(self, student)


def question(
    id: str,
    *,
    points: float = 1,
    data: Callable[..., Any] | None = None,
    kind: str = "",
    quantity: str = "variance",
    unit: str = "",
    choices: Mapping[str, str] | None = None,
    hints: Iterable[str] = (),
    rubric: Iterable[str] = (),
    dataset: str = "",
) -> Callable[[Callable], Question]:
    """Decorate the function that computes the right answer; its docstring is the prompt.

    Parameters
    ----------
    id : "chNN.words-with-hyphens"
    points : points for the right answer
    data : a recipe from `hlmteach.questions.recipes`; None for a question without data
    kind : see `Question`; a question with `choices` or a `rubric` needs none
    quantity, unit, choices, hints, rubric, dataset : see `Question`

    Raises
    ------
    ValueError
        If something that a question needs is missing or misspelt.

    Examples
    --------
    >>> @question("ch99.two", hints=("Count.", "On your fingers.", "One, ..."))
    ... def two(data):
    ...     "How much is one and one?"
    ...     return 2
    >>> two.check(2).correct
    True
    >>> registry.forget("ch99.two")
    """
    kind = kind or ("choice" if choices else "text" if rubric else "number")

    def make(function: Callable) -> Question:
        made = Question(
            id=id,
            solve=function,
            prompt=_message(function, id),
            points=points,
            kind=kind,
            quantity=quantity,
            unit=unit,
            choices=dict(choices or {}),
            hints=tuple(hints),
            rubric=tuple(rubric),
            recipe=data,
            dataset=dataset or id,
        )
        _check(made)
        registry.add(made)
        return made

    return make


def _message(function: Callable, name: str) -> str:
    text = " ".join(inspect.getdoc(function).split()) if function.__doc__ else ""
    if not text:
        raise ValueError(f"{name} has no docstring; it is what the learner reads.")
    return text


def _check(made: Question) -> None:
    """Refuse a question that lacks something, naming it."""
    if not _ID.match(made.id):
        raise ValueError(f"The id {made.id!r} must look like 'ch04.school-share'.")
    for name, value, known in (
        ("kind", made.kind, KINDS),
        ("quantity", made.quantity, tuple(ALLOWANCE)),
        ("unit", made.unit, UNITS),
    ):
        if value not in known:
            raise ValueError(f"{made.id}: {name} is {value!r}; it must be one of {known}.")
    if len(made.hints) != 3:
        raise ValueError(f"{made.id} has {len(made.hints)} hints; write three, each nearer.")
    if (made.kind == "choice") != bool(made.choices):
        raise ValueError(f"{made.id}: a choice needs choices={{key: text}}, and only a choice.")
    if made.kind == "text" and not made.rubric:
        raise ValueError(f"{made.id}: a text needs rubric=(...): what the marker looks for.")
