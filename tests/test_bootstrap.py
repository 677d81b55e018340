"""The parametric bootstrap draws from the fit, and counts what could not be fitted."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach import bootstrap as module
from hlmteach.design import DataError
from hlmteach.engine.solution import solve

DATA = Path(__file__).parent / "reference" / "data"


@pytest.fixture(scope="module")
def base() -> hlm.Fit:
    return hlm.lmer("y ~ x + z + (1 | g)", pd.read_csv(DATA / "base.csv"))


def test_replicates_spread_around_the_fit() -> None:
    fit = hlm.lmer("y ~ x + z + (1 + x | g)", pd.read_csv(DATA / "slopes.csv"))
    drawn = module.bootstrap(fit, 600, seed=2, progress=False)
    z = (drawn[fit.names].mean() - fit.beta) / (drawn[fit.names].std() / np.sqrt(len(drawn)))
    assert z.abs().max() < 4
    np.testing.assert_allclose(drawn[fit.names].std(), fit.se, rtol=0.12)
    assert (drawn["sigma_e"] ** 2).mean() / fit.sigma_e**2 == pytest.approx(1, abs=0.02)
    assert drawn["corr[Intercept, x]"].mean() > 0


def test_replicates_without_variance_are_counted(
    base: hlm.Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = iter(range(100))

    def sometimes(*args: object) -> object:
        if next(turn) % 5 == 0:
            raise DataError("no variance")
        return solve(*args)

    monkeypatch.setattr(module, "solve", sometimes)
    with pytest.warns(UserWarning, match="2 of 10 replicates could not be fitted"):
        drawn = module.bootstrap(base, 10, seed=1, progress=False)
    assert drawn.isna().all(axis=1).sum() == 2
