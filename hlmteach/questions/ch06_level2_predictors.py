"""Chapter 6: predictors of schools."""

from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from hlmteach.inference import satterthwaite_df

from . import slopes
from .fits import lmer, remember
from .question import question
from .recipes import usa_schools
from .world import world

NULL = "math ~ 1 + (1 | school_id)"
RIM1 = "math ~ 1 + desk + escs + (1 | school_id)"
RIM2 = "math ~ 1 + desk + escs + stratio + (1 | school_id)"
ALONE = "math ~ 1 + stratio + (1 | school_id)"
MEANS = "math ~ 1 + escs + escs_mean + (1 | school_id)"
FAR = 40.0  # students per teacher
N_FAR = 4
N_SCHOOLS = 57  # not a round number: 60 could be any rounding of 57.3 degrees of freedom


# ------------------------------------------------------------------------- data


def far_schools(random: np.random.RandomState, lift: float = 30.0) -> pd.DataFrame:
    """Fifty-seven schools, four of which have 40 students per teacher or more, and score high.

    Among the others math falls a little with the ratio, so that the four carry the sign; their
    means lie `lift` to `lift` + 25 points above the mean of all scores.
    """
    data = usa_schools(random, N_SCHOOLS)
    codes = pd.factorize(data["school_id"].to_numpy(dtype=object))[0]
    ratio = data["stratio"].to_numpy()[_first(codes)]
    ordinary = random.permutation(np.flatnonzero(ratio < FAR))
    moved = ordinary[: max(N_FAR - np.sum(ratio >= FAR), 0)]
    ratio[moved] = np.round(FAR + 1 + 30 * random.random_sample(len(moved)), 1)
    math = data["math"].to_numpy()
    means = np.bincount(codes, math) / np.bincount(codes)
    far = ratio >= FAR
    shift = np.where(far, math.mean() + lift + 25 * random.random_sample(len(far)) - means, 0.0)
    shift[~far] = -1.2 * (ratio[~far] - 17)
    return data.assign(
        math=np.round(np.clip(math + shift[codes], 50.0, 950.0), 1), stratio=ratio[codes]
    )


def _first(codes: np.ndarray) -> np.ndarray:
    """The first row of each school."""
    return np.unique(codes, return_index=True)[1]


def mended_by_hand(random: np.random.RandomState) -> pd.DataFrame:
    """Forty schools; in a few of them some students have another value of stratio than the rest."""
    data = usa_schools(random, n_schools=40)[["school_id", "student_id", "math", "stratio"]]
    codes = pd.factorize(data["school_id"].to_numpy(dtype=object))[0]
    ratio = data["stratio"].to_numpy().copy()
    for school in random.permutation(codes.max() + 1)[: random.randint(3, 9)]:
        rows = np.flatnonzero(codes == school)
        slips = rows[random.permutation(len(rows))[: random.randint(2, 5)]]
        factor = np.array([0.1, 2.0, 10.0])[random.randint(0, 3, len(slips))]
        ratio[slips] = np.round(ratio[slips] * factor + 0.1, 1)
    return data.assign(stratio=ratio)


SHARED = {"data": far_schools, "dataset": "ch06.schools"}
# The second half has schools of its own, in which a chi squared of next to nothing is rare.
SECOND = {"data": partial(far_schools, lift=60.0), "dataset": "ch06.means"}


def one_a_school(data):
    """stratio, one value a school."""
    return data["stratio"].to_numpy()[_first(world(data, NULL).codes)]


def with_means(data):
    """The table with each school's mean of escs."""

    def make():
        codes, escs = world(data, NULL).codes, data["escs"].to_numpy()
        return data.assign(escs_mean=(np.bincount(codes, escs) / np.bincount(codes))[codes])

    return remember(data, ("means",), make)


def ordinary(data):
    """The table without the schools of 40 students per teacher or more."""
    return remember(data, ("ordinary",), lambda: data[data["stratio"] < FAR])


