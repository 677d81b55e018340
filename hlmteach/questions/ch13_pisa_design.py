"""Chapter 13: plausible values, weights, replicate weights."""

import numpy as np

from .fits import lmer
from .question import question
from .surveys import (
    PVS,
    Rubin,
    averaged,
    design,
    five_fits,
    five_values,
    pv_fits,
    recipe,
    replicated,
    rubin,
    sampling,
    scaled,
    school_weights,
    squares,
    stacked,
    unequal_chances,
    weighted,
)

FITS = {"data": five_fits, "dataset": "ch13.fits"}
VALUES = {"data": five_values, "dataset": "ch13.values"}
WEIGHTS = {"data": unequal_chances, "dataset": "ch13.weights"}
REPLICATES = {"data": replicated, "dataset": "ch13.replicates"}
ESCS = "math ~ escs + (1 | school_id)"


# ------------------------------------------------------------------------- plausible values


@question(
    "ch13.what-it-is",
    choices={
        "a": "one of ten tests that the student took",
        "b": "a random draw from the proficiencies that are plausible after the test",
        "c": "the best estimate of the student's proficiency, ten times",
        "d": "the student's score if the test had been a little easier or harder",
    },
    hints=(
        "How many tests does a student take, and for how long?",
        "After the test a range is left. What has the range to do with the ten numbers?",
        "They are drawn from the range at random, so that groups of students spread as they do.",
    ),
)
def what_it_is(data):
    """PISA's file has ten columns for mathematics, `PV1MATH` to `PV10MATH`. What is one of these
    ten numbers?"""
    return "b"


@what_it_is.misconception("pv-ten-tests")
def _(data):
    """Each student took one test, of about two hours. All ten numbers rest on the same answers."""
    return "a"


@what_it_is.misconception("pv-best-estimate")
def _(data):
    """The best estimate would be the middle of the range, the same each time. The ten differ,
    because chance was added on purpose: without it students would spread too little."""
    return "c"


@what_it_is.misconception("pv-other-difficulty")
def _(data):
    """Difficulty is taken care of before. The ten differ by chance alone."""
    return "d"


@question(
    "ch13.within",
    quantity="fixed",
    hints=(
        "Rubin's within variance is a mean of something squared.",
        "Square each standard error first.",
        "(fits['se'] ** 2).mean()",
    ),
    **FITS,
)
def within(data):
    """Five models, one for each plausible value, gave the slopes and standard errors of your table.
    What is Rubin's *within* variance of the slope?"""
    return rubin(data).within


@within.misconception("within-se-averaged")
def _(data):
    """That is the mean of the standard errors. A variance is asked: square them first."""
    return data["se"].mean()


@within.misconception("within-squared-mean")
def _(data):
    """You averaged the standard errors and squared the mean. Square each one, then average: the
    other order comes out too small."""
    return data["se"].mean() ** 2


@within.misconception("within-summed")
def _(data):
    """You added the squared standard errors and did not divide by their number."""
    return (data["se"] ** 2).sum()


@within.misconception("within-over-m-squared")
def _(data):
    """You divided by the number of values twice. That would be the variance of a mean of
    *independent* estimates; these come from the same students."""
    return (data["se"] ** 2).mean() / len(data)


@within.misconception("within-for-between")
def _(data):
    """That is the variance of the slopes: the *between* part. Within comes from the standard
    errors."""
    return rubin(data).between


@within.misconception("within-first-only")
def _(data):
    """That is the first model's squared standard error alone. Average over all five."""
    return data["se"].iloc[0] ** 2


@within.misconception("within-root")
def _(data):
    """You took the root at the end. Within is a variance, the mean of the squares itself."""
    return np.sqrt(rubin(data).within)


@question(
    "ch13.between",
    quantity="fixed",
    hints=(
        "How much do the five slopes scatter?",
        "A variance of five numbers around their own mean: what stands below?",
        "fits['estimate'].var(ddof=1)",
    ),
    **FITS,
)
def between(data):
    """What is Rubin's *between* variance of the slope, B?"""
    return rubin(data).between


@between.misconception("between-divisor-m")
def _(data):
    """You divided by the number of values, M. It is M - 1, since the mean comes from the same five
    slopes. (numpy divides by M unless you write `ddof=1`.)"""
    return rubin(data).between * 4 / 5


