"""The random intercept engine against the dense covariance matrix and finite differences."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dense import evaluate
from hypothesis import assume, given
from scipy import optimize
from worlds import SEEDS, SIZES, world

from hlmteach.engine import intercept
from hlmteach.engine.basis import cross_products
from hlmteach.engine.profile import criterion, differentiate

REFERENCE = Path(__file__).parents[1] / "reference"
RNG = np.random.default_rng(3)
CODES = np.repeat(np.arange(8), [1, 1, 2, 3, 5, 5, 9, 14])
N, P = len(CODES), 4
ROWS = np.vstack([np.ones(N), RNG.normal(size=(P - 1, N)) + RNG.normal(size=(P - 1, 8))[:, CODES]])
BOTH = pytest.mark.parametrize("reml", [True, False])


def statistics(rows=ROWS, codes=CODES):
    constant = bool((rows[0] == 1).all())
    return intercept.statistics(rows, cross_products(rows), codes, np.bincount(codes), constant)


def world_statistics(seed, sizes, reml):
    data = world(seed, sizes)
    rows = np.vstack([np.ones(len(data)), data.x, data.z, data.y])
    return statistics(rows, data.g.to_numpy()), len(data) - 3 * reml


def df(reml):
    return N - (P - 1) if reml else N


@BOTH
@pytest.mark.parametrize("t", [0.0, 1e-6, 0.3, 2.0, 500.0, 1e5])
def test_criterion_is_that_of_the_dense_covariance(t, reml):
    ours = criterion(intercept.pieces(statistics(), np.float64(t)), df(reml), reml)
    dense = evaluate(ROWS[-1], ROWS[:-1].T, np.ones((N, 1)), CODES, t, reml)
    assert float(ours) == pytest.approx(dense["criterion"], abs=1e-9)


@BOTH
@pytest.mark.parametrize("t", [0.01, 0.3, 2.0, 50.0])
def test_derivatives_are_those_of_finite_differences(t, reml):
    s, h = statistics(), 1e-4 * t

    def at(t):
        return differentiate(intercept.pieces(s, np.float64(t)), df(reml), reml)

    heights = intercept.values(s, np.array([t - h, t, t + h]), df(reml), reml)
    slope, curve = float(at(t).slope[0]), float(at(t).curve[0, 0])
    assert slope == pytest.approx((heights[2] - heights[0]) / (2 * h), rel=1e-5, abs=1e-7)
    other = (at(t + h).slope[0] - at(t - h).slope[0]) / (2 * h)
    assert curve == pytest.approx(float(other), rel=1e-6)
    # The search has its own, written out for one parameter.
    assert intercept._slope(s, t, df(reml), reml) == pytest.approx((slope, curve), rel=1e-10)
    several = intercept._slopes(s, np.array([t, 2 * t]), df(reml), reml)
    assert several[0] == pytest.approx(t * slope, rel=1e-10)


@BOTH
@given(seed=SEEDS, sizes=SIZES)
def test_five_slopes_give_the_optimum_to_nine_digits(reml, seed, sizes):
    s, dfree = world_statistics(seed, sizes, reml)
    t = intercept.optimise(s, dfree, reml)
    ends = [intercept._slope(s, t * factor, dfree, reml)[0] for factor in (0.9, 1.1)]
    assume(ends[0] < 0 < ends[1])
    exact = optimize.brentq(
        lambda t: intercept._slope(s, t, dfree, reml)[0], 0.9 * t, 1.1 * t, xtol=1e-13 * t
    )
    for start in (0.985, 1.0, 1.015):
        assert intercept._stationary(s, start * exact, dfree, reml) == pytest.approx(
            exact, rel=1e-9
        )
    assert intercept._stationary(s, 0.9 * exact, dfree, reml) is None


@pytest.mark.parametrize("share", [1.0, 1e-2, 1e-6, 1e-10, 0.0])
def test_within_squares_keep_their_digits_however_far_apart_the_groups_are(share):
    between = RNG.normal(size=(P, 8))[:, CODES]
    rows = between + share * RNG.normal(size=(P, N))
    means = np.stack([rows[:, CODES == j].mean(axis=1) for j in range(8)], axis=1)
    rest = rows - means[:, CODES]
    found, exact = statistics(rows).W, rest @ rest.T
    # What a row's own rounding leaves of its deviations cannot be better.
    size = np.sqrt(exact.diagonal()) + 1e-3 * 2.0**-52 * np.sqrt((rows**2).sum(axis=1))
    assert (np.abs(found - exact) <= 1e-12 * np.outer(size, size) + 1e-30).all()


def test_order_of_the_rows_does_not_matter():
    order = np.random.default_rng(0).permutation(N)
    sorted_, mixed = statistics(), statistics(ROWS[:, order], CODES[order])
    for name in ("W", "B", "M", "n", "size", "count"):
        np.testing.assert_allclose(getattr(sorted_, name), getattr(mixed, name), atol=1e-12)


@BOTH
def test_many_values_at_once_are_those_one_by_one(reml):
    s, t = statistics(), np.array([0.0, 0.2, 3.0, 1e4])
    single = [criterion(intercept.pieces(s, np.float64(v)), df(reml), reml) for v in t]
    np.testing.assert_allclose(intercept.values(s, t, df(reml), reml), single, rtol=1e-13)


@BOTH
@given(seed=SEEDS, sizes=SIZES)
def test_no_grid_point_is_lower_than_the_optimum(reml, seed, sizes):
    s, dfree = world_statistics(seed, sizes, reml)
    t = intercept.optimise(s, dfree, reml)
    best = float(intercept.values(s, np.array([t]), dfree, reml)[0])
    grid = np.concatenate([[0.0], np.geomspace(1e-8, 1e8, 400)])
    assert best <= intercept.values(s, grid, dfree, reml).min() + 1e-9


@pytest.mark.parametrize("name, at_zero", [("two_optima_zero", True), ("two_optima_inside", False)])
def test_the_lower_of_two_optima_is_found(name, at_zero):
    data = pd.read_csv(REFERENCE / "data" / f"{name}.csv")
    codes, _ = pd.factorize(data.g)
    s, dfree = statistics(np.vstack([np.ones(len(data)), data.y]), codes), len(data) - 1
    height = intercept.values(s, np.array([0.0, *np.geomspace(1e-3, 1e2, 300)]), dfree, True)
    inside = [k for k in range(1, 300) if height[k] < min(height[k - 1], height[k + 1])]
    assert height[0] < height[1] and len(inside) == 1  # there are two
    t = intercept.optimise(s, dfree, True)
    assert (t == 0) == at_zero == (height[0] < height[inside[0]])
