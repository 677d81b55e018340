"""Whole fits over many designs: invariances, and nothing better found by other means."""

import numpy as np
import pandas as pd
import pytest
from dense import evaluate, group_effects
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from worlds import SEEDS, SIZES, SPREADS, world

import hlmteach as hlm
from hlmteach.columns import DataError

FORMULAS = {
    "intercept": "y ~ x + z + (1 | g)",
    "slopes": "y ~ x + z + (1 + x | g)",
    "uncorrelated": "y ~ x + z + (1 + x || g)",
}
FORMULA = pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
WORLD = st.builds(world, seed=SEEDS, sizes=SIZES, sigma_u=SPREADS, sigma_x=SPREADS)
FEW = settings(max_examples=25)


def fit(formula: str, data: pd.DataFrame, reml: bool = True) -> hlm.Fit:
    return hlm.lmer(formula, data, reml)


def assert_same(one: hlm.Fit, two: hlm.Fit, rtol: float = 1e-6) -> None:
    """The same model. Where two optima are equally low, the criterion is what counts."""
    assert one.criterion == pytest.approx(two.criterion, abs=1e-6)
    size = float(np.abs(one.beta).max() + one.se.max())
    np.testing.assert_allclose(one.beta, two.beta, rtol=rtol, atol=rtol * size)
    np.testing.assert_allclose(one.se, two.se, rtol=rtol)
    size = np.diag(one.cov_u).max() + one.sigma_e**2
    np.testing.assert_allclose(one.cov_u, two.cov_u, atol=1e-5 * size)


@FORMULA
@FEW
@given(data=WORLD, seed=SEEDS)
def test_order_of_rows_and_names_of_groups(formula, data, seed):
    rng = np.random.default_rng(seed)
    first = fit(formula, data)
    mixed = data.iloc[rng.permutation(len(data))]
    labels = rng.permutation(data.g.nunique())
    for kind in (
        labels[mixed.g] * 10**9,
        np.array([f"école {k}" for k in labels])[mixed.g],
        pd.Categorical(labels[mixed.g], categories=range(-5, len(labels) + 5)),
        labels[mixed.g] + 0.5,
        pd.array(labels[mixed.g], dtype="Int64"),
    ):
        other = fit(formula, mixed.assign(g=kind))
        assert_same(first, other)
        np.testing.assert_allclose(
            other.fitted.sort_index(), first.fitted, atol=1e-5 * data.y.std()
        )


@FORMULA
@FEW
@given(
    data=WORLD,
    y_scale=st.sampled_from([1e-8, -3.0, 1e8]),
    y_shift=st.sampled_from([0.0, 5.0, -1e3]),
    x_scale=st.sampled_from([1e-8, -2.0, 1e8]),
)
def test_units_of_the_columns(formula, data, y_scale, y_shift, x_scale):
    first = fit(formula, data)
    changed = data.assign(y=(data.y + y_shift) * y_scale, x=data.x * x_scale)
    other = fit(formula, changed)
    back = pd.Series({"Intercept": 1.0, "x": x_scale, "z": 1.0}) / y_scale
    beta = other.beta * back - pd.Series({"Intercept": y_shift, "x": 0, "z": 0})
    np.testing.assert_allclose(beta, first.beta, rtol=1e-6, atol=1e-6 * first.se.max())
    np.testing.assert_allclose(other.se * back.abs(), first.se, rtol=1e-6)
    assert other.sigma_e / abs(y_scale) == pytest.approx(first.sigma_e, rel=1e-6)
    assert other.icc == pytest.approx(first.icc, abs=1e-6)
    assert other.singular == first.singular


