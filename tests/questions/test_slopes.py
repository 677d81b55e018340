"""Slopes and standard errors of other estimators, against statsmodels."""

import pandas as pd
import pytest
import statsmodels.formula.api as smf

from hlmteach.questions import get, slopes
from hlmteach.questions.world import world

FIXED = "math ~ desk + escs + stratio"
YES = "desk[T.yes]"


@pytest.fixture(scope="module")
def data():
    return get("ch06.rim2").data("jo")


@pytest.fixture(scope="module")
def w(data):
    return world(data, f"{FIXED} + (1 | school_id)")


def test_an_ordinary_regression(w, data):
    fit = smf.ols(FIXED, data).fit()
    pd.testing.assert_series_equal(w.ols[0], fit.params, rtol=1e-8)
    pd.testing.assert_series_equal(w.ols[1], fit.bse, rtol=1e-8)


def test_school_dummies_have_slopes_for_students_predictors_only(w, data):
    fit = smf.ols("math ~ desk + escs + C(school_id)", data).fit()
    found = slopes.within(w)
    assert set(found) == {YES, "escs"}
    assert [found[name] for name in (YES, "escs")] == pytest.approx(fit.params[[YES, "escs"]])


@pytest.mark.parametrize("weighted", [False, True])
def test_a_regression_on_school_means(w, data, weighted):
    groups = data.assign(yes=data["desk"].eq("yes").astype(float)).groupby("school_id")
    means = groups[["math", "yes", "escs", "stratio"]].mean()
    weights = groups.size() if weighted else 1.0
    fit = smf.wls("math ~ yes + escs + stratio", means, weights=weights).fit()
    beta, se = slopes.between(w, weighted)
    assert list(beta.values()) == pytest.approx(list(fit.params))
    assert list(se.values()) == pytest.approx(list(fit.bse))


def test_cluster_robust_standard_errors(w, data):
    codes = pd.factorize(data["school_id"])[0]
    fit = smf.ols(FIXED, data).fit(cov_type="cluster", cov_kwds={"groups": codes})
    assert list(slopes.robust_se(w).values()) == pytest.approx(list(fit.bse))
