"""Chapter 3: the random intercept model."""

import numpy as np
import pandas as pd

from .fits import lmer, remember
from .least_squares import LeastSquares
from .question import question
from .recipes import usa_schools
from .uneven import uneven
from .world import world

NULL = "math ~ 1 + (1 | school_id)"
ESCS = "math ~ 1 + escs + (1 | school_id)"


def schools(random: np.random.RandomState) -> pd.DataFrame:
    """American students, a dozen schools of them tiny; larger schools score higher or lower.

    So three kinds of mean differ. The school of the first row has six to nine students and lies far
    from the others in score and ESCS, so that it is pulled visibly and differently by two models;
    one student alone has the highest score.
    """
    data = uneven(usa_schools(random), random, small_first=True)
    codes = pd.factorize(data["school_id"].to_numpy(dtype=object))[0]
    sizes = np.bincount(codes)
    way, first = random.choice([-1.0, 1.0], 3), codes == 0
    slope = way[0] * (1.0 * (sizes - sizes.mean()) + 45.0 * (sizes > 3))
    math, escs = data["math"].to_numpy() + slope[codes], data["escs"].to_numpy().copy()
    away = way[1] * (40.0 + 30.0 * random.random_sample())
    math[first] += math.mean() + away - math[first].mean()
    escs[first] += way[2] * (0.5 + 0.5 * random.random_sample()) - escs[first].mean()
    math = np.round(np.clip(math - slope[codes].mean(), 50.0, 950.0), 1)
    math[math.argmax()] += 5.0
    return data.assign(math=math, escs=escs.round(4))


SHARED = {"data": schools, "dataset": "ch03.schools"}


class School:
    """The school of the first row, in the empty model: n, mean, gamma (grand mean), u, reliability.

    What pulls it is `reliability`; `raw` is how far its mean lies from the grand mean.
    """

    def __init__(self, data: pd.DataFrame) -> None:
        w = world(data, NULL)
        self.tau2, self.sigma2, self.gamma = w.tau2, w.sigma2, w.fit.beta["Intercept"]
        at = w.codes[0]
        self.n, self.mean = w.sizes[at], w.means[at]
        self.raw = self.mean - self.gamma
        self.reliability = w.tau2 / (w.tau2 + w.sigma2 / self.n)
        self.u = self.reliability * self.raw
        self.w = w


def school(data):
    return remember(data, ("first school",), lambda: School(data))


# ------------------------------------------------------------------------- fit and read


@question(
    "ch03.model",
    points=2,
    kind="model",
    hints=(
        "The empty model has an intercept and a term for the schools, nothing else.",
        "Which column is the outcome here? It stands left of the tilde.",
        'Fit `"read ~ 1 + (1 | school_id)"` with `hlm.lmer`, or `smf.mixedlm("read ~ 1", ...)`.',
    ),
    **SHARED,
)
def model(data):
    """Fit the empty model of `read` (reading, not mathematics): students in schools, no predictors,
    by REML. Hand in the fitted model."""
    return lmer("read ~ 1 + (1 | school_id)", data)


@question(
    "ch03.printout",
    choices={
        "a": "No. Observations: 1025, No. Groups: 1",
        "b": "No. Observations: 1025, No. Groups: 1025",
        "c": "No. Observations: 60, No. Groups: 60",
        "d": "No. Observations: 1025, No. Groups: 60",
        "e": "No. Observations: 1025, No. Groups: 52",
    },
    hints=(
        "Check two numbers in every printout before you read any other.",
        "One counts level 1, the other level 2.",
        "Which printout has as many observations as students, and as many groups as schools?",
    ),
)
def printout(data):
    """There are 1025 students in 60 schools. Which printout can be that of a random intercept model
    for students in schools?"""
    return "d"


@printout.misconception("grp-const")
def _(data):
    """All students are in one group here, so nothing can vary between groups: the column behind
    `groups=` was constant. The variances printed are start values."""
    return "a"


@printout.misconception("grp-student")
def _(data):
    """Each student is a group here: the student's id stood behind `groups=`. With one row per group
    the two variances cannot be told apart."""
    return "b"


@printout.misconception("agg-as-rim")
def _(data):
    """This has one row for each school: the means were fitted, and the students are gone. Nothing
    is left that could vary within a school."""
    return "c"


@printout.misconception("grp-wrongcol")
def _(data):
    """Eight schools are missing though no student is. Schools were thrown together: by a column
    that *describes* schools, such as the ratio, or by ids that lost their zeros."""
    return "e"


