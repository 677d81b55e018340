"""Chapter 9: random slopes, what their variance means, and cross-level interaction."""

import numpy as np
import pandas as pd
from scipy import stats

from .fits import lmer, remember
from .model_rules import same
from .question import question
from .recipes import usa_schools
from .world import world

FIXED = "math ~ 1 + escs_within + escs_mean"
LINES = f"{FIXED} + (1 + escs_within | school_id)"
APART = f"{FIXED} + (1 + escs_within || school_id)"
PARALLEL = f"{FIXED} + (1 | school_id)"
UNCENTRED = "math ~ 1 + escs + escs_mean + (1 + escs | school_id)"
MAIN = "math ~ 1 + escs_within + stratio + escs_mean + (1 + escs_within | school_id)"
CROSS = "math ~ 1 + escs_within * stratio + escs_mean"
SLOPES = "(1 + escs_within | school_id)"
INTERACTION = "escs_within:stratio"
RATIO = 20  # students per teacher of the school in ch09.slope-at


# ------------------------------------------------------------------------- data


def lines_of_their_own(random: np.random.RandomState) -> pd.DataFrame:
    """`usa_schools` with `escs_within`, `escs_mean`, and slopes that clearly differ and go with the
    level of a school; never a singular fit."""
    while True:
        data, codes = _centred(random)
        sign = 1 if random.random_sample() < 0.5 else -1
        rho = sign * (0.45 + 0.3 * random.random_sample())
        z = random.normal(0, 1, (codes.max() + 1, 2))
        tilt = (22 + 8 * random.random_sample()) * z[:, 0]
        lift = 22 * (rho * z[:, 0] + np.sqrt(1 - rho**2) * z[:, 1])
        data["math"] = (data["math"] + lift[codes] + tilt[codes] * data["escs_within"]).round(1)
        if not lmer(LINES, data).singular:
            return data


def slopes_with_a_reason(random: np.random.RandomState) -> pd.DataFrame:
    """The same with slopes that go with the ratio of the school; `stratio` has no extremes."""
    while True:
        data, codes = _centred(random)
        ratio = random.normal(15, 4, codes.max() + 1).clip(6, 26).round(1)
        gamma = (3.5 + 2 * random.random_sample()) * (1 if random.random_sample() < 0.5 else -1)
        slope = gamma * (ratio - 15) + 12 * random.normal(0, 1, len(ratio))
        lift = 0.6 * (ratio - 15)
        data["stratio"] = ratio[codes]
        data["math"] = (data["math"] + lift[codes] + slope[codes] * data["escs_within"]).round(1)
        if not lmer(f"{CROSS} + {SLOPES}", data).singular:
            return data


def _centred(random: np.random.RandomState) -> tuple[pd.DataFrame, np.ndarray]:
    """The table with both parts of escs, to four decimals, and each row's school as a number."""
    data = usa_schools(random)
    codes = pd.factorize(data["school_id"].to_numpy(dtype=object))[0]
    means = np.bincount(codes, data["escs"].to_numpy()) / np.bincount(codes)
    data["escs_mean"] = means.round(4)[codes]
    data["escs_within"] = (data["escs"] - data["escs_mean"]).round(4)
    return data, codes


def two_criteria(random: np.random.RandomState) -> pd.DataFrame:
    """REML criteria of a model with parallel lines and of one with random slopes."""
    low = round(40000 + 8000 * random.random_sample(), 2)
    chi2 = round(3.2 + 4 * random.random_sample(), 2)
    parts = ["(1 | school_id)", "(1 + escs_within | school_id)"]
    return pd.DataFrame({"random part": parts, "criterion": np.round([low + chi2, low], 2)})


FIRST = {"data": lines_of_their_own, "dataset": "ch09.lines"}
SECOND = {"data": slopes_with_a_reason, "dataset": "ch09.reasons"}


# ------------------------------------------------------------------------- numbers of one model


def covariance(data, formula=LINES) -> tuple[float, float, float]:
    """(variance of intercepts, covariance, variance of slopes)"""
    V = lmer(formula, data).cov_u.to_numpy()
    return float(V[0, 0]), float(V[0, 1]), float(V[1, 1])


def slope_sd_of(data, formula=LINES) -> float:
    return float(np.sqrt(covariance(data, formula)[2]))


def average(data) -> float:
    return lmer(LINES, data).beta["escs_within"]


def predicted(data) -> np.ndarray:
    """(J, 2) predicted effects of the schools on intercept and slope."""
    return lmer(LINES, data).u["u"].to_numpy().reshape(-1, 2)


def raw_slopes(data) -> np.ndarray:
    """(J,) slope of a regression of its own in each school."""
    return remember(data, ("raw slopes",), lambda: _raw_slopes(data))


