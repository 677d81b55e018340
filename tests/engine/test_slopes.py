"""The random slopes engine against the dense covariance matrix and finite differences."""

import numpy as np
import pytest
from dense import evaluate, group_effects
from slope_models import BOTH, CODES, MODEL, MODELS, ROWS, SIZES, X1, N, Y, df, reduce

from hlmteach.engine import slopes
from hlmteach.engine.profile import criterion, estimates


def some_D(model, seed):
    """A covariance with the zeros that the model's blocks ask for."""
    Z, blocks = MODELS[model]
    L = np.random.default_rng(seed).normal(size=(Z.shape[1], Z.shape[1]))
    D = np.zeros_like(L)
    for block in blocks:
        D[np.ix_(block, block)] = L[block] @ L[block].T
    return D


@BOTH
@MODEL
@pytest.mark.parametrize("size", [0.0, 1e-4, 1.0, 1e3])
def test_criterion_is_that_of_the_dense_covariance(model, size, reml):
    s, back = reduce(model)
    D = size * some_D(model, 1)
    there = np.linalg.inv(back)
    found = slopes.pieces(s, there @ D @ there.T, derivatives=False)
    dense = evaluate(Y, ROWS[:-1].T, MODELS[model][0], CODES, D, reml)
    assert float(criterion(found, df(reml), reml)) == pytest.approx(dense["criterion"], abs=1e-8)
    np.testing.assert_allclose(estimates(found.G)[1], dense["beta"], rtol=1e-7)


@pytest.mark.parametrize("blocks", [[[0, 1]], [[0], [1]]])
def test_a_slope_that_hardly_varies_within_groups_costs_few_digits(blocks):
    rng = np.random.default_rng(5)
    sizes = np.full(30, 2)
    codes = np.repeat(np.arange(30), sizes)
    x = rng.normal(size=30)[codes] + 1e-3 * rng.normal(size=60)
    y = x + rng.normal(size=30)[codes] + rng.normal(size=60)
    Z, D = np.column_stack([np.ones(60), x]), np.diag([1.0, 0.5])
    s, back = slopes.statistics(np.vstack([np.ones(60), x, y]), Z, codes, sizes, blocks)
    there = np.linalg.inv(back)
    found = slopes.pieces(s, there @ D @ there.T, derivatives=False)
    dense = evaluate(y, Z, Z, codes, D)
    assert float(criterion(found, 58, True)) == pytest.approx(dense["criterion"], abs=1e-8)


@MODEL
def test_group_effects_are_those_of_the_dense_covariance(model):
    s, back = reduce(model)
    D, there = some_D(model, 3), np.linalg.inv(back)
    inner = there @ D @ there.T
    _, g, r2 = estimates(slopes.pieces(s, inner).G)
    u, v = slopes.group_effects(s, g, inner)
    mean, se = group_effects(Y, ROWS[:-1].T, MODELS[model][0], CODES, D)
    np.testing.assert_allclose(u @ back.T, mean, atol=1e-8)
    variance = np.diagonal(back @ v @ back.T, axis1=1, axis2=2) * r2 / df(True)
    np.testing.assert_allclose(np.sqrt(np.maximum(variance, 0)), se, atol=1e-7)


def test_columns_of_Z_that_others_determine():
    for Z, position in [
        (np.column_stack([np.ones(N), np.full(N, 0.1)]), 1),
        (np.column_stack([np.ones(N), X1, 2 - 3 * X1]), 2),
        (np.column_stack([np.zeros(N), X1]), 0),
    ]:
        with pytest.raises(slopes.DependentColumn) as caught:
            slopes.statistics(ROWS.copy(), Z, CODES, SIZES, [list(range(Z.shape[1]))])
        assert caught.value.position == position
