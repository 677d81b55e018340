"""Chapter 14: three levels and crossed ones, yes or no, growth, few groups."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .fits import lmer, remember
from .question import question

GROWTH = "score ~ 1 + year + (1 + year | student)"
SIGMA_U, MEAN = 8.0, 6.0  # given in the question on the eight programmes
_J, _K, _N = 20, 3, 8  # schools, classes of a school, students of a class


def classes(random: np.random.RandomState) -> pd.DataFrame:
    """480 students in 60 classes of 20 schools, as many in each; all variances clearly above 0."""
    while True:
        sd_school, sd_class = random.uniform(24, 45), random.uniform(20, 36)
        class_id = np.repeat(np.arange(_J * _K), _N)
        score = 480 + random.normal(0, 60, len(class_id))
        score += (random.normal(0, sd_school, _J)[class_id // _K]).round(3)
        score += (random.normal(0, sd_class, _J * _K)[class_id]).round(3)
        data = pd.DataFrame(
            {
                "school": [f"s{k:02d}" for k in class_id // _K + 1],
                "class_id": [f"c{k:02d}" for k in class_id + 1],
                "math": score.round(1),
            }
        )
        v = levels(data)
        if min(v.school, v.classes) > 150:
            return data


@dataclass(frozen=True)
class Levels:
    """Variances of the three-level model, and of two levels without classes, or without schools."""

    school: float
    classes: float
    residual: float
    school_of_two: float
    residual_of_two: float
    classes_alone: float

    @property
    def total(self) -> float:
        return self.school + self.classes + self.residual


def levels(data) -> Levels:
    """REML in a balanced table: mean squares, solved for the variances (none may be negative)."""
    y = data["math"].to_numpy().reshape(_J, _K, _N)
    by_class, by_school = y.mean(axis=2), y.mean(axis=(1, 2))
    ms_school = _K * _N * by_school.var(ddof=1)
    ss_class = _N * ((by_class - by_school[:, None]) ** 2).sum()
    ss_error = ((y - by_class[:, :, None]) ** 2).sum()
    ms_class, residual = ss_class / (_J * (_K - 1)), ss_error / (_J * _K * (_N - 1))
    of_two = (ss_class + ss_error) / (_J * (_K * _N - 1))
    return Levels(
        school=(ms_school - ms_class) / (_K * _N),
        classes=(ms_class - residual) / _N,
        residual=residual,
        school_of_two=(ms_school - of_two) / (_K * _N),
        residual_of_two=of_two,
        classes_alone=by_class.var(ddof=1) - residual / _N,
    )


def growth(random: np.random.RandomState) -> pd.DataFrame:
    """60 students, tested in years 0 to 4, none missed; those who stand high at the end gained."""
    while True:
        sd_gain, rho = random.uniform(8, 12), random.uniform(-0.5, -0.2)
        start, gain = random.normal(0, 1, (2, 60))
        gain = sd_gain * (rho * start + np.sqrt(1 - rho**2) * gain)
        student, year = np.repeat(np.arange(60), 5), np.tile(np.arange(5), 60)
        score = 450 + (30 * start)[student] + (18 + gain)[student] * year
        score += random.normal(0, 18, 300)
        table = {"student": [f"p{k:02d}" for k in student + 1], "year": year}
        data = pd.DataFrame(table | {"score": score.round(1)})
        fit = lmer(GROWTH, data)
        if not fit.singular and correlation(data, 4) > 0.15:
            return data


def correlation(data, zero: float) -> float:
    """Correlation of a student's level at a year with the student's gain."""
    (v0, c01), (_, v1) = lmer(GROWTH, data).cov_u.to_numpy()
    return (c01 + zero * v1) / np.sqrt((v0 + 2 * zero * c01 + zero**2 * v1) * v1)


def scores(data) -> np.ndarray:
    """(60, 5) score of each student in each year."""
    return data["score"].to_numpy().reshape(60, 5)


def logistic(random: np.random.RandomState) -> pd.DataFrame:
    """What a random intercept logistic model printed: a slope and sigma_u."""
    slope = -round(random.uniform(0.5, 0.9), 3)
    return pd.DataFrame(
        {"name": ["escs", "sigma_u"], "estimate": [slope, round(random.uniform(1.3, 2.6), 3)]}
    )


def printed(data) -> tuple[float, float]:
    slope, sigma_u = data["estimate"]
    return float(slope), float(sigma_u)


def programmes(random: np.random.RandomState) -> pd.DataFrame:
    """Eight programmes, each with an estimated effect and its standard error."""
    se = random.uniform(9, 18, 8).round(1)
    effect = (MEAN + random.normal(0, 1, 8) * np.sqrt(SIGMA_U**2 + se**2)).round(1)
    effect[0] = round(random.uniform(18, 32), 1)
    return pd.DataFrame({"programme": list("ABCDEFGH"), "effect": effect, "se": se})


def first(data) -> tuple[float, float, float]:
    """Effect and standard error of programme A, and how much of its deviation is kept."""
    effect, se = float(data["effect"].iloc[0]), float(data["se"].iloc[0])
    return effect, se, SIGMA_U**2 / (SIGMA_U**2 + se**2)


def _predicted(data, name: str) -> np.ndarray:
    """Predicted "Intercept" or "year" of each student."""
    return lmer(GROWTH, data).u["u"].xs(name, level="name").to_numpy()


CLASSES = {"data": classes, "dataset": "ch14.classes"}
YEARS = {"data": growth, "dataset": "ch14.growth"}
PRINTED = {"data": logistic, "dataset": "ch14.logistic"}


def _levels(data) -> Levels:
    return remember(data, ("levels",), lambda: levels(data))


# ------------------------------------------------------------------------- three levels


@question(
    "ch14.classmates",
    points=2,
    unit="share",
    hints=(
        "What do two classmates share: a class only?",
        "Whoever shares a class shares the school. Which variances are common to both students?",
        "(school + class) / (school + class + residual).",
    ),
    **CLASSES,
)
def classmates(data):
    """Students in classes in schools: fit the three-level empty model of `math` by REML
    (statsmodels: `re_formula="1"`, a `vc_formula` for the classes, `method="nm"`). What is the
    correlation of two students of the same class?"""
    v = _levels(data)
    return (v.school + v.classes) / v.total


@classmates.misconception("share-of-the-class-level")
def _(data):
    """That is the *share* of the variance that lies between classes of a school. Two classmates
    share their school as well, so their correlation has the variance of schools in it, too."""
    v = _levels(data)
    return v.classes / v.total


@classmates.misconception("same-school-only")
def _(data):
    """That is the correlation of two students of one school in *different* classes. Classmates
    share one thing more."""
    v = _levels(data)
    return v.school / v.total


@classmates.misconception("top-level-dropped")
def _(data):
    """The variance between schools is missing from your total. Of three levels, all three belong
    in the denominator."""
    v = _levels(data)
    return v.classes / (v.classes + v.residual)


@classmates.misconception("middle-level-left-out")
def _(data):
    """That is the ICC of a model with two levels, students in schools. The classes are not in it.
    Give them a variance of their own: `vc_formula`."""
    v = _levels(data)
    return v.school_of_two / (v.school_of_two + v.residual_of_two)


@classmates.misconception("three-level-odds")
def _(data):
    """You divided what classmates share by the residual variance. A correlation divides by the
    total."""
    v = _levels(data)
    return (v.school + v.classes) / v.residual


@classmates.misconception("classes-without-schools")
def _(data):
    """That is the ICC of classes alone: the schools are not in your model. It aims at the same
    correlation and comes near. The model asked for has three variances: in statsmodels,
    `re_formula="1"` keeps the schools."""
    v = _levels(data)
    return v.classes_alone / (v.classes_alone + v.residual)


@classmates.misconception("three-level-sds")
def _(data):
    """You put in standard deviations. A correlation is a ratio of *variances*: square them."""
    v = _levels(data)
    school, classes, residual = np.sqrt([v.school, v.classes, v.residual])
    return float((school + classes) / (school + classes + residual))


@question(
    "ch14.schoolmates",
    points=1,
    unit="share",
    hints=(
        "Which of the three random parts is the same for both students?",
        "They sit in different classes. So only the school is shared.",
        "school / (school + class + residual).",
    ),
    **CLASSES,
)
def schoolmates(data):
    """In the same model: what is the correlation of two students of one school who sit in
    different classes?"""
    v = _levels(data)
    return v.school / v.total


@schoolmates.misconception("class-counted-as-shared")
def _(data):
    """That is the correlation of two classmates. These two sit in different classes, and the class
    effect of the one says nothing about the other."""
    v = _levels(data)
    return (v.school + v.classes) / v.total


@schoolmates.misconception("middle-level-left-out")
def _(data):
    """That is the ICC of a model with two levels. Without classes, some of their variance is taken
    for the schools'."""
    v = _levels(data)
    return v.school_of_two / (v.school_of_two + v.residual_of_two)


