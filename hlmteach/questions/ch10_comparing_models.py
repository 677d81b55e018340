"""Chapter 10: likelihoods, criteria, explained variance, few groups."""

from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from hlmteach.centering import center
from hlmteach.comparison import boundary_p, lrt
from hlmteach.explained import r2
from hlmteach.inference import coefficient_tests

from .fits import lmer, remember
from .question import question
from .recipes import usa_schools

NULL = "math ~ 1 + (1 | school_id)"
SMALL = "math ~ 1 + escs + (1 | school_id)"
LARGE = "math ~ 1 + escs + desk + stratio + (1 | school_id)"
RATIO = "math ~ 1 + escs + stratio + (1 | school_id)"
WITHIN = "math ~ 1 + escs_within + (1 | school_id)"
HYBRID = "math ~ 1 + escs_within + escs_mean + (1 | school_id)"
CLASSES = "score ~ 1 + effort + (1 | class_id)"
SLOPES = "score ~ 1 + effort + (1 + effort | class_id)"


def gaps(random: np.random.RandomState) -> pd.DataFrame:
    """`usa_schools` with stratio missing for ten schools."""
    data = usa_schools(random)
    codes = pd.factorize(data["school_id"].to_numpy(dtype=object))[0]
    silent = random.permutation(codes.max() + 1)[:10]
    return data.assign(stratio=data["stratio"].mask(np.isin(codes, silent)))


def classes(random: np.random.RandomState) -> pd.DataFrame:
    """Thirty classes of six to ten pupils, which differ a little: score and effort."""
    sizes = random.randint(6, 11, 30)
    codes = np.repeat(np.arange(30), sizes)
    effort = random.normal(0.0, 1.0, len(codes))
    u = random.normal(0.0, 1.0, (30, 2)) * [3.0, 2.0]
    score = 50 + u[codes, 0] + (3 + u[codes, 1]) * effort + random.normal(0.0, 9.0, len(codes))
    table = {"class_id": codes + 1, "effort": effort.round(2), "score": score.round(1)}
    return pd.DataFrame(table)


GAPS = {"data": gaps, "dataset": "ch10.gaps"}
SCHOOLS = {"data": usa_schools, "dataset": "ch10.schools"}
CLASS = {"data": classes, "dataset": "ch10.classes"}
FEW = {"data": partial(usa_schools, n_schools=12), "dataset": "ch10.few"}


def complete(data):
    """The rows that every model of the comparison can use."""
    return remember(data, ("complete",), lambda: data[data["stratio"].notna()])


def fall(data, small, large, reml=False):
    """Fall of the criterion from the small model to the large one, on the complete rows."""
    rows = complete(data)
    return lmer(small, rows, reml).criterion - lmer(large, rows, reml).criterion


# ------------------------------------------------------------------------- likelihoods


@question(
    "ch10.by-ml",
    points=1,
    kind="model",
    hints=(
        "Two models of a comparison need the same rows. Which rows can the larger one use?",
        "Models with different fixed parts are compared by ML, and REML is the default.",
        'Drop the rows without `stratio`, then `smf.mixedlm("math ~ escs", ...).fit(reml=False)`.',
    ),
    **GAPS,
)
def by_ml(data):
    """You want to know whether `desk` and `stratio` belong in a model of `math` that has `escs`.
    Ten schools report no `stratio`. Fit the *smaller* model (`escs`, a random intercept for
    schools) for this comparison. Hand in the fitted model."""
    return lmer(SMALL, complete(data), reml=False)


@by_ml.rule("rows-of-its-own")
def _(evidence, data):
    """This model has its own rows: more than the larger model can use, since ten schools have no
    `stratio`. Their likelihoods would belong to different data. Drop the rows without `stratio`
    first, then fit both."""
    return evidence.nobs == len(data)


@question(
    "ch10.chi2",
    points=2,
    hints=(
        "Likelihoods of models with different fixed parts: by which method? On which rows?",
        "It is twice the difference of the two log likelihoods.",
        "Drop the rows without `stratio`, fit both models, and give both to `hlm.lrt`.",
    ),
    **GAPS,
)
def chi2(data):
    """Test `desk` and `stratio` together: by how much does the deviance fall when both are added to
    the model with `escs` (ML, random intercept, the rows that have `stratio`)? That is the
    chi-square of the likelihood ratio test."""
    return fall(data, SMALL, LARGE)


