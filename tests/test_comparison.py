"""Comparisons against R's anova and lmerTest's ranova, and by a second way of computing them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

import hlmteach as hlm
from hlmteach.comparison import Comparison, boundary_p, compare, lrt

REFERENCE = Path(__file__).parent / "reference"
ANSWERS = json.loads((REFERENCE / "lme4" / "comparisons.json").read_text())
PAIRS = [name for name, record in ANSWERS.items() if "small" in record]


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "data" / f"{name}.csv")


@pytest.fixture(scope="module")
def base() -> pd.DataFrame:
    return table("base")


@pytest.mark.parametrize("name", PAIRS)
def test_agrees_with_r_anova(name: str) -> None:
    record = ANSWERS[name]
    data = table(record["data"])
    found = compare(*(hlm.lmer(record[key], data) for key in ("small", "large")))
    again = found if not found.reml else None
    if again is None:  # random parts differ only: R refits by ML, this package keeps REML
        again = compare(*(hlm.lmer(record[key], data, False) for key in ("small", "large")))
    assert again.chi2 == pytest.approx(record["chisq"], rel=1e-8)
    assert again.df == record["df"]
    assert again.p_unhalved == pytest.approx(record["p"], rel=1e-6)
    for ours, theirs in {"AIC": "aic", "BIC": "bic", "loglik": "loglik"}.items():
        np.testing.assert_allclose(again.table[ours], record[theirs], rtol=1e-9)
    assert list(again.table.npar) == record["n_parameters"]


@pytest.mark.parametrize("name", ["ranova_base", "ranova_singular"])
def test_no_groups_agrees_with_ranova(name: str) -> None:
    record = ANSWERS[name]
    fit = hlm.lmer(record["formula"], table(record["data"]))
    ordinary = smf.ols("y ~ x + z", table(record["data"])).fit()
    for null in ("no groups", ordinary):
        test = lrt(null, fit)
        assert test.reml
        assert test.chi2 == pytest.approx(record["chisq"], abs=1e-6)
        assert test.p_unhalved == pytest.approx(record["p"], rel=1e-6)
        expected = record["p"] / 2 if record["chisq"] > 0 else 1.0
        assert test.p == pytest.approx(expected, rel=1e-6)
        np.testing.assert_allclose(test.table.loglik, record["loglik"][::-1], rtol=1e-9)
        assert "50:50 mixture of chi2(0) and chi2(1)" in test.notes[0]


def test_ordinary_regression_has_its_own_likelihood(base: pd.DataFrame) -> None:
    ordinary = smf.ols("y ~ x", base).fit()
    test = lrt(hlm.lmer("y ~ x + (1 | g)", base, reml=False), ordinary)
    assert test.table.loglik.iloc[0] == pytest.approx(ordinary.llf, rel=1e-10)
    assert test.table.npar.iloc[0] == 3


def test_fixed_parts_differ_so_ml(base: pd.DataFrame) -> None:
    formulas = ("y ~ 1 + (1 | g)", "y ~ x + z + (1 | g)")
    by_reml = lrt(*(hlm.lmer(f, base) for f in formulas))
    by_ml = lrt(*(hlm.lmer(f, base, reml=False) for f in formulas))
    assert by_reml.notes == (
        "Refitted by ML: REML criteria of models with different fixed parts are not comparable.",
    )
    assert by_ml.notes == ()
    pd.testing.assert_frame_equal(by_reml.table, by_ml.table)
    with pytest.raises(ValueError, match=r"^REML criteria .* allow the refit with refit=True"):
        lrt(*(hlm.lmer(f, base) for f in formulas), refit=False)


def test_reml_is_kept_where_random_parts_differ() -> None:
    data = table("slopes")
    small, large = (hlm.lmer(f"y ~ x + z + ({r} | g)", data) for r in ("1", "1 + x"))
    test = lrt(large, small)
    assert test.reml
    assert test.chi2 == pytest.approx(small.criterion - large.criterion)
    expected = (stats.chi2.sf(test.chi2, 1) + stats.chi2.sf(test.chi2, 2)) / 2
    assert test.p == pytest.approx(expected)
    assert f"From chi2(2) alone it would be {test.p_unhalved:.4g}" in test.notes[0]


def test_a_correlation_is_not_on_the_boundary() -> None:
    data = table("slopes")
    test = lrt(*(hlm.lmer(f"y ~ x + z + (1 + x {bar} g)", data) for bar in ("||", "|")))
    assert test.p == test.p_unhalved
    assert test.notes == ()


def test_several_random_effects_say_upper_bound() -> None:
    data = table("slopes")
    test = lrt(*(hlm.lmer(f"y ~ x + z + ({r} | g)", data) for r in ("1", "1 + x + w")))
    assert test.df == 5
    assert "upper bound" in test.notes[0]


def test_mixture_is_right_under_the_null() -> None:
    """Null data: the halved p-value is uniform below one half, chi2 is zero about half the time."""
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(40), 12)
    found = []
    for _ in range(300):
        data = pd.DataFrame({"y": rng.normal(size=480), "g": groups})
        found.append(lrt("no groups", hlm.lmer("y ~ 1 + (1 | g)", data)).p)
    found = np.array(found)
    assert 0.4 < (found == 1).mean() < 0.65
    assert stats.kstest(found[found < 1] * 2, "uniform").pvalue > 0.001


def test_boundary_p() -> None:
    assert boundary_p(0.0, 1) == 1
    assert boundary_p(2.7055, 1) == pytest.approx(0.05, rel=1e-3)
    assert boundary_p(5.1383, 2) == pytest.approx(0.05, rel=1e-3)  # Stram & Lee's 5.14


def test_statsmodels_results_and_order(base: pd.DataFrame) -> None:
    small = smf.mixedlm("y ~ 1", base, groups="g").fit(reml=False)
    large = hlm.lmer("y ~ x + (1 | g)", base, reml=False)
    pd.testing.assert_frame_equal(lrt(small, large).table, lrt(large, small).table)
    with_lmer = lrt(hlm.lmer("y ~ 1 + (1 | g)", base, reml=False), large)
    assert lrt(small, large).chi2 == pytest.approx(with_lmer.chi2, abs=1e-4)


def test_a_fit_that_stopped_short_is_named(base: pd.DataFrame) -> None:
    from dataclasses import replace

    from hlmteach.engine.solution import solve

    small = hlm.lmer("y ~ x + (1 | g)", base, reml=False)
    large = hlm.lmer("y ~ x + z + (1 | g)", base, reml=False)
    short = replace(large, solution=solve(large.design, False, np.array([[50.0]])))
    assert "its optimum: the optimiser of one of them stopped short" in lrt(small, short).notes[0]


def test_three_models(base: pd.DataFrame) -> None:
    fits = [hlm.lmer(f"y ~ {x} + (1 | g)", base, reml=False) for x in ("x + z", "1", "x")]
    found = compare(*fits)
    assert list(found.table.npar) == [3, 4, 5]
    assert found.models["m2"] == "y ~ x + z + (1 | g)"
    assert found.table.chi2.iloc[2] == pytest.approx(fits[2].criterion - fits[0].criterion)


def test_renderings(base: pd.DataFrame) -> None:
    found: Comparison = lrt(*(hlm.lmer(f"y ~ {x} + (1 | g)", base) for x in ("1", "x")))
    assert "m1: y ~ x + (1 | g)" in str(found)
    assert "Refitted by ML" in str(found)
    assert "<code>y ~ x + (1 | g)</code>" in found._repr_html_()
    assert "&lt;.0001" in found._repr_html_()


def test_the_same_model_in_other_columns_is_nested(base: pd.DataFrame) -> None:
    """Column spaces count, not names: x + 1e6 spans what x spans, f's dummies sum to one."""
    large = hlm.lmer("y ~ x + f + (1 | g)", base, reml=False)
    assert lrt(hlm.lmer("y ~ x_1e6 + (1 | g)", base, reml=False), large).df == 2
    cells = hlm.lmer("y ~ 0 + f + x + (1 | g)", base, reml=False)
    assert lrt(hlm.lmer("y ~ 1 + (1 | g)", base, reml=False), cells).df == 3


