"""Mistakes about one coefficient of a model: other estimators, other units, other rows.

    desk.misconceptions_from(slopes.any_slope(RIM1, "desk[T.yes]"))

A mistake is a function from a World and the coefficient's name to the wrong number.

Legend
    X  (n, k)  columns of the fixed part        codes  (n,)  number of each row's group
    y  (n,)    outcome                          sizes  (J,)  rows in each group
"""

import numpy as np

from .common import Library
from .fits import lmer
from .question import Misconception
from .world import World, world


class Slopes(Library):
    """Mistakes about a coefficient; call it with a formula and the coefficient's name."""

    def __call__(self, formula: str, name: str) -> list[Misconception]:
        return [
            Misconception(
                id, lambda data, f=function: float(f(world(data, formula), name)), message
            )
            for id, function, message in self.entries
        ]


# ------------------------------------------------------------------------- estimators


def within(w: World) -> dict[str, float]:
    """Slopes of a regression on school dummies; school-level columns have none."""
    X = _deviations(w, w.fit.design.exog)
    varying = np.flatnonzero((X**2).sum(axis=0) > 1e-9)
    beta = np.linalg.lstsq(X[:, varying], _deviations(w, w.y), rcond=None)[0]
    return dict(zip([w.fit.names[at] for at in varying], beta, strict=True))


def between(w: World, weighted: bool = False) -> tuple[dict[str, float], dict[str, float]]:
    """(slopes, standard errors) of a regression on one row of means for each school."""
    root = np.sqrt(w.sizes if weighted else np.ones(len(w.sizes)))
    X = _means(w, w.fit.design.exog) * root[:, None]
    y = w.means * root
    inverse = np.linalg.inv(X.T @ X)
    beta = inverse @ X.T @ y
    s2 = ((y - X @ beta) ** 2).sum() / (len(y) - X.shape[1])
    se = np.sqrt(s2 * np.diag(inverse))
    return tuple(dict(zip(w.fit.names, map(float, v), strict=True)) for v in (beta, se))


def robust_se(w: World) -> dict[str, float]:
    """Standard errors of an ordinary regression that allow for clusters, as statsmodels' default.

    The sandwich with the factor J / (J - 1) * (n - 1) / (n - k): Cameron & Miller (2015), J. Human
    Resources 50, section II.C.
    """
    X, codes = w.fit.design.exog, w.codes
    (n, k), n_groups = X.shape, len(w.sizes)
    resid = w.y - X @ w.ols[0].to_numpy()
    scores = np.stack([np.bincount(codes, column * resid) for column in X.T], axis=1)
    bread = np.linalg.inv(X.T @ X)
    factor = n_groups / (n_groups - 1) * (n - 1) / (n - k)
    cov = factor * bread @ (scores.T @ scores) @ bread
    return dict(zip(w.fit.names, np.sqrt(np.diag(cov)), strict=True))


def _means(w: World, X: np.ndarray) -> np.ndarray:
    return np.stack([np.bincount(w.codes, column) / w.sizes for column in X.T], axis=1)


def _deviations(w: World, values: np.ndarray) -> np.ndarray:
    X = values.reshape(len(values), -1)
    return (X - _means(w, X)[w.codes]).reshape(values.shape)


def column(w: World, name: str) -> np.ndarray:
    """The values of one column of the fixed part."""
    return w.fit.design.exog[:, w.fit.names.index(name)]


# ------------------------------------------------------------------------- any coefficient

any_slope = Slopes()


@any_slope.mistake("ols-as-rim")
def _(w, name):
    """That is the slope of an ordinary regression, which takes every student for independent of
    the others and does not know the schools. Did the fit use groups? Let the schools in as a random
    intercept."""
    return w.ols[0][name]


@any_slope.mistake("agg-as-rim")
def _(w, name):
    """That is the slope of a regression on school means, one row for each school. It says how
    *schools* differ (an ecological regression). Fit the model to the students, with the schools as
    a random intercept."""
    return between(w)[0][name]


@any_slope.mistake("agg-wls")
def _(w, name):
    """That is the slope of a regression on school means, each school weighted by its number of
    students. The weights do not bring the students back: what differs within schools is gone. Fit
    the model to the students."""
    return between(w, weighted=True)[0][name]


@any_slope.mistake("standardised")
def _(w, name):
    """That is a standardised coefficient: standard deviations of the score per standard deviation
    of the predictor. Points per unit of the predictor are asked, as the model prints them."""
    return w.fit.beta[name] * column(w, name).std(ddof=1) / w.y.std(ddof=1)


@any_slope.mistake("intercept-for-slope")
def _(w, name):
    """That is the intercept, the expected score where all predictors are zero. The question asks
    for a slope; look one row further down."""
    return w.fit.beta["Intercept"]


@any_slope.mistake("se-for-slope")
def _(w, name):
    """That is the standard error: how exactly the coefficient is known. The coefficient itself
    stands in the column before it."""
    return w.fit.se[name]


@any_slope.mistake("t-for-slope")
def _(w, name):
    """That is the t-value, the coefficient divided by its standard error; it has no unit. The
    coefficient itself, in points, is asked."""
    return w.fit.beta[name] / w.fit.se[name]


