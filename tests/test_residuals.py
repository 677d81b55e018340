"""Level-2 residuals: by hand, and as spread as the model says."""

import numpy as np
import pytest
import statsmodels.formula.api as smf

import hlmteach as hlm

WORLD = hlm.Params(beta={"Intercept": 480, "x": 10}, sigma_u=40, sigma_e=80)


@pytest.fixture(scope="module")
def data():
    return hlm.simulate(WORLD, n_groups=300, group_size=(2, 40), seed=4)


@pytest.fixture(scope="module")
def fit(data):
    return hlm.lmer("y ~ x + (1 | group)", data)


def test_raw_times_reliability_is_the_predicted_effect(fit, data):
    left = hlm.level2_residuals(fit)
    over = data["y"] - fit.beta["Intercept"] - fit.beta["x"] * data["x"]
    np.testing.assert_allclose(left["raw"], over.groupby(data["group"]).mean(), rtol=1e-9)
    reliability = fit.sigma_u**2 / (fit.sigma_u**2 + fit.sigma_e**2 / left["n"])
    np.testing.assert_allclose(left["u"], left["raw"] * reliability, atol=1e-9)
    np.testing.assert_allclose(left["u"], fit.u["u"])


def test_the_expected_sd_is_the_root_of_the_reliability_times_sigma_u(fit):
    left = hlm.level2_residuals(fit)
    reliability = fit.sigma_u**2 / (fit.sigma_u**2 + fit.sigma_e**2 / left["n"])
    # Apart from the error in the fixed effects, which is small with 300 groups.
    np.testing.assert_allclose(left["expected_sd"], fit.sigma_u * np.sqrt(reliability), rtol=0.01)
    np.testing.assert_allclose(left["standardised"], left["u"] / left["expected_sd"])
    assert left["standardised"].std() == pytest.approx(1, abs=0.08)


def test_statsmodels_and_random_slopes(data):
    model = smf.mixedlm("y ~ x", data, groups="group").fit()
    np.testing.assert_allclose(
        hlm.level2_residuals(model)["u"],
        [v.iloc[0] for v in model.random_effects.values()],
        atol=0.05,
    )
    slopes = hlm.level2_residuals(hlm.lmer("y ~ x + (1 + x | group)", data))
    assert list(slopes) == ["n", "u", "expected_sd", "standardised"]


def test_no_random_intercept(data):
    with pytest.raises(ValueError, match="no random intercept, so no level-2 residuals"):
        hlm.level2_residuals(hlm.lmer("y ~ x + (0 + x | group)", data))