@chi2.misconception("reml-criteria-subtracted")
def _(data):
    """You subtracted REML criteria. They depend on the predictors themselves, down to their units,
    so between different fixed parts the difference tests nothing. Fit both models by ML."""
    return fall(data, SMALL, LARGE, reml=True)


@chi2.misconception("fits-on-other-rows")
def _(data):
    """Your two models have different rows: the smaller one used the schools without `stratio`, too.
    A deviance grows with every row, so most of your chi-square is made of rows. Drop the incomplete
    rows first."""
    return lmer(SMALL, data, False).criterion - lmer(LARGE, complete(data), False).criterion


@chi2.misconception("loglik-not-doubled")
def _(data):
    """You subtracted the log likelihoods. The test takes twice their difference."""
    return fall(data, SMALL, LARGE) / 2


@chi2.misconception("deviance-doubled")
def _(data):
    """You doubled the difference of deviances. A deviance is minus two log likelihoods: the two is
    in it already."""
    return 2 * fall(data, SMALL, LARGE)


@chi2.misconception("last-step-only")
def _(data):
    """That is the step from `escs` and `desk` to all three. Both are to be tested together: start
    from the model with `escs` alone."""
    return fall(data, "math ~ 1 + escs + desk + (1 | school_id)", LARGE)


@chi2.misconception("one-of-two-added")
def _(data):
    """That is `stratio` alone, added to `escs`. Asked are both together, desk as well."""
    return fall(data, SMALL, RATIO)


@chi2.misconception("from-the-empty-model")
def _(data):
    """You started from the empty model, so that `escs` is being tested, too. The smaller model has
    `escs` in it."""
    return fall(data, NULL, LARGE)


@chi2.misconception("p-for-chi2")
def _(data):
    """That is the p-value. Asked is the chi-square itself, the fall of the deviance."""
    return float(stats.chi2.sf(max(fall(data, SMALL, LARGE), 0.0), 2))


@question(
    "ch10.aic-gain",
    points=2,
    hints=(
        "AIC is the deviance plus a price for each parameter. How many parameters are added?",
        "Each costs 2 points, and the deviance is the one of the ML fits.",
        "AIC of the small model minus AIC of the large one; `.aic` of fits by ML has it.",
    ),
    **GAPS,
)
def aic_gain(data):
    """The same two models on the same rows. By how much is the AIC of the *larger* one smaller (AIC
    of the small model minus AIC of the large one, by ML; negative if the large one is worse)?"""
    return fall(data, SMALL, LARGE) - 4


@aic_gain.misconception("price-forgotten")
def _(data):
    """That is the fall of the deviance. AIC takes 2 off for each parameter that was added."""
    return fall(data, SMALL, LARGE)


@aic_gain.misconception("price-of-one")
def _(data):
    """You paid for one parameter. Two coefficients were added, at 2 points each."""
    return fall(data, SMALL, LARGE) - 2


@aic_gain.misconception("price-added")
def _(data):
    """You added the price. A larger model has to earn it: from the fall of the deviance the price
    is taken off."""
    return fall(data, SMALL, LARGE) + 4


@aic_gain.misconception("aic-of-reml-fits")
def _(data):
    """These are AICs of REML fits. They depend on the units of the predictors, and cannot compare
    models with different fixed parts. Fit by ML."""
    return fall(data, SMALL, LARGE, reml=True) - 4


@aic_gain.misconception("bic-for-aic")
def _(data):
    """That is the difference in BIC, where a parameter costs the logarithm of the number of
    rows."""
    return fall(data, SMALL, LARGE) - 2 * np.log(len(complete(data)))


@aic_gain.misconception("aic-on-other-rows")
def _(data):
    """The two AICs belong to different rows: ten schools have no `stratio`. Fewer rows make a
    smaller AIC, whatever the model. Drop the incomplete rows first."""
    small, large = lmer(SMALL, data, False), lmer(LARGE, complete(data), False)
    return small.aic - large.aic


@aic_gain.misconception("aic-the-other-way")
def _(data):
    """You subtracted the other way round. Smaller is better: what the large model gains is the
    small one's AIC minus its own."""
    return 4 - fall(data, SMALL, LARGE)


@question(
    "ch10.bic-price",
    points=1,
    hints=(
        "BIC is the deviance plus k times something.",
        "That something is the natural logarithm of n. lme4 and statsmodels take rows for n.",
        "`np.log(...)` of the number of students that both models use.",
    ),
    **GAPS,
)
def bic_price(data):
    """By how much must the deviance fall, at least, for BIC to prefer a model with one parameter
    more? Count n as lme4 and statsmodels do, on the rows of this comparison."""
    return float(np.log(len(complete(data))))


