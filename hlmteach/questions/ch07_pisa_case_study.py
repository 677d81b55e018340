"""Chapter 7: a case study, from two raw tables to a report."""

import numpy as np
import pandas as pd

from .fits import lmer, remember
from .joins import complete, joined
from .question import question
from .recipes import usa_raw, usa_schools
from .world import world

NULL = "math ~ 1 + (1 | school_id)"
RIM2 = "math ~ 1 + desk + escs + stratio + (1 | school_id)"
NEEDED = ("math", "desk", "escs", "stratio")
SILENT = -45.0  # points, where a school reports no ratio
PVS = [f"pv{number}math" for number in range(1, 6)]


# ------------------------------------------------------------------------- data


def two_tables(random: np.random.RandomState) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(students, schools) with gaps; the number of schools differs from student to student.

    Scores rise with the ratio, and are low where it is not known, so that fillings show.
    """
    students, schools = usa_raw(random, n_schools=54 + random.randint(12))
    own = schools[schools["country"] == "USA"]
    ratio = own.set_index("school_id")["stratio"].reindex(students["school_id"]).to_numpy()
    rise = (1.0 + random.random_sample()) * (ratio.clip(max=40.0) - 16.0)
    rise = np.where(np.isnan(ratio), SILENT, rise)
    return students.assign(math=np.round(students["math"] + rise, 1)), schools


def plausible_values(random: np.random.RandomState) -> pd.DataFrame:
    """Students with five plausible values and a weight; schools of low escs were oversampled."""
    data = usa_schools(random, n_schools=47)
    codes = pd.factorize(data["school_id"].to_numpy(dtype=object))[0]
    means = np.bincount(codes, data["escs"]) / np.bincount(codes)
    poor = means + 0.2 * random.normal(size=len(means)) < np.median(means)
    base = np.where(poor, 110, 390) + random.randint(-20, 21, len(means))
    noise = random.normal(0.0, 26.0 + 8.0 * random.random_sample(), (len(data), len(PVS)))
    scores = np.round(data["math"].to_numpy()[:, None] + noise, 1)
    kept = data[["school_id", "student_id", "escs"]].assign(weight=base[codes].astype(float))
    return pd.concat([kept, pd.DataFrame(scores, columns=PVS)], axis=1)


def five_fits(random: np.random.RandomState) -> pd.DataFrame:
    """A slope and its standard error from five fits, one for each plausible value."""
    slope = 28 + 8 * random.random_sample()
    spread = 1.2 + 1.4 * random.random_sample()
    se = 2.4 * (0.7 + 0.6 * random.random_sample(5))
    fits = {"estimate": np.round(slope + spread * random.normal(size=5), 2), "se": np.round(se, 2)}
    return pd.DataFrame(fits, index=pd.Index(PVS, name="outcome"))


SHARED = {"data": two_tables, "dataset": "ch07.tables"}
PLAUSIBLE = {"data": plausible_values, "dataset": "ch07.plausible"}


def analysis(data):
    """The analysis set: joined on the whole key, complete in the columns of all models."""
    return complete(data, NEEDED)


def exploded(data):
    """Students joined with the schools of every country that have the same id, then complete."""
    students, schools = data

    def make():
        table = students.merge(schools[["school_id", "stratio"]], on="school_id")
        return table.dropna(subset=list(NEEDED))

    return remember(students, ("exploded",), make)


# ------------------------------------------------------------------------- tables and rows


@question(
    "ch07.key",
    kind="count",
    hints=(
        "What is a row of the table `schools`?",
        "Does one id stand for one school, in this table?",
        "Count the different pairs of country and school_id.",
    ),
    **SHARED,
)
def key(data):
    """How many different schools does your table `schools` hold?"""
    return len(data[1])


@key.misconception("ids-for-schools")
def _(data):
    """That is the number of different *ids*. Ids start again in every country, so one id may stand
    for several schools. A school's key is its year, its country and its id."""
    return data[1]["school_id"].nunique()


@key.misconception("one-country-only")
def _(data):
    """Those are the American schools. The table holds other countries, too, which is what makes the
    join dangerous."""
    return (data[1]["country"] == "USA").sum()


@key.misconception("schools-with-a-ratio")
def _(data):
    """Those are the schools that report a student-teacher ratio. A school with a gap is a school
    all the same."""
    return data[1]["stratio"].notna().sum()


@key.misconception("complete-schools")
def _(data):
    """Those are the schools without any gap. A school with a gap is a school all the same."""
    return len(data[1].dropna())


