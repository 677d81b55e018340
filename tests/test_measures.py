"""Single numbers of a fitted model, and its group effects."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

import hlmteach as hlm

RNG = np.random.default_rng(3)
G = np.repeat(np.arange(30), 10)
DATA = pd.DataFrame({"x": RNG.normal(size=300), "g": G})
DATA["y"] = DATA.x + RNG.normal(size=30)[G] * (1 + 0.5 * DATA.x) + RNG.normal(size=300)
ONE = hlm.lmer("y ~ 1 + (1 | g)", DATA)
TWO = hlm.lmer("y ~ x + (1 + x | g)", DATA)


def test_icc() -> None:
    assert hlm.icc(ONE) == ONE.sigma_u**2 / (ONE.sigma_u**2 + ONE.sigma_e**2)
    assert hlm.icc(TWO) == TWO.cov_u.iloc[0, 0] / (TWO.cov_u.iloc[0, 0] + TWO.sigma_e**2)


def test_icc_of_balanced_groups_by_analysis_of_variance() -> None:
    mean = DATA.groupby("g").y.mean()
    between = 10 * mean.var()
    within = ((DATA.y - mean.loc[DATA.g].to_numpy()) ** 2).sum() / (300 - 30)
    expected = (between - within) / (between + 9 * within)
    assert hlm.icc(ONE) == pytest.approx(expected, rel=1e-9)


def test_design_effect() -> None:
    assert hlm.design_effect(ONE) == pytest.approx(1 + 9 * ONE.icc)
    assert hlm.design_effect(ONE, group_size=1) == 1.0
    assert hlm.design_effect(ONE, group_size=26) == pytest.approx(1 + 25 * ONE.icc)
    # It is the variance of the mean, in units of what independent rows would give.
    mean_variance = ONE.se["Intercept"] ** 2
    independent = (ONE.sigma_u**2 + ONE.sigma_e**2) / 300
    assert hlm.design_effect(ONE) == pytest.approx(mean_variance / independent)
    for size in (0, -3):
        with pytest.raises(ValueError, match="a group has at least one row"):
            hlm.design_effect(ONE, group_size=size)
    for size in (np.nan, "mean", [3]):
        with pytest.raises(
            ValueError, match=r"group_size is .* must be a .*number; rows per group"
        ):
            hlm.design_effect(ONE, group_size=size)


def test_ranef() -> None:
    table = hlm.ranef(ONE)
    assert table.columns.tolist() == ["u", "se"] and table.index.name == "g"
    table.loc[0, "u"] = 99.0  # a copy, so the model is left alone
    assert ONE.u.u[0] != 99.0
    for level in (0.5, 0.95):
        wide = hlm.ranef(TWO, level=level)
        assert wide.columns.tolist() == ["u", "se", "lower", "upper"]
        reach = stats.norm.ppf((1 + level) / 2)
        np.testing.assert_allclose(wide.upper - wide.u, reach * wide.se)
        np.testing.assert_allclose(wide.u - wide.lower, reach * wide.se)
    for level in (0, 1, 95, -0.5):
        with pytest.raises(ValueError, match="give a coverage between 0 and 1"):
            hlm.ranef(ONE, level=level)


def test_intervals_of_group_effects_cover_the_truth() -> None:
    world = hlm.Params(beta={"Intercept": 5}, sigma_u=2, sigma_e=3)
    inside = []
    for seed in range(20):
        data = hlm.simulate(world, n_groups=100, group_size=(3, 30), truth=True, seed=seed)
        table = hlm.ranef(hlm.lmer("y ~ 1 + (1 | group)", data), level=0.9)
        u = data.groupby("group").u.first().loc[table.index]
        inside.append(((table.lower < u) & (u < table.upper)).mean())
    assert np.mean(inside) == pytest.approx(0.9, abs=0.02)


def test_statsmodels_results_are_taken_too() -> None:
    result = smf.mixedlm("y ~ 1", DATA, groups="g").fit()
    assert hlm.icc(result) == pytest.approx(ONE.icc, rel=1e-4)
    assert hlm.design_effect(result) == pytest.approx(hlm.design_effect(ONE), rel=1e-4)
    np.testing.assert_allclose(hlm.ranef(result).u, ONE.u.u, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("function", [hlm.icc, hlm.design_effect, hlm.ranef, hlm.summary])
def test_other_models_are_refused(function) -> None:
    with pytest.raises(TypeError, match="ordinary regression, which has no groups"):
        function(smf.ols("y ~ x", DATA).fit())