def raw_spread(data, least=2) -> float:
    """Their standard deviation over schools of at least so many students; the chapter takes 8."""
    slopes = raw_slopes(data)[world(data, PARALLEL).sizes >= least]
    return float(np.nanstd(slopes, ddof=1))


def _raw_slopes(data) -> np.ndarray:
    w, x = world(data, PARALLEL), data["escs"].to_numpy()
    deviation = x - (np.bincount(w.codes, x) / w.sizes)[w.codes]
    spread = np.bincount(w.codes, deviation**2)
    # A school of one student has no slope: nan.
    return np.bincount(w.codes, deviation * w.y) / np.where(spread > 0, spread, np.nan)


# ------------------------------------------------------------------------- the model


@question(
    "ch09.model",
    points=2,
    kind="model",
    hints=(
        "Which slope may differ: that of a student's variable or of the school's?",
        "In statsmodels `re_formula=` names the slope; in lme4's notation it stands left of the "
        "bar.",
        'Fit `math ~ escs_within + escs_mean` with `re_formula="~ escs_within"`.',
    ),
    **FIRST,
)
def model(data):
    """Fit `math` on `escs_within` and `escs_mean`, with an intercept and a slope of `escs_within`
    that differ between schools and may be correlated; REML. Hand in the fitted model."""
    return lmer(LINES, data)


@model.rule("slope-of-a-school-variable")
def _(evidence, data):
    """Your model lets the slope of `escs_mean` vary between schools. A school has one mean, so it
    has no slope on it. Let the slope of the students' variable vary."""
    return "escs_mean" in evidence.random


@model.rule("uncentred-random-slope")
def _(evidence, data):
    """The slope that varies is that of `escs` as it is. Then each school's deviation multiplies its
    mean as well, which is another model. Use `escs_within` in the random part, too."""
    return "escs" in evidence.random


@model.rule("slope-not-fixed")
def _(evidence, data):
    """The slope of `escs_within` varies, but its average is not in the fixed part. The slopes are
    then held to vary around zero. Add `escs_within` to the fixed part."""
    x = data["escs_within"].to_numpy()
    known = {"mean": x.mean(), "sd": x.std()}
    there = any(same(column, known) for column in evidence.columns)
    return "escs_within" in evidence.random and not there


@model.rule("correlation-left-out")
def _(evidence, data):
    """Your model holds intercepts and slopes uncorrelated (a double bar, or two random terms). That
    is an assumption which depends on where zero is. Use a single bar."""
    if evidence.criterion is None or len(evidence.random) != 2:
        return False
    at, full = (lmer(formula, data).criterion for formula in (APART, LINES))
    return abs(evidence.criterion - at) < 0.01 < abs(evidence.criterion - full)


# ------------------------------------------------------------------------- reading the random part


@question(
    "ch09.slope-sd",
    points=1,
    hints=(
        "Which row of the random part is about slopes?",
        "The model estimates how much the *true* slopes differ. Regressions by school do not.",
        "Take the square root of the variance in the row `escs_within`.",
    ),
    **FIRST,
)
def slope_sd(data):
    """By how much do the slopes of `escs_within` differ between schools: the standard deviation of
    the slopes in that model (points per unit of escs)?"""
    return slope_sd_of(data)


@slope_sd.misconception("slope-variance-for-sd")
def _(data):
    """That is the variance of the slopes. The standard deviation, its root, can be read in points
    per unit of escs."""
    return covariance(data)[2]


@slope_sd.misconception("raw-slopes-as-true")
def _(data):
    """That is the standard deviation of the slopes of one regression per school. They differ more
    than the true slopes, since each carries an error of its own. Take the model's estimate."""
    return raw_spread(data)


@slope_sd.variant("raw-slopes-as-true")
def _(data):
    return raw_spread(data, least=8)


@slope_sd.misconception("predicted-slopes-as-true")
def _(data):
    """That is the standard deviation of the *predicted* slopes. They are shrunken towards the
    average, so they differ too little. Take the model's estimate from the random part."""
    return predicted(data)[:, 1].std(ddof=1)


@slope_sd.misconception("se-for-slope-sd")
def _(data):
    """That is the standard error of the average slope: how well the average is known. Asked is how
    much schools differ."""
    return lmer(LINES, data).se["escs_within"]


@slope_sd.misconception("intercept-row-for-slope")
def _(data):
    """That is the row of the intercept: how much schools differ in level. Read the row below."""
    return lmer(LINES, data).sigma_u


@slope_sd.misconception("residual-row-for-slope")
def _(data):
    """That is the residual: how students scatter around the line of their own school."""
    return lmer(LINES, data).sigma_e


@slope_sd.misconception("slope-ratio-for-variance")
def _(data):
    """That comes from `result.params`. statsmodels keeps the variances there divided by the
    residual variance. Use `cov_re`, or `hlm.summary`."""
    return covariance(data)[2] / lmer(LINES, data).sigma_e ** 2


