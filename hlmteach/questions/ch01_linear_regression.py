"""Chapter 1: linear regression."""

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy.special import stdtrit

from .fits import lmer, remember
from .least_squares import LeastSquares
from .question import question
from .recipes import usa_schools

STUDENTS_OF_A_CLASS = 24


def small_class(random: np.random.RandomState, n: int = STUDENTS_OF_A_CLASS) -> pd.DataFrame:
    """Hours of study a day and GPA of a class, as in the chapter, each student another truth."""
    intercept = 1.5 + 0.6 * random.random_sample()
    slope = 0.09 + 0.11 * random.random_sample()
    hours = np.round(np.clip(random.normal(3.4, 1.5, n), 0.3, 8.0), 1)
    gpa = intercept + slope * hours + random.normal(0.0, 0.28, n)
    return pd.DataFrame({"hours": hours, "gpa": np.round(np.clip(gpa, 0.0, 4.0), 2)})


def desks(random: np.random.RandomState) -> pd.DataFrame:
    """American students, with wrong answers farther apart than in the shipped table.

    ESCS is off its usual zero and closer together, so that intercepts differ, and slopes per unit
    from those per SD. High scores are stretched a little, so that medians are no means.
    """
    data = usa_schools(random)
    away = random.choice([-1.0, 1.0]) * (0.35 + 0.3 * random.random_sample())
    more = 25.0 * random.random_sample() * (data["desk"] == "yes")
    stretched = data["math"] + 6.0 * ((data["math"] - 480.0) / 90.0) ** 2
    return data.assign(escs=(0.8 * data["escs"] + away).round(4), math=(stretched + more).round(1))


HOURS = {"data": small_class, "dataset": "ch01.hours"}
DESKS = {"data": desks, "dataset": "ch01.desks"}


def line(data):
    return remember(data, ("line",), lambda: LeastSquares(data["gpa"], data["hours"]))


def desk(data):
    """1 for yes, 0 for no."""
    return (data["desk"] == "yes").to_numpy(float)


def by_desk(data, outcome="math"):
    return remember(data, ("desk", outcome), lambda: LeastSquares(data[outcome], desk(data)))


def both(data):
    make = lambda: LeastSquares(data["math"], desk(data), data["escs"])  # noqa: E731
    return remember(data, ("both",), make)


# ------------------------------------------------------------------------- hours and GPA


@question(
    "ch01.slope",
    quantity="fixed",
    hints=(
        "The outcome stands left of the tilde, the predictor right of it.",
        'Fit `smf.ols("gpa ~ hours", study).fit()`; it estimates two coefficients.',
        "Take the entry `hours` of `ols.params`, or divide the covariance by the variance of "
        "`hours`.",
    ),
    **HOURS,
)
def slope(data):
    """By how much does `gpa` differ, on average, between students who differ by one hour of study a
    day? Give the slope of the regression of `gpa` on `hours`, to three digits."""
    return line(data).beta[1]


@slope.misconception("r-for-slope")
def _(data):
    """That is the correlation, which is also the standardised slope: SDs of GPA per SD of hours.
    The slope in plain units is asked, GPA per hour: leave both columns as they are."""
    return np.corrcoef(data["hours"], data["gpa"])[0, 1]


@slope.misconception("x-and-y-swapped")
def _(data):
    """You regressed hours on GPA: that is hours per point of GPA. The outcome, `gpa`, stands left
    of the tilde."""
    return LeastSquares(data["hours"], data["gpa"]).beta[1]


@slope.misconception("intercept-for-slope")
def _(data):
    """That is the intercept, the mean GPA where hours are zero. The slope is the coefficient in the
    row `hours`."""
    return line(data).beta[0]


@slope.misconception("no-intercept")
def _(data):
    """You left the intercept out (a `0 +` or `- 1` in the formula, or `sm.OLS` without
    `add_constant`), so the line is forced through the point 0, 0. Nobody said that students who do
    not study have a GPA of zero."""
    return (data["hours"] * data["gpa"]).sum() / (data["hours"] ** 2).sum()


