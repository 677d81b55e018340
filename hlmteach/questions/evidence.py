"""Evidence: what a learner produced, as plain JSON, so that another process can judge it.

Everything that touches the learner's objects happens in `Evidence.of`; the judge sees texts and
numbers only.
"""

import json
import math
from dataclasses import asdict, dataclass
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd

from .facts import model_facts

KINDS = ("typed", "model", "table", "nothing")
LONGEST_TEXT = 20_000
MOST_ROWS = 500
MOST_BYTES = 400_000


@dataclass(frozen=True)
class Evidence:
    """What was handed in for one question.

    Attributes
    ----------
    question : id of the question
    kind : "typed" (a text, or a number as Python writes it), "model", "table" or "nothing"
    value : text; facts about a model; {"columns", "index", "values"}; or what was seen instead
    fingerprint : of the data the model was fitted to, where that is known

    Examples
    --------
    >>> Evidence.of("ch04.icc", 0.24).value
    '0.24'
    >>> Evidence.of("ch04.icc", ...).value
    {'seen': 'dots'}
    """

    question: str
    kind: str
    value: Any
    fingerprint: str = ""

    @classmethod
    def of(cls, question: str, value: object) -> "Evidence":
        """Evidence of any object; never raises."""
        try:
            kind, plain = _plain(value)
        except Exception:  # an object that cannot even be looked at is no answer
            kind, plain = "nothing", {"seen": "other", "type": type(value).__name__[:80]}
        mark = plain.pop("fingerprint", "") if kind == "model" else ""
        return cls(str(question)[:200], kind, plain, mark)

    def to_json(self) -> str:
        """As text; `from_json` gives it back."""
        return json.dumps(asdict(self), ensure_ascii=True, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "Evidence":
        """Read evidence that another process wrote, taking nothing on trust.

        Raises
        ------
        ValueError
            If it is too large, no JSON, or not of the right form.

        Examples
        --------
        >>> one = Evidence.of("ch04.icc", "24 %")
        >>> Evidence.from_json(one.to_json()) == one
        True
        """
        if len(text) > MOST_BYTES:
            raise ValueError(f"The evidence has {len(text):,} letters; {MOST_BYTES:,} are allowed.")
        record = json.loads(text, parse_constant=_refuse)
        if not isinstance(record, dict) or set(record) != {f for f in cls.__dataclass_fields__}:
            raise ValueError("The evidence has not the four fields that evidence has.")
        if not all(isinstance(record[f], str) for f in ("question", "kind", "fingerprint")):
            raise ValueError("A field of the evidence is not text.")
        if record["kind"] not in KINDS or not isinstance(
            record["value"], str if record["kind"] == "typed" else dict
        ):
            raise ValueError(f"Evidence of kind {record['kind'][:20]!r} has not the right value.")
        return cls(**record)


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number that evidence may hold.")


def _plain(value: object) -> tuple[str, Any]:
    """(kind, plain value) of whatever was handed in."""
    if value is ...:
        return "nothing", {"seen": "dots"}
    if value is None:
        return "nothing", {"seen": "none"}
    facts = model_facts(value)
    if facts is not None:
        return ("nothing" if "seen" in facts else "model"), facts
    single = _single(value)
    if isinstance(single, str):
        return "typed", single[:LONGEST_TEXT]
    if isinstance(single, bool | np.bool_):
        return "typed", "yes" if single else "no"
    if isinstance(single, complex | np.complexfloating):
        return "nothing", {"seen": "other", "type": "complex number"}
    if isinstance(single, Number):
        return _number(single)
    if isinstance(value, pd.DataFrame | pd.Series):
        return "table", _table(value)
    if isinstance(value, dict | list | tuple | set | np.ndarray):
        return "nothing", {"seen": "several", "type": type(value).__name__, "n": len(value)}
    if callable(value):
        return "nothing", {"seen": "function", "type": str(getattr(value, "__name__", ""))[:80]}
    return "nothing", {"seen": "other", "type": type(value).__name__[:80]}


def _number(value: Any) -> tuple[str, Any]:
    if value is pd.NaT or not math.isfinite(float(value)):
        return "nothing", {"seen": "nan"}
    # str, not repr: NumPy 2 writes np.float64(0.24), and str keeps the digits of a float32.
    # Python writes 1490 as 1490.0; nobody typed that zero.
    whole = 100 <= abs(value) < 1e15 and value == int(value)
    return "typed", str(int(value) if whole else value)


def _single(value: Any) -> Any:
    """The element of a Series, array, list or 0-d array that has one; anything else unchanged."""
    if isinstance(value, np.generic):
        return value if isinstance(value, np.bool_ | np.number) else value.item()
    if isinstance(value, pd.DataFrame | pd.Series | np.ndarray | pd.Index):
        return _single(np.asarray(value).ravel()[0]) if value.size == 1 else value
    if isinstance(value, list | tuple | set | dict) and len(value) == 1:
        return _single(next(iter(value.values() if isinstance(value, dict) else value)))
    if value is pd.NA:
        return math.nan
    return value


def _table(value: pd.DataFrame | pd.Series) -> dict[str, Any]:
    """A table as lists; missing values are null."""
    frame = value.to_frame() if isinstance(value, pd.Series) else value
    head = frame.iloc[:MOST_ROWS, :30]
    return {
        "n": len(frame),
        "columns": [str(name)[:80] for name in head.columns],
        "index": [_label(label) for label in head.index],
        "values": [[_cell(v) for v in row] for row in head.itertuples(index=False)],
    }


def _label(label: object) -> str:
    return ", ".join(map(str, label))[:200] if isinstance(label, tuple) else str(label)[:200]


def _cell(value: object) -> float | str | None:
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, Number) and not isinstance(value, complex):
        return float(value) if math.isfinite(float(value)) else None
    return str(value)[:200]
