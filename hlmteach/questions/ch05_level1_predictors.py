"""Chapter 5: predictors of students."""

import numpy as np
import pandas as pd

from . import slopes
from .fits import lmer, remember
from .question import question
from .recipes import usa_schools
from .world import world

NULL = "math ~ 1 + (1 | school_id)"
DESK = "math ~ 1 + desk + (1 | school_id)"
ESCS = "math ~ 1 + escs + (1 | school_id)"
RIM1 = "math ~ 1 + desk + escs + (1 | school_id)"
TWO = "math ~ 1 + escs_within + escs_between + (1 | school_id)"
YES = "desk[T.yes]"
STEPS = {"empty": NULL, "desk": DESK, "desk and escs": RIM1}
SHARED = {"data": usa_schools, "dataset": "ch05.schools"}
SECOND = {"data": usa_schools, "dataset": "ch05.parts"}  # the second half has schools of its own


def parts(data):
    """The table with each school's mean of escs and the students' deviations from it."""

    def make():
        codes, escs = world(data, NULL).codes, data["escs"].to_numpy()
        mean = (np.bincount(codes, escs) / np.bincount(codes))[codes]
        return data.assign(escs_between=mean, escs_within=escs - mean)

    return remember(data, ("parts",), make)


@question(
    "ch05.read-desk",
    choices={
        "a": "students with a desk score 8.8 points higher, on average, than students of the same "
        "escs without one",
        "b": "students with a desk score 8.8 points higher, on average, than students without one",
        "c": "a student who is given a desk will score 8.8 points higher",
        "d": "a student with a desk is expected to score 8.8 points",
    },
    hints=(
        "The model holds something constant. Which words of an answer say so?",
        "A coefficient compares students as they are; nobody was given anything.",
        "Look for the difference between two categories at equal values of the other predictor.",
    ),
)
def read_desk(data):
    """A model of `math` with `desk`, `escs` and a random intercept prints 8.8 in the row
    `desk[T.yes]`. Which sentence says what that is?"""
    return "a"


@read_desk.misconception("control-not-named")
def _(data):
    """That would be the model without escs. Here students of equal escs are compared; a sentence
    that leaves this out claims another number."""
    return "b"


@read_desk.misconception("association-as-cause")
def _(data):
    """Nobody was given a desk here. Families with a desk differ from families without in more ways
    than one index records. The coefficient compares students; it does not say what a desk would
    do."""
    return "c"


@read_desk.misconception("difference-as-level")
def _(data):
    """The coefficient of a category is a difference between two categories, not a score. The
    intercept is a score."""
    return "d"


@question(
    "ch05.rim1",
    points=2,
    kind="model",
    hints=(
        "The model of chapter 4, with two predictors of students in the fixed part.",
        "`desk` is text; the formula makes a column of zeros and ones of it by itself.",
        "Put `desk + escs` right of the tilde, and the schools in `(1 | school_id)` or `groups=`.",
    ),
    **SHARED,
)
def rim1(data):
    """Fit the random intercept model of `math` with the predictors `desk` and `escs`: students in
    schools, by REML. Hand in the fitted model."""
    return lmer(RIM1, data)


@question(
    "ch05.desk",
    points=2,
    quantity="fixed",
    hints=(
        "It stands in the fixed part of the model with desk and escs.",
        "The row is called `desk[T.yes]`: yes, compared with no.",
        'Take `model.fe_params["desk[T.yes]"]`, or `.beta["desk[T.yes]"]` of `hlm.lmer`.',
    ),
    **SHARED,
)
def desk(data):
    """By how many points do students with a desk score higher, holding `escs` constant? Model of
    `math` with `desk`, `escs` and a random intercept for schools, REML; "no" is the reference. (A
    minus sign if they score lower.)"""
    return lmer(RIM1, data).beta[YES]


desk.misconceptions_from(slopes.left_out({"escs": DESK}, YES))
desk.misconceptions_from(slopes.of_categories(RIM1, YES))
desk.misconceptions_from(slopes.of_students(RIM1, YES))
desk.misconceptions_from(slopes.any_slope(RIM1, YES), omit=("grouped-by-stratio",))


