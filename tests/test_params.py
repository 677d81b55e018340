import pickle
import re
from copy import deepcopy
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hlmteach import Params
from hlmteach.params import Params as Same

GOOD = dict(beta={"Intercept": 480, "escs": 30}, sigma_u=40, sigma_e=80)


def test_letters_and_derived_values():
    world = Params(**GOOD)
    assert (world.beta["escs"], world.sigma_u, world.sigma_e) == (30.0, 40.0, 80.0)
    assert world.icc == pytest.approx(0.2)
    assert world.cov_u.to_dict() == {"Intercept": {"Intercept": 1600.0}}


def test_predictors_take_products_apart_in_order():
    beta = {"Intercept": 1, "b": 1, "a:b": 2, "c": 0}
    assert Params(beta=beta, sigma_u=1, sigma_e=1).predictors == ("b", "a", "c")


def test_covariance_of_one_slope():
    world = Params(**GOOD, slopes={"escs": 8}, corr=-0.5)
    expected = [[1600, -160], [-160, 64]]
    assert world.cov_u.to_numpy() == pytest.approx(np.array(expected))
    assert list(world.cov_u) == ["Intercept", "escs"]


def test_covariance_of_two_slopes():
    corr = [[1, 0.2, 0.1], [0.2, 1, -0.3], [0.1, -0.3, 1]]
    beta = {"Intercept": 0, "a": 1, "b": 1}
    world = Params(beta=beta, sigma_u=2, sigma_e=1, slopes={"a": 3, "b": 4}, corr=corr)
    assert world.cov_u.loc["a", "b"] == pytest.approx(-0.3 * 3 * 4)


@pytest.mark.parametrize("corr", [-1, 1, 0])
def test_a_perfect_correlation_is_a_world_too(corr):
    assert Params(**GOOD, slopes={"escs": 8}, corr=corr).corr == corr


@given(st.floats(0, 0.999), st.floats(1e-3, 1e3))
def test_from_icc_keeps_share_and_total(icc, sd):
    world = Params.from_icc(icc=icc, sd=sd, beta={"Intercept": 0})
    assert world.icc == pytest.approx(icc, abs=1e-12)
    assert np.hypot(world.sigma_u, world.sigma_e) == pytest.approx(sd)


def test_a_params_cannot_be_changed():
    world = Params(**GOOD)
    with pytest.raises(FrozenInstanceError):
        world.sigma_u = -1
    with pytest.raises(TypeError):
        world.beta["escs"] = "much"


def test_it_does_not_follow_the_mapping_it_was_given():
    beta = {"Intercept": 480, "escs": 30}
    world = Params(beta=beta, sigma_u=40, sigma_e=80)
    beta["escs"] = 99
    assert world.beta["escs"] == 30


def test_replace_checks_again():
    assert replace(Params(**GOOD), sigma_u=0).icc == 0
    with pytest.raises(ValueError, match="sigma_u is -1"):
        replace(Params(**GOOD), sigma_u=-1)


@pytest.mark.parametrize("copied", [deepcopy, lambda p: pickle.loads(pickle.dumps(p))])
def test_copies_are_equal_and_hash_alike(copied):
    world = Params(**GOOD, slopes={"escs": 8}, corr=[[1, 0.3], [0.3, 1]])
    assert copied(world) == world
    assert hash(copied(world)) == hash(world)


def test_its_text_makes_it_again():
    world = Params(beta={"Intercept": 1 / 3, "x": 2}, sigma_u=1 / 7, sigma_e=1, slopes={"x": 0.1})
    assert eval(repr(world), {"Params": Same}) == world