@between.misconception("between-sd")
def _(data):
    """That is the standard deviation of the slopes. B is a variance."""
    return np.sqrt(rubin(data).between)


@between.misconception("between-with-factor")
def _(data):
    """You multiplied by 1 + 1/M already. That is what B *adds* to the total variance; B itself is
    the variance of the slopes."""
    return rubin(data).added


@between.misconception("between-of-a-mean")
def _(data):
    """You divided the variance of the slopes by their number, as for a mean of independent numbers.
    B is the variance itself."""
    return rubin(data).between / 5


@between.misconception("between-for-within")
def _(data):
    """That is the mean of the squared standard errors, the *within* part."""
    return rubin(data).within


@between.misconception("between-not-divided")
def _(data):
    """You added the squared differences and did not divide. B is a variance: divide by M - 1."""
    return rubin(data).between * 4


@question(
    "ch13.pooled-se",
    points=2,
    quantity="fixed",
    hints=(
        "Two parts of variance are added: one from the sample, one from the test.",
        "The between part counts a little more than once, because the draws are few.",
        "The root of U + (1 + 1/5) B.",
    ),
    **FITS,
)
def pooled_se(data):
    """What is the standard error of the pooled slope by Rubin's rules?"""
    return np.sqrt(rubin(data).total)


@pooled_se.misconception("pool-no-between")
def _(data):
    """Your standard error leaves out how much the slopes differ between the plausible values. That
    is what nobody knows about proficiency, and the reason for having several."""
    return np.sqrt(rubin(data).within)


@pooled_se.misconception("pool-ses-averaged")
def _(data):
    """That is the mean of the five standard errors. The scatter of the slopes is missing, and it is
    variances that are averaged."""
    return data["se"].mean()


@pooled_se.misconception("pool-no-one-over-m")
def _(data):
    """You added B once. Five draws are not infinitely many: B counts 1 + 1/M times."""
    return np.sqrt(rubin(data).within + rubin(data).between)


@pooled_se.misconception("pool-between-over-m")
def _(data):
    """You added B / M. That would be right if more draws could make the test longer. They cannot: B
    itself stays, and B / M comes on top."""
    return np.sqrt(rubin(data).within + rubin(data).between / 5)


@pooled_se.misconception("pool-variance-for-se")
def _(data):
    """That is the total *variance*. The standard error is its root."""
    return rubin(data).total


@pooled_se.misconception("pool-between-divisor-m")
def _(data):
    """Your B has M below, in place of M - 1. (numpy divides by M unless you write `ddof=1`.)"""
    return np.sqrt(rubin(data).within + 1.2 * rubin(data).between * 4 / 5)


@pooled_se.misconception("pool-ses-added")
def _(data):
    """You took the root of each part and added the roots. Variances add; take the root at the
    end."""
    return np.sqrt(rubin(data).within) + np.sqrt(rubin(data).added)


@pooled_se.misconception("pool-as-independent")
def _(data):
    """You divided as for five independent samples. The students are the same in all five, so
    nothing was learned five times."""
    return np.sqrt(rubin(data).within / 5)


@pooled_se.misconception("pool-sd-of-slopes")
def _(data):
    """That is how much the slopes differ between the values: the test's part alone. The sample's
    part, the standard errors, is missing."""
    return np.sqrt(rubin(data).between)


@question(
    "ch13.share-of-test",
    unit="share",
    quantity="fixed",
    hints=(
        "A share of the total variance: what stands above, what below?",
        "Above stands all that B adds, with its factor; below the total.",
        "(1 + 1/5) B divided by U + (1 + 1/5) B.",
    ),
    **FITS,
)
def share_of_test(data):
    """What share of the pooled slope's total variance is there because proficiency is not known (B
    with its factor, as a part of the total)? Give three decimals."""
    return rubin(data).share


@share_of_test.misconception("share-riv")
def _(data):
    """That is the relative *increase*: added variance over the within variance. For a share, the
    total stands below."""
    return rubin(data).added / rubin(data).within


@share_of_test.misconception("share-without-factor")
def _(data):
    """Above stands B without its factor 1 + 1/M."""
    return rubin(data).between / rubin(data).total


