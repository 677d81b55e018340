import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlmteach import Params, simulate

EMPTY = Params(beta={"Intercept": 0}, sigma_u=1, sigma_e=1)


def drawn(group_size, n_groups=200, seed=1):
    data = simulate(EMPTY, n_groups=n_groups, group_size=group_size, seed=seed)
    return data.groupby("group", sort=False).size().to_numpy()


def test_range():
    sizes = drawn((3, 6))
    assert set(sizes) == {3, 4, 5, 6}


def test_list():
    assert drawn([4, 1, 7], 3).tolist() == [4, 1, 7]


def test_array_of_two_is_a_list_not_a_range():
    assert drawn(np.array([2, 9]), 2).tolist() == [2, 9]


def test_normal():
    sizes = drawn({"mean": 25, "sd": 8, "low": 20, "high": 30})
    assert (sizes.min(), sizes.max()) == (20, 30)
    assert sizes.mean() == pytest.approx(25, abs=1)


def test_normal_has_at_least_one_member():
    assert drawn({"mean": 2, "sd": 5}).min() == 1


def test_function():
    assert set(drawn(lambda rng, n: rng.choice([2, 8], n))) == {2, 8}


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30))
@settings(max_examples=25)
def test_any_sizes_are_respected(wanted):
    assert drawn(wanted, len(wanted)).tolist() == wanted
