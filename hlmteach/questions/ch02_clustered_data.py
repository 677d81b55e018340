"""Chapter 2: clustered data."""

import numpy as np
import pandas as pd

from . import slopes
from .fits import lmer, remember
from .least_squares import LeastSquares
from .question import question
from .recipes import usa_schools
from .uneven import uneven
from .world import world

NULL = "math ~ 1 + (1 | school_id)"
RIM = "math ~ 1 + desk + escs + stratio + (1 | school_id)"


def schools(random: np.random.RandomState) -> pd.DataFrame:
    """American students, many schools of them tiny; ESCS closer together, so that a slope per
    unit is none per SD."""
    data = uneven(usa_schools(random), random, n_tiny=18)
    return data.assign(escs=(0.8 * data["escs"]).round(4))


SHARED = {"data": schools, "dataset": "ch02.schools"}


# ------------------------------------------------------------------------- levels


@question(
    "ch02.level",
    choices={
        "a": "`math`",
        "b": "`desk`",
        "c": "`escs`",
        "d": "`stratio`",
    },
    hints=(
        "Take two students of one school. In which columns must they agree?",
        'Count different values within schools: `data.groupby("school_id").nunique()`.',
        "Which column describes the school and never differs between schoolmates?",
    ),
)
def level(data):
    """Which of these columns is a level-2 variable?"""
    return "d"


@level.misconception("outcome-as-level-2")
def _(data):
    """Schools have a mean score, but each student has a score of his or her own. The column is
    about students: level 1."""
    return "a"


@level.misconception("yes-no-as-level-2")
def _(data):
    """A yes/no column may be of either level. Students of one school differ in whether they have a
    desk: level 1."""
    return "b"


@level.misconception("clustered-as-level-2")
def _(data):
    """Schools differ a good deal in ESCS, and so do students within a school. It is a level-1
    variable that is clustered."""
    return "c"


@question(
    "ch02.n-for-stratio",
    kind="count",
    hints=(
        "To which level does `stratio` belong?",
        "All students of a school bring the same value of it. How many bring a new one?",
        "Count the different ids: `nunique()` of `school_id`.",
    ),
    **SHARED,
)
def n_for_stratio(data):
    """On how many independent units does the slope of `stratio` rest?"""
    return data["school_id"].nunique()


@n_for_stratio.misconception("n-as-j")
def _(data):
    """That is the number of students. Students of one school have the same ratio and share their
    school's effect: at level 2 schools are counted."""
    return len(data)


@n_for_stratio.misconception("values-as-units")
def _(data):
    """That is the number of different ratios; some schools share one, and are still two schools.
    Count ids."""
    return data["stratio"].nunique()


@n_for_stratio.misconception("units-minus-one")
def _(data):
    """That is one too few. Units are asked, not degrees of freedom."""
    return data["school_id"].nunique() - 1


@n_for_stratio.misconception("largest-school")
def _(data):
    """That is the number of students of the largest school. How many schools are there?"""
    return data.groupby("school_id").size().max()


@question(
    "ch02.df",
    kind="count",
    hints=(
        "Degrees of freedom are counted where the news comes from.",
        "`stratio` is one of the predictors. How many of them belong to the schools?",
        "Take the number of schools, minus one for the intercept, minus the level-2 predictors.",
    ),
    **SHARED,
)
def df(data):
    """A rule of thumb gives the t test of a level-2 slope as many degrees of freedom as there are
    level-2 units, less one for the intercept and one for each level-2 predictor. How many has
    `stratio` in `math ~ desk + escs + stratio`?"""
    return data["school_id"].nunique() - 2


@df.misconception("df-n")
def _(data):
    """You counted students, minus all coefficients, as an ordinary regression does. The news about
    a school's ratio comes from schools: count those."""
    return len(data) - 4


@df.misconception("df-n-minus-2")
def _(data):
    """You counted students. The news about a school's ratio comes from schools: count those."""
    return len(data) - 2


@df.misconception("df-all-coefficients")
def _(data):
    """You subtracted the students' predictors, too. They use up information at level 1; only the
    intercept and the level-2 predictors are paid for with schools."""
    return data["school_id"].nunique() - 4


@df.misconception("df-j")
def _(data):
    """That is the number of schools. Something is used up: the intercept and the slope itself."""
    return data["school_id"].nunique()


@df.misconception("df-j-minus-1")
def _(data):
    """You paid for the intercept and forgot the slope."""
    return data["school_id"].nunique() - 1


