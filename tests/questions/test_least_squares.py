"""The quick regression agrees with statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from hlmteach.questions.least_squares import LeastSquares

RNG = np.random.default_rng(1)
TABLE = pd.DataFrame(
    {"x": RNG.normal(size=60), "z": RNG.normal(size=60), "n": RNG.integers(1, 9, 60)}
)
TABLE["y"] = 3 + TABLE["x"] + RNG.normal(size=60)
TABLE["school"] = np.repeat(np.arange(12), 5)


@pytest.fixture
def quick():
    return LeastSquares(TABLE["y"], TABLE["x"], TABLE["z"])


def test_ordinary(quick):
    there = smf.ols("y ~ x + z", TABLE).fit()
    assert quick.beta == pytest.approx(there.params.to_numpy())
    assert quick.se == pytest.approx(there.bse.to_numpy())
    assert quick.sigma == pytest.approx(there.mse_resid**0.5)
    assert quick.r2 == pytest.approx(there.rsquared)


def test_weighted():
    quick = LeastSquares(TABLE["y"], TABLE["x"], weights=TABLE["n"])
    there = smf.wls("y ~ x", TABLE, weights=TABLE["n"]).fit()
    assert quick.beta == pytest.approx(there.params.to_numpy())
    assert quick.se == pytest.approx(there.bse.to_numpy())


def test_cluster_robust(quick):
    fit = smf.ols("y ~ x + z", TABLE).fit(cov_type="cluster", cov_kwds={"groups": TABLE["school"]})
    assert quick.cluster_se(TABLE["school"].to_numpy()) == pytest.approx(fit.bse.to_numpy())
