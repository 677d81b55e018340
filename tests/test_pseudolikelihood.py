"""Weighted fits against R (a dense likelihood, survey), against lmer, and against copied rows."""

import json

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.columns import DataError, MissingRowsWarning
from hlmteach.fitting import RankWarning
from hlmteach.formula import FormulaError

FORMULA = "math ~ escs + (1 | school_id)"
PISA = {"weights": "stu_wgt", "group_weights": "sch_wgt"}


@pytest.fixture(scope="module")
def reference(root):
    return json.loads((root / "tests/reference/weighted.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def data():
    students, schools = hlm.datasets.pisa_like()
    data = students.merge(schools, on=["year", "country", "school_id"])
    data = data.query("country == 'USA'").dropna(subset=["escs"])
    return data.assign(given_school=data["stu_wgt"] / data["sch_wgt"])


@pytest.fixture(scope="module")
def small(data):
    """Twelve schools with whole-number weights."""
    schools = data["school_id"].unique()[:12]
    small = data[data["school_id"].isin(schools)].copy()
    rng = np.random.default_rng(2)
    counts = pd.Series(rng.integers(1, 4, len(schools)), schools)
    return small.assign(
        times=rng.integers(1, 4, len(small)), school_times=small["school_id"].map(counts)
    )


def check(fit, theirs):
    np.testing.assert_allclose(fit.beta, [*theirs["beta"].values()], rtol=1e-8)
    np.testing.assert_allclose(fit.se, [*theirs["se"].values()], rtol=1e-5)
    np.testing.assert_allclose(fit.cov_beta, theirs["cov_beta"], rtol=1e-5)
    np.testing.assert_allclose(fit.random["variance"], theirs["variances"], rtol=1e-6)
    np.testing.assert_allclose(fit.random["se"], theirs["se_variances"], rtol=1e-5)
    assert fit.loglik == pytest.approx(theirs["loglik"], rel=1e-11)


@pytest.mark.parametrize("scaling", ["size", "effective", None])
def test_r(data, reference, scaling):
    fit = hlm.weighted(
        FORMULA, data, weights="given_school", group_weights="sch_wgt", scaling=scaling
    )
    check(fit, reference["fits"][scaling or "none"])


def test_r_with_strata(data, reference):
    fit = hlm.weighted(FORMULA, data, **PISA, strata="stratum")
    check(fit, reference["strata"])
    assert fit.df == 160 and fit.n_strata == 4


@pytest.mark.parametrize("strata", [None, "stratum"])
def test_survey_where_groups_do_not_vary(data, reference, strata):
    w = hlm.scale_weights(data["stu_wgt"], data["school_id"]) * data["sch_wgt"]
    school = data["school_id"]
    means = (w * data["math"]).groupby(school).sum() / w.groupby(school).sum()
    flat = data.assign(flat=data["math"] - school.map(means))
    fit = hlm.weighted("flat ~ escs + (1 | school_id)", flat, **PISA, strata=strata)
    theirs = reference["svyglm"]["strata" if strata else "no_strata"]
    np.testing.assert_allclose(fit.beta, [*theirs["beta"].values()], rtol=1e-9)
    np.testing.assert_allclose(fit.se, [*theirs["se"].values()], rtol=1e-9)
    assert fit.singular and fit.sigma_u == 0 and np.isnan(fit.random["se"].iloc[0])
    assert "Boundary (singular) fit: the variance between groups is zero" in str(fit)


def test_without_weights_it_is_lmer_by_ml(data):
    fit, ml = hlm.weighted(FORMULA, data), hlm.lmer(FORMULA, data, reml=False)
    np.testing.assert_allclose(fit.beta, ml.beta, rtol=1e-12)
    np.testing.assert_allclose([fit.sigma_u, fit.sigma_e], [ml.sigma_u, ml.sigma_e], rtol=1e-8)
    assert fit.loglik == pytest.approx(ml.loglik, rel=1e-13)
    np.testing.assert_allclose(fit.u, ml.u["u"], rtol=1e-6)


def test_a_row_of_weight_three_is_three_rows(small):
    fit = hlm.weighted(FORMULA, small, weights="times", scaling=None)
    copied = hlm.lmer(FORMULA, small.loc[small.index.repeat(small["times"])], reml=False)
    np.testing.assert_allclose(fit.beta, copied.beta)
    np.testing.assert_allclose([fit.sigma_u, fit.sigma_e], [copied.sigma_u, copied.sigma_e])
    assert fit.loglik == pytest.approx(copied.loglik)


def test_a_group_of_weight_three_is_three_groups(small):
    fit = hlm.weighted(FORMULA, small, group_weights="school_times")
    copies = [
        small[small["school_times"] > k].assign(school_id=lambda d, k=k: d["school_id"] + f"-{k}")
        for k in range(3)
    ]
    copied = hlm.lmer(FORMULA, pd.concat(copies), reml=False)
    np.testing.assert_allclose(fit.beta, copied.beta)
    np.testing.assert_allclose([fit.sigma_u, fit.sigma_e], [copied.sigma_u, copied.sigma_e])
    assert fit.loglik == pytest.approx(copied.loglik)


def test_only_ratios_of_group_weights_count(data):
    fit = hlm.weighted(FORMULA, data, **PISA)
    times = {"weights": "stu_wgt", "group_weights": 1e-6 * data["sch_wgt"]}
    other = hlm.weighted(FORMULA, data, **times)
    pd.testing.assert_frame_equal(fit.fixed, other.fixed, rtol=1e-9)
    pd.testing.assert_frame_equal(fit.random, other.random, rtol=1e-9)


@pytest.mark.parametrize("scaling", ["size", "effective"])
def test_the_schools_share_of_a_students_weight_cancels(data, scaling):
    total = hlm.weighted(FORMULA, data, **PISA, scaling=scaling)
    given = {"weights": "given_school", "group_weights": "sch_wgt"}
    pd.testing.assert_frame_equal(
        total.fixed, hlm.weighted(FORMULA, data, **given, scaling=scaling).fixed, rtol=1e-9
    )


def test_the_order_of_rows_does_not_matter(data):
    fit = hlm.weighted(FORMULA, data, **PISA, strata="stratum")
    mixed = hlm.weighted(FORMULA, data.sample(frac=1, random_state=1), **PISA, strata="stratum")
    pd.testing.assert_frame_equal(fit.fixed, mixed.fixed, rtol=1e-8)


def test_incomplete_rows_go_before_the_weights_are_scaled(data):
    gaps = data.assign(escs=data["escs"].where(data["student_id"] % 7 > 0), x=1.0)
    gaps.index = gaps.index * 0  # labels that do not tell rows apart
    with pytest.warns(MissingRowsWarning, match="rows have a missing value and were left out"):
        fit = hlm.weighted(FORMULA, gaps, **PISA)
    pd.testing.assert_frame_equal(
        fit.fixed, hlm.weighted(FORMULA, gaps.dropna(subset=["escs"]), **PISA).fixed
    )
    assert "were left out" in str(fit)


def test_standard_errors_are_right_on_average():
    """Schools drawn with unequal chances, related to their effect: means of 150 samples."""
    rng = np.random.default_rng(11)
    J, size = 4000, 12
    u = rng.normal(0, 2, J)
    chance = np.where(u > 0, 0.03, 0.01)
    estimates, errors, unweighted = [], [], []
    for _ in range(150):
        drawn = np.flatnonzero(rng.uniform(size=J) < chance)
        school = np.repeat(drawn, size)
        y = 10 + u[school] + rng.normal(0, 3, len(school))
        sample = pd.DataFrame({"y": y, "school": school, "g": 1 / chance[school]})
        fit = hlm.weighted("y ~ 1 + (1 | school)", sample, group_weights="g")
        unweighted.append(y.mean())
        estimates.append([fit.beta.iloc[0], fit.sigma_u**2, fit.sigma_e**2])
        errors.append([fit.se.iloc[0], *fit.random["se"]])
    truth = [10 + u.mean(), u.var(), 9]
    spread = np.std(estimates, axis=0)
    off = (np.mean(estimates, axis=0) - truth) / spread
    assert (np.abs(off) < 0.3).all()
    assert np.mean(unweighted) - truth[0] > 2 * spread[0]
    np.testing.assert_allclose(np.mean(errors, axis=0), spread, rtol=0.2)


def test_what_cannot_be_is_refused(data):
    def refused(message, formula=FORMULA, table=data, kind=DataError, **how):
        with pytest.raises(kind, match=message):
            hlm.weighted(formula, table, **{**PISA, **how})

    refused(
        "The column 'sch_wt' is not in the table. Did you mean 'sch_wgt'", group_weights="sch_wt"
    )
    refused("'stu_wgt' differs between rows of the group '00001'", group_weights="stu_wgt")
    refused("The weight 'stratum' is not a number; convert", weights="stratum")
    refused(r"weights has shape \(3,\); it takes the name of a column", weights=[1, 2, 3])
    refused("weights has other row labels than the data", weights=data["stu_wgt"].iloc[::-1])
    gone = data.assign(stu_wgt=data["stu_wgt"].where(data["student_id"] > 3))
    refused("The weight 'stu_wgt' is missing in", table=gone)
    refused("The weight 'stu_wgt' is negative", table=data.assign(stu_wgt=-data["stu_wgt"]))
    none = data.assign(stu_wgt=data["stu_wgt"].where(data["school_id"] != "00005", 0))
    refused("zero in every row of 1 groups .the first is '00005'", table=none)
    none = data.assign(sch_wgt=data["sch_wgt"].where(data["school_id"] != "00005", 0))
    refused("The group weight 'sch_wgt' is zero for the group '00005'", table=none)
    refused("scaling names 'method 2'", kind=ValueError, scaling="method 2")
    alone = data.assign(zone=np.where(data["school_id"] == "00005", "x", "y"))
    refused("1 strata of 'zone' have a single group .the first is 'x'", table=alone, strata="zone")
    refused("'gender' differs between rows of the group '00001'", strata="gender")
    refused("lets slopes vary", "math ~ escs + (1 + escs | school_id)", kind=FormulaError)
    flat = data.assign(math=data.groupby("school_id")["math"].transform("mean"))
    refused("'math' has no variance left within groups", "math ~ 1 + (1 | school_id)", flat)


def test_a_predictor_that_others_determine_is_dropped(data):
    with pytest.warns(RankWarning, match="Dropped, determined by the predictors before: double"):
        fit = hlm.weighted(
            "math ~ escs + double + (1 | school_id)", data.assign(double=2 * data["escs"]), **PISA
        )
    pd.testing.assert_frame_equal(fit.fixed, hlm.weighted(FORMULA, data, **PISA).fixed, rtol=1e-7)
    assert "Dropped, determined by other columns: double" in str(fit)


def test_pooled(data):
    key = ["year", "country", "school_id", "student_id"]
    both = data.merge(hlm.datasets.pisa_like_pv(), on=key)
    fits = [hlm.weighted(f"pv{k}math ~ escs + (1 | school_id)", both, **PISA) for k in range(1, 6)]
    pooled = hlm.pool(fits)
    between = np.var([fit.beta["escs"] for fit in fits], ddof=1)
    within = np.mean([fit.se["escs"] ** 2 for fit in fits])
    assert pooled.se["escs"] == pytest.approx(np.sqrt(within + 1.2 * between))
    assert (pooled.fixed["df"] < 163).all()
    variances = [fit.sigma_u**2 for fit in fits]
    within = np.mean([fit.random["se"].iloc[0] ** 2 for fit in fits])
    se = np.sqrt(within + 1.2 * np.var(variances, ddof=1))
    assert pooled.random["se"].iloc[0] == pytest.approx(se)
    assert pooled.kind == "weighted mixed model, scaling 'size'"


def test_it_prints(data):
    fit = hlm.weighted(FORMULA, data, **PISA)
    lines = str(fit).splitlines()
    assert lines[0] == "Weighted linear mixed model fit by pseudo-maximum-likelihood"
    assert " school_id  Intercept     898.3       202.5     29.97" in lines
    assert "Number of obs: 4732, groups: school_id, 164" in lines
    assert " escs         31.755       2.120  163.0   14.977    <0.001" in lines
    with pytest.raises(TypeError, match=r"This is what hlm.weighted returned"):
        hlm.icc(fit)
    assert lines[-1] == "Standard errors are cluster-robust (sandwich over 164 groups)"
    html = fit._repr_html_()
    assert "<caption>Fixed effects</caption>" in html and "of groups: &#x27;sch_wgt&#x27;" in html
