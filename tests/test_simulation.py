import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlmteach import Params, simulate

WORLD = Params(beta={"Intercept": 480, "escs": 30, "stratio": -0.5}, sigma_u=40, sigma_e=80)
EMPTY = Params(beta={"Intercept": 0}, sigma_u=1, sigma_e=1)


def world(**changes):
    beta = changes.pop("beta", {"Intercept": 10, "x": 2})
    return Params(**{"beta": beta, "sigma_u": 1, "sigma_e": 2, **changes})


def one_value_a_group(data, *names):
    return len(data[["group", *names]].drop_duplicates()) == data["group"].nunique()


def test_the_learners_call():
    data = simulate(WORLD, n_groups=150, group_size=25, level2=["stratio"], seed=1)
    assert list(data) == ["group", "y", "escs", "stratio"]
    assert (data.groupby("group").size() == 25).all()
    assert one_value_a_group(data, "stratio")
    assert data["group"].iloc[[0, -1]].tolist() == ["001", "150"]
    assert data.attrs["source"] == "simulated by hlmteach.simulate"
    assert eval(data.attrs["params"]) == WORLD


def test_same_seed_same_data_other_seed_other_data():
    def draw(seed):
        return simulate(WORLD, n_groups=5, group_size=(2, 9), seed=seed)

    pd.testing.assert_frame_equal(draw(3), draw(3))
    pd.testing.assert_frame_equal(draw(3), draw(np.random.default_rng(3)))
    assert not draw(3).equals(draw(4))


def test_the_truth_adds_up():
    params = world(beta={"Intercept": 10, "x": 2, "w": 3, "x:w": 4}, slopes={"x": 0.7}, corr=-0.3)
    data = simulate(params, n_groups=20, group_size=9, level2=["w"], truth=True, seed=1)
    fixed = 10 + 2 * data.x + 3 * data.w + 4 * data.x * data.w
    assert data.y.to_numpy() == pytest.approx(
        (fixed + data.u + data.u_x * data.x + data.e).to_numpy()
    )
    assert one_value_a_group(data, "u", "u_x")


def test_doubling_an_sd_only_doubles_its_part():
    draws = [
        simulate(world(sigma_e=s), n_groups=4, group_size=5, truth=True, seed=2) for s in (1, 2)
    ]
    assert draws[1].e.to_numpy() == pytest.approx(2 * draws[0].e.to_numpy())
    assert draws[1][["x", "u"]].equals(draws[0][["x", "u"]])


@settings(max_examples=20)
@given(icc=st.floats(0.05, 0.9), sd=st.floats(0.1, 100), corr=st.floats(-1, 1), seed=st.integers(0))
def test_moments_are_those_of_the_params(icc, sd, corr, seed):
    params = Params.from_icc(
        icc=icc, sd=sd, beta={"Intercept": 5, "x": 1}, slopes={"x": sd / 2}, corr=corr
    )
    data = simulate(params, n_groups=4000, group_size=2, truth=True, seed=seed)
    u = data.drop_duplicates("group")[["u", "u_x"]]
    # Five standard errors of an SD from 4,000 draws, sd / sqrt(2 n), is 5.6 per cent.
    assert u["u"].std() == pytest.approx(params.sigma_u, rel=0.06)
    assert u["u_x"].std() == pytest.approx(sd / 2, rel=0.06)
    assert data["e"].std() == pytest.approx(params.sigma_e, rel=0.06)
    assert u.corr().iloc[0, 1] == pytest.approx(corr, abs=0.08)
    assert data["x"].mean() == pytest.approx(0, abs=0.06)
    assert data["x"].std() == pytest.approx(1, rel=0.06)


def test_correlated_slopes_of_two_predictors():
    corr = [[1, 0.5, -0.2], [0.5, 1, 0.3], [-0.2, 0.3, 1]]
    beta = {"Intercept": 0, "a": 1, "b": 1}
    params = Params(beta=beta, sigma_u=3, sigma_e=1, slopes={"a": 1, "b": 2}, corr=corr)
    data = simulate(params, n_groups=20_000, group_size=1, truth=True, seed=1)
    seen = data[["u", "u_a", "u_b"]].cov().to_numpy()
    assert seen == pytest.approx(params.cov_u.to_numpy(), abs=0.2)


def test_no_variance_between_groups():
    data = simulate(world(sigma_u=0), n_groups=5, group_size=3, truth=True, seed=1)
    assert (data["u"] == 0).all()


class TestMissing:
    def draw(self, missing):
        return simulate(
            world(beta={"Intercept": 1, "desk": 2, "w": 1}),
            n_groups=20,
            group_size=10,
            level1={"desk": {"prob": 0.8, "labels": ("no", "yes")}},
            level2=["w"],
            missing=missing,
            seed=1,
        )

    def test_shares_are_exact(self):
        data = self.draw({"desk": 0.03, "w": 0.15, "y": 0.5})
        assert data.isna().sum().to_dict() == {"group": 0, "y": 100, "desk": 6, "w": 30}

    def test_level_2_goes_missing_for_whole_groups(self):
        data = self.draw({"w": 0.15})
        assert set(data["w"].isna().groupby(data["group"]).mean()) == {0.0, 1.0}

    def test_missing_leaves_the_outcome_as_it_was(self):
        assert self.draw({"w": 0.5})["y"].equals(self.draw(None)["y"])


