"""`lmer` against lme4 and, where lme4's own optimum is loose, against 60-digit arithmetic.

tests/reference/README.md says what the numbers are, who made them and which to trust where.
"""

import json
import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hlmteach as hlm
from hlmteach.columns import MissingRowsWarning
from hlmteach.fitting import RankWarning

REFERENCE = Path(__file__).parent / "reference"
CASES = {c["name"]: c for c in json.loads((REFERENCE / "cases.json").read_text())}
# lme4's criterion carries rounding noise, or stops above the optimum: see the README there.
LOOSE = {"y_offset_1e9", "x_offset_1e6", "near_collinear", "slopes_offset"}
BOTH = pytest.mark.parametrize("estimator", ["reml", "ml"])
EVERY = pytest.mark.parametrize("name", sorted(CASES))
FIRM = pytest.mark.parametrize("name", sorted(set(CASES) - LOOSE))


@cache
def table(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "data" / f"{CASES[name]['data']}.csv")


@cache
def fit_case(name: str, estimator: str) -> hlm.Fit:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # missing rows and dropped columns have their own tests
        return hlm.lmer(CASES[name]["formula"], table(name), reml=estimator == "reml")


@cache
def lme4(name: str, estimator: str) -> dict:
    return json.loads((REFERENCE / "lme4" / f"{name}.json").read_text())[estimator]


@cache
def exact(name: str, estimator: str) -> dict | None:
    file = REFERENCE / "exact" / f"{name}.json"
    return json.loads(file.read_text()).get(estimator) if file.exists() else None


def best(name: str, estimator: str) -> dict:
    """The reference to trust: the exact optimum where there is one, else lme4's."""
    known = exact(name, estimator)
    if known is None:
        assert name not in LOOSE
        theirs = lme4(name, estimator)
        known = {**theirs, "covariance": theirs["varcorr"]["covariance"]}
    return known


def numbers(by_name: dict) -> np.ndarray:
    """The coefficients that were estimated; R has null for a dropped one."""
    return np.array([v for v in by_name.values() if v is not None], dtype=float)


def named_as_in_r(name: str) -> str:
    name = name.replace("Intercept", "(Intercept)").replace(" ** ", "^")
    return name.replace("[T.", "").replace("]", "")


@BOTH
@EVERY
def test_fixed_effects_and_standard_errors(name: str, estimator: str) -> None:
    fit, known = fit_case(name, estimator), best(name, estimator)
    np.testing.assert_allclose(fit.beta, numbers(known["beta"]), rtol=1e-6)
    np.testing.assert_allclose(fit.se, numbers(known["se"]), rtol=1e-6)


@BOTH
@EVERY
def test_variances(name: str, estimator: str) -> None:
    fit, known = fit_case(name, estimator), best(name, estimator)
    covariance = np.array(known["covariance"], dtype=float)
    np.testing.assert_allclose(
        fit.cov_u, covariance, rtol=1e-5, atol=1e-8 * np.diag(covariance).max()
    )
    assert fit.sigma_e**2 == pytest.approx(known["sigma_e"] ** 2, rel=1e-5)
    theta = np.array(known["theta"], dtype=float)
    np.testing.assert_allclose(fit.theta, theta, rtol=1e-5, atol=1e-4 * np.abs(theta).max())


@BOTH
@EVERY
def test_criterion(name: str, estimator: str) -> None:
    fit, known = fit_case(name, estimator), best(name, estimator)
    assert fit.criterion == pytest.approx(known["criterion"], abs=1e-6, rel=0)
    if name not in LOOSE:
        assert fit.criterion <= lme4(name, estimator)["criterion"] + 1e-8
    assert fit.solution.gradient < 1e-6


