"""Chapter 12: design and power."""

from bisect import bisect_left

import numpy as np
from scipy import special

from .plans import (
    budget,
    deff,
    design,
    found,
    icc,
    of,
    plan,
    power,
    se_independent,
    se_school,
    simulated,
    t_values,
)
from .question import question

PLAN = {"data": plan, "dataset": "ch12.plan"}
BUDGET = {"data": budget, "dataset": "ch12.budget"}
STUDIES = {"data": simulated, "dataset": "ch12.studies"}


# ------------------------------------------------------------------------- standard errors


@question(
    "ch12.effective",
    points=1,
    hints=(
        "How much does clustering multiply the variance of a mean?",
        "The design effect needs the ICC (from variances) and the students of *one* school.",
        "Divide the number of all students by 1 + (n - 1) ICC.",
    ),
    **PLAN,
)
def effective(data):
    """Your plan tests `n_students` in each of `n_schools` schools. How many independent students
    are they worth for estimating a mean: what is the effective sample size?"""
    J, n, *_ = design(data)
    return J * n / deff(data)


@effective.misconception("neff-multiplied")
def _(data):
    """You multiplied by the design effect. Then clustering would make students of one school worth
    *more* than independent ones. Divide."""
    J, n, *_ = design(data)
    return J * n * deff(data)


@effective.misconception("neff-deff-n")
def _(data):
    """You took n in the place of n - 1. Try one student per school: nothing is clustered then, and
    the design effect has to be one."""
    J, n, *_ = design(data)
    return J * n / (1 + n * icc(data))


@effective.misconception("neff-icc-of-sds")
def _(data):
    """You made the ICC from standard deviations. Square both first: it is a share of variance."""
    J, n, u, e = design(data)
    return J * n / (1 + (n - 1) * u / (u + e))


@effective.misconception("neff-root")
def _(data):
    """You divided by the root of the design effect. The root belongs to standard errors; numbers of
    students go with the variance."""
    J, n, *_ = design(data)
    return J * n / np.sqrt(deff(data))


@effective.misconception("neff-deff-itself")
def _(data):
    """That is the design effect: how many times more students are needed than if they were
    independent. Divide the number of students by it."""
    return deff(data)


@effective.misconception("neff-of-one-school")
def _(data):
    """You divided the students of *one* school. Take those of all schools."""
    _, n, *_ = design(data)
    return n / deff(data)


@effective.misconception("neff-icc-taken-off")
def _(data):
    """You took the ICC's share off the students. The loss is far larger: the ICC is multiplied by
    the number of schoolmates."""
    J, n, *_ = design(data)
    return J * n * (1 - icc(data))


@effective.misconception("neff-limit")
def _(data):
    """That is the number of schools divided by the ICC: what *any* number of students in these
    schools is worth at most. Yours are worth less."""
    return of(data, "n_schools")[0] / icc(data)


@question(
    "ch12.se-school",
    points=2,
    quantity="fixed",
    hints=(
        "A school's predictor compares means of schools. What is the variance of one such mean?",
        "It is sigma_u squared plus sigma_e squared over n. A difference of two halves doubles the "
        "standard error.",
        "2 times the root of (sigma_u squared + sigma_e squared / n_students) / n_schools.",
    ),
    **PLAN,
)
def school(data):
    """Half of the `n_schools` schools get a programme, drawn by lot. What will be the standard
    error of its coefficient?"""
    return se_school(data)


@school.misconception("design-ignored")
def _(data):
    """You divided both variances by the number of students, as if the lot had been drawn for each
    student. The variance between schools is divided by the number of *schools*."""
    return se_independent(data)


@school.misconception("se-of-a-mean")
def _(data):
    """That is the standard error of the mean of all schools. The programme's coefficient is a
    *difference* of two halves, and its standard error is twice as large."""
    return se_school(data) / 2


@school.misconception("all-schools-in-each-half")
def _(data):
    """You gave each half of the trial all the schools. There are half as many in each."""
    return se_school(data) / np.sqrt(2)


@school.misconception("half-the-schools")
def _(data):
    """You put the schools of *one* half into a formula for the schools of both. With the factor 2
    in front, the number of all schools stands below."""
    return se_school(data) * np.sqrt(2)