@share_of_test.misconception("share-of-sampling")
def _(data):
    """That is the other part: the share of the sample."""
    return 1 - rubin(data).share


@share_of_test.misconception("share-of-ses")
def _(data):
    """You divided roots. Shares are shares of variance."""
    return np.sqrt(rubin(data).share)


@share_of_test.misconception("share-b-over-u")
def _(data):
    """You divided B by U. For a share the total stands below, and B takes its factor 1 + 1/M with
    it."""
    return rubin(data).between / rubin(data).within


@share_of_test.misconception("share-no-factor-at-all")
def _(data):
    """The factor 1 + 1/M is missing, above and in the total."""
    return rubin(data).between / (rubin(data).within + rubin(data).between)


@question(
    "ch13.rubin-df",
    quantity="fixed",
    hints=(
        "It starts with the number of draws minus one.",
        "The smaller the share that the draws add, the more degrees of freedom.",
        "(5 - 1) divided by the square of the share from the question before.",
    ),
    **FITS,
)
def rubin_df(data):
    """How many degrees of freedom does the pooled slope have by Rubin's (1987) rule for large
    samples, (M - 1) over the square of that share (not rounded)?"""
    return 4 / rubin(data).share ** 2


@rubin_df.misconception("df-m-minus-one")
def _(data):
    """That is M - 1. It would be right if the whole uncertainty came from the draws."""
    return 4


@rubin_df.misconception("df-share-unsquared")
def _(data):
    """You divided by the share. It is squared."""
    return 4 / rubin(data).share


@rubin_df.misconception("df-with-riv")
def _(data):
    """You took the increase relative to the *within* variance. The share of the total belongs
    here."""
    return 4 / (rubin(data).added / rubin(data).within) ** 2


@rubin_df.misconception("df-m")
def _(data):
    """You took M above; it is M - 1."""
    return 5 / rubin(data).share ** 2


@rubin_df.misconception("df-multiplied")
def _(data):
    """You multiplied. A *small* share must give many degrees of freedom: divide."""
    return 4 * rubin(data).share ** 2


@question(
    "ch13.model-se",
    points=2,
    quantity="se",
    hints=(
        "One model is fitted to each plausible value.",
        "Make a list of five fits with an f-string in the formula, and pool it.",
        'hlm.pool([hlm.lmer(f"{pv} ~ escs + (1 | school_id)", data) for pv in pvs]).se["escs"]',
    ),
    **VALUES,
)
def model_se(data):
    """Your table holds five plausible values. What is the standard error of the slope of `escs` in
    a random intercept model (REML), pooled over the five by Rubin's rules?"""
    return np.sqrt(_slopes(data).total)


def _slopes(data):
    fits = pv_fits(data, "escs")
    return Rubin(
        np.array([fit.beta["escs"] for fit in fits]),
        np.array([fit.se["escs"] ** 2 for fit in fits]),
    )


@model_se.misconception("pv-one-value")
def _(data):
    """That is what one plausible value alone would say, or nearly: the first one, or the mean of
    the five standard errors. What the test does not know, the scatter of the slopes, is missing in
    it or too small."""
    return pv_fits(data, "escs")[0].se["escs"]


@model_se.variant("pv-one-value", late=True)
def _(data):
    return float(np.mean([fit.se["escs"] for fit in pv_fits(data, "escs")]))


@model_se.misconception("pv-averaged-first")
def _(data):
    """You averaged the five values of each student and fitted one model. The averages spread too
    little, so the standard error is too small. Fit five models, pool after."""
    return lmer(ESCS, averaged(data)).se["escs"]


@model_se.misconception("pv-stacked")
def _(data):
    """You put the five values below each other and fitted one model to the long table. Five draws
    of a student are not five students."""
    return lmer(ESCS, stacked(data)).se["escs"]


@model_se.misconception("pv-total-variance")
def _(data):
    """That is the total variance. The standard error is its root."""
    return _slopes(data).total