@df.misconception("df-n-minus-j")
def _(data):
    """That is about what is left *within* schools: students minus schools. It fits a level-1 slope;
    `stratio` does not differ within schools."""
    return len(data) - data["school_id"].nunique()


# ------------------------------------------------------------------------- wrong standard errors


@question(
    "ch02.which-se",
    choices={
        "a": "one that describes the school, such as its student-teacher ratio",
        "b": "a student's ESCS, of which a quarter of the variance lies between schools",
        "c": "the hour at which a student was born, spread evenly over the schools",
        "d": "for none: clustered data make every standard error too small",
    },
    hints=(
        "The factor is 1 + (n - 1) times *two* intraclass correlations.",
        "One is that of the outcome. The other is that of the predictor.",
        "For which predictor is the intraclass correlation zero?",
    ),
)
def which_se(data):
    """Scores have an ICC of 0.2. For which predictor is the standard error of an ordinary
    regression about right?"""
    return "c"


@which_se.misconception("se-ols-at-level-2")
def _(data):
    """That is the worst case. A school's predictor has an ICC of 1: all its students repeat the
    same value, and the ordinary regression counts each of them."""
    return "a"


@which_se.misconception("se-ols-clustered-predictor")
def _(data):
    """Schoolmates are alike in ESCS *and* in their scores. Where both are clustered, the standard
    error is too small, if less so than at level 2."""
    return "b"


@which_se.misconception("all-se-too-small")
def _(data):
    """That is too short a sentence. It takes clustering in both, in the predictor and in the
    outcome. For a predictor that differs within schools only, the standard error is even too
    large."""
    return "d"


@question(
    "ch02.mean-se",
    quantity="se",
    hints=(
        "Schoolmates resemble each other, so each further one tells less that is new.",
        "Fit the empty model by REML; its intercept is the mean.",
        "It is `hlm.lmer(...).se`, entry Intercept, or the column `Std.Err.` of statsmodels.",
    ),
    **SHARED,
)
def mean_se(data):
    """How sure is the mean of `math`? Give the standard error of the intercept of the empty model
    (random intercept for schools, REML), in points."""
    return lmer(NULL, data).se["Intercept"]


@mean_se.misconception("se-naive-mean")
def _(data):
    """You divided the SD of the scores by the root of the number of students. That holds for
    students drawn one by one. These came school by school, and the mean is less sure."""
    return data["math"].std() / len(data) ** 0.5


@mean_se.misconception("se-of-school-means")
def _(data):
    """You divided the SD of the school means by the root of the number of schools. That is near and
    treats a school of five students as one of thirty. Take the model's."""
    w = world(data, NULL)
    return np.std(w.means, ddof=1) / len(w.means) ** 0.5


@mean_se.misconception("sd-over-root-j")
def _(data):
    """You divided the SD of the *students'* scores by the root of the number of *schools*. Each
    school brings several students; that is worth something."""
    return data["math"].std() / world(data, NULL).fit.n_groups ** 0.5


@mean_se.misconception("sigma-u-over-root-j")
def _(data):
    """You divided the SD between schools by the root of the number of schools. The students' own
    differences add to the doubt as well."""
    return lmer(NULL, data).sigma_u / lmer(NULL, data).n_groups ** 0.5


@mean_se.misconception("sigma-e-over-root-n")
def _(data):
    """You divided the SD *within* schools by the root of the number of students. The differences
    between schools are left out, and they matter most."""
    return lmer(NULL, data).sigma_e / len(data) ** 0.5


@mean_se.misconception("sd-for-se")
def _(data):
    """That is the SD of the scores: how much *students* differ. The standard error is about the
    *mean*, and much smaller."""
    return data["math"].std()


@mean_se.misconception("sigma-u-for-se")
def _(data):
    """That is the SD between schools: how much *schools* differ. The standard error is about the
    mean of all of them, and smaller."""
    return lmer(NULL, data).sigma_u


@mean_se.misconception("sd-of-school-means-for-se")
def _(data):
    """That is the SD of the school means: how much *schools* differ. The standard error is about
    the mean of all of them, and smaller."""
    return np.std(world(data, NULL).means, ddof=1)


@mean_se.misconception("variance-for-se")
def _(data):
    """That is the variance of the estimate. The standard error is its root."""
    return lmer(NULL, data).se["Intercept"] ** 2


@mean_se.misconception("deff-for-root")
def _(data):
    """You multiplied the naive standard error by the design effect. That factor is for the
    variance; a standard error grows by its root."""
    return data["math"].std() / len(data) ** 0.5 * deff(data)


