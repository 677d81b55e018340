"""Wrong models, made with statsmodels and lmer as people make them, and what is said of each."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import hlmteach as hlm
from hlmteach.questions import model_rules, registry
from hlmteach.questions.evidence import Evidence
from hlmteach.questions.fits import lmer
from hlmteach.questions.judge import judge
from hlmteach.questions.question import question
from hlmteach.questions.recipes import KEY, usa_raw, usa_schools

SLOPE = "math ~ 1 + desk + escs + stratio + (1 + escs | school_id)"
FORMULA = "math ~ 1 + desk + escs + stratio + (1 | school_id)"
USED = ["math", "desk", "escs", "stratio"]
HINTS = ("one", "two", "three")
pytestmark = pytest.mark.filterwarnings("ignore")  # statsmodels complains of these models, rightly


@pytest.fixture(scope="module")
def asked():
    """A question on a joined table and one on raw tables."""

    @question("ch99.model", data=usa_schools, kind="model", hints=HINTS)
    def joined(data):
        """Fit the model."""
        return lmer(FORMULA, data)

    @question("ch99.raw-model", data=usa_raw, kind="model", hints=HINTS)
    def raw(data):
        """Join, drop and fit."""
        return lmer(FORMULA, analysis(*data))

    @question("ch99.ml", data=usa_schools, kind="model", hints=HINTS)
    def ml(data):
        """Fit by ML."""
        return lmer(FORMULA, data, reml=False)

    @question("ch99.slopes", data=usa_schools, kind="model", hints=HINTS)
    def slopes(data):
        """Let the slope vary."""
        return lmer("math ~ escs + (1 + escs | school_id)", data)

    @question("ch99.ols", data=usa_schools, kind="model", hints=HINTS)
    def ols(data):
        """An ordinary regression."""
        return smf.ols("math ~ escs", data).fit()

    yield {q.id[5:]: q for q in (joined, raw, ml, slopes, ols)}
    for id in ("model", "raw-model", "ml", "slopes", "ols"):
        registry.forget(f"ch99.{id}")


def analysis(students, schools):
    return students.merge(schools, on=KEY, validate="m:1").dropna(subset=USED)


def said_of(question, model):
    text = Evidence.of(question.id, model).to_json()
    return judge(question, Evidence.from_json(text), "jo")


def mixed(formula, data, groups="school_id", **more):
    reml = more.pop("reml", True)
    return smf.mixedlm(formula, data, groups=groups, **more).fit(reml=reml)


def r(text):  # the fixed part of the course's model, or another
    return f"{text} + (1 | school_id)"


FIXED = "math ~ desk + escs + stratio"
ZERO_ONE = {"no": 0, "yes": 1}
WRONG = {
    "ols-as-rim": [lambda d: smf.ols(FIXED, d).fit()],
    "aggregated": [
        lambda d: smf.ols("math ~ escs + stratio", means(d)).fit(),
        lambda d: smf.wls("math ~ escs + stratio", means(d), weights=means(d)["n"]).fit(),
    ],
    "school-dummies": [
        lambda d: smf.ols("math ~ desk + escs + C(school_id)", d).fit(),
        lambda d: smf.ols("math ~ desk + escs + school_id", d).fit(),
    ],
    "id-as-number": [
        lambda d: smf.ols(FIXED + " + sid", d.assign(sid=d.school_id.astype(int))).fit(),
        lambda d: smf.ols("math ~ school_id", d.assign(school_id=d.school_id.astype(int))).fit(),
        lambda d: lmer(r(FIXED + " + school_id"), d.assign(school_id=d.school_id.astype(int))),
        lambda d: lmer(r(FIXED + " + number"), d.assign(number=d.school_id.astype(int))),
    ],
    "one-group": [lambda d: mixed(FIXED, d, groups=np.ones(len(d)))],
    "grouped-by-student": [lambda d: mixed(FIXED, d, groups=np.arange(len(d)))],
    "wrong-grouping": [
        lambda d: lmer("math ~ desk + escs + stratio + (1 | stratio)", d),
        lambda d: mixed(FIXED, d, groups="stratio"),
        lambda d: mixed(FIXED, d, groups=d["school_id"].str[:4]),
        lambda d: mixed(FIXED, d, groups="public_private"),
    ],
    "wrong-outcome": [
        lambda d: lmer(r("read ~ desk + escs + stratio"), d),
        lambda d: mixed("read ~ desk + escs + stratio", d),
    ],
    "changed-outcome": [
        lambda d: lmer(r(FIXED), d.assign(math=(d.math - d.math.mean()) / d.math.std())),
        lambda d: lmer(r(FIXED), d.assign(math=d.math - d.math.mean())),
    ],
    "duplicated-rows": [
        lambda d: lmer(r(FIXED), pd.concat([d, d], ignore_index=True)),
        lambda d: mixed(FIXED, pd.concat([d, d, d], ignore_index=True)),
    ],
    "too-few-rows": [
        lambda d: lmer(r(FIXED), d.iloc[:-20]),
        lambda d: mixed(FIXED, d[d.stratio < 20]),
    ],
    "random-slope-unasked": [
        lambda d: lmer("math ~ desk + escs + stratio + (1 + escs | school_id)", d),
        lambda d: mixed(FIXED, d, re_formula="~escs"),
    ],
    "no-random-intercept": [
        lambda d: lmer("math ~ desk + escs + stratio + (0 + escs | school_id)", d),
        lambda d: mixed(FIXED, d, re_formula="0 + escs"),
    ],
    "intercept-dropped": [
        lambda d: lmer(r("math ~ 0 + desk01 + escs + stratio"), d.assign(desk01=zero_one(d))),
        lambda d: mixed("math ~ 0 + desk01 + escs + stratio", d.assign(desk01=zero_one(d))),
    ],
    "reference-flipped": [
        lambda d: lmer(r('math ~ C(desk, Treatment("yes")) + escs + stratio'), d),
        lambda d: lmer(r("math ~ desk + escs + stratio"), d.assign(desk=1 - zero_one(d))),
    ],
    "coded-1-2": [lambda d: lmer(r(FIXED), d.assign(desk=1 + zero_one(d)))],
    "standardised": [
        lambda d: lmer(r(FIXED), d.assign(escs=(d.escs - d.escs.mean()) / d.escs.std())),
    ],
    "centred": [
        lambda d: lmer(r(FIXED), d.assign(escs=d.escs - d.escs.mean())),
        lambda d: mixed(
            FIXED, d.assign(escs=d.escs - d.groupby("school_id").escs.transform("mean"))
        ),
    ],
    "other-values": [lambda d: lmer(r(FIXED), d.assign(stratio=np.sqrt(d.stratio)))],
    "missing-predictor": [
        lambda d: lmer(r("math ~ desk + escs"), d),
        lambda d: lmer(r("math ~ 1"), d),
        lambda d: mixed("math ~ desk + stratio", d),
    ],
    "wrong-predictor": [lambda d: lmer(r("math ~ desk + escs + read"), d)],
    "extra-predictor": [
        lambda d: lmer(r(FIXED + " + gender"), d),
        lambda d: mixed(FIXED + " + read", d),
        lambda d: lmer(r("math ~ desk * escs + stratio"), d),
    ],
    "ml-for-reml": [
        lambda d: lmer(r(FIXED), d, reml=False),
        lambda d: mixed(FIXED, d, reml=False),
    ],
    "stopped-short": [lambda d: smf.mixedlm(FIXED, d, groups="school_id").fit(maxiter=0)],
}
CASES = [(name, k) for name, makers in WRONG.items() for k in range(len(makers))]


def means(data):
    grouped = data.groupby("school_id")[["math", "escs", "stratio"]].mean()
    return grouped.assign(n=data.groupby("school_id").size()).reset_index()


def zero_one(data):
    return data["desk"].map(ZERO_ONE).astype(float)


@pytest.mark.parametrize(("name", "k"), CASES)
def test_a_wrong_model_is_named(asked, name, k):
    data = asked["model"].data("jo")
    said = said_of(asked["model"], WRONG[name][k](data))
    assert said.diagnosis == (name,), said
    assert said.correct is False and said.points == 0


RIGHT = [
    lambda d: hlm.lmer(FORMULA, d),
    lambda d: mixed(FIXED, d),
    lambda d: mixed("math ~ stratio + escs + desk", d, groups=d["school_id"]),
    lambda d: hlm.lmer(r("math ~ escs + desk01 + stratio"), d.assign(desk01=zero_one(d))),
    lambda d: hlm.lmer(r(FIXED), d.sample(frac=1, random_state=3)),
    lambda d: hlm.as_fit(mixed(FIXED, d)),
    lambda d: hlm.lmer(r(FIXED), d.assign(school_id=d.school_id.astype(int))),
    lambda d: mixed(FIXED, d.rename(columns={"school_id": "school"}), groups="school"),
]


@pytest.mark.parametrize("k", range(len(RIGHT)))
def test_the_right_model_in_other_words_is_right(asked, k):
    said = said_of(asked["model"], RIGHT[k](asked["model"].data("jo")))
    assert said.correct is True, said


RAW = {
    "join-exploded": lambda s, c: s.merge(c, on="school_id").dropna(subset=USED),
    "filled-with-zero": lambda s, c: whole(s, c).fillna({"stratio": 0}).dropna(subset=USED),
    "filled-with-mean": lambda s, c: (
        whole(s, c).assign(stratio=lambda d: d.stratio.fillna(d.stratio.mean())).dropna(subset=USED)
    ),
    "too-few-rows": lambda s, c: whole(s, c).dropna(),
    "duplicated-rows": lambda s, c: pd.concat([analysis(s, c)] * 2, ignore_index=True),
}


def whole(students, schools):
    return students.merge(schools, on=KEY, how="left")


@pytest.mark.parametrize("name", RAW)
def test_a_wrong_table_is_seen_in_the_model(asked, name):
    table = RAW[name](*asked["raw-model"].data("jo"))
    for model in (hlm.lmer(FORMULA, table), mixed(FIXED, table)):
        assert said_of(asked["raw-model"], model).diagnosis == (name,)


def test_escs_filled_with_zero_or_the_mean_is_seen_too(asked):
    table = whole(*asked["raw-model"].data("jo"))
    for name, value in (("filled-with-zero", 0.0), ("filled-with-mean", table.escs.mean())):
        filled = table.assign(escs=table.escs.fillna(value)).dropna(subset=USED)
        assert said_of(asked["raw-model"], hlm.lmer(FORMULA, filled)).diagnosis == (name,)


def test_a_model_that_keeps_rows_which_others_cannot_use(asked):
    table = whole(*asked["raw-model"].data("jo"))
    model = hlm.lmer("math ~ desk + escs + (1 | school_id)", table.dropna(subset=USED[:3]))
    assert said_of(asked["raw-model"], model).diagnosis == ("all-rows",)


def test_the_joined_table_or_gaps_left_to_the_fit_are_right(asked):
    students, schools = asked["raw-model"].data("jo")
    for table in (analysis(students, schools), whole(students, schools)):
        assert said_of(asked["raw-model"], hlm.lmer(FORMULA, table)).correct is True


def test_reml_where_ml_was_asked(asked):
    data = asked["ml"].data("jo")
    assert said_of(asked["ml"], hlm.lmer(FORMULA, data)).diagnosis == ("reml-for-ml",)
    assert said_of(asked["ml"], mixed(FIXED, data, reml=False)).correct is True


def test_random_slopes_where_they_were_asked(asked):
    data = asked["slopes"].data("jo")
    short = hlm.lmer("math ~ escs + (1 | school_id)", data)
    assert said_of(asked["slopes"], short).diagnosis == ("random-slope-missing",)
    assert said_of(asked["slopes"], lmer("math ~ escs + (escs | school_id)", data)).correct is True


def test_an_ordinary_regression_where_it_was_asked(asked):
    data = asked["ols"].data("jo")
    assert said_of(asked["ols"], smf.ols("math ~ escs", data).fit()).correct is True
    wrong = said_of(asked["ols"], mixed("math ~ escs", data))
    assert wrong.diagnosis == ("rim-as-ols",)


def test_other_data_are_told_from_a_mistake(asked):
    other = asked["model"].data("somebody else")
    for model in (hlm.lmer(FORMULA, other), mixed(FIXED, other), smf.ols(FIXED, other).fit()):
        said = said_of(asked["model"], model)
        assert said.status == "other-data" and said.correct is False
        assert "hlm.data" in said.message


def test_other_data_are_told_where_the_table_has_lost_its_stamp(asked):
    for student in range(5):
        other = asked["model"].data(student)
        other.attrs.clear()
        assert said_of(asked["model"], hlm.lmer(FORMULA, other)).status == "other-data"


def test_an_unfitted_model_and_a_printout_are_told(asked):
    data = asked["model"].data("jo")
    assert (
        "add `.fit()`"
        in said_of(asked["model"], smf.mixedlm(FIXED, data, groups="school_id")).message
    )
    assert "printout" in said_of(asked["model"], mixed(FIXED, data).summary()).message
    assert "printout" in said_of(asked["model"], hlm.summary(hlm.lmer(FORMULA, data))).message


def test_a_number_where_a_model_was_asked(asked):
    assert "A fitted model is asked here" in said_of(asked["model"], 3).message


def test_an_authors_rule_comes_before_the_shared_ones(asked):
    @asked["model"].rule("no-desk")
    def _(evidence, data):
        """Where is the desk?"""
        return not any("desk" in column["name"] for column in evidence.columns)

    try:
        model = hlm.lmer("math ~ 1 + escs + (1 | school_id)", asked["model"].data("jo"))
        assert said_of(asked["model"], model).message == "Where is the desk?"
    finally:
        asked["model"].rules.clear()


def test_every_rule_was_broken_by_some_model_above():
    seen = {*WRONG, *RAW, "all-rows", "reml-for-ml", "random-slope-missing", "rim-as-ols"}
    seen |= {"intercept-as-levels"}
    assert set(model_rules.rule_ids()) - seen == {"other-rows"}


def test_the_same_number_of_other_rows(asked):
    data = asked["model"].data("jo")
    swapped = pd.concat([data.iloc[1:], data.iloc[[5]]], ignore_index=True)
    said = said_of(asked["model"], hlm.lmer(FORMULA, swapped))
    assert said.diagnosis == ("other-rows",)


def test_facts_that_another_process_made_up_are_refused(asked):
    facts = Evidence.of("x", hlm.lmer(FORMULA, asked["model"].data("jo"))).value
    for change in ({"nobs": "many"}, {"beta": {"escs": "big"}}, {"y": {}}, {"columns": [{}]}):
        said = judge(asked["model"], Evidence("x", "model", {**facts, **change}), "jo")
        assert said.status == "unreadable" and said.points == 0


TWO = {
    "rows and estimator": (lambda d: hlm.lmer(FORMULA, d.iloc[:-30], reml=False),
                           ("too-few-rows", "ml-for-reml")),
    "slope and estimator": (lambda d: hlm.lmer(SLOPE, d, reml=False),
                            ("random-slope-unasked", "ml-for-reml")),
    "outcome and predictor": (lambda d: hlm.lmer(FORMULA.replace("math", "read") + " + gender", d),
                              ("wrong-outcome",)),
    "predictor and estimator": (lambda d: hlm.lmer(FORMULA + " + gender", d, reml=False),
                                ("extra-predictor", "ml-for-reml")),
}  # fmt: skip


@pytest.mark.parametrize("name", TWO)
def test_a_second_mistake_is_told_beside_the_first(asked, name):
    fit, known = TWO[name]
    said = said_of(asked["model"], fit(asked["model"].data("jo")))
    assert said.diagnosis == known, said
    assert ("There is more to mend: " in said.message) is (len(known) == 2)


def test_what_follows_from_the_first_mistake_is_not_told(asked):
    data = asked["model"].data("jo")
    flipped = data.assign(desk=pd.Categorical(data["desk"].astype(str), ["yes", "no"]))
    for table in (flipped, data.assign(desk=(data["desk"] == "yes") + 1.0)):
        assert "more to mend" not in said_of(asked["model"], hlm.lmer(FORMULA, table)).message


def test_levels_in_place_of_an_intercept_are_named(asked):
    data = asked["model"].data("jo")
    said = said_of(asked["model"], hlm.lmer(FORMULA.replace("~ 1", "~ 0"), data))
    assert said.diagnosis == ("intercept-as-levels",)


def test_a_fit_without_a_likelihood_stopped_short(asked):
    made = Evidence.of("ch99.model", hlm.lmer(FORMULA, asked["model"].data("jo")))
    facts = {**made.value, "criterion": None}
    good = judge(asked["model"], replace(made, value=facts), "jo")
    facts = {**facts, "beta": {name: 0.0 for name in made.value["beta"]}}
    assert good.correct is True
    assert judge(asked["model"], replace(made, value=facts), "jo").diagnosis == ("stopped-short",)
