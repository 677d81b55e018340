"""Leaving out groups: Cook's distance by hand, and as lme4 prints it."""

import numpy as np
import pytest

import hlmteach as hlm

# R: cooks.distance(influence(lmer(math ~ desk + escs + stratio + (1 | school_id)), "school_id")),
# lme4 1.1, United States of pisa_like, complete rows; its largest values.
LME4 = [0.04600113, 0.03809799, 0.02954815, 0.02544788, 0.02022408, 0.02014933]


def test_cooks_distance_by_hand():
    world = hlm.Params(beta={"Intercept": 480, "x": 5}, sigma_u=40, sigma_e=80)
    data = hlm.simulate(world, n_groups=12, group_size=(3, 20), level2=["x"], seed=3)
    fit = hlm.lmer("y ~ x + (1 | group)", data)
    found = hlm.cooks_distance(fit)
    for group in fit.groups:
        moved = hlm.lmer(fit.formula, data[data["group"] != group]).beta - fit.beta
        by_hand = moved @ np.linalg.inv(fit.cov_beta) @ moved / 2
        assert found[group] == pytest.approx(by_hand, rel=1e-4)


def test_lme4_prints_the_same_but_for_its_factor():
    students, schools = hlm.datasets.pisa_like()
    joined = students[students["country"] == "USA"].merge(
        schools, on=["year", "country", "school_id"]
    )
    data = joined[["school_id", "math", "desk", "escs", "stratio"]].dropna()
    found = hlm.cooks_distance(hlm.lmer("math ~ desk + escs + stratio + (1 | school_id)", data))
    np.testing.assert_allclose(found.nlargest(6) * (137 - 4) / 137, LME4, rtol=1e-3)