def deff(data):
    fit = lmer(NULL, data)
    return 1 + (fit.n / fit.n_groups - 1) * fit.icc


@mean_se.misconception("margin-for-se")
def _(data):
    """That is half the width of a 95 % interval, about two standard errors."""
    return 1.96 * lmer(NULL, data).se["Intercept"]


@mean_se.misconception("se-cluster-robust", late=True)
def _(data):
    """That is a cluster-robust standard error of the plain mean. It is a sound method that allows
    for schools, but it belongs to another estimate: the plain mean counts large schools by their
    size. The standard error of the model's intercept is asked."""
    return slopes.robust_se(world(data, NULL))["Intercept"]


@question(
    "ch02.effective-n",
    hints=(
        "How many students drawn one by one would be worth as much?",
        "Clustering makes the variance of a mean 1 + (n - 1) ICC times as large.",
        "Divide the number of students by that factor; n is the mean number per school.",
    ),
    **SHARED,
)
def effective_n(data):
    """For the mean of `math`: how many students drawn one by one are all your students worth? Use
    the ICC of the empty model (REML) and the mean number of students per school."""
    return len(data) / deff(data)


@effective_n.misconception("neff-mult")
def _(data):
    """You multiplied. Clustering makes the sample worth *less*: divide by the factor."""
    return len(data) * deff(data)


@effective_n.misconception("deff-for-neff")
def _(data):
    """That is the factor, the design effect. Divide the number of students by it."""
    return deff(data)


@effective_n.misconception("deff-root")
def _(data):
    """You divided by the root of the factor. The root is for standard errors; numbers of students
    go with the variance."""
    return len(data) / deff(data) ** 0.5


@effective_n.misconception("deff-n")
def _(data):
    """You wrote n in place of n - 1. A student has n - 1 schoolmates; with one student per school
    there must be no loss."""
    fit = lmer(NULL, data)
    return len(data) / (1 + len(data) / fit.n_groups * fit.icc)


@effective_n.misconception("deff-total")
def _(data):
    """You put the number of *all* students in for n. It is the number of students of one school."""
    return len(data) / (1 + (len(data) - 1) * lmer(NULL, data).icc)


@effective_n.misconception("deff-icc-from-sd")
def _(data):
    """Your ICC was made of standard deviations. Square them first."""
    fit = lmer(NULL, data)
    icc = fit.sigma_u / (fit.sigma_u + fit.sigma_e)
    return len(data) / (1 + (len(data) / fit.n_groups - 1) * icc)


@effective_n.misconception("deff-icc-inverted")
def _(data):
    """Your ICC is the share *within* schools. The factor needs the share between them."""
    fit = lmer(NULL, data)
    return len(data) / (1 + (len(data) / fit.n_groups - 1) * (1 - fit.icc))


@effective_n.misconception("neff-as-j")
def _(data):
    """That is the number of schools. It would be right if all students of a school had the same
    score; they differ, so they are worth more."""
    return lmer(NULL, data).n_groups


@effective_n.misconception("neff-as-n")
def _(data):
    """That is the number of students as it is. They came school by school: find what is lost."""
    return len(data)


@effective_n.misconception("neff-of-one-school")
def _(data):
    """That is what the students of *one* school are worth. Take all schools together."""
    return len(data) / deff(data) / lmer(NULL, data).n_groups


@effective_n.misconception("n-times-one-minus-icc")
def _(data):
    """You took the share between schools away from the number of students. How much is lost depends
    on the number of students per school as well."""
    return len(data) * (1 - lmer(NULL, data).icc)


@question(
    "ch02.more-schools",
    choices={
        "a": "twice as many students in each of the same schools",
        "b": "twice as many schools, with as many students in each as before",
        "c": "it makes no difference, since the number of students is the same",
        "d": "neither; a robust standard error does the same for nothing",
    },
    hints=(
        "What is the number of independent values of a school's predictor?",
        "Look at n in 1 + (n - 1) ICC: what happens if it grows?",
        "Which of the two plans brings new values of the student-teacher ratio?",
    ),
)
def more_schools(data):
    """You study a school's student-teacher ratio and have money for twice as many students. What
    makes its slope surest?"""
    return "b"


@more_schools.misconception("more-students-for-schools")
def _(data):
    """More schoolmates repeat the ratio that you know already, and the factor 1 + (n - 1) ICC grows
    with n. Little is gained at level 2."""
    return "a"