@question(
    "ch07.analysed",
    kind="count",
    points=2,
    hints=(
        "First join, on the whole key; then choose the columns of *all* models; then drop.",
        "The key is year, country and school_id. Four columns must be there: math and the three "
        "predictors.",
        "`students.merge(schools, on=[...], how='left', validate='m:1')`, then "
        "`.dropna(subset=['math', 'desk', 'escs', 'stratio'])`; count the rows.",
    ),
    **SHARED,
)
def analysed(data):
    """Join each student with the school. How many students are in the analysis set: complete in
    `math`, `desk`, `escs` and `stratio`?"""
    return _n_complete(data, NEEDED)


def _n_complete(data, columns):
    return int(np.logical_and.reduce([_there(data)[name] for name in columns]).sum())


def _there(data):
    """For each column of the joined table, which rows have a value."""
    table = joined(data)
    make = lambda: {name: table[name].notna().to_numpy() for name in table.columns}  # noqa: E731
    return remember(table, ("there",), make)


@analysed.misconception("join-exploded")
def _(data):
    """There are more rows than students in your table: the join on `school_id` alone multiplied
    them, because ids start again in every country. Join on year, country and school_id, and let
    pandas check it with `validate="m:1"`."""
    students, schools = data
    matches = schools.loc[schools["stratio"].notna(), "school_id"].value_counts()
    there = students[["desk", "escs"]].notna().all(axis=1)
    return int(students.loc[there, "school_id"].map(matches).sum())


@analysed.misconception("rows-before-dropping")
def _(data):
    """That is the number of all students. Those with a gap in one of the four columns cannot be in
    all the models."""
    return len(data[0])


@analysed.misconception("level-2-gaps-forgotten")
def _(data):
    """That counts gaps of students only. Some schools report no ratio, and all their students are
    lost with them."""
    return _n_complete(data, ("math", "desk", "escs"))


@analysed.misconception("escs-forgotten")
def _(data):
    """You chose the columns without `escs`, as the article's code does. A model with escs then has
    other rows. Choose the columns of all models first."""
    return _n_complete(data, ("math", "desk", "stratio"))


@analysed.misconception("desk-forgotten")
def _(data):
    """You chose the columns without `desk`. A model with the desk then has other rows. Choose the
    columns of all models first."""
    return _n_complete(data, ("math", "escs", "stratio"))


@analysed.misconception("all-columns-dropped")
def _(data):
    """You dropped rows with a gap in *any* column, also in those that no model uses. Name the four
    columns: `dropna(subset=[...])`."""
    return _n_complete(data, tuple(joined(data).columns))


@analysed.misconception("gaps-counted-twice")
def _(data):
    """You subtracted the gaps of each column. A student with two gaps is lost once, and you counted
    that student twice."""
    return len(data[0]) - sum(int((~_there(data)[name]).sum()) for name in NEEDED)


@analysed.misconception("lost-for-kept")
def _(data):
    """That is the number of students who are *lost*. Those who stay are asked."""
    return len(data[0]) - _n_complete(data, NEEDED)


@analysed.misconception("schools-for-students")
def _(data):
    """That is the number of schools that stay. Students are asked here."""
    return analysis(data)["school_id"].nunique()


@question(
    "ch07.schools-left",
    kind="count",
    hints=(
        "A school is lost if not one of its students stays.",
        "Count the different schools of the analysis set.",
        '`["school_id"].nunique()` of the analysis set; all its rows are of one country.',
    ),
    **SHARED,
)
def schools_left(data):
    """How many schools are in the analysis set?"""
    return analysis(data)["school_id"].nunique()


@schools_left.misconception("schools-before-dropping")
def _(data):
    """No school is lost by your count, and two slips do that. Either gaps were not dropped yet: a
    school without a ratio is lost with all its students. Or the join was on `school_id` alone, and
    such a school got the ratio of one in another country."""
    return data[0]["school_id"].nunique()


@schools_left.misconception("schools-lost")
def _(data):
    """Those are the schools that are *lost*. Those that stay are asked."""
    return data[0]["school_id"].nunique() - analysis(data)["school_id"].nunique()


@schools_left.misconception("n-for-groups")
def _(data):
    """That is the number of students. Losses have to be counted at both levels; here schools are
    asked."""
    return len(analysis(data))


@schools_left.misconception("ratios-for-groups")
def _(data):
    """That is the number of different ratios. Two schools may have the same one: count ids."""
    return analysis(data)["stratio"].nunique()


@schools_left.misconception("schools-of-all-countries")
def _(data):
    """Those are the schools of all countries that report a ratio. Only those with students in your
    analysis set count."""
    return data[1]["stratio"].notna().sum()


