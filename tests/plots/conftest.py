"""Models that the figures are drawn from."""

import pytest

import hlmteach as hlm
from hlmteach.fit import Fit


@pytest.fixture(scope="session")
def world():
    """40 schools of 2 to 30 students; math on escs (level 1) and stratio (level 2)."""
    params = hlm.Params(beta={"Intercept": 480, "escs": 30, "stratio": -2}, sigma_u=40, sigma_e=80)
    return hlm.simulate(
        params,
        n_groups=40,
        group_size=(2, 30),
        level2={"stratio": {"mean": 15, "sd": 4}},
        outcome="math",
        group="school_id",
        seed=7,
    )


@pytest.fixture(scope="session")
def empty(world) -> Fit:
    return hlm.lmer("math ~ 1 + (1 | school_id)", world)


@pytest.fixture(scope="session")
def full(world) -> Fit:
    return hlm.lmer("math ~ escs + stratio + (1 | school_id)", world)


@pytest.fixture(scope="session")
def slopes() -> Fit:
    params = hlm.Params(
        beta={"Intercept": 480, "escs": 30}, sigma_u=40, sigma_e=60, slopes={"escs": 12}
    )
    data = hlm.simulate(
        params, n_groups=40, group_size=30, outcome="math", group="school_id", seed=3
    )
    return hlm.lmer("math ~ escs + (1 + escs | school_id)", data)