@desk.misconception("other-row")
def _(data):
    """That is the coefficient of `escs`, the difference for one unit of the index. The one of the
    desk stands in another row."""
    return lmer(RIM1, data).beta["escs"]


@question(
    "ch05.expected-score",
    quantity="fixed",
    hints=(
        "An expected score adds up the rows of the fixed part. Which rows count for this student?",
        "No desk is the reference, so the row of the desk adds nothing. What does an escs of -1 "
        "add?",
        "Take the intercept, and add the coefficient of escs times -1.",
    ),
    **SHARED,
)
def expected_score(data):
    """In the same model (`desk`, `escs`, REML): what score is expected of a student without a desk
    whose `escs` is -1, in an average school?"""
    return _expected(lmer(RIM1, data).beta)


def _expected(beta, desk=0, escs=-1):
    return beta["Intercept"] + desk * beta[YES] + escs * beta["escs"]


@expected_score.misconception("predictor-forgotten")
def _(data):
    """That is the intercept: a student without a desk whose escs is *zero*. This student's escs
    has to be multiplied by its coefficient and added."""
    return _expected(lmer(RIM1, data).beta, escs=0)


@expected_score.misconception("sign-lost")
def _(data):
    """That would be an escs of *plus* one. A negative value times a positive slope takes points
    away."""
    return _expected(lmer(RIM1, data).beta, escs=1)


@expected_score.misconception("intercept-of-the-other")
def _(data):
    """That is a student *with* a desk. Either the coefficient of the desk was added, or yes was the
    reference category, so that the intercept belongs to students with a desk."""
    return _expected(lmer(RIM1, data).beta, desk=1)


@expected_score.misconception("coded-1-2")
def _(data):
    """You coded no as 1 and yes as 2. The slope stays the same, but the intercept then belongs to a
    desk of 0, which nobody has. Code no as 0 and yes as 1, or leave the text as it is."""
    return _expected(lmer(RIM1, data).beta, desk=-1)


@expected_score.misconception("grand-mean-centred")
def _(data):
    """You centred escs on its mean before the fit. Its zero is the average student then, and -1 is
    one unit below the average. Asked is -1 on the index itself: use escs as it is."""
    return _expected(lmer(RIM1, data).beta, escs=data["escs"].mean() - 1)


@expected_score.misconception("empty-model")
def _(data):
    """That is the intercept of the empty model: the mean of the average school, whatever its
    students' desks and escs. Take it from the model with the two predictors."""
    return lmer(NULL, data).beta["Intercept"]


@expected_score.misconception("ols-prediction")
def _(data):
    """That is the prediction of an ordinary regression, which does not know the schools. Take the
    coefficients of the model with a random intercept."""
    return _expected(world(data, RIM1).ols[0])


@expected_score.misconception("outcome-reading")
def _(data):
    """That comes from a model of `read`. The outcome asked for is `math`."""
    return _expected(lmer(RIM1.replace("math", "read"), data).beta)


@question(
    "ch05.desk-se",
    quantity="se",
    hints=(
        "How exactly is the coefficient of the desk known?",
        "Two numbers stand side by side in its row: the estimate, and how uncertain it is.",
        'Take it from `hlm.summary(model).fixed.loc["desk[T.yes]"]`; the column is `se`.',
    ),
    **SHARED,
)
def desk_se(data):
    """How large is the standard error of the coefficient of `desk` in the model with `desk`, `escs`
    and a random intercept (REML)? In points."""
    return lmer(RIM1, data).se[YES]


desk_se.misconceptions_from(
    slopes.standard_errors(RIM1, YES), omit=("se-cluster-robust", "se-aggregated")
)


@desk_se.misconception("duplicated-rows")
def _(data):
    """That comes out if every row is in the table twice. The standard error then shrinks by the
    root of two, though nobody new was asked. Look at `data.duplicated().sum()`: a join or a
    `concat` may have done it."""
    return lmer(RIM1, pd.concat([data, data], ignore_index=True)).se[YES]


@desk_se.misconception("other-row")
def _(data):
    """That is the standard error of `escs`. The desk has a row of its own."""
    return lmer(RIM1, data).se["escs"]


