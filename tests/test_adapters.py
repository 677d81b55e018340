"""A statsmodels result shown as a Fit: statsmodels' own numbers, and lme4's standard errors."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from statsmodels.regression.mixed_linear_model import MixedLM

import hlmteach as hlm

REFERENCE = Path(__file__).parent / "reference"
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
RNG = np.random.default_rng(1)
G = np.repeat(np.arange(30), 12)
DATA = pd.DataFrame({"x": RNG.normal(size=360), "z": RNG.normal(size=30)[G]})
DATA["f"] = RNG.choice(list("abc"), 360)
DATA["yes"] = RNG.random(360) < 0.5
DATA["g"] = [f"s{k:02d}" for k in G]
DATA["y"] = 5 + DATA.x - DATA.z + RNG.normal(size=(30, 2))[G] @ [1, 0]
DATA["y"] += RNG.normal(size=30)[G] * DATA.x * 0.7 + RNG.normal(size=360)
HOLES = DATA.assign(x=DATA.x.where(DATA.index % 17 > 0), y=DATA.y.where(~DATA.index.isin([6, 7])))
MIXED = DATA.sample(frac=1, random_state=1)
X = DATA[["x", "z"]]


def formula(text="y ~ x + z", data=DATA, groups="g", reml=True, **options):
    return smf.mixedlm(text, data, groups=groups, **options).fit(reml=reml)


RESULTS = {
    "groups by name": lambda: formula(),
    "groups as Series": lambda: formula(groups=DATA.g),
    "groups as array": lambda: formula(groups=DATA.g.to_numpy()),
    "groups are integers": lambda: formula(data=DATA.assign(g=G)),
    "groups are categories": lambda: formula(data=DATA.assign(g=DATA.g.astype("category"))),
    "maximum likelihood": lambda: formula(reml=False),
    "categorical": lambda: formula("y ~ x + C(f)"),
    "interactions": lambda: formula("y ~ x * f + yes + I(z**2)"),
    "no intercept": lambda: formula("y ~ 0 + x + z"),
    "random slope": lambda: formula(re_formula="~x"),
    "random slope, ML": lambda: formula(re_formula="~x", reml=False),
    "slope only": lambda: formula(re_formula="0 + x"),
    "two slopes": lambda: formula(re_formula="~x + z"),
    "missing rows": lambda: formula(data=HOLES, missing="drop", re_formula="~x"),
    "missing rows, Series": lambda: formula(data=HOLES, missing="drop", groups=HOLES.g),
    "rows in any order": lambda: formula(data=MIXED, re_formula="~x"),
    "filtered rows": lambda: formula(data=DATA[DATA.x > -1]),
    "index not unique": lambda: formula(data=DATA.set_index("yes")),
    "arrays": lambda: MixedLM(
        DATA.y.to_numpy(), sm.add_constant(X.to_numpy()), groups=G, exog_re=np.ones((360, 1))
    ).fit(),
    "arrays, random slope": lambda: MixedLM(
        DATA.y.to_numpy(), sm.add_constant(X.to_numpy()), G, sm.add_constant(DATA.x.to_numpy())
    ).fit(),
    "tables": lambda: MixedLM(DATA.y, sm.add_constant(X), groups=DATA.g).fit(),
    "constant column last": lambda: MixedLM(DATA.y, X.assign(const=1.0), groups=DATA.g).fit(),
    "boundary": lambda: formula(data=DATA.assign(y=np.sin(1e4 * DATA.x))),
}


@pytest.fixture(scope="module", params=RESULTS)
def result(request):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return RESULTS[request.param]()


def test_the_numbers_are_those_of_statsmodels(result):
    fit = hlm.as_fit(result)
    assert fit.source == "statsmodels"
    assert fit.reml == (result.method == "REML")
    assert fit.criterion == pytest.approx(-2 * result.llf, abs=1e-6)
    names = ["Intercept" if n == "const" else n for n in result.model.exog_names]
    theirs = pd.Series(np.asarray(result.fe_params), names)
    np.testing.assert_allclose(fit.beta, theirs[fit.names], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(fit.cov_u, np.asarray(result.cov_re), rtol=1e-9, atol=1e-12)
    assert fit.sigma_e**2 == pytest.approx(result.scale, rel=1e-9)
    assert (fit.n, fit.n_groups) == (result.nobs, len(result.random_effects))
    np.testing.assert_allclose(fit.fitted, np.asarray(result.fittedvalues), atol=1e-9)
    np.testing.assert_allclose(fit.resid, np.asarray(result.resid), atol=1e-9)
    for group, effects in result.random_effects.items():
        ours = fit.u.u.loc[[group]] if fit.u.index.nlevels == 1 else fit.u.u.loc[group]
        np.testing.assert_allclose(ours, effects, atol=1e-9)


def test_standard_errors_are_those_given_the_variances(result):
    """lme4's: (X' V^-1 X)^-1 written out, and not statsmodels', which differ."""
    fit, model = hlm.as_fit(result), result.model
    information = np.zeros((len(fit.names),) * 2)
    for exog, Z in zip(model.exog_li, model.exog_re_li, strict=True):
        V = result.scale * np.eye(len(Z)) + Z @ np.asarray(result.cov_re) @ Z.T
        information += exog.T @ np.linalg.solve(V, exog)
    se = np.sqrt(np.diag(np.linalg.inv(information)))
    names = ["Intercept" if n == "const" else n for n in model.exog_names]
    np.testing.assert_allclose(fit.se, pd.Series(se, names)[fit.names], rtol=1e-8)


def test_a_refit_is_never_worse(result):
    fit = hlm.as_fit(result)
    assert fit.refit(reml=fit.reml).criterion <= fit.criterion + 1e-9
    assert fit.refit(reml=False).source == "hlmteach"