@slope.misconception("ratio-of-means")
def _(data):
    """You divided the mean GPA by the mean hours. A slope compares students with one another: how
    much does GPA differ where hours differ?"""
    return data["gpa"].mean() / data["hours"].mean()


@slope.misconception("covariance-for-slope")
def _(data):
    """That is the covariance. Divide it by the variance of the hours, and you have the slope."""
    return data["hours"].cov(data["gpa"])


@slope.misconception("se-for-estimate")
def _(data):
    """That is the standard error, the second number in the row. It says how sure the slope is; the
    slope itself stands beside it, in the column `coef`."""
    return line(data).se[1]


@slope.misconception("t-for-estimate")
def _(data):
    """That is the t value, the slope divided by its standard error. The slope itself stands in the
    column `coef`."""
    return line(data).beta[1] / line(data).se[1]


@slope.misconception("b-per-10")
def _(data):
    """That is the difference for ten hours. One hour is asked."""
    return 10 * line(data).beta[1]


@slope.misconception("b-per-minute")
def _(data):
    """That is the difference for one minute. The column is in hours: leave it so."""
    return line(data).beta[1] / 60


@slope.misconception("b-per-sd")
def _(data):
    """That is the difference for one standard deviation of hours: the hours were standardised, the
    GPA was not. One hour is asked."""
    return line(data).beta[1] * data["hours"].std()


@slope.misconception("y-standardised")
def _(data):
    """The GPA was standardised, so this counts in SDs of GPA. Leave it in its own points."""
    return line(data).beta[1] / data["gpa"].std()


@slope.misconception("sign-lost")
def _(data):
    """The sign turned. Look at a figure: is the GPA of those who study more higher or lower?"""
    return -line(data).beta[1]


@slope.misconception("r2-for-slope")
def _(data):
    """That is R squared, a share of variance. A slope has a unit: GPA per hour."""
    return line(data).r2


@question(
    "ch01.five-hours",
    quantity="fixed",
    hints=(
        "A point on a line needs both coefficients.",
        "Begin with the intercept. Then go five steps of one hour along the line.",
        "Add five times the slope to the intercept.",
    ),
    **HOURS,
)
def five_hours(data):
    """What GPA does the line give for students who study 5 hours a day?"""
    return line(data).beta[0] + 5 * line(data).beta[1]


@five_hours.misconception("intercept-forgotten")
def _(data):
    """You multiplied the slope by the hours and stopped. The line does not begin at zero: add the
    intercept."""
    return 5 * line(data).beta[1]


@five_hours.misconception("slope-forgotten")
def _(data):
    """That is the intercept, the GPA for zero hours. Go along the line to 5 hours."""
    return line(data).beta[0]


@five_hours.misconception("one-step-only")
def _(data):
    """You added the slope once; that is one hour. Add it for each of the hours."""
    return line(data).beta.sum()


@five_hours.misconception("coefficients-swapped")
def _(data):
    """Intercept and slope changed places: the hours are multiplied by the *slope*."""
    return 5 * line(data).beta[0] + line(data).beta[1]


@five_hours.misconception("intercept-multiplied")
def _(data):
    """You multiplied the intercept by the hours, too. It is added once, as it is."""
    return 5 * line(data).beta.sum()


@five_hours.misconception("mean-for-prediction")
def _(data):
    """That is the mean GPA of all students. The line is at the mean where hours are at theirs; you
    want it at 5 hours."""
    return data["gpa"].mean()


@five_hours.misconception("centred-intercept-mixed")
def _(data):
    """You went five steps from the mean of the GPA. That is the line's height at the mean of the
    hours, not at zero hours: use the intercept of the uncentred model, or go 5 minus the mean
    hours."""
    return data["gpa"].mean() + 5 * line(data).beta[1]


@five_hours.misconception("intercept-with-centred-steps")
def _(data):
    """You subtracted the mean from the hours and then used the intercept of the uncentred model.
    Both parts must come from one model."""
    return line(data).beta[0] + (5 - data["hours"].mean()) * line(data).beta[1]


