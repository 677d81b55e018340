"""Chapter 9's own rules on fitted models, and that its recipes hold what the questions need."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import hlmteach as hlm
from hlmteach.questions import ch09_random_slopes as ch09
from hlmteach.questions import get
from hlmteach.questions.students import random_state

RIGHT = "math ~ escs_within + escs_mean + (1 + escs_within | school_id)"
MODELS = {
    "math ~ escs_within + escs_mean + (1 + escs_mean | school_id)": "slope-of-a-school-variable",
    "math ~ escs + escs_mean + (1 + escs | school_id)": "uncentred-random-slope",
    "math ~ escs_within + escs_mean + (1 + escs | school_id)": "uncentred-random-slope",
    "math ~ escs_mean + (1 + escs_within | school_id)": "slope-not-fixed",
    "math ~ escs_within + escs_mean + (1 + escs_within || school_id)": "correlation-left-out",
    "math ~ escs_within + escs_mean + (1 | school_id)": "random-slope-missing",
    "math ~ escs_within + escs_mean + (0 + escs_within | school_id)": "no-random-intercept",
    "math ~ escs_within + (1 + escs_within | school_id)": "missing-predictor",
}


@pytest.fixture(scope="module")
def data():
    return get("ch09.model").data("jo")


@pytest.mark.parametrize("formula", MODELS)
@pytest.mark.filterwarnings("ignore")
def test_the_wrong_random_part_is_named(formula, data):
    verdict = get("ch09.model").check(hlm.lmer(formula, data), student="jo")
    assert verdict.diagnosis == (MODELS[formula],)
    assert not verdict.correct


def test_the_right_model_of_either_tool_is_right(data):
    assert get("ch09.model").check(hlm.lmer(RIGHT, data), student="jo").correct
    model = smf.mixedlm(
        "math ~ escs_within + escs_mean", data, groups="school_id", re_formula="~ escs_within"
    )
    assert get("ch09.model").check(model.fit(), student="jo").correct


def test_every_rule_of_the_chapter_is_tried_here():
    assert {rule.id for rule in get("ch09.model").rules} <= set(MODELS.values())


@pytest.mark.parametrize("number", range(5))
def test_the_parts_of_escs_are_what_center_gives(number):
    made = ch09.lines_of_their_own(random_state("jo", "ch09.lines", number, ""))
    again = hlm.center(made.drop(columns=["escs_within", "escs_mean"]), "escs", "school_id")
    for name in ("escs_within", "escs_mean"):
        assert np.allclose(made[name], again[name], atol=1e-4)


@pytest.mark.parametrize("number", range(5))
def test_slopes_differ_and_no_fit_is_on_the_edge(number):
    made = ch09.lines_of_their_own(random_state("jo", "ch09.lines", number, ""))
    fit = hlm.lmer(RIGHT, made)
    assert not fit.singular
    parallel = hlm.lmer("math ~ escs_within + escs_mean + (1 | school_id)", made)
    assert hlm.lrt(parallel, fit).p < 0.05


@pytest.mark.parametrize("number", range(5))
def test_the_ratio_has_one_value_a_school_and_explains_slopes(number):
    made = ch09.slopes_with_a_reason(random_state("jo", "ch09.reasons", number, ""))
    assert (made.groupby("school_id")["stratio"].transform("first") == made["stratio"]).all()
    assert made["stratio"].between(6, 26).all()
    assert 0.1 < get("ch09.explained").answer(made) < 1


def test_raw_slopes_are_those_of_one_regression_per_school(data):
    table = data.groupby("school_id")[["escs", "math"]]
    by_hand = [
        np.polyfit(rows["escs"], rows["math"], 1)[0] if len(rows) > 1 else np.nan
        for _, rows in table
    ]
    assert np.allclose(ch09.raw_slopes(data), by_hand, equal_nan=True)


def test_the_p_value_is_that_of_the_comparison(data):
    """The by-hand mixture of the question, and hlm.lrt on two fits with the same criteria."""
    fits = [hlm.lmer(formula, data) for formula in (ch09.PARALLEL, ch09.LINES)]
    table = pd.DataFrame({"criterion": [fit.criterion for fit in fits]})
    assert get("ch09.p-value").answer(table) == pytest.approx(hlm.lrt(*fits).p)


@pytest.mark.filterwarnings("ignore")
def test_the_count_is_that_of_a_fit(data):
    table = data.assign(desk01=(data["desk"] == "yes").astype(float))
    formula = "math ~ escs + desk01 + stratio + (1 + escs + desk01 | school_id)"
    assert get("ch09.count").answer(None) == hlm.lmer(formula, table).n_params
