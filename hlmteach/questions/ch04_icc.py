"""Chapter 4: the intraclass correlation."""

import numpy as np
import pandas as pd

from . import common
from .fits import lmer
from .joins import complete, joined
from .question import question
from .recipes import usa_raw, usa_schools
from .world import world

NULL = "math ~ 1 + (1 | school_id)"
RIM1 = "math ~ 1 + desk + escs + (1 | school_id)"
RIM2 = "math ~ 1 + desk + escs + stratio + (1 | school_id)"
SHARED = {"data": usa_schools, "dataset": "ch04.schools"}


@question(
    "ch04.empty-model",
    points=2,
    kind="model",
    hints=(
        "A random intercept model without predictors has an intercept and a term for the schools.",
        "lme4 writes the random part `(1 | school_id)`; statsmodels takes `groups=`.",
        'Fit `"math ~ 1 + (1 | school_id)"` with `hlm.lmer`, or `smf.mixedlm("math ~ 1", ...)`.',
    ),
    **SHARED,
)
def empty_model(data):
    """Fit the empty model of `math`: students in schools, no predictors, by REML. Hand in the
    fitted model."""
    return lmer(NULL, data)


@question(
    "ch04.var-between",
    hints=(
        "The empty model has two variances; one belongs to the schools, one to the students.",
        "In lme4's printout look at the row `school_id`; in statsmodels at `cov_re`.",
        "It is the column Variance of `hlm.summary(model).random`, in the row of the schools.",
    ),
    **SHARED,
)
def var_between(data):
    """What is the variance of `math` *between* schools in the empty model (REML)? In points
    squared."""
    return world(data, NULL).tau2


@var_between.misconception("sd-for-variance")
def _(data):
    """That is the standard deviation between schools. The variance is asked: square it. lme4 prints
    both columns, statsmodels only variances."""
    return lmer(NULL, data).sigma_u


@var_between.misconception("variance-squared")
def _(data):
    """You squared the variance. The column Variance (or `cov_re`) is a square already."""
    return lmer(NULL, data).sigma_u ** 4


@var_between.misconception("swapped-levels")
def _(data):
    """That is the variance *within* schools. Which row is it in: the one of the schools, or the
    residual? The notation table of chapter 3 has both names."""
    return lmer(NULL, data).sigma_e ** 2


@var_between.misconception("ratio-for-variance")
def _(data):
    """That is `result.params["Group Var"]`: statsmodels keeps the ratio of the two variances there.
    The variance itself is in `cov_re`."""
    return lmer(NULL, data).sigma_u ** 2 / lmer(NULL, data).sigma_e ** 2


@var_between.misconception("variance-of-raw-means")
def _(data):
    """That is the variance of the raw school means. It is too large by the sampling noise of each
    mean. Take the model's variance component."""
    return np.var(world(data, NULL).means, ddof=1)


@var_between.misconception("variance-of-blups")
def _(data):
    """That is the variance of the predicted school effects. They are shrunken, so it is too small.
    Take the model's variance component."""
    return np.var(lmer(NULL, data).u["u"], ddof=1)


@var_between.misconception("total-variance")
def _(data):
    """That is the total of both variances. The part between schools is asked."""
    return world(data, NULL).tau2 + world(data, NULL).sigma2


@var_between.misconception("variance-ml")
def _(data):
    """That comes from maximum likelihood; REML was asked for. Leave `reml=False` out."""
    return lmer(NULL, data, reml=False).sigma_u ** 2


@var_between.misconception("variance-conditional")
def _(data):
    """That is what desk and escs leave over between schools. The empty model has no predictors."""
    return lmer(RIM1, data).sigma_u ** 2


@question(
    "ch04.sd-within",
    hints=(
        "Students of one school differ around their school's mean.",
        "It belongs to the residual. A standard deviation is the root of a variance.",
        "It is `sigma_e` of the fit, the root of statsmodels' `scale`.",
    ),
    **SHARED,
)
def sd_within(data):
    """How far do students of one school typically lie from their school's mean: what is the
    standard deviation *within* schools in the empty model (REML), in points?"""
    return lmer(NULL, data).sigma_e


@sd_within.misconception("variance-for-sd")
def _(data):
    """That is the variance within schools, in points squared. The standard deviation is its root.
    statsmodels prints variances only; `scale` is one."""
    return lmer(NULL, data).sigma_e ** 2


@sd_within.misconception("root-of-sd")
def _(data):
    """You took a root too many: what you started from was a standard deviation already."""
    return lmer(NULL, data).sigma_e ** 0.5