# ------------------------------------------------------------------------- questions


@question(
    "ch06.significance",
    choices={
        "a": "the first, because it rests on more observations",
        "b": "the second, because the ratio has one value in each school",
        "c": "the second, and it shows that the ratio has nothing to do with math",
        "d": "either, because both estimate the same slope",
    },
    hints=(
        "How many different values of the ratio are there: as many as students, or as schools?",
        "Students of one school share the ratio. Are they witnesses of their own?",
        "A standard error says how much is known. What does it not say about the size of a slope?",
    ),
)
def significance(data):
    """An ordinary regression on 4,300 students gives the student-teacher ratio t = -2.10, p = 0.04;
    the random intercept model, with 219 schools, gives t = -0.96, p = 0.34. Which test do you
    report?"""
    return "b"


@significance.misconception("n-for-groups")
def _(data):
    """The ratio does not vary between students of one school, so thousands of students are not
    thousands of witnesses. The ordinary regression counts them so, and its standard error comes out
    too small."""
    return "a"


@significance.misconception("no-evidence-as-no-effect")
def _(data):
    """A large p does not show that there is nothing. It says that these schools cannot tell. Give
    the interval: it holds zero, and other slopes as well."""
    return "c"


@significance.misconception("same-slope-same-test")
def _(data):
    """The slopes may be alike; their standard errors are not. The ordinary regression takes the
    students of one school for independent of each other."""
    return "d"


@question(
    "ch06.rim2",
    points=2,
    kind="model",
    hints=(
        "The model of chapter 5, with one more predictor.",
        "Nothing in the call says that it belongs to schools; it goes beside the others.",
        "Put `desk + escs + stratio` right of the tilde; the schools stay a random intercept.",
    ),
    **SHARED,
)
def rim2(data):
    """Fit the random intercept model of `math` with the predictors `desk`, `escs` and `stratio`:
    students in schools, by REML. Hand in the fitted model."""
    return lmer(RIM2, data)


@question(
    "ch06.stratio",
    points=2,
    quantity="fixed",
    hints=(
        "It stands in the fixed part of the model with all three predictors.",
        "A slope is the difference for one unit: here, one more student per teacher.",
        'Take `model.fe_params["stratio"]`, or `.beta["stratio"]` of `hlm.lmer`.',
    ),
    **SHARED,
)
def stratio(data):
    """By how many points do students of schools with one more student per teacher score higher,
    holding `desk` and `escs` constant? Model of `math` with `desk`, `escs`, `stratio` and a random
    intercept, REML, all schools. (A minus sign if they score lower.)"""
    return lmer(RIM2, data).beta["stratio"]


stratio.misconceptions_from(slopes.left_out({"desk and escs": ALONE}, "stratio"))
stratio.misconceptions_from(slopes.of_amounts(RIM2, "stratio"))
stratio.misconceptions_from(slopes.any_slope(RIM2, "stratio"))


@stratio.misconception("far-schools-dropped")
def _(data):
    """That is the slope without the schools of 40 students per teacher or more. It is worth
    knowing, and the next questions ask for it; here all schools are asked. Report both."""
    return lmer(RIM2, ordinary(data)).beta["stratio"]


@stratio.misconception("other-row")
def _(data):
    """That is the coefficient of `escs`. The one of the ratio stands in another row."""
    return lmer(RIM2, data).beta["escs"]


@question(
    "ch06.stratio-se",
    points=2,
    quantity="se",
    hints=(
        "How exactly is the slope of the ratio known, if schools are what was sampled?",
        "An ordinary regression prints a standard error, too. Which of the two knows the schools?",
        'Take it from `hlm.summary(model).fixed.loc["stratio"]`; the column is `se`.',
    ),
    **SHARED,
)
def stratio_se(data):
    """How large is the standard error of the coefficient of `stratio` in the model with `desk`,
    `escs`, `stratio` and a random intercept (REML)?"""
    return lmer(RIM2, data).se["stratio"]


