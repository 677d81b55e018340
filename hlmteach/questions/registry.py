"""Which questions there are; a chapter's module is loaded when its first question is asked for."""

import difflib
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .question import Question

_QUESTIONS: dict[str, "Question"] = {}


class QuestionNotFound(LookupError):
    """No question has this id; the message names close ones."""


def add(question: "Question") -> None:
    """Enter a question under its id.

    Raises
    ------
    ValueError
        If another question has the id.
    """
    if question.id in _QUESTIONS:
        raise ValueError(f"There are two questions called {question.id!r}; rename one of them.")
    _QUESTIONS[question.id] = question


def forget(id: str) -> None:
    """Take a question out again; for tests and examples."""
    _QUESTIONS.pop(id, None)


def get(id: str) -> "Question":
    """The question with this id.

    Raises
    ------
    QuestionNotFound
        With the nearest ids.

    Examples
    --------
    >>> get("ch04.icc").id
    'ch04.icc'
    """
    name = str(id).strip().lower()
    if name not in _QUESTIONS:
        _load(name.partition(".")[0])
    if name in _QUESTIONS:
        return _QUESTIONS[name]
    known = [question.id for question in all_questions()]
    near = difflib.get_close_matches(name, known, 3, 0.5)
    near = near or [other for other in known if other.startswith(name[:4])][:5] or known[:3]
    raise QuestionNotFound(f"No question is called {id!r}. Did you mean {' or '.join(near)}?")


def all_questions(of: Iterable[str] | None = None) -> list["Question"]:
    """Every question, by chapter in the order in which it was written.

    Parameters
    ----------
    of : chapters such as "ch04"; only these are loaded, and those that do not exist have none
    """
    wanted = chapters() if of is None else set(of)
    for chapter in wanted:
        _load(chapter)
    found = [question for question in _QUESTIONS.values() if question.chapter in wanted]
    return sorted(found, key=lambda question: question.chapter)


def chapters() -> list[str]:
    """The chapters with questions; none is loaded for it.

    Examples
    --------
    >>> chapters()[:2]
    ['ch01', 'ch02']
    """
    return sorted({*_modules(), *(question.chapter for question in _QUESTIONS.values())})


def sharing(question: "Question") -> list["Question"]:
    """The questions of the chapter that share a data set with this one, itself among them."""
    _load(question.chapter)
    found = [other for other in _QUESTIONS.values() if other.dataset == question.dataset]
    return found if question in found else [question]


@cache
def _modules() -> dict[str, list[str]]:
    """Chapter -> names of the modules with its questions (chNN_stem.py)."""
    found: dict[str, list[str]] = {}
    package = import_module(__package__)
    for info in iter_modules(package.__path__):
        if info.name[:2] == "ch" and info.name[2:4].isdigit():
            found.setdefault(info.name[:4], []).append(info.name)
    return dict(sorted(found.items()))


def _load(chapter: str) -> None:
    for name in _modules().get(chapter, []):
        import_module(f"{__package__}.{name}")
