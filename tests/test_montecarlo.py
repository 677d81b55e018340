"""`recover`: known truths come back, and known mistakes show."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import hlmteach as hlm
from hlmteach import montecarlo
from hlmteach.replicates import InterruptedWarning

WORLD = hlm.Params(beta={"Intercept": 480, "escs": 30, "stratio": -2}, sigma_u=40, sigma_e=80)
SLOPES = hlm.Params(
    beta={"Intercept": 480, "escs": 30}, sigma_u=40, sigma_e=80, slopes={"escs": 40}, corr=-0.4
)
PLAN = {"n_groups": 30, "group_size": 12, "level2": ["stratio"]}
SMALL = {"n_groups": 12, "group_size": 6}


@pytest.fixture(scope="module")
def found() -> hlm.recover:
    return hlm.recover(WORLD, 4000, **PLAN, seed=1)


def test_the_truth_comes_back(found) -> None:
    assert (found.table["bias"].abs() < 4 * found.table["bias_error"]).all()
    variances = found.variances
    assert variances.loc["sigma_e", "variance_over_truth"] == pytest.approx(1, abs=0.01)
    assert variances.loc["sigma_u", "variance_over_truth"] == pytest.approx(1, abs=0.02)  # REML
    assert variances.loc["sigma_u", "bias"] < 0  # an SD is pulled down even so
    assert found.n_sims == 4000
    assert found.failed == 0


def test_the_models_standard_errors_are_honest(found) -> None:
    model = found.table.xs("multilevel", level="method")
    np.testing.assert_allclose(model["se_over_sd"], 1, atol=0.04)
    assert ((model["coverage"] - 0.95).abs() < 4 * model["coverage_error"]).all()


def test_ordinary_regression_is_too_sure_of_a_level_2_predictor(found) -> None:
    """Its variance is too small by the design effect, 1 + (n - 1) icc (Kish 1965)."""
    row = found.table.loc["stratio", "ordinary"]
    assert row["se_over_sd"] == pytest.approx(1 / np.sqrt(1 + 11 * WORLD.icc), rel=0.06)
    reach = stats.norm.ppf(0.975) * row["se_over_sd"]
    assert row["coverage"] == pytest.approx(2 * stats.norm.cdf(reach) - 1, abs=0.02)
    assert found.table.loc["stratio", "cluster-robust"]["se_over_sd"] == pytest.approx(1, abs=0.1)
    within = found.table.loc["escs", "ordinary"]
    assert within["se_over_sd"] > 0.95  # a level-1 predictor does not suffer


def test_the_table_is_the_summary_of_the_estimates(found) -> None:
    part = found.estimates["multilevel"]
    estimate, se, df = (part[q, "escs"] for q in ("estimate", "se", "df"))
    row = found.table.loc["escs", "multilevel"]
    inside = (estimate - 30).abs() <= stats.t.ppf(0.975, df) * se
    assert row["truth"] == 30
    assert row["mean"] == pytest.approx(estimate.mean())
    assert row["bias_error"] == pytest.approx(estimate.std() / np.sqrt(4000))
    assert row["coverage"] == pytest.approx(inside.mean())
    assert found.singular == found.estimates["multilevel", "singular", ""].mean()


def test_singular_fits_are_counted() -> None:
    """With no variance between groups about half of all REML fits are singular, or a bit more."""
    none = hlm.Params(beta={"Intercept": 0}, sigma_u=0, sigma_e=1)
    found = hlm.recover(none, 2000, n_groups=40, group_size=10, seed=1)
    d = found.estimates["multilevel", "singular", ""]
    # Balanced: exactly the chance that the ANOVA's F with 39 and 360 df is below 1.
    assert d.mean() == pytest.approx(stats.f.cdf(1, 39, 360), abs=4 * np.sqrt(0.25 / 2000))


def test_random_slopes_come_back_too() -> None:
    found = hlm.recover(SLOPES, 60, n_groups=40, group_size=15, seed=1)
    assert (found.table["bias"].abs() < 4 * found.table["bias_error"]).all()
    rows = ["sigma_u", "corr[Intercept, escs]", "sigma_u[escs]", "sigma_e"]
    assert found.variances.index.to_list() == rows
    assert found.variances["truth"].to_list() == [40, -0.4, 40, 80]
    assert (found.variances["bias"].abs() < 5 * found.variances["bias_error"]).all()
    assert found.table.loc["escs", "ordinary"]["se_over_sd"] < 0.7


def test_more_simulations_begin_with_the_same_ones() -> None:
    few, many = (hlm.recover(WORLD, n, **PLAN, seed=2).estimates for n in (30, 600))
    pd.testing.assert_frame_equal(few, many.iloc[:30])


def test_redrawn_predictors_vary_and_the_truth_comes_back() -> None:
    plan = PLAN | {"group_size": (4, 20)}
    fixed, drawn = (hlm.recover(WORLD, 300, **plan, redraw=r, seed=4) for r in (False, True))
    se = [f.estimates["multilevel", "se", "stratio"].std() for f in (fixed, drawn)]
    assert se[1] > 1.2 * se[0]
    assert (drawn.table["bias"].abs() < 4 * drawn.table["bias_error"]).all()
    assert "drawn anew" in drawn.title


def test_an_interrupted_run_keeps_what_is_done(monkeypatch) -> None:
    calls = iter(range(100))

    def stopped(*words: object) -> np.ndarray:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return whole(*words)

    whole = montecarlo.repeat
    monkeypatch.setattr(montecarlo, "repeat", stopped)
    with pytest.warns(InterruptedWarning, match="Stopped after 500 of 1,000 replicates"):
        part = hlm.recover(WORLD, 1000, **PLAN, seed=5)
    monkeypatch.undo()
    rest = hlm.recover(WORLD, 1000, **PLAN, seed=5)
    pd.testing.assert_frame_equal(part.estimates, rest.estimates.iloc[:500])


def test_studies_that_cannot_be_fitted_are_counted() -> None:
    rare = hlm.Params(beta={"Intercept": 0, "b": 1}, sigma_u=1, sigma_e=1)
    plan = {"n_groups": 4, "group_size": 4, "level1": {"b": {"prob": 0.1}}, "redraw": True}
    found = hlm.recover(rare, 200, **plan, seed=2)
    # A study's b is constant where all of its 16 rows are 0.
    assert found.failed == pytest.approx(200 * 0.9**16, abs=4 * np.sqrt(200 * 0.185 * 0.815))
    assert found.n_sims == 200 - found.failed
    assert f"Not fitted, and in no number: {found.failed} studies." in found.notes


def test_maximum_likelihood_underestimates_the_variance_between() -> None:
    reml, ml = (hlm.recover(WORLD, 1000, **PLAN, reml=r, seed=6) for r in (True, False))
    ratio = ml.variances.loc["sigma_u", "variance_over_truth"]
    assert ratio < reml.variances.loc["sigma_u", "variance_over_truth"] - 0.03


def test_a_level_of_its_own() -> None:
    half = hlm.recover(WORLD, 1000, **PLAN, level=0.5, seed=7)
    assert half.table.loc["escs", "multilevel"]["coverage"] == pytest.approx(0.5, abs=0.07)
    assert "Coverage should be 0.5." in half.notes


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"n_sims": 0}, "n_sims is 0; it must be at least 1"),
        ({"n_sims": 1}, "1 of 1 studies could be fitted; two are the least"),
        ({"level": 95}, "level is 95; give a coverage between 0 and 1, such as 0.95"),
        ({"workers": 0}, "workers is 0; give 1 or more, or -1 for one per core"),
        ({"seed": -1}, "seed is -1; it must be at least 0"),
        ({"n_groups": 1}, "1 groups with group_size 12 cannot carry this model"),
        ({"level2": ["ratio"]}, "level2 names 'ratio', which I do not know"),
        ({"params": {"sigma_u": 1}}, r"params is \{'sigma_u': 1\}; make it with hlm.Params"),
    ],
)
def test_errors(more, message) -> None:
    with pytest.raises(ValueError, match=message):
        hlm.recover(**{"params": WORLD, "n_sims": 10, **PLAN, **more})
