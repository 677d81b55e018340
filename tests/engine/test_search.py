"""The search for the optimum of random slopes: derivatives, starts and where it ends."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from slope_models import BOTH, CODES, MODEL, ROWS, SIZES, X1, N, df, reduce

from hlmteach.engine import search, slopes


@BOTH
@MODEL
def test_derivatives_are_those_of_finite_differences(model, reml):
    s, _ = reduce(model)
    theta = np.random.default_rng(2).normal(size=len(s.pattern))
    m, h = len(theta), 1e-5

    def at(step):
        return search.derivatives(s, theta + step, df(reml), reml)

    _, slope, curve = at(np.zeros(m))
    steps = h * np.eye(m)
    heights = [(at(e)[0] - at(-e)[0]) / (2 * h) for e in steps]
    slopes_ = [(at(e)[1] - at(-e)[1]) / (2 * h) for e in steps]
    np.testing.assert_allclose(slope, heights, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(curve, slopes_, rtol=1e-5, atol=1e-5 * np.abs(curve).max())


@BOTH
@MODEL
def test_optimum_is_flat_or_on_the_boundary(model, reml):
    s, _ = reduce(model)
    theta, _ = search.optimise(s, df(reml), reml)
    height, slope, curve = search.derivatives(s, theta, df(reml), reml)
    assert np.abs(slope).max() < 1e-6
    assert np.linalg.eigvalsh(curve).min() > -1e-6
    for seed in range(200):
        other = theta + np.random.default_rng(seed).normal(size=len(theta)) * 10.0 ** (-seed % 5)
        assert search.derivatives(s, other, df(reml), reml)[0] >= height - 1e-9


@pytest.mark.parametrize("offset", [1e3, 1e6, 1e9])
def test_offset_of_a_slope_costs_no_digits(offset):
    x = np.round(X1 * 2**20) / 2**20
    (near, _), (far, _) = (
        slopes.statistics(ROWS.copy(), np.column_stack([np.ones(N), c]), CODES, SIZES, [[0, 1]])
        for c in (x, x + offset)
    )
    heights = [
        search.derivatives(s, search.optimise(s, df(True), True)[0], df(True), True)[0]
        for s in (near, far)
    ]
    assert heights[1] == pytest.approx(heights[0], abs=1e-9)


def test_many_heights_at_once_are_those_one_by_one():
    s, _ = reduce("correlated")
    thetas = np.random.default_rng(1).normal(size=(7, 3))
    expected = [search.derivatives(s, theta, df(True), True)[0] for theta in thetas]
    np.testing.assert_allclose(search._heights(s, thetas, df(True), True), expected, rtol=1e-12)


def test_low_points_of_a_grid():
    heights = np.array([[3.0, 1.0, 2.0], [4.0, 5.0, 0.0], [1.0, 6.0, 7.0]])
    found = np.argwhere(search._lows(heights)).tolist()
    assert found == [[0, 1], [1, 2], [2, 0]]


def test_few_groups_whose_first_descent_ends_at_the_wrong_minimum():
    """Five groups by ML: from most starts -41.263, with a correlation of minus one -47.727."""
    data = pd.read_csv(Path(__file__).with_name("two_optima.csv"))
    codes, n = data.g.to_numpy(), np.bincount(data.g)
    rows = np.vstack([np.ones(len(data)), data.x, data.z, data.y])
    Z = np.column_stack([np.ones(len(data)), data.x])
    s, _ = slopes.statistics(rows, Z, codes, n, [[0, 1]])
    theta, _ = search.optimise(s, len(data), False)
    far, near, _ = search._newton(s, np.array([0.3, 0.0, 0.3]), len(data), False)
    assert search._height(s, theta, len(data), False) < near - 6
    assert far[2] > 1 and abs(theta[2]) < 1e-6