@question(
    "ch07.table1",
    points=2,
    kind="table",
    hints=(
        "Which of the three belongs to schools?",
        "math and escs over the students of the analysis set, stratio over its schools.",
        'For the third row take `groupby("school_id")["stratio"].first()` before mean and std.',
    ),
    **SHARED,
)
def table1(data):
    """Make a Table 1 of the analysis set. Rows: `math`, `escs`, `stratio`; columns: `mean` and
    `std`. Describe each variable at its own level."""
    table = analysis(data)
    return _table1(table["math"], table["escs"], _per_school(table)["stratio"])


def _table1(*columns):
    rows = [(float(np.mean(c)), float(np.std(c, ddof=1))) for c in columns]
    return pd.DataFrame(rows, index=["math", "escs", "stratio"], columns=["mean", "std"])


def _per_school(table):
    """One row a school: means of math and escs, and the ratio."""
    w = world(table, NULL)
    return {n: np.bincount(w.codes, table[n]) / w.sizes for n in ("math", "escs", "stratio")}


@table1.misconception("level-2-over-students")
def _(data):
    """The ratio is described over students: a school counts as often as it has students. Take one
    row a school for it."""
    table = analysis(data)
    return _table1(table["math"], table["escs"], table["stratio"])


@table1.misconception("level-1-over-schools")
def _(data):
    """Everything is described over schools. For math and escs that gives the mean of the school
    *means*, and a spread without the differences within schools. They belong to students."""
    return _table1(*_per_school(analysis(data)).values())


@table1.misconception("rows-before-dropping")
def _(data):
    """This describes other rows than the models use: take the analysis set, complete in math, desk,
    escs and stratio."""
    table = joined(data)
    ratio = data[1].loc[data[1]["country"] == "USA", "stratio"]
    return _table1(table["math"], table["escs"].dropna(), ratio.dropna())


@table1.misconception("join-exploded")
def _(data):
    """Your rows are multiplied: the join on `school_id` alone gave each student the schools of
    other countries as well. Join on year, country and school_id."""
    table = exploded(data)
    return _table1(table["math"], table["escs"], table["stratio"])


# ------------------------------------------------------------------------- models


@question(
    "ch07.rim2",
    points=3,
    kind="model",
    hints=(
        "Load, join, choose columns, drop, fit: in this order.",
        "Join on year, country and school_id; drop rows with a gap in math, desk, escs or stratio.",
        'Fit `"math ~ 1 + desk + escs + stratio + (1 | school_id)"` to the analysis set.',
    ),
    **SHARED,
)
def rim2(data):
    """From the two raw tables to the article's last model: `math` on `desk`, `escs` and `stratio`,
    with a random intercept for schools, by REML. Hand in the fitted model."""
    return lmer(RIM2, analysis(data))


@question(
    "ch07.stratio",
    quantity="fixed",
    hints=(
        "It stands in the fixed part of the model that you have handed in.",
        "If it is another one than expected, look at the rows first: how many are there?",
        'Take `model.fe_params["stratio"]`, or `.beta["stratio"]` of `hlm.lmer`.',
    ),
    **SHARED,
)
def stratio(data):
    """What is the coefficient of `stratio` in the article's last model, fitted to the analysis set
    (`desk`, `escs`, `stratio`, random intercept, REML)?"""
    return lmer(RIM2, analysis(data)).beta["stratio"]


def _filled(data, fill):
    """The coefficient after the gaps of stratio were filled. A mean as filling moves it least, so
    that mistake comes first: a draw in which it cannot be told is soon given up."""
    table = complete(data, ("math", "desk", "escs"))
    ratio = table["stratio"].to_numpy()
    return lmer(RIM2, table.assign(stratio=np.where(np.isnan(ratio), fill, ratio))).beta["stratio"]


@stratio.misconception("filled-with-mean")
def _(data):
    """The missing ratios were filled with the mean. That invents schools which are exactly average,
    and pretends to know more. Leave these schools out, and say how many they are."""
    return _filled(data, joined(data)["stratio"].mean())


@stratio.variant("filled-with-mean")
def _(data):
    return _filled(data, complete(data, ("math", "desk", "escs"))["stratio"].mean())


@stratio.variant("filled-with-mean")
def _(data):
    return _filled(data, data[1].loc[data[1]["country"] == "USA", "stratio"].mean())


@stratio.misconception("filled-with-zero")
def _(data):
    """The missing ratios were filled with 0. No school has 0 students per teacher, and such points
    far from the others pull the line. Leave these schools out, and say how many they are."""
    return _filled(data, 0.0)


@stratio.misconception("ols-as-rim")
def _(data):
    """That is the slope of an ordinary regression, which does not know the schools. Let them in as
    a random intercept."""
    return world(analysis(data), RIM2).ols[0]["stratio"]


@stratio.misconception("without-escs-rows")
def _(data):
    """That is the slope in a model without `escs`. The article's code drops this column by
    accident, and then asks for it. Choose the columns of all models first."""
    table = complete(data, ("math", "desk", "stratio"))
    return lmer("math ~ 1 + desk + stratio + (1 | school_id)", table).beta["stratio"]


