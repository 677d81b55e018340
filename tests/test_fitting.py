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

import hlmteach as hlm

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
    assert fit.converged


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
