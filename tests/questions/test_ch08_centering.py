"""Chapter 8's own rules: which columns a fitted model holds, told by their means and SDs."""

import pytest

import hlmteach as hlm
from hlmteach.questions import get

MODELS = {
    "escs + escs_mean": "contextual-model",
    "escs_c + escs_mean": "contextual-model",
    "escs_within": "mean-left-out",
    "escs_mean": "deviations-left-out",
    "escs_c": "grand-mean-for-group-mean",
    "escs": "escs-not-split",
    "escs_within + escs_mean_c": "means-centred-too",
    "escs_within + over_students": "means-centred-too",
}


@pytest.fixture(scope="module")
def table():
    data = hlm.center(get("ch08.hybrid").data("jo"), "escs", "school_id")
    data = hlm.center(hlm.center(data, "escs"), "escs_mean", "school_id", grand="groups")
    return data.assign(
        over_students=data["escs_mean"] - data["escs_mean"].mean(), m=data["escs_mean"]
    )


@pytest.mark.parametrize("fixed", MODELS)
def test_the_wrong_centring_is_named(fixed, table):
    fit = hlm.lmer(f"math ~ {fixed} + (1 | school_id)", table)
    verdict = get("ch08.hybrid").check(fit, student="jo")
    assert verdict.diagnosis == (MODELS[fixed],)
    assert not verdict.correct


def test_other_names_of_the_columns_are_as_good(table):
    fit = hlm.lmer("math ~ m + escs_within + (1 | school_id)", table)
    assert get("ch08.hybrid").check(fit, student="jo").correct


def test_every_rule_of_the_chapter_is_tried_here():
    assert {rule.id for rule in get("ch08.hybrid").rules} == set(MODELS.values())