@question(
    "ch03.syntax",
    choices={
        "a": '`smf.mixedlm("math ~ 1", data, groups="school_id")`',
        "b": '`smf.mixedlm("math ~ 1", data, groups="school_id", re_formula="~ escs")`',
        "c": '`smf.ols("math ~ 1 + C(school_id)", data)`',
        "d": '`smf.ols("math ~ 1 + school_id", data)`',
    },
    hints=(
        "`(1 | school_id)` is lme4's way to say: an intercept that varies by school.",
        "statsmodels has no bar in its formulas. Where does it take the groups?",
        "Name the column in `groups=`; a random intercept is then there without asking.",
    ),
)
def syntax(data):
    """`smf.mixedlm("math ~ 1 + (1 | school_id)", data)` stops with an error: the bar is lme4's
    notation. How does statsmodels say the same model (before `.fit()`)?"""
    return "a"


@syntax.misconception("re-slope")
def _(data):
    """`re_formula` asks for a slope that varies by school, besides the intercept. `(1 | school_id)`
    has an intercept only: leave it out."""
    return "b"


@syntax.misconception("re-as-dummies")
def _(data):
    """`C(school_id)` makes a dummy for every school: a fixed-effects model, with a coefficient
    each. A random intercept is described by one variance."""
    return "c"


@syntax.misconception("syntax-id-as-predictor")
def _(data):
    """This puts the school among the predictors of an ordinary regression. There is no random
    effect in it, and an id is a name, not an amount."""
    return "d"


@question(
    "ch03.n-parameters",
    kind="count",
    hints=(
        "Which numbers describe the model before you ask about any single school?",
        "The school effects are not among them: they are described by their variance.",
        "Count the rows of both tables of the summary, fixed effects and random effects.",
    ),
    **SHARED,
)
def n_parameters(data):
    """How many parameters does the empty model of `math` have?"""
    return 3


@n_parameters.misconception("re-as-fe")
def _(data):
    """You counted the school effects. They are not parameters: the model describes them all by one
    number, their variance. With twice as many schools there would be no more parameters."""
    return data["school_id"].nunique() + 3


@n_parameters.misconception("re-as-fe-and-mean")
def _(data):
    """You counted an effect for each school, and the mean. The effects are not parameters: the
    model describes them all by their variance."""
    return data["school_id"].nunique() + 1


@n_parameters.misconception("re-as-fe-and-residual")
def _(data):
    """You counted an effect for each school, the mean and one variance. The effects are not
    parameters; their own variance is."""
    return data["school_id"].nunique() + 2


@n_parameters.misconception("groups-as-parameters")
def _(data):
    """That is the number of schools. Their effects are not parameters: the model describes them all
    by their variance."""
    return data["school_id"].nunique()


@n_parameters.misconception("fixed-only")
def _(data):
    """You counted the fixed effects only. The variances are parameters, too."""
    return 1


@n_parameters.misconception("one-variance-forgotten")
def _(data):
    """One variance is missing. There is one of the schools and one of the students (the
    residual)."""
    return 2


@n_parameters.misconception("sd-counted-too")
def _(data):
    """You counted standard deviations besides variances. One is the root of the other: lme4 prints
    both, and they are one parameter."""
    return 5


@question(
    "ch03.grand-mean",
    quantity="fixed",
    hints=(
        "Three means compete: of students, of school means, and the model's.",
        "The model weights each school by how exactly its mean is known.",
        "It is the fixed effect `Intercept` of the empty model of `math`.",
    ),
    **SHARED,
)
def grand_mean(data):
    """What is the grand mean of `math` in the empty model (REML): the score of the average school,
    to four digits?"""
    return school(data).gamma


@grand_mean.misconception("mean-grand")
def _(data):
    """That is the mean of all students (an ordinary regression gives it, too). Large schools count
    in it by their size. The model's grand mean is the mean of the *schools'* distribution; take its
    intercept."""
    return data["math"].mean()


@grand_mean.misconception("mean-of-means")
def _(data):
    """That is the mean of the school means: a school of five students counts as much as one of
    thirty. The model weights by how exactly each mean is known; take its intercept."""
    return world(data, NULL).means.mean()


@grand_mean.misconception("eb-school-for-average")
def _(data):
    """That is what the model says of the *first school*: the grand mean plus its effect. Leave the
    effect out."""
    return school(data).gamma + school(data).u


@grand_mean.misconception("raw-school-for-average")
def _(data):
    """That is the mean of the students of the first school. All schools are asked."""
    return school(data).mean


@grand_mean.misconception("outcome-reading")
def _(data):
    """That is the grand mean of `read`. The outcome asked for is `math`."""
    return lmer("read ~ 1 + (1 | school_id)", data).beta["Intercept"]


