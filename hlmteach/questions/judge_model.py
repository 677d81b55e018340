"""Judging a fitted model: whose data, the rules on the object, then its numbers."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from .cases import Case, stamp
from .evidence import Evidence
from .facts import model_facts
from .fits import remember
from .judge_number import UNKNOWN, Look
from .model_rules import BEFORE_DATA, RULES, besides

_TYPES = {
    "engine": str,
    "formula": str,
    "nobs": int,
    "n_groups": int,
    "group": str,
    "sizes": str,
    "outcome": str,
    "y": dict,
    "columns": list,
    "beta": dict,
    "se": dict,
    "random": dict,
    "residual": (float, int),
    "reml": bool,
    "criterion": (float, int, type(None)),
    "converged": bool,
    "singular": bool,
}
OTHER_DATA = (
    "The outcome's values are not those of your data for this question. Was the model fitted to "
    "another table (another question's, another student's, the whole of pisa_like), or was the "
    "outcome transformed? Get your table with `hlm.data(...)` and fit the model to it."
)


def look(made: Case, evidence: Evidence) -> Look:
    """(status, ids of the mistakes, message) for a fitted model."""
    m = facts_of(evidence.value)
    if m is None:
        return "unreadable", (), "I cannot read this model. Pass the fitted model itself."
    data, right = made.data, reference(made)
    for rule in BEFORE_DATA:
        if rule.broken(m, right, data):
            return "wrong", (rule.id,), rule.message
    if _stamped_otherwise(evidence, made) or _foreign(m, right, data):
        return "other-data", (), OTHER_DATA
    for rule in made.question.rules:
        if rule.broken(m, data):
            return "wrong", (rule.id,), rule.message
    for rule in RULES:
        if rule.broken(m, right, data):
            more = besides(rule.id, m, right, data)
            also = f" There is more to mend: {'; '.join(more.values())}." if more else ""
            return "wrong", (rule.id, *more)[:2], rule.message + also
    if not _same_numbers(m, right):
        return "unknown", (), f"{UNKNOWN} Rows, groups and formula look right, the numbers do not."
    return "right", (), "That is the model that was asked for."


def reference(made: Case) -> SimpleNamespace:
    """Facts about the right model."""
    table = made.data[0] if isinstance(made.data, tuple) else made.data
    key = ("facts", made.question.id)
    return remember(table, key, lambda: facts_of(model_facts(made.answer)))


def facts_of(value: Any) -> SimpleNamespace | None:
    """Facts as attributes, or None if something in them is missing or of a wrong type."""
    if not isinstance(value, dict):
        return None
    if not all(isinstance(value.get(name), kind) for name, kind in _TYPES.items()):
        return None
    numbers = [*value["beta"].values(), *value["se"].values(), *value["random"].values()]
    described = all(isinstance(c, dict) and _described(c) for c in value["columns"])
    y = value["y"]
    sample = isinstance(y.get("sample"), list) and all(_number(v) for v in y["sample"])
    known = _number(y.get("mean")) and _number(y.get("sd")) and isinstance(y.get("digest"), str)
    if not (described and sample and known and all(v is None or _number(v) for v in numbers)):
        return None
    return SimpleNamespace(**{name: value[name] for name in _TYPES})


def _described(column: dict) -> bool:
    return isinstance(column.get("name"), str) and all(
        _number(column.get(k)) for k in ("mean", "sd")
    )


def _number(value: Any) -> bool:
    return isinstance(value, float | int) and not isinstance(value, bool)


FOREIGN = 0.1  # share of the sampled outcomes that may be missing from the student's tables


def _stamped_otherwise(evidence: Evidence, made: Case) -> bool:
    """Does the model's table say that it was made for somebody else, or for another question?"""
    if not evidence.fingerprint:
        return False
    stamp(made.data, made.question.dataset)
    tables = made.data if isinstance(made.data, tuple) else (made.data,)
    return evidence.fingerprint not in {table.attrs["hlmteach"]["fingerprint"] for table in tables}


def _foreign(m: SimpleNamespace, right: SimpleNamespace, data: Any) -> bool:
    """Are some of the sampled outcomes in no numeric column of this student's tables?"""
    if m.y["digest"] == right.y["digest"] or abs(m.y["mean"]) < 1e-6 * m.y["sd"]:
        return False  # a mean of zero is a centred outcome, for which there is a rule
    tables = data if isinstance(data, tuple) else (data,)
    known = remember(tables[0], ("outcomes",), lambda: _numeric_values(tables))
    sample = np.array(m.y["sample"], dtype=float)
    at = np.clip(np.searchsorted(known, sample), 1, len(known) - 1)
    gap = np.minimum(np.abs(known[at] - sample), np.abs(known[at - 1] - sample))
    return bool((gap > 1e-6).mean() > FOREIGN)


def _numeric_values(tables: tuple[pd.DataFrame, ...]) -> np.ndarray:
    columns = [
        table[name].to_numpy(float, na_value=np.nan)
        for table in tables
        for name in table.select_dtypes("number").columns
    ]
    values = np.unique(np.concatenate(columns))
    return values[~np.isnan(values)]


def _same_numbers(m: SimpleNamespace, right: SimpleNamespace) -> bool:
    """Do coefficients lie within a small part of a standard error, variances within 2 %?"""
    beta = np.array([[c["mean"], m_beta] for c, m_beta in _ordered(m)])
    other = np.array([[c["mean"], r_beta] for c, r_beta in _ordered(right)])
    se = np.array([v for v in right.se.values() if v is not None])
    if beta.shape != other.shape or len(se) == 0:
        return False
    close = np.abs(beta[:, 1] - other[:, 1]) <= 0.05 * se.max() + 1e-6
    return bool(close.all())


def _ordered(facts: SimpleNamespace) -> list[tuple[dict, float]]:
    """Coefficients in an order that does not depend on the formula's."""
    named = [(c, facts.beta.get(c["name"])) for c in facts.columns]
    known = [(c, beta) for c, beta in named if beta is not None]
    return sorted(known, key=lambda pair: (pair[0]["mean"], pair[0]["sd"]))