@bic_price.misconception("price-of-aic")
def _(data):
    """That is the price of AIC. In BIC a parameter costs more, and the more the larger n is."""
    return 2.0


@bic_price.misconception("limit-of-the-test")
def _(data):
    """That is the limit of the likelihood ratio test at 5 %. BIC has a limit that grows with n."""
    return float(stats.chi2.ppf(0.95, 1))


@bic_price.misconception("n-of-schools-in-bic")
def _(data):
    """You took the number of schools, as SAS does. There are reasons for it, but lme4 and
    statsmodels count rows."""
    return float(np.log(complete(data)["school_id"].nunique()))


@bic_price.misconception("bic-n-of-all-rows")
def _(data):
    """You counted all rows of the table. The larger model cannot use those without `stratio`, and
    both models of a comparison need the same rows."""
    return float(np.log(len(data)))


@bic_price.misconception("log-to-base-ten")
def _(data):
    """You took the logarithm to the base of ten. BIC has the natural one, `np.log`."""
    return float(np.log10(len(complete(data))))


@bic_price.misconception("bic-price-doubled")
def _(data):
    """You doubled it. The 2 of AIC is replaced by the logarithm, not multiplied by it."""
    return 2 * float(np.log(len(complete(data))))


@bic_price.misconception("bic-price-halved")
def _(data):
    """You halved it. That is the price on the scale of the log likelihood; the deviance is twice as
    large."""
    return float(np.log(len(complete(data)))) / 2


@question(
    "ch10.two-criteria",
    choices={
        "a": "the second: its criterion is smaller by more than 3.84",
        "b": "the first: a smaller likelihood is worse",
        "c": "neither can be said: REML criteria of different fixed parts are not comparable",
        "d": "they are equal: the difference is below 5",
    },
    hints=(
        "Look at how the models were fitted.",
        "The fixed parts differ. What does the REML criterion depend on, besides the fit?",
        "Chapter 10 measured the ratio per 1, 10 and 100 teachers.",
    ),
)
def two_criteria(data):
    """Two outputs of lme4 on the same rows say "REML criterion at convergence": 8120.4 for
    `score ~ effort`, and 8116.1 for `score ~ effort + age`. Which model is better?"""
    return "c"


@two_criteria.misconception("reml-criterion-as-deviance")
def _(data):
    """You made a likelihood ratio test of two REML criteria. These contain the predictors of each
    model; with age in months you would get another difference. Refit both by ML."""
    return "a"


@two_criteria.misconception("criterion-sign")
def _(data):
    """The criterion is *minus* two log likelihoods, so smaller is better. And by REML, models with
    different fixed parts cannot be compared at all."""
    return "b"


@two_criteria.misconception("reml-rule-of-thumb")
def _(data):
    """No limit helps here: the difference depends on the unit in which age is measured. Refit both
    models by ML."""
    return "d"


@question(
    "ch10.after-choosing",
    choices={
        "a": "the ML fit: estimates must come from the fit that was compared",
        "b": "the model once more by REML: its variances and standard errors are less biased",
        "c": "the mean of the ML and the REML estimates",
        "d": "ordinary regression with the chosen predictors",
    },
    hints=(
        "What was ML needed for?",
        "With 15 schools, which of the two has the smaller bias in the variance between schools?",
        "The comparison is over. Which method suits estimates?",
    ),
)
def after_choosing(data):
    """In a study of 15 schools you compared four models by ML and chose one. What goes into the
    table of estimates?"""
    return "b"


@after_choosing.misconception("ml-to-the-end")
def _(data):
    """ML was needed for the comparison alone. With 15 schools its variance between schools is
    clearly too small, and so are standard errors. Refit by REML, and say so."""
    return "a"


@after_choosing.misconception("estimators-averaged")
def _(data):
    """Nobody knows what such a mean estimates. Take the method whose bias is smaller."""
    return "c"


@after_choosing.misconception("groups-dropped-after-choosing")
def _(data):
    """The comparison chose predictors; the students still come from schools. Without groups the
    standard errors are wrong."""
    return "d"


# ------------------------------------------------------------------------- testing variances