stratio_se.misconceptions_from(
    slopes.standard_errors(RIM2, "stratio"), omit=("se-cluster-robust", "se-aggregated")
)


@stratio_se.misconception("se-cluster-robust")
def _(data):
    """That is a cluster-robust standard error of an ordinary regression. It allows for schools, and
    is a sound method where schools are many and none stands far out; here a few do, and it comes
    out too small. Take it from the random intercept model."""
    return slopes.robust_se(world(data, RIM2))["stratio"]


@stratio_se.misconception("other-row")
def _(data):
    """That is the standard error of `escs`, a predictor of students. The ratio has a row of its
    own."""
    return lmer(RIM2, data).se["escs"]


@question(
    "ch06.df",
    hints=(
        "Are they near the number of students, or near the number of schools?",
        "Satterthwaite's method gives each coefficient degrees of freedom of its own.",
        '`hlm.coefficient_tests(model).loc["stratio", "df"]` has them, and so has `hlm.summary`.',
    ),
    **SHARED,
)
def df(data):
    """How many degrees of freedom has the t-test of `stratio` in this model, by Satterthwaite's
    method? Give one decimal."""
    return _df(data, "stratio")


def _df(data, name):
    fit = lmer(RIM2, data)
    every = remember(data, ("df", RIM2), lambda: satterthwaite_df(fit, np.eye(len(fit.names))))
    return float(every[fit.names.index(name)])


@df.misconception("df-of-students")
def _(data):
    """That is students minus coefficients, as in an ordinary regression. The ratio has one value in
    each school, so what is known about its slope comes from schools."""
    return len(data) - 4


@df.misconception("df-of-another-row")
def _(data):
    """That belongs to `desk`, a predictor of students: comparisons inside every school count for
    it. The ratio has a row of its own, with far fewer."""
    return _df(data, "desk[T.yes]")


@df.misconception("df-of-intercept")
def _(data):
    """That belongs to the intercept. The ratio has a row of its own."""
    return _df(data, "Intercept")


@df.misconception("groups-for-df")
def _(data):
    """That is the number of schools. It is the right order of size; the degrees of freedom follow
    from it, but are not it."""
    return _whole(data, lmer(RIM2, data).n_groups)


@df.misconception("df-by-counting")
def _(data):
    """That is schools minus coefficients, a rule of thumb for a predictor of schools. It is a fair
    guess. Satterthwaite's method, which is asked, also takes into account how exactly the variances
    are known."""
    return _whole(data, lmer(RIM2, data).n_groups - 4)


def _whole(data, wrong):
    """A whole number; the right one where that would be rounded to it, so that another draw is
    made: nobody types 60.0 for sixty."""
    right = _df(data, "stratio")
    return right if abs(right - wrong) < 0.7 else wrong


@question(
    "ch06.without-far",
    points=2,
    quantity="fixed",
    hints=(
        "Plot one point a school. Which schools stand far to the right?",
        "Keep the rows of the other schools, and fit the same model to them.",
        'Fit it to `data[data["stratio"] < 40]`, and take the slope of `stratio`.',
    ),
    **SHARED,
)
def without_far(data):
    """A few schools lie far to the right. Fit the same model without the schools that have 40
    students per teacher or more. What is the coefficient of `stratio` now?"""
    return lmer(RIM2, ordinary(data)).beta["stratio"]


@without_far.misconception("all-schools")
def _(data):
    """That is the slope with all schools. Leave those out that have 40 students per teacher or
    more, and fit again."""
    return lmer(RIM2, data).beta["stratio"]


@without_far.misconception("sign-lost")
def _(data):
    """The size is right and the sign is not. The sign is what this question is about: compare it
    with the one for all schools."""
    return -lmer(RIM2, ordinary(data)).beta["stratio"]