@more_schools.misconception("only-total-n-counts")
def _(data):
    """Both plans have the same number of students, but not the same number of ratios. At level 2
    the schools count."""
    return "c"


@more_schools.misconception("robust-as-free-data")
def _(data):
    """A robust standard error tells more honestly how unsure the slope is. It does not make it
    surer."""
    return "d"


# ------------------------------------------------------------------------- remedies


@question(
    "ch02.model",
    points=2,
    kind="model",
    hints=(
        "The predictors stand in the fixed part; the schools come in as a random intercept.",
        "lme4 writes `(1 | school_id)` for it; statsmodels takes `groups=`.",
        'Fit `"math ~ desk + escs + stratio + (1 | school_id)"` with `hlm.lmer`.',
    ),
    **SHARED,
)
def model(data):
    """Fit the random intercept model of `math` with the predictors `desk`, `escs` and `stratio`,
    students in schools, by REML. Hand in the fitted model."""
    return lmer(RIM, data)


@question(
    "ch02.escs-slope",
    quantity="fixed",
    hints=(
        "Five methods give five slopes. Which model is asked?",
        "It has a random intercept, and three predictors.",
        "It is the coefficient `escs` of the model of the question before.",
    ),
    **SHARED,
)
def escs_slope(data):
    """What is the slope of `escs` in the random intercept model with `desk`, `escs` and `stratio`
    (REML), in points per unit?"""
    return lmer(RIM, data).beta["escs"]


escs_slope.misconceptions_from(slopes.any_slope(RIM, "escs"), omit=("grouped-by-stratio",))
escs_slope.misconceptions_from(slopes.of_students(RIM, "escs"))
escs_slope.misconceptions_from(slopes.of_amounts(RIM, "escs"))


@escs_slope.misconception("other-row")
def _(data):
    """That is the coefficient of `desk`. Look one row further."""
    return lmer(RIM, data).beta["desk[T.yes]"]


@escs_slope.misconception("r-for-slope")
def _(data):
    """That is the correlation of math and ESCS, over all students. A slope has a unit: points per
    unit of ESCS."""
    return np.corrcoef(data["math"], data["escs"])[0, 1]


@escs_slope.misconception("escs-alone")
def _(data):
    """That is the slope with `escs` as the only predictor, so that it stands in for `desk` and
    `stratio` as well. All three predictors are asked, and a random intercept for the schools."""
    return lmer("math ~ 1 + escs + (1 | school_id)", data).beta["escs"]


@escs_slope.variant("escs-alone")
def _(data):
    return parts(data)[2]


@question(
    "ch02.stratio-se",
    quantity="se",
    hints=(
        "For a school's predictor the ordinary standard error is far too small.",
        "Fit the random intercept model; each coefficient has its own standard error.",
        "It is the column `se` of `hlm.summary(model).fixed`, in the row `stratio`.",
    ),
    **SHARED,
)
def stratio_se(data):
    """What is the standard error of the slope of `stratio` in the random intercept model with
    `desk`, `escs` and `stratio` (REML)?"""
    return lmer(RIM, data).se["stratio"]


stratio_se.misconceptions_from(slopes.standard_errors(RIM, "stratio"))


@stratio_se.misconception("se-other-row")
def _(data):
    """That is the standard error of the slope of `escs`. Look at the row `stratio`."""
    return lmer(RIM, data).se["escs"]


@stratio_se.misconception("se-of-intercept")
def _(data):
    """That is the standard error of the intercept. Look at the row `stratio`."""
    return lmer(RIM, data).se["Intercept"]


@stratio_se.misconception("sd-for-se")
def _(data):
    """That is the SD of the ratio over your rows: how much it *differs*. The standard error says
    how sure its slope is."""
    return data["stratio"].std()


@stratio_se.variant("sd-for-se", late=True)
def _(data):
    return data.drop_duplicates("school_id")["stratio"].std()


@stratio_se.misconception("stratio-alone", late=True)
def _(data):
    """That comes from a model with `stratio` as the only predictor. Others change what is left over
    between schools, and with it the standard error: all three predictors are asked."""
    return lmer("math ~ 1 + stratio + (1 | school_id)", data).se["stratio"]


@stratio_se.variant("stratio-alone", late=True)
def _(data):
    return LeastSquares(data["math"], data["stratio"]).se[1]


