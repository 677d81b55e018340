"""Fits that are asked for again and again while one student's answers are computed."""

import warnings
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pandas as pd

from hlmteach.fit import Fit
from hlmteach.formula import parse

_KEPT = 24
_tables: OrderedDict[int, tuple[pd.DataFrame, dict]] = OrderedDict()
_by_statsmodels: ContextVar[bool] = ContextVar("by_statsmodels", default=False)


def lmer(formula: str, data: pd.DataFrame, reml: bool = True) -> Fit:
    """`hlmteach.lmer`, remembered for as long as the table is; it does not warn.

    The table is recognised as an object, so do not change it in place after a fit.

    Examples
    --------
    >>> from hlmteach.questions.recipes import usa_schools
    >>> from hlmteach.questions.students import random_state
    >>> data = usa_schools(random_state("jo", "x", 0))
    >>> lmer("math ~ 1 + (1 | school_id)", data) is lmer("math ~ 1 + (1 | school_id)", data)
    True
    """
    from hlmteach.fitting import lmer as best

    theirs = _by_statsmodels.get()
    fit = _default_mixedlm if theirs else best

    def make() -> Fit:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return fit(formula, data, reml)

    return remember(data, ("lmer", formula, reml, theirs), make)


@contextmanager
def by_statsmodels() -> Iterator[None]:
    """Inside, `lmer` returns what statsmodels' `.fit()` gives, wherever its search stopped.

    Pass copies of tables: answers that were remembered for a table come from its best fits.
    """
    token = _by_statsmodels.set(True)
    try:
        yield
    finally:
        _by_statsmodels.reset(token)


def _default_mixedlm(formula: str, data: pd.DataFrame, reml: bool) -> Fit:
    from hlmteach.adapters import as_fit

    from .quick import QuickMixedLM

    model = parse(formula)
    (term,) = model.random
    if not (term.intercept and term.correlated and len(term.group) == 1):
        raise ValueError(f"statsmodels has no plain notation for the random part of {formula!r}.")
    text = f"{model.response} ~ {model.fixed}"
    slopes = "~ " + " + ".join(term.slopes) if term.slopes else None
    made = QuickMixedLM.from_formula(text, data, groups=term.group[0], re_formula=slopes)
    return as_fit(made.fit(reml=reml))


def remember(data: pd.DataFrame, key: tuple, make: Any) -> Any:
    """What `make()` returned for this table and key the first time."""
    if id(data) not in _tables:
        _tables[id(data)] = (data, {})  # the table is kept too, so that its id stays its own
        while len(_tables) > _KEPT:
            _tables.popitem(last=False)
    _tables.move_to_end(id(data))
    store = _tables[id(data)][1]
    if key not in store:
        store[key] = make()
    return store[key]
