"""Chapter 8: centring; within, between and contextual slopes."""

import numpy as np
import pandas as pd

from hlmteach.centering import center

from . import slopes
from .fits import lmer, remember
from .model_rules import same
from .question import question
from .recipes import usa_schools
from .world import world

NULL = "math ~ 1 + (1 | school_id)"
BLEND = "math ~ 1 + escs + (1 | school_id)"
WITHIN = "math ~ 1 + escs_within + (1 | school_id)"
HYBRID = "math ~ 1 + escs_within + escs_mean + (1 | school_id)"
CONTEXT = "math ~ 1 + escs + escs_mean + (1 | school_id)"
SHARED = {"data": usa_schools, "dataset": "ch08.schools"}
SECOND = {"data": usa_schools, "dataset": "ch08.zeros"}


def gaps(random: np.random.RandomState) -> pd.DataFrame:
    """`usa_schools` with math missing for a quarter of the students, more often at a low escs."""
    data = usa_schools(random)
    low = data["escs"].to_numpy() < data["escs"].median()
    lost = random.random_sample(len(data)) < np.where(low, 0.4, 0.1)
    return data.assign(math=data["math"].mask(lost))


def parts(data):
    """The table with each school's mean of escs and the students' deviations from it."""
    return remember(data, ("centred",), lambda: center(data, "escs", "school_id"))


def beta(formula, data):
    return lmer(formula, parts(data)).beta


def school_means(data):
    """(J,) mean of escs of each school."""
    w = world(data, NULL)
    return np.bincount(w.codes, data["escs"].to_numpy()) / w.sizes


# ------------------------------------------------------------------------- three slopes


@question(
    "ch08.hybrid",
    points=2,
    kind="model",
    hints=(
        "The predictor has two parts. Each becomes a column.",
        '`hlm.center(data, "escs", group="school_id")` returns a table with both columns.',
        "Fit `math ~ escs_within + escs_mean` to the table that it returns, with the schools as "
        "groups.",
    ),
    **SHARED,
)
def hybrid(data):
    """Fit the within-between (hybrid) model of `math`: `escs_within`, which is `escs` minus the
    mean of the student's school, and `escs_mean`, that mean; a random intercept for schools, REML.
    Hand in the fitted model."""
    return lmer(HYBRID, parts(data))


def _holds(evidence, data) -> set[str]:
    """Which kinds of escs the columns of a model are, told by mean and SD."""
    centred = parts(data)
    x, means, deviations = (
        centred[name].to_numpy() for name in ("escs", "escs_mean", "escs_within")
    )
    kinds = {
        "raw": x,
        "grand": x - x.mean(),
        "within": deviations,
        "mean": means,
        "mean centred": means - means.mean(),
        "mean centred over schools": means - school_means(data).mean(),
    }
    known = {kind: {"mean": v.mean(), "sd": v.std()} for kind, v in kinds.items()}
    return {kind for kind in known for c in evidence.columns if same(c, known[kind])}


@hybrid.rule("contextual-model")
def _(evidence, data):
    """Your model has the school mean beside escs as it is, or grand-mean centred (Mundlak's model).
    It fits as well, but its coefficient of the mean is the *contextual* slope. Put the deviations
    from the school means, `escs_within`, in the place of escs."""
    held = _holds(evidence, data)
    return "mean" in held and bool(held & {"raw", "grand"})


@hybrid.rule("mean-left-out")
def _(evidence, data):
    """The deviations are there and the school mean is not. Then what differs between schools is
    left to the random intercept, and there is no between slope. Add `escs_mean`."""
    return len(evidence.columns) == 2 and "within" in _holds(evidence, data)


@hybrid.rule("deviations-left-out")
def _(evidence, data):
    """The school mean is there and the deviations are not. Then there is no within slope. Add
    `escs_within`."""
    return len(evidence.columns) == 2 and "mean" in _holds(evidence, data)