@sd_within.misconception("swapped-levels")
def _(data):
    """That is the standard deviation *between* schools. The one within belongs to the residual."""
    return lmer(NULL, data).sigma_u


@sd_within.misconception("sd-of-scores")
def _(data):
    """That is the standard deviation of all scores. It mixes differences within schools with those
    between them."""
    return np.std(data["math"], ddof=1)


@sd_within.misconception("sd-conditional")
def _(data):
    """That is what desk and escs leave over within schools. The empty model has no predictors."""
    return lmer(RIM1, data).sigma_e


@question(
    "ch04.icc",
    points=2,
    unit="share",
    hints=(
        "An ICC is a share: which part of the whole variance lies between schools?",
        "Both variances come from the empty model; the whole is their sum.",
        "Divide the variance between schools by the sum of it and the variance within.",
    ),
    **SHARED,
)
def icc(data):
    """What share of the variance in `math` lies between schools: what is the ICC of the empty model
    (REML)? Give three decimals."""
    return lmer(NULL, data).icc


icc.misconceptions_from(common.icc(NULL))
icc.misconceptions_from(common.conditional({"desk and escs": RIM1, "desk, escs and stratio": RIM2}))
icc.misconceptions.append(common.unadjusted("icc-unadjusted", RIM1))


@icc.misconception("icc-grouped-by-stratio")
def _(data):
    """That comes out when students are grouped by `stratio` in place of `school_id`. It looks right
    and is not: schools with the same ratio are thrown together. Compare "No. Groups" with the
    number of schools."""
    return lmer("math ~ 1 + (1 | stratio)", data).icc


@icc.misconception("icc-reading")
def _(data):
    """That is the ICC of `read`. The outcome asked for is `math`."""
    return lmer("read ~ 1 + (1 | school_id)", data).icc


# ------------------------------------------------------------------------- a range of schools


@question(
    "ch04.plausible-range",
    quantity="fixed",
    hints=(
        "Three ranges compete: of the grand mean, of schools, of students. Which is asked?",
        "Schools lie around the grand mean; how far, says the standard deviation between them.",
        "Add 1.96 times `sigma_u` of the empty model to its intercept.",
    ),
    **SHARED,
)
def plausible_range(data):
    """Between which two scores would 95 % of *true school means* of `math` lie, by the empty model
    (REML)? Give the upper one of the two, with 1.96 and to four digits."""
    return upper(data, lmer(NULL, data).sigma_u)


def upper(data, spread, times=1.96):
    return lmer(NULL, data).beta["Intercept"] + times * spread


@plausible_range.misconception("range-se")
def _(data):
    """You went up by multiples of the standard error. That is how sure the *grand mean* is, and it
    shrinks with more schools. Schools go on differing: take the standard deviation between them."""
    return upper(data, lmer(NULL, data).se["Intercept"])


@plausible_range.misconception("range-tot")
def _(data):
    """You took both variances together. That is the range of *students'* scores. School means
    differ by the part between schools only."""
    return upper(data, (world(data, NULL).tau2 + world(data, NULL).sigma2) ** 0.5)


@plausible_range.variant("range-tot")
def _(data):
    return upper(data, data["math"].std())


@plausible_range.misconception("range-var")
def _(data):
    """You went up by multiples of the *variance*: no test gives such a score. Points need the
    standard deviation, its root; statsmodels prints variances only."""
    return upper(data, world(data, NULL).tau2)


@plausible_range.misconception("range-within")
def _(data):
    """You took the standard deviation *within* schools, the residual's. It is about students around
    their school's mean; the one between schools is asked."""
    return upper(data, lmer(NULL, data).sigma_e)


@plausible_range.misconception("range-raw-means")
def _(data):
    """You took the spread of the observed school means. It is too wide for the true ones: each mean
    carries the luck of its students. Take the model's standard deviation between schools."""
    return upper(data, np.std(world(data, NULL).means, ddof=1))


@plausible_range.misconception("range-blups")
def _(data):
    """You took the spread of the predicted school effects. They were pulled towards zero, so it is
    too narrow. Take the model's standard deviation between schools."""
    return upper(data, np.std(lmer(NULL, data).u["u"], ddof=1))


@plausible_range.misconception("one-sd-range")
def _(data):
    """You went one standard deviation up. That holds about two thirds of the schools; for 95 % go
    1.96 of them."""
    return upper(data, lmer(NULL, data).sigma_u, times=1.0)


@plausible_range.misconception("lower-end")
def _(data):
    """That is the lower of the two scores. The upper one is asked."""
    return upper(data, lmer(NULL, data).sigma_u, times=-1.96)


