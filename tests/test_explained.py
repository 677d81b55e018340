"""Explained variance against R, by hand and on real rows."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.explained import r2

REFERENCE = Path(__file__).parent / "reference"
CASES = {c["name"]: c for c in json.loads((REFERENCE / "cases.json").read_text())}
NAMES = ["base", "null", "factor3", "interaction", "singular", "slopes_base", "slopes_two"]
PISA = REFERENCE.parent.parent.parent / "shared" / "data"


def fit_case(name: str, reml: bool = True) -> hlm.Fit:
    case = CASES[name]
    return hlm.lmer(case["formula"], pd.read_csv(REFERENCE / "data" / f"{case['data']}.csv"), reml)


@pytest.mark.parametrize("estimator", ["reml", "ml"])
@pytest.mark.parametrize("name", [*NAMES, "slopes_uncorrelated", "slopes_only"])
def test_nakagawa_agrees_with_r(name: str, estimator: str) -> None:
    record = json.loads((REFERENCE / "lme4" / f"{name}.json").read_text())[estimator]["nakagawa"]
    if name == "slopes_only":
        shares = r2(fit_case(name, estimator == "reml"), null=fit_case("slopes_base"))
    else:
        shares = r2(fit_case(name, estimator == "reml"))
    for key in ("r2_marginal", "r2_conditional"):
        assert shares[key] == pytest.approx(record[key], rel=1e-5, abs=1e-12)


def test_by_hand_from_two_summaries() -> None:
    null, full = fit_case("null"), fit_case("base")
    n = full.n / full.n_groups
    shares = r2(full)
    U0, E0, U, E = (v**2 for f in (null, full) for v in (f.sigma_u, f.sigma_e))
    assert shares.r2_level1 == pytest.approx(1 - (U + E) / (U0 + E0))
    assert shares.r2_level2 == pytest.approx(1 - (U + E / n) / (U0 + E0 / n))
    assert shares.prv_level1 == pytest.approx(1 - E / E0)
    assert shares.prv_level2 == pytest.approx(1 - U / U0)
    assert shares.attrs == {"null": "y ~ 1 + (1 | g)", "group_size": n}


def test_group_size_is_a_choice() -> None:
    full = fit_case("base")
    harmonic = len(full.design.sizes) / (1 / full.design.sizes).sum()
    assert r2(full, group_size="harmonic").attrs["group_size"] == pytest.approx(harmonic)
    one = r2(full, group_size=1)
    assert one.r2_level2 == pytest.approx(one.r2_level1)
    assert r2(full, group_size=1e12).r2_level2 == pytest.approx(one.prv_level2)


def test_the_null_may_be_any_model_by_either_criterion() -> None:
    full = fit_case("base")
    by_reml = r2(full, fit_case("null"))
    by_ml = r2(full, fit_case("null", reml=False))
    pd.testing.assert_series_equal(by_reml, by_ml)
    assert (r2(full, full).iloc[2:] == 0).all()


def test_level2_can_be_negative() -> None:
    """A predictor centred in groups explains at level 1 only, and level 2's estimate rises."""
    data = pd.read_csv(REFERENCE / "data" / "base.csv")
    data["within"] = data.x - data.groupby("g").x.transform("mean")
    shares = r2(hlm.lmer("y ~ within + (1 | g)", data))
    assert shares.prv_level1 > 0.1
    assert shares.prv_level2 < 0


def test_against_a_variance_of_zero_is_nan() -> None:
    shares = r2(fit_case("singular"), fit_case("singular"))
    assert np.isnan(shares.prv_level2)
    assert shares.r2_level1 == 0


def test_recovers_the_share_in_the_population() -> None:
    params = hlm.Params(beta={"Intercept": 0, "x": 3}, sigma_u=2, sigma_e=4)
    data = hlm.simulate(params, n_groups=2000, group_size=10, seed=1)
    shares = r2(hlm.lmer("y ~ x + (1 | group)", data))
    assert shares.r2_marginal == pytest.approx(9 / 29, abs=0.01)
    assert shares.r2_conditional == pytest.approx(13 / 29, abs=0.01)


def test_statsmodels_results() -> None:
    import statsmodels.formula.api as smf

    data = pd.read_csv(REFERENCE / "data" / "base.csv")
    theirs = r2(smf.mixedlm("y ~ x + z", data, groups="g").fit())
    np.testing.assert_allclose(theirs, r2(fit_case("base")), rtol=1e-3)


def test_errors() -> None:
    full = fit_case("base")
    fewer = hlm.lmer("y ~ 1 + (1 | g)", full.design.frame.iloc[:-7])
    with pytest.raises(ValueError, match=r"different rows: 420 and 427.*Freeze the analysis set"):
        r2(full, fewer)
    with pytest.raises(ValueError, match="give 'mean', 'harmonic' or a number"):
        r2(full, group_size="median")


def test_real_rows() -> None:
    """PISA 2003, USA: the numbers of the catalogue of mistakes."""
    if not (PISA / "student_2003.rds").exists():
        pytest.skip("PISA 2003 is not beside the project; its rows are not part of it.")
    from test_inference import usa_2003

    data = usa_2003()
    rim0, rim1, rim2 = (
        hlm.lmer(f"math ~ {x} + (1 | school_id)", data)
        for x in ("1", "desk + escs", "desk + escs + stratio")
    )
    assert [round(v, 4) for v in r2(rim2).iloc[:4]] == [0.1178, 0.2593, 0.1785, 0.4010]
    assert [round(100 * v, 1) for v in r2(rim1, rim0).iloc[4:]] == [9.3, 45.1]
    assert round(100 * r2(rim2, rim1).prv_level2, 2) == -0.09