@question(
    "ch13.sigma-e",
    points=2,
    hints=(
        "Variances of the random part are averaged over the models.",
        "Which scale: standard deviations or variances? The first gives nearly the same here.",
        "hlm.pool(fits).sigma_e, with five fits of the empty model.",
    ),
    **VALUES,
)
def sigma_e(data):
    """Fit the empty model (REML) to each of the five plausible values and pool. What is the
    standard deviation *within* schools?"""
    return np.sqrt(np.mean([fit.sigma_e**2 for fit in pv_fits(data, "1")]))


@sigma_e.misconception("pv-averaged-spread")
def _(data):
    """You averaged the five values of each student first. That takes the random draws out, and the
    students spread too little: the reason why plausible values must not be averaged."""
    return lmer("math ~ 1 + (1 | school_id)", averaged(data)).sigma_e


@sigma_e.misconception("pv-variance-for-sd")
def _(data):
    """That is the variance within schools. The standard deviation is asked."""
    return np.mean([fit.sigma_e**2 for fit in pv_fits(data, "1")])


@sigma_e.misconception("pv-between-schools")
def _(data):
    """That is the standard deviation *between* schools."""
    return np.sqrt(np.mean([fit.sigma_u**2 for fit in pv_fits(data, "1")]))


@sigma_e.misconception("pv-conditional-model")
def _(data):
    """That is what escs leaves over. The empty model is asked for."""
    return np.sqrt(np.mean([fit.sigma_e**2 for fit in pv_fits(data, "escs")]))


@sigma_e.misconception("pv-all-differences")
def _(data):
    """That is the standard deviation of all scores, schools' differences included."""
    return np.sqrt(np.mean([data[pv].var(ddof=1) for pv in PVS]))


@question(
    "ch13.average-icc",
    choices={
        "a": "it is about right: the mean of ten is more reliable than each",
        "b": "it is too large: averaging takes variance away within schools, hardly between them",
        "c": "it is too small: averaging takes variance away between schools",
        "d": "it is right, and only its standard error is too small",
    },
    hints=(
        "What does the mean of ten draws lose that each draw has?",
        "The draws differ at random between *students*. What is left of that in a school's mean?",
        "Compare sigma_e and sigma_u of the average with those of a single value.",
    ),
)
def average_icc(data):
    """A paper averages ten plausible values for each student and reports the ICC of the averages.
    What can you say of this ICC?"""
    return "b"


@average_icc.misconception("average-more-reliable")
def _(data):
    """The average is the better guess for *one* student. The averages of many students spread too
    little, like shrunken effects, and a ratio of variances feels it."""
    return "a"


@average_icc.misconception("average-loses-between")
def _(data):
    """In the mean of a school, the random draws of its students have averaged out already. Which
    level do they leave, then?"""
    return "c"


@average_icc.misconception("average-only-se")
def _(data):
    """That would be true of a *single* plausible value. The average changes the variance within
    schools itself."""
    return "d"


# ------------------------------------------------------------------------- weights


@question(
    "ch13.conditional",
    quantity="fixed",
    hints=(
        "The student's weight is a product of two. Which two?",
        "One of them is the school's weight.",
        "stu_wgt / sch_wgt of the first row.",
    ),
    **WEIGHTS,
)
def conditional(data):
    """What is the weight of the *first* student of your table given the school: for how many
    students of the own school does this one stand?"""
    return data["stu_wgt"].iloc[0] / data["sch_wgt"].iloc[0]


@conditional.misconception("wgt-total-for-conditional")
def _(data):
    """That is the total weight: for how many students of the *country* this one stands."""
    return data["stu_wgt"].iloc[0]


@conditional.misconception("wgt-multiplied")
def _(data):
    """You multiplied. The school's weight is in the student's already; take it out."""
    return data["stu_wgt"].iloc[0] * data["sch_wgt"].iloc[0]


@conditional.misconception("wgt-upside-down")
def _(data):
    """Upside down: a chance is one over a weight, and you have the chance."""
    return data["sch_wgt"].iloc[0] / data["stu_wgt"].iloc[0]


@conditional.misconception("wgt-school-for-student")
def _(data):
    """That is the school's weight: for how many schools this one stands."""
    return data["sch_wgt"].iloc[0]