@school.misconception("within-left-out")
def _(data):
    """You left out sigma_e. That is what would remain if each school were tested to the last
    student."""
    J, _, u, _ = design(data)
    return 2 * u / np.sqrt(J)


@school.misconception("between-left-out")
def _(data):
    """You left out sigma_u. It drops out for a predictor *within* schools; the programme differs
    between them."""
    J, n, _, e = design(data)
    return 2 * e / np.sqrt(J * n)


@school.misconception("sds-under-the-root")
def _(data):
    """You added standard deviations under the root. Variances add: square both first."""
    J, n, u, e = design(data)
    return 2 * np.sqrt((u + e / n) / J)


@school.misconception("students-not-counted")
def _(data):
    """You did not divide sigma_e squared by the students of a school. The mean of a school is known
    the better, the more of them are tested."""
    J, _, u, e = design(data)
    return 2 * np.sqrt((u**2 + e**2) / J)


@school.misconception("variance-for-school-se")
def _(data):
    """That is the variance of the estimate. Take the root."""
    return se_school(data) ** 2


@school.misconception("deff-unrooted")
def _(data):
    """You multiplied the standard error by the design effect. That is a factor of the *variance*;
    take its root."""
    return se_independent(data) * deff(data)


@question(
    "ch12.se-student",
    points=1,
    quantity="fixed",
    hints=(
        "Students of one school are compared with each other. What do they share?",
        "They share u_j, so sigma_u drops out.",
        "sigma_e divided by the root of the number of all students.",
    ),
    **PLAN,
)
def student(data):
    """In the same plan, a predictor varies only *within* schools, with a standard deviation of 1
    there. What will be the standard error of its slope (by the formula with all students)?"""
    J, n, _, e = design(data)
    return e / np.sqrt(J * n)


@student.misconception("school-formula-for-student")
def _(data):
    """That is the formula of a *school's* predictor with a standard deviation of 1. Within a school
    u_j is the same for everybody and cancels."""
    return se_school(data) / 2


@student.misconception("schools-counted")
def _(data):
    """You divided by the root of the number of schools. For a comparison within schools, each
    student counts."""
    J, _, _, e = design(data)
    return e / np.sqrt(J)


@student.misconception("total-sd-within")
def _(data):
    """You took the standard deviation of all scores. What differs between schools does not disturb
    a comparison within them: take sigma_e."""
    return se_independent(data) / 2


@student.misconception("two-halves-within")
def _(data):
    """The factor 2 belongs to a predictor that is 0 in one half and 1 in the other, whose standard
    deviation is one half. Here it is 1."""
    J, n, _, e = design(data)
    return 2 * e / np.sqrt(J * n)


@question(
    "ch12.floor",
    points=1,
    quantity="fixed",
    hints=(
        "Let n grow without end in the formula. Which part goes to zero?",
        "sigma_e squared over n goes; sigma_u squared stays.",
        "2 sigma_u over the root of the number of schools.",
    ),
    **PLAN,
)
def floor(data):
    """Imagine testing ever more students in these same schools, without end. Which value does the
    standard error of the programme's coefficient approach?"""
    J, _, u, _ = design(data)
    return 2 * u / np.sqrt(J)


@floor.misconception("no-floor")
def _(data):
    """Zero would need more and more *schools*. With these schools it stays unknown how much the two
    halves differ by chance, however well each school is known."""
    return 0.0


@floor.misconception("floor-of-a-mean")
def _(data):
    """That is the limit for the mean of all schools. The programme is a difference of two halves:
    twice that."""
    return floor.answer(data) / 2


@floor.misconception("floor-unrooted")
def _(data):
    """You divided by the number of schools itself. Standard errors fall with its root."""
    J, _, u, _ = design(data)
    return 2 * u / J


@floor.misconception("floor-as-planned")
def _(data):
    """That is the standard error of the plan as it is. More students would still take something
    off: the part with sigma_e."""
    return se_school(data)


@floor.misconception("floor-of-sigma-e")
def _(data):
    """You kept sigma_e and let sigma_u go. More students per school average out what differs
    *within* schools."""
    J, _, _, e = design(data)
    return 2 * e / np.sqrt(J)


