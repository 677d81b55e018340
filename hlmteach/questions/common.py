"""Mistakes that many questions share, as libraries: a function from a model's formula to a list.

    icc.misconceptions_from(common.icc("math ~ 1 + (1 | school_id)"))

A mistake is a function from a World to the wrong number; its docstring is the message.
"""

from collections.abc import Callable

import numpy as np

from .fits import lmer
from .question import Misconception, _message
from .world import World, world


class Library:
    """A list of mistakes about one quantity; call it with a formula to get misconceptions."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, Callable[[World], float], str]] = []

    def mistake(self, name: str) -> Callable:
        """Decorate a function from a World to the wrong number; its docstring is the message."""

        def add(function: Callable) -> Callable:
            self.entries.append((name, function, _message(function, name)))
            return function

        return add

    def __call__(self, formula: str) -> list[Misconception]:
        return [
            Misconception(name, lambda data, f=function: float(f(world(data, formula))), message)
            for name, function, message in self.entries
        ]


icc = Library()


@icc.mistake("icc-sd")
def _(w):
    """You divided standard deviations. An ICC compares variances: square both first. lme4 prints a
    column of each; `sigma_u` and `sigma_e` are standard deviations."""
    return w.fit.sigma_u / (w.fit.sigma_u + w.fit.sigma_e)


@icc.mistake("icc-inverted")
def _(w):
    """That is the share of the variance *within* schools. The ICC is the share between them: put
    the variance between schools on top."""
    return w.sigma2 / (w.tau2 + w.sigma2)


@icc.mistake("icc-ratio")
def _(w):
    """You divided the variance between schools by the variance within. A share is a part of the
    whole: the denominator is the sum of both."""
    return w.tau2 / w.sigma2


@icc.mistake("icc-params")
def _(w):
    """Two slips give this. Either you took `result.params["Group Var"]` for a variance: statsmodels
    keeps the *ratio* of the two variances there; use `cov_re` with `scale`. Or you squared `scale`,
    which is a variance already."""
    return w.tau2 / (w.tau2 + w.sigma2**2)


@icc.mistake("icc-sd-over-variance")
def _(w):
    """The variance between schools went in as a standard deviation, the one within as a variance.
    Numerator and denominator need the same unit: variances, points squared."""
    return w.fit.sigma_u / (w.fit.sigma_u + w.sigma2)


@icc.mistake("icc-variance-over-sd")
def _(w):
    """The variance within schools went in as a standard deviation. `scale` is a variance already:
    do not take its root."""
    return w.tau2 / (w.tau2 + w.fit.sigma_e)


@icc.mistake("icc-raw-means")
def _(w):
    """You took the variance of the raw school means for the variance between schools. Raw means
    scatter more than schools do: each carries sampling noise, the variance within divided by the
    school's number of students. Take the variance component of the model."""
    return np.var(w.means, ddof=1) / (np.var(w.means, ddof=1) + w.sigma2)


@icc.mistake("icc-raw-means-total")
def _(w):
    """You divided the variance of the raw school means by the variance of the scores. Raw means
    scatter more than schools do, because each carries sampling noise. Use the two variance
    components of the model."""
    return np.var(w.means, ddof=1) / w.var_y


@icc.mistake("icc-total-variance")
def _(w):
    """You divided by the plain variance of the scores. The model's total is the sum of its two
    variance components; with schools of unequal size the two differ."""
    return w.tau2 / w.var_y


@icc.mistake("icc-one-minus")
def _(w):
    """You took one minus the variance within schools over the plain variance of the scores. The
    model's total is the sum of its two components, not the variance of the column."""
    return 1 - w.sigma2 / w.var_y


@icc.mistake("icc-eta2")
def _(w):
    """That is eta squared, the R squared of a regression on school dummies. It is too large: with
    many schools some differ by chance alone, and it counts that as well."""
    return 1 - w.ssw / (w.ssw + w.ssb)


@icc.mistake("icc-anova")
def _(w):
    """That is the ANOVA estimate of the ICC, from mean squares. It is a sound estimator, but
    another one than REML, which is asked for here; with schools of unequal size they differ."""
    n0 = (w.fit.n - (w.sizes**2).sum() / w.fit.n) / (w.fit.n_groups - 1)
    return (w.msb - w.msw) / (w.msb + (n0 - 1) * w.msw)


@icc.mistake("icc2-reliability")
def _(w):
    """That is the reliability of a school's *mean*, often called ICC(2). The ICC is about single
    students: leave the number of students in a school out."""
    return (w.msb - w.msw) / w.msb


@icc.mistake("icc2-lambda")
def _(w):
    """That is the average reliability of the school *means* (lambda). The ICC is about single
    students: leave the number of students in a school out."""
    return w.reliability.mean()


@icc.mistake("icc-blup")
def _(w):
    """You took the variance of the predicted school effects for the variance between schools.
    Predicted effects are shrunken towards zero, so they scatter too little. Take the variance
    component of the model."""
    tau2 = np.var(w.fit.u["u"], ddof=1)
    return tau2 / (tau2 + w.sigma2)


@icc.mistake("icc-blup-total")
def _(w):
    """You divided the variance of the predicted school effects by the variance of the scores.
    Predicted effects are shrunken, so they scatter too little. Use the model's two components."""
    return np.var(w.fit.u["u"], ddof=1) / w.var_y


@icc.mistake("icc-ml")
def _(w):
    """That comes from a fit by maximum likelihood; REML was asked for. ML takes the mean for known
    and so makes the variance between schools a little too small. Leave `reml=False` out."""
    return w.ml.icc


@icc.mistake("icc-half")
def _(w):
    """Exactly one half is what comes out when the grouping failed: one group in all, or one row a
    group, and the optimiser returned its start values. Look at "No. Groups" in the summary."""
    return 0.5


def conditional(formulas: dict[str, str]) -> list[Misconception]:
    """ICCs of models with predictors, given as *the* ICC; one mistake a model, by its name."""
    text = (
        "That is a residual ICC, from a model with predictors ({0}): the share of what they leave "
        "over. The ICC of the scores themselves comes from the empty model."
    )
    return [
        Misconception(
            f"icc-conditional-{name}", lambda data, f=formula: lmer(f, data).icc, text.format(name)
        )
        for name, formula in formulas.items()
    ]


def unadjusted(name: str, formula: str) -> Misconception:
    """The variance of the fixed part left in the denominator of an ICC."""
    message = (
        "The variance that the predictors explain is in your denominator, and the variance between "
        "schools that they leave over is on top. Take both from one model: the empty one."
    )

    def wrong(data):
        fit = lmer(formula, data)
        explained = np.var(fit.design.exog @ fit.beta.to_numpy(), ddof=1)
        return fit.sigma_u**2 / (fit.sigma_u**2 + fit.sigma_e**2 + explained)

    return Misconception(name, wrong, message)
