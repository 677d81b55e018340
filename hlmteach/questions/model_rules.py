"""Mistakes that are seen on a fitted model: rows, groups, random part, fixed part, estimator.

Each rule is a function (m, right, data) -> bool, true where the mistake was made; its docstring is
the message. `m` and `right` are the facts of the model handed in and of the right one.
The first rule that is broken is reported, so the order matters: what changes most comes first.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from .fits import remember
from .joins import joined
from .question import _message

NEAR = 1e-6
SHORT = 0.01  # of the criterion: an optimum that lies higher than this was not reached


@dataclass(frozen=True)
class ModelRule:
    """One rule that every model question applies."""

    id: str
    broken: Callable[[SimpleNamespace, SimpleNamespace, Any], bool]
    message: str


BEFORE_DATA: list[ModelRule] = []  # asked before we ask whose data these are
RULES: list[ModelRule] = []


def rule(name: str, before_data: bool = False) -> Callable:
    def add(function: Callable) -> Callable:
        made = ModelRule(name, function, _message(function, name))
        (BEFORE_DATA if before_data else RULES).append(made)
        return function

    return add


# ------------------------------------------------------------------------- helpers


def same(a: dict, b: dict) -> bool:
    """Do two columns have the same mean and SD?"""
    return _close(a["mean"], b["mean"], a["sd"] + abs(a["mean"])) and _close(
        a["sd"], b["sd"], a["sd"]
    )


def _close(a: float, b: float, size: float) -> bool:
    return abs(a - b) <= NEAR * max(size, 1e-9)


def missing_columns(m: SimpleNamespace, right: SimpleNamespace) -> list[dict]:
    """Columns of the right model's fixed part that the other model has not."""
    return [c for c in right.columns if not any(same(c, other) for other in m.columns)]


def extra_columns(m: SimpleNamespace, right: SimpleNamespace) -> list[dict]:
    """Columns of the fixed part that the right model has not."""
    return missing_columns(right, m)


def pairs(m: SimpleNamespace, right: SimpleNamespace) -> list[tuple[dict, dict]]:
    """(column of the right model, column of the other) of one variable with other values."""
    extra = extra_columns(m, right)
    return [
        (c, other)
        for c in missing_columns(m, right)
        for other in extra
        if bare(c["name"]) in other["name"]
    ]


def bare(name: str) -> str:
    """The variable in a column's name: desk of desk[T.yes]."""
    return name.partition("[")[0]


def filled(m: SimpleNamespace, right: SimpleNamespace, data: Any, how: str) -> bool:
    """Has a column the mean and SD it has after its gaps were filled with 0 or the mean?"""
    table = joined(data)
    names = {bare(c["name"]) for c in right.columns} & set(table.columns)
    gappy = [name for name in sorted(names) if table[name].isna().any()]
    for name in gappy:
        if pd.api.types.is_numeric_dtype(table[name]):
            for rows in _without_gaps(table, [other for other in gappy if other != name]):
                for fill in [0.0] if how == "zero" else _means(name, table, rows, data):
                    if _looks(m, name, rows[name].fillna(fill).to_numpy(float)):
                        return True
    return False


def _without_gaps(table: pd.DataFrame, names: list[str]) -> Iterator[pd.DataFrame]:
    """The table without the rows that lack some of the columns, in every choice of columns."""
    for n in range(len(names), -1, -1):
        for chosen in itertools.combinations(names, n):
            yield table.dropna(subset=list(chosen))


def _means(name: str, table: pd.DataFrame, rows: pd.DataFrame, data: Any) -> list[float]:
    """What a person may take for a column's mean: over all rows, over those kept, over schools."""
    found = [table[name].mean(), rows[name].mean()]
    parts = data if isinstance(data, tuple) else ()
    there = [part for part in parts if name in part]
    own = [part[part["country"].isin(table["country"])] for part in there if "country" in part]
    return found + [part[name].mean() for part in (*there, *own)]


def _looks(m: SimpleNamespace, name: str, values: np.ndarray) -> bool:
    looked = {"mean": values.mean(), "sd": values.std()}
    return any(name in c["name"] and same(c, looked) for c in m.columns)


def id_columns(data: Any) -> list[dict]:
    """Mean and SD of the ids, read as numbers."""
    table = joined(data)

    def make() -> list[dict]:
        numbers = [
            pd.to_numeric(table[name], errors="coerce").dropna().to_numpy(float)
            for name in table.columns
            if str(name).endswith("_id")
        ]
        return [{"mean": v.mean(), "sd": v.std()} for v in numbers if len(v)]

    return remember(table, ("ids",), make)