@BOTH
@FIRM
def test_what_follows_from_the_criterion(name: str, estimator: str) -> None:
    fit, theirs = fit_case(name, estimator), lme4(name, estimator)
    for ours, key in [(fit.loglik, "loglik"), (fit.aic, "aic"), (fit.bic, "bic")]:
        assert ours == pytest.approx(theirs[key], abs=2e-6, rel=0)
    assert fit.n_params == theirs["n_parameters"]
    assert fit.n - fit.n_params == theirs["df_residual"]


@BOTH
@EVERY
def test_counts_names_and_flags(name: str, estimator: str) -> None:
    fit, theirs = fit_case(name, estimator), lme4(name, estimator)
    assert (fit.n, fit.n_groups, fit.reml) == (theirs["n"], theirs["n_groups"], theirs["reml"])
    kept = [key for key, value in theirs["beta"].items() if value is not None]
    assert [named_as_in_r(n) for n in fit.names] == kept
    assert [named_as_in_r(n) for n in fit.dropped_columns] == theirs["dropped"]
    assert [named_as_in_r(n) for n in fit.random_names] == theirs["varcorr"]["names"]
    assert fit.singular == theirs["singular"]


@BOTH
@FIRM
def test_covariance_of_the_fixed_effects(name: str, estimator: str) -> None:
    fit, vcov = fit_case(name, estimator), np.array(lme4(name, estimator)["vcov"])
    size = np.sqrt(np.outer(np.diag(vcov), np.diag(vcov)))
    np.testing.assert_allclose(fit.cov_beta / size, vcov / size, atol=1e-6)


@BOTH
@FIRM
def test_group_effects(name: str, estimator: str) -> None:
    fit, theirs = fit_case(name, estimator), lme4(name, estimator)["ranef"]
    for effect in fit.random_names:
        ours = fit.u if fit.u.index.nlevels == 1 else fit.u.xs(effect, level="name")
        ours = ours.loc[[type(ours.index[0])(g) for g in theirs["groups"]]]
        key = named_as_in_r(effect)
        scale = fit.varcorr.sd.max()
        np.testing.assert_allclose(ours.u, theirs["values"][key], rtol=1e-5, atol=1e-6 * scale)
        np.testing.assert_allclose(ours.se, theirs["cond_sd"][key], rtol=1e-5, atol=1e-4 * scale)


@BOTH
@FIRM
def test_fitted_and_population_predictions(name: str, estimator: str) -> None:
    fit, theirs = fit_case(name, estimator), lme4(name, estimator)
    scale = 1e-6 * fit.design.y.std()
    np.testing.assert_allclose(fit.fitted.iloc[:10], theirs["fitted_first10"], atol=scale)
    line = fit.predict(group_effects=False)
    np.testing.assert_allclose(line.iloc[:10], theirs["predict_population_first10"], atol=scale)
    residuals = hlm.summary(fit, tests="none").residuals
    np.testing.assert_allclose(residuals, theirs["scaled_residuals"], atol=2e-6)
    # The same rows handed in as new data give the same predictions.
    rows = table(name).loc[fit.fitted.index]
    np.testing.assert_allclose(fit.predict(rows), fit.fitted, atol=1e-4 * scale)
    np.testing.assert_allclose(fit.predict(rows, group_effects=False), line, atol=1e-4 * scale)


# ---------------------------------------------------------------- warnings


def small() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    g = np.repeat(np.arange(10), 6)
    x = rng.normal(size=60)
    return pd.DataFrame({"y": x + rng.normal(size=10)[g] + rng.normal(size=60), "x": x, "g": g})


def test_missing_rows_are_counted() -> None:
    data = small().astype({"g": float})
    data.loc[[0, 1, 13], "x"] = np.nan
    data.loc[[1, 20], "y"] = np.nan
    data.loc[6:11, "y"] = np.nan  # the whole of group 1
    data.loc[59, "g"] = np.nan
    with pytest.warns(MissingRowsWarning) as caught:
        fit = hlm.lmer("y ~ x + (1 | g)", data)
    assert str(caught[0].message) == (
        "11 of 60 rows have a missing value and were left out, and with them 1 of 10 groups. "
        "Missing by column: y (8), x (3), g (1)."
    )
    assert fit.n == 49 and fit.n_groups == 9
    assert (fit.dropped.rows, fit.dropped.of_rows) == (11, 60)
    assert fit.criterion == hlm.lmer("y ~ x + (1 | g)", data.dropna()).criterion