@question(
    "ch01.residual-sd",
    hints=(
        "The students spread around the line. How far, typically?",
        "It is the root of `ols.mse_resid`, the error variance.",
        "Sum the squared residuals, divide by n minus the number of coefficients, take the root.",
    ),
    **HOURS,
)
def residual_sd(data):
    """With which standard deviation do the students spread around the line: what is the estimate of
    the error SD (R calls it the residual standard error), in points of GPA?"""
    return line(data).sigma


@residual_sd.misconception("variance-for-sd")
def _(data):
    """That is the error variance, in squared points. Take its root: `ols.mse_resid ** 0.5`."""
    return line(data).sigma ** 2


@residual_sd.misconception("divided-by-n")
def _(data):
    """You divided the squared residuals by the number of students. Two coefficients were estimated
    from the same students, so the line lies too close to them: divide by n - 2."""
    return np.std(line(data).resid)


@residual_sd.misconception("divided-by-n-minus-1")
def _(data):
    """You took the plain SD of the residuals, which divides by n - 1. The line has *two*
    coefficients: divide by n - 2, as `ols.mse_resid` does."""
    return np.std(line(data).resid, ddof=1)


@residual_sd.misconception("sd-of-y")
def _(data):
    """That is the SD of GPA around its mean. Students who study alike are closer together: take the
    distances from the *line*."""
    return data["gpa"].std()


@residual_sd.misconception("sum-of-squares")
def _(data):
    """That is the sum of the squared residuals. Divide it by n - 2 and take the root."""
    return (line(data).resid ** 2).sum()


@residual_sd.misconception("root-of-sum")
def _(data):
    """You took the root of the sum of squares before dividing it. First divide by n - 2, then take
    the root."""
    return (line(data).resid ** 2).sum() ** 0.5


@residual_sd.misconception("explained-for-residual")
def _(data):
    """That is the SD of the fitted values, of the points on the line. How far are the students
    *from* it?"""
    return np.std(line(data).y - line(data).resid, ddof=1)


@residual_sd.misconception("mean-absolute-residual")
def _(data):
    """That is the mean distance from the line, signs left out. A standard deviation squares first,
    and takes the root at the end."""
    return np.abs(line(data).resid).mean()


@residual_sd.misconception("se-for-sd")
def _(data):
    """That is the standard error of the slope: how sure an *estimate* is. The error SD says how
    widely *students* spread."""
    return line(data).se[1]


@residual_sd.misconception("se-of-intercept-for-sd")
def _(data):
    """That is the standard error of the intercept: how sure an *estimate* is. The error SD says how
    widely *students* spread."""
    return line(data).se[0]


@question(
    "ch01.slope-se",
    hints=(
        "Would another class give the same slope? The SE says how much slopes vary.",
        "Each coefficient has its own standard error; look at the row `hours`.",
        "It is `ols.bse`, entry `hours`.",
    ),
    **HOURS,
)
def slope_se(data):
    """How much would the slope vary from class to class: what is its (ordinary) standard error?"""
    return line(data).se[1]


@slope_se.misconception("sd-for-se")
def _(data):
    """That is the error SD, the spread of *students* around the line. The standard error is about
    the slope, and it is smaller: many students fix one slope."""
    return line(data).sigma


@slope_se.misconception("sd-of-x-for-se")
def _(data):
    """That is the SD of the hours: how much students differ in them. The standard error says how
    much *slopes* would differ from class to class."""
    return data["hours"].std()


@slope_se.misconception("sd-of-y-for-se")
def _(data):
    """That is the SD of GPA: how much students differ in it. The standard error says how much
    *slopes* would differ from class to class."""
    return data["gpa"].std()


@slope_se.misconception("se-of-intercept")
def _(data):
    """That is the standard error of the intercept. Each row has its own; look at `hours`."""
    return line(data).se[0]


@slope_se.misconception("se-of-mean")
def _(data):
    """You divided an SD of GPA by the root of n. That is how sure a *mean* is. For a slope it also
    counts how far the hours lie apart; take it from the fit."""
    return data["gpa"].std() / len(data) ** 0.5


