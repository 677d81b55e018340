"""Rubin's rules against R's mice, mitools and mitml, and against the formulas written out."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

import hlmteach as hlm
from hlmteach.pool_inputs import SameFitsWarning

PVS = [f"pv{k}math" for k in range(1, 11)]


@pytest.fixture(scope="module")
def data():
    students, _ = hlm.datasets.pisa_like()
    key = ["year", "country", "school_id", "student_id"]
    data = students.merge(hlm.datasets.pisa_like_pv(), on=key)
    return data.query("country == 'USA'").dropna(subset=["escs"])


@pytest.fixture(scope="module")
def fits(data):
    return [hlm.lmer(f"{pv} ~ escs + (1 | school_id)", data) for pv in PVS]


@pytest.fixture(scope="module")
def reference(root):
    return json.loads((root / "tests/reference/pooling.json").read_text(encoding="utf-8"))


def in_r(name):
    return name.replace("Intercept", "(Intercept)")


@pytest.mark.parametrize("rule, entry", [("barnard-rubin", "barnard_rubin"), ("rubin", "rubin")])
def test_mice(fits, reference, rule, entry):
    pooled = hlm.pool(fits, df=rule).fixed
    for name, row in pooled.iterrows():
        mice = reference[f"mice_{entry}"][in_r(name)]
        ours = row[["estimate", "within", "between", "df", "riv", "fmi"]].to_numpy()
        theirs = [mice[key] for key in ("qbar", "ubar", "b", "df", "r", "fmi")]
        np.testing.assert_allclose(ours, theirs, rtol=2e-6)
        np.testing.assert_allclose(row["se"] ** 2, mice["t"], rtol=1e-6)


def test_mitools(fits, reference):
    mitools = reference["mitools"]
    pooled = hlm.pool(fits, df="rubin")
    np.testing.assert_allclose(pooled.cov_beta, mitools["vcov"], rtol=1e-6)
    np.testing.assert_allclose(pooled.fixed["fmi"], [*mitools["fmi"].values()], rtol=1e-6)


def test_mitml_averages_variances_and_iccs(fits, reference):
    pooled = hlm.pool(fits)
    ours = [*pooled.random["variance"], pooled.icc]
    np.testing.assert_allclose(ours, reference["mitml"]["values"], rtol=1e-7)
    assert pooled.sigma_u == pytest.approx(np.sqrt(pooled.random["variance"].iloc[0]))
    assert pooled.sigma_e == pytest.approx(np.sqrt(pooled.random["variance"].iloc[-1]))
    assert (pooled.random["lowest"] < pooled.random["variance"]).all()
    assert (pooled.random["highest"] > pooled.random["variance"]).all()


def test_the_formulas_written_out():
    q, se = np.array([10.0, 11.0, 13.0, 12.0]), np.array([1.0, 1.1, 0.9, 1.2])
    row = hlm.pool(zip(q, se, strict=True)).fixed.loc["estimate"]
    U, B = np.mean(se**2), np.var(q, ddof=1)
    T = U + 1.25 * B
    df = 3 * (1 + U / (1.25 * B)) ** 2
    assert row["estimate"] == 11.5 and row["se"] == pytest.approx(np.sqrt(T))
    assert row["df"] == pytest.approx(df)
    assert row["fmi"] == pytest.approx((1.25 * B / U + 2 / (df + 3)) / (1.25 * B / U + 1))
    assert row["p"] == pytest.approx(2 * stats.t.sf(11.5 / np.sqrt(T), df))
    assert row["upper"] == pytest.approx(11.5 + stats.t.ppf(0.975, df) * np.sqrt(T))


def test_rows_of_an_array_are_pairs():
    pairs = [(1.0, 0.5), (2.0, 0.6)]
    pd.testing.assert_frame_equal(hlm.pool(np.array(pairs)).fixed, hlm.pool(pairs).fixed)


def test_df_never_exceed_those_of_a_complete_data_set(fits):
    tests = [hlm.summary(fit).fixed for fit in fits]
    complete = sum(table["df"] for table in tests) / 10
    assert (hlm.pool(fits).fixed["df"] < complete).all()
    pd.testing.assert_frame_equal(hlm.pool(tests).fixed, hlm.pool(fits).fixed)


def test_equal_estimates_have_no_missing_information():
    row = hlm.pool([(1.0, 0.5)] * 3).fixed.loc["estimate"]
    assert row["se"] == 0.5 and row["between"] == 0 and row["fmi"] == 0 and row["df"] == np.inf


def test_ols(data):
    models = [smf.ols(f"{pv} ~ escs", data).fit() for pv in PVS[:3]]
    pooled = hlm.pool(models)
    assert pooled.random is None and pooled.icc is None and pooled.n == len(data)
    q = [model.params["escs"] for model in models]
    U = np.mean([model.bse["escs"] ** 2 for model in models])
    assert pooled.se["escs"] == pytest.approx(np.sqrt(U + 4 / 3 * np.var(q, ddof=1)))
    with pytest.raises(ValueError, match="have no random part"):
        _ = pooled.sigma_u


def test_statsmodels_mixedlm(data, fits):
    models = [smf.mixedlm(f"{pv} ~ escs", data, groups="school_id").fit() for pv in PVS[:3]]
    np.testing.assert_allclose(hlm.pool(models).se, hlm.pool(fits[:3]).se, rtol=1e-3)
    with pytest.raises(ValueError, match="Fit 3 is a mixed model by REML, statsmodels, fit 1 a"):
        hlm.pool([*fits[:2], models[2]])


def test_correlations_come_from_mean_covariances(data):
    fits = [hlm.lmer(f"{pv} ~ escs + (1 + escs | school_id)", data) for pv in PVS[:3]]
    cov = sum(fit.cov_u.to_numpy() for fit in fits) / 3
    random = hlm.pool(fits).random
    rho = cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1])
    assert random["corr_Intercept"].iloc[1] == pytest.approx(rho)
    np.testing.assert_allclose(random["variance"].iloc[:2], np.diag(cov))


def test_what_differs_is_named(data, fits):
    def other(text, table=data, **how):
        return [fits[0], hlm.lmer(text, table, **how)]

    cases = [
        (other("pv2math ~ escs + gender + (1 | school_id)"), "Fit 2 has the coefficients Inter"),
        (other("pv2math ~ escs + (1 + escs | school_id)"), "random effects Intercept, escs by"),
        (other("pv2math ~ escs + (1 | school_id)", reml=False), "mixed model by maximum likelih"),
        (other("pv2math ~ escs + (1 | school_id)", data.iloc[1:]), "has 4,731 rows, fit 1 has 4,"),
        (fits[:1], "1 fit: pooling needs at least two"),
        ([(1, 0.0), (1, 1)], "Item 1: estimate has estimate 1 and standard error 0"),
        ([(1, 1, 1), (1, 1)], "Item 1 has 3 parts"),
        ([([1, 2], [1]), (1, 1)], "Item 1 has 2 estimates and 1 standard errors"),
        ([pd.DataFrame({"estimate": [1]})] * 2, "Table 1 has no column 'se'"),
    ]
    for wrong, message in cases:
        with pytest.raises(ValueError, match=message):
            hlm.pool(wrong)
    moved = data.assign(school_id=data["school_id"].where(data["student_id"] > 40, "00164"))
    with pytest.raises(ValueError, match="other groups than fit 1"):
        hlm.pool(other("pv2math ~ escs + (1 | school_id)", moved))


def test_what_is_no_fit_is_refused(data, fits):
    with pytest.raises(TypeError, match="pool takes a list of fits, one for each plausible value"):
        hlm.pool(fits[0])
    with pytest.raises(TypeError, match="Fit 1 is of the type float, which pool cannot read"):
        hlm.pool([1.0, 2.0])
    with pytest.raises(TypeError, match=r"Model 1 is not fitted yet: add .fit\(\)"):
        hlm.pool([smf.ols(f"{pv} ~ escs", data) for pv in PVS])
    with pytest.raises(TypeError, match="Item 1 is not made of numbers"):
        hlm.pool([("a", 1), (1, 1)])
    with pytest.raises(TypeError, match=r"This is what hlm.pool returned, which is not one plain"):
        hlm.summary(hlm.pool(fits))
    with pytest.raises(ValueError, match="df_complete is -1"):
        hlm.pool(fits, df_complete=-1)


def test_one_plausible_value_ten_times_is_noticed(fits):
    with pytest.warns(SameFitsWarning, match="All 10 fits gave the same numbers"):
        hlm.pool([fits[0]] * 10)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hlm.pool(fits)


def test_it_prints(fits):
    pooled = hlm.pool(fits)
    lines = str(pooled).splitlines()
    assert lines[0] == "10 fits pooled by Rubin's rules (mixed model by REML)"
    assert " escs         30.851       1.368  224.7   22.549    <0.001  0.241  0.201" in lines
    assert "Number of obs: 4732, groups: school_id, 164" in lines
    assert "ICC 0.141, the mean over the fits" in lines
    assert lines[-1].startswith("df: Barnard & Rubin (1999); complete-data df are Satterthwaite's")
    html = pooled._repr_html_()
    assert "<caption>Fixed effects</caption>" in html and "Barnard &amp; Rubin" in html