@schoolmates.misconception("class-for-school")
def _(data):
    """You took the variance of the classes. Shared is the *school*: in statsmodels `cov_re`, while
    `vcomp` holds the classes."""
    v = _levels(data)
    return v.classes / v.total


@schoolmates.misconception("share-of-what-is-between")
def _(data):
    """You divided by school + class. That is the schools' part of what lies between classes. A
    correlation of students has the residual in the denominator."""
    v = _levels(data)
    return v.school / (v.school + v.classes)


@schoolmates.misconception("class-not-in-the-total")
def _(data):
    """The variance of the classes is missing from your total. Students do not share it here, but
    it is a part of what makes their scores differ."""
    v = _levels(data)
    return v.school / (v.school + v.residual)


@question(
    "ch14.crossed",
    choices={
        "a": "nested: visits in patients, patients in doctors",
        "b": "nested: visits in doctors, doctors in patients",
        "c": "crossed: a random effect for the patient and one for the doctor",
        "d": "two levels are enough: visits in patients, since all visits of a patient are alike",
    },
    hints=(
        "Does a patient belong to one doctor? Does a doctor belong to one patient?",
        "Nested means: each lower unit occurs in one upper unit only.",
        "Neither lies inside the other, and both can make visits alike.",
    ),
)
def crossed(data):
    """Each patient sees several doctors, each doctor sees many patients, and a row is a visit.
    Which structure do the data have?"""
    return "c"