@question(
    "ch12.covariate",
    points=2,
    quantity="fixed",
    hints=(
        "Which of the two variances does this covariate make smaller, and what is left of it?",
        "(1 - R2) of the variance between schools is left; the variance within stays.",
        "2 times the root of ((1 - r2_between) sigma_u squared + sigma_e squared / n_students) / "
        "n_schools.",
    ),
    **PLAN,
)
def covariate(data):
    """A school-level pretest explains the share `r2_between` of the variance *between* schools, and
    nothing of that within. What will be the standard error of the programme's coefficient with the
    pretest in the model?"""
    return _with_covariate(data, lambda u2, e2, r2: ((1 - r2) * u2, e2))


def _with_covariate(data, left):
    J, n, u, e = design(data)
    u2, e2 = left(u**2, e**2, *of(data, "r2_between"))
    return 2 * np.sqrt((u2 + e2 / n) / J)


@covariate.misconception("r2-of-everything")
def _(data):
    """You took the share off both variances, or off the square of the whole standard error, which
    is the same. The pretest of a school has one value per school, and explains nothing within
    it."""
    return _with_covariate(data, lambda u2, e2, r2: ((1 - r2) * u2, (1 - r2) * e2))


@covariate.misconception("r2-off-the-se")
def _(data):
    """You took the share off the standard error itself. It is a share of a *variance*, and only of
    that between schools."""
    return se_school(data) * (1 - of(data, "r2_between")[0])


@covariate.misconception("r2-within-schools")
def _(data):
    """You made the variance *within* schools smaller. This covariate explains differences
    between schools."""
    return _with_covariate(data, lambda u2, e2, r2: (u2, (1 - r2) * e2))


@covariate.misconception("r2-off-the-sd")
def _(data):
    """You took the share off sigma_u, a standard deviation. It is a share of the variance."""
    return _with_covariate(data, lambda u2, e2, r2: ((1 - r2) ** 2 * u2, e2))


@covariate.misconception("explained-part-kept")
def _(data):
    """You kept the part that the pretest explains. What disturbs the comparison is the part that it
    leaves: one minus the share."""
    return _with_covariate(data, lambda u2, e2, r2: (r2 * u2, e2))


@covariate.misconception("covariate-without-effect")
def _(data):
    """That is the standard error without the pretest. A lot makes the two halves comparable; the
    pretest still takes away what hides the effect."""
    return se_school(data)


# ------------------------------------------------------------------------- cost and power


@question(
    "ch12.optimal-size",
    points=2,
    quantity="fixed",
    hints=(
        "Dear schools, or alike schools: what does each say about testing more students in one?",
        "Both ratios stand under one root: cost of a school over that of a student, and variance "
        "within over that between.",
        "The root of (cost_school / cost_student) times (1 - ICC) / ICC.",
    ),
    **BUDGET,
)
def optimal_size(data):
    """A school costs `cost_school`, each student in it `cost_student` more. How many students per
    school give the smallest standard error of the programme for any fixed budget? (Do not round to
    a whole student.)"""
    C, c, u, e = of(data, "cost_school", "cost_student", "sigma_u", "sigma_e")
    return np.sqrt(C / c) * e / u


def _optimum(data, change):
    C, c, u, e = of(data, "cost_school", "cost_student", "sigma_u", "sigma_e")
    return change(C / c, e**2 / u**2)


@optimal_size.misconception("cost-ratio-upside-down")
def _(data):
    """Your ratio of costs is upside down. The dearer a school, the *more* students should be tested
    once you are there."""
    return _optimum(data, lambda cost, ratio: np.sqrt(ratio / cost))


@optimal_size.misconception("icc-upside-down")
def _(data):
    """You divided the ICC by one minus it. The more alike students of one school are, the *fewer*
    of them are needed."""
    return _optimum(data, lambda cost, ratio: np.sqrt(cost / ratio))


@optimal_size.misconception("optimum-unrooted")
def _(data):
    """You left out the root."""
    return _optimum(data, lambda cost, ratio: cost * ratio)


@optimal_size.misconception("optimum-of-sds")
def _(data):
    """You made the ICC from standard deviations. Square them first."""
    return _optimum(data, lambda cost, ratio: np.sqrt(cost * np.sqrt(ratio)))


