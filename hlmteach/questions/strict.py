"""Reading JSON that a stranger wrote: known fields, exact types, finite numbers, bounded sizes.

A form is a function (value) -> bool. Nothing in here imports, unpickles or evaluates what it reads.
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

Form = Callable[[Any], bool]
LARGEST = 1e300  # a double, with room to be multiplied; nothing in the course comes near
MOST_LABELS = 400  # coefficients, columns of a design


def load(raw: bytes | str, most_bytes: int) -> Any:
    """JSON as Python objects.

    Parameters
    ----------
    raw : UTF-8 bytes, or a text
    most_bytes : what is longer is not looked at

    Raises
    ------
    ValueError
        If it is too long, no UTF-8, no JSON, nested too deeply, says one name twice, or holds NaN,
        an infinite number or half a surrogate pair.

    Examples
    --------
    >>> load(b'{"icc": 0.24}', 100)
    {'icc': 0.24}
    >>> load(b'{"icc": NaN}', 100)
    Traceback (most recent call last):
    ...
    ValueError: NaN is no number that evidence may hold.
    """
    if len(raw) > most_bytes:
        raise ValueError(f"The evidence has {len(raw):,} letters; {most_bytes:,} are allowed.")
    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8", "strict")
        value = json.loads(text, parse_constant=_refuse, object_pairs_hook=_pairs)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "strict")
    except RecursionError:
        raise ValueError("The evidence is nested too deeply.") from None
    return value


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number that evidence may hold.")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("The evidence says one name twice.")
    return found


# ------------------------------------------------------------------------------------ forms


def number(value: Any) -> bool:
    """A finite int or float, not True or False."""
    return type(value) in (int, float) and abs(value) <= LARGEST and math.isfinite(value)


def number_or_null(value: Any) -> bool:
    """A number, or None where JSON knows no number (NaN)."""
    return value is None or number(value)


def count(value: Any) -> bool:
    """A whole number from 0 that every program can hold."""
    return type(value) is int and 0 <= value < 2**53


def boolean(value: Any) -> bool:
    """True or False."""
    return type(value) is bool


def text(longest: int) -> Form:
    """A text of at most so many letters."""
    return lambda value: type(value) is str and len(value) <= longest


def one_of(*words: str) -> Form:
    """One of these texts."""
    return lambda value: type(value) is str and value in words


def items(form: Form, most: int) -> Form:
    """A list of at most so many values of a form."""
    return lambda value: type(value) is list and len(value) <= most and all(map(form, value))


def named(form: Form) -> Form:
    """An object from short names to values of a form."""
    short = text(120)
    return lambda value: (
        type(value) is dict
        and len(value) <= MOST_LABELS
        and all(short(name) and form(one) for name, one in value.items())
    )


def record(required: Mapping[str, Form], optional: Mapping[str, Form] | None = None) -> Form:
    """An object with just these names, each of its form."""
    forms = {**required, **(optional or {})}
    return lambda value: (
        type(value) is dict
        and required.keys() <= value.keys() <= forms.keys()
        and all(forms[name](one) for name, one in value.items())
    )