@crossed.misconception("crossed-as-nested")
def _(data):
    """A patient would have to have one doctor only. Here a patient sees several, so patients do
    not lie inside doctors."""
    return "a"


@crossed.misconception("nested-upside-down")
def _(data):
    """A doctor would have to have one patient only. Count how often each id of the one occurs
    with different ids of the other."""
    return "b"


@crossed.misconception("second-factor-left-out")
def _(data):
    """Visits to the same doctor are alike as well. Leave the doctor out, and standard errors of
    what differs between doctors are too small."""
    return "d"


@question(
    "ch14.repeated-ids",
    choices={
        "a": "nothing: the program knows that classes lie in schools",
        "b": "the classes are read as crossed with schools: class 1 of all schools is one class",
        "c": "there are too few classes; more students per class are needed",
        "d": "classes should be fixed effects, because there are only four",
    },
    hints=(
        "How many classes are there in truth?",
        "25 schools of four classes have 100 classes. What did the program count, and why?",
        "Look at the ids: does `class` 1 occur in one school only?",
    ),
)
def repeated_ids(data):
    """25 schools have four classes each, numbered 1 to 4 in every school. The output of
    `math ~ 1 + (1 | school) + (1 | class)` says "groups: school, 25; class, 4". What happened?"""
    return "b"


@repeated_ids.misconception("program-knows-nesting")
def _(data):
    """It knows ids, nothing else. Make them unique first: `school` and `class` joined into one."""
    return "a"


@repeated_ids.misconception("more-students-for-more-groups")
def _(data):
    """There are 100 classes, enough. The output counts four, since the ids repeat."""
    return "c"


@repeated_ids.misconception("four-levels-fixed")
def _(data):
    """There are not four classes but 100. As fixed effects the four numbers would mean as little:
    what have all "class 1" in common?"""
    return "d"


# ------------------------------------------------------------------------- yes or no