@question(
    "ch05.composite",
    choices={
        "a": "that desks hardly matter: escs explains it all",
        "b": "not much: at equal escs, a student without a desk has more of something else",
        "c": "that one of the two models is wrong",
        "d": "that desk must be left out, because it is correlated with escs",
    },
    hints=(
        "How is escs made? Chapter 5 names its three parts.",
        "Owning a desk is one of the items of the index.",
        "Two students have the same sum. One lacks a part of it. What about the other parts?",
    ),
)
def composite(data):
    """Without `escs` the coefficient of `desk` is 34 points, with it 9. Owning a desk is one of the
    items from which `escs` is made. What does the fall show?"""
    return "b"


@composite.misconception("control-in-composite")
def _(data):
    """The index contains the desk. Holding it constant sets a desk against what makes up for it, so
    a part of what the desk stands for is taken out by the arithmetic (over-adjustment). The fall
    proves nothing, in either direction."""
    return "a"


@composite.misconception("one-model-is-wrong")
def _(data):
    """Both are right. They answer two questions: students with and without a desk, and such
    students with an equal index. Say which of the two you mean."""
    return "c"


@composite.misconception("drop-what-correlates")
def _(data):
    """Correlated predictors are no reason to drop one: a regression is made for them. What is
    special here is that the one predictor is a *part* of the other."""
    return "d"


@question(
    "ch05.variances",
    points=2,
    kind="table",
    hints=(
        "Three models on the same students; each has two variances.",
        "The one of the schools is `sigma_u ** 2` (or `cov_re`), the other `sigma_e ** 2` "
        "(or `scale`).",
        "Build `pd.DataFrame({'between': [...], 'within': [...]}, index=['empty', 'desk', "
        "'desk and escs'])`.",
    ),
    **SECOND,
)
def variances(data):
    """Make a table of the variances of three random intercept models of `math` (REML). Rows:
    `empty`, `desk`, `desk and escs` (the predictors of each). Columns: `between` and `within`
    schools, in points squared."""
    return _variances(data, STEPS)


def _variances(data, steps, reml=True):
    fits = [lmer(formula, data, reml) for formula in steps.values()]
    columns = {"between": [f.sigma_u**2 for f in fits], "within": [f.sigma_e**2 for f in fits]}
    return pd.DataFrame(columns, index=list(STEPS))


@variances.misconception("sds-for-variances")
def _(data):
    """These are standard deviations. Variances are asked: square them. lme4 prints a column of
    each, and `sigma_u` and `sigma_e` are standard deviations."""
    return _variances(data, STEPS) ** 0.5


@variances.misconception("swapped-levels")
def _(data):
    """The two columns have changed places. The residual (`scale`) is what differs *within*
    schools; the row of the schools is what differs between them."""
    return _variances(data, STEPS).set_axis(["within", "between"], axis=1)


@variances.misconception("variances-ml")
def _(data):
    """These come from maximum likelihood; REML was asked for. ML takes the fixed effects for known
    and so makes the variances a little too small. Leave `reml=False` out."""
    return _variances(data, STEPS, reml=False)


@variances.misconception("other-order")
def _(data):
    """Your second model has `escs` in place of `desk`. The first step adds the desk alone, the
    second adds escs."""
    return _variances(data, {**STEPS, "desk": ESCS})


@question(
    "ch05.prv",
    points=2,
    unit="percent",
    hints=(
        "Compare two models that differ in nothing but the predictor in question.",
        "The model *before* escs has the desk. Which of its two variances is meant?",
        "Take the variance between schools before minus after, and divide by the one before.",
    ),
    **SECOND,
)
def prv(data):
    """`escs` is added to the model with `desk` alone. By how many per cent is the variance
    *between* schools smaller than before (REML)?"""
    return 100 * _fall(data, DESK, RIM1)


def _fall(data, before, after, part="sigma_u", power=2):
    one, other = (getattr(lmer(formula, data), part) ** power for formula in (before, after))
    return 1 - other / one


@prv.misconception("prv-against-empty")
def _(data):
    """You compared with the empty model. That credits escs with what the desk had accounted for
    already. To see what the *last* predictor adds, compare with the model before it."""
    return 100 * _fall(data, NULL, RIM1)