@stratio.misconception("sign-lost")
def _(data):
    """The size is right and the sign is not. Copy the sign with the number."""
    return -lmer(RIM2, analysis(data)).beta["stratio"]


@stratio.misconception("se-for-slope")
def _(data):
    """That is the standard error. The coefficient itself stands in the column before it."""
    return lmer(RIM2, analysis(data)).se["stratio"]


@stratio.misconception("other-row")
def _(data):
    """That is the coefficient of `escs`. The ratio has a row of its own."""
    return lmer(RIM2, analysis(data)).beta["escs"]


@stratio.misconception("join-exploded")
def _(data):
    """That comes from a join on `school_id` alone: each student was also given the ratios of
    schools in other countries that have the same id. Count rows before and after a join."""
    return lmer(RIM2, exploded(data)).beta["stratio"]


@question(
    "ch07.var-empty",
    points=2,
    hints=(
        "Models can be compared if they describe the same students.",
        "Fit the empty model to the analysis set, though it could use more rows.",
        "It is `sigma_u ** 2` of `math ~ 1 + (1 | school_id)`, fitted to the analysis set.",
    ),
    **SHARED,
)
def var_empty(data):
    """The empty model is to be compared with the article's last model. What is its variance
    *between* schools (REML)? In points squared."""
    return lmer(NULL, analysis(data)).sigma_u ** 2


@var_empty.misconception("models-on-other-rows")
def _(data):
    """That empty model was fitted to all students with a score. The last model cannot use them all,
    so a comparison would also compare different schools. Fit all models to the analysis set."""
    return lmer(NULL, joined(data)).sigma_u ** 2


@var_empty.variant("models-on-other-rows")
def _(data):
    return lmer(NULL, complete(data, ("math", "desk", "escs"))).sigma_u ** 2


@var_empty.misconception("sd-for-variance")
def _(data):
    """That is the standard deviation. The variance is its square."""
    return lmer(NULL, analysis(data)).sigma_u


@var_empty.misconception("swapped-levels")
def _(data):
    """That is the variance *within* schools, the residual's. The row of the schools is asked."""
    return lmer(NULL, analysis(data)).sigma_e ** 2


@var_empty.misconception("variance-ml")
def _(data):
    """That comes from maximum likelihood; REML was asked for. Leave `reml=False` out."""
    return lmer(NULL, analysis(data), reml=False).sigma_u ** 2


@var_empty.misconception("variance-conditional")
def _(data):
    """That is what the three predictors leave over between schools. The empty model has none."""
    return lmer(RIM2, analysis(data)).sigma_u ** 2


# ------------------------------------------------------------------------- the design of PISA


@question(
    "ch07.weighted-mean",
    quantity="fixed",
    hints=(
        "Each student stands for as many students of the country as the weight says.",
        "A weighted mean divides by the sum of the weights.",
        '`np.average(data["pv1math"], weights=data["weight"])`.',
    ),
    **PLAUSIBLE,
)
def weighted_mean(data):
    """Schools of poorer neighbourhoods were drawn more often. `weight` says how many students of
    the country a student stands for. Estimate the mean of `pv1math` of *all students of the
    country*."""
    return np.average(data["pv1math"], weights=data["weight"])


@weighted_mean.misconception("weights-ignored")
def _(data):
    """That is the mean of the sample. Some schools were drawn more often than others, so the sample
    is not a small copy of the country. Use the weights."""
    return data["pv1math"].mean()


@weighted_mean.misconception("model-mean")
def _(data):
    """That is the intercept of the empty model, the mean of the average *school* of the sample.
    Neither does it know the weights, nor does it count students."""
    return lmer("pv1math ~ 1 + (1 | school_id)", data).beta["Intercept"]


@weighted_mean.misconception("weights-inverted")
def _(data):
    """You divided by the weights. A large weight means that few were drawn and each stands for
    many: multiply."""
    return np.average(data["pv1math"], weights=1 / data["weight"])


@weighted_mean.misconception("divided-by-n")
def _(data):
    """You divided by the number of students. A weighted mean is divided by the sum of the
    weights."""
    return float((data["pv1math"] * data["weight"]).sum() / len(data))


@question(
    "ch07.pv-icc",
    points=2,
    unit="share",
    hints=(
        "One empty model for each plausible value; what then?",
        "Compute the ICC five times, and combine the *results*.",
        "Take the mean of the five ICCs.",
    ),
    **PLAUSIBLE,
)
def pv_icc(data):
    """Estimate the ICC of math from all five plausible values (empty models, REML, schools, without
    weights): the mean of five ICCs."""
    return float(np.mean([_icc(data, name) for name in PVS]))