@without_far.misconception("one-school-out")
def _(data):
    """You left out the school with the largest ratio alone. The others that lie far out are still
    there, on the same side, and hold the line (masking). Leave all of them out together."""
    return lmer(RIM2, data[data["stratio"] < data["stratio"].max()]).beta["stratio"]


@without_far.misconception("ratios-cut-at-40")
def _(data):
    """You set the large ratios to 40. The schools are then still in the model, with values that
    they have not. Leave them out."""
    return lmer(RIM2, data.assign(stratio=data["stratio"].clip(upper=FAR))).beta["stratio"]


@without_far.misconception("ols-as-rim")
def _(data):
    """The right schools are left out, but this is an ordinary regression. Keep the random
    intercept."""
    return world(ordinary(data), RIM2).ols[0]["stratio"]


@question(
    "ch06.parameters",
    kind="count",
    hints=(
        "Count what the model estimates: coefficients, and something else.",
        "The predicted effects of the schools are not parameters. Their variance is one.",
        "Add the coefficients of the fixed part, the intercept among them, and the variances.",
    ),
)
def parameters(data):
    """How many parameters does the AIC of `math ~ desk + escs + stratio + (1 | school_id)` count,
    if there are 60 schools?"""
    return 6


@parameters.misconception("fixed-effects-only")
def _(data):
    """That counts the coefficients only. The variances are estimated, too."""
    return 4


@parameters.misconception("residual-variance-forgotten")
def _(data):
    """One is missing. The coefficients are right; how many variances has a random intercept
    model?"""
    return 5


@parameters.misconception("predictors-only")
def _(data):
    """Those are the predictors. The intercept is a parameter, too, and so are the variances."""
    return 3


@parameters.misconception("schools-as-parameters")
def _(data):
    """You counted the effects of the schools. They are not parameters: the model has one variance
    for all of them, and predicts them afterwards."""
    return 66


@parameters.misconception("effects-for-variance")
def _(data):
    """You counted the effects of the schools in place of their variance. The model has one variance
    for all of them, and predicts the effects afterwards."""
    return 65


@parameters.misconception("dummies-for-schools")
def _(data):
    """You counted the schools as if each had a coefficient of its own. A random intercept has one
    variance for all of them."""
    return 64


@question(
    "ch06.describe",
    points=2,
    kind="table",
    hints=(
        "To which level does the ratio belong, and how many values has it there?",
        "Take one row for each school first.",
        '`data.groupby("school_id")["stratio"].first()` has one value a school; then '
        '`.agg(["count", "mean", "std"])`.',
    ),
    **SECOND,
)
def describe(data):
    """Describe `stratio` at its own level, in a table with the rows `count`, `mean` and `std` (the
    standard deviation as pandas computes it)."""
    return _described(one_a_school(data))


def _described(values, ddof=1):
    return pd.Series(
        {"count": float(len(values)), "mean": values.mean(), "std": values.std(ddof=ddof)},
        name="stratio",
    )


@describe.misconception("level-2-over-students")
def _(data):
    """You described it over students: a school counts as often as it has students, and the count
    pretends to information that is not there. Take one row a school first."""
    return _described(data["stratio"].to_numpy())


@describe.misconception("different-values-only")
def _(data):
    """You took each *value* once. Two schools may have the same ratio; each school counts."""
    return _described(np.unique(data["stratio"]))


@describe.misconception("sd-of-numpy")
def _(data):
    """Level and mean are right. NumPy's `std` divides by the number of schools; pandas' divides by
    one less, which is what is asked: the schools are a sample."""
    return _described(one_a_school(data), ddof=0)


