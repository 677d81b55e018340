"""The weighted engine against integrals over u and against numerical derivatives."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm
from statsmodels.tools.numdiff import approx_fprime, approx_hess

from hlmteach.design import build
from hlmteach.engine.weighted import solve_weighted
from hlmteach.formula import parse
from hlmteach.params import Params
from hlmteach.simulation import simulate


@pytest.fixture(scope="module")
def world():
    params = Params(beta={"Intercept": 3, "x": 0.5}, sigma_u=1.0, sigma_e=2.0)
    data = simulate(params, n_groups=30, group_size=8, seed=5)
    rng = np.random.default_rng(8)
    design = build(parse("y ~ x + (1 | group)"), data.iloc[:-5])
    w = rng.uniform(0.3, 4.0, design.n)
    return design, w, rng.uniform(10.0, 90.0, design.n_groups)


def group_loglik(design, w, j, beta, v, s):
    """log of the integral over u of prod_i f(y_i | u)^w_i, by quadrature."""
    at = design.codes == j
    gap, w = design.y[at] - design.exog[at] @ beta, w[at]
    best = v * (w @ gap) / (s + v * w.sum())  # where the integrand is highest

    def log_integrand(u):
        return w @ norm.logpdf(gap, u, np.sqrt(s)) + norm.logpdf(u, 0, np.sqrt(v))

    top, reach = log_integrand(best), 12 / np.sqrt(1 / v + w.sum() / s)
    area = quad(lambda u: np.exp(log_integrand(u) - top), best - reach, best + reach, epsabs=1e-13)
    return np.log(area[0]) + top


def all_logliks(design, w, psi):
    """(J,) the same in closed form from the dense covariance, at psi = (beta, v, s)."""
    p = design.exog.shape[1]
    beta, v, s = psi[:p], psi[p], psi[p + 1]
    out = np.empty(design.n_groups)
    for j in range(design.n_groups):
        at = design.codes == j
        gap, wj = design.y[at] - design.exog[at] @ beta, w[at]
        V = v + np.diag(s / wj)
        normal = -(gap @ np.linalg.solve(V, gap) + np.linalg.slogdet(2 * np.pi * V)[1]) / 2
        out[j] = normal - ((wj - 1) * np.log(2 * np.pi * s) + np.log(wj)).sum() / 2
    return out


def psi_of(solution):
    return np.array([*solution.beta, solution.v, solution.s])


def test_the_likelihood_is_the_integral(world):
    design, w, g = world
    solution = solve_weighted(design, w, g)
    at = (solution.beta, solution.v, solution.s)
    each = [group_loglik(design, w, j, *at) for j in range(design.n_groups)]
    assert solution.loglik == pytest.approx(g @ each, rel=1e-10)
    np.testing.assert_allclose(all_logliks(design, w, psi_of(solution)), each, rtol=1e-9)


def test_it_is_the_maximum(world):
    design, w, g = world
    psi = psi_of(solve_weighted(design, w, g))

    def total(psi):
        return g @ all_logliks(design, w, psi)

    slope = approx_fprime(psi, total, centered=True)
    step = np.linalg.solve(-approx_hess(psi, total), slope)
    np.testing.assert_allclose(step, 0, atol=1e-6)


@pytest.mark.parametrize("strata", [None, np.arange(30) % 4])
def test_the_sandwich_is_that_of_numerical_derivatives(world, strata):
    design, w, g = world
    solution = solve_weighted(design, w, g, strata)
    psi = psi_of(solution)
    scores = approx_fprime(psi, lambda q: all_logliks(design, w, q), centered=True) * g[:, None]
    bread = np.linalg.inv(approx_hess(psi, lambda q: g @ all_logliks(design, w, q)))
    meat = np.zeros((4, 4))
    for h in range(1 if strata is None else 4):
        rows = scores if strata is None else scores[strata == h]
        meat += np.cov(rows.T) * len(rows)  # divisor J - 1, times J
    cov = bread @ meat @ bread
    np.testing.assert_allclose(solution.cov, cov[:2, :2], rtol=1e-4)
    np.testing.assert_allclose(solution.cov_variances, cov[2:, 2:], rtol=1e-4)


def test_predicted_effects_are_the_integrands_mean(world):
    design, w, g = world
    solution = solve_weighted(design, w, g)
    gap = design.y - design.exog @ solution.beta
    total = np.bincount(design.codes, w)
    mean = np.bincount(design.codes, w * gap) / total
    shrunk = mean * solution.v / (solution.v + solution.s / total)
    np.testing.assert_allclose(solution.u, shrunk)