@optimal_size.misconception("cost-left-out")
def _(data):
    """You left out what schools and students cost. Where a school costs no more than a student,
    that would be right."""
    return _optimum(data, lambda cost, ratio: np.sqrt(ratio))


@optimal_size.misconception("variances-left-out")
def _(data):
    """You took the costs alone. How much schools differ counts as well."""
    return _optimum(data, lambda cost, ratio: np.sqrt(cost))


@optimal_size.misconception("one-over-icc")
def _(data):
    """You took 1 / ICC where (1 - ICC) / ICC belongs: variance within over variance between."""
    return _optimum(data, lambda cost, ratio: np.sqrt(cost * (1 + ratio)))


@question(
    "ch12.power",
    points=2,
    unit="share",
    hints=(
        "Power needs the standard error of the programme, the critical t and a distribution around "
        "the effect.",
        "The noncentral t distribution has n_schools - 2 degrees of freedom and its centre at "
        "effect / SE.",
        "stats.nct.sf(critical, df, centre) + stats.nct.cdf(-critical, df, centre), with critical "
        "= stats.t.ppf(0.975, df).",
    ),
    **BUDGET,
)
def power_of_plan(data):
    """The programme changes scores by `effect` points. What is the power of this plan: a two-sided
    t-test at the 5 per cent level with as many degrees of freedom as schools, minus 2, by the
    noncentral t distribution? Give three decimals."""
    return _power(data, se_school(data))


def _power(data, se, **how):
    return float(power(of(data, "effect")[0], se, of(data, "n_schools")[0] - 2, **how))


@power_of_plan.misconception("power-one-sided")
def _(data):
    """That is the power of a *one-sided* test. Two-sided leaves 2.5 per cent on each side."""
    return _power(data, se_school(data), sides=1)


@power_of_plan.misconception("power-of-independent-students")
def _(data):
    """Your standard error takes the students for independent. The lot was drawn for schools."""
    return _power(data, se_independent(data))


@power_of_plan.misconception("miss-for-power")
def _(data):
    """That is the probability to *miss* the effect. Power is one minus it."""
    return 1 - _power(data, se_school(data))


@power_of_plan.misconception("power-by-normal")
def _(data):
    """You took the normal distribution, with 1.96. The schools are few enough for t to matter."""
    away = of(data, "effect")[0] / se_school(data)
    bound = special.ndtri(0.975)
    return float(special.ndtr(away - bound) + special.ndtr(-away - bound))


@power_of_plan.misconception("power-without-sigma-e")
def _(data):
    """Your standard error leaves out sigma_e: that would be the power if each school were tested to
    the last student."""
    J, _, u, _ = design(data)
    return _power(data, 2 * u / np.sqrt(J))


@power_of_plan.misconception("power-with-half-the-schools")
def _(data):
    """You counted the schools of one half only in the standard error. With the factor 2 in front,
    all schools stand below."""
    return _power(data, se_school(data) * np.sqrt(2))


@question(
    "ch12.mde",
    points=2,
    quantity="fixed",
    hints=(
        "It is a multiple of the standard error. Which two quantiles make the multiplier?",
        "One for the test (two-sided) and one for the power; they are added.",
        "(stats.t.ppf(0.975, df) + stats.t.ppf(0.80, df)) times the standard error, df = n_schools "
        "- 2.",
    ),
    **BUDGET,
)
def mde(data):
    """Forget `effect`. What is the minimum detectable effect of this plan, in points, for a
    two-sided test at the 5 per cent level and a power of 0.80: the sum of two t quantiles (as many
    degrees of freedom as schools, minus 2) times the standard error?"""
    return _multiple(data, 0.975, 0.80) * se_school(data)


def _multiple(data, *levels):
    df = of(data, "n_schools")[0] - 2
    return sum(float(special.stdtrit(df, level)) for level in levels)


@mde.misconception("just-significant")
def _(data):
    """That is two standard errors or so, the smallest *estimate* that would be significant. An
    effect of that size is missed by half of the studies. Add the quantile of the power."""
    return _multiple(data, 0.975) * se_school(data)


@mde.variant("just-significant")
def _(data):
    return 2 * se_school(data)