@prv.misconception("prv-of-level-1")
def _(data):
    """That is the fall of the variance *within* schools. The one between schools is asked: the row
    of the schools, not the residual."""
    return 100 * _fall(data, DESK, RIM1, "sigma_e")


@prv.misconception("prv-of-sds")
def _(data):
    """You compared standard deviations. The proportional reduction is of the *variance*: square
    both first."""
    return 100 * _fall(data, DESK, RIM1, power=1)


@prv.misconception("share-left")
def _(data):
    """That is the share that is *left*. By how much it is smaller is asked: one hundred minus
    that."""
    return 100 - 100 * _fall(data, DESK, RIM1)


@prv.misconception("prv-of-the-empty-variance")
def _(data):
    """You divided by the variance of the *empty* model. A reduction is a share of what was there
    *before* escs came in, that is in the model with desk."""
    return (
        100
        * _fall(data, DESK, RIM1)
        * lmer(DESK, data).sigma_u ** 2
        / lmer(NULL, data).sigma_u ** 2
    )


@prv.misconception("fall-with-a-minus")
def _(data):
    """The size is right, and the sign is not: by how much it is *smaller* is asked, so a fall has
    no minus sign."""
    return -100 * _fall(data, DESK, RIM1)


@prv.misconception("divided-by-after")
def _(data):
    """You divided by the variance *after*. A reduction is a share of what was there *before*."""
    return 100 * (1 / (1 - _fall(data, DESK, RIM1)) - 1)


@prv.misconception("fall-of-total")
def _(data):
    """That is the fall of both variances together (Snijders and Bosker's measure for level 1). The
    variance between schools alone is asked."""
    before, after = (lmer(formula, data) for formula in (DESK, RIM1))
    total = [fit.sigma_u**2 + fit.sigma_e**2 for fit in (before, after)]
    return 100 * (1 - total[1] / total[0])


@prv.misconception("fall-of-icc")
def _(data):
    """You compared two ICCs. An ICC is a share and moves with both variances. Compare the
    variances between schools themselves."""
    return 100 * (1 - lmer(RIM1, data).icc / lmer(DESK, data).icc)


@prv.misconception("difference-of-iccs")
def _(data):
    """You subtracted two ICCs. They have different totals, so their difference is no share of the
    variance between schools. Compare the variances themselves."""
    return 100 * (lmer(DESK, data).icc - lmer(RIM1, data).icc)


@question(
    "ch05.r2",
    unit="share",
    hints=(
        "One model, three parts of variance: fixed part, schools, students.",
        "Marginal: the fixed part alone counts as explained. What is the whole?",
        "`hlm.r2(model)` has it in the row `r2_marginal`.",
    ),
    **SECOND,
)
def r2(data):
    """What share of the variance in `math` does the *fixed part* of the model with `desk` and
    `escs` account for: its marginal R2 (Nakagawa and Schielzeth, REML)?"""
    fixed, tau2, sigma2 = _parts_of_variance(data)
    return fixed / (fixed + tau2 + sigma2)


def _parts_of_variance(data):
    fit = lmer(RIM1, data)
    fixed = np.var(fit.design.exog @ fit.beta.to_numpy(), ddof=1)
    return fixed, fit.sigma_u**2, fit.sigma_e**2


@r2.misconception("r2-conditional")
def _(data):
    """That is the *conditional* R2: it counts the schools as explained. The marginal one counts the
    fixed part alone."""
    fixed, tau2, sigma2 = _parts_of_variance(data)
    return (fixed + tau2) / (fixed + tau2 + sigma2)


@r2.misconception("r2-ols")
def _(data):
    """That is the R2 of an ordinary regression with the same predictors. It has no part for the
    schools. Use the variances of the random intercept model."""
    w = world(data, RIM1)
    X = w.fit.design.exog
    return 1 - np.sum((w.y - X @ w.ols[0].to_numpy()) ** 2) / (w.var_y * (len(w.y) - 1))


@r2.misconception("r2-snijders-bosker")
def _(data):
    """That is Snijders and Bosker's R2 for level 1: by how much both variances together are smaller
    than in the empty model. It is a sound measure and another one; name the one that you report."""
    w, empty = world(data, RIM1), world(data, NULL)
    return 1 - (w.tau2 + w.sigma2) / (empty.tau2 + empty.sigma2)


