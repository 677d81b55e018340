"""Robust standard errors: against dense matrices, against clubSandwich, and against the truth."""

import numpy as np
import pytest

import hlmteach as hlm

WORLD = hlm.Params(beta={"Intercept": 480, "x": 30}, sigma_u=40, sigma_e=80, slopes={"x": 20})

# clubSandwich 0.5 on lme4: sqrt(diag(vcovCR(lmer(...), type = "CR1"))), United States of pisa_like,
# complete rows of math, desk, escs, stratio.
CLUB_SANDWICH = {
    "(1 | school_id)": [4.839923, 3.407891, 1.748268, 0.194126],
    "(1 + escs | school_id)": [4.8686438, 3.4325414, 1.7522371, 0.1978638],
}


@pytest.fixture(scope="module")
def data():
    return hlm.simulate(WORLD, n_groups=60, group_size=(2, 20), seed=2)


@pytest.fixture(scope="module")
def usa():
    students, schools = hlm.datasets.pisa_like()
    joined = students[students["country"] == "USA"].merge(
        schools, on=["year", "country", "school_id"]
    )
    return joined[["school_id", "math", "desk", "escs", "stratio"]].dropna()


@pytest.mark.parametrize("random", ["(1 | group)", "(1 + x | group)", "(1 + x || group)"])
def test_the_sandwich_made_of_dense_matrices(random, data):
    fit = hlm.lmer(f"y ~ x + {random}", data)
    X, Z, D = fit.design.exog, fit.design.exog_random, fit.cov_u.to_numpy()
    bread, meat = np.zeros((2, 2)), np.zeros((2, 2))
    for j in range(fit.n_groups):
        at = fit.design.codes == j
        V = Z[at] @ D @ Z[at].T + fit.sigma_e**2 * np.eye(at.sum())
        score = X[at].T @ np.linalg.solve(V, fit.design.y[at] - X[at] @ fit.beta.to_numpy())
        bread += X[at].T @ np.linalg.solve(V, X[at])
        meat += np.outer(score, score)
    inverse = np.linalg.inv(bread)
    cov = inverse @ meat @ inverse * 60 / 59
    table = hlm.robust_se(fit)
    np.testing.assert_allclose(table["robust_se"], np.sqrt(np.diag(cov)), rtol=1e-7)
    np.testing.assert_allclose(table["se"], fit.se)
    np.testing.assert_allclose(table["robust / model"], table["robust_se"] / fit.se)


@pytest.mark.parametrize("random", CLUB_SANDWICH)
def test_clubsandwich_prints_the_same(random, usa):
    table = hlm.robust_se(hlm.lmer(f"math ~ desk + escs + stratio + {random}", usa))
    np.testing.assert_allclose(table["robust_se"], CLUB_SANDWICH[random], rtol=1e-4)


def test_a_random_slope_left_out_shows_in_the_ratio(data):
    short = hlm.robust_se(hlm.lmer("y ~ x + (1 | group)", data))
    full = hlm.robust_se(hlm.lmer("y ~ x + (1 + x | group)", data))
    assert short.loc["x", "robust / model"] > 1.2
    assert full.loc["x", "robust / model"] == pytest.approx(1, abs=0.1)


def test_too_few_groups():
    data = hlm.simulate(WORLD, n_groups=2, group_size=9, seed=1)
    with pytest.raises(ValueError, match="2 groups cannot carry robust standard errors of 2"):
        hlm.robust_se(hlm.lmer("y ~ x + (1 | group)", data))