@question(
    "ch10.intercept-p",
    points=2,
    hints=(
        "Compare the model with the one that has no classes, by a likelihood ratio.",
        "The variance under test is at the edge of what is possible. What does that do to p?",
        '`hlm.lrt(model, "no groups").p`, with the model fitted by REML.',
    ),
    **CLASS,
)
def intercept_p(data):
    """Do classes differ in `score`, with `effort` held constant? Give the p-value of the likelihood
    ratio test of the random intercept's variance (REML criteria, mixture of chi-squares)."""
    return lrt(lmer(CLASSES, data), "no groups").p


def _gain(data):
    """Chi-square of the random intercept, by REML."""
    return remember(data, ("intercept",), lambda: lrt(lmer(CLASSES, data), "no groups").chi2)


@intercept_p.misconception("boundary-overlooked")
def _(data):
    """That is the p of a plain chi-square with one degree of freedom. A variance cannot be
    negative, so half of the time the statistic is zero by chance alone, and p is too large as it
    stands."""
    return float(stats.chi2.sf(_gain(data), 1))


@intercept_p.misconception("halved-twice")
def _(data):
    """You halved p twice. `hlm.lrt` has halved it already, and says so in its note."""
    return float(stats.chi2.sf(_gain(data), 1)) / 4


@intercept_p.misconception("mixture-of-a-slope")
def _(data):
    """You mixed chi-squares with one and two degrees of freedom. That is for a random *slope*,
    which brings a covariance along. A lone variance mixes zero and one."""
    return boundary_p(_gain(data), 2)


@intercept_p.misconception("half-of-the-gain")
def _(data):
    """You put the difference of the log likelihoods into the chi-square. It has to be doubled
    first."""
    return float(stats.chi2.sf(_gain(data) / 2, 1)) / 2


@intercept_p.misconception("boundary-by-ml")
def _(data):
    """These are ML fits. The fixed parts are equal, so the test may use REML criteria, and that is
    what was asked for."""
    return lrt(lmer(CLASSES, data, reml=False), "no groups").p


@question(
    "ch10.slope-p",
    points=2,
    hints=(
        "How many parameters does `(1 + effort | class_id)` add to `(1 | class_id)`?",
        "A variance on the edge and a covariance: a mixture of which two chi-squares?",
        "The mean of the p-values from one and from two degrees of freedom; `hlm.lrt` has it.",
    ),
    **CLASS,
)
def slope_p(data):
    """Does the slope of `effort` differ from class to class? Compare the random intercept model
    with the one that has correlated random slopes (`score ~ effort`, REML criteria), and give p
    from the 50:50 mixture."""
    return boundary_p(_slope_gain(data), 2)


def _slope_gain(data):
    return max(lmer(CLASSES, data).criterion - lmer(SLOPES, data).criterion, 0.0)


@slope_p.misconception("plain-two-df")
def _(data):
    """That is a plain chi-square with two degrees of freedom, as R's `anova` takes it. One of the
    two parameters is a variance on the edge, so p is too large."""
    return float(stats.chi2.sf(_slope_gain(data), 2))


@slope_p.misconception("slope-p-halved")
def _(data):
    """You halved the p of two degrees of freedom. Halving is for a lone variance. With the
    covariance in play, the other half of the mixture is a chi-square with one degree of freedom,
    not zero."""
    return float(stats.chi2.sf(_slope_gain(data), 2)) / 2


@slope_p.misconception("one-df-for-slopes")
def _(data):
    """You counted one parameter. Correlated slopes add two: their variance, and the covariance with
    the intercepts."""
    return float(stats.chi2.sf(_slope_gain(data), 1))


@slope_p.misconception("lone-variance-assumed")
def _(data):
    """That is half of the p of one degree of freedom: right for a lone variance. Here a covariance
    comes with it."""
    return float(stats.chi2.sf(_slope_gain(data), 1)) / 2


@question(
    "ch10.below-zero",
    choices={
        "a": "schools do not differ, since the interval includes zero",
        "b": "the interval should be cut off at zero: 0 to 1792",
        "c": "the model is wrong, because a variance cannot be negative",
        "d": "the interval is a bad one: give a profile interval, and test by the likelihood ratio",
    },
    hints=(
        "Is the estimate of a variance from 12 schools as uncertain upwards as downwards?",
        "A symmetric interval is a choice. Who made it?",
        "Chapter 10 draws the profile and the parabola.",
    ),
)
def below_zero(data):
    """From 12 schools, a variance between schools is estimated as 860 with a standard error of 476,
    and so "95 % CI −72 to 1792". What do you say?"""
    return "d"