@question(
    "ch03.variances",
    points=2,
    kind="table",
    hints=(
        "The empty model has a variance for each level.",
        "statsmodels holds them in `cov_re` and `scale`, lme4 in the column Variance.",
        "Square `sigma_u` for the row `between`, and `sigma_e` for the row `within`.",
    ),
    **SHARED,
)
def variances(data):
    """What are the two variances of `math` in the empty model (REML)? Hand in a Series with the
    rows `between` (schools) and `within` (students of a school)."""
    return two(school(data).tau2, school(data).sigma2)


def two(between, within):
    return pd.Series({"between": between, "within": within})


@variances.misconception("swap")
def _(data):
    """Between and within changed places. Books use the same letters the other way round; say
    "between schools" and "within schools" instead. The residual is the students'."""
    return two(school(data).sigma2, school(data).tau2)


@variances.misconception("sd-for-variance")
def _(data):
    """These are standard deviations. Square them; lme4 prints both columns."""
    return two(school(data).tau2, school(data).sigma2) ** 0.5


@variances.misconception("params-for-variance")
def _(data):
    """Your row `between` is `result.params`, which holds the variance *divided by the scale*. The
    variance itself is in `cov_re`."""
    return two(school(data).tau2 / school(data).sigma2, school(data).sigma2)


@variances.misconception("shares-for-variances")
def _(data):
    """These are shares of the whole variance. Hand in the variances themselves, in points
    squared."""
    return two(school(data).tau2, school(data).sigma2) / (school(data).tau2 + school(data).sigma2)


@variances.misconception("raw-means-for-variance")
def _(data):
    """Your row `between` is the variance of the raw school means. It is too large: each mean
    carries the luck of its students. Take the model's variance."""
    return two(np.var(school(data).w.means, ddof=1), school(data).sigma2)


@variances.misconception("blups-for-variance")
def _(data):
    """Your row `between` is the variance of the predicted effects. They are shrunken, so it is too
    small. Take the model's variance."""
    return two(np.var(school(data).w.fit.u["u"], ddof=1), school(data).sigma2)


@variances.misconception("total-for-within")
def _(data):
    """Your row `within` is the variance of all scores, which holds both levels. Take the residual's
    variance."""
    return two(school(data).tau2, school(data).w.var_y)


@question(
    "ch03.sigma-u",
    hints=(
        "Schools lie around the grand mean. How far, typically?",
        "It belongs to the row of the schools, not to the residual.",
        "It is `sigma_u` of the fit, the root of statsmodels' `cov_re`.",
    ),
    **SHARED,
)
def sigma_u(data):
    """How widely do the true school means of `math` spread around the grand mean: what is the
    standard deviation between schools in the empty model (REML), in points?"""
    return school(data).tau2 ** 0.5


@sigma_u.misconception("variance-for-sd")
def _(data):
    """That is the variance between schools, in points squared. Take its root; statsmodels prints
    variances only."""
    return school(data).tau2


@sigma_u.misconception("swapped-levels")
def _(data):
    """That is the standard deviation *within* schools. The row of the schools is asked, not the
    residual."""
    return school(data).sigma2 ** 0.5


@sigma_u.misconception("sd-of-raw-means")
def _(data):
    """That is the SD of the observed school means. They spread more than the true ones: each
    carries the luck of its students. Take the model's."""
    return np.std(school(data).w.means, ddof=1)


@sigma_u.misconception("sd-of-blups")
def _(data):
    """That is the SD of the predicted effects. They were pulled towards zero, so they spread less
    than the true ones. Take the model's."""
    return np.std(school(data).w.fit.u["u"], ddof=1)


@sigma_u.misconception("sd-of-scores")
def _(data):
    """That is the SD of all scores. It holds the differences within schools as well."""
    return data["math"].std()


@sigma_u.misconception("total-sd")
def _(data):
    """That is the root of both variances together. Take the one between schools."""
    return (school(data).tau2 + school(data).sigma2) ** 0.5


@sigma_u.misconception("root-of-ratio")
def _(data):
    """You took the root of `result.params`, which holds the variance *divided by the scale*. Take
    the root of `cov_re`."""
    return (school(data).tau2 / school(data).sigma2) ** 0.5


@sigma_u.misconception("ratio-for-sd")
def _(data):
    """That is the ratio of the two variances, as statsmodels keeps it in `params`. Take the root of
    `cov_re`."""
    return school(data).tau2 / school(data).sigma2


