"""Chapter 10's own rule and recipes, and answers computed another way."""

import numpy as np
import pytest
from scipy import stats

import hlmteach as hlm
from hlmteach.questions import get
from hlmteach.questions.ch10_comparing_models import classes, gaps
from hlmteach.questions.students import random_state


@pytest.fixture(scope="module")
def table():
    return get("ch10.by-ml").data("jo")


def fitted(data, reml=False, fixed="escs"):
    return hlm.lmer(f"math ~ {fixed} + (1 | school_id)", data, reml=reml)


def test_a_model_on_its_own_rows_is_named(table):
    verdict = get("ch10.by-ml").check(fitted(table), student="jo")
    assert not verdict.correct
    assert "rows-of-its-own" in verdict.diagnosis
    assert "Drop the rows without" in verdict.message


def test_the_reml_fit_is_not_the_one_to_compare(table):
    verdict = get("ch10.by-ml").check(fitted(table.dropna(), reml=True), student="jo")
    assert not verdict.correct
    assert "ML" in verdict.message


def test_the_frozen_rows_are_right(table):
    assert get("ch10.by-ml").check(fitted(table.dropna()), student="jo").correct


def test_the_chi_square_is_that_of_r(table):
    """anova() of two ML fits: twice the difference of the log likelihoods."""
    rows = table.dropna()
    large = fitted(rows, fixed="escs + desk + stratio")
    chi2 = 2 * (large.loglik - fitted(rows).loglik)
    assert get("ch10.chi2").check(chi2, student="jo").correct
    gain = fitted(rows).aic - large.aic
    assert gain == pytest.approx(chi2 - 4)
    assert get("ch10.aic-gain").check(gain, student="jo").correct


def test_the_mixtures_are_means_of_two_p_values():
    data = get("ch10.slope-p").data("jo")
    one = hlm.lmer("score ~ effort + (1 | class_id)", data)
    two = hlm.lmer("score ~ effort + (1 + effort | class_id)", data)
    chi2 = one.criterion - two.criterion
    assert get("ch10.slope-p").check(stats.chi2.sf(chi2, [1, 2]).mean(), student="jo").correct
    gain = hlm.lrt("no groups", one).chi2
    assert get("ch10.intercept-p").check(stats.chi2.sf(gain, 1) / 2, student="jo").correct


def test_a_share_may_be_typed_in_percent_with_its_sign():
    question = get("ch10.negative-share")
    share = question.answer(question.data("jo"))
    assert question.check(share, student="jo").correct
    assert "minus-taken-away" in question.check(-share, student="jo").diagnosis


def test_gaps_takes_whole_schools():
    data = gaps(random_state("jo", "x", 0))
    per_school = data.groupby("school_id")["stratio"].agg(lambda ratio: ratio.isna().mean())
    assert (per_school == 1).sum() == 10 and set(per_school) == {0.0, 1.0}


def test_classes_are_small_and_rounded():
    data = classes(random_state("jo", "x", 0))
    sizes = data.groupby("class_id").size()
    assert len(sizes) == 30 and sizes.between(6, 10).all()
    np.testing.assert_array_equal(data["score"], data["score"].round(1))