@question(
    "ch13.scaled",
    points=2,
    quantity="fixed",
    hints=(
        "Scaling makes the weights of one school sum to a chosen number. To which, with size?",
        "To the number of the school's students in the table.",
        'hlm.scale_weights(data["stu_wgt"], data["school_id"], "size").iloc[0]',
    ),
    **WEIGHTS,
)
def scaled_weight(data):
    """The weights of students are scaled within schools by the method "size". What is the weight of
    the first student of your table after that?"""
    return scaled(data, "size")


def _own(data):
    return data[data["school_id"] == data["school_id"].iloc[0]]["stu_wgt"]


@scaled_weight.misconception("wgt-effective-for-size")
def _(data):
    """That is the other scaling, to the *effective* number of students. With "size" the weights of
    a school sum to its number of rows."""
    return scaled(data, "effective")


@scaled_weight.misconception("wgt-over-whole-sample")
def _(data):
    """You made the weights of the whole table sum to its number of rows. Scaling goes school by
    school: the sums are right in each."""
    return data["stu_wgt"].iloc[0] / data["stu_wgt"].mean()


@scaled_weight.misconception("wgt-sum-one")
def _(data):
    """Your weights sum to one in each school. Then a school of forty would count like a single
    student. With "size" they sum to the number of students."""
    return data["stu_wgt"].iloc[0] / _own(data).sum()


@scaled_weight.misconception("wgt-not-scaled")
def _(data):
    """You divided by the school's weight and stopped. That is the weight given the school; it is
    not scaled yet."""
    return data["stu_wgt"].iloc[0] / data["sch_wgt"].iloc[0]


@question(
    "ch13.worth",
    quantity="fixed",
    hints=(
        "Unequal weights cost precision. Equal ones would keep the number of schools.",
        "One row per school; then the square of a sum over a sum of squares.",
        "w.sum() ** 2 / (w ** 2).sum(), with each school's weight once.",
    ),
    **WEIGHTS,
)
def worth(data):
    """How many schools of equal weight are the schools of your table worth, by Kish's formula for a
    weighted mean?"""
    w = school_weights(data)
    return w.sum() ** 2 / (w**2).sum()


@worth.misconception("worth-over-students")
def _(data):
    """You took each *student's* school weight, so large schools came in many times. One row per
    school."""
    w = data["sch_wgt"].to_numpy()
    return w.sum() ** 2 / (w**2).sum()


@worth.misconception("worth-student-weights")
def _(data):
    """That is what the *students* are worth by their weights. Schools are asked for."""
    w = data["stu_wgt"].to_numpy()
    return w.sum() ** 2 / (w**2).sum()


@worth.misconception("worth-all-schools")
def _(data):
    """That is the number of schools. They would be worth as many if all weighed the same."""
    return len(school_weights(data))


@worth.misconception("worth-population")
def _(data):
    """That is the sum of the weights: how many schools the sample *stands for*."""
    return school_weights(data).sum()


@worth.misconception("worth-upside-down")
def _(data):
    """Upside down: your number is below one."""
    w = school_weights(data)
    return (w**2).sum() / w.sum() ** 2


@question(
    "ch13.weighted-icc",
    points=2,
    hints=(
        "`hlm.weighted` takes the students' and the schools' weights.",
        'weights="stu_wgt", group_weights="sch_wgt"; scaling is "size" unless you say otherwise.',
        'hlm.weighted("math ~ 1 + (1 | school_id)", data, weights="stu_wgt", '
        'group_weights="sch_wgt").icc',
    ),
    unit="share",
    **WEIGHTS,
)
def weighted_icc(data):
    """What is the ICC of the weighted empty model of `math`: both weights, those of the students
    scaled by "size"? Give four decimals."""
    return weighted(data, weights="stu_wgt", group_weights="sch_wgt").icc


@weighted_icc.misconception("wgt-none")
def _(data):
    """That is the unweighted model, by maximum likelihood."""
    return weighted(data).icc


@weighted_icc.misconception("wgt-none-reml")
def _(data):
    """That is the unweighted model, by REML."""
    return lmer("math ~ 1 + (1 | school_id)", data).icc


@weighted_icc.misconception("wgt-students-only")
def _(data):
    """You left out the schools' weights. The variance between schools is about schools, and these
    were drawn with unequal chances."""
    return weighted(data, weights="stu_wgt").icc