@mde.misconception("mde-one-sided")
def _(data):
    """You took the quantile of a one-sided test. Two-sided leaves 2.5 per cent on each side."""
    return _multiple(data, 0.95, 0.80) * se_school(data)


@mde.misconception("quantiles-subtracted")
def _(data):
    """You subtracted the quantile of the power. An effect that is to be found *more* often than in
    half of the studies lies farther out."""
    return _multiple(data, 0.975, 0.20) * se_school(data)


@mde.misconception("normal-for-t")
def _(data):
    """You took 2.8 standard errors, which is the normal distribution. The schools are few enough
    for t to matter: compute its two quantiles."""
    return float(special.ndtri(0.975) + special.ndtri(0.80)) * se_school(data)


@mde.variant("normal-for-t")
def _(data):
    return 2.8 * se_school(data)


@mde.misconception("mdes-for-mde")
def _(data):
    """That is in standard deviations of the outcome, the effect *size*. Points were asked."""
    u, e = of(data, "sigma_u", "sigma_e")
    return mde.answer(data) / np.hypot(u, e)


@mde.misconception("mde-of-independent-students")
def _(data):
    """Your standard error takes the students for independent. The lot was drawn for schools."""
    return _multiple(data, 0.975, 0.80) * se_independent(data)


@question(
    "ch12.schools-needed",
    points=2,
    kind="count",
    hints=(
        "The number of schools is in the standard error and in the degrees of freedom. So try.",
        "Go up in twos, and stop at the first number whose power is 0.80.",
        "next(J for J in range(4, 2000, 2) if power(J) >= 0.80).",
    ),
    **BUDGET,
)
def schools_needed(data):
    """Keep `n_students` per school, and let the number of schools vary. Which is the smallest
    *even* number of schools whose power for `effect` is at least 0.80 (two-sided 5 per cent test,
    noncentral t, number of schools minus 2 degrees of freedom)?"""
    return _needed(data)


def _needed(data, variance=None, **how):
    effect, n, u, e = of(data, "effect", "n_students", "sigma_u", "sigma_e")
    of_mean = u**2 + e**2 / n if variance is None else variance(n, u, e)

    def power_of(J):
        return power(effect, 2 * np.sqrt(of_mean / J), J - 2, **how)

    even = range(4, 4000, 2)  # power rises with J, so that halving finds the first
    return even[bisect_left(even, 0.80, key=power_of)]


@schools_needed.misconception("schools-of-one-half")
def _(data):
    """That is the number of schools in *each half*. The number of all schools was asked."""
    return _needed(data) // 2


@schools_needed.misconception("needed-one-sided")
def _(data):
    """That is enough for a one-sided test only."""
    return _needed(data, sides=1)


@schools_needed.misconception("needed-by-normal")
def _(data):
    """You solved the formula with 2.8 standard errors, the normal distribution. With t a few
    schools more are needed: compute the power of your number, and go up."""
    effect, n, u, e = of(data, "effect", "n_students", "sigma_u", "sigma_e")
    multiple = special.ndtri(0.975) + special.ndtri(0.80)
    schools = 4 * (u**2 + e**2 / n) * (multiple / effect) ** 2
    return 2 * int(np.ceil(schools / 2))


@schools_needed.variant("needed-by-normal")
def _(data):
    effect, n, u, e = of(data, "effect", "n_students", "sigma_u", "sigma_e")
    return int(np.ceil(4 * (u**2 + e**2 / n) * (2.8 / effect) ** 2))


@schools_needed.misconception("needed-odd")
def _(data):
    """That number is odd, so the two halves would not be equal. An even one was asked."""
    return _needed(data) - 1


@schools_needed.misconception("needed-if-independent")
def _(data):
    """Your standard error takes the students for independent. Far more schools are needed."""
    return _needed(data, lambda n, u, e: (u**2 + e**2) / n)


@schools_needed.misconception("students-for-schools-needed")
def _(data):
    """That is the number of *students*. The number of schools was asked."""
    return _needed(data) * int(of(data, "n_students")[0])


# ------------------------------------------------------------------------- simulated studies


