"""`power` against exact power, and its size under no effect."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import hlmteach as hlm
from hlmteach import planning
from hlmteach.replicates import InterruptedWarning

WORLD = hlm.Params(beta={"Intercept": 480, "escs": 10, "z": 15}, sigma_u=40, sigma_e=80)
NULL = hlm.Params(beta={"Intercept": 480, "z": 0}, sigma_u=40, sigma_e=80)


def evenly(rng: np.random.Generator, size: int) -> np.ndarray:
    """A predictor without chance, so that power has a formula."""
    return stats.norm.ppf((np.arange(size) + 0.5) / size)


def exact(J: int, n: int, alpha: float = 0.05) -> float:
    """Power of the t-test on group means, which the model's is where groups are of one size."""
    z = evenly(np.random.default_rng(), J)
    se = np.sqrt((40**2 + 80**2 / n) / ((z - z.mean()) ** 2).sum())
    t = stats.t.ppf(1 - alpha / 2, J - 2)
    noncentral = stats.nct(J - 2, 15 / se)
    return float(noncentral.sf(t) + noncentral.cdf(-t))


def test_the_power_for_a_level_2_predictor_is_the_exact_one() -> None:
    world = hlm.Params(beta={"Intercept": 480, "z": 15}, sigma_u=40, sigma_e=80)
    found = hlm.power(
        world,
        "z",
        n_groups=[20, 60],
        group_size=[10, 30],
        level2={"z": evenly},
        n_sims=4000,
        seed=1,
    ).table
    expected = [exact(J, n) for J, n in zip(found["n_groups"], found["group_size"], strict=True)]
    error = np.sqrt(0.25 / 4000)
    # Satterthwaite's df and the rare singular fit move it by less than half a per cent.
    np.testing.assert_allclose(found["power"], expected, atol=3 * error + 0.005)
    assert found["n"].to_list() == [200, 600, 600, 1800]


def test_the_power_for_a_level_1_predictor_is_the_exact_one() -> None:
    found = hlm.power(WORLD, "escs", n_groups=30, group_size=20, n_sims=4000, level2=["z"], seed=2)
    # Within and between groups add up: the information is that of generalised least squares.
    rng = np.random.default_rng(3)
    powers = []
    for _ in range(200):
        x, z = rng.normal(size=(30, 20)), rng.normal(size=30)
        X = np.stack([np.ones((30, 20)), x, np.repeat(z[:, None], 20, axis=1)], axis=-1)
        V = 80**2 * np.eye(20) + 40**2
        info = np.einsum("jna,nm,jmb->ab", X, np.linalg.inv(V), X)
        noncentral = 10 / np.sqrt(np.linalg.inv(info)[1, 1])
        powers.append(stats.norm.sf(1.96 - noncentral))
    assert found.table["power"][0] == pytest.approx(np.mean(powers), abs=0.03)


@pytest.mark.parametrize("size", [20, (2, 38)], ids=str)
@pytest.mark.parametrize("n_groups", [10, 20])
def test_without_an_effect_alpha_is_kept(n_groups, size) -> None:
    found = hlm.power(
        NULL, "z", n_groups=n_groups, group_size=size, level2=["z"], n_sims=6000, seed=3
    )
    assert 0.035 < found.table["power"][0] < 0.065


def test_alpha_is_that_of_the_test() -> None:
    plan = {"n_groups": 20, "group_size": 10, "level2": ["z"], "n_sims": 2000, "seed": 4}
    one, five = (hlm.power(WORLD, "z", alpha=a, **plan).table["power"][0] for a in (0.01, 0.05))
    assert one < five - 0.1


def test_cross_level_interactions_and_random_slopes() -> None:
    world = hlm.Params(
        beta={"Intercept": 0, "x": 0.5, "z": 0, "x:z": 0.4}, sigma_u=1, sigma_e=1, slopes={"x": 0.5}
    )
    found = hlm.power(
        world, "x:z", n_groups=[10, 60], group_size=8, level2=["z"], n_sims=40, seed=5
    )
    assert found.table["power"][1] > found.table["power"][0] + 0.2
    assert found.truth == 0.4


def test_the_interval_is_wilsons_widened_for_shared_predictors() -> None:
    from statsmodels.stats.proportion import proportion_confint

    np.testing.assert_allclose(
        planning._wilson(0.3, 200), proportion_confint(60, 200, method="wilson"), rtol=1e-9
    )
    alike = np.repeat([True, False], 20 * 5)  # draws of the predictors that decide all
    assert planning._clumping(alike, 0.5) == pytest.approx(20 * 10 / 9)
    mixed = np.tile([True, False], 100)
    assert planning._clumping(mixed, 0.5) == 1.0


