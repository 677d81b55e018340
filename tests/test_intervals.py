"""Confidence intervals against lme4's, a dense likelihood and themselves."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import linalg, optimize, stats

import hlmteach as hlm
from hlmteach.engine.solution import solve
from hlmteach.intervals import confint

REFERENCE = Path(__file__).parent / "reference"
CASES = {c["name"]: c for c in json.loads((REFERENCE / "cases.json").read_text())}
PROFILED = [
    *("base", "null", "factor3", "singular", "two_groups"),
    *("slopes_base", "slopes_uncorrelated"),
]
# Near a bound lme4's spline strays from the profile by up to this share of the interval's width.
STRAY = {"singular": 1e-3, "two_groups": 2e-4}
PISA = REFERENCE.parent.parent.parent / "shared" / "data"


def fit_case(name: str, reml: bool = True) -> hlm.Fit:
    case = CASES[name]
    return hlm.lmer(case["formula"], pd.read_csv(REFERENCE / "data" / f"{case['data']}.csv"), reml)


def answers(name: str, estimator: str, method: str) -> np.ndarray:
    record = json.loads((REFERENCE / "lme4" / f"{name}.json").read_text())
    return np.array(list(record[estimator]["confint"][method].values()), dtype=float)


@pytest.mark.parametrize("name", PROFILED)
def test_profile_agrees_with_lme4(name: str) -> None:
    theirs = answers(name, "ml", "profile")
    ours = confint(fit_case(name), method="profile").to_numpy()
    width = theirs[:, 1:] - theirs[:, :1]
    assert (np.abs(ours - theirs) / width).max() < STRAY.get(name, 1e-6)


@pytest.mark.parametrize("name", PROFILED)
@pytest.mark.parametrize("estimator", ["reml", "ml"])
def test_wald_agrees_with_lme4(name: str, estimator: str) -> None:
    fit = fit_case(name, estimator == "reml")
    ours = confint(fit, method="wald")
    expected = answers(name, estimator, "wald")
    np.testing.assert_allclose(ours.loc[fit.names], expected, rtol=1e-7)
    assert ours.drop(fit.names).isna().all(axis=None)


# ---------------------------------------------------------------- a dense second way


def dense_deviance(
    fit: hlm.Fit, S: np.ndarray, s2: float, held: tuple[int, float] | None = None
) -> float:
    """-2 log-likelihood from the N x N covariance matrix, by ML, fixed effects at their best."""
    y, X, Z = fit.design.y, fit.design.exog, fit.design.exog_random
    if held:
        y, X = y - held[1] * X[:, held[0]], np.delete(X, held[0], axis=1)
    same = fit.design.codes[:, None] == fit.design.codes
    L = np.linalg.cholesky(s2 * np.eye(len(y)) + same * (Z @ S @ Z.T))
    white = linalg.solve_triangular(L, np.column_stack([X, y]), lower=True)
    e = white[:, -1] - white[:, :-1] @ np.linalg.lstsq(white[:, :-1], white[:, -1])[0]
    return len(y) * np.log(2 * np.pi) + 2 * np.log(np.diag(L)).sum() + e @ e


def covariance(values: dict[str, float], q: int) -> np.ndarray:
    if q == 1:
        return np.array([[values["sigma_u"] ** 2]])
    sd = np.array([values["sigma_u"], values["sigma_u[x]"]])
    corr = np.array([[1, values["corr[Intercept, x]"]], [values["corr[Intercept, x]"], 1]])
    return corr * sd * sd[:, None]


def profile_height(fit: hlm.Fit, name: str, value: float) -> float:
    """Lowest dense deviance with one parameter held, by a simplex search over the others."""
    q = len(fit.random_names)
    by_ml = fit.refit(reml=False)
    table = by_ml.varcorr
    start = {"sigma_u": table["sd"].iloc[0], "sigma_e": by_ml.sigma_e}
    if q == 2:
        start |= {"sigma_u[x]": table["sd"].iloc[1], "corr[Intercept, x]": 0.3}
    held = (fit.names.index(name), value) if name in fit.names else None
    free = [key for key in start if key != name]

    def height(eta: np.ndarray) -> float:
        values = {
            key: np.tanh(v) if "corr" in key else np.exp(v)
            for key, v in zip(free, eta, strict=True)
        }
        values |= {name: value} if name in start else {}
        return dense_deviance(fit, covariance(values, q), values["sigma_e"] ** 2, held)

    eta = [np.arctanh(start[k]) if "corr" in k else np.log(max(start[k], 0.05)) for k in free]
    options = {"xatol": 1e-7, "fatol": 1e-9, "maxiter": 4000, "maxfev": 8000, "adaptive": True}
    return optimize.minimize(height, eta, method="Nelder-Mead", options=options).fun


@pytest.mark.parametrize("name", ["two_groups", "singular", "slopes_few_groups"])
def test_limits_are_where_a_dense_profile_crosses(name: str) -> None:
    fit = fit_case(name)
    lowest = fit.refit(reml=False).criterion
    edges = {0.0, 1.0, -1.0, np.inf, -np.inf}
    for parameter, (low, high) in confint(fit, 0.9).iterrows():
        for limit in {low, high} - edges:
            rise = profile_height(fit, parameter, limit) - lowest
            assert rise == pytest.approx(stats.chi2.ppf(0.9, 1), abs=2e-4), (parameter, limit)


def test_a_limit_at_the_edge_is_not_refused_by_the_data() -> None:
    fit = fit_case("two_groups")
    assert confint(fit).loc["sigma_u", "lower"] == 0
    rise = profile_height(fit, "sigma_u", 0.0) - fit.refit(reml=False).criterion
    assert rise < stats.chi2.ppf(0.95, 1)


# ---------------------------------------------------------------- properties


def test_units_and_offsets_move_the_interval_along() -> None:
    data = pd.read_csv(REFERENCE / "data" / "slopes.csv")
    formula = "y ~ x + z + (1 + x | g)"
    plain = confint(hlm.lmer(formula, data))
    scaled = confint(hlm.lmer(formula, data.assign(y=1e4 * data.y + 1e7)))
    variances = plain.index[:4].drop("corr[Intercept, x]")
    np.testing.assert_allclose(scaled.loc[variances], 1e4 * plain.loc[variances], rtol=1e-5)
    corr = "corr[Intercept, x]"
    np.testing.assert_allclose(scaled.loc[corr], plain.loc[corr], rtol=1e-5)
    np.testing.assert_allclose(scaled.loc[["x", "z"]], 1e4 * plain.loc[["x", "z"]], rtol=1e-6)


def test_a_statsmodels_result_and_two_slopes() -> None:
    import statsmodels.formula.api as smf

    data = pd.read_csv(REFERENCE / "data" / "base.csv")
    theirs = confint(smf.mixedlm("y ~ x + z", data, groups="g").fit())
    np.testing.assert_allclose(theirs, confint(fit_case("base")), rtol=1e-6)
    table = confint(fit_case("slopes_two"))
    assert list(table.index[:7]) == [
        *("sigma_u", "corr[Intercept, x]", "corr[Intercept, w]", "sigma_u[x]"),
        *("corr[x, w]", "sigma_u[w]", "sigma_e"),
    ]
    assert (table.lower < table.upper).all()
    assert table.loc["corr[x, w]"].between(-1, 1).all()


def test_wider_at_a_higher_level() -> None:
    fit = fit_case("slopes_base")
    wide, narrow = confint(fit, 0.99), confint(fit, 0.8)
    assert (wide.lower < narrow.lower).all()
    assert (wide.upper > narrow.upper).all()


# ---------------------------------------------------------------- bootstrap


@pytest.mark.parametrize("name", ["base", "slopes_base"])
def test_bootstrap_is_the_same_on_any_number_of_workers(name: str) -> None:
    fit = fit_case(name)
    one, two = (
        confint(fit, method="boot", n_sims=40, seed=3, workers=w, progress=False) for w in (1, 2)
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    other = confint(fit, method="boot", n_sims=40, seed=4, progress=False)
    assert not np.allclose(one, other)


def test_bootstrap_is_near_the_profile() -> None:
    fit = fit_case("base")
    drawn = confint(fit, method="boot", n_sims=1500, seed=1, progress=False)
    width = confint(fit).diff(axis=1).upper
    gap = (drawn - confint(fit)).abs().max(axis=1)
    assert (gap / width).max() < 0.12


def test_errors_say_what_to_give() -> None:
    fit = fit_case("base")
    with pytest.raises(ValueError, match="level is 95; give a coverage between 0 and 1"):
        confint(fit, 95)
    with pytest.raises(ValueError, match="'profil'; it can be 'profile', 'wald', 'boot'"):
        confint(fit, method="profil")
    with pytest.raises(ValueError, match="n_sims is 0; it must be at least 1"):
        confint(fit, method="boot", n_sims=0)
    with pytest.raises(ValueError, match=r"seed is 1\.5; it must be a whole number"):
        confint(fit, method="boot", seed=1.5)
    with pytest.raises(ValueError, match="workers is 0; give 1 or more"):
        confint(fit, method="boot", workers=0)


def test_real_rows() -> None:
    if not (PISA / "student_2003.rds").exists():
        pytest.skip("PISA 2003 is not beside the project; its rows are not part of it.")
    from test_inference import usa_2003

    expected = json.loads((REFERENCE / "pisa2003" / "usa.json").read_text())
    data = usa_2003()
    for name in ("rim0", "rim2"):
        record = expected[name]["ml"]
        ours = confint(hlm.lmer(record["formula"], data)).to_numpy()
        theirs = np.array(list(record["confint"]["profile"].values()), dtype=float)
        assert (np.abs(ours - theirs) / (theirs[:, 1:] - theirs[:, :1])).max() < 1e-4


def test_a_fit_off_its_optimum_is_profiled_around_the_optimum() -> None:
    fit = fit_case("base")
    short = replace(fit, solution=solve(fit.design, True, np.array([[3.0]])))
    pd.testing.assert_frame_equal(confint(short), confint(fit))