@slope_se.misconception("sigma-over-root-n")
def _(data):
    """You divided the error SD by the root of n. For a slope it also counts how far the hours lie
    apart: divide by the SD of the hours, too."""
    return line(data).sigma / len(data) ** 0.5


@slope_se.misconception("se-squared")
def _(data):
    """That is a variance, from the diagonal of `cov_params()`. The standard error is its root."""
    return line(data).se[1] ** 2


@slope_se.misconception("t-for-se")
def _(data):
    """That is the t value, the slope divided by its standard error."""
    return line(data).beta[1] / line(data).se[1]


@slope_se.misconception("estimate-for-se")
def _(data):
    """That is the slope itself. Its standard error stands beside it, in the column `std err`."""
    return line(data).beta[1]


@slope_se.misconception("half-interval-for-se")
def _(data):
    """That is half the width of the 95 % confidence interval, about two standard errors. Divide it
    by the t quantile."""
    return line(data).se[1] * t975(data)


def t975(data):
    return stdtrit(len(data) - 2, 0.975)


@question(
    "ch01.slope-upper",
    hints=(
        "An interval goes from the estimate to both sides, by so many standard errors.",
        "How many? Ask the t distribution with n - 2 degrees of freedom, not the normal one.",
        "`ols.conf_int()` has it ready: the row `hours`, the right column.",
    ),
    **HOURS,
)
def slope_upper(data):
    """Up to where does the 95 % confidence interval of the slope reach? Give its upper end, with
    the t distribution."""
    return line(data).beta[1] + t975(data) * line(data).se[1]


@slope_upper.misconception("lower-end")
def _(data):
    """That is the lower end."""
    return line(data).beta[1] - t975(data) * line(data).se[1]


@slope_upper.misconception("z-as-t")
def _(data):
    """You used 1.96, or 2 for short. That is for very many students. Your class is small: ask the t
    distribution with n - 2 degrees of freedom, and the interval becomes wider."""
    return line(data).beta[1] + 1.959964 * line(data).se[1]


@slope_upper.variant("z-as-t")
def _(data):
    return line(data).beta[1] + 2 * line(data).se[1]


@slope_upper.misconception("one-se")
def _(data):
    """You went one standard error up. That covers about two thirds; for 95 % go further."""
    return line(data).beta[1] + line(data).se[1]


@slope_upper.misconception("ninety-percent")
def _(data):
    """That is the upper end of a 90 % interval: 5 % are cut off at *each* end. For 95 % cut off
    half as much."""
    return line(data).beta[1] + stdtrit(len(data) - 2, 0.95) * line(data).se[1]


@slope_upper.misconception("alpha-for-level")
def _(data):
    """You asked statsmodels for `conf_int(0.95)`. Its argument is alpha, the share to be missed:
    you got an interval that holds 5 %. Write `conf_int()` or `conf_int(0.05)`."""
    return line(data).beta[1] + stdtrit(len(data) - 2, 0.525) * line(data).se[1]


@slope_upper.misconception("sd-for-se")
def _(data):
    """You went up by multiples of the error SD. That spread is of students. The interval of the
    slope is made from the slope's standard error."""
    return line(data).beta[1] + t975(data) * line(data).sigma


@slope_upper.misconception("half-width-only")
def _(data):
    """That is half the width of the interval. Add it to the slope."""
    return t975(data) * line(data).se[1]


@slope_upper.misconception("interval-of-intercept")
def _(data):
    """That is the upper end of the *intercept's* interval. Look at the row `hours`."""
    return line(data).beta[0] + t975(data) * line(data).se[0]


@slope_upper.misconception("root-n-twice")
def _(data):
    """You divided the standard error by the root of n. It is a standard error already: the number
    of students is in it."""
    return line(data).beta[1] + t975(data) * line(data).se[1] / len(data) ** 0.5


@question(
    "ch01.explained",
    unit="share",
    hints=(
        "Compare the spread around the line with the spread around the mean, both squared.",
        "It is printed as `R-squared`.",
        "Divide the sum of squared residuals by that around the mean, and take it from 1.",
    ),
    **HOURS,
)
def explained(data):
    """What share of the variance in `gpa` goes along with `hours`: what is R squared (not the
    adjusted one)?"""
    return line(data).r2