@hybrid.rule("grand-mean-for-group-mean")
def _(evidence, data):
    """You centred escs at the mean of all students. Its school means still differ, so its slope is
    the same blend as without centring. Subtract from each student the mean of the *own school*."""
    return len(evidence.columns) == 2 and "grand" in _holds(evidence, data)


@hybrid.rule("escs-not-split")
def _(evidence, data):
    """escs went in as it is, in one piece: one slope for both comparisons, a blend. Split it with
    `hlm.center(data, "escs", group="school_id")` and enter both columns."""
    return len(evidence.columns) == 2 and "raw" in _holds(evidence, data)


@hybrid.rule("means-centred-too")
def _(evidence, data):
    """The slopes are right. But you centred the school means as well, which moves the intercept to
    an average school. That is a good habit, and another model than the one asked for: take
    `escs_mean` as it is."""
    return "within" in (held := _holds(evidence, data)) and bool(
        held & {"mean centred", "mean centred over schools"}
    )


@question(
    "ch08.within",
    points=1,
    quantity="fixed",
    hints=(
        "Which of the two columns differs between students of one school?",
        "It is the column of the deviations.",
        "Take the row `escs_within` of the model with both parts.",
    ),
    **SHARED,
)
def within(data):
    """Two students of one school differ by one unit of `escs`. By how many points of `math` do they
    differ on average: the within slope of the hybrid model (REML)?"""
    return beta(HYBRID, data)["escs_within"]


@within.misconception("blend-for-within")
def _(data):
    """That is the slope of escs as it is, or centred at the grand mean, which is the same. It
    blends the slope within schools with the one between them. Centre at the means of the
    *schools*."""
    return beta(BLEND, data)["escs"]


@within.misconception("ols-for-within")
def _(data):
    """That is the slope of an ordinary regression. It takes the differences between schools at
    face value, so it is a blend as well, and one nearer to the slope between schools."""
    return world(data, BLEND).ols[0]["escs"]


@within.misconception("between-for-within")
def _(data):
    """That is the slope *between* schools, the row of the mean. Two students of one school share
    the mean; they differ in their deviations from it."""
    return beta(HYBRID, data)["escs_mean"]


@within.misconception("contextual-for-within")
def _(data):
    """That is the contextual slope: the one between schools minus the one within. Take the row of
    the deviations."""
    return beta(CONTEXT, data)["escs_mean"]


@within.misconception("agg-for-within")
def _(data):
    """That is the slope of a regression on school means. It has no students in it, and can say
    nothing about two students of one school."""
    return slopes.between(world(data, BLEND))[0]["escs"]


@question(
    "ch08.between",
    points=1,
    quantity="fixed",
    hints=(
        "Two schools differ in their means. Which column holds these?",
        "In the hybrid model it stands beside the *deviations*. Beside escs itself it would have "
        "another meaning.",
        "Take the row `escs_mean` of the hybrid model.",
    ),
    **SHARED,
)
def between(data):
    """Two *schools* differ by one unit in their mean of `escs`. By how many points do their means
    of `math` differ on average: the between slope of the hybrid model (REML)?"""
    return beta(HYBRID, data)["escs_mean"]


@between.misconception("contextual-for-between")
def _(data):
    """That is the *contextual* slope, the coefficient of the mean beside `escs` as it is. It
    compares students with equal escs. Between is within plus contextual; or put the deviations in
    the place of `escs`."""
    return beta(CONTEXT, data)["escs_mean"]


@between.misconception("within-for-between")
def _(data):
    """That is the slope *within* schools, the row of the deviations. Look at the row of the
    mean."""
    return beta(HYBRID, data)["escs_within"]


@between.misconception("slopes-added")
def _(data):
    """You added the row of the deviations to the row of the mean. That is right only where the
    mean stands beside `escs` as it is. Beside the deviations its coefficient is the between slope
    already."""
    b = beta(HYBRID, data)
    return b["escs_within"] + b["escs_mean"]


@between.misconception("agg-for-between")
def _(data):
    """That is the slope of a regression on school means, each school counted once. It estimates
    the same thing, but a school of few students weighs as much there as a large one. Take it from
    the random intercept model."""
    return slopes.between(world(data, BLEND))[0]["escs"]


