"""Chapter 14: its fits against lme4's, and the short cuts of its questions against real fits."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
import where_next

import hlmteach as hlm
from hlmteach.questions import ch14_where_next as ch14
from hlmteach.questions.students import random_state

REFERENCE = json.loads((Path(where_next.__file__).parent / "where_next.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def chapter() -> dict:
    """Names of the chapter after its cells with the three-level, crossed and logistic fits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return where_next.run(
            *where_next.TABLES, "three = smf.mixedlm", "components =", "def minus_loglik", "ml_se ="
        )


def test_three_levels_are_lme4_s(chapter):
    fit = chapter["fits"]['method="nm"']
    ours = {"school": fit.cov_re.iloc[0, 0], "class_id": fit.vcomp[0], "Residual": fit.scale}
    assert ours == pytest.approx(REFERENCE["nested"], rel=1e-3)


def test_the_default_optimiser_stops_short_as_the_chapter_says(chapter):
    fits = chapter["fits"]
    assert not fits["default"].converged
    assert fits["default"].llf < fits['method="nm"'].llf - 0.01


def test_crossed_groups_are_lme4_s(chapter):
    ours = {**chapter["components"], "Residual": chapter["both"].scale}
    assert ours == pytest.approx(REFERENCE["crossed"], rel=1e-3)


def test_the_quadrature_is_glmer_s(chapter):
    theirs = REFERENCE["low"]
    *beta, log_sigma = chapter["ml"].x
    assert beta == pytest.approx(list(theirs["beta"].values()), abs=2e-4)
    assert list(chapter["ml_se"]) == pytest.approx(list(theirs["se"].values()), rel=5e-3)
    assert np.exp(log_sigma) == pytest.approx(theirs["sigma_u"], abs=2e-4)


def test_mean_squares_give_the_three_level_reml_fit():
    data = ch14.classes(random_state("jo", "levels", 0))
    model = chapter_model(data)
    v = ch14.levels(data)
    ours = [v.school, v.classes, v.residual]
    theirs = [model.cov_re.iloc[0, 0], model.vcomp[0], model.scale]
    assert theirs == pytest.approx(ours, rel=5e-4)
    two = hlm.lmer("math ~ 1 + (1 | school)", data)
    assert two.sigma_u**2 == pytest.approx(v.school_of_two, rel=1e-8)
    assert two.sigma_e**2 == pytest.approx(v.residual_of_two, rel=1e-8)


def chapter_model(data):
    """The three-level model as the chapter fits it."""
    import statsmodels.formula.api as smf

    classes = {"class": "0 + C(class_id)"}
    model = smf.mixedlm("math ~ 1", data, groups="school", re_formula="1", vc_formula=classes)
    return model.fit(method="nm")


@pytest.mark.parametrize("zero", [0, 2, 4])
def test_the_correlation_at_a_year_is_that_of_a_fit_with_its_zero_there(zero):
    data = ch14.growth(random_state("jo", "growth", 0))
    moved = data.assign(time=data["year"] - zero)
    cov = hlm.lmer("score ~ time + (1 + time | student)", moved).cov_u.to_numpy()
    refitted = cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1])
    assert ch14.correlation(data, zero) == pytest.approx(refitted, abs=1e-5)


@pytest.mark.parametrize("recipe", [ch14.classes, ch14.growth, ch14.logistic, ch14.programmes])
def test_a_recipe_gives_one_student_one_table(recipe):
    first, again, other = (recipe(random_state(who, "x", 0)) for who in ("jo", "jo", "kim"))
    assert first.equals(again) and not first.equals(other)
    assert not first.isna().any(axis=None)