@question(
    "ch02.slopes",
    kind="table",
    points=2,
    quantity="fixed",
    hints=(
        "One regression on school means, one on deviations from them, one on all students.",
        "The first has one row per school. `transform` gives each student the school's mean.",
        "Use `smf.ols` three times, with `escs` as the only predictor, and take its slope.",
    ),
    **SHARED,
)
def three_slopes(data):
    """Three slopes of `math` on `escs`, by ordinary regression: of the schools' mean `math` on
    their mean `escs` (each school counts once), of the students' deviations from their school's
    means, and of all students with the schools ignored. Hand in a Series with the rows `between`,
    `within` and `ignored`."""
    return table(*parts(data))


def parts(data):
    """Slopes between (each school once), within, ignored."""
    return remember(data, ("parts",), lambda: _parts(data))


def _parts(data):
    w, x = world(data, NULL), data["escs"].to_numpy()
    means = np.bincount(w.codes, x) / w.sizes
    return (
        LeastSquares(w.means, means).beta[1],
        LeastSquares(w.y - w.means[w.codes], x - means[w.codes]).beta[1],
        LeastSquares(w.y, x).beta[1],
    )


def table(between, within, ignored):
    return pd.Series({"between": between, "within": within, "ignored": ignored})


@three_slopes.misconception("levels-swapped")
def _(data):
    """Between and within changed places. Between is the regression on the means, with one row per
    school."""
    between, within, ignored = parts(data)
    return table(within, between, ignored)


@three_slopes.misconception("agg-weighted")
def _(data):
    """Your slope between schools gives large schools more weight, as it does if each student
    carries the school's mean. Take one row per school."""
    w, x = world(data, NULL), data["escs"].to_numpy()
    means = np.bincount(w.codes, x) / w.sizes
    return table(LeastSquares(w.means, means, weights=w.sizes).beta[1], *parts(data)[1:])


@three_slopes.misconception("rim-as-ols")
def _(data):
    """Your third slope is that of a random intercept model, which knows the schools. "Ignored" is
    an ordinary regression on all students."""
    return table(*parts(data)[:2], lmer("math ~ 1 + escs + (1 | school_id)", data).beta["escs"])


@three_slopes.misconception("contextual-for-between")
def _(data):
    """Your first slope is the *difference* of the slopes between and within schools. It comes out
    if both the students' ESCS and the schools' means are in one model. Regress the means alone."""
    between, within, ignored = parts(data)
    return table(between - within, within, ignored)


@three_slopes.misconception("grand-mean-centred")
def _(data):
    """Your slope within schools is that of the ordinary regression: you subtracted the mean of
    *all* students, which moves the zero and leaves the slope as it is. Subtract each school's own
    mean."""
    between, _, ignored = parts(data)
    return table(between, ignored, ignored)


@question(
    "ch02.remedy-out",
    choices={
        "a": "cluster-robust standard errors",
        "b": "fixed effects, a dummy for each school",
        "c": "generalised estimating equations",
        "d": "the random intercept model",
    },
    hints=(
        "The ratio has one value per school.",
        "Which remedy compares students with their own schoolmates only?",
        "Which remedy already says all that can be said of a school, so that nothing is left?",
    ),
)
def remedy_out(data):
    """Which of the four remedies cannot estimate the slope of `stratio`?"""
    return "b"


@remedy_out.misconception("robust-out")
def _(data):
    """It keeps the ordinary slopes, and `stratio` has one. It needs many schools, but the slope is
    there."""
    return "a"


@remedy_out.misconception("gee-out")
def _(data):
    """It estimates average slopes at both levels. What it lacks are predictions of single
    schools."""
    return "c"


@remedy_out.misconception("rim-out")
def _(data):
    """Its random intercept leaves room for predictors of the school: it is the very model that
    estimates slopes at both levels."""
    return "d"


@question(
    "ch02.dummies-and-stratio",
    choices={
        "a": "the slope of the ratio among schoolmates",
        "b": "the slope of the ratio, cleaned of all differences between schools",
        "c": "nothing: the columns determine each other, and any number would do as well",
        "d": "the same as in the random intercept model, with a better standard error",
    },
    hints=(
        "How many different ratios has one school?",
        "The warning says that fewer columns are independent than there are.",
        "Add the right multiples of the dummies: can you make the column of the ratio from them?",
    ),
)
def dummies_and_stratio(data):
    """`smf.ols("math ~ stratio + C(school_id)", data).fit()` prints a slope of 24.3 for `stratio`
    with a small standard error, and a warning. What is the slope?"""
    return "c"


@dummies_and_stratio.misconception("fe-l2-within")
def _(data):
    """Schoolmates all have the same ratio, so there is nothing to compare among them."""
    return "a"