@explained.misconception("r-for-r2")
def _(data):
    """That is r, the correlation. Square it."""
    return line(data).r2 ** 0.5


@explained.misconception("adjusted-r2")
def _(data):
    """That is the adjusted R squared, with a penalty for each coefficient. The plain one is
    asked: `ols.rsquared`."""
    n = len(data)
    return 1 - (1 - line(data).r2) * (n - 1) / (n - 2)


@explained.misconception("unexplained")
def _(data):
    """That is the share that is left over. Take it from 1."""
    return 1 - line(data).r2


@explained.misconception("r2-squared")
def _(data):
    """You squared R squared. It is a square already."""
    return line(data).r2 ** 2


@explained.misconception("r2-from-sd")
def _(data):
    """You compared standard deviations. R squared is a share of *variance*: square them first."""
    return 1 - line(data).sigma / data["gpa"].std()


@explained.misconception("slope-for-r2")
def _(data):
    """That is the slope, GPA per hour. A share has no unit."""
    return line(data).beta[1]


@explained.misconception("explained-over-residual")
def _(data):
    """You divided the explained part by the part that is left over. A share is a part of the whole:
    divide by their sum."""
    return line(data).r2 / (1 - line(data).r2)


@question(
    "ch01.say-it",
    choices={
        "a": "each further hour of study raises a student's GPA by 0.1",
        "b": "students who differ by one hour of study a day differ by 0.1 in GPA on average",
        "c": "hours and GPA have a correlation of 0.1",
        "d": "hours explain 10 % of the differences in GPA",
    },
    hints=(
        "Nobody was watched studying more. Who is compared with whom?",
        "A slope has two units: that of the outcome, for one unit of the predictor.",
        "Which sentence names both units and compares different students?",
    ),
)
def say_it(data):
    """In a class the slope of `gpa ~ hours` is 0.1. Which sentence says what was found?"""
    return "b"


@say_it.misconception("slope-as-cause")
def _(data):
    """This says what study *does* to a student. Nobody was given more hours; different students
    were compared, and they may differ in much besides. Say who is compared."""
    return "a"


@say_it.misconception("slope-as-correlation")
def _(data):
    """A correlation has no unit and lies between -1 and 1. The slope is GPA per hour; in minutes it
    would be another number, the correlation would not."""
    return "c"


@say_it.misconception("slope-as-share")
def _(data):
    """A share of the differences would be R squared. The slope is GPA per hour."""
    return "d"


@question(
    "ch01.normality",
    choices={
        "a": "the outcome y",
        "b": "the predictor x",
        "c": "the errors, which the residuals stand in for",
        "d": "the outcome and every predictor",
    },
    hints=(
        "Think of the exam in the chapter, with its two humps.",
        "The assumption is about the part of y that the line leaves over.",
        "Which column would you draw in a normal quantile plot after the fit?",
    ),
)
def normality(data):
    """What does ordinary regression assume to be normally distributed?"""
    return "c"


@normality.misconception("normal-y")
def _(data):
    """It may have two humps, and the model can still be right: each hump may be another value of x.
    Look at what is left over after the line."""
    return "a"


@normality.misconception("normal-x")
def _(data):
    """Predictors may have any distribution. Yes and no is not normal either, and the desks were a
    fine predictor."""
    return "b"


@normality.misconception("normal-everything")
def _(data):
    """Neither is needed: a yes/no predictor is allowed, and it can give the outcome two humps. The
    assumption is about what is left over after the line."""
    return "d"


@question(
    "ch01.which-assumption",
    choices={
        "a": "linearity",
        "b": "independence of the errors",
        "c": "equal variance of the errors",
        "d": "normality of the errors",
    },
    hints=(
        "Students of one school share a teacher, a building, a neighbourhood.",
        "Know a few residuals of a school: can you guess the sign of the next one?",
        "Which assumption says that one student's error tells nothing about another's?",
    ),
)
def which_assumption(data):
    """Students were drawn school by school. Which assumption is broken, seen in neither of the two
    usual residual plots, and not mended by more students?"""
    return "b"