@pytest.mark.parametrize(
    ("effect", "level2", "level"),
    [("z", ["z"], "level 2"), ("z", [], "level 1"), ("Intercept", ["z"], "")],
)
def test_the_level_at_which_the_effect_was_simulated(effect, level2, level) -> None:
    found = hlm.power(NULL, effect, n_groups=5, group_size=4, level2=level2, n_sims=20, seed=1)
    assert found.level == level


def test_a_product_may_be_of_both_levels() -> None:
    world = hlm.Params(beta={"Intercept": 0, "x:z": 1, "z:w": 1}, sigma_u=1, sigma_e=1)
    plan = {"n_groups": 8, "group_size": 4, "level2": {"z": None, "w": None}, "n_sims": 20}
    levels = [hlm.power(world, name, seed=1, **plan).level for name in ("x:z", "z:w")]
    assert levels == ["cross-level", "level 2"]


def test_cost() -> None:
    plan = {"n_groups": [10, 20], "group_size": [5, 8], "n_sims": 20, "seed": 1}
    by_price = hlm.power(NULL, "z", cost={"group": 300, "member": 5}, **plan).table["cost"]
    assert by_price.to_list() == [3250, 6500, 3400, 6800]
    by_function = hlm.power(NULL, "z", cost=lambda J, n: 7 * J + n, **plan).table["cost"]
    assert by_function.to_list() == [120, 240, 150, 300]
    assert "cost" not in hlm.power(NULL, "z", **plan).table


def test_an_interrupted_grid_keeps_what_is_done(monkeypatch) -> None:
    calls = iter(range(1000))

    def stopped(*words: object) -> np.ndarray:
        if next(calls) == stop_at:
            raise KeyboardInterrupt
        return whole(*words)

    whole = planning.repeat_anew
    monkeypatch.setattr(planning, "repeat_anew", stopped)
    plan = {"n_groups": [8, 12, 16], "group_size": 5, "n_sims": 100, "seed": 8}
    stop_at = 7  # five calls make the first design's hundred studies
    with pytest.warns(InterruptedWarning, match="Stopped after 40 of 100 replicates"):
        part = hlm.power(NULL, "z", **plan).table
    assert part["n_sims"].to_list() == [100, 40]
    calls, stop_at = iter(range(1000)), 10
    with pytest.warns(InterruptedWarning, match="Stopped after 2 of 3 designs; these are returned"):
        part = hlm.power(NULL, "z", **plan).table
    calls, stop_at = iter(range(1000)), 0
    with pytest.raises(KeyboardInterrupt):
        hlm.power(NULL, "z", **plan)
    monkeypatch.undo()
    pd.testing.assert_frame_equal(part, hlm.power(NULL, "z", **plan).table.iloc[:2])


def test_a_list_is_several_designs_and_a_pair_is_one() -> None:
    sizes = hlm.power(NULL, "z", n_groups=[6], group_size=[5, (5, 9)], n_sims=20, seed=1).table
    assert sizes["group_size"].to_list() == [5, (5, 9)]
    grid = hlm.power(NULL, "z", n_groups=np.array([6, 8]), group_size=5, n_sims=20, seed=1).table
    assert grid["n_groups"].to_list() == [6, 8]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"effect": "ratio"}, "effect names 'ratio', which I do not know; I know: 'Intercept'"),
        ({"alpha": 5}, "alpha is 5; the level of a test is between 0 and 1, as in 0.05"),
        ({"n_sims": 2.5}, "n_sims is 2.5; it must be a whole number"),
        ({"n_groups": []}, "n_groups and group_size need at least one value each"),
        ({"n_groups": [20, 1]}, "n_groups is 1; it must be at least 2"),
        ({"group_size": [1]}, r"20 groups with group_size 1 cannot carry this model"),
        ({"cost": 5}, r'cost is 5; give {"group": 300, "member": 5} or a function'),
        ({"cost": {"school": 5}}, "cost names 'school', which I do not know; I know: 'group', 'm"),
        ({"params": 3}, "params is 3; make it with hlm.Params"),
        ({"seed": 1.5}, "seed is 1.5; it must be a whole number"),
    ],
)
def test_errors(more, message) -> None:
    plan = {"params": WORLD, "effect": "z", "n_groups": 20, "group_size": 5, "n_sims": 20}
    with pytest.raises(ValueError, match=message):
        hlm.power(**plan | more)


def test_a_predictor_that_is_always_constant_is_refused() -> None:
    rare = hlm.Params(beta={"Intercept": 0, "b": 1}, sigma_u=1, sigma_e=1)
    with pytest.raises(ValueError, match="'b' came out constant"):
        hlm.power(rare, "b", n_groups=4, group_size=3, level1={"b": {"prob": 1e-9}}, n_sims=20)
