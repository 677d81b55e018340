"""The deviance surface: derivatives against differences, its bottom against the ML fit."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.engine.surface import Part, look, lowest

REFERENCE = Path(__file__).parent.parent / "reference"


def fitted(formula: str) -> tuple[hlm.Fit, np.ndarray]:
    """An ML fit and the directions of all elements of its L."""
    fit = hlm.lmer(formula, pd.read_csv(REFERENCE / "data" / "slopes.csv"), reml=False)
    q = len(fit.random_names)
    places = [(i, j) for j in range(q) for i in range(j, q)]
    K = np.zeros((len(places), q, q))
    for k, place in enumerate(places):
        K[k][place] = 1.0
    return fit, K


@pytest.mark.parametrize("formula", ["y ~ x + (1 | g)", "y ~ x + (1 + x | g)", "y ~ (0 + x || g)"])
@pytest.mark.parametrize("ls", [None, 0.3])
def test_surface_derivatives(formula: str, ls: float | None) -> None:
    fit, K = fitted(formula)
    part = Part(0.1 * np.eye(len(K[0])), K, np.linalg.inv(fit.solution.model.back), ls)
    eta = np.linspace(0.3, 0.6, len(K) + (ls is None))
    at, h = look(fit.solution, part, eta), 1e-5
    steps = h * np.eye(len(eta))
    ends = [[look(fit.solution, part, eta + sign * e) for sign in (-1, 1)] for e in steps]
    slope = np.array([(b.height - a.height) / (2 * h) for a, b in ends])
    curve = np.array([(b.slope - a.slope) / (2 * h) for a, b in ends])
    np.testing.assert_allclose(at.slope, slope, rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(at.curve, curve, rtol=1e-6, atol=1e-6 * np.abs(curve).max())


@pytest.mark.parametrize("formula", ["y ~ x + (1 | g)", "y ~ x + (1 + x | g)"])
def test_bottom_is_the_ml_fit(formula: str) -> None:
    fit, K = fitted(formula)
    part = Part(np.zeros_like(K[0]), K, np.linalg.inv(fit.solution.model.back))
    height, _ = lowest(fit.solution, part, np.linspace(0.3, 0.6, len(K) + 1))
    assert height == pytest.approx(fit.criterion, abs=1e-7)