@which_assumption.misconception("clustering-as-bend")
def _(data):
    """A bend shows in the plot of residuals against fitted values. Here the line may be straight;
    the trouble is that schoolmates resemble each other."""
    return "a"


@which_assumption.misconception("clustering-as-fan")
def _(data):
    """A fan shows in the plot of residuals against fitted values. Here the spread may be even; the
    trouble is that schoolmates resemble each other."""
    return "c"


@which_assumption.misconception("clustering-as-skew")
def _(data):
    """That shows in the normal quantile plot, and it matters least in large samples. The trouble
    here is that schoolmates resemble each other."""
    return "d"


@question(
    "ch01.not-significant",
    choices={
        "a": "there is no association: the true slope is zero",
        "b": "the data fit a slope of zero and a slope of 0.12 as well; they do not decide",
        "c": "the probability that the true slope is zero is 14 %",
        "d": "the slope is 0.06, so the association is proven but weak",
    },
    hints=(
        "Look at the whole interval, not only at whether it holds zero.",
        "A p-value says how often data like these come up *if* the slope were zero.",
        "Name two slopes that lie inside the interval and mean quite different things.",
    ),
)
def not_significant(data):
    """In a small class the slope is 0.06, with a 95 % confidence interval from -0.02 to 0.14 and
    p = .14. What follows?"""
    return "b"


@not_significant.misconception("not-significant-is-zero")
def _(data):
    """Not to find something is not to find that it is not there. Zero lies in the interval, and so
    do slopes that would matter."""
    return "a"


@not_significant.misconception("p-as-probability-of-zero")
def _(data):
    """A p-value takes the zero for granted and asks how often data like these would then come up.
    It is no probability of the zero."""
    return "c"


@not_significant.misconception("estimate-as-proof")
def _(data):
    """The estimate is the best single guess, and the interval says how far off it may be. It
    reaches below zero, too."""
    return "d"


# ------------------------------------------------------------------------- desks


@question(
    "ch01.desk-means",
    kind="table",
    hints=(
        "Before any model: what do the two groups score?",
        "pandas splits a table with `groupby`.",
        'It is `data.groupby("desk", observed=True)`, then the column, then `.mean()`.',
    ),
    **DESKS,
)
def desk_means(data):
    """What is the mean of `math` of the students without a desk, and of those with one? Hand in a
    Series with the rows `no` and `yes`."""
    return groups(data)["math"].mean()


def groups(data):
    return data.groupby("desk", observed=True)


@desk_means.misconception("median-for-mean")
def _(data):
    """These are medians. Means are asked: they are what a regression compares."""
    return groups(data)["math"].median()


@desk_means.misconception("size-for-mean")
def _(data):
    """These are numbers of students. Take the column `math`, and its mean."""
    return groups(data)["math"].size()


@desk_means.misconception("sd-for-mean")
def _(data):
    """These are standard deviations: how much students of a group differ among themselves."""
    return groups(data)["math"].std()


@desk_means.misconception("sum-for-mean")
def _(data):
    """These are sums, so the larger group wins. Take means."""
    return groups(data)["math"].sum()


@desk_means.misconception("outcome-read")
def _(data):
    """These are the means of `read`. The outcome asked for is `math`."""
    return groups(data)["read"].mean()


@desk_means.misconception("labels-swapped")
def _(data):
    """The two numbers are right and stand in each other's row."""
    return groups(data)["math"].mean().rename({"no": "yes", "yes": "no"})


@question(
    "ch01.desk-difference",
    quantity="fixed",
    hints=(
        "You have the two means. What does a dummy's coefficient say about them?",
        "The name `desk[T.yes]` reads: yes, compared with the reference.",
        "Subtract the mean of the reference group, no, from the mean of the other.",
    ),
    **DESKS,
)
def desk_difference(data):
    """What is the coefficient of `desk` in the ordinary regression `math ~ desk`, with *no* as the
    reference?"""
    return by_desk(data).beta[1]


