"""Plans: the formulas against simulated studies and SciPy's own distribution."""

import numpy as np
import pytest
from scipy import stats

import hlmteach as hlm
from hlmteach.questions import plans


@pytest.fixture
def plan():
    return plans.plan(np.random.RandomState(12))


def half(rng: np.random.Generator, size: int) -> np.ndarray:
    return rng.permutation(size) % 2


def test_the_standard_error_is_the_scatter_of_simulated_studies(plan) -> None:
    J, n, sigma_u, sigma_e = plans.design(plan)
    world = hlm.Params(beta={"Intercept": 0, "x": 5}, sigma_u=sigma_u, sigma_e=sigma_e)
    found = hlm.recover(world, 4000, n_groups=int(J), group_size=int(n), level2={"x": half}, seed=1)
    sd = found.table.loc[("x", "multilevel"), "sd"]
    assert sd == pytest.approx(plans.se_school(plan), rel=4 / np.sqrt(2 * 4000))


def test_the_two_forms_of_the_standard_error_agree(plan) -> None:
    by_deff = plans.se_independent(plan) * np.sqrt(plans.deff(plan))
    assert by_deff == pytest.approx(plans.se_school(plan), rel=1e-12)


@pytest.mark.parametrize("df", [5, 40])
@pytest.mark.parametrize("effect", [0.0, 1.0, 3.0])
def test_power_is_that_of_the_noncentral_t(effect, df) -> None:
    critical = stats.t.ppf(0.975, df)
    nct = stats.nct(df, effect / 0.9)
    two_sided = nct.sf(critical) + nct.cdf(-critical)
    assert plans.power(effect, 0.9, df) == pytest.approx(two_sided, abs=1e-9)
    one_sided = nct.sf(stats.t.ppf(0.95, df))
    assert plans.power(effect, 0.9, df, sides=1) == pytest.approx(one_sided, abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_the_power_of_a_budget_is_neither_small_nor_sure(seed) -> None:
    table = plans.budget(np.random.RandomState(seed))
    (J,) = plans.of(table, "n_schools")
    power = plans.power(*plans.of(table, "effect"), plans.se_school(table), J - 2)
    assert 0.3 < power < 0.9


def test_simulated_studies_are_t_distributed_around_the_truth() -> None:
    studies = plans.simulated(np.random.RandomState(3))
    t, critical = plans.t_values(studies)
    assert critical == pytest.approx(stats.t.ppf(0.975, studies["df"].iloc[0]))
    np.testing.assert_array_equal(plans.found(studies), np.abs(t) > critical)
    scatter = studies["estimate"].std()
    assert studies["estimate"].mean() == pytest.approx(
        studies["truth"].iloc[0], abs=4 * scatter / np.sqrt(len(studies))
    )
    assert np.sqrt((studies["se"] ** 2).mean()) == pytest.approx(scatter, rel=0.15)
