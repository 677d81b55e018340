import numpy as np
import pytest

from hlmteach import Params, simulate

WORLD = Params(beta={"Intercept": 10, "x": 2}, sigma_u=1, sigma_e=2)


def draw(spec, level=1, n_groups=2000, group_size=10, seed=1):
    where = {f"level{level}": {"x": spec}}
    return simulate(WORLD, n_groups=n_groups, group_size=group_size, seed=seed, **where)


def test_mean_and_sd():
    x = draw({"mean": 15, "sd": 5})["x"]
    assert (x.mean(), x.std()) == (pytest.approx(15, abs=0.2), pytest.approx(5, abs=0.2))


def test_share_between_groups():
    data = draw({"icc": 0.3})
    between = data.groupby("group")["x"].mean().var() - 0.7 / 10
    assert between == pytest.approx(0.3, abs=0.04)
    assert data["x"].std() == pytest.approx(1, abs=0.03)


def test_probability():
    x = draw({"prob": 0.8})["x"]
    assert set(x) == {0.0, 1.0}
    assert x.mean() == pytest.approx(0.8, abs=0.02)


def test_labels_are_a_categorical_whose_first_is_the_reference():
    data = draw({"prob": 0.8, "labels": ("yes", "no")})
    assert list(data["x"].cat.categories) == ["yes", "no"]
    assert (data["x"] == "no").mean() == pytest.approx(0.8, abs=0.02)
    means = data.groupby("x", observed=True)["y"].mean()
    assert means["no"] - means["yes"] == pytest.approx(2, abs=0.2)


def test_function_at_level_1():
    assert draw(lambda rng, size: np.arange(size))["x"].iloc[-1] == 19_999


def test_function_at_level_2_has_one_value_a_group():
    data = draw(lambda rng, size: np.arange(size), level=2, n_groups=3)
    assert data.groupby("group")["x"].agg(["min", "max"]).to_numpy().tolist() == [
        [0, 0],
        [1, 1],
        [2, 2],
    ]


def test_binary_at_level_2():
    data = draw({"prob": 0.5, "labels": ["public", "private"]}, level=2)
    assert len(data[["group", "x"]].drop_duplicates()) == data["group"].nunique()
