"""Arguments: is what a person typed a number that can exist?  Errors name the parameter."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

import numpy as np


def number(name: str, value: Any, meaning: str = "") -> float:
    """Return `value` as a finite float.

    Parameters
    ----------
    name : str
        How the parameter is called in the error.
    value : object
        What was typed.
    meaning : str
        What the parameter is, in a few words; it ends the error.

    Raises
    ------
    ValueError
        If `value` is not a number, or is NaN or infinite.

    Examples
    --------
    >>> number("sigma_u", 40)
    40.0
    """
    why = f"; {meaning}" if meaning else ""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise ValueError(f"{name} is {value!r}; it must be a number{why}.")
    if not np.isfinite(value):
        raise ValueError(f"{name} is {value!r}; it must be a finite number{why}.")
    return float(value)


def coverage(level: Any) -> float:
    """Return the level of an interval as a float.

    Raises
    ------
    ValueError
        If `level` is not a number between 0 and 1.

    Examples
    --------
    >>> coverage(0.95)
    0.95
    """
    level = number("level", level)
    if not 0 < level < 1:
        raise ValueError(f"level is {level:g}; give a coverage between 0 and 1, such as 0.95.")
    return level


def check_reml(reml: Any) -> None:
    """Refuse anything but True and False: the text "no" would count as True.

    Raises
    ------
    TypeError
        If `reml` is neither.
    """
    if not isinstance(reml, bool | np.bool_):
        raise TypeError(f"reml is {reml!r}; it is True for REML or False for maximum likelihood.")


def whole_number(name: str, value: Any, least: int, meaning: str = "") -> int:
    """Return `value` as an int that is at least `least`.

    Raises
    ------
    ValueError
        If `value` is not a whole number, or is below `least`.

    Examples
    --------
    >>> whole_number("n_groups", 150, 1)
    150
    """
    why = f"; {meaning}" if meaning else ""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Integral):
        raise ValueError(f"{name} is {value!r}; it must be a whole number{why}.")
    if value < least:
        raise ValueError(f"{name} is {value}; it must be at least {least}{why}.")
    return int(value)


def known(name: str, value: str, choices: Iterable[str], hint: str = "") -> str:
    """Return `value` if it is one of `choices`; otherwise say what the choices are.

    Raises
    ------
    ValueError
        If `value` is not one of `choices`.

    Examples
    --------
    >>> known("outcome", "math", ["math", "read"])
    'math'
    """
    choices = list(choices)
    if value in choices:
        return value
    listed = ", ".join(map(repr, choices)) or "nothing"
    raise ValueError(f"{name} names {value!r}, which I do not know; I know: {listed}.{hint}")