@slope_sd.variant("slope-ratio-for-variance")
def _(data):
    return slope_sd_of(data) / lmer(LINES, data).sigma_e


@slope_sd.misconception("slope-sd-uncentred")
def _(data):
    """That is the standard deviation of slopes of `escs` as it is, beside its mean. With random
    slopes this is another model than the one with `escs_within`."""
    return slope_sd_of(data, UNCENTRED)


@question(
    "ch09.slope-range",
    points=2,
    hints=(
        "Is the range about schools, or about what is known of the average?",
        "It is as wide as slopes differ: use their standard deviation.",
        "Average slope plus 1.96 times the standard deviation of the slopes.",
    ),
    **FIRST,
)
def slope_range(data):
    """If slopes are normal, 95 % of schools have a slope in a range around the average, 1.96
    standard deviations to each side. Where is the *upper* end of that range?"""
    return average(data) + 1.96 * slope_sd_of(data)


@slope_range.misconception("interval-of-the-average")
def _(data):
    """You used the standard error of the average slope. That gives the confidence interval of one
    number. Schools differ by the standard deviation of the slopes."""
    return average(data) + 1.96 * lmer(LINES, data).se["escs_within"]


@slope_range.misconception("range-with-variance")
def _(data):
    """You went 1.96 *variances* up. A variance is in squared units; take its root first."""
    return average(data) + 1.96 * covariance(data)[2]


@slope_range.misconception("range-of-levels")
def _(data):
    """You used the standard deviation of the intercepts. That is in points, and belongs to the
    levels of schools; slopes have a row of their own."""
    return average(data) + 1.96 * lmer(LINES, data).sigma_u


@slope_range.misconception("one-sd-range")
def _(data):
    """You went one standard deviation up. Between such ends lie only about two thirds of the
    schools."""
    return average(data) + slope_sd_of(data)


@slope_range.misconception("lower-end")
def _(data):
    """That is the lower end of the range; the upper one is asked."""
    return average(data) - 1.96 * slope_sd_of(data)


@slope_range.misconception("range-of-predictions")
def _(data):
    """You took the standard deviation of the predicted slopes. They are shrunken, so the range
    comes out too narrow."""
    return average(data) + 1.96 * predicted(data)[:, 1].std(ddof=1)


@slope_range.misconception("range-of-raw-slopes")
def _(data):
    """You took the spread of one regression per school. Part of it is luck, so the range comes out
    too wide."""
    return average(data) + 1.96 * raw_spread(data)


@slope_range.variant("range-of-raw-slopes")
def _(data):
    return average(data) + 1.96 * raw_spread(data, least=8)


@slope_range.misconception("two-for-1-96")
def _(data):
    """You went 2 standard deviations up. As a rule of thumb that will do; here 1.96 was asked."""
    return average(data) + 2 * slope_sd_of(data)


@slope_range.misconception("range-around-zero")
def _(data):
    """You took the range of the deviations u_1j, which lies around zero. Add the average slope."""
    return 1.96 * slope_sd_of(data)


@question(
    "ch09.correlation",
    points=1,
    hints=(
        "It stands in the random part, beside the two standard deviations.",
        "A correlation is the covariance divided by both standard deviations.",
        'Look at the column `corr_Intercept` of `varcorr`, or at "Corr" in `hlm.summary`.',
    ),
    **FIRST,
)
def correlation(data):
    """What is the correlation between the intercepts and the slopes of schools in that model?"""
    v0, c, v1 = covariance(data)
    return c / np.sqrt(v0 * v1)


@correlation.misconception("covariance-for-correlation")
def _(data):
    """That is the covariance. Divide it by the two standard deviations to get a number from -1 to
    1."""
    return covariance(data)[1]


@correlation.misconception("correlation-of-fixed-effects")
def _(data):
    """That is from "Correlation of Fixed Effects": how the *errors* of two estimated coefficients
    go together. How schools' intercepts and slopes go together stands in the random part."""
    V = lmer(LINES, data).cov_beta
    return V.loc["Intercept", "escs_within"] / np.sqrt(
        V.loc["Intercept", "Intercept"] * V.loc["escs_within", "escs_within"]
    )


@correlation.misconception("correlation-of-predictions")
def _(data):
    """You correlated the predicted effects of the schools. Shrinkage draws on the correlation and
    changes it. Take the model's own estimate."""
    return np.corrcoef(predicted(data).T)[0, 1]


@correlation.misconception("sign-of-correlation-lost")
def _(data):
    """The sign is the wrong way round. Check whether schools of a higher level have steeper or
    flatter lines."""
    v0, c, v1 = covariance(data)
    return -c / np.sqrt(v0 * v1)


@correlation.misconception("covariance-ratio-for-correlation")
def _(data):
    """That comes from `result.params`. statsmodels keeps the covariance there divided by the
    residual variance. Take the covariance from `cov_re`, and divide it by the two standard
    deviations of the random effects."""
    return covariance(data)[1] / lmer(LINES, data).sigma_e ** 2


