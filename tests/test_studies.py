"""A study that is repeated: the design that `simulate` would draw, fitted as `lmer` would."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import hlmteach as hlm
from hlmteach.studies import Study, make_study, repeat, repeat_anew

WORLD = hlm.Params(
    beta={"Intercept": 5, "x": 1, "desk": -2, "z": 0.5, "x:z": 0.3}, sigma_u=0.6, sigma_e=1
)
SLOPES = hlm.Params(
    beta={"Intercept": 5, "x": 1, "z": 0.5}, sigma_u=0.6, sigma_e=1, slopes={"x": 0.4}, corr=0.3
)
DESK = {"desk": {"prob": 0.7, "labels": ("no", "yes")}}
PLAN = {"n_groups": 12, "group_size": (2, 9), "level1": DESK, "level2": ["z"]}


def study(params: hlm.Params = WORLD, **more: object) -> Study:
    plan = PLAN | more if params is WORLD else {**PLAN, "level1": ()} | more
    return make_study(params, np.random.default_rng(1), **plan)


def rows(params: hlm.Params, one: Study, R: int, seed: int) -> pd.DataFrame:
    """R repetitions, each from its own rows by `lmer`, with the columns of the study."""
    rng = np.random.default_rng(seed)
    J, q = one.design.n_groups, len(one.design.random)
    out = []
    for _ in range(R):
        u = rng.multivariate_normal(np.zeros(q), params.cov_u.to_numpy(), size=J)
        e = params.sigma_e * rng.normal(size=one.design.n)
        y = one.mean + (one.design.exog_random * u[one.design.codes]).sum(axis=1) + e
        x = dict(zip(one.coefficients[1:], one.design.columns[1:], strict=True))
        table = pd.DataFrame({"y": y, "g": one.design.codes, **x})
        table = table.rename(columns={"x:z": "xz"})
        fixed = " + ".join(table.columns[2:])
        slope = " + x" if params.slopes else ""
        fit = hlm.lmer(f"y ~ {fixed} + (1{slope} | g)", table)
        df = hlm.coefficient_tests(fit)["df"]
        sds = [*np.sqrt(np.diag(fit.cov_u)), fit.sigma_e]
        if params.slopes:
            sds.insert(1, fit.cov_u.iloc[0, 1] / sds[0] / sds[1] if min(sds) else np.nan)
        out.append([*fit.beta, *fit.se, *df, *sds, fit.singular])
    return pd.DataFrame(out, columns=one.columns(beside=False))


def test_the_design_is_the_one_that_simulate_draws() -> None:
    one = study()
    table = hlm.simulate(WORLD, **PLAN, seed=np.random.default_rng(1))
    columns = dict(zip(one.coefficients, one.design.columns, strict=True))
    np.testing.assert_array_equal(columns["x"], table["x"])
    np.testing.assert_array_equal(columns["desk"], table["desk"] == "yes")
    np.testing.assert_array_equal(columns["x:z"], table["x"] * table["z"])
    assert columns["Intercept"] is None
    np.testing.assert_array_equal(one.design.sizes, table.groupby("group").size())
    expected = 5 + table["x"] - 2 * (table["desk"] == "yes") + 0.5 * table["z"]
    np.testing.assert_allclose(one.mean, expected + 0.3 * table["x"] * table["z"])


@pytest.mark.parametrize("params", [WORLD, SLOPES], ids=["intercepts", "slopes"])
def test_repetitions_have_the_distribution_of_simulated_rows(params: hlm.Params) -> None:
    one, R, rng = study(params), 100 if params.slopes else 250, np.random.default_rng(2)
    looped = rows(params, one, R, seed=3)
    found = np.vstack([repeat(one, False, rng) for _ in range(-(-R // one.at_once))])
    assert found.shape == looped.shape
    p = [
        stats.ks_2samp(a[np.isfinite(a)], b[np.isfinite(b)]).pvalue
        for a, b in zip(looped.to_numpy(dtype=float).T, found.T, strict=True)
    ]
    assert min(p) > 0.001 / len(p)


def test_a_repetition_with_slopes_is_a_fit_of_rows() -> None:
    """The same normal numbers, put into a table by hand and fitted by `lmer` and statsmodels."""
    import statsmodels.formula.api as smf

    one = study(SLOPES)
    row = pd.Series(repeat(one, True, np.random.default_rng(4)), one.columns(beside=True))
    rng = np.random.default_rng(4)
    e = SLOPES.sigma_e * rng.standard_normal(one.design.n)
    value, vector = np.linalg.eigh(SLOPES.cov_u.to_numpy())
    u = rng.standard_normal((one.design.n_groups, 2)) @ (vector * np.sqrt(value) @ vector.T)
    x, z = one.design.columns[1:]
    table = pd.DataFrame({"x": x, "z": z, "g": one.design.codes})
    table["y"] = one.mean + u[table["g"], 0] + u[table["g"], 1] * x + e
    fit = hlm.lmer("y ~ x + z + (1 + x | g)", table)
    tests = hlm.coefficient_tests(fit)
    many = row["multilevel"]
    for quantity in ("estimate", "se", "df"):
        got = many[quantity][["Intercept", "x", "z"]]
        np.testing.assert_allclose(got, tests[quantity], rtol=1e-6)
    assert many["estimate"]["sigma_u[x]"] == pytest.approx(np.sqrt(fit.cov_u.iloc[1, 1]), rel=1e-5)
    assert many["estimate"]["sigma_e"] == pytest.approx(fit.sigma_e, rel=1e-6)
    model = smf.ols("y ~ x + z", table)
    robust = model.fit(cov_type="cluster", cov_kwds={"groups": table["g"]})
    np.testing.assert_allclose(row["ordinary"]["estimate"], model.fit().params, rtol=1e-9)
    np.testing.assert_allclose(row["ordinary"]["se"], model.fit().bse, rtol=1e-9)
    np.testing.assert_allclose(row["cluster-robust"]["se"], robust.bse, rtol=1e-9)
    assert row["ordinary", "df", ""] == len(table) - 3
    assert row["cluster-robust", "df", ""] == one.design.n_groups - 1


@pytest.mark.parametrize("params", [WORLD, SLOPES], ids=["intercepts", "slopes"])
def test_predictors_drawn_anew_are_other_predictors(params: hlm.Params) -> None:
    plan = PLAN if params is WORLD else {**PLAN, "level1": ()}
    width = len(study(params).columns(beside=False))
    rng = np.random.default_rng(5)
    found = np.vstack([repeat_anew(params, plan, False, width, 2, rng) for _ in range(3)])
    assert found.shape == (6, width)
    assert len(np.unique(found[:, 0])) == 6


def test_a_study_that_cannot_be_fitted_is_a_row_of_nan() -> None:
    rare = hlm.Params(beta={"Intercept": 0, "b": 1}, sigma_u=1, sigma_e=1)
    plan = {"n_groups": 3, "group_size": 3, "level1": {"b": {"prob": 0.001}}}
    found = repeat_anew(rare, plan, False, 9, 4, np.random.default_rng(1))
    assert found.shape == (4, 9)
    assert np.isnan(found).all()


def test_a_large_study_makes_fewer_repetitions_at_once() -> None:
    assert study(group_size=2).at_once == 250
    assert study(n_groups=40_000, group_size=2).at_once == 20
    assert study(SLOPES).at_once == 1


def test_errors() -> None:
    with pytest.raises(ValueError, match=r"1 groups with group_size 5 cannot carry this model"):
        study(n_groups=1, group_size=5)
    with pytest.raises(ValueError, match=r"30 groups with group_size 1 cannot carry this model"):
        study(n_groups=30, group_size=1)
    with pytest.raises(ValueError, match=r"2 groups with .* 2 random effects for each of 2 groups"):
        study(SLOPES, n_groups=2, group_size=2)
    with pytest.raises(TypeError, match="reml is 'no'; it is True for REML or False"):
        study(n_groups=30, group_size=5, reml="no")
    world = hlm.Params(beta={"Intercept": 0, "a": 1, "b": 1}, sigma_u=1, sigma_e=1)
    with pytest.raises(ValueError, match=r"'b' came out constant.* a study of 2 groups \(20 rows"):
        make_study(world, np.random.default_rng(1), n_groups=2, group_size=10, level2=["a", "b"])