@between.misconception("blend-for-between")
def _(data):
    """That is the slope of escs as it is: a blend, and mostly of the slope *within* schools. Give
    each part a column of its own."""
    return beta(BLEND, data)["escs"]


@question(
    "ch08.contextual",
    points=2,
    quantity="fixed",
    hints=(
        "Two students have the same escs. What differs is their school.",
        "It is the difference of two slopes that you have already.",
        "Subtract the within slope from the between slope; or enter `escs` and `escs_mean`.",
    ),
    **SHARED,
)
def contextual(data):
    """Two students have the *same* `escs`; the mean of the one's school is one unit higher. By how
    many points do they differ on average: the contextual slope (random intercept, REML)?"""
    return beta(CONTEXT, data)["escs_mean"]


@contextual.misconception("between-for-contextual")
def _(data):
    """That is the slope *between* schools. It compares schools, whose students differ in their own
    escs as well. Subtract what goes with the student's own escs: the within slope."""
    return beta(HYBRID, data)["escs_mean"]


@contextual.misconception("difference-reversed")
def _(data):
    """You subtracted in the other order. Contextual is between *minus* within."""
    return -beta(CONTEXT, data)["escs_mean"]


@contextual.misconception("slopes-added")
def _(data):
    """You added the within and the between slope. The contextual slope is their *difference*."""
    b = beta(HYBRID, data)
    return b["escs_within"] + b["escs_mean"]


@contextual.misconception("within-for-contextual")
def _(data):
    """That is the within slope. It belongs to students of *one* school; here the students are of
    two schools."""
    return beta(HYBRID, data)["escs_within"]


@contextual.misconception("blend-subtracted")
def _(data):
    """You subtracted the slope of escs as it is. That one is a blend, with some of the between
    slope in it already. Subtract the pure within slope."""
    return beta(HYBRID, data)["escs_mean"] - beta(BLEND, data)["escs"]


@contextual.misconception("ratio-of-slopes")
def _(data):
    """You divided between by within. The contextual slope is a difference, in points."""
    b = beta(HYBRID, data)
    return b["escs_mean"] / b["escs_within"]


# ------------------------------------------------------------------------- zeros and levels


@question(
    "ch08.intercept",
    points=2,
    quantity="fixed",
    hints=(
        "Say where both columns are zero: deviations of 0 are a student at the mean of the own "
        "school. And a mean of 0?",
        "The school of the question has an average mean, and the average is taken over schools.",
        "Centre `escs_mean` at the mean over schools (`grand='groups'`) and read the intercept; or "
        "add that mean times the between slope to the intercept.",
    ),
    **SECOND,
)
def intercept(data):
    """What score does the hybrid model (`escs_within` and `escs_mean`, REML) expect of a student
    whose `escs` is at the mean of the own school, in a school whose mean is at the average of the
    school means, each school counted once?"""
    return _at(data, school_means(data).mean())


def _at(data, mean):
    b = beta(HYBRID, data)
    return b["Intercept"] + b["escs_mean"] * mean


@intercept.misconception("zero-of-the-index")
def _(data):
    """That is the intercept with uncentred means: a school whose mean of escs is *zero* on the
    index. Move the zero to the average school."""
    return _at(data, 0.0)


@intercept.misconception("mean-over-students")
def _(data):
    """You centred the school means at their mean over *students*, so that a school counts as often
    as it has students. Take one row for each school."""
    return _at(data, data["escs"].mean())


@intercept.misconception("moved-by-the-within-slope")
def _(data):
    """You moved the intercept by the *within* slope. From a school whose mean is zero to the
    average school, the score moves by the slope between schools."""
    b = beta(HYBRID, data)
    return b["Intercept"] + b["escs_within"] * school_means(data).mean()


@intercept.misconception("sign-lost")
def _(data):
    """You moved the intercept in the wrong direction. A school of a higher mean has a higher
    expected score."""
    return _at(data, -school_means(data).mean())


