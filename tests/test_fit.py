"""The face of a fitted model: names, tables, predictions."""

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm

RNG = np.random.default_rng(2)
G = np.repeat(np.arange(25), 8)
DATA = pd.DataFrame({"x": RNG.normal(size=200), "z": RNG.normal(size=25)[G], "g": G})
DATA["desk"] = RNG.choice(["no", "yes"], 200)
DATA["y"] = 3 + DATA.x + RNG.normal(size=25)[G] * (1 + DATA.x) + RNG.normal(size=200)
ONE = hlm.lmer("y ~ x + z + (1 | g)", DATA)
TWO = hlm.lmer("y ~ x + z + (1 + x | g)", DATA)
APART = hlm.lmer("y ~ x + (1 + x || g)", DATA)


def test_tables_are_named():
    assert list(ONE.beta.index) == list(ONE.se.index) == ["Intercept", "x", "z"]
    assert list(ONE.cov_beta.index) == list(ONE.cov_beta.columns) == ["Intercept", "x", "z"]
    np.testing.assert_allclose(np.sqrt(np.diag(ONE.cov_beta)), ONE.se)
    assert ONE.formula == "y ~ x + z + (1 | g)"
    assert (ONE.n, ONE.n_groups, ONE.group_name, ONE.random_names) == (200, 25, "g", ["Intercept"])


def test_a_renamed_index_renames_no_other():
    first, second = ONE.refit(reml=False), ONE.refit(reml=False)
    first.beta.index.name = "coefficient"
    assert first.se.index.name is None and second.beta.index.name is None


def test_variances():
    assert ONE.icc == pytest.approx(ONE.sigma_u**2 / (ONE.sigma_u**2 + ONE.sigma_e**2))
    assert ONE.varcorr.columns.tolist() == ["group", "name", "variance", "sd"]
    assert ONE.varcorr.name.tolist() == ["Intercept", ""]
    np.testing.assert_allclose(ONE.varcorr.sd**2, ONE.varcorr.variance)
    np.testing.assert_allclose(ONE.theta, [ONE.sigma_u / ONE.sigma_e])


def test_correlations_stand_where_effects_are_correlated():
    corr = TWO.cov_u.loc["Intercept", "x"] / np.sqrt(np.diag(TWO.cov_u)).prod()
    assert TWO.varcorr.corr_Intercept[1] == pytest.approx(corr)
    assert np.isnan(TWO.varcorr.corr_Intercept[[0, 2]]).all()
    assert "corr_Intercept" not in APART.varcorr
    assert APART.cov_u.loc["Intercept", "x"] == 0
    assert TWO.n_params == 3 + 3 + 1 and APART.n_params == 2 + 2 + 1


def test_information_criteria():
    assert ONE.loglik == -ONE.criterion / 2
    assert ONE.aic == pytest.approx(ONE.criterion + 2 * 5)
    assert ONE.bic == pytest.approx(ONE.criterion + np.log(200) * 5)


def test_group_effects_by_group_and_by_name():
    assert ONE.u.index.name == "g" and ONE.u.columns.tolist() == ["u", "se"]
    assert TWO.u.index.names == ["g", "name"]
    assert TWO.u.index.get_level_values("name").unique().tolist() == ["Intercept", "x"]
    assert abs(ONE.u.u.mean()) < 1e-9  # they are deviations
    assert (ONE.u.se < ONE.sigma_u).all()


def test_shrinkage_by_hand_for_one_group():
    empty = hlm.lmer("y ~ 1 + (1 | g)", DATA)
    pull = 8 / (8 + empty.sigma_e**2 / empty.sigma_u**2)
    raw = DATA.y[DATA.g == 4].mean() - empty.beta["Intercept"]
    assert empty.u.u[4] == pytest.approx(pull * raw)
    assert empty.u.se[4] == pytest.approx(empty.sigma_u * np.sqrt(1 - pull))


def test_fitted_and_residuals_by_row():
    table = DATA.set_index(pd.Index([f"r{k}" for k in range(200)]))
    fit = hlm.lmer("y ~ x + z + (1 + x | g)", table)
    assert fit.fitted.index.equals(table.index) and fit.resid.index.equals(table.index)
    np.testing.assert_allclose(fit.fitted + fit.resid, table.y)
    u = {name: fit.u.u.xs(name, level="name").loc[table.g].to_numpy() for name in fit.random_names}
    by_hand = fit.beta["Intercept"] + fit.beta["x"] * table.x + fit.beta["z"] * table.z
    by_hand += u["Intercept"] + u["x"] * table.x
    np.testing.assert_allclose(fit.fitted, by_hand)


def test_refit():
    ml = ONE.refit(reml=False)
    assert not ml.reml
    assert ml.criterion == hlm.lmer("y ~ x + z + (1 | g)", DATA, reml=False).criterion
    assert ml.refit(reml=True).criterion == ONE.criterion


