"""Chapter 11: residuals of two levels, influence, transformations, robust standard errors."""

import numpy as np
import pandas as pd

from hlmteach.residuals import level2_residuals
from hlmteach.sandwich import robust_se as sandwich

from .fits import lmer, remember
from .question import question
from .recipes import usa_schools
from .slopes import robust_se as robust_of_ols
from .uneven import uneven
from .world import world

ESCS = "math ~ 1 + escs + (1 | school_id)"
MUNDLAK = "math ~ 1 + escs + escs_mean + (1 | school_id)"
RATIO = "math ~ 1 + escs + stratio + (1 | school_id)"


def some_small(random: np.random.RandomState) -> pd.DataFrame:
    """`usa_schools` with two or three students in some schools, and few in the first."""
    return uneven(usa_schools(random), random, small_first=True)


def far_out(random: np.random.RandomState) -> pd.DataFrame:
    """`usa_schools` in which two good schools have far more students per teacher than the rest."""
    data = usa_schools(random)
    codes, schools = pd.factorize(data["school_id"])
    means = np.bincount(codes, data["math"]) / np.bincount(codes)
    best = np.argsort(-means, kind="stable")[: len(schools) // 3]
    first, second = random.permutation(best)[:2]
    ratio = np.minimum(data["stratio"].to_numpy(), 30.0)
    ratio[codes == first] = round(70 + 30 * random.random_sample(), 1)
    ratio[codes == second] = round(45 + 10 * random.random_sample(), 1)
    return data.assign(stratio=ratio)


def varying_slopes(random: np.random.RandomState) -> pd.DataFrame:
    """`usa_schools` in which the slope of escs differs from school to school."""
    data = usa_schools(random)
    codes = pd.factorize(data["school_id"])[0]
    slopes = 22 * random.normal(size=codes.max() + 1)
    return data.assign(math=(data["math"] + slopes[codes] * data["escs"]).round(1))


TWO_LEVELS = {"data": some_small, "dataset": "ch11.two-levels"}
FAR = {"data": far_out, "dataset": "ch11.far-out"}
VARYING = {"data": varying_slopes, "dataset": "ch11.varying"}


# ------------------------------------------------------------------------- residuals


@question(
    "ch11.level1",
    points=2,
    hints=(
        "A level-1 residual lies between a student's score and the line of the student's own "
        "school.",
        "Take off the fixed part *and* the predicted effect of the school.",
        "`hlm.as_fit(model).resid` holds one for each row; take the first.",
    ),
    **TWO_LEVELS,
)
def level1(data):
    """Fit `math ~ escs` with a random intercept for schools (REML). What is the *level-1* residual
    of the student in the first row?"""
    return lmer(ESCS, data).resid.iloc[0]


@level1.misconception("total-for-level-1")
def _(data):
    """That is the *total* residual: the score minus the fixed part. It still contains the effect of
    the school. Take that off as well."""
    fit = lmer(ESCS, data)
    return fit.design.y[0] - fit.predict(group_effects=False).iloc[0]


@level1.misconception("level-2-for-level-1")
def _(data):
    """That is the predicted effect of the student's school, the residual of level 2. All students
    of the school share it."""
    return lmer(ESCS, data).u["u"].loc[data["school_id"].iloc[0]]


@level1.misconception("raw-effect-taken-off")
def _(data):
    """You took off the *raw* effect of the school, the mean of its total residuals. The model takes
    off the shrunken one; in a small school the two differ a lot."""
    fit = lmer(ESCS, data)
    total = fit.design.y - fit.predict(group_effects=False).to_numpy()
    return total[0] - total[fit.design.codes == fit.design.codes[0]].mean()


@level1.misconception("ols-residual")
def _(data):
    """That is the residual of an ordinary regression, which has one line for all schools. Fit the
    schools as a random intercept."""
    w = world(data, ESCS)
    return w.y[0] - w.fit.design.exog[0] @ w.ols[0].to_numpy()


@level1.misconception("fitted-for-residual")
def _(data):
    """That is the fitted value: what the model expects of this student. The residual is the score
    minus that."""
    return lmer(ESCS, data).fitted.iloc[0]


@level1.misconception("residual-reversed")
def _(data):
    """You subtracted in the other order. A residual is the score minus the fitted value: positive
    for a student above the line."""
    return -lmer(ESCS, data).resid.iloc[0]


@level1.misconception("residual-in-sds")
def _(data):
    """You divided the residual by sigma_e. That is a standardised residual; asked is the residual
    in points."""
    fit = lmer(ESCS, data)
    return fit.resid.iloc[0] / fit.sigma_e


@question(
    "ch11.sigma-u",
    points=1,
    hints=(
        "Three SDs are on offer: of raw residuals, of shrunken ones, and one that the model "
        "estimates.",
        "Raw residuals spread too much, shrunken ones too little.",
        "It is the variance component: `sigma_u`.",
    ),
    **TWO_LEVELS,
)
def sigma_u(data):
    """Same model. By how much do the true school effects differ, as the model estimates it: their
    standard deviation over schools?"""
    return lmer(ESCS, data).sigma_u


@sigma_u.misconception("shrunken-sd-for-sigma-u")
def _(data):
    """That is the SD of the *predicted* effects. They are shrunken towards zero, so they spread too
    little. The model estimates the SD of the true effects as a variance component."""
    return lmer(ESCS, data).u["u"].std()


@sigma_u.misconception("raw-sd-for-sigma-u")
def _(data):
    """That is the SD of the raw level-2 residuals. Each is a mean of few students and contains
    their luck, so they spread too much. Take the variance component."""
    return level2_residuals(lmer(ESCS, data))["raw"].std()


@sigma_u.misconception("comparative-se-for-sigma-u")
def _(data):
    """That is the mean standard error of the predicted effects: how uncertain one school is. It
    does not say how much schools differ."""
    return lmer(ESCS, data).u["se"].mean()


@sigma_u.misconception("sigma-e-for-sigma-u")
def _(data):
    """That is the SD *within* schools, of the level-1 residuals."""
    return lmer(ESCS, data).sigma_e


@sigma_u.misconception("variance-for-sigma-u")
def _(data):
    """That is the variance. Its root is asked."""
    return lmer(ESCS, data).sigma_u ** 2


@sigma_u.misconception("relative-variance-for-sigma-u")
def _(data):
    """That is the variance between schools *divided by* the one within: what `params` of
    statsmodels holds. The variance is in `cov_re`; asked is its root."""
    fit = lmer(ESCS, data)
    return (fit.sigma_u / fit.sigma_e) ** 2


@sigma_u.misconception("school-means-for-sigma-u")
def _(data):
    """That is the SD of the schools' mean scores. It contains luck, and the differences that `escs`
    accounts for. Take the model's variance component."""
    return world(data, ESCS).means.std(ddof=1)


@sigma_u.misconception("sigma-u-without-escs")
def _(data):
    """That comes from the empty model. With escs in the model less is left over between schools;
    keep to the model of the question."""
    return lmer("math ~ 1 + (1 | school_id)", data).sigma_u


@question(
    "ch11.related",
    points=2,
    hints=(
        "The assumption is about schools, so there is one point for each school.",
        "You need the predicted effects of the model *without* the means, and the school means of "
        "escs.",
        '`data.groupby("school_id")["escs"].mean().corr(hlm.ranef(model)["u"])`.',
    ),
    **TWO_LEVELS,
)
def related(data):
    """Same model, `math ~ escs`. Is the random-effects assumption in danger? Give the correlation,
    over schools, of the predicted school effects with the school means of `escs`."""
    return _over_schools(data, lmer(ESCS, data).u["u"].to_numpy())


def _school_means(data):
    w = world(data, ESCS)
    return np.bincount(w.codes, data["escs"].to_numpy()) / w.sizes


def _over_schools(data, effects):
    return np.corrcoef(_school_means(data), effects)[0, 1]


@related.misconception("correlated-over-rows")
def _(data):
    """You correlated over students, so that a school counts as often as it has students. The
    assumption is about schools: one row for each."""
    w = world(data, ESCS)
    effects = lmer(ESCS, data).u["u"].to_numpy()
    return np.corrcoef(_school_means(data)[w.codes], effects[w.codes])[0, 1]


@related.misconception("students-escs-for-means")
def _(data):
    """You correlated the effects with the students' *own* escs. What differs within schools cannot
    go with an effect that all students of a school share. Take the school means."""
    w = world(data, ESCS)
    effects = lmer(ESCS, data).u["u"].to_numpy()
    return np.corrcoef(data["escs"].to_numpy(), effects[w.codes])[0, 1]


@related.misconception("raw-effects-correlated")
def _(data):
    """You took the raw effects, the means of the total residuals. In small schools they are mostly
    luck, which hides a correlation. The question asks for the predicted, shrunken ones."""
    return _over_schools(data, level2_residuals(lmer(ESCS, data))["raw"].to_numpy())


@related.misconception("scores-for-effects")
def _(data):
    """You correlated the mean *scores* with the mean escs. The effects are what is left of the
    scores after the fixed part."""
    return _over_schools(data, world(data, ESCS).means)


@related.misconception("empty-model-effects")
def _(data):
    """Those are the effects of the empty model. Of course they go with escs, which that model does
    not have. Take the effects of `math ~ escs`."""
    return _over_schools(data, lmer("math ~ 1 + (1 | school_id)", data).u["u"].to_numpy())


@related.misconception("correlation-squared")
def _(data):
    """That is the square of the correlation, a share of variance. The correlation itself is
    asked."""
    return _over_schools(data, lmer(ESCS, data).u["u"].to_numpy()) ** 2


# ------------------------------------------------------------------------- influence


def _farthest(data):
    """Rows of the school with the largest ratio."""
    ratio = data["stratio"].to_numpy()
    return ratio == ratio.max()


def _less(data):
    return remember(data, ("without the farthest",), lambda: data[~_farthest(data)])


@question(
    "ch11.without-school",
    points=2,
    quantity="fixed",
    hints=(
        "Influence lives on the level of the predictor. What is left out, a student or a school?",
        'Find the school: `data.loc[data["stratio"].idxmax(), "school_id"]`.',
        "Drop all its rows, fit `math ~ escs + stratio` again, and read the row `stratio`.",
    ),
    **FAR,
)
def without_school(data):
    """In `math ~ escs + stratio` (random intercept, REML): what does the coefficient of `stratio`
    become when the *school* with the largest ratio is left out?"""
    return lmer(RATIO, _less(data)).beta["stratio"]


@without_school.misconception("row-left-out-not-school")
def _(data):
    """You left out one *student* of the school. The others still carry its ratio, and hardly
    anything changes. Leave out all rows of the school."""
    first = int(np.argmax(_farthest(data)))
    fewer = remember(data, ("one row less",), lambda: data.drop(data.index[first]))
    return lmer(RATIO, fewer).beta["stratio"]


@without_school.misconception("nothing-left-out")
def _(data):
    """That is the coefficient with all schools. Fit again without the school."""
    return lmer(RATIO, data).beta["stratio"]


@without_school.misconception("change-for-coefficient")
def _(data):
    """That is by how much the coefficient *changes*. What it becomes is asked."""
    return lmer(RATIO, _less(data)).beta["stratio"] - lmer(RATIO, data).beta["stratio"]


@without_school.misconception("value-capped-not-deleted")
def _(data):
    """You kept the school and set its ratio to the next largest one. That changes the data; the
    question leaves the school out."""
    ratio = data["stratio"]
    capped = remember(
        data,
        ("capped",),
        lambda: data.assign(stratio=ratio.clip(upper=ratio[~_farthest(data)].max())),
    )
    return lmer(RATIO, capped).beta["stratio"]


@without_school.misconception("two-schools-left-out")
def _(data):
    """You left out both far-out schools. That is worth a look, since they can hide behind each
    other, but here only the one with the largest ratio is to go."""
    less = _less(data)
    fewer = remember(data, ("without both",), lambda: less[~_farthest(less)])
    return lmer(RATIO, fewer).beta["stratio"]


@without_school.misconception("ols-without-school")
def _(data):
    """You left out the right rows, but in an ordinary regression, which does not know the schools.
    Fit them as a random intercept."""
    return world(_less(data), RATIO).ols[0]["stratio"]


@question(
    "ch11.change-in-se",
    points=2,
    quantity="se",
    hints=(
        "A change is large or small beside the uncertainty of the coefficient.",
        "Take the coefficient without the school, minus the one with it; divide.",
        "Divide by the standard error of the fit with all schools.",
    ),
    **FAR,
)
def change_in_se(data):
    """Same school. By how many standard errors (of the model with all schools) does the coefficient
    of `stratio` change when the school is left out? Give it with its sign: without minus with."""
    return _change(data) / lmer(RATIO, data).se["stratio"]


def _change(data):
    return lmer(RATIO, _less(data)).beta["stratio"] - lmer(RATIO, data).beta["stratio"]


@change_in_se.misconception("change-reversed")
def _(data):
    """You subtracted in the other order. It is the coefficient without the school minus the one
    with it."""
    return -_change(data) / lmer(RATIO, data).se["stratio"]


@change_in_se.misconception("change-in-points")
def _(data):
    """That is the change in points per unit of the ratio. Divide it by the standard error, so that
    a reader can see whether it is large."""
    return _change(data)


@change_in_se.misconception("change-as-share")
def _(data):
    """You divided by the coefficient. A share of a coefficient near zero can be huge and mean
    nothing. Divide by the standard error."""
    return _change(data) / lmer(RATIO, data).beta["stratio"]


@change_in_se.misconception("se-of-the-smaller-fit")
def _(data):
    """You divided by the standard error of the fit without the school. That one is larger, since
    the school held much of the spread. The yardstick is the fit with all schools."""
    return _change(data) / lmer(RATIO, _less(data)).se["stratio"]


@change_in_se.misconception("t-without-school")
def _(data):
    """That is the t-value of the fit without the school: the coefficient over its standard error.
    The *change* of the coefficient is asked."""
    less = lmer(RATIO, _less(data))
    return less.beta["stratio"] / less.se["stratio"]


# ------------------------------------------------------------------------- logarithms

LOGGED = "math ~ 1 + escs + log_ratio + (1 | school_id)"


def _logged(data):
    return remember(
        data, ("logged",), lambda: data.assign(log_ratio=np.log(data["stratio"].to_numpy()))
    )


def _natural(data):
    return lmer(LOGGED, _logged(data)).beta["log_ratio"]


@question(
    "ch11.doubling",
    points=2,
    quantity="fixed",
    hints=(
        "On a logarithmic scale equal steps are equal *ratios*.",
        "To base 2, one unit is a doubling.",
        '`np.log2(data["stratio"])` as the predictor; or ln 2 times the natural coefficient.',
    ),
    **FAR,
)
def doubling(data):
    """Put the *logarithm* of `stratio` in the place of `stratio` (with `escs`, random intercept,
    REML). By how many points do schools differ on average of which one has twice as many students
    per teacher as the other?"""
    return np.log(2) * _natural(data)


@doubling.misconception("natural-log-for-doubling")
def _(data):
    """That is the coefficient of the natural logarithm. Its unit is a factor of e, and not a
    doubling. Take the logarithm to base two."""
    return _natural(data)


@doubling.misconception("log10-for-doubling")
def _(data):
    """That is the coefficient of the common logarithm: a factor of ten. Take base two."""
    return np.log(10) * _natural(data)


@doubling.misconception("two-natural-units")
def _(data):
    """You multiplied the coefficient of the natural logarithm by two. A doubling is less than one
    unit of it: the natural logarithm of two."""
    return 2 * _natural(data)


@doubling.misconception("divided-by-log-of-two")
def _(data):
    """You divided by the natural logarithm of two. A doubling is *less* than one unit of the
    natural logarithm, so multiply by it."""
    return _natural(data) / np.log(2)


@doubling.misconception("ratio-not-logged")
def _(data):
    """That is the coefficient of the ratio as it is: for one more student per teacher. Take the
    logarithm first."""
    return lmer(RATIO, data).beta["stratio"]


@doubling.misconception("outcome-logged")
def _(data):
    """You took the logarithm of the *outcome* as well or instead. Then the coefficient is no longer
    in points. Only the predictor is logged here."""
    logged = remember(
        data, ("outcome",), lambda: data.assign(log_math=np.log2(data["math"].to_numpy()))
    )
    return lmer("log_math ~ 1 + escs + stratio + (1 | school_id)", logged).beta["stratio"]


@question(
    "ch11.ten-percent",
    points=1,
    quantity="fixed",
    hints=(
        "Ten per cent more is a factor. Which?",
        "How far apart are ln(1.1 x) and ln(x)?",
        "Multiply the coefficient of the natural logarithm by ln 1.1.",
    ),
    **FAR,
)
def ten_percent(data):
    """Same model with the logarithm. By how many points do schools differ on average of which one
    has 10 per cent more students per teacher?"""
    return np.log(1.1) * _natural(data)


@ten_percent.misconception("percent-by-tenth")
def _(data):
    """You took a tenth of the coefficient. That is the rule of thumb, good for one or two per cent.
    For ten, take the logarithm of the factor itself."""
    return 0.1 * _natural(data)


@ten_percent.misconception("tenth-of-a-doubling")
def _(data):
    """You took a tenth of what goes with a doubling. Ten steps of 10 per cent are more than a
    doubling. Take the logarithm of the factor 1.1."""
    return 0.1 * np.log(2) * _natural(data)


@ten_percent.misconception("percent-as-unit")
def _(data):
    """That is the coefficient of the natural logarithm itself, for a factor of e. What factor is
    ten per cent more?"""
    return _natural(data)


@ten_percent.misconception("percent-by-log-of-ten")
def _(data):
    """You multiplied by the logarithm of ten. That belongs to ten times as many students per
    teacher."""
    return np.log(10) * _natural(data)


@ten_percent.misconception("percent-exponentiated")
def _(data):
    """You took the exponential of the coefficient. That is for a logged *outcome*; here the
    predictor is logged, and the answer is in points."""
    return 100 * np.expm1(np.clip(_natural(data), -30, 30))


@ten_percent.misconception("one-percent-for-ten")
def _(data):
    """That belongs to *one* per cent more. Ten per cent is asked."""
    return 0.01 * _natural(data)


# ------------------------------------------------------------------------- robust errors


@question(
    "ch11.robust",
    points=2,
    quantity="se",
    hints=(
        "Keep the model; only the way to its uncertainty changes.",
        "`hlm.robust_se(model)` gives both errors side by side.",
        "Take the row `escs`, column `robust_se`.",
    ),
    **VARYING,
)
def robust(data):
    """In these schools the slope of `escs` may vary, and the model `math ~ escs` with a random
    intercept (REML) ignores it. What is the cluster-robust standard error of *this model's* slope
    (with the factor J / (J - 1), as `hlm.robust_se` has it)?"""
    return sandwich(lmer(ESCS, data)).loc["escs", "robust_se"]


@robust.misconception("model-se-for-robust")
def _(data):
    """That is the model's own standard error. It believes that all schools have one slope. The
    robust one is computed from the schools' residuals."""
    return lmer(ESCS, data).se["escs"]


@robust.misconception("robust-of-another-estimate")
def _(data):
    """That is the cluster-robust standard error of an *ordinary regression*. It belongs to another
    slope than the model's. Put the sandwich around the mixed model."""
    return robust_of_ols(world(data, ESCS))["escs"]


@robust.misconception("robust-by-rows")
def _(data):
    """That is a robust standard error that takes the students for independent (HC). It allows for
    unequal variances and not for schools. Sum the residuals by school first."""
    X, y = world(data, ESCS).fit.design.exog, world(data, ESCS).y
    left = y - X @ world(data, ESCS).ols[0].to_numpy()
    bread = np.linalg.inv(X.T @ X)
    return np.sqrt((bread @ (X.T * left**2) @ X @ bread)[1, 1])


@robust.misconception("random-slope-for-robust")
def _(data):
    """You let the slope vary, which may well be the better model, and took its own standard error.
    Asked is the robust error of the model without that."""
    return lmer("math ~ 1 + escs + (1 + escs | school_id)", data).se["escs"]


@robust.misconception("ratio-for-robust")
def _(data):
    """That is the ratio of the two standard errors: a symptom worth reporting. The robust standard
    error itself is asked."""
    return sandwich(lmer(ESCS, data)).loc["escs", "robust / model"]


@robust.misconception("slope-for-robust-se")
def _(data):
    """That is the slope. Its uncertainty is asked."""
    return lmer(ESCS, data).beta["escs"]


# ------------------------------------------------------------------------- reasons


@question(
    "ch11.normal-outcome",
    choices={
        "a": "yes: a linear mixed model needs a normal outcome",
        "b": "yes: the outcome should be normal within each school",
        "c": "no: look at the residuals of both levels",
        "d": "no: with so many rows nothing needs to be checked",
    },
    hints=(
        "Where in the model does the letter N stand?",
        "Two kinds of things are normal in the model: the e and the u.",
        "What if escs had two humps, and a steep slope?",
    ),
)
def normal_outcome(data):
    """A histogram of `math` has two humps. A reviewer asks you to transform it until it looks
    normal, before any model. Do you have to?"""
    return "c"


@normal_outcome.misconception("outcome-must-be-normal")
def _(data):
    """The model says nothing about the outcome's own shape. Predictors and groups can give it two
    humps while everything that is left over is normal."""
    return "a"


@normal_outcome.misconception("outcome-normal-by-group")
def _(data):
    """Within a school the outcome still contains the predictors. What should be near normal is what
    they leave over."""
    return "b"


@normal_outcome.misconception("large-n-excuses-all")
def _(data):
    """Many rows make the *shape* matter less, not the rest. A bent line, a missing group mean or
    a school that decides are as wrong with a million rows."""
    return "d"


@question(
    "ch11.flat-plot",
    choices={
        "a": "yes: a correlation of zero is what exogeneity means",
        "b": "no: the fit makes it zero, so it says nothing about what else differs",
        "c": "no: it should be positive, since schools differ",
        "d": "yes, if its p-value is above 0.05",
    },
    hints=(
        "What is the correlation of a regression's residuals with its predictors?",
        "Would it be zero if something that matters and goes with `funds` were left out?",
        "The slope of `funds` has taken up all that goes with it, cause or not.",
    ),
)
def flat_plot(data):
    """`funds` is a level-2 predictor in your model. The predicted school effects have correlation
    0.00 with it. Does that show that the school effects are unrelated to `funds`, as the model
    assumes?"""
    return "b"


@flat_plot.misconception("zero-by-construction")
def _(data):
    """It is zero in every such model, right or wrong: the slope has taken up whatever goes with
    funds. For a *level-1* predictor the school means give a test; for a level-2 predictor nothing
    in the residuals does."""
    return "a"


@flat_plot.misconception("effects-should-follow-predictor")
def _(data):
    """The "no" is right, the reason is not. What goes with `funds` belongs to its slope; the
    effects are what is left over."""
    return "c"


@flat_plot.misconception("p-value-proves-assumption")
def _(data):
    """A large p-value is no proof of an assumption, and here the correlation is zero by
    construction."""
    return "d"


@question(
    "ch11.far-school",
    choices={
        "a": "delete it and report the rest: it is an outlier",
        "b": "keep it and say nothing: data are data",
        "c": "check the value, and report the fit with and without it",
        "d": "replace the ratio by the mean of the others",
    },
    hints=(
        "Do you know that the value is wrong?",
        "What would a reader want to know before believing the coefficient?",
        "Neither deleting nor keeping in silence tells the reader.",
    ),
)
def far_school(data):
    """One school reports a ratio of exactly 100, and carries your coefficient. What do you do?"""
    return "c"


@far_school.misconception("outliers-to-be-deleted")
def _(data):
    """Far out is not wrong. Delete only what you can show to be an error, by a rule written down,
    and show the result both ways."""
    return "a"


@far_school.misconception("influence-kept-silent")
def _(data):
    """Then the reader takes for a result about 137 schools what one of them decided. Say so, and
    show the fit without it."""
    return "b"


@far_school.misconception("outlier-imputed")
def _(data):
    """That invents a value and hides that you did. If the ratio is an error, it is missing."""
    return "d"


@question(
    "ch11.mends",
    choices={
        "a": "a slope that is wrong because the school effects go with the predictor",
        "b": "the ICC of a model with the wrong variances",
        "c": "standard errors of slopes in 12 schools",
        "d": "standard errors of slopes in 200 schools where residual variances differ",
    },
    hints=(
        "A sandwich is computed from the groups' residuals, after the estimates.",
        "Does it change an estimate? Does it change a variance?",
        "How many residuals does it learn from?",
    ),
)
def mends(data):
    """Which of these do cluster-robust standard errors mend?"""
    return "d"


@mends.misconception("robust-mends-bias")
def _(data):
    """The estimate stays as it is. A wrong slope with an honest standard error is still a wrong
    slope. Add the school mean of the predictor."""
    return "a"


@mends.misconception("robust-mends-variances")
def _(data):
    """The sandwich touches the standard errors of the fixed effects and nothing else. Variances,
    the ICC and predicted schools stay as they are."""
    return "b"


@mends.misconception("robust-mends-few-groups")
def _(data):
    """It learns from one residual vector a school. With a dozen schools it is too small on
    average. Use small-sample corrections, or the model's own with Satterthwaite's degrees of
    freedom."""
    return "c"


@question(
    "ch11.straight-line",
    choices={
        "a": "that the family effects are normal",
        "b": "little: predicted effects of so small groups look normal whatever the truth",
        "c": "that the children's residuals are not normal",
        "d": "that sigma_u is well estimated",
    },
    hints=(
        "What is a predicted effect of a family with two children made of?",
        "Mostly of the mean of two residuals, multiplied by a small number.",
        "Chapter 11 drew a very skewed truth with n = 3. What did the plot look like?",
    ),
)
def straight_line(data):
    """1,000 families with two children each. The normal quantile plot of the predicted family
    effects is a straight line. What does it show?"""
    return "b"


@straight_line.misconception("shrunken-plot-believed")
def _(data):
    """The predicted effects are shrunken means of two residuals. They look normal for a skewed
    truth as well. Nothing speaks against normal effects, and the plot could not have told."""
    return "a"


@straight_line.misconception("plot-of-the-other-level")
def _(data):
    """The plot is about level 2. The children's residuals have a plot of their own."""
    return "c"


@straight_line.misconception("shape-as-precision")
def _(data):
    """The shape of a cloud does not tell how exactly its spread is known. An interval for sigma_u
    does: `hlm.confint(model)`."""
    return "d"


@question(
    "ch11.report",
    points=3,
    kind="text",
    rubric=(
        "gives the coefficient with and without the far-out school(s), each with its standard "
        "error (1 point)",
        "says which schools, why they are far out, and that nothing was deleted in silence "
        "(1 point)",
        "draws a conclusion no stronger than both fits allow, as an association (1 point)",
    ),
    hints=(
        "Two numbers, and the reason why there are two.",
        "Leave out the farthest school, then the two farthest: schools can hide behind each other.",
        "What would you still say if the other fit were the only one?",
    ),
    **FAR,
)
def report(data):
    """Report the coefficient of `stratio` in these schools, in three or four sentences for a
    journal, so that a reader knows what it rests on."""
    return ""