@question(
    "ch14.latent-icc",
    points=1,
    unit="share",
    hints=(
        "There is no sigma_e in the output. What stands in its place?",
        "The hidden residual of a logistic model has the variance pi squared over three.",
        "sigma_u² / (sigma_u² + pi²/3); the table gives sigma_u, not its square.",
    ),
    **PRINTED,
)
def latent_icc(data):
    """A random intercept logistic model printed the slope of `escs` and `sigma_u` in your table.
    What is the ICC of the hidden (latent) score?"""
    _, s = printed(data)
    return s**2 / (s**2 + np.pi**2 / 3)


@latent_icc.misconception("sd-in-latent-icc")
def _(data):
    """You took sigma_u as it is. It is a standard deviation, and an ICC compares variances: square
    it."""
    _, s = printed(data)
    return s / (s + np.pi**2 / 3)


@latent_icc.misconception("probit-residual")
def _(data):
    """Your residual variance is 1. That belongs to the *probit* model. In the logistic model it is
    pi squared over three, about 3.29."""
    _, s = printed(data)
    return s**2 / (s**2 + 1)


@latent_icc.misconception("pi-not-squared")
def _(data):
    """Your residual variance is pi over three. The variance of the logistic distribution is pi
    *squared* over three."""
    _, s = printed(data)
    return s**2 / (s**2 + np.pi / 3)


@latent_icc.misconception("residual-sd-for-variance")
def _(data):
    """You put in the root of pi²/3, the residual's standard deviation. Both terms are variances."""
    _, s = printed(data)
    return s**2 / (s**2 + np.pi / np.sqrt(3))


@latent_icc.misconception("hidden-share-within")
def _(data):
    """That is the share *within* schools, pi²/3 over the total. Asked is the schools' share."""
    _, s = printed(data)
    return np.pi**2 / 3 / (s**2 + np.pi**2 / 3)


@latent_icc.misconception("hidden-ratio")
def _(data):
    """You divided by pi²/3 alone. Below stands the total: pi²/3 plus the schools' variance."""
    _, s = printed(data)
    return s**2 / (np.pi**2 / 3)


@question(
    "ch14.marginal-or",
    points=2,
    quantity="variance",
    hints=(
        "Over all schools, is the odds ratio nearer to 1 or farther from it?",
        "First make the *slope* smaller, then go to the odds ratio.",
        "Divide the slope by the root of 1 + 0.346 sigma_u², then take exp.",
    ),
    **PRINTED,
)
def marginal_or(data):
    """The same output. What odds ratio of `escs` do you expect over *all* schools (the marginal
    one, as from GEE), by the approximation with 0.346?"""
    b, s = printed(data)
    return float(np.exp(b / np.sqrt(1 + 0.346 * s**2)))


@marginal_or.misconception("conditional-or")
def _(data):
    """That is the *conditional* odds ratio: of two students of one school. Over all schools it is
    nearer to 1."""
    return float(np.exp(printed(data)[0]))


@marginal_or.misconception("log-odds-not-odds")
def _(data):
    """That is the marginal slope, on the scale of log-odds. Take exp to get an odds ratio."""
    b, s = printed(data)
    return b / np.sqrt(1 + 0.346 * s**2)


@marginal_or.misconception("wrong-way-marginal")
def _(data):
    """You multiplied where you should divide: your odds ratio is farther from 1 than the
    conditional one. Averaging curves makes them flatter."""
    b, s = printed(data)
    return float(np.exp(b * np.sqrt(1 + 0.346 * s**2)))


@marginal_or.misconception("odds-ratio-divided")
def _(data):
    """You divided the odds ratio. The approximation is about the *slope*: divide first, then
    exp."""
    b, s = printed(data)
    return float(np.exp(b) / np.sqrt(1 + 0.346 * s**2))


@marginal_or.misconception("sd-in-attenuation")
def _(data):
    """You forgot to square sigma_u under the root."""
    b, s = printed(data)
    return float(np.exp(b / np.sqrt(1 + 0.346 * s)))


@marginal_or.misconception("conditional-log-odds")
def _(data):
    """That is the slope as printed: within a school, and on the scale of log-odds. Make it smaller
    first, then take exp."""
    return printed(data)[0]


@marginal_or.misconception("root-left-out")
def _(data):
    """You divided by 1 + 0.346 sigma_u² itself. Divide by its root."""
    b, s = printed(data)
    return float(np.exp(b / (1 + 0.346 * s**2)))