@dummies_and_stratio.misconception("fe-l2-cleaned")
def _(data):
    """The ratio *is* a difference between schools. Take all of these away, and nothing of it is
    left."""
    return "b"


@dummies_and_stratio.misconception("fe-l2-as-rim")
def _(data):
    """The random intercept model can estimate it, because it does not give each school a
    coefficient of its own. With dummies no information is left for it."""
    return "d"


@question(
    "ch02.only-remedy",
    choices={
        "yes": "yes, nested data necessitate a hierarchical model",
        "no": "no, other methods allow for clusters as well",
    },
    hints=(
        "How many remedies does the chapter name?",
        "They differ in what they estimate and what they cost.",
        "Would a slope with a cluster-robust standard error, from 200 schools, be wrong?",
    ),
)
def only_remedy(data):
    """A referee writes: "Your students are nested in schools, so only a hierarchical model is
    valid." Is that right?"""
    return "no"


@only_remedy.misconception("hlm-only-remedy")
def _(data):
    """Cluster-robust standard errors, fixed effects and estimating equations allow for clusters,
    too. Which one to take depends on the question: a hierarchical model is for questions about both
    levels, or about the variation itself."""
    return "yes"


# ------------------------------------------------------------------------- fallacies


@question(
    "ch02.newspaper",
    choices={
        "a": "nothing: what holds for schools holds for their students",
        "b": "the ecological fallacy: means of schools do not tell about single students",
        "c": "the atomistic fallacy: single students do not tell about schools",
        "d": "only the standard error, which comes from too few schools",
    },
    hints=(
        "At which level was the slope computed, and about which level does the sentence speak?",
        "The regression had one row for each school.",
        "Could the slope among the students of each school be another, or even negative?",
    ),
)
def newspaper(data):
    """A regression on school means finds 64 points per unit of mean ESCS. A newspaper writes:
    "Students whose ESCS is one unit higher score 64 points higher." What is wrong?"""
    return "b"


@newspaper.misconception("ecological-fallacy")
def _(data):
    """It need not. Slopes between schools and among students are two things; in your own table they
    differ."""
    return "a"


@newspaper.misconception("fallacies-swapped")
def _(data):
    """That is the other direction: students' results told as those of schools. Here the schools'
    result is told of students."""
    return "c"


@newspaper.misconception("se-in-place-of-level")
def _(data):
    """Even a perfectly sure slope of school means is one of *schools*. The sentence speaks of
    students."""
    return "d"


@question(
    "ch02.mixing-schools",
    choices={
        "a": "yes: one unit of ESCS goes along with 28 points",
        "b": "yes, if the standard error allows for clusters",
        "c": "no: a slope among schoolmates does not tell how schools' means differ",
        "d": "no: 28 points are too few to matter",
    },
    hints=(
        "At which level was the slope computed, and about which level does the sentence speak?",
        "Schoolmates were compared. Are schools compared by that?",
        "Look at your table of three slopes: between is not within.",
    ),
)
def mixing_schools(data):
    """Among schoolmates, math differs by 28 points per unit of `escs`. A ministry expects: "Schools
    whose mean ESCS is one unit higher have means 28 points higher." Does that follow?"""
    return "c"


@mixing_schools.misconception("atomistic-fallacy")
def _(data):
    """That is the atomistic fallacy: what holds among schoolmates is told of schools. Between
    schools the slope may be another; in your own table it is."""
    return "a"


@mixing_schools.misconception("robust-mends-the-level")
def _(data):
    """A standard error tells how sure a slope is, not at which level it holds. This one was
    computed among schoolmates."""
    return "b"


@mixing_schools.misconception("size-in-place-of-level")
def _(data):
    """Large or small is not the point. The slope was computed among schoolmates, and the sentence
    speaks of schools."""
    return "d"


@question(
    "ch02.report",
    points=3,
    kind="text",
    rubric=(
        "gives the slope of stratio with the standard error of a model that allows for schools (1 "
        "point)",
        "says how the ordinary standard error differs, and why: schools are the units (1 point)",
        "names the schools as what is compared, and claims no cause and no proof of nothing "
        "(1 point)",
    ),
    hints=(
        "Compare the ordinary regression with the model that knows the schools.",
        "What changed more, the slope or its standard error?",
        "How many schools are there, and what can they tell?",
    ),
)
def report(data):
    """Is the student-teacher ratio associated with `math` in your schools? Write two or three
    sentences, with the slope, its uncertainty, and what an ordinary regression would have said."""
    return ""