@sigma_u.misconception("root-of-sd")
def _(data):
    """You took a root too many: what you started from was a standard deviation already."""
    return school(data).tau2 ** 0.25


@sigma_u.misconception("se-for-sd")
def _(data):
    """That is the standard error of the grand mean: how sure the *mean* is. How widely *schools*
    spread is asked."""
    return school(data).w.fit.se["Intercept"]


@sigma_u.misconception("sd-ml")
def _(data):
    """That comes from maximum likelihood; REML was asked for. ML makes the variance between schools
    a little too small. Leave `reml=False` out."""
    return school(data).w.ml.sigma_u


@question(
    "ch03.letters",
    choices={
        "a": "6,600 is the variance between schools, since every book calls that one tau",
        "b": "6,600 is the variance within schools, as the article's letters have it",
        "c": "6,600 is a standard deviation, since tau is never a variance",
        "d": "one cannot say, since the estimator is not named",
    },
    hints=(
        "Books disagree about letters. Look at the table in chapter 3.",
        "In the article, sigma belongs to the schools. What is left for tau?",
        "Which of the two variances is usually larger in PISA?",
    ),
)
def letters(data):
    """A report uses the article's letters and gives a tau squared of 6,600 and a sigma squared of
    1,500 for mathematics scores. What does it say?"""
    return "b"


@letters.misconception("letters-swapped")
def _(data):
    """Most textbooks do; the article has it the other way round. Its tau is the SD of the
    students."""
    return "a"


@letters.misconception("square-overlooked")
def _(data):
    """It says tau *squared*: a variance, in points squared. An SD of thousands of points would not
    fit any test."""
    return "c"


@letters.misconception("estimator-for-letters")
def _(data):
    """REML and ML differ by a few per cent at most; they do not make 6,600 out of 1,500. The
    question is which level the letter belongs to."""
    return "d"


@question(
    "ch03.tau-se",
    choices={
        "a": "yes: z is far above 1.96, so schools differ",
        "b": "no: this column is no standard error of the variance, so nothing follows from it",
        "c": "no: one has to divide by the root of the number of schools as well",
        "d": "no: z has to be compared with a t distribution",
    },
    hints=(
        "Which three entries of statsmodels' table mislead, as chapter 3 has it?",
        "A variance of 1,500 known to about 3? With 60 schools?",
        "The column is a rescaled quantity. What does chapter 3 call its use?",
    ),
)
def tau_se(data):
    """statsmodels prints in the row `school_id Var`: Coef. 1524, Std.Err. 3.1. A colleague divides
    them, gets z = 492, and says: "So schools differ, beyond any doubt." Does the division show
    that?"""
    return "b"


@tau_se.misconception("tau-se-as-z")
def _(data):
    """Schools may well differ, but this z does not show it. The printed `Std.Err.` belongs to a
    rescaled ratio, not to the variance. Compare two models, or take a profile interval."""
    return "a"


@tau_se.misconception("tau-se-root-n")
def _(data):
    """A standard error has the number of groups in it already. But this column is none: it belongs
    to a rescaled ratio. Compare two models, or take a profile interval."""
    return "c"


@tau_se.misconception("tau-se-as-t")
def _(data):
    """The distribution is not the trouble; the denominator is. The printed `Std.Err.` belongs to a
    rescaled ratio, not to the variance."""
    return "d"


# ------------------------------------------------------------------------- one school


@question(
    "ch03.reliability",
    unit="share",
    hints=(
        "How much of a small school's deviation is to be believed?",
        "True differences have one variance; the luck of n students adds another, divided by n.",
        "Divide the variance between by itself plus the variance within over the school's n.",
    ),
    **SHARED,
)
def reliability(data):
    """Take the school of the first row, `data["school_id"].iloc[0]`. What is the reliability
    (lambda) of its mean in the empty model of `math` (REML)? Give three decimals."""
    return school(data).reliability


@reliability.misconception("eb-inv")
def _(data):
    """That is one minus the reliability: the share that is luck. Put the variance between schools
    on top."""
    return 1 - school(data).reliability


@reliability.misconception("eb-non")
def _(data):
    """That is the ICC: the school's number of students is left out. A mean of n students carries
    the variance within, *divided by n*."""
    return school(data).w.fit.icc


@reliability.misconception("eb-bign")
def _(data):
    """You divided by the number of *all* students. This mean rests on the students of one
    school."""
    s = school(data)
    return s.tau2 / (s.tau2 + s.sigma2 / s.w.fit.n)


@reliability.misconception("eb-j")
def _(data):
    """You divided by the number of *schools*. This mean rests on the students of one school."""
    s = school(data)
    return s.tau2 / (s.tau2 + s.sigma2 / s.w.fit.n_groups)