def is_mixed(facts: SimpleNamespace) -> bool:
    return facts.engine != "ols"


# ------------------------------------------------------------------------- level of the rows


@rule("aggregated", before_data=True)
def _(m, right, data):
    """Your model has one row for each group: it is a regression on group means. It says how schools
    differ, not how students do (an ecological regression). Fit it to the students, and let the
    groups come in as a random intercept."""
    return is_mixed(right) and m.nobs <= right.n_groups < right.nobs


# ------------------------------------------------------------------------- groups


@rule("id-as-number")
def _(m, right, data):
    """The school's id stands among the predictors. An id is a name, not an amount: school 12 is not
    twice school 6. Take it out of the fixed part; name it in `groups=` or right of the bar."""
    if any(c["name"] == right.group for c in m.columns):
        return True
    return any(same(c, known) for c in extra_columns(m, right) for known in id_columns(data))


@rule("school-dummies")
def _(m, right, data):
    """Your model has one coefficient for every school (dummies, a fixed-effects model). It uses
    only the differences within schools, and leaves no school-level slope to be estimated. Here the
    schools should be a random intercept: `(1 | school_id)`, or `groups=` in statsmodels."""
    dummies = [c for c in m.columns if right.group and bare(c["name"]).find(right.group) >= 0]
    return is_mixed(right) and len(dummies) > right.n_groups / 2


@rule("ols-as-rim")
def _(m, right, data):
    """This is an ordinary regression: it takes every student for independent and knows no schools.
    Did the fit use groups? Use `smf.mixedlm(..., groups=...)` or `hlm.lmer("... + (1 |
    school_id)", data)`."""
    return is_mixed(right) and not is_mixed(m)


@rule("rim-as-ols")
def _(m, right, data):
    """This model has random effects; an ordinary regression is asked here. Use `smf.ols`."""
    return is_mixed(m) and not is_mixed(right)


@rule("one-group")
def _(m, right, data):
    """All rows are in one group, so nothing can vary between groups and the variances printed are
    start values. Look at "No. Groups" in the summary; group by the school's id."""
    return m.n_groups == 1


@rule("grouped-by-student")
def _(m, right, data):
    """Every row is a group of its own: you grouped by the student. With one row a group the two
    variances cannot be told apart. Look at "No. Groups"; group by the school's id."""
    return is_mixed(m) and m.n_groups == m.nobs


# ------------------------------------------------------------------------- outcome and rows


@rule("wrong-outcome")
def _(m, right, data):
    """The outcome is not the one that was asked for. Look at the name left of the tilde."""
    return bare(m.outcome) != right.outcome and m.y["digest"] != right.y["digest"]


@rule("changed-outcome")
def _(m, right, data):
    """The outcome was standardised or centred: its mean is zero. Keep the score in its own points,
    so that coefficients are points too."""
    return abs(m.y["mean"]) < 1e-6 * m.y["sd"] and abs(right.y["mean"]) > 0.01 * right.y["sd"]


@rule("duplicated-rows")
def _(m, right, data):
    """Every row is there more than once: the number of rows is a multiple of what it should be.
    Level-1 standard errors then shrink for no reason. Was a join not one-to-one, or the table
    stacked on itself? Look at `data.duplicated().sum()`."""
    more = m.nobs > right.nobs and m.nobs % right.nobs == 0
    return more and _close(m.y["mean"], right.y["mean"], right.y["sd"])


@rule("join-exploded")
def _(m, right, data):
    """Your table has more rows than there are students: the join multiplied them. School ids repeat
    from country to country. Join on year, country and school_id, and let pandas check it with
    `validate="m:1"`."""
    return isinstance(data, tuple) and m.nobs > len(data[0])


@rule("filled-with-zero")
def _(m, right, data):
    """Missing values were filled with 0. Zero is a value, and often an impossible one (no school
    has 0 students per teacher): it pulls the slope. Leave rows with gaps out, and say how many."""
    return m.nobs > right.nobs and filled(m, right, data, "zero")


@rule("filled-with-mean")
def _(m, right, data):
    """Missing values were filled with the column's mean. That invents students who are exactly
    average and understates the uncertainty. Leave rows with gaps out, and say how many."""
    return m.nobs > right.nobs and filled(m, right, data, "mean")