@question(
    "ch06.contextual",
    points=2,
    quantity="fixed",
    hints=(
        "Two students have the same escs and go to schools with different means. What differs?",
        "With escs itself in the model, the mean says what is left over for the school.",
        "Add the school's mean of escs to the students' own escs: the second slope is asked.",
    ),
    **SECOND,
)
def contextual(data):
    """A mean of students is a predictor of schools, too. Two students have the same `escs`; the
    mean `escs` of their schools differs by one unit. By how many points do they differ on average
    (contextual slope)? Model of `math` with `escs` and the school's mean `escs`, random intercept,
    REML."""
    return lmer(MEANS, with_means(data)).beta["escs_mean"]


@contextual.misconception("between-for-contextual")
def _(data):
    """That is the slope *between* schools, which comes out if escs has the school's mean
    subtracted. It says how two schools' means differ. For two students of *equal*
    escs, the slope within has to be taken off."""
    beta = lmer(MEANS, with_means(data)).beta
    return beta["escs"] + beta["escs_mean"]


@contextual.misconception("within-for-contextual")
def _(data):
    """That is the slope of the students' own escs, for two students of one school. The slope of the
    school's mean is asked."""
    return lmer(MEANS, with_means(data)).beta["escs"]


@contextual.misconception("sum-of-slopes")
def _(data):
    """You added the slope within to the slope between. The contextual slope is what the school's
    mean adds at equal escs: the one *minus* the other."""
    beta = lmer(MEANS, with_means(data)).beta
    return 2 * beta["escs"] + beta["escs_mean"]


@contextual.misconception("blended-slope")
def _(data):
    """That is the slope of escs without the school's mean in the model, a blend of two comparisons.
    Put the mean beside it."""
    return lmer("math ~ 1 + escs + (1 | school_id)", data).beta["escs"]


@contextual.misconception("agg-as-rim")
def _(data):
    """That is a regression of school means on school means. It has lost the students, and cannot
    hold their own escs constant."""
    return slopes.between(world(data, "math ~ 1 + escs + (1 | school_id)"))[0]["escs"]


@contextual.misconception("ols-as-rim")
def _(data):
    """That is the slope in an ordinary regression. Let the schools in as a random intercept: a
    predictor of schools needs it most."""
    return world(with_means(data), MEANS).ols[0]["escs_mean"]


@contextual.misconception("outcome-reading")
def _(data):
    """That comes from a model of `read`. The outcome asked for is `math`."""
    return lmer(MEANS.replace("math", "read"), with_means(data)).beta["escs_mean"]


@question(
    "ch06.lrt",
    points=2,
    hints=(
        "Two models that differ in `stratio` alone. Which estimator makes them comparable?",
        "Their fixed parts differ, so both have to be fitted by ML.",
        "Take twice the difference of the two log likelihoods, or `hlm.lrt` and its `chi2`.",
    ),
    **SECOND,
)
def lrt(data):
    """Compare the models with and without `stratio` (both with `desk`, `escs` and a random
    intercept) by a likelihood ratio test. How large is chi squared?"""
    return _chi2(data, RIM1, RIM2)


def _chi2(data, small, large, reml=False):
    return 2 * (lmer(large, data, reml).loglik - lmer(small, data, reml).loglik)


@lrt.misconception("lrt-reml")
def _(data):
    """That compares REML likelihoods. With different fixed parts they are not comparable, because
    the criterion depends on the predictors. Fit both models by ML."""
    return _chi2(data, RIM1, RIM2, reml=True)


@lrt.misconception("lrt-not-doubled")
def _(data):
    """That is the difference of the log likelihoods. Chi squared is *twice* the difference."""
    return _chi2(data, RIM1, RIM2) / 2


@lrt.misconception("sign-lost")
def _(data):
    """The larger model has the larger likelihood, so chi squared cannot be negative. You took the
    difference the other way round."""
    return -_chi2(data, RIM1, RIM2)


@lrt.misconception("lrt-against-empty")
def _(data):
    """You compared with the empty model. That tests all three predictors at once. To test the
    ratio, compare with the model that lacks nothing but the ratio."""
    return _chi2(data, NULL, RIM2)