def _icc(data, name):
    return lmer(f"{name} ~ 1 + (1 | school_id)", data).icc


@pv_icc.misconception("pv-averaged-first")
def _(data):
    """You averaged each student's plausible values and fitted one model. The average is smoother
    than a student's proficiency: variance within schools is lost, and the share between them comes
    out too large. Fit five models, and average the results."""
    table = remember(data, ("averaged",), lambda: data.assign(pv=data[PVS].mean(axis=1)))
    return _icc(table, "pv")


@pv_icc.misconception("pv-first-only")
def _(data):
    """That is the ICC of the first plausible value alone. It aims at the right number, but the
    other four are there to be used."""
    return _icc(data, PVS[0])


@pv_icc.misconception("icc-inverted")
def _(data):
    """That is the share *within* schools. The ICC is the share between them."""
    return 1 - float(np.mean([_icc(data, name) for name in PVS]))


@pv_icc.misconception("icc-sd")
def _(data):
    """You divided standard deviations. An ICC compares variances: square both first."""
    fits = [lmer(f"{name} ~ 1 + (1 | school_id)", data) for name in PVS]
    return float(np.mean([f.sigma_u / (f.sigma_u + f.sigma_e) for f in fits]))


@pv_icc.misconception("icc-ratio")
def _(data):
    """You divided the variance between by the variance within. The denominator of a share is the
    sum of both."""
    iccs = np.array([_icc(data, name) for name in PVS])
    return float(np.mean(iccs / (1 - iccs)))


@question(
    "ch07.pool",
    points=2,
    quantity="fixed",
    data=five_fits,
    hints=(
        "Two kinds of uncertainty: about the sample, and about each student's proficiency.",
        "The first is the mean of the five *squared* standard errors; the second is the variance "
        "of the five estimates.",
        "Total = mean of se^2 + (1 + 1/5) * variance of the estimates (divided by 4); take its "
        "root.",
    ),
)
def pool(data):
    """The table holds a slope and its standard error from five fits, one for each plausible value.
    What is the standard error of the pooled slope (Rubin's rules)?"""
    return _pooled(data, 1 + 1 / 5)


def _pooled(data, share, ddof=1):
    between = np.var(data["estimate"], ddof=ddof)
    return float(np.sqrt(np.mean(data["se"] ** 2) + share * between))


@pool.misconception("pv-no-between")
def _(data):
    """The five estimates differ, and you left that out. It is what is not known about the students'
    proficiency: add (1 + 1/5) times the variance of the estimates before you take the root."""
    return _pooled(data, 0.0)


@pool.misconception("pv-se-averaged")
def _(data):
    """You averaged the standard errors. Variances add up, standard errors do not: square them
    first, and do not forget how much the five estimates differ."""
    return float(data["se"].mean())


@pool.misconception("pv-no-one-over-m")
def _(data):
    """Nearly: the factor (1 + 1/5) is missing. With only five plausible values their mean is itself
    not quite certain."""
    return _pooled(data, 1.0)


@pool.misconception("pv-one-only")
def _(data):
    """That is the standard error of the first fit. It does not know that another plausible value
    would have given another slope, so it is too small."""
    return float(data["se"].iloc[0])


@pool.misconception("pv-stacked")
def _(data):
    """You divided by the root of five, as if the five fits had five times as many students. They
    have the same students. Nothing is divided here."""
    return float(np.sqrt(np.mean(data["se"] ** 2) / 5))


@pool.misconception("pv-only-between")
def _(data):
    """That is how much the five estimates differ. The uncertainty from sampling, in the standard
    errors, has to be added."""
    return float(np.std(data["estimate"], ddof=1))


@pool.variant("pv-only-between", late=True)
def _(data):
    return float(np.sqrt((1 + 1 / len(data)) * np.var(data["estimate"], ddof=1)))


@pool.misconception("variance-for-se")
def _(data):
    """That is the total *variance*. The standard error is its root."""
    return _pooled(data, 1.2) ** 2


@pool.misconception("divided-by-five")
def _(data):
    """The variance of the five estimates was divided by their number. They are a sample of possible
    ones: divide by one less (`ddof=1` in NumPy)."""
    return _pooled(data, 1.2, ddof=0)


@pool.misconception("sds-added")
def _(data):
    """You added standard deviations. Variances add up: square both, add, and take the root at the
    end."""
    within = np.sqrt(np.mean(data["se"] ** 2))
    return float(within + 1.2 * np.std(data["estimate"], ddof=1))


# ------------------------------------------------------------------------- choices


