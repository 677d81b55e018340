"""Evidence: what a learner produced, as plain JSON, so that another process can judge it.

Everything that touches the learner's objects happens in `Evidence.of`; the judge sees texts and
numbers only.
"""

import json
import math
from dataclasses import asdict, dataclass
from fractions import Fraction
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from . import strict
from .facts import SAMPLE, model_facts

MIME = "application/vnd.hlmteach.evidence+json"  # in the outputs of a cell that calls hlm.check
KINDS = ("typed", "model", "table", "nothing")
LONGEST_TEXT = 20_000
MOST_ROWS, MOST_COLUMNS = 500, 30
MOST_BYTES = 400_000


@dataclass(frozen=True)
class Evidence:
    """What was handed in for one question.

    Attributes
    ----------
    question : id of the question
    kind : "typed" (a text, or a number as Python writes it), "model", "table" or "nothing"
    value : text; facts about a model; {"columns", "index", "values"} of a table, or of a dict from
        names to numbers; or what was seen instead
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

    def as_json(self) -> dict[str, Any]:
        """As a plain dict, for the outputs of a notebook."""
        return json.loads(self.to_json())

    def to_json(self) -> str:
        """As text; `from_json` gives it back."""
        text = json.dumps(asdict(self), ensure_ascii=False, allow_nan=False)
        return text.encode("utf-8", "replace").decode()  # half a surrogate pair becomes "?"

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
        return parse(text)


def parse(raw: bytes | str) -> Evidence:
    """Evidence that a stranger's program wrote, or an error; nothing in it is trusted or run.

    Parameters
    ----------
    raw : one JSON object, UTF-8 where it is bytes

    Raises
    ------
    ValueError
        If it is too large, no JSON, or not of exactly the form that `Evidence.of` gives: four
        fields, known names, exact types, finite numbers, bounded texts, lists and tables.

    Examples
    --------
    >>> parse(Evidence.of("ch04.icc", 0.24).to_json().encode()).value
    '0.24'
    """
    found = strict.load(raw, MOST_BYTES)
    if not isinstance(found, dict) or set(found) != set(Evidence.__dataclass_fields__):
        raise ValueError("The evidence has not the four fields that evidence has.")
    if not all(isinstance(found[f], str) for f in ("question", "kind", "fingerprint")):
        raise ValueError("A field of the evidence is not text.")
    if found["kind"] not in KINDS or not FORMS[found["kind"]](found["value"]):
        raise ValueError(f"Evidence of kind {found['kind'][:20]!r} has not the right value.")
    if len(found["question"]) > 200 or len(found["fingerprint"]) > 40:
        raise ValueError("The question's id or the fingerprint is too long.")
    return Evidence(**found)


def _rectangular(value: dict[str, Any]) -> bool:
    width = len(value["columns"])
    return len(value["values"]) == len(value["index"]) and all(
        len(row) == width for row in value["values"]
    )


_name, _numbers = strict.text(120), strict.named(strict.number_or_null)
_column = {"name": _name, "mean": strict.number_or_null, "sd": strict.number_or_null}
_outcome = {
    "mean": strict.number_or_null,
    "sd": strict.number_or_null,
    "digest": strict.text(40),
    "sample": strict.items(strict.number_or_null, SAMPLE),
}
_model = {
    "engine": strict.one_of("lmer", "mixedlm", "ols"),
    "formula": strict.text(LONGEST_TEXT),
    "nobs": strict.count,
    "n_groups": strict.count,
    "group": strict.text(500),
    "sizes": strict.text(40),
    "outcome": strict.text(500),
    "y": strict.record(_outcome),
    "columns": strict.items(strict.record(_column), strict.MOST_LABELS),
    "beta": _numbers,
    "se": _numbers,
    "random": _numbers,
    "residual": strict.number_or_null,
    "reml": strict.boolean,
    "criterion": strict.number_or_null,
    "converged": strict.boolean,
    "singular": strict.boolean,
}


def _cell_form(value: Any) -> bool:
    return strict.text(200)(value) or strict.number_or_null(value)


_table_form = strict.record(
    {
        "n": strict.count,
        "columns": strict.items(strict.text(80), MOST_COLUMNS),
        "index": strict.items(strict.text(200), MOST_ROWS),
        "values": strict.items(strict.items(_cell_form, MOST_COLUMNS), MOST_ROWS),
    }
)
FORMS: dict[str, strict.Form] = {
    "typed": strict.text(LONGEST_TEXT),
    "model": strict.record(_model),
    "table": lambda value: _table_form(value) and _rectangular(value),
    "nothing": strict.record(
        {"seen": strict.text(20)}, {"type": strict.text(80), "n": strict.count}
    ),
}


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
    if isinstance(value, dict) and value and _names_numbers(value):
        return "table", _table(pd.Series(value))
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
    shown = float(value) if isinstance(value, Fraction) else value
    return "typed", str(int(value) if whole else shown)


def _single(value: Any) -> Any:
    """The element of a Series, array, list or 0-d array that has one; anything else unchanged."""
    if isinstance(value, np.generic):
        return value if isinstance(value, np.bool_ | np.number) else value.item()
    if isinstance(value, pd.DataFrame | pd.Series | np.ndarray | pd.Index | ExtensionArray):
        return _single(np.asarray(value).ravel()[0]) if value.size == 1 else value
    if isinstance(value, list | tuple | set | dict) and len(value) == 1:
        return _single(next(iter(value.values() if isinstance(value, dict) else value)))
    if value is pd.NA:
        return math.nan
    return value


def _names_numbers(value: dict) -> bool:
    """Does it go from names to numbers only? Then it says as much as a Series does."""
    return all(
        isinstance(name, str) and isinstance(v, Number) and not isinstance(v, complex)
        for name, v in value.items()
    )


def _table(value: pd.DataFrame | pd.Series) -> dict[str, Any]:
    """A table as lists; missing values are null."""
    frame = value.to_frame() if isinstance(value, pd.Series) else value
    head = frame.iloc[:MOST_ROWS, :MOST_COLUMNS]
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