@question(
    "ch08.spread-of-means",
    points=1,
    hints=(
        "How many school means are there: as many as students?",
        "Take one row for each school before you describe a level-2 variable.",
        '`data.groupby("school_id")["escs"].mean().std()`.',
    ),
    **SECOND,
)
def spread_of_means(data):
    """By how much do the observed school means of `escs` differ: their standard deviation over
    schools (n - 1 in the denominator)?"""
    return school_means(data).std(ddof=1)


@spread_of_means.misconception("over-students")
def _(data):
    """You took it over students: each mean counts as often as the school has students. A level-2
    variable is described at its own level, one row for each school."""
    return parts(data)["escs_mean"].std(ddof=1)


@spread_of_means.misconception("sd-of-escs")
def _(data):
    """That is the standard deviation of the students' escs. It contains what differs within
    schools as well. Average each school first."""
    return data["escs"].std(ddof=1)


@spread_of_means.misconception("sd-within")
def _(data):
    """That is the standard deviation of the deviations from the school means: what differs *within*
    schools."""
    return parts(data)["escs_within"].std(ddof=1)


@spread_of_means.misconception("variance-for-sd")
def _(data):
    """That is the variance. Its root, the standard deviation, is asked."""
    return school_means(data).var(ddof=1)


@spread_of_means.misconception("model-sd")
def _(data):
    """That is sigma_u of a model of escs: how much the *true* means differ, without the luck in who
    was drawn. Asked is the spread of the observed means. (For composition, yours is the better
    number.)"""
    return lmer("escs ~ 1 + (1 | school_id)", data).sigma_u


@question(
    "ch08.adjusted-ratio",
    points=2,
    quantity="fixed",
    hints=(
        "Composition is what differs *between* schools. Which columns hold that?",
        "The students' own escs and the mean of the school have both to be in the model.",
        "Fit `math ~ escs + escs_mean + stratio` and read the row `stratio`.",
    ),
    data=usa_schools,
    dataset="ch08.ratio",
)
def adjusted_ratio(data):
    """Hold constant the students' own `escs` *and* the mean of their school. By how many points of
    `math` do schools with one more student per teacher (`stratio`) differ then (random intercept,
    REML)?"""
    return _ratio(data, "escs + escs_mean")


def _ratio(data, held):
    return beta(f"math ~ 1 + {held} + stratio + (1 | school_id)", data)["stratio"]


@adjusted_ratio.misconception("no-mean")
def _(data):
    """Your model has the deviations alone, or nothing of escs. Deviations have the mean 0 in each
    school, so they hold nothing constant that differs between schools. Add the mean."""
    return _ratio(data, "escs_within")


@adjusted_ratio.misconception("blend-as-control")
def _(data):
    """Your model has escs without the school's mean. It adjusts schools by the blended slope, less
    than they differ. Add the mean."""
    return _ratio(data, "escs")


@adjusted_ratio.misconception("ols-as-rim")
def _(data):
    """That is an ordinary regression, which does not know the schools. Let them in as a random
    intercept."""
    formula = "math ~ 1 + escs + escs_mean + stratio + (1 | school_id)"
    return world(parts(data), formula).ols[0]["stratio"]


@question(
    "ch08.rows-first",
    points=2,
    quantity="fixed",
    data=gaps,
    dataset="ch08.gaps",
    hints=(
        "Which students does the model use? Whom should the means describe?",
        "A mean depends on the rows that enter it, so the order of two steps matters.",
        "First `data.dropna(subset=['math', 'escs'])`, then `hlm.center`, then the model.",
    ),
)
def rows_first(data):
    """In these data `math` has gaps. Take the complete rows of `math` and `escs`, then centre, then
    fit `math ~ escs + escs_mean` (random intercept, REML). What is the contextual slope?"""
    return beta(CONTEXT, _complete(data))["escs_mean"]


def _complete(data):
    return remember(data, ("complete",), lambda: data.dropna(subset=["math"]))


