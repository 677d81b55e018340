"""Small two-level tables for the engine's tests."""

import numpy as np
import pandas as pd
from hypothesis import strategies as st


def world(seed: int, sizes: list[int], sigma_u: float = 1.0, sigma_x: float = 0.5) -> pd.DataFrame:
    """y on x (within and between groups) and z (a property of the group), slopes of x varying."""
    rng = np.random.default_rng(seed)
    g = np.repeat(np.arange(len(sizes)), sizes)
    J, N = len(sizes), len(g)
    x = rng.normal(size=N) + rng.normal(size=J)[g]
    z = rng.normal(size=J)[g]
    u = rng.normal(size=(J, 2)) * [sigma_u, sigma_x]
    y = 3 + x - z + u[g, 0] + u[g, 1] * x + rng.normal(size=N)
    return pd.DataFrame({"y": y, "x": x, "z": z, "g": g})


# Unbalanced, with single rows, and always more rows than the models have unknowns.
SIZES = st.lists(st.integers(1, 9), min_size=3, max_size=12).map(lambda sizes: [*sizes, 17, 22])
SEEDS = st.integers(0, 2**32 - 1)
SPREADS = st.sampled_from([0.0, 0.1, 1.0, 10.0])