REFUSED = {
    "rows": ("y ~ x + (1 | g)", "y ~ z + x + (1 | g)", r"different rows: 422 and 427.*Freeze"),
    "fixed": ("y ~ x + (1 | g)", "y ~ z + f + (1 | g)", r"not nested .* 'x' is in the first only"),
    "offset": ("y ~ x_1e6 + (1 | g)", "y ~ z + f + (1 | g)", "'x_1e6' is in the first only"),
    "groups": ("y ~ x + (1 | g)", "y ~ x + z + (1 | f)", "they group by 'g' and 'f'"),
    "random": ("y ~ x + (1 + x || g)", "y ~ x + f + (1 + z | g)", "vary between groups"),
    "same": ("y ~ x + (1 | g)", "y ~ x_1e6 + (1 | g)", "the same model in other words"),
    "outcome": ("y ~ x + (1 | g)", "y_1e9 ~ x + z + (1 | g)", "their outcomes differ .*freeze"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(base: pd.DataFrame, name: str) -> None:
    small, large, text = REFUSED[name]
    first = base.iloc[:-5] if name == "rows" else base
    with pytest.raises(ValueError, match=text):
        lrt(hlm.lmer(small, first), hlm.lmer(large, base))


def test_refuses_other_things(base: pd.DataFrame) -> None:
    fit, ordinary = hlm.lmer("y ~ x + (1 | g)", base), smf.ols("y ~ x", base)
    with pytest.raises(TypeError, match=r"A fitted multilevel model is needed here.*got int"):
        lrt(3, fit)
    with pytest.raises(TypeError, match=r"add \.fit\(\) to smf\.ols"):
        lrt(ordinary, fit)
    with pytest.raises(TypeError, match="pass a fitted model, or 'no groups'"):
        lrt("nothing", fit)
    with pytest.raises(TypeError, match="WLS regression"):
        lrt(smf.wls("y ~ x", base, weights=base.x**2 + 1).fit(), fit)
    with pytest.raises(ValueError, match="None of these models has groups"):
        lrt(ordinary.fit(), ordinary.fit())
    with pytest.raises(ValueError, match="lets vary between groups what the second does not"):
        lrt(fit, smf.ols("y ~ x + z + f", base).fit())
    with pytest.raises(ValueError, match="different rows: 424 and 427"):
        lrt(smf.ols("y ~ x", base.iloc[3:]).fit(), fit)
    with pytest.raises(ValueError, match="needs two models or more; got 1"):
        compare(fit)
    with pytest.raises(ValueError, match="in another order"):
        lrt(hlm.lmer("y ~ 1 + (1 | g)", base.iloc[::-1]), fit)