@question(
    "ch07.join-luck",
    choices={
        "a": "fine: the number of rows is right",
        "b": "right by luck: ids happen to be unique that year; join on the whole key",
        "c": 'safe, if it is a left join: `how="left"`',
        "d": "safe, if duplicates are dropped after the join",
    },
    hints=(
        "What would the same script do with the files of another year?",
        "Is an id alone the name of a school, or only within its country and year?",
        "A join is safe if its key can match one school only. Which columns make such a key?",
    ),
)
def join_luck(data):
    """A script joins PISA 2018's students with schools of many countries by `school_id` alone. Row
    counts before and after agree. What do you say?"""
    return "b"


@join_luck.misconception("join-luck")
def _(data):
    """They agree in this file, because ids are unique over countries in 2018. In 2003 the same line
    makes thirty rows of one. Do not lean on luck that a longer key makes unnecessary."""
    return "a"


@join_luck.misconception("left-join-cures")
def _(data):
    """A left join keeps every student. It also keeps *every* match: if an id fits six schools, it
    gives six rows. `validate="m:1"` would stop there."""
    return "c"


@join_luck.misconception("drop-after-join")
def _(data):
    """Then one of several schools of the same id stays, and it may be one in another country. Join
    on the whole key, and there is nothing to drop."""
    return "d"


@question(
    "ch07.suffixes",
    choices={
        "a": "nothing: the country is there twice, so one of the columns can be dropped",
        "b": "country and year are in both tables and were left out of the key: join on them, too",
        "c": "the join was an inner one: a left join has no such columns",
        "d": 'the columns need other names: `suffixes=("_student", "_school")`',
    },
    hints=(
        "Which columns do both tables have, and which of them were named in `on=`?",
        "If a row has one country on the left and another on the right, whose school is it?",
        "What both tables share and the join does not match on, pandas keeps twice.",
    ),
)
def suffixes(data):
    """After `students.merge(schools, on="school_id")` the table has the columns `country_x`,
    `country_y`, `year_x` and `year_y`. What do they tell?"""
    return "b"


@suffixes.misconception("join-xy-dropped")
def _(data):
    """Look at the rows in which the two differ: there a student was given a school of another
    country. Dropping a column hides that, and the wrong rows stay."""
    return "a"


@suffixes.misconception("join-xy-left-join")
def _(data):
    """A left join on the same half of the key has the same four columns, and the same wrong
    matches. What is matched on matters, not which rows are kept."""
    return "c"


@suffixes.misconception("join-xy-renamed")
def _(data):
    """That gives the columns nicer names and leaves the rows as they are: students of one country
    with schools of another."""
    return "d"


@question(
    "ch07.missing-code",
    choices={
        "a": "an outlier: report results with and without it",
        "b": "a code for a missing value: set it to missing, before anything else",
        "c": "a very crowded school: keep it, the model can cope",
        "d": "take the logarithm of the ratio, which tames it",
    },
    hints=(
        "Can a school have so many students per teacher?",
        "Look into the codebook: which numbers stand for no answer?",
        "What is no measurement should be neither analysed nor tamed.",
    ),
)
def missing_code(data):
    """`describe()` of a ratio prints: minimum 1.7, median 16, third quartile 19, maximum 9999. What
    is the maximum?"""
    return "b"


@missing_code.misconception("code-as-outlier")
def _(data):
    """An outlier is a measurement, if a strange one. This is none: 9999 is how many files write "no
    answer" (97, 98 and 99 are others). Look into the codebook."""
    return "a"


@missing_code.misconception("code-as-value")
def _(data):
    """No teacher has 9999 students. One such row pulls the whole line to itself, and the model will
    not complain."""
    return "c"


@missing_code.misconception("code-transformed")
def _(data):
    """A logarithm tames large *measurements*. This is none, and it stays wrong on any scale."""
    return "d"


@question(
    "ch07.which-mean",
    choices={
        "a": "482.0, the mean of the students in the file",
        "b": "483.5, their weighted mean",
        "c": "479.8, the intercept of the empty model",
        "d": "478.3, the mean of the school means",
    },
    hints=(
        "Of whom is the mean asked: of the sample, of schools, or of the country's students?",
        "Were all students of the country equally likely to be drawn?",
        "Only one of the four knows how many students each one stands for.",
    ),
)
def which_mean(data):
    """Four means of math in one PISA file. Which one estimates the mean of *all students of the
    country*?"""
    return "b"


@which_mean.misconception("weights-ignored")
def _(data):
    """That would do if every student had been equally likely to be drawn. PISA draws some schools
    and students more often than others; the weights make up for it."""
    return "a"


@which_mean.misconception("grand-mean-of-students")
def _(data):
    """The intercept is the mean of the distribution of *school* means, with schools weighed by what
    is known about them. It answers another question, as the article's text does not say."""
    return "c"


