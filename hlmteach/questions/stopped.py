"""Stopped: answers read from a default statsmodels fit whose search ended before the best fit.

The right answer is computed once more, with statsmodels' `.fit()` in place of `hlm.lmer`: what any
question's own code then gives is what such a fit makes of it.
"""

from typing import Any

import numpy as np
import pandas as pd

from .cases import Case
from .fits import by_statsmodels, remember
from .judge_number import Look, agrees, readings_of
from .judge_other import matches

LOOK: Look = (
    "wrong",
    ("stopped-short",),
    "That is what statsmodels' `.fit()` gives for your data, and this fit did not arrive: its "
    "search stopped before the best fit, mostly with a warning that it failed to converge. "
    "`hlm.check_model(model)` shows how far off it is. Fit the model again with "
    '`.fit(method="powell")`, or with `hlm.lmer(...)`, and take every number from that fit.',
)
NEAR = 0.7  # as a share of the right answer: no such fit was seen to give a number further off


def short(made: Case, value: Any) -> bool:
    """Was this answer read from such a fit?

    Parameters
    ----------
    made : the student's case
    value : what was typed, or the cells of a table; neither right nor surely a known mistake
    """
    question = made.question
    if question.recipe is None or question.quantity == "exact":
        return False
    if question.kind == "number":
        theirs = _theirs(made) if _near(made, value) else None
        return isinstance(theirs, float) and agrees(made, value, theirs)
    if question.kind == "table":
        theirs = _theirs(made)
        return isinstance(theirs, pd.DataFrame | pd.Series) and matches(made, value, theirs)
    return False


def _near(made: Case, typed: str) -> bool:
    """May it be? Only then is the half second well spent that statsmodels takes for a fit."""
    reach = NEAR * abs(made.answer)
    return any(abs(form.value - made.answer) <= reach for form in readings_of(made, typed))


def _theirs(made: Case) -> Any:
    """The answer by statsmodels' default fits; None where it has no fit to give."""
    return remember(_table(made), ("statsmodels", made.question.id), lambda: _again(made))


def _again(made: Case) -> Any:
    try:
        with by_statsmodels(), np.errstate(all="ignore"):
            answer = made.question.answer(_copy(made))
    except Exception:  # what statsmodels cannot fit, nobody read from it
        return None
    return answer if isinstance(answer, pd.DataFrame | pd.Series) else float(answer)


def _table(made: Case) -> pd.DataFrame:
    return made.data[0] if isinstance(made.data, tuple) else made.data


def _copy(made: Case) -> Any:
    """The data again, whose fits are all by statsmodels; questions that share data share them."""
    return remember(_table(made), ("statsmodels",), made.fresh)