@reliability.misconception("eb-mean-n")
def _(data):
    """You took the *average* number of students per school. This school has its own."""
    s = school(data)
    return s.tau2 / (s.tau2 + s.sigma2 * s.w.fit.n_groups / s.w.fit.n)


@reliability.misconception("eb-sd")
def _(data):
    """You used standard deviations. Square both first: it is variances that add up."""
    s = school(data)
    return s.tau2**0.5 / (s.tau2**0.5 + s.sigma2**0.5 / s.n)


@reliability.misconception("eb-sd-root-n")
def _(data):
    """You used the SD between schools and the standard error of the mean. Square both: it is
    variances that add up."""
    s = school(data)
    return s.tau2**0.5 / (s.tau2**0.5 + (s.sigma2 / s.n) ** 0.5)


@reliability.misconception("eb-root-n")
def _(data):
    """You divided the variance within by the *root* of n. The variance of a mean falls with n; its
    standard error falls with the root."""
    s = school(data)
    return s.tau2 / (s.tau2 + s.sigma2 / s.n**0.5)


@reliability.misconception("eb-times-n")
def _(data):
    """You multiplied the variance within by n. A mean of more students has *less* luck in it:
    divide."""
    s = school(data)
    return s.tau2 / (s.tau2 + s.sigma2 * s.n)


@reliability.misconception("eb-ratio")
def _(data):
    """You divided true differences by luck. A share is a part of the whole: the denominator is the
    sum of both."""
    s = school(data)
    return s.tau2 / (s.sigma2 / s.n)


@reliability.misconception("eb-ratio-tau")
def _(data):
    """You used `result.params`, the ratio of the variances, in place of the variance between
    schools. Take `cov_re`."""
    s = school(data)
    return s.tau2 / s.sigma2 / (s.tau2 / s.sigma2 + s.sigma2 / s.n)


@question(
    "ch03.school-effect",
    points=2,
    hints=(
        "First the raw deviation: the school's mean minus the grand mean.",
        "Then believe only a part of it. Which part did you compute before?",
        "Multiply the raw deviation by the reliability, or look the school up in `hlm.ranef`.",
    ),
    **SHARED,
)
def school_effect(data):
    """What is the predicted effect of the school of the first row, `data["school_id"].iloc[0]`, in
    the empty model of `math` (REML), in points?"""
    return school(data).u


@school_effect.misconception("eb-raw")
def _(data):
    """That is the raw deviation: the school's mean minus the grand mean. Part of it is luck. Shrink
    it: multiply by the reliability."""
    return school(data).raw


@school_effect.misconception("eb-raw-from-mean")
def _(data):
    """That is the school's mean minus the mean of all *students*. Start from the model's grand
    mean, and shrink the deviation."""
    return school(data).mean - data["math"].mean()


@school_effect.misconception("eb-shrunk-from-mean")
def _(data):
    """You shrank the right way, but started from the mean of all *students*. Start from the model's
    grand mean."""
    return school(data).reliability * (school(data).mean - data["math"].mean())


@school_effect.misconception("eb-inv")
def _(data):
    """You multiplied by one minus the reliability: that is the part that was taken *away*."""
    return (1 - school(data).reliability) * school(data).raw


@school_effect.misconception("eb-non")
def _(data):
    """You multiplied by the ICC. The reliability of a *mean* has the school's number of students in
    it."""
    return school(data).w.fit.icc * school(data).raw


@school_effect.misconception("eb-sd")
def _(data):
    """Your reliability was made of standard deviations. Square both first."""
    s = school(data)
    return s.tau2**0.5 / (s.tau2**0.5 + s.sigma2**0.5 / s.n) * s.raw


@school_effect.misconception("eb-mean-n")
def _(data):
    """Your reliability has the *average* number of students per school in it. This school has its
    own."""
    s = school(data)
    return s.tau2 / (s.tau2 + s.sigma2 * s.w.fit.n_groups / s.w.fit.n) * s.raw


@school_effect.misconception("eb-meanonly")
def _(data):
    """That is the predicted *mean* of the school: the grand mean plus its effect. The effect alone
    is asked, how far the school lies from the grand mean."""
    return school(data).gamma + school(data).u


@school_effect.misconception("raw-mean-for-effect")
def _(data):
    """That is the school's mean. Its effect is how far it lies from the grand mean, shrunken."""
    return school(data).mean


@school_effect.misconception("sign-lost")
def _(data):
    """The sign turned. Does this school lie above the grand mean, or below it?"""
    return -school(data).u