@any_slope.mistake("grouped-by-stratio")
def _(w, name):
    """That comes out when students are grouped by `stratio` in place of `school_id`. A column that
    describes schools is not the school: schools with the same ratio are thrown together. Compare
    "No. Groups" with the number of schools."""
    return lmer(w.formula.replace("| school_id", "| stratio"), w.data).beta[name]


@any_slope.mistake("outcome-reading")
def _(w, name):
    """That is the slope in a model of `read`. The outcome asked for is `math`; look left of the
    tilde."""
    return lmer(w.formula.replace("math", "read"), w.data).beta[name]


# ------------------------------------------------------------------------- students' predictors

of_students = Slopes()


@of_students.mistake("fe-as-rim")
def _(w, name):
    """That is the slope with one dummy for every school (a fixed-effects model). It uses only the
    differences within schools. Here the schools should be a random intercept, which uses both."""
    return within(w)[name]


# ------------------------------------------------------------------------- amounts

of_amounts = Slopes()


@of_amounts.mistake("sign-lost")
def _(w, name):
    """The size is right and the sign is not. Copy the sign with the number: it says which way the
    line goes."""
    return -w.fit.beta[name]


@of_amounts.mistake("per-ten")
def _(w, name):
    """That is the difference for *ten* units of the predictor. A slope is the difference for one
    unit."""
    return 10 * w.fit.beta[name]


@of_amounts.mistake("per-sd")
def _(w, name):
    """That is the difference for one *standard deviation* of the predictor. The slope asked for is
    the difference for one unit, as the model prints it."""
    return w.fit.beta[name] * column(w, name).std(ddof=1)


# ------------------------------------------------------------------------- categories

of_categories = Slopes()


@of_categories.mistake("reference-flipped")
def _(w, name):
    """The size is right, the sign is not. Either the other category was the reference (the
    coefficient then compares "no" with "yes"), or the sign got lost in copying. Say which category
    is compared with which: "no" is the reference here."""
    return -w.fit.beta[name]


@of_categories.mistake("level-for-difference")
def _(w, name):
    """That is an expected score: the intercept plus the coefficient. The coefficient alone is the
    *difference* between the two categories."""
    return w.fit.beta["Intercept"] + w.fit.beta[name]


@of_categories.mistake("raw-difference")
def _(w, name):
    """That is the plain difference of two means, over all students. The coefficient compares
    students who are alike in the other predictors and in their school's effect."""
    on = column(w, name) > 0
    return w.y[on].mean() - w.y[~on].mean()


def left_out(formulas: dict[str, str], name: str) -> list[Misconception]:
    """The coefficient in models that lack a predictor; one mistake a model, by what it lacks."""
    text = (
        "That is the coefficient in a model without {0}. With other things held constant it "
        "answers another question. Compare your formula with the one asked for, term by term."
    )
    return [
        Misconception(
            f"without-{what.replace(' ', '-')}",
            lambda data, f=formula: lmer(f, data).beta[name],
            text.format(f"`{what}`"),
        )
        for what, formula in formulas.items()
    ]


# ------------------------------------------------------------------------- standard errors

standard_errors = Slopes()


@standard_errors.mistake("se-ols")
def _(w, name):
    """That is the standard error of an ordinary regression. It counts every student as a piece of
    news of its own, though students of one school are alike. Take it from the model with a random
    intercept."""
    return w.ols[1][name]


@standard_errors.mistake("se-cluster-robust")
def _(w, name):
    """That is a cluster-robust standard error of an ordinary regression. It is a sound method that
    allows for schools, but it belongs to another estimate. The standard error of the random
    intercept model is asked."""
    return robust_se(w)[name]


@standard_errors.mistake("se-aggregated")
def _(w, name):
    """That is the standard error from a regression on school means, one row a school. Fit the model
    to the students; the random intercept sees to it that the schools count as schools."""
    return between(w)[1][name]


@standard_errors.mistake("variance-for-se")
def _(w, name):
    """That is the *variance* of the estimate, from the diagonal of the covariance matrix. The
    standard error is its root."""
    return w.fit.se[name] ** 2


@standard_errors.mistake("slope-for-se")
def _(w, name):
    """That is the coefficient itself. Its standard error, how exactly it is known, stands in the
    next column."""
    return w.fit.beta[name]


@standard_errors.mistake("t-for-se")
def _(w, name):
    """That is the t-value: coefficient over standard error. The standard error itself is asked, in
    the coefficient's unit."""
    return w.fit.beta[name] / w.fit.se[name]


@standard_errors.mistake("margin-for-se")
def _(w, name):
    """That is about two standard errors, the half width of a 95 per cent interval. One standard
    error is asked."""
    return 1.96 * w.fit.se[name]


@standard_errors.mistake("se-divided-by-root-n")
def _(w, name):
    """You divided the standard error by the root of the number of students. The model has done that
    already: the printed standard error is the final one."""
    return w.fit.se[name] / np.sqrt(w.fit.n)