BAD = {
    "sigma_u is -40; the SD between groups cannot be negative.": dict(sigma_u=-40),
    "sigma_e is -80; the SD within groups cannot be negative.": dict(sigma_e=-80),
    "sigma_e is 0: every member of a group would have the same value.": dict(sigma_e=0),
    "sigma_u is nan; it must be a finite number; the SD between": dict(sigma_u=float("nan")),
    "sigma_e is inf; it must be a finite number": dict(sigma_e=float("inf")),
    "sigma_u is '40'; it must be a number": dict(sigma_u="40"),
    "sigma_u is True; it must be a number": dict(sigma_u=True),
    "sigma_u is None; it must be a number": dict(sigma_u=None),
    "beta is [480]; it must map names to coefficients": dict(beta=[480]),
    "beta['escs'] is 'x'; it must be a number": dict(beta={"Intercept": 1, "escs": "x"}),
    "beta['escs'] is nan; it must be a finite number": dict(beta={"Intercept": 1, "escs": np.nan}),
    "beta names ['escs'] and no 'Intercept'. Add \"Intercept\": 0": dict(beta={"escs": 30}),
    "beta names 3; a name is a predictor": dict(beta={"Intercept": 1, 3: 1}),
    "beta names 'escs:'; a name is a predictor": dict(beta={"Intercept": 1, "escs:": 1}),
    "beta names 'a:a'; a product needs different": dict(beta={"Intercept": 1, "a:a": 1}),
    "beta names 'Intercept:a'; the intercept cannot": dict(beta={"Intercept": 1, "Intercept:a": 1}),
    "slopes is ['escs']; it must map predictors to SDs": dict(slopes=["escs"]),
    "slopes names 'ecsc', which I do not know; I know: 'escs'. Add it to beta": dict(
        slopes={"ecsc": 8}
    ),
    "slopes['escs'] is -8; the SD of a slope between groups cannot": dict(slopes={"escs": -8}),
    "corr is 0.5, but no slope is random: there is nothing to correlate": dict(corr=0.5),
    "corr is 1.5; a correlation lies from -1 to 1.": dict(slopes={"escs": 8}, corr=1.5),
    "corr is nan; it must be a finite number": dict(slopes={"escs": 8}, corr=np.nan),
    "corr has shape (3, 3); for (Intercept, escs) it must have shape (2, 2).": dict(
        slopes={"escs": 8}, corr=np.eye(3)
    ),
    "corr must be symmetric with 1 on its diagonal.": dict(
        slopes={"escs": 8}, corr=[[1, 0.1], [0.2, 1]]
    ),
    "corr holds 2 in size; a correlation lies from -1 to 1.": dict(
        slopes={"escs": 8}, corr=[[1, 2], [2, 1]]
    ),
}


@pytest.mark.parametrize("text", BAD)
def test_impossible_values_are_named(text):
    with pytest.raises(ValueError, match=re.escape(text)):
        Params(**{**GOOD, **BAD[text]})


def test_one_correlation_is_too_few_for_two_slopes():
    beta = {"Intercept": 0, "a": 1, "b": 1}
    with pytest.raises(ValueError, match=re.escape("corr is 0.5, but 2 slopes are random (a, b).")):
        Params(beta=beta, sigma_u=1, sigma_e=1, slopes={"a": 1, "b": 1}, corr=0.5)


def test_correlations_that_cannot_hold_together():
    corr = [[1, 0.9, 0.9], [0.9, 1, -0.9], [0.9, -0.9, 1]]
    beta = {"Intercept": 0, "a": 1, "b": 1}
    with pytest.raises(ValueError, match="corr is not positive definite"):
        Params(beta=beta, sigma_u=1, sigma_e=1, slopes={"a": 1, "b": 1}, corr=corr)


@pytest.mark.parametrize("icc", [-0.1, 1, 1.5, 19])
def test_from_icc_refuses_an_impossible_share(icc):
    text = rf"icc is {icc:g}; a share of variance between groups lies from 0 to below 1"
    with pytest.raises(ValueError, match=text):
        Params.from_icc(icc=icc, sd=90, beta={"Intercept": 0})


@pytest.mark.parametrize("sd", [0, -5])
def test_from_icc_refuses_an_impossible_sd(sd):
    with pytest.raises(ValueError, match=f"sd is {sd}; the total SD of the outcome must be above"):
        Params.from_icc(icc=0.2, sd=sd, beta={"Intercept": 0})