@r2.misconception("r2-snijders-bosker-level-2")
def _(data):
    """That is Snijders and Bosker's R2 for level 2, about the *means* of schools. The marginal R2
    is about students' scores."""
    w, empty = world(data, RIM1), world(data, NULL)
    n = len(w.y) / len(w.sizes)
    return 1 - (w.tau2 + w.sigma2 / n) / (empty.tau2 + empty.sigma2 / n)


@r2.misconception("icc-for-r2")
def _(data):
    """That is the ICC of the empty model: the share between schools. It says nothing about
    predictors, and explains nothing."""
    return lmer(NULL, data).icc


@r2.misconception("residual-icc-for-r2")
def _(data):
    """That is the residual ICC: which share of what the predictors *leave over* lies between
    schools. Asked is the share that they account for."""
    return lmer(RIM1, data).icc


@r2.misconception("prv-for-r2")
def _(data):
    """That is the proportional reduction of the variance *between* schools. The marginal R2 sets
    the variance of the fixed part against the whole."""
    return _fall(data, NULL, RIM1)


@question(
    "ch05.within-slope",
    points=2,
    quantity="fixed",
    hints=(
        "Two comparisons hide in one slope. Which of them is between students of one school?",
        "Give each student the mean of the school, and the distance from it, as two columns.",
        "Fit `math ~ escs_within + escs_between`, where `escs_within` is escs minus the school's "
        "mean, and take the first slope.",
    ),
    **SECOND,
)
def within_slope(data):
    """Two students of the *same* school differ by one unit of `escs`. By how many points do they
    differ on average? Take it from the model with two predictors: `escs` minus the mean of the
    student's school, and that mean (random intercept, REML)."""
    return lmer(TWO, parts(data)).beta["escs_within"]


@within_slope.misconception("blended-slope")
def _(data):
    """That slope is a *blend* of two comparisons, within schools and between them. It comes out
    with escs as it is, and likewise with escs minus the mean of *all* students: grand-mean
    centring moves the intercept and leaves the slope. Subtract each school's own mean."""
    return lmer(ESCS, data).beta["escs"]


@within_slope.misconception("ols-as-within")
def _(data):
    """That is the slope of an ordinary regression on escs. It mixes the comparison within schools
    with the one between them, and leans to the second. Subtract each school's own mean."""
    w = world(data, ESCS)
    return w.ols[0]["escs"]


@within_slope.misconception("between-for-within")
def _(data):
    """That is the slope *between* schools: by how much the means of two schools differ. The one for
    two students of the same school is in the other row."""
    return lmer(TWO, parts(data)).beta["escs_between"]


@within_slope.misconception("contextual-for-within")
def _(data):
    """That is the *contextual* effect, the slope between schools minus the one within. The slope
    within schools itself is asked."""
    beta = lmer(TWO, parts(data)).beta
    return beta["escs_between"] - beta["escs_within"]


@within_slope.misconception("sum-of-slopes")
def _(data):
    """You added the two slopes. With escs minus the school's mean in the model, the first slope is
    the one within schools already; nothing has to be added."""
    beta = lmer(TWO, parts(data)).beta
    return beta["escs_between"] + beta["escs_within"]


@within_slope.misconception("with-desk")
def _(data):
    """Your model holds the desk constant as well. The question asks for a model with the two parts
    of escs alone."""
    return slopes.within(world(data, RIM1))["escs"]


@within_slope.variant("with-desk", late=True)
def _(data):
    return lmer(TWO.replace("~", "~ desk +", 1), parts(data)).beta["escs_within"]


@within_slope.misconception("outcome-reading")
def _(data):
    """That is the slope in a model of `read`. The outcome asked for is `math`."""
    return slopes.within(world(data, ESCS.replace("math", "read")))["escs"]


@question(
    "ch05.variance-rises",
    choices={
        "a": "the fit has failed: explained variance cannot be negative",
        "b": "schools have become more different",
        "c": "escs should be taken out again",
        "d": "less of the spread of the school means is put down to luck, so more is left for "
        "schools",
    },
    hints=(
        "The predictor has the same mean in every school. Can it account for their differences?",
        "School means spread because schools differ, and because of luck in who was drawn.",
        "The luck in a mean is the variance within divided by the number of students. What does "
        "the predictor do to the variance within?",
    ),
)
def variance_rises(data):
    """You subtract the school's mean from each student's `escs` and enter the result as the only
    predictor. The variance within schools falls; the variance *between* schools rises a little,
    compared with the empty model. Why?"""
    return "d"