@lrt.misconception("lrt-ols")
def _(data):
    """These are likelihoods of ordinary regressions. They take every student for independent, so
    they find too much. Compare random intercept models."""
    rss = []
    for formula in (RIM1, RIM2):
        w = world(data, formula)
        rss.append(np.sum((w.y - w.fit.design.exog @ w.ols[0].to_numpy()) ** 2))
    return len(data) * np.log(rss[0] / rss[1])


@lrt.misconception("aic-for-chi2")
def _(data):
    """That is the difference of the AICs. It takes off 2 for the additional parameter; chi squared
    does not."""
    return _chi2(data, RIM1, RIM2) - 2


@lrt.misconception("p-for-chi2")
def _(data):
    """That is the p-value. Chi squared itself is asked."""
    return float(stats.chi2.sf(_chi2(data, RIM1, RIM2), 1))


@lrt.misconception("t-for-chi2")
def _(data):
    """That is the t-value of the ratio. Its *square* is close to chi squared, but not the same:
    compare the two likelihoods."""
    fit = lmer(RIM2, data)
    return fit.beta["stratio"] / fit.se["stratio"]


@lrt.misconception("wald-for-lrt")
def _(data):
    """That is the square of the t-value, a Wald test. It is close to the likelihood ratio test, but
    not the same: compare the two likelihoods."""
    fit = lmer(RIM2, data)
    return (fit.beta["stratio"] / fit.se["stratio"]) ** 2


@question(
    "ch06.slips",
    kind="count",
    points=2,
    data=mended_by_hand,
    hints=(
        "A predictor of schools has one value in each school. How could you see where it has more?",
        "Group by the school and count the different values of the ratio.",
        '`data.groupby("school_id")["stratio"].nunique()` gives a number for each school; count '
        "those above one.",
    ),
)
def slips(data):
    """Somebody has mended this table by hand. In how many schools does `stratio` differ between
    students of the same school?"""
    return int((_ratios(data) > 1).sum())


def _ratios(data):
    return data.groupby("school_id")["stratio"].nunique()


@slips.misconception("rows-for-schools")
def _(data):
    """That is a number of students: those whose ratio is not the usual one of their school. The
    *schools* in which it happens are asked."""
    return _odd_rows(data)


def _odd_rows(data):
    usual = data.groupby("school_id")["stratio"].agg(lambda values: values.mode().iloc[0])
    return int((data["stratio"] != data["school_id"].map(usual)).sum())


@slips.misconception("students-of-those-schools")
def _(data):
    """That is the number of students in the schools concerned. The schools themselves are asked."""
    return int((data.groupby("school_id")["stratio"].transform("nunique") > 1).sum())


@slips.misconception("schools-in-order")
def _(data):
    """Those are the schools in which all is well. Count the others."""
    return int((_ratios(data) == 1).sum())


@slips.misconception("all-schools")
def _(data):
    """That is the number of all schools. Count those in which the ratio takes more than one
    value."""
    return data["school_id"].nunique()


@slips.misconception("different-values")
def _(data):
    """That is how many different values the ratio has in the whole table. Schools may differ from
    each other; look for differences *within* a school."""
    return data["stratio"].nunique()


@slips.misconception("values-beyond-schools")
def _(data):
    """You counted pairs of school and ratio, and took off the number of schools. A school with two
    wrong values then counts twice."""
    pairs = data.drop_duplicates(["school_id", "stratio"])
    return len(pairs) - data["school_id"].nunique()


@question(
    "ch06.which-variance",
    choices={
        "a": "both, because it explains math",
        "b": "the one within schools, because students are what is measured",
        "c": "the one between schools only",
        "d": "neither; only predictors of students lower variances",
    },
    hints=(
        "What does the ratio do inside one school: does it differ between its students?",
        "A constant cannot tell one student of a school from another.",
        "Into which of the two equations, level 1 or level 2, does the ratio go?",
    ),
)
def which_variance(data):
    """`stratio` is added to a random intercept model. Which variance can it lower?"""
    return "c"