@correlation.misconception("divided-by-variances")
def _(data):
    """You divided the covariance by the two *variances*. Divide by the standard deviations."""
    v0, c, v1 = covariance(data)
    return c / (v0 * v1)


@correlation.misconception("correlation-at-another-zero")
def _(data):
    """That is the correlation where `escs` itself is zero. Intercepts and their correlation with
    slopes belong to a zero; here it is the mean of the own school."""
    v0, c, v1 = covariance(data, UNCENTRED)
    return c / np.sqrt(v0 * v1)


@question(
    "ch09.spread-at-one",
    points=2,
    hints=(
        "Lines that are not parallel lie farther apart at one place than at another.",
        "Take the variance of u_0 + u_1 x at x = 1. Which three terms does it have?",
        "Add the variance of the intercepts, twice the covariance, and the variance of the slopes; "
        "then take the root.",
    ),
    **FIRST,
)
def spread_at_one(data):
    """Compare students who are one unit of escs *above* the mean of their own school. By how much
    do schools differ for them: the standard deviation of u_0 + u_1 x at x = 1?"""
    v0, c, v1 = covariance(data)
    return np.sqrt(v0 + 2 * c + v1)


@spread_at_one.misconception("intercept-sd-everywhere")
def _(data):
    """That is how much schools differ at zero. With slopes that differ, it is another number at
    every other place."""
    return lmer(LINES, data).sigma_u


@spread_at_one.misconception("covariance-forgotten")
def _(data):
    """You added the two variances only. The variance of a sum has twice the covariance in it, since
    intercepts and slopes are correlated."""
    v0, _c, v1 = covariance(data)
    return np.sqrt(v0 + v1)


@spread_at_one.misconception("covariance-once")
def _(data):
    """You counted the covariance once. It enters a variance of a sum twice."""
    v0, c, v1 = covariance(data)
    return np.sqrt(v0 + c + v1)


@spread_at_one.misconception("sds-added")
def _(data):
    """You added standard deviations. Variances add up (with twice the covariance), and the root
    comes last."""
    v0, _c, v1 = covariance(data)
    return np.sqrt(v0) + np.sqrt(v1)


@spread_at_one.misconception("wrong-side-of-zero")
def _(data):
    """That is one unit *below* the mean of the school. The sign of x turns that of the
    covariance."""
    v0, c, v1 = covariance(data)
    return np.sqrt(v0 - 2 * c + v1)


@spread_at_one.misconception("students-for-schools")
def _(data):
    """The residual variance is in your number. It tells students of one school apart, not
    schools."""
    v0, c, v1 = covariance(data)
    return np.sqrt(v0 + 2 * c + v1 + lmer(LINES, data).sigma_e ** 2)


@spread_at_one.misconception("variance-at-one-for-sd")
def _(data):
    """That is the variance. Its root, in points, is asked."""
    v0, c, v1 = covariance(data)
    return v0 + 2 * c + v1


@question(
    "ch09.se",
    points=1,
    quantity="se",
    hints=(
        "An average over schools is known from schools.",
        "In which model may schools differ in their slopes?",
        "Take `se` of `escs_within` from the model with random slopes, not from parallel lines.",
    ),
    **FIRST,
)
def se(data):
    """How well is the average slope of `escs_within` known, if slopes differ between schools: its
    standard error in that model?"""
    return lmer(LINES, data).se["escs_within"]


@se.misconception("se-of-parallel-lines")
def _(data):
    """That is the standard error from parallel lines. It takes all students for evidence of one
    common slope and is too small where schools have slopes of their own."""
    return lmer(PARALLEL, data).se["escs_within"]


@se.misconception("se-of-ordinary-regression")
def _(data):
    """That is from an ordinary regression, which knows neither schools nor their slopes."""
    return world(data, PARALLEL).ols[1]["escs_within"]


@se.misconception("slope-sd-for-se")
def _(data):
    """That is how much schools differ in their slopes, however many there are. The standard error
    says how well their average is known."""
    return slope_sd_of(data)


@se.misconception("students-error-left-out")
def _(data):
    """You divided the standard deviation of the slopes by the root of the number of schools. That
    would do if each school's slope were known exactly; but each carries an error, too."""
    return slope_sd_of(data) / np.sqrt(lmer(LINES, data).n_groups)


@se.misconception("t-value-for-se")
def _(data):
    """That is the t-value: estimate over standard error. The standard error stands before it."""
    return average(data) / lmer(LINES, data).se["escs_within"]


# ------------------------------------------------------------------------- testing and counting