@desk_difference.misconception("mean-for-difference")
def _(data):
    """That is the mean of the students *with* a desk. The coefficient is how far it lies from the
    mean of the reference group. It is the most frequent wrong guess."""
    return by_desk(data).beta.sum()


@desk_difference.misconception("reference-mean-for-difference")
def _(data):
    """That is the intercept, the mean of the students without a desk. The coefficient stands in the
    row below it."""
    return by_desk(data).beta[0]


@desk_difference.misconception("ref-flip")
def _(data):
    """The sign turned: *yes* was your reference, so this compares *no* with *yes*. Ask for yes
    compared with no."""
    return -by_desk(data).beta[1]


@desk_difference.misconception("effect-coding")
def _(data):
    """Half of it: no was coded -1 and yes 1, so the groups lie two units apart. Code them 0 and
    1."""
    return by_desk(data).beta[1] / 2


@desk_difference.misconception("adjusted-for-escs")
def _(data):
    """ESCS is in your model. This compares students of the same ESCS; the question compares all
    students with a desk to all without."""
    return both(data).beta[1]


@desk_difference.misconception("std")
def _(data):
    """That is the correlation, or the standardised coefficient. The difference is asked in
    points: leave math and desk as they are."""
    return np.corrcoef(desk(data), data["math"])[0, 1]


@desk_difference.misconception("cohens-d")
def _(data):
    """You divided the difference by the SD of math. Leave it in points."""
    return by_desk(data).beta[1] / data["math"].std()


@desk_difference.misconception("se-for-estimate")
def _(data):
    """That is the standard error. The estimate stands beside it."""
    return by_desk(data).se[1]


@desk_difference.misconception("outcome-read")
def _(data):
    """That is the difference in `read`. The outcome asked for is `math`."""
    return by_desk(data, "read").beta[1]


@desk_difference.misconception("rim-as-ols")
def _(data):
    """That comes from a model with schools in it, which mainly compares schoolmates. The ordinary
    regression is asked here; chapter 2 tells the difference."""
    return lmer("math ~ 1 + desk + (1 | school_id)", data).beta["desk[T.yes]"]


@question(
    "ch01.two-predictors",
    points=2,
    kind="model",
    hints=(
        "Both predictors stand right of the tilde, with a plus between them.",
        "Take `smf.ols` with your table, and do not forget `.fit()`.",
        'Fit `smf.ols("math ~ desk + escs", data).fit()`.',
    ),
    **DESKS,
)
def two_predictors(data):
    """Fit the ordinary regression of `math` on `desk` and `escs`, as the columns are, with an
    intercept. Hand in the fitted model."""
    columns = {"Intercept": 1.0, "desk[T.yes]": desk(data), "escs": data["escs"]}
    return sm.OLS(data["math"], pd.DataFrame(columns, index=data.index)).fit()  # 10 ms faster


@two_predictors.rule("interaction-unasked")
def _(evidence, data):
    """Your formula has a `*` or a `:` in it, so the slope of ESCS may differ between students with
    and without a desk. Write a `+` for two predictors side by side."""
    return any(":" in column["name"] for column in evidence.columns)


@question(
    "ch01.intercept",
    quantity="fixed",
    hints=(
        "An intercept is the mean of the outcome where all predictors are zero.",
        "Here that is a student without a desk. And which ESCS?",
        'Fit `"math ~ desk + escs"` with *no* as the reference and take `params["Intercept"]`.',
    ),
    **DESKS,
)
def intercept(data):
    """In `math ~ desk + escs`, which score does the ordinary regression give students without a
    desk whose ESCS is 0?"""
    return both(data).beta[0]


@intercept.misconception("ref-flip")
def _(data):
    """That is the score of students *with* a desk whose ESCS is 0: yes was your reference, or you
    added the coefficient of desk."""
    return both(data).beta[0] + both(data).beta[1]


@intercept.misconception("code12")
def _(data):
    """Your desk is coded 1 and 2. The slope is the same, but the intercept belongs to a code 0,
    which nobody has. Code no as 0 and yes as 1."""
    return both(data).beta[0] - both(data).beta[1]