@marginal_or.misconception("minus-lost")
def _(data):
    """You lost the minus of the slope: that is the odds ratio of one unit *less*. Where escs is
    higher, the odds are lower, so the ratio is below 1."""
    b, s = printed(data)
    return float(np.exp(-b / np.sqrt(1 + 0.346 * s**2)))


@question(
    "ch14.two-odds",
    choices={
        "a": "one of them must have a mistake: the data are the same",
        "b": "GEE ignores that students of a school are alike, so its estimate is biased",
        "c": "the first compares students of one school, the second students over all schools",
        "d": "GEE shrinks its estimates towards 1, as random effects are shrunken",
    },
    hints=(
        "Do they answer the same question?",
        "Average many S-shaped curves: is the average as steep as they are?",
        "The words are conditional and marginal.",
    ),
)
def two_odds(data):
    """From the same students, a random intercept logistic model gives an odds ratio of 2.0 and GEE
    gives 1.6. Both were done rightly. Why do they differ?"""
    return "c"


@two_odds.misconception("one-odds-ratio-only")
def _(data):
    """In a linear model the two would agree. In a logistic one they are different quantities, and
    both can be right."""
    return "a"


@two_odds.misconception("gee-ignores-clusters")
def _(data):
    """GEE knows the schools: by its working correlation and in its standard errors. It asks for an
    average over them."""
    return "b"


@two_odds.misconception("gee-shrinks")
def _(data):
    """GEE has no random effects and shrinks nothing. The average of the schools' curves is flatter,
    and that is what it estimates."""
    return "d"


# ------------------------------------------------------------------------- growth


@question(
    "ch14.gain-sd",
    points=1,
    hints=(
        "Fit a random intercept and a random slope of `year`.",
        "Asked is how much the *slopes* differ between students.",
        "The root of the slope's variance: the row `year` under Random effects, Std.Dev.",
    ),
    **YEARS,
)
def gain_sd(data):
    """Fit the growth model of `score`: `year` (0 to 4), with a random intercept and a random slope
    for students, REML. By how many points a year do the students' gains differ: their standard
    deviation?"""
    return float(np.sqrt(lmer(GROWTH, data).cov_u.to_numpy()[1, 1]))


@gain_sd.misconception("variance-of-gains")
def _(data):
    """That is the variance of the gains. Asked is the standard deviation, its root."""
    return float(lmer(GROWTH, data).cov_u.to_numpy()[1, 1])


@gain_sd.misconception("mean-gain-for-spread")
def _(data):
    """That is the gain of the average student, the fixed slope. Asked is how much students differ
    from it."""
    return float(lmer(GROWTH, data).beta["year"])


@gain_sd.misconception("se-for-spread-of-gains")
def _(data):
    """That is the standard error of the average gain. It says how well the average is known, not
    how much students differ."""
    return float(lmer(GROWTH, data).se["year"])


@gain_sd.misconception("own-lines")
def _(data):
    """You fitted a line to each student and took the SD of the slopes. That spread contains the
    error of each line, so it is too large. Take it from the model."""
    return float((scores(data) @ np.array([-2, -1, 0, 1, 2]) / 10).std(ddof=1))


@gain_sd.misconception("intercepts-for-gains")
def _(data):
    """That is the spread of the intercepts: of the level at year 0. The gains have the row
    `year`."""
    return float(np.sqrt(lmer(GROWTH, data).cov_u.to_numpy()[0, 0]))


@gain_sd.misconception("residual-for-gains")
def _(data):
    """That is sigma_e: how far a score lies from its student's own line. Asked is how much the
    *slopes* of these lines differ."""
    return lmer(GROWTH, data).sigma_e


@gain_sd.misconception("predicted-gains")
def _(data):
    """That is the SD of the predicted gains. They are shrunken, so they spread less than the gains
    do (chapter 3). Take the model's own number, the row `year`."""
    return float(_predicted(data, "year").std(ddof=1))


@question(
    "ch14.correlation-at-the-end",
    points=2,
    hints=(
        "The intercept stands where time is zero. Where should zero be?",
        "Make a column `year - 4` and use it for the fixed and the random slope.",
        "Fit `score ~ time + (1 + time | student)` with `time = year - 4`, and read `Corr`.",
    ),
    **YEARS,
)
def correlation_at_the_end(data):
    """In the growth model: what is the correlation between a student's level at the *last* test
    (year 4) and the student's gain a year?"""
    return correlation(data, 4)