@below_zero.misconception("wald-test-of-a-variance")
def _(data):
    """That tests a variance by its standard error. The estimate of a variance is skewed, and the
    symmetric interval reaches much too far down. The likelihood ratio may well object to zero."""
    return "a"


@below_zero.misconception("interval-cut-at-zero")
def _(data):
    """Cutting hides the symptom. The other end is wrong, too: too low, since the uncertainty is
    larger upwards."""
    return "b"


@below_zero.misconception("bad-interval-bad-model")
def _(data):
    """Neither the model nor the estimate is at fault. It is the recipe "estimate plus and minus two
    standard errors" that does not suit a variance."""
    return "c"


@question(
    "ch10.keep-or-drop",
    choices={
        "a": "keep it: it belongs to the design, and costs one parameter",
        "b": "drop it: what is not significant is zero",
        "c": "drop it: AIC is always better without it",
        "d": "replace it by school dummies, which need no test",
    },
    hints=(
        "Why is the random intercept in the model?",
        "With 10 schools, how much power has the test of a variance?",
        "What does it cost to leave schools out although they differ? And to keep them if they "
        "do not differ?",
    ),
)
def keep_or_drop(data):
    """Ten schools were drawn, then students in each. The variance between schools has p = .14. The
    question is about a school programme. What happens to the random intercept?"""
    return "a"


@keep_or_drop.misconception("not-significant-variance-dropped")
def _(data):
    """With ten schools such a test misses much. And a small variance between schools is enough to
    make the standard error of a *school* programme far too small."""
    return "b"


@keep_or_drop.misconception("aic-as-judge-of-design")
def _(data):
    """It is not always better, and near the boundary it leans towards the smaller model. How the
    students were drawn is known; it need not be selected."""
    return "c"


@keep_or_drop.misconception("dummies-instead-of-variance")
def _(data):
    """School dummies would swallow the programme, which is constant within a school."""
    return "d"


# ------------------------------------------------------------------------- explained variance


def parts(data):
    return remember(data, ("centred",), lambda: center(data, "escs", "school_id"))


def _variances(formula, data):
    fit = lmer(formula, parts(data))
    return fit.sigma_u**2, fit.sigma_e**2


@question(
    "ch10.negative-share",
    points=2,
    unit="share",
    hints=(
        "Which variance is at level 2? Take it from both models.",
        "Before minus after, divided by before. Keep the sign.",
        '`hlm.r2(within_model)["prv_level2"]`.',
    ),
    **SCHOOLS,
)
def negative_share(data):
    """Fit `math ~ escs_within`, with `escs_within` the deviation of `escs` from the mean of the
    student's school (random intercept, REML). What is its proportional reduction of the variance
    *between* schools, against the empty model? Give a share, with its sign."""
    before, after = _variances(NULL, data)[0], _variances(WITHIN, data)[0]
    return 1 - after / before


@negative_share.misconception("minus-taken-away")
def _(data):
    """You lost the sign, or subtracted the other way round. Before minus after: where a variance
    rises, the reduction is negative. Report it like that."""
    return -negative_share.answer(data)


@negative_share.misconception("level-1-share")
def _(data):
    """That is the reduction *within* schools, where this predictor varies. Asked is the other
    level."""
    return 1 - _variances(WITHIN, data)[1] / _variances(NULL, data)[1]


@negative_share.misconception("uncentred-predictor")
def _(data):
    """You entered `escs` as it is, which differs between schools as well. Subtract from each
    student the mean of the own school."""
    return 1 - _variances("math ~ 1 + escs + (1 | school_id)", data)[0] / _variances(NULL, data)[0]


@negative_share.misconception("share-of-sds")
def _(data):
    """You compared standard deviations. The measure is about variances: square them first."""
    return 1 - (_variances(WITHIN, data)[0] / _variances(NULL, data)[0]) ** 0.5


@negative_share.misconception("share-of-relative-variances")
def _(data):
    """You compared variances *divided by* the residual variance. That is what `params` of
    statsmodels holds. Take the variances from `cov_re`, or from `hlm.summary`."""
    (u, e), (u0, e0) = _variances(WITHIN, data), _variances(NULL, data)
    return 1 - (u / e) / (u0 / e0)


