"""What the explorers say is what the package and theory give."""

import re

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.explore.power_curve import _power, _simulated
from hlmteach.explore.study_means import _SD


def number(text: str, before: str) -> float:
    return float(re.search(f"{before} (-?[0-9.,]+[0-9])", text)[1].replace(",", ""))


def test_no_line_beats_the_least_squares_line():
    best = hlm.explore.least_squares().strip[-1]
    assert "1.00 times the least" in hlm.explore.least_squares().text(**best)


@pytest.mark.parametrize(("icc", "size", "schools"), [(0.2, 25, 40), (0.05, 50, 100), (0, 10, 30)])
def test_studies_scatter_by_the_root_of_the_design_effect(icc, size, schools):
    text = hlm.explore.clustering().text(icc=icc, group_size=size, n_groups=schools)
    exact = _SD * np.sqrt((icc + (1 - icc) / size) / schools)
    # the SD of 1,000 draws is within 8 % of the truth in all but one in thousands
    assert number(text, "SD of") == pytest.approx(exact, rel=0.08)


@pytest.mark.parametrize(("u", "e"), [(40, 80), (80, 40), (60, 60)])
def test_the_model_finds_the_icc_of_the_sliders(u, e):
    text = hlm.explore.icc().text(sigma_u=u, sigma_e=e)
    assert number(text, "ICC") == pytest.approx(u**2 / (u**2 + e**2), abs=0.006)
    assert number(text, "finds") == pytest.approx(u**2 / (u**2 + e**2), abs=0.08)


def test_a_school_keeps_its_reliability():
    text = hlm.explore.shrinkage().text(icc=0.3, group_size=10)
    icc, kept = number(text, "fitted"), number(text, "keeps") / 100
    assert kept == pytest.approx(10 * icc / (1 + 9 * icc), abs=0.02)
    raw, predicted = number(text, "means span"), number(text, "ones")
    assert predicted / raw == pytest.approx(kept, abs=0.02)


def test_the_blend_lies_between_the_two_slopes():
    text = hlm.explore.within_between().text(within=30, between=90)
    within, between, blend = (
        number(text, "Fitted apart: within"), number(text, ", between"), number(text, "slope,")
    )  # fmt: skip
    assert within < blend < between
    assert blend - within < between - blend  # mostly the within slope


def test_slopes_of_the_sliders_come_back():
    text = hlm.explore.slopes().text(slope_sd=30, corr=0.5)
    assert number(text, "Fitted: intercept SD") == pytest.approx(40, rel=0.15)
    assert number(text.partition("Fitted")[2], "slope SD") == pytest.approx(30, rel=0.15)


def test_reml_lies_above_ml():
    text = hlm.explore.criterion().text(n_groups=6)
    assert number(text, "lowest at") > number(text, "deviance at")


@pytest.mark.parametrize(("effect", "schools"), [(25, 40), (40, 60), (0, 20)])
def test_the_simulated_power_is_that_of_the_formula(effect, schools):
    exact = float(_power(effect, 0.2, 20, np.array([schools]))[0])
    found = np.mean([_simulated(effect, 0.2, 20, schools, seed) for seed in range(8)])
    assert found == pytest.approx(exact, abs=4 * np.sqrt(0.25 / 4000))


def test_the_power_is_a_share_wherever_the_sliders_stand():
    schools = np.arange(6, 161, 2)
    found = [
        _power(float(effect), icc, size, schools)
        for effect in range(61)
        for icc in (0.0, 0.02, 0.2, 0.5)
        for size in (2, 20, 100)
    ]
    assert np.min(found) >= 0 and np.max(found) <= 1 + 1e-12  # neither holds of a nan