@correlation_at_the_end.misconception("correlation-at-the-start")
def _(data):
    """That is the correlation with the level at year 0, where your time is zero. Move the zero to
    the last test."""
    return correlation(data, 0)


@correlation_at_the_end.misconception("zero-moved-the-wrong-way")
def _(data):
    """You added 4 where you should subtract: your zero lies four years *before* the first test."""
    return correlation(data, -4)


@correlation_at_the_end.misconception("centred-in-the-middle")
def _(data):
    """You centred time at its mean, so your level is that of year 2. The last test is at year 4."""
    return correlation(data, 2)


@correlation_at_the_end.misconception("raw-gain-scores")
def _(data):
    """You correlated the last score with last minus first. The error of the last test is in both,
    which pushes the correlation up. Take it from the model."""
    y = scores(data)
    return float(np.corrcoef(y[:, 4], y[:, 4] - y[:, 0])[0, 1])


@correlation_at_the_end.misconception("correlation-of-errors")
def _(data):
    """That is from "Correlation of Fixed Effects": how the *errors* of two estimates go together.
    Asked is the column `Corr` of the random effects, with the zero of time at the last test."""
    (v0, c01), (_, v1) = np.asarray(lmer(GROWTH, data).cov_beta)
    return float(c01 / np.sqrt(v0 * v1))


@correlation_at_the_end.misconception("gain-with-first-score")
def _(data):
    """You correlated the *first* score with last minus first. Asked is the level at the last test,
    and the model's correlation, not that of raw scores."""
    y = scores(data)
    return float(np.corrcoef(y[:, 0], y[:, 4] - y[:, 0])[0, 1])


@correlation_at_the_end.misconception("correlation-of-predictions")
def _(data):
    """You correlated the *predicted* levels and gains of the students. Predictions are shrunken,
    and their correlation is another than that of what they predict. Read `Corr` of the model."""
    level, gain = _predicted(data, "Intercept"), _predicted(data, "year")
    return float(np.corrcoef(level + 4 * gain, gain)[0, 1])


@correlation_at_the_end.misconception("covariance-for-correlation")
def _(data):
    """That is the covariance. Divide it by both standard deviations."""
    (_, c01), (_, v1) = lmer(GROWTH, data).cov_u.to_numpy()
    return float(c01 + 4 * v1)


# ------------------------------------------------------------------------- few groups


@question(
    "ch14.programme",
    points=2,
    quantity="fixed",
    data=programmes,
    hints=(
        "How far should A be drawn from its own estimate towards the mean?",
        "What it keeps is sigma_u² / (sigma_u² + se²), with the standard error of A.",
        "6 + 64 / (64 + se²) · (effect − 6).",
    ),
)
def programme(data):
    """Eight programmes, each with an estimated effect and its standard error. Take sigma_u = 8 and
    a mean effect of 6 as known. Which effect do you predict for programme A?"""
    effect, _, kept = first(data)
    return MEAN + kept * (effect - MEAN)


@programme.misconception("no-pooling")
def _(data):
    """That is A's own estimate, untouched. It is largely luck: draw it towards the mean."""
    return first(data)[0]


@programme.misconception("complete-pooling")
def _(data):
    """That is the mean, as if all programmes were alike, sigma_u = 0. A's own data count for
    something."""
    return MEAN


@programme.misconception("weights-swapped")
def _(data):
    """The weights are the wrong way round. A large standard error means *more* drawing towards the
    mean."""
    effect, _, kept = first(data)
    return MEAN + (1 - kept) * (effect - MEAN)


@programme.misconception("sds-as-weights")
def _(data):
    """You weighed with 8 and the standard error themselves. The weights are variances: square
    both."""
    effect, se, _ = first(data)
    return MEAN + SIGMA_U / (SIGMA_U + se) * (effect - MEAN)


@programme.misconception("drawn-towards-zero")
def _(data):
    """You drew the effect towards zero. Shrinkage goes towards the *mean* of the programmes."""
    effect, _, kept = first(data)
    return kept * effect