@weighted_icc.misconception("wgt-total-unscaled")
def _(data):
    """You took the students' total weights and did not scale them. Each school seems to be known
    from hundreds of students, so the noise of its mean became variance between schools."""
    return weighted(data, weights="stu_wgt", group_weights="sch_wgt", scaling=None).icc


@weighted_icc.misconception("wgt-conditional-unscaled")
def _(data):
    """The weights are right, and not scaled: a student of weight 10 counts as ten students with the
    same score, and the ICC comes out too large."""
    return weighted(data, weights="given", group_weights="sch_wgt", scaling=None).icc


@weighted_icc.misconception("wgt-schools-only")
def _(data):
    """You left out the students' weights. Schools only is often enough, but here students of one
    school weigh quite differently, and the question asks for both."""
    return weighted(data, group_weights="sch_wgt").icc


@weighted_icc.misconception("wgt-effective-icc")
def _(data):
    """You scaled by "effective". The question asks for "size"."""
    return weighted(data, weights="stu_wgt", group_weights="sch_wgt", scaling="effective").icc


@question(
    "ch13.weighted-mean",
    hints=(
        "It is the intercept of the model of the question before.",
        "Look into `.beta`.",
        'hlm.weighted("math ~ 1 + (1 | school_id)", data, weights="stu_wgt", '
        'group_weights="sch_wgt").beta["Intercept"]',
    ),
    quantity="fixed",
    **WEIGHTS,
)
def weighted_mean(data):
    """What is the intercept of that weighted empty model: the mean of the distribution of all
    schools of the country? Give one decimal or more."""
    return weighted(data, weights="stu_wgt", group_weights="sch_wgt").beta["Intercept"]


@weighted_mean.misconception("mean-other-weights")
def _(data):
    """You gave weights, but not these: one level is left out, or the students' weights are not
    scaled by "size". Give `weights`, `group_weights`, and nothing for `scaling`."""
    schools_only = weighted(data, group_weights="sch_wgt").beta["Intercept"]
    near = abs(schools_only - weighted_mean.answer(data)) < 3  # then it cannot be told from right
    return np.nan if near else schools_only


@weighted_mean.variant("mean-other-weights", late=True)
def _(data):
    return weighted(data, weights="stu_wgt").beta["Intercept"]


@weighted_mean.variant("mean-other-weights", late=True)
def _(data):
    fit = weighted(data, weights="stu_wgt", group_weights="sch_wgt", scaling=None)
    return fit.beta["Intercept"]


@weighted_mean.misconception("mean-unweighted-model")
def _(data):
    """That is the unweighted model. Each sampled school counts alike in it, but some stand for many
    more schools of the country than others."""
    return weighted(data).beta["Intercept"]


@weighted_mean.misconception("mean-of-students-weighted")
def _(data):
    """That is the weighted mean of the *students*: another target. The intercept of the model is
    about schools."""
    return np.average(data["math"], weights=data["stu_wgt"])


@weighted_mean.misconception("mean-plain")
def _(data):
    """That is the plain mean of all rows: no weights, and no schools."""
    return data["math"].mean()


@question(
    "ch13.informative",
    choices={
        "a": "always, if they are very unequal",
        "b": "if sampling goes along with the outcome or the slope, beyond what the model holds",
        "c": "never; they change standard errors only",
        "d": "if students have unequal weights within a school",
    },
    hints=(
        "Think of a lot that draws large schools more often. When does that matter?",
        "If size has nothing to do with scores or slopes, unequal chances do no harm.",
        "And if size is in the model, with its product with the predictor?",
    ),
)
def informative(data):
    """When do weights change a coefficient systematically, not only by chance?"""
    return "b"


@informative.misconception("weights-unequal-is-enough")
def _(data):
    """Very unequal weights make estimates scatter more. They shift them only if what was drawn more
    often also differs in what you estimate."""
    return "a"


@informative.misconception("weights-only-ses")
def _(data):
    """In the chapter's simulation an unweighted slope was off in one world. What was special
    there?"""
    return "c"


@informative.misconception("weights-only-within")
def _(data):
    """Differences within schools are only one place. In PISA the unequal chances are mostly those
    of the schools."""
    return "d"