@which_variance.misconception("level-2-lowers-both")
def _(data):
    """Within a school the ratio is a constant. It cannot account for differences between students
    who share it."""
    return "a"


@which_variance.misconception("level-2-lowers-level-1")
def _(data):
    """The scores are students', but the ratio is the same for all students of a school. It cannot
    account for what differs between them."""
    return "b"


@which_variance.misconception("level-2-explains-nothing")
def _(data):
    """The level-2 equation is a regression of school intercepts on a property of schools. What it
    accounts for is taken off the variance of its residual."""
    return "d"


@question(
    "ch06.credit",
    choices={
        "a": "46 %: from 1,600 to 860",
        "b": "4.4 %: from 900 to 860",
        "c": "2.5 %: the fall of 40 is a part of the 1,600",
        "d": "all of the 860 that are left",
    },
    hints=(
        "Which two models differ in the ratio and in nothing else?",
        "What desk and escs account for was gone before the ratio came in.",
        "Divide the last fall by the variance that the model *before* had.",
    ),
)
def credit(data):
    """The variance between schools is 1,600 in the empty model, 900 with `desk` and `escs`, and 860
    with `stratio` as well. By how much does `stratio` reduce it?"""
    return "b"


@credit.misconception("prv-against-empty")
def _(data):
    """That is what all three predictors account for together, and nearly all of it was gone before
    the ratio came in. Compare with the model just before, not with the empty one."""
    return "a"


@credit.misconception("prv-of-the-empty")
def _(data):
    """The fall is the right one, and its denominator is not. A reduction is a share of what was
    there just before, in the model without the ratio."""
    return "c"


@credit.misconception("rest-as-explained")
def _(data):
    """That is what is left over, after all three predictors. What has *gone* is asked."""
    return "d"


@question(
    "ch06.ecological",
    choices={
        "a": "a student with a higher escs scores 90 points higher per unit",
        "b": "schools whose mean escs is one unit higher have means 90 points higher",
        "c": "a student who moves to a school with a higher mean gains 90 points per unit",
        "d": "the slope within each school is 90 points per unit, too",
    },
    hints=(
        "What was a row of this regression?",
        "Can a regression of means know how students of one school differ?",
        "A sentence about rows that are schools has to be a sentence about schools.",
    ),
)
def ecological(data):
    """A regression of the schools' mean `math` on their mean `escs`, one row a school, has a slope
    of 90. What does it say?"""
    return "b"


@ecological.misconception("ecological-fallacy")
def _(data):
    """The rows were schools. Carrying their slope over to students is the ecological fallacy:
    within schools the slope may be far smaller, as it is in chapter 5."""
    return "a"


@ecological.misconception("association-as-cause")
def _(data):
    """Nobody moved. Schools with better-off students differ in whom they take in and where they
    are; the slope compares schools as they stand."""
    return "c"


@ecological.misconception("one-slope-for-both-levels")
def _(data):
    """The slope between schools and the slope within them need not be equal, and a regression of
    means has lost all that differs within schools."""
    return "d"


@question(
    "ch06.more-schools",
    choices={
        "a": "1,000 more students in the 20 schools",
        "b": "20 more schools, even if each sends fewer students",
        "c": "it is the same, because the total number of students decides",
        "d": "neither: with 10,000 students the slope is known exactly",
    },
    hints=(
        "How many values of school size has the study?",
        "The noise of a school's point is sigma_u^2 + sigma_e^2 / n. Which part is left, if n is "
        "large?",
        "With 500 students a school, how much can more students still take off?",
    ),
)
def more_schools(data):
    """A study has 20 schools with 500 students each, and wants to know the slope of school *size*
    more exactly. What helps most?"""
    return "b"