@variance_rises.misconception("negative-explained-variance")
def _(data):
    """Nothing has failed. "Explained" variance at level 2 is a difference of two estimates, and it
    may be negative. It is to be expected of a predictor that differs only within schools."""
    return "a"


@variance_rises.misconception("schools-have-changed")
def _(data):
    """The school means of math are what they were. What has changed is how the model divides their
    spread between schools and luck."""
    return "b"


@variance_rises.misconception("must-lower-variance")
def _(data):
    """A good predictor need not lower both variances. This one lowers the variance within schools,
    which is all that it can do."""
    return "c"


@question(
    "ch05.desk-df",
    choices={
        "a": "about 60: the schools are what was sampled",
        "b": "about 1,000: each school offers comparisons of its own",
        "c": "none are needed: |t| > 2 is enough",
        "d": "exactly 2: the model has two predictors",
    },
    hints=(
        "Where do students with and without a desk sit: in different schools?",
        "A comparison that can be made inside every school draws on the students.",
        "For which kind of predictor would the number of schools decide? Is the desk of that kind?",
    ),
)
def desk_df(data):
    """There are 1,000 students in 60 schools. In nearly every school some have a desk and some have
    none. How many degrees of freedom has the t-test of `desk`, roughly?"""
    return "b"


@desk_df.misconception("df-of-level-2")
def _(data):
    """That would be right for a predictor of *schools*, with one value in each. The desk differs
    between students of one school, so every school adds comparisons of its own."""
    return "a"


@desk_df.misconception("t-without-df")
def _(data):
    """A t-value alone says too little: with few degrees of freedom 2 is not enough. lme4 prints no
    p on purpose. Give the interval, and say which method the degrees of freedom come from."""
    return "c"


@desk_df.misconception("df-counts-predictors")
def _(data):
    """The number of predictors says how many degrees of freedom are *used up*. What is left comes
    from the data."""
    return "d"


@question(
    "ch05.parallel",
    choices={
        "a": "one more unit of escs goes with the same difference in math in every school",
        "b": "every school has a slope of its own, because intercepts differ by school",
        "c": "students of all schools have the same expected score at equal escs",
        "d": "the data have shown that the slope is the same everywhere",
    },
    hints=(
        "Look at the picture of the schools' lines in chapter 5.",
        "Which of the letters in the equation carry a j for the school?",
        "Lines that differ in height alone are parallel.",
    ),
)
def parallel(data):
    """What does `math ~ escs + (1 | school_id)` assume about the slope of `escs`?"""
    return "a"


@parallel.misconception("intercepts-vary-so-slopes-do")
def _(data):
    """Only the *height* of the lines differs by school: the part left of the bar is `1`, the
    intercept. A slope that varies has to be asked for."""
    return "b"


@parallel.misconception("random-intercept-ignored")
def _(data):
    """That would be an ordinary regression. The random intercept lets schools differ at equal
    escs."""
    return "c"


@parallel.misconception("assumed-taken-for-shown")
def _(data):
    """The lines are parallel because the model has one slope for all schools. That is an
    assumption; whether the data agree is another question."""
    return "d"


@question(
    "ch05.report",
    points=3,
    kind="text",
    rubric=(
        "gives the coefficient of desk with unit, reference and an interval (1 point)",
        'says what is held constant and says it as an association, without "raises" or "effect" '
        "(1 point)",
        "mentions that a desk is a part of escs, or reports the model without escs as well "
        "(1 point)",
    ),
    hints=(
        "Which students are compared with which, and what is equal about them?",
        "A number without its interval says too much.",
        "What is escs made of? A reader should know before believing the coefficient.",
    ),
    **SHARED,
)
def report(data):
    """Report the coefficient of `desk` from your model for a journal, in three sentences: estimate,
    interval, and what a reader must know about `escs`."""
    return ""