def test_only_columns_of_the_formula_count_as_missing() -> None:
    data = small().assign(other=np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert hlm.lmer("y ~ x + (1 | g)", data).dropped is None


def test_columns_left_out_are_named() -> None:
    data = small().assign(a=lambda d: 2 * d.x, b=3.0)
    with pytest.warns(RankWarning, match="rank deficient: a, b are determined by the predictors"):
        fit = hlm.lmer("y ~ x + a + b + (1 | g)", data)
    assert fit.dropped_columns == ["a", "b"]


@pytest.mark.parametrize("reml", ["ML", 1, None])
def test_reml_is_true_or_false(reml: object) -> None:
    with pytest.raises(TypeError, match="it is True for REML or False for maximum likelihood"):
        hlm.lmer("y ~ x + (1 | g)", small(), reml=reml)


def test_warnings_point_at_the_learners_line() -> None:
    data = small().assign(a=lambda d: 2 * d.x, x=lambda d: d.x.where(d.index > 0))
    with pytest.warns(UserWarning) as caught:
        hlm.lmer("y ~ x + a + (1 | g)", data)
    assert [w.category for w in caught] == [MissingRowsWarning, RankWarning]
    assert {w.filename for w in caught} == {__file__}


# ---------------------------------------------------------------- simulate, fit, recover


@settings(max_examples=30)
@given(
    sigma_u=st.floats(0.2, 5),
    sigma_e=st.floats(0.5, 5),
    slope=st.floats(-3, 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_truth_is_recovered(sigma_u: float, sigma_e: float, slope: float, seed: int) -> None:
    truth = hlm.Params(
        beta={"Intercept": 10, "x": slope, "z": -1}, sigma_u=sigma_u, sigma_e=sigma_e
    )
    data = hlm.simulate(truth, n_groups=80, group_size=(5, 25), level2=["z"], seed=seed)
    fit = hlm.lmer("y ~ x + z + (1 | group)", data)
    gap = (fit.beta - pd.Series(truth.beta)) / fit.se
    assert gap.abs().max() < 6
    J, n = fit.n_groups, fit.n / fit.n_groups
    assert abs(fit.sigma_e**2 / sigma_e**2 - 1) < 6 * np.sqrt(2 / (fit.n - J))
    spread = (sigma_u**2 + sigma_e**2 / n) * np.sqrt(2 / (J - 2))
    assert abs(fit.sigma_u**2 - sigma_u**2) < 7 * spread


def test_standard_errors_are_the_spread_of_the_estimates() -> None:
    truth = hlm.Params(
        beta={"Intercept": 10, "x": 1, "z": 2},
        sigma_u=1,
        sigma_e=2,
        slopes={"x": 0.5},
        corr=0.3,
    )
    gaps, variances = [], []
    for seed in range(200):
        data = hlm.simulate(truth, n_groups=60, group_size=(4, 16), level2=["z"], seed=seed)
        fit = hlm.lmer("y ~ x + z + (1 + x | group)", data)
        gaps.append((fit.beta - pd.Series(truth.beta)) / fit.se)
        variances.append([*fit.cov_u.to_numpy()[np.tril_indices(2)], fit.sigma_e**2])
    gaps = pd.DataFrame(gaps)
    assert gaps.mean().abs().max() < 4 / np.sqrt(200)
    assert gaps.std().between(0.83, 1.2).all()
    expected = [*truth.cov_u.to_numpy()[np.tril_indices(2)], 4]
    error = np.std(variances, axis=0) / np.sqrt(200)
    assert (np.abs(np.mean(variances, axis=0) - expected) < 4 * error).all()