@pytest.mark.parametrize("name", ["base", "factor3", "interaction", "slopes_base", "no_intercept"])
def test_standard_errors_are_lme4s(name):
    cases = {c["name"]: c for c in json.loads((REFERENCE / "cases.json").read_text())}
    data = pd.read_csv(REFERENCE / "data" / f"{cases[name]['data']}.csv")
    fixed, random = cases[name]["formula"].rstrip(")").split(" + (")
    slope = {"re_formula": "~x"} if random.startswith("1 + x") else {}
    result = smf.mixedlm(fixed, data, groups="g", **slope).fit(method="bfgs", gtol=1e-9)
    theirs = json.loads((REFERENCE / "lme4" / f"{name}.json").read_text())["reml"]
    # statsmodels' formulas put categoricals first, so the order is not R's.
    se = sorted(hlm.as_fit(result).se)
    np.testing.assert_allclose(se, sorted(theirs["se"].values()), rtol=1e-5)


@pytest.mark.parametrize(
    "name, text",
    [
        ("groups by name", "y ~ x + z + (1 | g)"),
        ("groups as Series", "y ~ x + z + (1 | g)"),
        ("groups as array", "y ~ x + z + (1 | g)"),
        ("random slope", "y ~ x + z + (1 + x | g)"),
        ("slope only", "y ~ x + z + (0 + x | g)"),
        ("missing rows", "y ~ x + z + (1 + x | g)"),
        ("arrays", "y ~ const + x1 + x2 + (1 | group)"),
        ("arrays, random slope", "y ~ const + x1 + x2 + (1 + x_re2 | group)"),
        ("tables", "y ~ const + x + z + (1 | g)"),
    ],
)
def test_the_formula_as_lme4_would_write_it(name, text):
    assert hlm.as_fit(RESULTS[name]()).formula == text


@pytest.mark.parametrize("text", ["y ~ x + z", "y ~ x * f + I(z**2)", "y ~ 0 + x + C(f)"])
def test_predictions_of_new_rows(text):
    result = formula(text, re_formula="~x")
    fit, new = hlm.as_fit(result), DATA.iloc[[3, 100, 200]].assign(y=np.nan)
    line = fit.predict(new, group_effects=False)
    np.testing.assert_allclose(line, result.predict(new), rtol=1e-9)
    np.testing.assert_allclose(fit.predict(new), fit.fitted.loc[new.index], rtol=1e-9)
    stranger = new.assign(g="elsewhere")
    np.testing.assert_allclose(fit.predict(stranger, new_groups="zero"), line)
    with pytest.raises(ValueError, match="'elsewhere'"):
        fit.predict(stranger)
    gap = fit.predict(new.assign(x=[0.5, np.nan, 1.0]), group_effects=False)
    assert gap.isna().tolist() == [False, True, False]


@pytest.mark.parametrize(
    "change, cause",
    [
        (lambda rows: rows.drop(columns="x"), "name 'x' is not defined"),
        (lambda rows: rows.assign(x="a"), "with the same kinds of values"),
        (lambda rows: pd.concat([rows, rows[["x"]]], axis=1), "the columns that the formula names"),
    ],
)
def test_a_table_that_cannot_be_predicted(change, cause):
    fit = hlm.as_fit(formula("y ~ x + z"))
    with pytest.raises(ValueError, match=f"'y ~ x \\+ z' cannot be worked out.*{cause}"):
        fit.predict(change(DATA.head(3)))


def test_arrays_cannot_predict_from_a_table():
    with pytest.raises(ValueError, match="came from arrays"):
        hlm.as_fit(RESULTS["arrays"]()).predict(DATA)


def test_a_fit_stays_itself():
    fit = hlm.lmer("y ~ x + (1 | g)", DATA)
    assert hlm.as_fit(fit) is fit


def test_that_statsmodels_did_not_converge_is_kept():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = smf.mixedlm("y ~ x", DATA, groups="g", re_formula="~x").fit(maxiter=1)
    assert hlm.as_fit(result).converged == result.converged


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: smf.ols("y ~ x", DATA).fit(), "ordinary regression, which has no groups"),
        (lambda: smf.mixedlm("y ~ x", DATA, groups="g"), r"not fitted yet: add \.fit\(\)"),
        (
            lambda: formula(vc_formula={"f": "0 + C(f)"}),
            "variance components .* one grouping factor",
        ),
        (
            lambda: MixedLM(DATA.y.to_numpy(), X.to_numpy(), G).fit_regularized(alpha=50.0),
            "shrunken or held fixed",
        ),
        (lambda: DATA, r"hlm\.lmer\(\.\.\.\); got DataFrame"),
        (lambda: None, "got NoneType"),
        (lambda: smf.glm("y ~ x", DATA).fit(), "got GLMResultsWrapper"),
    ],
)
def test_other_models_are_refused(make, message):
    with pytest.raises(TypeError, match=message):
        hlm.as_fit(make())


@pytest.mark.parametrize("likelihood", [np.inf, np.nan])
def test_a_result_that_statsmodels_broke_down_on(monkeypatch, likelihood):
    result = formula("y ~ x")
    monkeypatch.setattr(result.model, "loglike", lambda *_, **__: likelihood)
    monkeypatch.setattr(result._results, "fe_params", 0 * result.fe_params)
    with pytest.raises(ValueError, match=f"statsmodels broke down here.* is {likelihood}"):
        hlm.as_fit(result)


def test_a_result_whose_fixed_effects_do_not_follow_from_its_variances(monkeypatch):
    result = formula("y ~ x")
    monkeypatch.setattr(result._results, "fe_params", 1.5 * result.fe_params)
    with pytest.raises(ValueError, match=r"lost its digits here.*Rescale"):
        hlm.as_fit(result)
