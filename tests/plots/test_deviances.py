"""The profile figure draws confint's interval, and the deviance that a fit at that value has."""

import numpy as np
import pytest
import statsmodels.formula.api as smf
from scipy import stats

import hlmteach as hlm
from hlmteach.engine.solution import solve

HEIGHT = stats.chi2.ppf(0.95, 1)


def line(ax, label):
    """The (k, 2) points of the line whose label begins so."""
    return next(one for one in ax.lines if one.get_label().startswith(label)).get_xydata()


@pytest.mark.parametrize("parameter", ["sigma_u", "sigma_e", "escs"])
def test_the_curve_is_at_the_height_where_confint_ends(full, parameter):
    curve = line(hlm.plots.profile(full, parameter), "profile")
    ends = hlm.confint(full).loc[parameter]
    drawn = np.interp(ends, *curve.T)
    np.testing.assert_allclose(drawn, HEIGHT, rtol=0.02)  # between points of the curve
    at = curve[curve[:, 1].argmin(), 0]
    ml = full.refit(reml=False)
    here = {"sigma_u": ml.sigma_u, "sigma_e": ml.sigma_e, **ml.beta}[parameter]
    assert at == pytest.approx(here, rel=1e-6)


def test_a_coefficient_moved_is_a_fit_with_that_offset(full, world):
    curve = line(hlm.plots.profile(full, "escs"), "profile")
    value, height = curve[3]
    moved = world.assign(rest=world["math"] - value * world["escs"])
    held = hlm.lmer("rest ~ stratio + (1 | school_id)", moved, reml=False)
    free = full.refit(reml=False)
    assert height == pytest.approx(held.criterion - free.criterion, rel=1e-6)


def test_the_parabola_of_a_coefficient_is_nearly_walds_interval(full):
    ml = full.refit(reml=False)
    parabola = line(hlm.plots.profile(full, "escs"), "Wald")
    drawn = np.interp(ml.beta["escs"] + 1.96 * ml.se["escs"], *parabola.T)
    assert drawn == pytest.approx(HEIGHT, rel=0.02)


def test_the_text_says_how_lopsided_it_is(full):
    text = hlm.plots.alt(hlm.plots.profile(full))
    low, high = hlm.confint(full).loc["sigma_u"]
    assert f"runs from {low:.1f} to {high:.1f}" in text
    assert "95 % interval" in text and "Wald's parabola would run from" in text


def test_random_slopes_have_profiles_and_a_correlation_no_unit(slopes):
    ax = hlm.plots.profile(slopes, "corr[Intercept, escs]", level=0.999)
    assert ax.get_xlabel() == "corr: Intercept, escs"
    low, high = hlm.confint(slopes, level=0.999).loc["corr[Intercept, escs]"]
    assert ax.get_xlim()[0] <= low < high <= ax.get_xlim()[1]
    assert "99.9 % interval" in hlm.plots.alt(ax)
    assert hlm.plots.profile(slopes, "sigma_u").get_xlabel() == "sigma_u (points)"


def test_on_the_boundary_there_is_no_parabola(world):
    flat = world.assign(math=world["math"] - world.groupby("school_id")["math"].transform("mean"))
    fit = hlm.lmer("math ~ escs + (1 | school_id)", flat)
    assert solve(fit.design, False).singular
    ax = hlm.plots.profile(fit)
    assert "Wald's parabola" not in [one.get_label() for one in ax.lines]
    assert "interval runs from 0 to" in hlm.plots.alt(ax)
    assert ax.get_xlim()[0] > -1


def test_a_statsmodels_result_does_as_well(world):
    result = smf.mixedlm("math ~ escs", world, groups="school_id").fit()
    assert hlm.plots.alt(hlm.plots.profile(result)).startswith("Profile likelihood of sigma_u")


def test_what_it_refuses(full):
    with pytest.raises(ValueError, match="'tau', which I do not know; I know: 'sigma_u'"):
        hlm.plots.profile(full, "tau")
    with pytest.raises(ValueError, match="level is 95; give a coverage between 0 and 1"):
        hlm.plots.profile(full, level=95)