@question(
    "ch09.p-value",
    points=2,
    data=two_criteria,
    hints=(
        "How many parameters has the second model more, and can each of them be negative?",
        "The variance sits on the edge, the covariance does not: a mixture of chi2(1) and chi2(2).",
        "Half of `stats.chi2.sf(x, 1)` plus half of `stats.chi2.sf(x, 2)`, with x the difference "
        "of the criteria.",
    ),
)
def p_value(data):
    """The table gives the REML criteria of two models with the same fixed part: one with parallel
    lines, one with random slopes correlated with the intercepts. What is the p-value for the
    hypothesis that slopes do not differ, with regard to the edge?"""
    x = _fall(data)
    return (stats.chi2.sf(x, 1) + stats.chi2.sf(x, 2)) / 2


def _fall(data) -> float:
    return float(data["criterion"].iloc[0] - data["criterion"].iloc[1])


@p_value.misconception("edge-ignored")
def _(data):
    """That is from chi2(2) alone. A variance cannot be negative, so under the hypothesis the
    statistic is smaller than chi2(2) half of the time. Use the mixture."""
    return stats.chi2.sf(_fall(data), 2)


@p_value.misconception("p-halved-with-covariance")
def _(data):
    """You halved the p-value of chi2(2). Halving is for a lone variance. Here a covariance goes
    with it, so the other half is chi2(1), not zero."""
    return stats.chi2.sf(_fall(data), 2) / 2


@p_value.misconception("covariance-not-counted")
def _(data):
    """You took one degree of freedom and halved the p-value, as for a lone variance. The model has
    a covariance more as well."""
    return stats.chi2.sf(_fall(data), 1) / 2


@p_value.misconception("one-df")
def _(data):
    """That is from chi2(1). The second model has a variance *and* a covariance more."""
    return stats.chi2.sf(_fall(data), 1)


@p_value.misconception("three-df")
def _(data):
    """That is from chi2(3). The intercept's variance is in both models; only two parameters are
    new."""
    return stats.chi2.sf(_fall(data), 3)


@p_value.misconception("statistic-for-p")
def _(data):
    """That is the statistic, the difference of the criteria. Now find how rarely the mixture
    exceeds it."""
    return _fall(data)


@p_value.misconception("criterion-halved")
def _(data):
    """You used half of the difference. The criterion is -2 times the log-likelihood already, so
    its difference is the statistic."""
    x = _fall(data) / 2
    return (stats.chi2.sf(x, 1) + stats.chi2.sf(x, 2)) / 2


@question(
    "ch09.count",
    kind="count",
    hints=(
        "Coefficients, variances, covariances, and one more.",
        "Three random effects have three variances. How many pairs do they make?",
        "Four coefficients, three variances, three covariances, one residual variance.",
    ),
)
def count(data):
    """How many parameters does `math ~ escs + desk01 + stratio + (1 + escs + desk01 | school_id)`
    estimate in 60 schools (`desk01` is 0 or 1)?"""
    return 11


@count.misconception("covariances-not-counted")
def _(data):
    """You counted variances and no covariances. With a single bar each pair of random effects has
    one."""
    return 8


@count.misconception("one-covariance-only")
def _(data):
    """You counted one covariance. Three random effects make three pairs."""
    return 9


@count.misconception("residual-not-counted")
def _(data):
    """The residual variance is a parameter, too."""
    return 10


@count.misconception("fixed-part-only")
def _(data):
    """You counted the coefficients. The variances and covariances are estimated as well."""
    return 4


@count.misconception("random-part-only")
def _(data):
    """You counted the random part. The coefficients, intercept included, are estimated as well."""
    return 7


@count.misconception("effects-counted-as-parameters")
def _(data):
    """You counted the effects of the schools. They are predicted, not estimated: what the model
    has of them are variances and covariances."""
    return 4 + 3 * 60 + 1


@count.variant("effects-counted-as-parameters")
def _(data):
    return 11 + 3 * 60


@count.misconception("random-part-not-counted")
def _(data):
    """You counted the coefficients and the residual variance, as in an ordinary regression. The
    variances and covariances of the random effects are estimated as well."""
    return 5


# ------------------------------------------------------------------------- cross-level interaction


@question(
    "ch09.interaction",
    points=2,
    quantity="fixed",
    hints=(
        "A difference of slopes between schools is a product of two columns.",
        "`escs_within * stratio` in the fixed part, and the random slope stays.",
        "Fit `math ~ escs_within * stratio + escs_mean` with a random slope of `escs_within`; read "
        "the row of the product.",
    ),
    **SECOND,
)
def interaction(data):
    """Two schools differ by one student per teacher (`stratio`). By how much do their slopes of
    `escs_within` differ on average? (The model of question 1 with `stratio` and its product with
    `escs_within`; the slope stays random.)"""
    return _cross(data).beta[INTERACTION]


def _cross(data, random_part=SLOPES):
    return lmer(f"{CROSS} + {random_part}", data)


@interaction.misconception("main-effect-for-interaction")
def _(data):
    """That is the row of `stratio` alone: how schools differ in *level*. How they differ in slope
    is the row of the product."""
    return _cross(data).beta["stratio"]