@rule("all-rows")
def _(m, right, data):
    """Your model has more rows than the analysis set: rows were kept that the other models cannot
    use, because a predictor is missing there. Models are compared on the same rows: drop rows with
    a gap in any of the named columns first, then fit."""
    return m.nobs > right.nobs


@rule("too-few-rows")
def _(m, right, data):
    """Your model has fewer rows than it should. Did `dropna()` look at columns that the model does
    not use, or did a filter or a join lose students? Compare `len(data)` before and after each
    step."""
    return m.nobs < right.nobs


@rule("other-rows")
def _(m, right, data):
    """The number of rows is right, but they are not the same students. Check the filters, and
    what was joined to what."""
    return m.y["digest"] != right.y["digest"]


@rule("wrong-grouping")
def _(m, right, data):
    """The rows are right, the groups are not: compare "No. Groups" with the number of schools in
    your table. A column that describes schools is not the school's id, and an id that was cut or
    rounded merges schools."""
    return m.sizes != right.sizes


# ------------------------------------------------------------------------- random part


@rule("random-slope-unasked")
def _(m, right, data):
    """Your model lets a slope vary between schools as well; only the intercept was asked for. In
    statsmodels leave `re_formula=` out; in lme4's notation write `(1 | school_id)`."""
    return len(m.random) > len(right.random)


@rule("no-random-intercept")
def _(m, right, data):
    """The intercept does not vary between schools in your model: the random part has a slope only.
    Differences in level are then forced into the slope. Let the intercept vary: `(1 |
    school_id)`."""
    return "Intercept" in right.random and "Intercept" not in m.random


@rule("random-slope-missing")
def _(m, right, data):
    """A slope should vary between schools here, and in your model it does not. Add it left of the
    bar, or in `re_formula=`."""
    return len(set(m.random) - {"Intercept"}) < len(set(right.random) - {"Intercept"})


# ------------------------------------------------------------------------- fixed part


@rule("intercept-dropped")
def _(m, right, data):
    """The fixed intercept is gone (a `0 +` or `- 1` in the formula). The schools then have to make
    up for the whole mean of the scores. Leave the intercept in."""
    has = [any(c["name"] == "Intercept" for c in facts.columns) for facts in (m, right)]
    return has == [False, True] and not any("[" in c["name"] for c in extra_columns(m, right))


@rule("intercept-as-levels")
def _(m, right, data):
    """The formula has no intercept (a `0 +` or `- 1`), so a category comes in with one level for
    each answer. The fit is the same, but the difference between the categories, which is asked for,
    is not among the coefficients. Leave the intercept in."""
    has = [any(c["name"] == "Intercept" for c in facts.columns) for facts in (m, right)]
    return has == [False, True] and any("[" in c["name"] for c in extra_columns(m, right))


@rule("reference-flipped")
def _(m, right, data):
    """The other category is the reference, so the sign of the slope turns and the intercept
    belongs to the other group. Say which category is compared with which: "no" should be the
    reference."""
    return any(_close(o["mean"], 1 - c["mean"], 1) for c, o in pairs(m, right))


@rule("coded-1-2")
def _(m, right, data):
    """A yes/no predictor is coded 1 and 2. The slope stays, but the intercept now belongs to a code
    0 that nobody has. Code no as 0 and yes as 1."""
    return any(
        _close(o["mean"], 1 + c["mean"], 1) and _close(c["sd"], o["sd"], 1)
        for c, o in pairs(m, right)
    )


@rule("standardised")
def _(m, right, data):
    """A predictor was standardised, so its slope is per standard deviation. The question asks for
    the predictor's own unit."""
    return any(
        abs(o["mean"]) < 0.2 and abs(o["sd"] - 1) < 0.01 and not _close(o["sd"], c["sd"], 1)
        for c, o in pairs(m, right)
    )


@rule("centred")
def _(m, right, data):
    """A predictor was centred (its mean is zero now). The intercept then answers another question,
    and after centring on school means the slope does too. Use the predictor as it is."""
    return any(abs(o["mean"]) < 1e-3 * o["sd"] for _, o in pairs(m, right))


@rule("other-values")
def _(m, right, data):
    """A predictor has the right name and other values than in your data. Was it joined on the wrong
    key, filled, rounded or transformed on the way?"""
    return bool(pairs(m, right))