BAD = {
    "params is {'sigma_u': 1}; make it with hlm.Params": dict(params={"sigma_u": 1}),
    "n_groups is 0; it must be at least 1.": dict(n_groups=0),
    "n_groups is 2.5; it must be a whole number.": dict(n_groups=2.5),
    "n_groups is True; it must be a whole number.": dict(n_groups=True),
    "group_size is 0; it must be at least 1; a group has at least one member.": dict(group_size=0),
    "group_size is '9'; it must be a whole number; a group": dict(group_size="9"),
    "group_size is nan; it must be a whole number": dict(group_size=float("nan")),
    "group_size has 2 sizes, but n_groups is 4.": dict(group_size=[3, 4]),
    "group_size is 0; it must be at least 1; a": dict(group_size=[3, 4, 0, 2]),
    "group_size is (9, 3); the range (low, high) begins above its end.": dict(group_size=(9, 3)),
    "group_size is (1, 2, 3, 4); a tuple is a range": dict(group_size=(1, 2, 3, 4)),
    "group_size names 'average', which I do not know": dict(group_size={"average": 3}),
    "group_size is {'sd': 3}; it needs a mean.": dict(group_size={"sd": 3}),
    "group_size['sd'] is -3; an SD cannot be negative.": dict(group_size={"mean": 9, "sd": -3}),
    "group_size['high'] is 2, below group_size['low'], 5.": dict(
        group_size={"mean": 9, "low": 5, "high": 2}
    ),
    "level1 names 'z', which I do not know; I know: 'x', 'w'. To simulate": dict(level1=["z"]),
    "level2 is 'w'; give a list of names: level2=['w'].": dict(level2="w"),
    "'w' stands in level1 and in level2": dict(level1=["w"], level2=["w"]),
    "level2['w']: icc is 0.2, but a level-2 predictor has one value": dict(
        level2={"w": {"icc": 0.2}}
    ),
    "slopes names 'x', a level-2 predictor. Within a group it does not": dict(
        params=world(slopes={"x": 1}), level2=["x"]
    ),
    "level1['x'] is 3; describe a predictor by a mapping": dict(level1={"x": 3}),
    "level1['x'] names 'std', which I do not know; I know: 'mean', 'sd'": dict(
        level1={"x": {"std": 3}}
    ),
    "level1['x']: sd is -3; an SD cannot be negative.": dict(level1={"x": {"sd": -3}}),
    "level1['x']: mean is 'a'; it must be a number.": dict(level1={"x": {"mean": "a"}}),
    "level1['x']: icc is 2; a share of variance lies from 0 to 1.": dict(level1={"x": {"icc": 2}}),
    "level1['x']: prob is 80; it must lie between 0 and 1.": dict(level1={"x": {"prob": 80}}),
    "level1['x']: prob is for a 0/1 predictor: leave out mean and sd.": dict(
        level1={"x": {"prob": 0.5, "sd": 2}}
    ),
    "level1['x']: labels are for a 0/1 predictor: give prob too.": dict(
        level1={"x": {"labels": ("no", "yes")}}
    ),
    "level1['x']: labels is 'no'; it must be two different texts": dict(
        level1={"x": {"prob": 0.5, "labels": "no"}}
    ),
    "level1['x']: draw is 3; it must be a function": dict(level1={"x": {"draw": 3}}),
    "level1['x']: draw makes the values itself": dict(
        level1={"x": {"draw": lambda rng, n: rng.random(n), "sd": 2}}
    ),
    "level1['x']: the function returned shape (1,); I asked for 12 numbers": dict(
        level1={"x": lambda rng, n: [1.0]}
    ),
    "level2['w']: the function returned NaN or infinite values": dict(
        level2={"w": lambda rng, n: np.full(n, np.nan)}
    ),
    "level1['x']: the function returned something that is not numbers.": dict(
        level1={"x": lambda rng, n: ["a"] * n}
    ),
    "outcome is 'x', but another column has that name already.": dict(outcome="x"),
    "group is 'u', but another column has that name already.": dict(group="u", truth=True),
    "outcome and group are both 'y'; they are two columns.": dict(group="y"),
    "outcome is 3; it must be the name of a column.": dict(outcome=3),
    "truth adds a column 'u', but a predictor has that name.": dict(
        params=world(beta={"Intercept": 0, "u": 1}), truth=True
    ),
    "missing is ['x']; map columns to shares": dict(missing=["x"]),
    "missing names 'z', which I do not know; I know: 'y', 'x', 'w'.": dict(missing={"z": 0.1}),
    "missing names 'group'; a row needs to know its group.": dict(missing={"group": 0.1}),
    "missing['x'] is 3; a share of missing values lies from 0 to below 1": dict(missing={"x": 3}),
    "missing['x'] is -0.1; a share": dict(missing={"x": -0.1}),
    "seed is -1; it must be at least 0.": dict(seed=-1),
    "seed is 'one'; it must be a whole number.": dict(seed="one"),
}


@pytest.mark.parametrize("text", BAD)
def test_impossible_values_are_named(text):
    params = world(beta={"Intercept": 10, "x": 2, "w": 1})
    good = dict(params=params, n_groups=4, group_size=3, seed=1)
    with pytest.raises(ValueError, match=re.escape(text)):
        simulate(**{**good, **BAD[text]})


def test_seed_is_keyword_only():
    with pytest.raises(TypeError):
        simulate(WORLD, 4, 3, 1)