@interaction.misconception("sign-of-interaction")
def _(data):
    """The sign is the wrong way round. Does the school with *more* students per teacher have the
    steeper or the flatter line?"""
    return -_cross(data).beta[INTERACTION]


@interaction.misconception("slope-at-zero-for-interaction")
def _(data):
    """That is the row of `escs_within`: the slope in a school with a ratio of zero. How the slope
    changes with the ratio is the row of the product."""
    return _cross(data).beta["escs_within"]


@interaction.misconception("interaction-of-parallel-lines")
def _(data):
    """Your model has no random slope beside the interaction: parallel lines, or an ordinary
    regression. It then takes the ratio for the *only* reason why slopes differ, and its standard
    error is too small."""
    return _cross(data, "(1 | school_id)").beta[INTERACTION]


@interaction.variant("interaction-of-parallel-lines")
def _(data):
    return world(data, f"{CROSS} + {SLOPES}").ols[0][INTERACTION]


@interaction.misconception("two-step-slopes")
def _(data):
    """You regressed the slopes of single schools on the ratio. That gives a small school's badly
    known slope as much weight as a large one's. Let one model do it."""
    w = world(data, PARALLEL)
    ratio = np.bincount(w.codes, data["stratio"].to_numpy()) / w.sizes
    slopes = raw_slopes(data)
    known = np.isfinite(slopes)
    return np.polyfit(ratio[known], slopes[known], 1)[0]


@question(
    "ch09.slope-at",
    points=1,
    quantity="fixed",
    hints=(
        "The slope is a line of its own, in the ratio.",
        "Its height at a ratio of zero is the row `escs_within`.",
        "Row `escs_within` plus 20 times the row of the product. Round at the end only: 20 times a "
        "rounded coefficient is 20 times as wrong.",
    ),
    **SECOND,
)
def slope_at(data):
    """Which slope of `escs_within` does the model with the interaction expect in a school with 20
    students per teacher?"""
    return _slope_at(data, RATIO)


def _slope_at(data, ratio):
    beta = _cross(data).beta
    return beta["escs_within"] + ratio * beta[INTERACTION]


def _mean_ratio(data) -> float:
    """Each school counted once, as `hlm.center(..., grand="groups")` does."""
    w = world(data, PARALLEL)
    return float((np.bincount(w.codes, data["stratio"].to_numpy()) / w.sizes).mean())


@slope_at.misconception("conditional-slope-as-average")
def _(data):
    """That is the row `escs_within`. In a model with the product it is the slope where the ratio is
    *zero*, which no school has."""
    return _slope_at(data, 0)


@slope_at.misconception("product-added-once")
def _(data):
    """You added the coefficient of the product once. It is for one student per teacher; the school
    has many."""
    return _slope_at(data, 1)


@slope_at.misconception("product-alone")
def _(data):
    """You took 20 times the row of the product. That is by how much the slope differs from the one
    at a ratio of zero. Add that one."""
    return RATIO * _cross(data).beta[INTERACTION]


@slope_at.misconception("sign-of-product")
def _(data):
    """You went in the wrong direction. Mind the sign of the product's coefficient."""
    return _slope_at(data, -RATIO)


@slope_at.misconception("centred-by-habit")
def _(data):
    """You took the ratio as a difference from its mean, but the model has it as it is. Both are
    fine, if model and arithmetic agree."""
    return _slope_at(data, RATIO - data["stratio"].mean())


@slope_at.variant("centred-by-habit")
def _(data):
    return _slope_at(data, RATIO + _mean_ratio(data))


@slope_at.misconception("level-added-to-slope")
def _(data):
    """The row of `stratio` is in your number. It lifts the line of a school and does not tilt
    it."""
    return _slope_at(data, RATIO) + RATIO * _cross(data).beta["stratio"]


@slope_at.misconception("slope-without-interaction")
def _(data):
    """That is the slope of an average school: from a model without the product, or the row
    `escs_within` beside a *centred* ratio. Asked is a school with 20 students per teacher."""
    return lmer(MAIN, data).beta["escs_within"]


@slope_at.variant("slope-without-interaction")
def _(data):
    return _slope_at(data, data["stratio"].mean())


@slope_at.variant("slope-without-interaction")
def _(data):
    return _slope_at(data, _mean_ratio(data))


@question(
    "ch09.explained",
    points=2,
    unit="share",
    hints=(
        "Which variance can an interaction explain: that of the levels, of the slopes, or of the "
        "students?",
        "Compare the slope variance with that of the model without the product.",
        "1 minus (slope variance with the product) / (slope variance with `stratio`, without the "
        "product).",
    ),
    **SECOND,
)
def explained(data):
    """Which share of the *slope variance* goes with the ratio: compare the model that has `stratio`
    without the product with the one that has both."""
    return 1 - _left(data)