def test_predictions_of_the_rows_of_the_fit():
    for fit in (ONE, TWO):
        np.testing.assert_allclose(fit.predict(), fit.fitted)
        np.testing.assert_allclose(fit.predict(DATA), fit.fitted)
        line = fit.predict(group_effects=False)
        np.testing.assert_allclose(line, fit.design.exog @ fit.beta)
        np.testing.assert_allclose(fit.predict(DATA, group_effects=False), line)


def test_predictions_of_other_rows():
    new = pd.DataFrame({"x": [0.0, 1, 1, np.nan], "z": 0.0, "g": [3, 3, 99, 3]}, list("abcd"))
    with pytest.raises(ValueError, match="1 groups are not in the fit, '99' among them"):
        TWO.predict(new)
    known = TWO.predict(new, new_groups="zero")
    assert known.index.tolist() == list("abcd")
    assert known["a"] == pytest.approx(TWO.beta["Intercept"] + TWO.u.u[3, "Intercept"])
    assert known["b"] - known["a"] == pytest.approx(TWO.beta["x"] + TWO.u.u[3, "x"])
    assert known["c"] == pytest.approx(TWO.beta["Intercept"] + TWO.beta["x"])
    assert np.isnan(known["d"])
    without = TWO.predict(new.drop(columns="g"), group_effects=False)
    assert without["b"] == pytest.approx(known["c"])


@pytest.mark.parametrize(
    "rows, options, message",
    [
        (DATA.drop(columns="z"), {}, "The column 'z' is not in the table"),
        (DATA.drop(columns="g"), {}, "The grouping column 'g' is not in the table"),
        (DATA.assign(x="a"), {}, "'x' holds text here, unlike in the table of the fit"),
        (DATA.to_dict("list"), {}, "must be a pandas DataFrame; got dict"),
        (DATA, {"new_groups": "zeros"}, "new_groups is 'zeros'; it can be 'error' or 'zero'"),
    ],
)
def test_tables_that_cannot_be_predicted(rows, options, message):
    with pytest.raises(ValueError, match=message):
        ONE.predict(rows, **options)


@pytest.mark.parametrize("formula", ["y ~ desk + (1 | g)", "y ~ desk * x + (1 | g)"])
def test_categories_are_those_of_the_fit(formula):
    fit = hlm.lmer(formula, DATA)
    new = DATA.iloc[:3].assign(desk="yes")
    expected = fit.predict(DATA.assign(desk="yes")).iloc[:3]
    np.testing.assert_allclose(fit.predict(new), expected)
    for kind in ("category", object, pd.CategoricalDtype(["yes", "maybe"])):
        np.testing.assert_allclose(fit.predict(new.astype({"desk": kind})), expected)
    with pytest.raises(ValueError, match=r"'desk' holds \['maybe'\], which the fit has not seen"):
        fit.predict(new.assign(desk=["yes", "maybe", "no"]))
    gap = fit.predict(new.assign(desk=["yes", None, "no"]))
    assert gap.isna().tolist() == [False, True, False]


def test_transformations_remember_the_table_of_the_fit():
    fit = hlm.lmer("y ~ center(x) + scale(z) + (1 | g)", DATA)
    few = DATA.iloc[:5]
    np.testing.assert_allclose(fit.predict(few), fit.fitted.iloc[:5])


def test_groups_of_two_columns():
    table = DATA.assign(country=np.where(DATA.g < 13, "A", "B"), school=DATA.g % 13)
    fit = hlm.lmer("y ~ x + (1 | country:school)", table)
    assert fit.n_groups == 25 and fit.group_name == "country:school"
    assert fit.groups[0] == "A:0" and "B:3" in fit.groups
    same = hlm.lmer("y ~ x + (1 | g)", DATA)
    assert fit.criterion == pytest.approx(same.criterion, abs=1e-9)
    np.testing.assert_allclose(fit.predict(table), fit.fitted)


def test_no_random_intercept_has_no_sigma_u():
    fit = hlm.lmer("y ~ x + (0 + x | g)", DATA)
    with pytest.raises(ValueError, match="has no random intercept; see varcorr"):
        fit.sigma_u  # noqa: B018


def test_dropped_columns_have_no_coefficient():
    with pytest.warns(UserWarning, match="twice is determined by the predictors before it"):
        fit = hlm.lmer("y ~ x + twice + (1 | g)", DATA.assign(twice=2 * DATA.x))
    assert fit.names == ["Intercept", "x"] and fit.dropped_columns == ["twice"]
    assert fit.n_params == 4
    table = DATA.assign(twice=0.0)  # of no consequence
    np.testing.assert_allclose(fit.predict(table), fit.fitted)


def test_it_prints_as_its_summary():
    assert str(ONE) == repr(ONE) == str(hlm.summary(ONE))
    assert "<table>" in ONE._repr_html_()