@pytest.mark.parametrize("formula", [FORMULAS["intercept"], FORMULAS["slopes"]])
@FEW
@given(data=WORLD, shift=st.sampled_from([-7.0, 2.0**10, 2.0**30]))
def test_zero_point_of_a_predictor(formula, data, shift):
    # On a grid of 2^-20 the shifted column holds the same differences exactly.
    data = data.assign(x=np.round(data.x * 2**20) / 2**20)
    first, other = fit(formula, data), fit(formula, data.assign(x=data.x + shift))
    assert other.criterion == pytest.approx(first.criterion, abs=1e-6)
    np.testing.assert_allclose(other.beta[["x", "z"]], first.beta[["x", "z"]], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(other.se[["x", "z"]], first.se[["x", "z"]], rtol=1e-6)
    np.testing.assert_allclose(other.fitted, first.fitted, atol=1e-4)


@pytest.mark.parametrize("reml", [True, False])
@FORMULA
@settings(max_examples=10)
@given(data=WORLD)
@example(data=world(1, [2, 5, 3, 17, 22], 10.0, 1.0))
@example(data=world(70496, [9, 3, 7, 17, 22], 0.0, 10.0))
def test_nothing_better_in_the_dense_criterion(formula, reml, data):
    ours = fit(formula, data, reml)
    design = ours.design
    arguments = design.y, design.exog, design.exog_random, design.codes
    at_ours = evaluate(*arguments, ours.solution.D, reml)
    assert ours.criterion == pytest.approx(at_ours["criterion"], abs=1e-7)
    np.testing.assert_allclose(ours.beta, at_ours["beta"], rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(ours.se, at_ours["se"], rtol=1e-6)

    q = len(design.random)
    pattern = np.tril_indices(q) if len(design.blocks) == 1 else np.diag_indices(q)

    def height(theta):
        L = np.zeros((q, q))
        L[pattern] = theta
        return evaluate(*arguments, L @ L.T, reml)["criterion"]

    for size in (0.1, 1.0):
        start = np.where(pattern[0] == pattern[1], size, 0.0)
        found = minimize(height, start, method="Nelder-Mead", options={"maxfev": 250})
        assert ours.criterion <= found.fun + 1e-7


@FORMULA
@FEW
@given(data=WORLD)
def test_group_effects_and_fitted_values(formula, data):
    ours = fit(formula, data)
    design, q = ours.design, len(ours.random_names)
    u, se = group_effects(design.y, design.exog, design.exog_random, design.codes, ours.solution.D)
    size = np.abs(u).max() + ours.sigma_e
    np.testing.assert_allclose(ours.u.u.to_numpy().reshape(-1, q), u, atol=1e-6 * size)
    np.testing.assert_allclose(ours.u.se.to_numpy().reshape(-1, q), se, atol=1e-5 * size)
    fitted = design.exog @ ours.beta + (design.exog_random * u[design.codes]).sum(axis=1)
    np.testing.assert_allclose(ours.fitted, fitted, atol=1e-6 * size)
    np.testing.assert_allclose(ours.fitted + ours.resid, data.y, atol=1e-9 * size)


def test_a_thousand_groups_need_no_thousand_columns():
    """Memory of a fit grows with the rows and the groups, not with their product."""
    data = world(1, [3] * 20_000)
    assert fit(FORMULAS["slopes"], data).n_groups == 20_000


def spread_out(sigma_u: float) -> pd.DataFrame:
    """20 groups of 8 whose intercepts have an SD of `sigma_u`, in units of the error's."""
    rng = np.random.default_rng(1)
    g = np.repeat(np.arange(20), 8)
    x, u = rng.normal(size=len(g)), rng.normal(size=(20, 2))
    y = 5 + 2 * x + sigma_u * u[g, 0] + 0.5 * u[g, 1] * x + rng.normal(size=len(g))
    return pd.DataFrame({"y": y, "x": x, "g": g})


@pytest.mark.parametrize("sigma_u", [1e4, 1e6])
def test_groups_very_far_apart_leave_the_regression_within_groups(sigma_u):
    data = spread_out(sigma_u)
    deviations = data[["y", "x"]] - data.groupby("g")[["y", "x"]].transform("mean")
    squares = deviations.x @ deviations.x
    slope = deviations.x @ deviations.y / squares
    rest = deviations.y - slope * deviations.x
    error = rest @ rest / (len(data) - 20 - 1)
    found = fit("y ~ x + (1 | g)", data)
    np.testing.assert_allclose(
        [found.beta.x, found.se.x, found.sigma_e],
        [slope, np.sqrt(error / squares), np.sqrt(error)],
        rtol=0.02 / sigma_u,  # what differs falls with the spread
    )


@pytest.mark.parametrize("bar", ["|", "||"])
def test_slopes_of_groups_very_far_apart(bar):
    near, far = (fit(f"y ~ x + (1 + x {bar} g)", spread_out(s)) for s in (1e5, 1e6))
    for mine in ("beta", "se"):
        assert getattr(far, mine).x == pytest.approx(getattr(near, mine).x, rel=1e-5)
    assert far.sigma_e == pytest.approx(near.sigma_e, rel=1e-5)
    assert far.cov_u.loc["x", "x"] == pytest.approx(near.cov_u.loc["x", "x"], rel=1e-4)
    # the groups' own intercepts are all but certain, so the fall is that of their spread
    assert far.criterion - near.criterion == pytest.approx(2 * 19 * np.log(10), abs=1e-3)


@pytest.mark.parametrize("formula", ["y ~ 0 + x + (1 | g)", "y ~ 0 + x + (1 + x | g)"])
def test_a_copy_of_a_predictor_without_an_intercept(formula):
    data = spread_out(1.0)
    with pytest.raises(DataError, match="no variance left within groups"):
        fit(formula, data.assign(y=3.3 * data.x))
