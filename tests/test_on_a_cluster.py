"""What is computed on a Dask cluster: the same numbers as here. One cluster serves all tests."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from test_montecarlo import SLOPES, SMALL, WORLD

import hlmteach as hlm
from hlmteach.bootstrap import bootstrap
from hlmteach.replicates import run

# Defined elsewhere than in this file, so that it can travel to another process.
draw = partial(np.random.Generator.normal, size=2)


@pytest.fixture(scope="module")
def cluster():
    """A local cluster of two worker processes: what a real one does, on one machine."""
    from dask.distributed import Client, LocalCluster

    there = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**there, silence_logs="ERROR") as local, Client(local) as client:
        yield client


def test_replicates_are_the_same(cluster) -> None:
    one = run(draw, 50, seed=1, progress=False)
    np.testing.assert_array_equal(run(draw, 50, seed=1, workers=cluster), one)
    assert cluster.status == "running"  # it was not ours to close


def test_the_bootstrap_is_the_same(cluster) -> None:
    world = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    fit = hlm.lmer("y ~ 1 + (1 | group)", hlm.simulate(world, n_groups=9, group_size=5, seed=1))
    one, other = (bootstrap(fit, 12, seed=1, workers=w) for w in (1, cluster))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("params", [WORLD, SLOPES], ids=["intercepts", "slopes"])
@pytest.mark.parametrize("redraw", [False, True], ids=["fixed", "redrawn"])
def test_recovered_parameters_are_the_same(cluster, params, redraw) -> None:
    n_sims = 700 if params is WORLD and not redraw else 12
    plan = {**SMALL, "level2": ["stratio"] if params is WORLD else [], "redraw": redraw}
    one, *others = (hlm.recover(params, n_sims, **plan, seed=3, workers=w) for w in (1, 2, cluster))
    for other in others:
        pd.testing.assert_frame_equal(one.estimates, other.estimates, check_exact=True)
        pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
        pd.testing.assert_frame_equal(one.variances, other.variances, check_exact=True)


def test_power_is_the_same(cluster) -> None:
    plan = {"n_groups": [8, 12], "group_size": [5, (2, 9)], "level2": ["stratio"], "n_sims": 50}
    one, *others = (
        hlm.power(WORLD, "stratio", **plan, seed=6, workers=w).table for w in (1, 2, cluster)
    )
    for other in others:
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    again = hlm.power(WORLD, "stratio", **plan, seed=7).table
    assert not one["se"].equals(again["se"])