@negative_share.misconception("share-of-the-total")
def _(data):
    """You divided the change by the sum of both variances. Divide by the variance between schools
    of the empty model."""
    before, after = _variances(NULL, data), _variances(WITHIN, data)
    return (before[0] - after[0]) / sum(before)


@question(
    "ch10.means-predicted",
    points=2,
    unit="share",
    hints=(
        "What is the error of predicting the mean of a school of n students made of?",
        "The variance between schools, and the one within divided by n. Compare both models.",
        '`hlm.r2(hybrid)["r2_level2"]`, with n the mean number of students per school.',
    ),
    **SCHOOLS,
)
def means_predicted(data):
    """Fit `math ~ escs_within + escs_mean` (random intercept, REML). By what share is the error of
    predicting the *mean of a school* smaller than in the empty model: Snijders and Bosker's
    R-squared at level 2, with n the mean number of students per school?"""
    return _r2(data)["r2_level2"]


def _r2(data):
    return remember(data, ("r2",), lambda: r2(lmer(HYBRID, parts(data))))


@means_predicted.misconception("bosker-level-1")
def _(data):
    """That is their R-squared at level *1*, about single students; or you forgot to divide the
    variance within schools by n."""
    return _r2(data)["r2_level1"]


@means_predicted.misconception("reduction-for-bosker")
def _(data):
    """That is the proportional reduction of the variance between schools. The error of predicting a
    mean also contains luck, the variance within divided by n. Add it in both models."""
    return _r2(data)["prv_level2"]


@means_predicted.misconception("marginal-for-bosker")
def _(data):
    """That is the marginal R-squared, the predictors' share of this model's whole variance. Asked
    is a comparison of two models at the level of schools."""
    return _r2(data)["r2_marginal"]


@means_predicted.misconception("conditional-for-bosker")
def _(data):
    """That is the conditional R-squared, in which the schools themselves count as an explanation.
    Asked is what the predictors do for the prediction of a school's mean."""
    return _r2(data)["r2_conditional"]


@means_predicted.misconception("share-unexplained")
def _(data):
    """That is the share of the error that is left. Take it from one."""
    return 1 - _r2(data)["r2_level2"]


@means_predicted.misconception("divided-by-n-of-schools")
def _(data):
    """You divided by the number of schools. n is the number of students in a school."""
    (u, e), (u0, e0) = _variances(HYBRID, data), _variances(NULL, data)
    schools = len(lmer(NULL, parts(data)).groups)
    return 1 - (u + e / schools) / (u0 + e0 / schools)


@question(
    "ch10.two-r2",
    choices={
        "a": "62 % of the variance is explained by the predictors",
        "b": "the predictors make 4 % of the variance; most of the 62 % are differences between "
        "classes that the model does not explain",
        "c": "the scores and the predictors correlate with r = .62",
        "d": "the model is a good one, since conditional R-squared is high",
    },
    hints=(
        "What is in the numerator of the conditional one, besides the predictors?",
        "How large would conditional R-squared be in an empty model with an ICC of .60?",
        "Marginal is the one about predictors.",
    ),
)
def two_r2(data):
    """A paper gives marginal R-squared .04 and conditional R-squared .62. What does it tell?"""
    return "b"


@two_r2.misconception("conditional-as-predictors")
def _(data):
    """In the conditional one, knowing the class counts as an explanation. The predictors have the
    marginal one."""
    return "a"


@two_r2.misconception("r2-as-correlation")
def _(data):
    """It is a share of variances in the model, not a correlation; and the larger one is not about
    the predictors."""
    return "c"


@two_r2.misconception("high-r2-good-model")
def _(data):
    """An empty model has a high conditional R-squared, too, where classes differ a lot. It says
    nothing about whether the model is right."""
    return "d"


# ------------------------------------------------------------------------- few schools


@question(
    "ch10.ml-too-small",
    points=1,
    unit="share",
    hints=(
        "Fit the model twice, by REML and by ML.",
        "Compare the variances between schools, not the standard deviations.",
        "1 minus the variance by ML over the one by REML.",
    ),
    **FEW,
)
def ml_too_small(data):
    """Twelve schools. Fit `math ~ stratio` with a random intercept by REML and by ML. By what share
    is the variance *between schools* smaller by ML than by REML?"""
    return 1 - _ml_over_reml(data)


RATIO_ONLY = "math ~ 1 + stratio + (1 | school_id)"


