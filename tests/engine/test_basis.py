"""Columns on the engine's scale, and the way back."""

from fractions import Fraction

import numpy as np
import pytest

from hlmteach.engine.basis import make_basis

RNG = np.random.default_rng(5)
N = 200
X1, X2 = RNG.normal(size=(2, N))
Y = 2 + 3 * X1 - X2 + RNG.normal(size=N)


def ordinary(columns, y):
    """Coefficients and covariance of ordinary regression through the basis, and log|X'X|."""
    E, basis = make_basis(columns, y.copy())
    X, last = E[:-1], E[-1]
    Gi = np.linalg.inv(X @ X.T)
    g = Gi @ X @ last
    s2 = ((last - g @ X) ** 2).sum() / (len(y) - len(X))
    return basis, basis.beta(g), basis.cov(Gi, s2), np.linalg.slogdet(X @ X.T)[1] + basis.log_det


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("columns", [[X1], [X1, X2], [X1, X1 + 1e-5 * X2], [1e8 * X1, 1e-8 * X2]])
def test_the_way_back_is_ordinary_regression(columns, intercept):
    columns = [None, *columns] if intercept else columns
    X = np.column_stack([np.ones(N) if c is None else c for c in columns])
    basis, beta, cov, log_det = ordinary(columns, Y)
    scale = np.linalg.norm(X, axis=0)  # the same regression in columns of length one
    Q, R = np.linalg.qr(X / scale)
    expected = np.linalg.solve(R, Q.T @ Y) / scale
    np.testing.assert_allclose(beta, expected, rtol=1e-8)
    Ri = np.linalg.inv(R) / scale[:, None]
    s2 = ((Y - X @ expected) ** 2).sum() / (N - len(columns))
    np.testing.assert_allclose(np.sqrt(np.diag(cov)), np.sqrt(np.diag(s2 * Ri @ Ri.T)), rtol=1e-8)
    expected_det = 2 * np.log(np.abs(np.diag(R)) * scale).sum()
    assert log_det == pytest.approx(expected_det, abs=1e-8)
    assert basis.kept == list(range(len(columns)))


def test_offsets_cost_no_digits():
    # Multiples of 2^-20 plus an offset are exact, so the answers can be compared to the last digit.
    x, y = (np.round(column * 2**20) / 2**20 for column in (X1, Y))
    _, beta, cov, _ = ordinary([None, x], y)
    _, far, far_cov, _ = ordinary([None, x + 1e9], y + 1e9)
    assert far[1] == pytest.approx(beta[1], rel=1e-13)
    assert far_cov[1, 1] == pytest.approx(cov[1, 1], rel=1e-13)
    assert far[0] == pytest.approx(1e9 + beta[0] - 1e9 * beta[1], rel=1e-13)


def test_offsets_cost_no_digits_without_an_intercept():
    x = np.round(X1 * 2**20) / 2**20
    far = 1e6 + x
    y = 3 * far + np.round(X2 * 2**20) / 2**20
    _, beta, cov, _ = ordinary([far], y)
    size = sum(Fraction(a) ** 2 for a in far)
    exact = sum(Fraction(a) * Fraction(b) for a, b in zip(far, y, strict=True)) / size
    rest = sum((Fraction(b) - exact * Fraction(a)) ** 2 for a, b in zip(far, y, strict=True)) / (
        N - 1
    )
    assert beta[0] == pytest.approx(float(exact), rel=1e-14)
    assert cov[0, 0] == pytest.approx(float(rest / size), rel=1e-9)


@pytest.mark.parametrize(
    "columns, kept",
    [
        ([None, X1, X1], [0, 1]),
        ([None, X1, X2, X1 + X2], [0, 1, 2]),
        ([None, X1 + X2, X1, X2], [0, 1, 2]),
        ([None, np.full(N, 0.1), X1], [0, 2]),
        ([None, np.zeros(N), X1], [0, 2]),
        ([X1, np.full(N, 0.1)], [0, 1]),
        ([None, X1, X1 + 1e-8 * X2], [0, 1]),
        ([None, X1, X1 + 1e-6 * X2], [0, 1, 2]),
    ],
)
def test_columns_that_others_determine_are_dropped(columns, kept):
    assert make_basis(columns, Y.copy())[1].kept == kept


def test_no_columns_at_all():
    E, basis = make_basis([], Y.copy())
    assert basis.kept == [] and basis.log_det == 0
    np.testing.assert_allclose(E[0] * basis.scale, Y)