@school_effect.misconception("se-for-effect")
def _(data):
    """That is the standard error of the effect, the second column of `hlm.ranef`. The effect stands
    in the first."""
    fit = school(data).w.fit
    return fit.u["se"].to_numpy()[fit.design.codes[0]]


@school_effect.misconception("lambda-for-effect")
def _(data):
    """That is the reliability. Multiply the raw deviation by it."""
    return school(data).reliability


@question(
    "ch03.school-score",
    quantity="fixed",
    hints=(
        "What does the model know about a school that it has seen?",
        "`predict()` of statsmodels leaves the school out. What has to be added?",
        "Add the school's predicted effect to the grand mean.",
    ),
    **SHARED,
)
def school_score(data):
    """Another student of the school of the first row comes along. Which score does the empty model
    of `math` (REML) predict for her, to four digits?"""
    return school(data).gamma + school(data).u


@school_score.misconception("pred-marg")
def _(data):
    """That is the fixed part only, the score of the *average* school: statsmodels' `predict()`
    stops there. Her school is known; add its effect."""
    return school(data).gamma


@school_score.misconception("eb-raw")
def _(data):
    """That is the raw mean of the school. It rests on few students, so part of its deviation is
    luck: add the *shrunken* effect to the grand mean."""
    return school(data).mean


@school_score.misconception("eb-meanonly")
def _(data):
    """That is the school's effect alone, how far it lies from the grand mean. Add the grand
    mean."""
    return school(data).u


@school_score.misconception("sign-lost")
def _(data):
    """You subtracted the effect. A school above the grand mean has a positive effect: add it, sign
    and all."""
    return school(data).gamma - school(data).u


@school_score.misconception("mean-for-prediction")
def _(data):
    """That is the mean of all students. The model knows her school: start from the grand mean and
    add the school's effect."""
    return data["math"].mean()


@school_score.misconception("effect-on-mean")
def _(data):
    """You added the effect to the mean of all *students*. It is counted from the model's grand
    mean."""
    return data["math"].mean() + school(data).u


@school_score.misconception("effect-on-raw-mean")
def _(data):
    """You added the effect to the school's own mean, so the school counts twice. Add it to the
    grand mean."""
    return school(data).mean + school(data).u


@school_score.misconception("eb-inv")
def _(data):
    """You added the part of the deviation that is luck. Add the part that is to be believed."""
    return school(data).gamma + (1 - school(data).reliability) * school(data).raw


@question(
    "ch03.with-escs",
    quantity="fixed",
    hints=(
        "A prediction has a fixed part and the effect of the school.",
        "All three numbers come from the model with `escs`, also the school's effect.",
        "Add the intercept, the slope of `escs` times 1, and the school's effect in this model.",
    ),
    **SHARED,
)
def with_escs(data):
    """Her `escs` is 1. Which score does the model `math ~ escs + (1 | school_id)` (REML) predict
    for her, in the school of the first row, to four digits?"""
    return fixed_part(data) + u_of_first(data, ESCS)


def fixed_part(data):
    return lmer(ESCS, data).beta.sum()


def u_of_first(data, formula):
    fit = lmer(formula, data)
    return fit.u["u"].to_numpy()[fit.design.codes[0]]


@with_escs.misconception("pred-marg")
def _(data):
    """That is the fixed part only, the score at this ESCS in the *average* school: statsmodels'
    `predict()` stops there. Her school is known; add its effect."""
    return fixed_part(data)


@with_escs.misconception("effect-of-empty-model")
def _(data):
    """The school's effect comes from the empty model. With ESCS in the model the school is compared
    at equal ESCS, and its effect is another: take all parts from one model."""
    return fixed_part(data) + u_of_first(data, NULL)


@with_escs.misconception("slope-forgotten")
def _(data):
    """You left the slope of ESCS out. That is a student of this school whose ESCS is 0."""
    return lmer(ESCS, data).beta["Intercept"] + u_of_first(data, ESCS)


@with_escs.misconception("empty-model-for-prediction")
def _(data):
    """That is what the empty model predicts. Her ESCS is known; use the model that has it."""
    return school(data).gamma + school(data).u


@with_escs.misconception("ols-as-rim")
def _(data):
    """That comes from an ordinary regression, which knows no schools. Use the random intercept
    model, and add the school's effect."""
    return LeastSquares(data["math"], data["escs"]).beta.sum()


@with_escs.misconception("sign-lost")
def _(data):
    """You subtracted the school's effect. Add it, sign and all."""
    return fixed_part(data) - u_of_first(data, ESCS)