@question(
    "ch12.simulated-power",
    points=2,
    unit="share",
    quantity="exact",
    hints=(
        "Each row is a study that was run, and tested. In how many did the test find something?",
        "Divide each estimate by its own standard error, and compare with the critical t for df.",
        "(data['estimate'] / data['se']).abs() > stats.t.ppf(0.975, data['df']), then the mean.",
    ),
    **STUDIES,
)
def simulated_power(data):
    """Each row is a simulated study: an estimate, its standard error and its degrees of freedom.
    What is the simulated power of the two-sided t-test at the 5 per cent level? Give all
    decimals."""
    return float(found(data).mean())


@simulated_power.misconception("z-for-t")
def _(data):
    """You compared with 1.96. So few degrees of freedom need the critical value of t, which is
    larger."""
    return float((np.abs(t_values(data)[0]) > 1.96).mean())


@simulated_power.misconception("count-one-sided")
def _(data):
    """You tested one-sided. Two-sided leaves 2.5 per cent on each side."""
    t, _ = t_values(data)
    return float((t > special.stdtrit(data["df"].iloc[0], 0.95)).mean())


@simulated_power.misconception("not-significant-counted")
def _(data):
    """You counted the studies that are *not* significant."""
    return float(1 - found(data).mean())


@simulated_power.misconception("sd-for-each-se")
def _(data):
    """You divided by the standard deviation of all estimates. A real study has only its own
    standard error to test with."""
    t = data["estimate"] / data["estimate"].std(ddof=1)
    return float((np.abs(t) > t_values(data)[1]).mean())


@simulated_power.misconception("right-sign-counted")
def _(data):
    """You counted the studies with the right sign. Power asks for significance."""
    return float((data["estimate"] > 0).mean())


@question(
    "ch12.mc-error",
    points=1,
    quantity="fixed",
    hints=(
        "The simulated power is a share of so many studies. What is the standard error of a share?",
        "The root of p (1 - p) over the number of studies.",
        "np.sqrt(p * (1 - p) / len(data)), with p the simulated power.",
    ),
    **STUDIES,
)
def mc_error(data):
    """What is the Monte-Carlo error of that simulated power: its standard error, if the studies are
    independent?"""
    p = found(data).mean()
    return float(np.sqrt(p * (1 - p) / len(data)))


@mc_error.misconception("mc-interval")
def _(data):
    """That is the half-width of a 95 per cent interval. The standard error alone was asked."""
    return 1.96 * mc_error.answer(data)


@mc_error.misconception("mc-variance")
def _(data):
    """That is the variance. Take the root."""
    return mc_error.answer(data) ** 2


@mc_error.misconception("mc-of-one-study")
def _(data):
    """That is how much *one* study varies (significant or not). Divide by the number of studies
    under the root."""
    return mc_error.answer(data) * np.sqrt(len(data))


@mc_error.misconception("mc-of-the-estimates")
def _(data):
    """That is the Monte-Carlo error of the mean *estimate*. The power is a share."""
    return float(data["estimate"].std(ddof=1) / np.sqrt(len(data)))


@question(
    "ch12.exaggeration",
    points=2,
    quantity="fixed",
    hints=(
        "Look only at the studies that would be published as findings.",
        "Take the absolute estimates of the significant ones, and their mean.",
        "Divide that mean by the truth.",
    ),
    **STUDIES,
)
def exaggeration(data):
    """The column `truth` holds the effect that was simulated. By what factor do the *significant*
    studies exaggerate it: what is the mean of their absolute estimates, divided by the truth?"""
    return float(np.abs(data["estimate"][found(data)]).mean() / data["truth"].iloc[0])


@exaggeration.misconception("all-studies-averaged")
def _(data):
    """You averaged all studies, and these are unbiased. The exaggeration comes from looking at the
    significant ones alone."""
    return float(data["estimate"].mean() / data["truth"].iloc[0])


@exaggeration.misconception("factor-inverted")
def _(data):
    """Your ratio is upside down. Divide by the truth."""
    return 1 / exaggeration.answer(data)


@exaggeration.misconception("excess-for-factor")
def _(data):
    """That is by how much the factor exceeds one. The factor itself was asked."""
    return exaggeration.answer(data) - 1


@exaggeration.misconception("points-for-factor")
def _(data):
    """That is a mean estimate in points. Divide it by the truth."""
    return exaggeration.answer(data) * data["truth"].iloc[0]