@programme.misconception("deviation-without-the-mean")
def _(data):
    """That is u of programme A, how far it lies from the mean. Add the mean."""
    effect, _, kept = first(data)
    return kept * (effect - MEAN)


@programme.misconception("mean-of-the-eight")
def _(data):
    """You drew A towards the mean of the eight effects in the table. The question gives the mean
    effect: 6."""
    effect, _, kept = first(data)
    own = float(data["effect"].mean())
    return own + kept * (effect - own)


@programme.misconception("share-kept")
def _(data):
    """That is the share of its deviation that A keeps. Multiply the deviation with it, and add the
    mean."""
    return first(data)[2]


@programme.misconception("one-sd-unsquared")
def _(data):
    """You squared the standard error and not sigma_u: 8 stands where 64 belongs."""
    effect, se, _ = first(data)
    return MEAN + SIGMA_U / (SIGMA_U + se**2) * (effect - MEAN)


@question(
    "ch14.zero-of-five",
    choices={
        "a": "the five countries do not differ",
        "b": "five groups say little about sigma_u; zero fits best, and values well above may fit "
        "nearly as well",
        "c": "the program failed, so the data cannot be used",
        "d": "take out the random intercept; ordinary regression is right then",
    },
    hints=(
        "What does the likelihood look like around zero with five groups?",
        "One value fits best. How much worse do others fit?",
        "Look at an interval, or at the posterior under two priors.",
    ),
)
def zero_of_five(data):
    """Students of five countries; the fit is singular, sigma_u between countries is estimated as 0.
    What follows?"""
    return "b"


@zero_of_five.misconception("zero-proves-equality")
def _(data):
    """The best-fitting value is zero. With five groups the likelihood is flat, and a sigma_u that
    matters may fit almost as well."""
    return "a"


@zero_of_five.misconception("singular-means-broken")
def _(data):
    """Nothing failed: zero is where this likelihood has its top. It is an answer, but a weak
    one."""
    return "c"


@zero_of_five.misconception("zero-frees-from-groups")
def _(data):
    """Then the standard errors of what differs between countries would rest on all students, and
    on the claim that sigma_u *is* zero. Five countries cannot show that."""
    return "d"


@question(
    "ch14.neutral-prior",
    choices={
        "a": "it says nothing, so the data decide",
        "b": "it is a strong opinion in favour of values near zero when there are few groups",
        "c": "it makes sigma_u too large",
        "d": "the choice of a prior for a variance never matters",
    },
    hints=(
        "What does 1/sigma_u do near zero?",
        "Which of the three posteriors of chapter 14 was piled up?",
        "Gelman (2006) drew it for the eight schools.",
    ),
)
def neutral_prior(data):
    """For six groups somebody takes an inverse-gamma(0.001, 0.001) prior for the variance between
    them, "to be neutral". What do you say?"""
    return "b"


@neutral_prior.misconception("flat-looking-is-neutral")
def _(data):
    """Small numbers do not make a prior say nothing. On the scale of sigma_u it runs off near zero,
    and with few groups the posterior goes with it."""
    return "a"


@neutral_prior.misconception("prior-pushes-up")
def _(data):
    """The other way round: its mass is piled up near zero. (A uniform prior is the one with a long
    upper tail when groups are very few.)"""
    return "c"


@neutral_prior.misconception("prior-never-matters")
def _(data):
    """With many groups it hardly does. With six it does: show the result under two of them."""
    return "d"


# ------------------------------------------------------------------------- report


@question(
    "ch14.plan",
    points=4,
    kind="text",
    rubric=(
        "writes a question with a unit, and names the levels and what a row is (1 point)",
        "says for each predictor at which level it varies, and what to do if at both (1 point)",
        "gives the number of groups and what follows from it (1 point)",
        "names the first two models, and one thing the data cannot say (1 point)",
    ),
    hints=(
        "What is one row? What is one group?",
        "Go through the list at the end of chapter 14, points 1 to 9.",
        "End with what your data cannot say: cause, other groups, other times.",
    ),
)
def plan(data):
    """Your own data: write a plan of some six sentences. The question with its unit, the levels,
    the level of each predictor, the number of groups, the first two models, and what the data
    cannot say."""
    return ""