@with_escs.misconception("effect-alone")
def _(data):
    """That is the school's effect alone. Add the fixed part: intercept and slope."""
    return u_of_first(data, ESCS)


@question(
    "ch03.residual",
    hints=(
        "A residual is what was observed minus what was predicted.",
        "Students have a residual *within* their school: predict with the school's effect.",
        "Subtract the grand mean and the school's predicted effect from the student's score.",
    ),
    **SHARED,
)
def residual(data):
    """Take the student with the highest `math`. What is the residual in the empty model (REML), the
    estimate of the student's own error, with the school's effect taken out?"""
    at = top(data)
    return data["math"].to_numpy()[at] - school(data).gamma - u_of(data, at)


def top(data):
    return int(data["math"].to_numpy().argmax())


def u_of(data, row):
    fit = school(data).w.fit
    return fit.u["u"].to_numpy()[fit.design.codes[row]]


@residual.misconception("resid-marginal")
def _(data):
    """That is the distance from the grand mean: school's part and student's part together. Take the
    school's effect out as well."""
    return data["math"].max() - school(data).gamma


@residual.misconception("resid-from-raw-mean")
def _(data):
    """That is the distance from the school's *raw* mean. The model predicts the school by its
    shrunken effect: subtract that."""
    return data["math"].max() - school(data).w.means[school(data).w.codes[top(data)]]


@residual.misconception("resid-from-mean")
def _(data):
    """That is the distance from the mean of all students, the residual of an ordinary regression.
    Start from the grand mean, and take the school's effect out."""
    return data["math"].max() - data["math"].mean()


@residual.misconception("resid-sign")
def _(data):
    """The sign turned. A residual is observed minus predicted."""
    return -(data["math"].max() - school(data).gamma - u_of(data, top(data)))


@residual.misconception("resid-effect-added")
def _(data):
    """You added the school's effect. It has to be taken *out*: subtract it, sign and all."""
    return data["math"].max() - school(data).gamma + u_of(data, top(data))


@residual.misconception("effect-for-residual")
def _(data):
    """That is the effect of the student's school. How far does the student lie from what the model
    predicts for that school?"""
    return u_of(data, top(data))


@residual.misconception("prediction-for-residual")
def _(data):
    """That is the predicted score. The residual is the observed score minus it."""
    return school(data).gamma + u_of(data, top(data))


@residual.misconception("resid-scaled")
def _(data):
    """You divided by the SD within schools, as lme4's "scaled residuals" do. Points are asked."""
    distance = data["math"].max() - school(data).gamma - u_of(data, top(data))
    return distance / school(data).sigma2 ** 0.5


@residual.misconception("resid-first-school")
def _(data):
    """You took out the effect of the school of the first row. This student goes to another school:
    look up that one."""
    if school(data).w.codes[top(data)] == school(data).w.codes[0]:
        return np.nan
    return data["math"].max() - school(data).gamma - school(data).u


# ------------------------------------------------------------------------- what effects mean


@question(
    "ch03.average-school",
    choices={
        "a": "`predict(...)`, which has the fixed part only",
        "b": "`fittedvalues`, which have each student's school in them",
        "c": "`random_effects`, which has the schools' effects",
        "d": "`resid`, which has what is left over",
    },
    hints=(
        "The average school has an effect of zero.",
        "Which of them leaves the schools' effects out and keeps the rest?",
        "Fixed part: intercept plus slope times ESCS, and no more.",
    ),
)
def average_school(data):
    """In statsmodels: where do you find what `math ~ escs` with a random intercept expects of a
    student of given `escs` in the *average* school?"""
    return "a"


@average_school.misconception("pred-cond")
def _(data):
    """They include each school's own predicted effect: two students of equal ESCS in two schools
    get two values. The average school has an effect of zero."""
    return "b"


@average_school.misconception("pred-ranef")
def _(data):
    """They say how far each school lies from the average one. For the average school itself that is
    zero; what it scores is in the fixed part."""
    return "c"


@average_school.misconception("pred-resid")
def _(data):
    """Residuals are what is left when everything known has been subtracted."""
    return "d"


@question(
    "ch03.new-school",
    choices={
        "a": "the effect of the most similar school in the data is added",
        "b": "effect 0, so the grand mean; and the prediction is as sure as for a known school",
        "c": "effect 0, so the grand mean; and the prediction is less sure than for a known school",
        "d": "nothing can be predicted for a school without data",
    },
    hints=(
        "What does the model say of a school before it has seen any of its students?",
        "School effects are drawn from a distribution around zero.",
        "What is the best guess from that distribution, and how far off may it be?",
    ),
)
def new_school(data):
    """A student comes from a school that is not in your data. What does the empty model predict?"""
    return "c"