@exaggeration.misconception("misses-averaged")
def _(data):
    """You averaged the studies that are *not* significant."""
    return float(np.abs(data["estimate"][~found(data)]).mean() / data["truth"].iloc[0])


@question(
    "ch12.replicates",
    kind="count",
    hints=(
        "The Monte-Carlo error of a share p is the root of p (1 - p) / R.",
        "Set it to the error that you want and solve for R.",
        "R is p (1 - p) divided by the square of the error.",
    ),
)
def replicates(data):
    """You expect a power of 0.80. How many studies must you simulate, so that the Monte-Carlo error
    (one standard error) is 0.01?"""
    return 1600


@replicates.misconception("replicates-for-interval")
def _(data):
    """That many make the half-width of a 95 per cent *interval* 0.01. One standard error was
    asked."""
    return 6147


@replicates.variant("replicates-for-interval")
def _(data):
    return 6146


@replicates.misconception("error-not-squared")
def _(data):
    """You divided by the error and not by its square. Is a power known to 0.01 from so few
    studies?"""
    return 16


@replicates.misconception("share-rooted")
def _(data):
    """You took the root of p (1 - p) and then divided by the error, without squaring. Solve the
    formula for R again."""
    return 40


@replicates.misconception("worst-case")
def _(data):
    """That is for a power of one half, where a share is the least certain. The power expected here
    is another."""
    return 2500


# ------------------------------------------------------------------------- reasons


@question(
    "ch12.where-to-test",
    choices={
        "a": "500 more students in the same 20 schools: no new school has to be persuaded",
        "b": "25 students in each of 20 further schools",
        "c": "either: the number of students is the same, and so is the standard error",
        "d": "500 more students in the 10 schools with the programme, since they carry the effect",
    },
    hints=(
        "At which level does the programme vary?",
        "Which part of the standard error does each option make smaller?",
        "sigma_u is divided by the number of schools, and by nothing else.",
    ),
)
def where_to_test(data):
    """A trial has 20 schools of 25 students, and 10 of the schools have the programme. Money for
    testing 500 more students is left (ICC 0.2). Where do they help the programme's standard error
    most?"""
    return "b"


@where_to_test.misconception("students-for-ever")
def _(data):
    """These schools are known well already. What is not known is how 20 *other* schools would have
    come out, and no further student of the same schools tells that."""
    return "a"


@where_to_test.misconception("one-sample-size")
def _(data):
    """Students are not exchangeable between the two options: those of a new school bring a new
    u_j. A school's predictor counts schools."""
    return "c"


@where_to_test.misconception("treated-only")
def _(data):
    """An effect is a difference of two halves, and the control schools are as uncertain as the
    others. And these are still the same schools."""
    return "d"


@question(
    "ch12.thirty-thirty",
    choices={
        "a": "yes: with 30 groups of 30 the power is about 0.80",
        "b": "yes for the school's predictor, no for the student's",
        "c": "it cannot be known without the size of the effect, the variances and the level of "
        "the predictor",
        "d": "no: at least 50 groups are needed for any multilevel model",
    },
    hints=(
        "What went into the formulas of power in this chapter?",
        "Does the rule mention any of these but J and n?",
        "The same 30 groups of 30 had a power of 0.95 for one predictor and 0.22 for another.",
    ),
)
def thirty_thirty(data):
    """A proposal says: "With 30 schools of 30 students our design follows the 30/30 rule and has
    sufficient power." Is the power sufficient?"""
    return "c"


@thirty_thirty.misconception("rule-as-power")
def _(data):
    """The rule names no effect, so it can promise no power."""
    return "a"


@thirty_thirty.misconception("rule-levels-swapped")
def _(data):
    """If anything, it is the other way round: 900 students serve a student's predictor, and 30
    schools a school's."""
    return "b"


@thirty_thirty.misconception("fifty-as-law")
def _(data):
    """Fifty came from a study of standard errors of *variances* (Maas & Hox, 2005). Coefficients
    can be tested honestly with fewer groups, and may lack power with more."""
    return "d"