def _left(data) -> float:
    return covariance(data, f"{CROSS} + {SLOPES}")[2] / covariance(data, MAIN)[2]


@explained.misconception("share-of-slope-sds")
def _(data):
    """You compared standard deviations. A share explained compares variances."""
    return 1 - np.sqrt(_left(data))


@explained.misconception("share-left-over")
def _(data):
    """That is the share left over. What is explained is one minus that."""
    return _left(data)


@explained.misconception("relative-to-the-smaller")
def _(data):
    """You divided by the slope variance of the larger model. What was there to be explained is the
    variance *without* the product."""
    return 1 / _left(data) - 1


@explained.misconception("share-of-intercept-variance")
def _(data):
    """You compared the variances of the *intercepts*. A product with the ratio is there for the
    slopes."""
    return 1 - covariance(data, f"{CROSS} + {SLOPES}")[0] / covariance(data, MAIN)[0]


@explained.misconception("share-of-residual-variance")
def _(data):
    """You compared residual variances. What tells students of one school apart is no matter of the
    ratio."""
    return 1 - (_cross(data).sigma_e / lmer(MAIN, data).sigma_e) ** 2


# ------------------------------------------------------------------------- reasons


@question(
    "ch09.read-correlation",
    choices={
        "a": "in schools of a higher level, the gap between students of different escs tends to be "
        "smaller",
        "b": "students with a higher escs score lower",
        "c": "the estimates of two coefficients err in opposite directions",
        "d": "schools with a higher mean of escs score lower",
    },
    hints=(
        "What are the two things that are correlated, and of whom?",
        "They are the heights and the tilts of the schools' lines.",
        "High line, flat line: what does a flat line say about the students of a school?",
    ),
)
def read_correlation(data):
    """In a model with a random slope of `escs_within`, whose average is 30, intercepts and slopes
    have a correlation of -.5. Which sentence says what that is?"""
    return "a"


@read_correlation.misconception("correlation-read-as-slope")
def _(data):
    """That would be a negative *slope*. The average slope is 30; the correlation is about how
    slopes go with levels."""
    return "b"


@read_correlation.misconception("random-read-as-fixed-correlation")
def _(data):
    """That is the "Correlation of Fixed Effects", another place of the print-out. Here the random
    effects of schools are correlated."""
    return "c"


@read_correlation.misconception("slope-read-as-school-mean")
def _(data):
    """That would be a negative coefficient of `escs_mean`. The correlation is about the lines
    within schools: how high, and how steep."""
    return "d"


@question(
    "ch09.singular",
    choices={
        "a": "in these schools level and slope go together perfectly",
        "b": "slopes do not differ between schools",
        "c": "the estimate is on the edge: eight schools cannot tell; simplify, and say so",
        "d": "the optimiser failed: try others until the correlation is below 1",
    },
    hints=(
        "Is there a better fit than this one?",
        "How much can eight pairs of a level and a slope say about a correlation?",
        "The optimiser did its work. What is asked of the data may be too much.",
    ),
)
def singular(data):
    """A model with a random slope, fitted to 8 schools, gives a correlation of 1.00 between
    intercepts and slopes. `hlm.check_model` says "singular" and nothing of "stopped-short". What do
    you make of it?"""
    return "c"


@singular.misconception("edge-as-discovery")
def _(data):
    """A correlation of exactly 1 is where an estimate lands that has too little to go on. With
    eight schools this is ordinary."""
    return "a"


@singular.misconception("edge-as-no-difference")
def _(data):
    """An estimate on the edge is no proof of anything, and here it is the correlation, not the
    slope variance, that lies there."""
    return "b"


@singular.misconception("singular-as-nonconvergence")
def _(data):
    """No other fit is better: that is what "nothing of stopped-short" tells. An optimiser that
    returns less than 1 has stopped too early."""
    return "d"


@question(
    "ch09.school-slope",
    choices={
        "a": "how the slope of `stratio` differs from school to school",
        "b": "a variance between schools that depends on their ratio",
        "c": "the cross-level interaction of `stratio`",
        "d": "the same as `(1 | school_id)`",
    },
    hints=(
        "How many values of stratio are there in one school?",
        "Can a line be drawn through one value?",
        "Insert the ratio into the variance of u_0 + u_1 x. What does it depend on?",
    ),
)
def school_slope(data):
    """`stratio` has one value in each school. What does a model with `(1 + stratio | school_id)`
    estimate in its random part?"""
    return "b"


@school_slope.misconception("slope-within-one-value")
def _(data):
    """A slope is a difference between students of a school who differ in the predictor. Here no two
    do, so no school has a slope."""
    return "a"


@school_slope.misconception("random-slope-as-interaction")
def _(data):
    """A cross-level interaction is a product in the *fixed* part, of a school's and a student's
    variable."""
    return "c"