@rows_first.misconception("means-before-dropping")
def _(data):
    """You took the school means first and dropped the incomplete rows after. The means then count
    students whom the model does not use, and those are not like the others. Drop first."""
    centred = remember(data, ("early",), lambda: parts(data).dropna(subset=["math"]))
    return lmer(CONTEXT, centred).beta["escs_mean"]


@rows_first.misconception("filled-with-the-mean")
def _(data):
    """You filled the gaps with the mean of math. These students now have an average score whatever
    their escs, which flattens every slope. Drop the rows."""
    filled = remember(data, ("filled",), lambda: data.fillna({"math": data["math"].mean()}))
    return beta(CONTEXT, filled)["escs_mean"]


@rows_first.misconception("between-for-contextual")
def _(data):
    """That is the slope *between* schools. The contextual slope is between minus within."""
    return beta(HYBRID, _complete(data))["escs_mean"]


@rows_first.misconception("other-row")
def _(data):
    """That is the row of the student's own escs, the within slope. The contextual one is the
    coefficient of the mean."""
    return beta(CONTEXT, _complete(data))["escs"]


# ------------------------------------------------------------------------- reasons


@question(
    "ch08.read-mean",
    choices={
        "a": "of two schools, the one whose mean of escs is one unit higher has a mean 33 points "
        "higher",
        "b": "of two students with the same escs, the one in the school whose mean is one unit "
        "higher scores 33 points higher on average",
        "c": "a student who moves to a school whose mean is one unit higher will gain 33 points",
        "d": "a student whose escs is one unit higher scores 33 points higher on average",
    },
    hints=(
        "What stands beside the mean in this model, and is held constant?",
        "The student's own escs is held constant. So what do the two students share?",
        "It is the contextual slope, and nobody was moved.",
    ),
)
def read_mean(data):
    """A random intercept model with `escs` (uncentred) and `escs_mean` prints 33 in the row
    `escs_mean`. Which sentence says what that is?"""
    return "b"


@read_mean.misconception("contextual-read-as-between")
def _(data):
    """That is the between slope: the coefficient of the mean beside `escs_within`. Here the
    students' own escs is held constant."""
    return "a"


@read_mean.misconception("association-as-cause")
def _(data):
    """Nobody was moved. Families choose schools, and schools differ in more than the mean. The
    coefficient compares different students."""
    return "c"


@read_mean.misconception("mean-read-as-student")
def _(data):
    """That is about the student's own escs, which has its own row. The row of the mean compares
    schools."""
    return "d"


@question(
    "ch08.grand-mean",
    choices={
        "a": "the intercept, and nothing else",
        "b": "the slope: it becomes the within slope",
        "c": "the variance between schools",
        "d": "nothing at all",
    },
    hints=(
        "One and the same number is subtracted from everybody.",
        "Do two students still differ by the same amount of escs?",
        "Only the place of zero has moved. Which number belongs to that place?",
    ),
)
def grand_mean(data):
    """In `math ~ escs` with a random intercept you replace `escs` by `escs` minus the mean of all
    students. What changes?"""
    return "a"


@grand_mean.misconception("grand-mean-as-group-mean")
def _(data):
    """That would be *group*-mean centring. Subtract one number from everybody, and schools differ
    as before: the slope is the same blend."""
    return "b"


@grand_mean.misconception("centring-changes-fit")
def _(data):
    """Grand-mean centring leaves the fit as it is, the variances with it (as long as no slope is
    random). Group-mean centring without the mean changes it."""
    return "c"


@grand_mean.misconception("intercept-forgotten")
def _(data):
    """The intercept is the expected score where the predictor is zero, and zero is somewhere else
    now."""
    return "d"


@question(
    "ch08.composition",
    choices={
        "a": "yes: SES is in the model, and so is held constant",
        "b": "yes, because group-mean centring removes all bias",
        "c": "no: a column with the mean 0 in every school cannot adjust for what differs between "
        "schools",
        "d": "no: SES should be grand-mean centred, which makes it the within slope",
    },
    hints=(
        "What is the mean of group-mean centred SES in a private school? In a public one?",
        "The comparison is between schools. Which part of SES differs between schools?",
        "A predictor can adjust a comparison only if it differs between the things compared.",
    ),
)
def composition(data):
    """A paper compares private with public schools "controlling for SES". The model has the sector
    and group-mean centred SES, without the school means of SES. Is the comparison adjusted for the
    intake of the schools?"""
    return "c"