def _ml_over_reml(data):
    ml, reml = lmer(RATIO_ONLY, data, False), lmer(RATIO_ONLY, data)
    # Not a number where either is zero: then there is nothing to compare, and other data are drawn.
    return (ml.sigma_u / reml.sigma_u) ** 2 if ml.sigma_u > 0 else float("nan")


@ml_too_small.misconception("ml-share-kept")
def _(data):
    """That is ML's variance as a share of REML's. Asked is what is missing."""
    return _ml_over_reml(data)


@ml_too_small.misconception("ml-as-the-base")
def _(data):
    """You divided by ML's variance. "Smaller than by REML" means: divide by REML's."""
    return 1 / _ml_over_reml(data) - 1


@ml_too_small.misconception("sds-of-two-methods")
def _(data):
    """You compared standard deviations. Square them: asked are variances."""
    return 1 - _ml_over_reml(data) ** 0.5


@ml_too_small.misconception("one-school-lost")
def _(data):
    """That is 1/12, the rule for an empty model without luck in the means. A level-2 coefficient
    uses up a second school, and schools have limited numbers of students. Take the two fits."""
    return 1 / 12


@ml_too_small.misconception("ml-without-predictor")
def _(data):
    """These are the empty models. With `stratio` one coefficient more is estimated at the level of
    schools, and ML misses more."""
    ml, reml = lmer(NULL, data, False), lmer(NULL, data)
    return 1 - (ml.sigma_u / reml.sigma_u) ** 2


@question(
    "ch10.few-p",
    points=2,
    hints=(
        "`stratio` is a variable of schools. How many are there?",
        "The normal distribution is too sure with few groups. Which distribution allows for that?",
        '`hlm.coefficient_tests(model).loc["stratio", "p"]`.',
    ),
    **FEW,
)
def few_p(data):
    """The same twelve schools and the REML fit of `math ~ stratio`. What is the p-value of
    `stratio`, from t with Satterthwaite's degrees of freedom?"""
    return _row(data)["p"]


def _row(data, reml=True):
    fit = lmer(RATIO_ONLY, data, reml)
    tests = remember(data, ("tests", reml), lambda: coefficient_tests(fit))
    return tests.loc["stratio"]


@few_p.misconception("z-with-few-schools")
def _(data):
    """That is the normal distribution, as statsmodels prints it. It is too sure with twelve
    schools; `hlm.summary` has t with its degrees of freedom."""
    return 2 * stats.norm.sf(abs(_row(data)["t"]))


@few_p.misconception("one-side-only")
def _(data):
    """That is one tail. Multiply by two for a test against both directions."""
    return _row(data)["p"] / 2


@few_p.misconception("chi2-with-few-schools")
def _(data):
    """That is the likelihood ratio test, or its near twin, z of the fit by ML. Both are for large
    samples, and too sure with twelve schools."""
    return lrt(lmer(NULL, data), lmer(RATIO_ONLY, data)).p


@few_p.misconception("t-of-the-ml-fit")
def _(data):
    """That is t, but of the fit by ML. Its variance between schools is too small, and so is the
    standard error. Take the REML fit."""
    return _row(data, reml=False)["p"]


@few_p.misconception("p-of-ordinary-regression")
def _(data):
    """That is an ordinary regression of students. It takes each student for a separate draw of a
    ratio."""
    fit = lmer(RATIO_ONLY, data).design
    X, y = fit.exog, fit.y
    inverse = np.linalg.inv(X.T @ X)
    beta = inverse @ X.T @ y
    resid = y - X @ beta
    t = beta[1] / np.sqrt(resid @ resid / (len(y) - 2) * inverse[1, 1])
    return 2 * stats.t.sf(abs(t), len(y) - 2)


@question(
    "ch10.report",
    points=3,
    kind="text",
    rubric=(
        "names the rows and the method: the same rows for both models, ML for the comparison, REML "
        "for the estimates (1 point)",
        "gives the test with chi-square, df and p, or AIC with its difference, and no verdict from "
        "REML criteria (1 point)",
        "gives an explained variance with its name and level, and speaks of associations (1 point)",
    ),
    hints=(
        "What must a reader know to repeat your comparison?",
        "One test or criterion, with its numbers.",
        "Which variance changed, and against which model?",
    ),
    **GAPS,
)
def report(data):
    """Report the comparison of the model with `escs` and the one with `desk` and `stratio` added,
    in three or four sentences for a journal: rows, method, test or criterion, and what was
    explained at which level."""
    return ""
