"""The information on the variance parameters against finite differences of the criterion."""

import numpy as np
import pandas as pd
import pytest
from dense import covariance
from worlds import world

import hlmteach as hlm

DATA = world(4, [2, 3, 5, 5, 8, 9, 12, 15, 20], sigma_u=2.0)
FORMULAS = ["y ~ x + z + (1 | g)", "y ~ x + z + (1 + x | g)", "y ~ x + z + (1 + x || g)"]


def criterion_of(fit: hlm.Fit, D: np.ndarray, s2: float) -> float:
    """-2 log likelihood with beta profiled out, but not the error variance."""
    design = fit.design
    V = s2 * covariance(design.exog_random, design.codes, D)
    Vi = np.linalg.inv(V)
    information = design.exog.T @ Vi @ design.exog
    gap = design.y - design.exog @ np.linalg.solve(information, design.exog.T @ Vi @ design.y)
    out = np.linalg.slogdet(V)[1] + gap @ Vi @ gap
    return out + (np.linalg.slogdet(information)[1] if fit.reml else 0)


def cov_beta_of(fit: hlm.Fit, D: np.ndarray, s2: float) -> np.ndarray:
    design = fit.design
    V = s2 * covariance(design.exog_random, design.codes, D)
    return np.linalg.inv(design.exog.T @ np.linalg.inv(V) @ design.exog)


def parts(fit: hlm.Fit, values: np.ndarray) -> tuple[np.ndarray, float]:
    """(D, s2) from the free elements of the engine's D and its error variance."""
    model, inner = fit.solution.model, np.zeros_like(np.atleast_2d(fit.solution.inner))
    for value, (i, j) in zip(values[:-1], getattr(model.s, "pattern", [(0, 0)]), strict=True):
        inner[i, j] = inner[j, i] = value
    D = model.back @ inner @ model.back.T
    return D, values[-1] * fit.solution.basis.scale**2


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("formula", FORMULAS)
def test_satterthwaite_pieces(formula: str, reml: bool) -> None:
    fit = hlm.lmer(formula, DATA, reml)
    model, inner = fit.solution.model, np.atleast_2d(fit.solution.inner)
    pattern = getattr(model.s, "pattern", [(0, 0)])
    at = np.array([*(inner[i, j] for i, j in pattern), fit.solution.s2])
    at[-1] /= fit.solution.basis.scale**2
    m, h = len(at), 1e-4 * np.maximum(np.abs(at), 0.1)
    steps = np.diag(h)
    H = np.empty((m, m))
    for a in range(m):
        for b in range(m):
            signs = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
            heights = [
                p * q * criterion_of(fit, *parts(fit, at + p * steps[a] + q * steps[b]))
                for p, q in signs
            ]
            H[a, b] = sum(heights) / (4 * h[a] * h[b])
    cov, grads = fit.solution.satterthwaite
    np.testing.assert_allclose(np.linalg.inv(cov) * 2, H, rtol=2e-4, atol=2e-4 * np.abs(H).max())
    for a in range(m):
        up, down = (cov_beta_of(fit, *parts(fit, at + p * steps[a])) for p in (1, -1))
        expected = (up - down) / (2 * h[a])
        size = np.abs(expected).max()
        np.testing.assert_allclose(grads[a], expected, rtol=1e-5, atol=1e-5 * size)


def test_criterion_at_another_covariance() -> None:
    fit = hlm.lmer(FORMULAS[1], DATA)
    assert fit.solution.criterion_at(fit.solution.D) == pytest.approx(fit.criterion, abs=1e-9)
    other = fit.solution.D + np.eye(2)
    s2 = pd.Series(np.linspace(0.2, 5, 4000))
    extra = (fit.n - 3) * np.log(2 * np.pi)
    lowest = min(criterion_of(fit, other, v) for v in s2[::40]) + extra
    assert fit.solution.criterion_at(other) <= lowest + 1e-9
    assert fit.solution.criterion_at(other) == pytest.approx(lowest, abs=0.05)