@intercept.misconception("group-mean-for-intercept")
def _(data):
    """That is the plain mean of all students without a desk. Their ESCS is not 0 on average; with
    ESCS in the model, the intercept is about those whose ESCS is 0."""
    return by_desk(data).beta[0]


@intercept.misconception("centred-intercept")
def _(data):
    """Your ESCS was centred or standardised, so this is the score at the *mean* ESCS. Zero on the
    index's own scale is asked."""
    fit = both(data)
    return fit.beta[0] + fit.beta[2] * data["escs"].mean()


@intercept.misconception("grand-mean")
def _(data):
    """That is the mean of all students. The intercept is where every predictor is zero."""
    return data["math"].mean()


@intercept.misconception("desk-left-out")
def _(data):
    """Your model has no desk in it: this is where ESCS is 0, students with and without a desk
    together."""
    return LeastSquares(data["math"], data["escs"]).beta[0]


@question(
    "ch01.escs-slope",
    quantity="fixed",
    hints=(
        "It is the slope of a model with two predictors. What is held equal?",
        "Read the row `escs`, in the column of the estimates.",
        'It is `params["escs"]` of `smf.ols("math ~ desk + escs", data).fit()`.',
    ),
    **DESKS,
)
def escs_slope(data):
    """Among students alike in having a desk or not: by how many points do those who differ by one
    unit of `escs` differ in `math` (ordinary regression on desk and escs)?"""
    return both(data).beta[2]


@escs_slope.misconception("ctrl-miss")
def _(data):
    """The desk is missing from your model, so students with and without one are compared as well.
    Students alike in having a desk or not are asked."""
    return LeastSquares(data["math"], data["escs"]).beta[1]


@escs_slope.misconception("other-row")
def _(data):
    """That is the coefficient of `desk`. The row `escs` is asked."""
    return both(data).beta[1]


@escs_slope.misconception("b-per-10")
def _(data):
    """That is the difference for ten units of ESCS, which no two students are apart. One unit is
    asked."""
    return 10 * both(data).beta[2]


@escs_slope.misconception("b-per-sd")
def _(data):
    """That is the difference for one standard deviation of ESCS in your table. One *unit* of the
    index is asked."""
    return both(data).beta[2] * data["escs"].std()


@escs_slope.misconception("std")
def _(data):
    """That is the standardised coefficient, in SDs of math per SD of ESCS. Points per unit are
    asked."""
    return both(data).beta[2] * data["escs"].std() / data["math"].std()


@escs_slope.misconception("r-for-slope")
def _(data):
    """That is the correlation of math and ESCS. A slope has a unit: points per unit of ESCS."""
    return data["math"].corr(data["escs"])


@escs_slope.misconception("sign-lost")
def _(data):
    """The sign turned. Do students of higher ESCS score higher or lower?"""
    return -both(data).beta[2]


@escs_slope.misconception("se-for-estimate")
def _(data):
    """That is the standard error. The estimate stands beside it."""
    return both(data).se[2]


@escs_slope.misconception("outcome-read")
def _(data):
    """That is the slope for `read`. The outcome asked for is `math`."""
    return LeastSquares(data["read"], desk(data), data["escs"]).beta[2]


@escs_slope.misconception("rim-as-ols")
def _(data):
    """That comes from a model with schools in it. It mainly compares schoolmates; the ordinary
    regression is asked here, and chapter 2 tells the difference."""
    return lmer("math ~ 1 + desk + escs + (1 | school_id)", data).beta["escs"]


@question(
    "ch01.report",
    points=3,
    kind="text",
    rubric=(
        "gives the difference in points with a confidence interval or standard error (1 point)",
        "says who is compared with whom, the reference and what is held equal (1 point)",
        "does not say that a desk raises scores, and doubts the standard error because students "
        "came in schools (1 point)",
    ),
    hints=(
        "Which two groups, how many points, how sure?",
        "Which students does your model compare: all, or those of the same ESCS?",
        "Was anybody given a desk? And were these students drawn one by one?",
    ),
)
def report(data):
    """Write two or three sentences about the desks: what did you find, how sure is it, and what may
    not be concluded?"""
    return ""