# ------------------------------------------------------------------------- replicates


@question(
    "ch13.replicate-se",
    points=2,
    quantity="fixed",
    hints=(
        "Squared differences of the replicates from the estimate with the full weights, summed.",
        "Divide by the number of replicates and by (1 - k) squared; k is in the column fay.",
        "((r - full) ** 2).sum() / (R * (1 - k) ** 2), and its root.",
    ),
    **REPLICATES,
)
def replicate_se(data):
    """The first row of your table was computed with the full weights, the others with Fay's
    replicates (k in the column `fay`). What is the standard error of `pv1math` by the
    replicates?"""
    return np.sqrt(sampling(data))


@replicate_se.misconception("brr-fay-left-out")
def _(data):
    """You divided by the number of replicates alone. Fay's factors move the estimate less than
    leaving out half of the schools would: divide by (1 - k) squared as well."""
    return np.sqrt(squares(data) / design(data)[0])


@replicate_se.misconception("brr-not-divided")
def _(data):
    """You took the root of the sum. It grows with the number of replicates, and that is for you to
    choose: divide."""
    return np.sqrt(squares(data))


@replicate_se.misconception("brr-pisa-factor")
def _(data):
    """You divided by 20. That is PISA's number, for 80 replicates and k = 0.5. Your table has
    others."""
    return np.sqrt(squares(data) / 20)


@replicate_se.misconception("brr-k-for-one-minus-k")
def _(data):
    """You squared k. It is 1 - k; for PISA's k = 0.5 you would not have noticed."""
    n, fay = design(data)
    return np.sqrt(squares(data) / (n * fay**2))


@replicate_se.misconception("brr-unsquared")
def _(data):
    """You divided by 1 - k without squaring it."""
    n, fay = design(data)
    return np.sqrt(squares(data) / (n * (1 - fay)))


@replicate_se.misconception("brr-multiplied")
def _(data):
    """You multiplied by (1 - k) squared. The replicates moved too little: divide."""
    n, fay = design(data)
    return np.sqrt(squares(data) / n) * (1 - fay)


@replicate_se.misconception("brr-variance-for-se")
def _(data):
    """That is the sampling variance; its root is the standard error."""
    return sampling(data)


@replicate_se.misconception("brr-around-own-mean")
def _(data):
    """Your differences are from the mean of the replicates. Take them from the estimate with the
    full weights."""
    _, fay = design(data)
    return data[PVS[0]].iloc[1:].std(ddof=0) / (1 - fay)


@replicate_se.misconception("brr-as-a-mean")
def _(data):
    """You took the scatter of the replicates for that of independent estimates, and divided it by
    the root of their number once more."""
    return np.sqrt(sampling(data) / design(data)[0])


@replicate_se.misconception("brr-full-row-counted")
def _(data):
    """You counted the first row among the replicates. It is the estimate itself: R is the number of
    the other rows."""
    n, fay = design(data)
    return np.sqrt(squares(data) / ((n + 1) * (1 - fay) ** 2))


@replicate_se.misconception("brr-pisa-k")
def _(data):
    """You took PISA's k = 0.5. Your table has another one, in the column `fay`."""
    return np.sqrt(squares(data) / (design(data)[0] * 0.25))


@replicate_se.misconception("brr-sd-of-replicates")
def _(data):
    """That is the plain standard deviation of the replicates. Two things: differences from the full
    estimate, and Fay's (1 - k) squared."""
    return data[PVS[0]].iloc[1:].std(ddof=1)


@question(
    "ch13.recipe-se",
    points=2,
    quantity="fixed",
    hints=(
        "Each plausible value has a sampling variance. What is done with the five?",
        "Their mean is the within part; the five estimates in the first row give the between part.",
        "The root of U + (1 + 1/5) B, with U the mean of the five sampling variances.",
    ),
    **REPLICATES,
)
def recipe_se(data):
    """What is the standard error of the mean over all five plausible values: sampling variances of
    all five by the replicates, then Rubin's rules?"""
    return np.sqrt(recipe(data).total)


@recipe_se.misconception("recipe-sampling-only")
def _(data):
    """The sampling part alone. The five estimates in the first row differ; that belongs in, too."""
    return np.sqrt(recipe(data).within)