@school_slope.misconception("school-slope-harmless")
def _(data):
    """It has two parameters more and can fit better: the variance between schools may now grow or
    shrink with the ratio. That is hardly what was meant."""
    return "d"


@question(
    "ch09.double-bar",
    choices={
        "a": "nothing",
        "b": "the intercept SD and the correlation, in both models",
        "c": "with `|` the intercept SD and the correlation; with `||` the fit itself",
        "d": "the slope SD, in both models",
    },
    hints=(
        "A single bar may choose any correlation. What may a double bar choose?",
        "Uncorrelated where escs is 0: are levels and slopes uncorrelated at escs = -5, too?",
        "The single bar draws the same lines from either zero. The double bar cannot.",
    ),
)
def double_bar(data):
    """You add 5 to `escs`, so that zero lies far below every student, and fit `(1 + escs |
    school_id)` and `(1 + escs || school_id)` again. What changes, apart from the fixed
    intercept?"""
    return "c"


@double_bar.misconception("zero-does-not-matter")
def _(data):
    """That holds for the slopes of a model with parallel lines. Where lines cross, schools differ
    by more at one place than at another."""
    return "a"


@double_bar.misconception("double-bar-invariant")
def _(data):
    """Right for the single bar. The double bar has no correlation to change: what is uncorrelated
    at one zero is correlated at every other, so it becomes another model."""
    return "b"


@double_bar.misconception("shift-changes-slopes")
def _(data):
    """Adding 5 does not tilt a line. With a single bar the slopes and their SD stay."""
    return "d"


@question(
    "ch09.lower-criterion",
    choices={
        "a": "the first, because it says `converged=True`",
        "b": "the second, because its criterion is lower",
        "c": "the first, because its criterion is higher",
        "d": "the mean of both",
    },
    hints=(
        "Both fits are of one model to the same data. Which is nearer to the best fit?",
        "The criterion is -2 times the log-likelihood.",
        "A flag is an opinion of the optimiser; the criterion is a fact about the fit.",
    ),
)
def lower_criterion(data):
    """One model, the same data, REML, two programs. The first has a criterion of 3549.47 and says
    converged=True; the second has 3545.96 and a warning. The slope SDs are 21.4 and 11.0. Which do
    you report?"""
    return "b"


@lower_criterion.misconception("flag-over-criterion")
def _(data):
    """A flag says that the optimiser saw no reason to go on. There is a better fit, as the other
    criterion shows, so it stopped short."""
    return "a"


@lower_criterion.misconception("criterion-upside-down")
def _(data):
    """The log-likelihood is better when higher; the criterion is -2 times that, so lower is
    better."""
    return "c"


@lower_criterion.misconception("mean-of-two-fits")
def _(data):
    """The two are no samples to be averaged. One of them is nearer to the best fit of the same
    likelihood."""
    return "d"


@question(
    "ch09.planned-test",
    choices={
        "a": "nothing: without a significant slope variance there is no interaction to test",
        "b": "test the product, with the random slope in the model",
        "c": "test the product, without the random slope, since that is not significant",
        "d": "test the product by regressing the schools' own slopes on the ratio",
    },
    hints=(
        "Which has more power: a test of a variance, or of one coefficient?",
        "What happens to the standard error of the product without the random slope?",
        "A planned test need not wait for the variance; and not significant is not zero.",
    ),
)
def planned_test(data):
    """Your theory says that the slope of `escs_within` goes with the ratio. In 40 schools the test
    of the slope variance gives p = .20. What do you do?"""
    return "b"


@planned_test.misconception("variance-test-as-gate")
def _(data):
    """The test of a variance has little power. A planned test of one coefficient has more, and does
    not depend on it."""
    return "a"


@planned_test.misconception("not-significant-as-zero")
def _(data):
    """Not significant is not zero. If slopes differ for other reasons, too, the standard error of
    the product is too small without the random slope."""
    return "c"


@planned_test.misconception("slopes-as-data")
def _(data):
    """The own slopes are known badly, and some much worse than others. A single model weights them
    by what is known."""
    return "d"


@question(
    "ch09.report",
    points=3,
    kind="text",
    rubric=(
        "gives the average slope with its standard error or interval from the model with random "
        "slopes, and its unit (1 point)",
        "gives the slope SD or the range of 95 % of schools' slopes, and does not take it for the "
        "interval of the average (1 point)",
        "says how it was tested that slopes differ (edge, mixture), or where zero is for the "
        "correlation; no cause claimed (1 point)",
    ),
    hints=(
        "Two ranges: one for the average, one for schools.",
        "How sure can you be that slopes differ?",
        "Where is zero, and why does the reader need to know?",
    ),
    **FIRST,
)
def report(data):
    """Report how the slope of `escs` differs between your schools, in three sentences for a
    journal: the average slope, how much schools differ, and what supports it."""
    return ""
