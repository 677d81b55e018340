"""Fits that are asked for again and again while one student's answers are computed."""

import warnings
from collections import OrderedDict
from typing import Any

import pandas as pd

from hlmteach.fit import Fit

_KEPT = 24
_tables: OrderedDict[int, tuple[pd.DataFrame, dict]] = OrderedDict()


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
    from hlmteach.fitting import lmer as fit

    def make() -> Fit:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return fit(formula, data, reml)

    return remember(data, ("lmer", formula, reml), make)


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