@which_mean.misconception("mean-of-means")
def _(data):
    """There a school of 20 students counts as much as one of 2,000. It is about schools, not about
    students."""
    return "d"


@question(
    "ch07.stacked",
    choices={
        "a": "a good idea: all the information in one fit",
        "b": "standard errors come out too small, as if there were ten times as many students",
        "c": "coefficients come out ten times too large",
        "d": "nothing, if the student is made a random effect as well",
    },
    hints=(
        "How many students took the test, and how many rows has the table?",
        "Are ten draws for one student ten pieces of news?",
        "What happens to a standard error if every row is copied?",
    ),
)
def stacked(data):
    """Somebody stacks the ten plausible values into one table of ten rows a student, and fits one
    model to it. What is the matter?"""
    return "b"


@stacked.misconception("pv-stacked")
def _(data):
    """The information is about the same students. The model cannot know that ten rows are one
    student, and is far too sure. Fit ten models and pool them."""
    return "a"


@stacked.misconception("pv-coefficients-grow")
def _(data):
    """Coefficients are differences per unit, and copies do not change them much. What suffers is
    what the model says about its own certainty."""
    return "c"


@stacked.misconception("pv-as-level")
def _(data):
    """Then the model takes the draws for repeated *measurements*, and their mean for the student.
    It averages the plausible values by another way. They are no measurements but guesses with the
    right spread: fit ten models and pool."""
    return "d"


@question(
    "ch07.model-weights",
    choices={
        "a": "repeat each row as often as its weight says, then fit",
        "b": "put the student weights into a weighted least squares fit; that is the weighted "
        "multilevel model",
        "c": "scale the weights by level in software that takes them, or fit without and say so",
        "d": "multiply the scores by the weights, then fit",
    },
    hints=(
        "What would each way do to the number of students that the model believes in?",
        "A model of two levels has two stages of drawing: schools, and students in them.",
        "statsmodels' MixedLM takes no weights. What is the honest thing to do then?",
    ),
)
def model_weights(data):
    """PISA's student weights add up to the students of a country. How do you bring them into a
    random intercept model?"""
    return "c"


@model_weights.misconception("weights-as-frequencies")
def _(data):
    """The model would then believe in millions of students, and its standard errors would be next
    to nothing. A weight says whom a student stands for, not how often the student was asked."""
    return "a"


@model_weights.misconception("wls-as-multilevel")
def _(data):
    """Weighted least squares is an ordinary regression: it has no schools in it. Weights alone do
    not make a model of two levels."""
    return "b"


@model_weights.misconception("scores-weighted")
def _(data):
    """A score times a weight is no score. Weights say how much a row counts; they never touch the
    values."""
    return "d"


@question(
    "ch07.cause",
    choices={
        "a": "One more student per teacher causes an increase of 0.55 points.",
        "b": "Schools with one more student per teacher score 0.55 points higher on average, "
        "holding desk and escs constant.",
        "c": "Since desk and escs are held constant, the 0.55 points are due to the ratio.",
        "d": "The effect of the ratio is 0.55, because the model is multilevel.",
    },
    hints=(
        "Who decided which school gets how many teachers?",
        "Holding two things constant is not holding everything constant.",
        "Look for the sentence that compares, and does not promise.",
    ),
)
def cause(data):
    """The last model gives `stratio` a coefficient of 0.55. Which sentence may be printed?"""
    return "b"


@cause.misconception("association-as-cause")
def _(data):
    """That is what the article writes. Nothing here estimates a cause: teachers were not assigned
    to schools at random, and staffing may follow need."""
    return "a"


@cause.misconception("controls-make-causes")
def _(data):
    """Two things are held constant; schools differ in many more. What was not measured is in the
    coefficient, too."""
    return "c"


@cause.misconception("multilevel-makes-causes")
def _(data):
    """The random intercept gets the uncertainty right. It does not turn a comparison into an
    effect."""
    return "d"


@question(
    "ch07.national-se",
    choices={
        "a": "the standard deviation over the root of the number of students",
        "b": "the spread of the means that 80 sets of replicate weights give",
        "c": "the standard error of the intercept of the empty model",
        "d": "it needs none: the sample is large",
    },
    hints=(
        "How was the sample drawn: as one lot of students?",
        "PISA's files bring more than one set of weights. What for?",
        "Draw again in thought, schools and all: how much would the weighted mean move?",
    ),
)
def national_se(data):
    """You publish a country's weighted mean from PISA. Where does its official standard error come
    from?"""
    return "b"


@national_se.misconception("se-of-a-simple-sample")
def _(data):
    """That is for students drawn one by one. PISA draws schools first, and students of one school
    are alike; such a standard error is far too small."""
    return "a"