@composition.misconception("no-mean-controls")
def _(data):
    """Only its deviations are in the model. What differs between schools was subtracted before, and
    is now in the u_j. Add the school means of SES."""
    return "a"


@composition.misconception("centring-as-cure")
def _(data):
    """Group-mean centring protects the *within* slope. The comparison of schools is left without
    any adjustment."""
    return "b"


@composition.misconception("grand-mean-makes-within")
def _(data):
    """The "no" is right, the reason is not. Grand-mean centred SES does adjust, since it still
    differs between schools; but its slope is the blend, not the within slope."""
    return "d"


@question(
    "ch08.few-students",
    choices={
        "a": "composition does not matter",
        "b": "a mean of four students measures a class badly, so a contextual slope comes out too "
        "small",
        "c": "a mean of few students varies more, so the contextual slope comes out too large",
        "d": "the within slope is biased as well, so nothing can be said",
    },
    hints=(
        "The mean of four is partly luck. Does luck predict scores?",
        "What does noise in a predictor do to its slope?",
        "Chapter 8 multiplies the contextual slope by a reliability. Which slope is not touched?",
    ),
)
def few_students(data):
    """From each of 500 classes four students were drawn at random. The contextual slope of `escs`
    is small, with an interval around zero. What should be said about it?"""
    return "b"


@few_students.misconception("sampled-mean-as-composition")
def _(data):
    """The model knows the mean of four students, not the class. Much of the spread of such means is
    luck, and that flattens the slope. No slope found is not no slope."""
    return "a"


@few_students.misconception("noise-steepens")
def _(data):
    """They do vary more, but the added part is luck, which goes with no difference in scores. The
    same rise over a longer run is a *flatter* slope."""
    return "c"


@few_students.misconception("within-biased-too")
def _(data):
    """Deviations from the observed mean give the within slope without that bias. Only what rests on
    the means, the between and the contextual slope, suffers."""
    return "d"


@question(
    "ch08.two-values",
    choices={
        "a": "nothing: centre it at the school's mean",
        "b": "look for a slip or a wrong join before any model",
        "c": "it is a level-1 predictor after all; give it a within and a between part",
        "d": "take it out: it is constant within most schools",
    },
    hints=(
        "Can one school have two sizes?",
        "What can put a second value into a school's rows?",
        "Chapter 6 met it: ids repeat across countries, and cells are mistyped.",
    ),
)
def two_values(data):
    """`school_size` has one value in each of 136 schools, and two values in one school. What do you
    do?"""
    return "b"


@two_values.misconception("level-2-varies")
def _(data):
    """A school has one size. Averaging two values hides the error and keeps it in the data."""
    return "a"


@two_values.misconception("level-from-the-data")
def _(data):
    """What a variable describes decides its level, not a stray cell. With deviations in a single
    school, a within slope would rest on the error alone."""
    return "c"


@two_values.misconception("constant-within-useless")
def _(data):
    """Constant within schools is what a level-2 predictor should be. It has no within slope, and
    its slope between schools is what you want."""
    return "d"


@question(
    "ch08.report",
    points=3,
    kind="text",
    rubric=(
        "gives two slopes, within and between (or contextual), each with its unit (1 point)",
        "says that the slope of uncentred escs blends the two, or gives a test that they differ "
        "(1 point)",
        "says them as associations, and names the school mean as a mean of sampled students "
        "(1 point)",
    ),
    hints=(
        "One slope cannot answer two questions. Which two numbers does a reader need?",
        "Give evidence that the two slopes differ.",
        "How many students stand behind a school's mean?",
    ),
    **SHARED,
)
def report(data):
    """Report how `escs` goes with `math` within and between your schools, in three sentences for a
    journal: the slopes, whether they differ, and what a reader must know about the school means."""
    return ""