@question(
    "ch12.observed-power",
    choices={
        "a": "it shows that the study was too small to find the effect",
        "b": "it shows that there is no effect",
        "c": "it repeats the p-value; the confidence interval says what the data leave possible",
        "d": "it should be computed with a one-sided test",
    },
    hints=(
        "From which number was this power computed?",
        "A large p goes with a small estimate, and a small estimate with a small observed power.",
        "Two studies with the same p and the same design have the same observed power.",
    ),
)
def observed_power(data):
    """A study finds p = .30. The authors put their *estimate* into the power formula, get a power
    of 0.18, and report it. What does that number tell?"""
    return "c"


@observed_power.misconception("post-hoc-excuse")
def _(data):
    """Every result that is not significant has a low observed power, in large studies too. The
    number cannot tell a small study from a small effect."""
    return "a"


@observed_power.misconception("absence-of-evidence")
def _(data):
    """A test that is not significant does not show that nothing is there. Look at how large an
    effect the interval still allows."""
    return "b"


@observed_power.misconception("sided-repair")
def _(data):
    """With either test it would be computed from the observed effect. That is what is wrong with
    it."""
    return "d"


@question(
    "ch12.why-cause",
    choices={
        "a": "the multilevel model removes everything that differs between schools",
        "b": "the sample was large enough",
        "c": "the lot makes the programme independent of everything else in which schools differ",
        "d": "the pretest in the model holds constant what matters",
    },
    hints=(
        "Which of these would be missing in a survey such as PISA?",
        "Where is all that is not measured of a school, in the model?",
        "It is in u_j. What makes the programme independent of u_j?",
    ),
)
def why_cause(data):
    """In a trial with schools drawn by lot you may write that the programme *caused* the
    difference, up to chance. What allows it?"""
    return "c"


@why_cause.misconception("model-as-lot")
def _(data):
    """The model assumes that u_j is independent of the predictors; it does not make it so. In a
    survey the same model gives an association."""
    return "a"


@why_cause.misconception("size-as-lot")
def _(data):
    """More schools make a standard error smaller. With volunteers, they make you surer of a wrong
    number."""
    return "b"


@why_cause.misconception("covariate-as-lot")
def _(data):
    """A pretest holds constant what it measures. Schools differ in more than that. In a trial its
    use is another: precision."""
    return "d"


@question(
    "ch12.lost-schools",
    choices={
        "a": "nothing, since 100 schools were more than the plan needed",
        "b": "power only: the remaining schools were drawn by lot, too",
        "c": "the comparison may be biased: those who left were not a matter of chance, and more "
        "schools would not repair it",
        "d": "the standard errors, which cluster-robust ones would repair",
    },
    hints=(
        "Ask why the schools left. Does the answer have to do with the programme?",
        "Are the two halves still alike in everything but the programme?",
        "A lot protects the schools that were drawn. Who decided about those who stayed?",
    ),
)
def lost_schools(data):
    """120 schools were drawn by lot, and 20 leave: 18 of the programme's half, most because it did
    not go well. What did the study lose?"""
    return "c"


@lost_schools.misconception("still-enough")
def _(data):
    """Power may still do. But the schools that remain in the programme's half are those where it
    went well."""
    return "a"


@lost_schools.misconception("lot-survives-selection")
def _(data):
    """That would be so if chance had decided who left. Here the programme did, in one half."""
    return "b"


@lost_schools.misconception("robust-against-bias")
def _(data):
    """Standard errors say how much an estimate scatters. This one scatters around a wrong value."""
    return "d"


@question(
    "ch12.proposal",
    points=3,
    kind="text",
    rubric=(
        "names the effect, says why that size matters, and where the variances come from (1 point)",
        "gives schools and students per school with the power, and how it was found (formula, or "
        "simulation with its Monte-Carlo interval) (1 point)",
        "plans for loss, or shows how the result changes with the assumptions (1 point)",
    ),
    hints=(
        "What would a reviewer need to compute the power again?",
        "The effect, sigma_u, sigma_e, the two sample sizes, the test, the number of simulations.",
        "End with what happens if sigma_u is larger, or if schools leave.",
    ),
)
def proposal(data):
    """Write the sample size paragraph of a proposal for your second plan, with the number of
    schools that you found: three to five sentences."""
    return ""