@recipe_se.misconception("recipe-imputation-only")
def _(data):
    """The test's part alone. The sampling variance is missing."""
    return np.sqrt(recipe(data).added)


@recipe_se.misconception("recipe-no-one-over-m")
def _(data):
    """B counts 1 + 1/M times. You added it once."""
    return np.sqrt(recipe(data).within + recipe(data).between)


@recipe_se.misconception("recipe-shortcut")
def _(data):
    """You took the sampling variance of the first value only: the known shortcut. All five were
    asked for."""
    return np.sqrt(sampling(data) + recipe(data).added)


@recipe_se.misconception("recipe-fay-left-out")
def _(data):
    """Your sampling variances leave Fay's (1 - k) squared out."""
    _, fay = design(data)
    return np.sqrt(recipe(data).within * (1 - fay) ** 2 + recipe(data).added)


@recipe_se.misconception("recipe-of-the-average")
def _(data):
    """You averaged the five columns first and took the replicates of the average. Then the five
    values' disagreement is gone."""
    average = data[PVS].mean(axis=1).to_numpy()
    n, fay = design(data)
    return np.sqrt(((average[1:] - average[0]) ** 2).sum() / n) / (1 - fay)


@recipe_se.misconception("recipe-first-value")
def _(data):
    """That is the standard error of the first value, from the question before. All five, and how
    much they differ, belong in."""
    return np.sqrt(sampling(data))


@recipe_se.misconception("recipe-variance-for-se")
def _(data):
    """That is the total variance. The standard error is its root."""
    return recipe(data).total


@recipe_se.misconception("recipe-between-divisor-m")
def _(data):
    """Your B has M below, in place of M - 1. (numpy divides by M unless you write `ddof=1`.)"""
    return np.sqrt(recipe(data).within + recipe(data).added * 4 / 5)


@recipe_se.misconception("recipe-between-over-m")
def _(data):
    """You added B / M. B itself stays, and B / M comes on top."""
    return np.sqrt(recipe(data).within + recipe(data).between / 5)


@question(
    "ch13.which-weight",
    choices={
        "a": "the students' weights, as in OECD's files; nothing else changes",
        "b": "the schools' weights, since a factor of a whole school cancels in the scaling",
        "c": "neither: a multilevel model knows about schools, so replicates are not needed",
        "d": "both, each with the same factors, so that they count twice",
    },
    hints=(
        "A replicate multiplies a whole school by 1.5 or 0.5. Where can that be seen?",
        "Scale the students' weights of a school to its size. What is left of a common factor?",
        "Nothing is left of it at level 1, so it has to enter at level 2.",
    ),
)
def which_weight(data):
    """For the standard error of a weighted multilevel model by replicates, `hlm.weighted` is run
    with students' weights scaled within schools. Which weights have to be replicated?"""
    return "b"


@which_weight.misconception("replicate-students")
def _(data):
    """After scaling, all replicates would give the very same fit, and a standard error of zero."""
    return "a"


@which_weight.misconception("replicate-nothing")
def _(data):
    """The model knows that students share a school. It does not know how schools were drawn, from
    zones of a list and with unequal chances."""
    return "c"


@which_weight.misconception("replicate-twice")
def _(data):
    """At level 1 the factor cancels, so it cannot count twice. One place is enough, and it is not
    level 1."""
    return "d"


@question(
    "ch13.methods",
    points=3,
    kind="text",
    rubric=(
        "plausible values: as many models as values, pooled by Rubin's rules, not averaged; says "
        "what the standard error includes (1 point)",
        "weights: which at each level and how scaled, with a reason, and the unweighted result for "
        "comparison (1 point)",
        "standard errors: by replicates or sandwich; words the slope as an association, with its "
        "unit (1 point)",
    ),
    hints=(
        "What would a reader need to compute your slope and its standard error again?",
        "Values, weights, scaling, replicates or sandwich, software.",
        "Take the chapter's full recipe as the example, and give its slope with the interval.",
    ),
)
def methods(data):
    """Write the methods and results of the chapter's slope of `escs` for a journal: plausible
    values, weights, standard error, result. Four to six sentences."""
    return ""