@more_schools.misconception("students-replace-schools")
def _(data):
    """More students lower the noise of a school's mean, which is next to nothing with 500 of them.
    That schools of one size differ remains, and only more schools help against it."""
    return "a"


@more_schools.misconception("total-n-decides")
def _(data):
    """For a predictor of schools the number of schools decides. 10,000 students in 20 schools are
    still 20 values of school size."""
    return "c"


@more_schools.misconception("many-students-are-enough")
def _(data):
    """School size has 20 values here. Its standard error comes from those 20 schools, however many
    students there are."""
    return "d"


@question(
    "ch06.dummies",
    choices={
        "a": "the dummies hold the schools constant, so the slope of the ratio is cleaner",
        "b": "nothing: the ratio is a sum of the dummies, and its slope cannot be estimated",
        "c": "the same slope as in the random intercept model",
        "d": "a slope with a standard error that is too small",
    },
    hints=(
        "Hold the school constant. Can the ratio still differ?",
        "Each school has a coefficient of its own. What is left over for a property of schools?",
        "Could you compute the column of the ratio from the columns of the dummies?",
    ),
)
def dummies(data):
    """Somebody puts a dummy for every school into an ordinary regression, and `stratio` as well.
    The software prints a slope of `stratio`. What is it worth?"""
    return "b"


@dummies.misconception("dummies-as-control")
def _(data):
    """Within a school the ratio does not differ. If the school is held constant, so is the ratio,
    and there is nothing left to compare."""
    return "a"


@dummies.misconception("fixed-effects-as-rim")
def _(data):
    """The two agree, nearly, for predictors of *students*. A random intercept leaves differences
    between schools for the ratio to account for; dummies take all of them."""
    return "c"


@dummies.misconception("collinear-but-printed")
def _(data):
    """It is worse than that: the columns are linearly dependent, so any number would fit as well.
    Some programs print one of them all the same."""
    return "d"


@question(
    "ch06.reml-aic",
    choices={
        "a": "the AICs as printed: lower is better",
        "b": "nothing yet: fit both by ML first",
        "c": "the REML log likelihoods in a likelihood ratio test",
        "d": "the two variances between schools: lower is better",
    },
    hints=(
        "The two models have different fixed parts.",
        "On what does the REML criterion depend, besides the data?",
        "Which estimator does `hlm.compare` use, and R's `anova`, when fixed parts differ?",
    ),
)
def reml_aic(data):
    """Two models, with and without `stratio`, were fitted by REML, and the software prints an AIC
    for each. What do you compare to choose between them?"""
    return "b"


@reml_aic.misconception("aic-reml")
def _(data):
    """Those AICs hold REML likelihoods. The REML criterion depends on the predictors, so models
    with different fixed parts are not on one scale."""
    return "a"


@reml_aic.misconception("lrt-reml")
def _(data):
    """The REML criterion depends on the predictors, so a likelihood ratio test of different fixed
    parts needs ML. `hlm.lrt` refits by itself."""
    return "c"


@reml_aic.misconception("variance-as-criterion")
def _(data):
    """A lower variance has no test in it, and no price for the additional predictor. It may even
    rise when a useful predictor comes in."""
    return "d"


@question(
    "ch06.report",
    points=3,
    kind="text",
    rubric=(
        "gives the slope with unit, interval and the numbers of schools and students (1 point)",
        "gives the slope without the far-out schools as well, and says what it means for the "
        "conclusion (1 point)",
        "says it as an association, and names a reason other than teachers, such as staffing by "
        "need (1 point)",
    ),
    hints=(
        "How many schools, how many students, which slope, which interval?",
        "You have two slopes, with all schools and without four of them. A reader needs both.",
        "Who decides how many teachers a school gets, and why?",
    ),
    **SHARED,
)
def report(data):
    """Report what your data say about `stratio` and `math`, in four sentences at most. A reader
    should learn how sure you are, and of what."""
    return ""