@new_school.misconception("pred-new-borrowed")
def _(data):
    """The empty model knows nothing that would make schools similar. The best guess for a school
    that nobody has seen is the middle of the distribution."""
    return "a"


@new_school.misconception("pred-new-too-sure")
def _(data):
    """The best guess is right. But how far this school lies from the average is unknown, and that
    doubt, the whole variance between schools, is added."""
    return "b"


@new_school.misconception("pred-new-impossible")
def _(data):
    """With dummies for schools that would be so. Here school effects come from a distribution, and
    a distribution has a middle."""
    return "d"


@question(
    "ch03.ranking",
    choices={
        "a": "small schools are the best and the worst, so size is a cause to look into",
        "b": "means of few students move more by luck, so they crowd both ends",
        "c": "small schools report their scores with more errors",
        "d": "the schools at the ends differ for sure, only the middle is luck",
    },
    hints=(
        "How far may a mean of five students lie off by luck, compared with one of thirty-five?",
        "Recall the long lines in the shrinkage figure.",
        "If all schools were equally good, which would lie at the ends of such a list?",
    ),
)
def ranking(data):
    """A newspaper ranks schools by their raw means. At *both* ends there are mostly small schools.
    Why?"""
    return "b"


@ranking.misconception("rank-size-as-cause")
def _(data):
    """Small schools would be at both ends even if all schools were equal: their means rest on few
    students, and few students move a mean far."""
    return "a"


@ranking.misconception("rank-as-errors")
def _(data):
    """Nobody made a mistake. A mean of few students is simply less exact, because students of a
    school differ."""
    return "c"


@ranking.misconception("rank-raw-means")
def _(data):
    """It is the ends where luck gathers: a list sorted by raw means puts those there that were
    lucky or unlucky. Shrink the means, and show intervals."""
    return "d"


@question(
    "ch03.reliable",
    choices={
        "a": "school A lies far above the average",
        "b": "the mean of school A is known well, whether it lies far from the average or near",
        "c": "school A explains 95 % of its students' scores",
        "d": "the students of school A are very much alike",
    },
    hints=(
        "Which quantities go into the reliability? Is the school's mean among them?",
        "It grows with the school's number of students, whatever they score.",
        "Does it say how far the school lies off, or how well one knows that?",
    ),
)
def reliable(data):
    """The mean of school A has a reliability of 0.95. What follows?"""
    return "b"


@reliable.misconception("big-u")
def _(data):
    """The school's mean does not go into its reliability. It says how *exactly* the deviation is
    known, not how large it is."""
    return "a"


@reliable.misconception("lambda-as-r2")
def _(data):
    """That would be a share of the students' differences. The reliability is about a *mean*, and
    even where single scores differ widely a mean of many is reliable."""
    return "c"


@reliable.misconception("lambda-as-alike")
def _(data):
    """The model gives all schools the same spread within. School A's mean is reliable because it
    rests on many students."""
    return "d"


@question(
    "ch03.shrinkage",
    choices={
        "yes": "yes, report the raw deviations",
        "no": "no, shrunken effects lie closer to the truth on average",
    },
    hints=(
        "Raw deviations are right on average. How far off is each of them?",
        "A guess may lean a little to one side and still be nearer most of the time.",
        "Which lie closer to the true effects, over all schools?",
    ),
)
def shrinkage(data):
    """A colleague says: "Predicted effects are pulled towards zero, so they are biased. I undo the
    shrinkage before I report them." Should you?"""
    return "no"


@shrinkage.misconception("shrinkage-as-flaw")
def _(data):
    """The pull takes out luck, more of it where a mean rests on few students. Each effect leans a
    little towards zero, and over all schools they come closer to the truth than raw deviations."""
    return "yes"


@question(
    "ch03.report",
    points=3,
    kind="text",
    rubric=(
        "gives the SD between schools and the SD within schools, with unit and model (1 point)",
        "says of the school what is predicted and how sure that is, and that part of its raw "
        "deviation is luck (1 point)",
        "makes no league table and no cause of it (1 point)",
    ),
    hints=(
        "Two spreads, one school, one warning.",
        "Which part of the school's deviation do you believe, and why not all of it?",
        "Take the standard error of its effect from `hlm.ranef`. Does the interval hold zero?",
    ),
)
def report(data):
    """The head of the school of the first row asks you how her school does. Write three or four
    sentences: how schools and students spread, and what the model says of her school."""
    return ""