@plausible_range.misconception("half-width-only")
def _(data):
    """That is how far the range reaches from the grand mean. Add it to the grand mean."""
    return 1.96 * lmer(NULL, data).sigma_u


@plausible_range.misconception("two-for-1-96", late=True)
def _(data):
    """You went two standard deviations up. That is good enough for talk; 1.96 was asked for here,
    so that everybody gets the same number."""
    return upper(data, lmer(NULL, data).sigma_u, times=2.0)


USED = ("math", "desk", "escs", "stratio")


@question(
    "ch04.same-rows",
    points=2,
    unit="share",
    data=usa_raw,
    hints=(
        "Later models use desk, escs and stratio. Which rows can all of them use?",
        "Join on year, country and school_id; drop rows with a gap in any of the four columns.",
        "After `.dropna(subset=[...])` with the four columns, fit the empty model, take its ICC.",
    ),
)
def same_rows(data):
    """The raw tables have gaps. What is the ICC of `math` (empty model, REML) on the rows on which
    all models can be compared: complete in math, desk, escs and stratio? Give three decimals."""
    return lmer(NULL, complete(data, USED)).icc


@same_rows.misconception("icc-all-rows")
def _(data):
    """You used every row with a score. Later models drop rows with a gap in desk, escs or stratio,
    so their numbers describe other students and other schools. Freeze the rows first, then fit all
    models to them."""
    return lmer(NULL, joined(data)).icc


@same_rows.misconception("icc-rows-of-rim1")
def _(data):
    """You kept rows that lack stratio. Schools that report no ratio are in your model and not in
    the later ones. Drop rows with a gap in any of the four columns."""
    return lmer(NULL, complete(data, ("math", "desk", "escs"))).icc


@same_rows.misconception("icc-any-gap")
def _(data):
    """`dropna()` without `subset=` also drops rows for gaps in columns that no model uses, such as
    school_size. Name the four columns."""
    return lmer(NULL, complete(data, tuple(joined(data).columns))).icc


@same_rows.misconception("icc-sd")
def _(data):
    """You divided standard deviations. An ICC compares variances: square both first."""
    fit = lmer(NULL, complete(data, USED))
    return fit.sigma_u / (fit.sigma_u + fit.sigma_e)


@same_rows.misconception("icc-inverted")
def _(data):
    """That is the share of the variance *within* schools. The ICC is the share between them."""
    return 1 - lmer(NULL, complete(data, USED)).icc


@same_rows.misconception("icc-conditional")
def _(data):
    """The rows are right, and the model has predictors in it: that is a residual ICC. The empty
    model is asked for."""
    return lmer(RIM2, complete(data, USED)).icc


@same_rows.misconception("icc-join-exploded")
def _(data):
    """You joined on school_id alone. School ids repeat in every country, so each student was
    matched with schools of other countries and counted several times. Join on year, country and
    school_id, with `validate="m:1"`."""
    students, schools = data
    students = students.dropna(subset=["math", "desk", "escs"])
    matches = schools.loc[schools["stratio"].notna(), "school_id"].value_counts()
    times = students["school_id"].map(matches).fillna(0).to_numpy(int)  # as the join multiplies
    wrong = {name: np.repeat(students[name].to_numpy(), times) for name in ("math", "school_id")}
    return lmer(NULL, pd.DataFrame(wrong)).icc


@question(
    "ch04.group-var-se",
    choices={
        "a": "z = 1524 / 3.1 is huge, so schools differ beyond doubt",
        "b": "compare the models with and without schools by a likelihood-ratio test",
        "c": "1524 plus or minus 2 times 39.04 is a 95 % interval for the variance",
        "d": "it cannot be said without asking every school in the country",
    },
    hints=(
        "What is the column `Std.Err.` of `Group Var` in statsmodels a standard error of?",
        "It is that of a ratio of variances, scaled; and a variance cannot be negative.",
        "A test on the boundary compares two likelihoods.",
    ),
)
def group_var_se(data):
    """statsmodels prints `Group Var` 1524 with `Std.Err.` 3.1, lme4 prints Std.Dev. 39.04. How do
    you judge whether schools differ at all?"""
    return "b"


@group_var_se.misconception("tau-se")
def _(data):
    """That `Std.Err.` belongs to the ratio of the two variances and is scaled oddly: it is no
    standard error of 1524. A variance has no bell curve around it either; ignore the column."""
    return "a"


@group_var_se.misconception("sd-as-se")
def _(data):
    """39.04 is the root of 1524, a standard *deviation* between schools. It is no standard error,
    so no interval can be built from it."""
    return "c"


@group_var_se.misconception("census")
def _(data):
    """A sample of schools is enough to judge that; this is what a test or an interval is for."""
    return "d"