@rule("wrong-predictor")
def _(m, right, data):
    """A predictor is missing, and another stands in its place. Compare your formula with the
    question term by term."""
    return bool(missing_columns(m, right)) and bool(extra_columns(m, right))


@rule("missing-predictor")
def _(m, right, data):
    """A predictor of the model is missing. Compare your formula with the question term by term:
    without a control the other coefficients answer another question."""
    return bool(missing_columns(m, right))


@rule("extra-predictor")
def _(m, right, data):
    """There is a predictor too many. Compare your formula with the question term by term: every
    further predictor changes what the other coefficients mean."""
    return bool(extra_columns(m, right)) or len(m.columns) > len(right.columns)


# ------------------------------------------------------------------------- estimator


@rule("ml-for-reml")
def _(m, right, data):
    """This was fitted by maximum likelihood; REML was asked for. ML takes the fixed effects for
    known and so gives variances that are a little too small. Leave `reml=False` out."""
    return is_mixed(right) and right.reml and not m.reml


@rule("reml-for-ml")
def _(m, right, data):
    """This was fitted by REML; maximum likelihood was asked for, because models with different
    fixed parts are to be compared. Add `reml=False`."""
    return is_mixed(right) and m.reml and not right.reml


@rule("stopped-short")
def _(m, right, data):
    """Rows, predictors and sizes of the groups are right, but this model can fit better. Mostly the
    optimiser stopped before the best fit: try `.fit(method=["powell", "lbfgs"])`, or `hlm.lmer`. Or
    the ids that you grouped by stand in another order than the rows: take both from one table."""
    if m.criterion is None or right.criterion is None:
        return not m.converged or (is_mixed(m) and _far(m, right))
    return m.criterion - right.criterion > SHORT


def _far(m: SimpleNamespace, right: SimpleNamespace) -> bool:
    """Does a coefficient lie further off than two fits of one model do?"""
    reach = 0.05 * max((se for se in right.se.values() if se is not None), default=0.0)
    return any(abs(m.beta[name] - b) > reach for name, b in right.beta.items() if name in m.beta)


# ------------------------------------------------------------------------- a second mistake

# What can be said beside the first mistake, because it does not follow from it, and how.
_BESIDES = {
    "wrong-outcome": "the outcome is not the one that was asked for",
    "random-slope-unasked": "a slope varies between schools, unasked",
    "no-random-intercept": "the intercept does not vary between schools",
    "random-slope-missing": "no slope varies between schools",
    "intercept-dropped": "the fixed intercept is gone",
    "missing-predictor": "a predictor is missing",
    "extra-predictor": "there is a predictor too many",
    "wrong-predictor": "a predictor is not the one that was asked for",
    "ml-for-reml": "it was fitted by maximum likelihood, where REML was asked for",
    "reml-for-ml": "it was fitted by REML, where maximum likelihood was asked for",
}
_NEEDS_THE_ROWS = {"missing-predictor", "extra-predictor", "wrong-predictor"}
_NEEDS_A_MIXED_MODEL = set(_BESIDES) - _NEEDS_THE_ROWS - {"wrong-outcome", "intercept-dropped"}


def besides(first: str, m: SimpleNamespace, right: SimpleNamespace, data: Any) -> dict[str, str]:
    """Further mistakes of a model, by id, each in a few words; those that follow from the first
    one, or cannot be seen because of it, are left out."""
    seen = m.y["digest"] == right.y["digest"]
    order = [one.id for one in RULES]
    later = RULES[order.index(first) + 1 :] if first in order else []
    return {
        one.id: _BESIDES[one.id]
        for one in later
        if one.id in _BESIDES
        and ((is_mixed(m) and is_mixed(right)) or one.id not in _NEEDS_A_MIXED_MODEL)
        and (seen or one.id not in _NEEDS_THE_ROWS)
        and first not in ("id-as-number", "school-dummies", "intercept-as-levels")
        and not {first, one.id} <= _FIXED
        and one.broken(m, right, data)
    }


_FIXED = {"intercept-dropped", "reference-flipped", "coded-1-2", "standardised", "centred"}
_FIXED |= {"other-values", *_NEEDS_THE_ROWS}


@cache
def rule_ids() -> tuple[str, ...]:
    """Ids of all rules, in the order in which they are asked."""
    return tuple(r.id for r in (*BEFORE_DATA, *RULES))
