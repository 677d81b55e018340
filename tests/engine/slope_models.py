"""Five models with random slopes on one small table, groups of one row among its groups."""

import numpy as np
import pytest

from hlmteach.engine import slopes

RNG = np.random.default_rng(8)
SIZES = np.array([1, 1, 2, 3, 5, 5, 9, 14])  # groups smaller than the number of random effects too
CODES = np.repeat(np.arange(len(SIZES)), SIZES)
N = len(CODES)
X1, X2 = RNG.normal(size=(2, N)) + RNG.normal(size=(2, len(SIZES)))[:, CODES]
Y = X1 + RNG.normal(size=N) + RNG.normal(size=len(SIZES))[CODES] * (1 + X2)
ROWS = np.vstack([np.ones(N), X1, X2, Y])
Z3 = np.column_stack([np.ones(N), X1, X2])
MODELS = {
    "correlated": (Z3[:, :2], [[0, 1]]),
    "uncorrelated": (Z3[:, :2], [[0], [1]]),
    "slope only": (Z3[:, 1:2], [[0]]),
    "two slopes": (Z3, [[0, 1, 2]]),
    "two blocks": (Z3, [[0, 1], [2]]),
}
MODEL = pytest.mark.parametrize("model", MODELS)
BOTH = pytest.mark.parametrize("reml", [True, False])


def reduce(model):
    Z, blocks = MODELS[model]
    return slopes.statistics(ROWS.copy(), Z, CODES, SIZES, blocks)


def df(reml):
    return N - 3 if reml else N