@question(
    "ch04.same-school",
    unit="",
    choices={
        "a": "the correlation of two students drawn at random from the same school",
        "b": "the correlation of a student's score with the school's number of students",
        "c": "the chance that two students of one school have the same score",
        "d": "the correlation of two schools' means",
    },
    hints=(
        "The C in ICC stands for correlation. Of what with what?",
        "Two students share their school's effect, and nothing else.",
        "Draw a school at random, then two of its students. How alike are their scores?",
    ),
)
def same_school(data):
    """Besides a share of variance, the ICC is a correlation. Which?"""
    return "a"


@same_school.misconception("icc-size")
def _(data):
    """The number of students in a school plays no part in the ICC. It comes in with the design
    effect."""
    return "b"


@same_school.misconception("icc-chance")
def _(data):
    """An ICC is no probability. Scores hardly ever agree exactly, whatever the ICC is."""
    return "c"


@same_school.misconception("icc-schools")
def _(data):
    """Two schools drawn at random are independent in this model. What is alike are two students who
    share a school."""
    return "d"


@question(
    "ch04.small-icc",
    choices={
        "yes": "0.05 is small enough to ignore",
        "no": "the number of students in a school counts as well",
    },
    hints=(
        "What matters is how much clustering inflates the variance of a mean or a slope.",
        "The design effect is 1 + (n - 1) ICC, with n students in a school.",
        "Put n = 30 and ICC = 0.05 into it. Is the result near 1?",
    ),
)
def small_icc(data):
    """A colleague finds an ICC of 0.05 and says: "So small that an ordinary regression is fine." Is
    he right, if each school has 30 students?"""
    return "no"


@small_icc.misconception("small-icc-is-fine")
def _(data):
    """A small ICC does not make students independent. With n students a school the variance of a
    mean grows by the factor 1 + (n - 1) ICC; work it out for n = 30."""
    return "yes"


@question(
    "ch04.n-groups",
    kind="count",
    hints=(
        "Which column says which school a student is in?",
        "Count how many different values that column has.",
        "`nunique()` counts different values; the printout calls it the number of groups.",
    ),
    **SHARED,
)
def n_groups(data):
    """On how many schools does the variance between schools rest?"""
    return data["school_id"].nunique()


@n_groups.misconception("n-for-groups")
def _(data):
    """That is the number of students. At level 2 the schools count."""
    return len(data)


@n_groups.misconception("ratios-for-groups")
def _(data):
    """That is the number of different student-teacher ratios; some schools share one. Count the
    schools' ids."""
    return data["stratio"].nunique()


@n_groups.misconception("groups-minus-one")
def _(data):
    """That is one too few. The number of schools is asked, not their degrees of freedom."""
    return data["school_id"].nunique() - 1


@question(
    "ch04.read-output",
    choices={
        "a": "a student's score lies, on average, 39 points from the mean of all students",
        "b": "schools' mean scores typically lie 39 points from the mean of the average school",
        "c": "the mean of all schools is known to about 39 points",
        "d": "the best and the worst school are 39 points apart",
    },
    hints=(
        "Which level does the row belong to?",
        "A standard deviation says how far things lie from their mean, typically.",
        "The row `school_id` is about schools, and `Std.Dev.` is no standard error.",
    ),
)
def read_output(data):
    """lme4 prints in the row `school_id (Intercept)`: Variance 1524, Std.Dev. 39.04. What does
    39.04 say?"""
    return "b"


@read_output.misconception("sd-of-students")
def _(data):
    """That would be about students. The row `school_id` is about schools; the residual's row is
    about students within a school."""
    return "a"


@read_output.misconception("sd-as-se")
def _(data):
    """You read `Std.Dev.` as a standard error. It says how much schools differ, not how exactly
    something is known; lme4 prints no standard error of a variance."""
    return "c"


@read_output.misconception("sd-as-range")
def _(data):
    """A standard deviation is a typical distance from the mean, not the distance from the worst to
    the best. About two thirds of the schools lie within one of it."""
    return "d"


@question(
    "ch04.report",
    points=3,
    kind="text",
    rubric=(
        "gives the ICC and the model it comes from (empty model, REML) (1 point)",
        "says it as a share of variance, or about two students of one school (1 point)",
        "does not say that schools cause it, and mentions intake or the like (1 point)",
    ),
    hints=(
        "Which model, which estimator, which number?",
        "Say what the number means, once as a share and once about two students.",
        "Could schools differ because their students differ before they come?",
    ),
)
def report(data):
    """Write two or three sentences for a newspaper's readers: how much do schools differ in `math`,
    and what does that number not say?"""
    return ""