@national_se.misconception("se-of-the-model")
def _(data):
    """That belongs to another number, the mean of the schools, and it knows neither weights nor
    strata. For the weighted mean PISA ships replicate weights (BRR)."""
    return "c"


@national_se.misconception("large-sample-needs-no-se")
def _(data):
    """Five thousand students may sit in two hundred schools. The mean is far less certain than the
    number of students suggests."""
    return "d"


@question(
    "ch07.other-ways",
    choices={
        "a": "yes: without random effects every result on students in schools is wrong",
        "b": "no: cluster-robust errors, GEE or school dummies may do, for other questions",
        "c": "yes, unless the ICC is below 0.05",
        "d": "no: with enough students an ordinary regression will do",
    },
    hints=(
        "What does an ordinary regression get wrong: the slope, its standard error, or both?",
        "Chapter 2 repairs standard errors without a random effect.",
        "Which methods know that students of a school are alike, each in its own way?",
    ),
)
def other_ways(data):
    """ "Students sit in schools, so a hierarchical model is the only correct analysis." Is that
    so?"""
    return "b"


@other_ways.misconception("hlm-is-the-only-way")
def _(data):
    """A random intercept is one good way. Cluster-robust standard errors, GEE and dummies for
    schools also allow for clusters; they differ in what they can answer."""
    return "a"


@other_ways.misconception("small-icc-is-fine")
def _(data):
    """A small ICC is no licence: the variance of a mean grows by 1 + (n - 1) ICC, and n may be
    large. And there are other ways than a random intercept."""
    return "c"


@other_ways.misconception("many-students-are-enough")
def _(data):
    """More students in the same schools do not make the schools more, and it is the schools that an
    ordinary regression does not see."""
    return "d"


@question(
    "ch07.normality",
    choices={
        "a": "the scores, over all students",
        "b": "the predictors, desk and ratio among them",
        "c": "the residuals of the students, and the effects of the schools",
        "d": "nothing, because the sample is large",
    },
    hints=(
        "In the equations of the model, which letters have a distribution?",
        "The model says something about e and about u.",
        "There is one assumption a level. Which two things would you plot?",
    ),
)
def normality(data):
    """Of what does the last model assume a normal distribution?"""
    return "c"


@normality.misconception("normal-outcome")
def _(data):
    """The scores are a mixture of many expected values. They may be skewed, and the model fine;
    look at what is left over when the predictors are taken off."""
    return "a"


@normality.misconception("normal-predictors")
def _(data):
    """Predictors are taken as they are; a desk is there or not, and no model minds. A far-out value
    is a matter of influence."""
    return "b"


@normality.misconception("large-samples-assume-nothing")
def _(data):
    """Many students help against many things, but there are few schools, and predictions of single
    schools lean on the assumption."""
    return "d"


@question(
    "ch07.sampled-mean",
    choices={
        "a": "it is the school's composition, since it is computed from its students",
        "b": "it carries the luck of who was drawn: its slope moves towards the one within schools",
        "c": "it is too large, because the sample is too small",
        "d": "it may be used for large schools only",
    },
    hints=(
        "Would another dozen students of the same school have the same mean?",
        "What does noise in a *predictor* do to its slope?",
        "A mean of few students is right on average. What is it in the single case?",
    ),
)
def sampled_mean(data):
    """A school's mean `escs` comes from a dozen students who were drawn from it. You use it as a
    predictor of schools. What has to be said?"""
    return "b"


@sampled_mean.misconception("sample-mean-as-truth")
def _(data):
    """It is computed from a *sample* of the students. Another dozen would have another mean, and
    the school would be the same."""
    return "a"


@sampled_mean.misconception("sample-mean-biased")
def _(data):
    """The mean of a small sample is not too large or too small on average. It is uncertain, and
    noise in a predictor biases the slope."""
    return "c"


@sampled_mean.misconception("size-of-the-school")
def _(data):
    """What counts is how many students were *drawn*, not how many the school has. And leaving out
    schools answers a question about others."""
    return "d"


@question(
    "ch07.report",
    points=4,
    kind="text",
    rubric=(
        "accounts for the rows at both levels: how many students and schools, how many lost, and "
        "why (1 point)",
        "gives the coefficients with intervals, as associations, and names model and estimator "
        "(1 point)",
        "mentions that a desk is a part of escs, or that a few schools may carry the slope of the "
        "ratio (1 point)",
        "says that one plausible value and no weights were used, and what follows (1 point)",
    ),
    hints=(
        "Rows, model, results, limits: in this order.",
        "A reader should be able to get the same number of students and schools as you.",
        "What would you have to do for an official result: about scores, about weights?",
    ),
    **SHARED,
)
def report(data):
    """Write the abstract of your own case study, in six sentences at most: data and losses, model,
    results, and what cannot be concluded."""
    return ""
