"""Satterthwaite's t-tests against lmerTest's, case by case."""

import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.inference import coefficient_tests, contrast

REFERENCE = Path(__file__).parent / "reference"
CASES = {c["name"]: c for c in json.loads((REFERENCE / "cases.json").read_text())}
# lmerTest differentiates numerically; with an offset of 1e6 or nearly collinear predictors its
# steps drown in rounding. There the exact answer is known from an equivalent, well-scaled model.
LOST = {"near_collinear", "slopes_offset", "x_offset_1e6", "y_offset_1e9"}
PISA = REFERENCE.parent.parent.parent / "shared" / "data"


def fit_case(name: str, reml: bool, **columns) -> hlm.Fit:
    case = CASES[name]
    data = pd.read_csv(REFERENCE / "data" / f"{case['data']}.csv").assign(**columns)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return hlm.lmer(case["formula"], data, reml)


@pytest.mark.parametrize("estimator", ["reml", "ml"])
@pytest.mark.parametrize("name", sorted(set(CASES) - LOST))
def test_agrees_with_lmertest(name: str, estimator: str) -> None:
    expected = json.loads((REFERENCE / "lme4" / f"{name}.json").read_text())[estimator]
    table = coefficient_tests(fit_case(name, estimator == "reml"))
    theirs = expected["satterthwaite"]
    for column, rtol in {"df": 5e-6, "t": 1e-6, "p": 1e-4}.items():
        numbers = np.array(list(theirs[column].values()), dtype=float)
        np.testing.assert_allclose(table[column], numbers, rtol=rtol, atol=1e-300)


def test_offsets_do_not_change_degrees_of_freedom() -> None:
    plain = coefficient_tests(fit_case("base", True))
    for name in ("x_offset_1e6", "y_offset_1e9"):
        shifted = coefficient_tests(fit_case(name, True))
        np.testing.assert_allclose(shifted.df.iloc[1:], plain.df.iloc[1:], rtol=1e-5)


def test_offset_of_a_random_slope_does_not_change_its_degrees_of_freedom() -> None:
    formula = CASES["slopes_offset"]["formula"]
    data = pd.read_csv(REFERENCE / "data" / f"{CASES['slopes_offset']['data']}.csv")
    column = next(name for name in data if name.startswith("x_"))
    shifted = coefficient_tests(hlm.lmer(formula, data))
    plain = coefficient_tests(hlm.lmer(formula.replace(column, "x"), data))
    np.testing.assert_allclose(shifted.df[[column, "z"]], plain.df[["x", "z"]], rtol=1e-4)


def test_near_collinear_agrees_with_the_same_model_in_other_columns() -> None:
    data = pd.read_csv(REFERENCE / "data" / "base.csv")
    data["gap"] = (data.near5 - data.x) * 1e5
    near = coefficient_tests(hlm.lmer("y ~ x + near5 + z + (1 | g)", data))
    far = coefficient_tests(hlm.lmer("y ~ x + gap + z + (1 | g)", data))
    pairs = (["Intercept", "near5", "z"], ["Intercept", "gap", "z"])
    np.testing.assert_allclose(near.df[pairs[0]], far.df[pairs[1]], rtol=1e-4)


def test_singular_random_intercept_has_n_minus_p() -> None:
    fit = fit_case("singular", True)
    assert fit.singular
    np.testing.assert_allclose(coefficient_tests(fit).df, fit.n - 3, rtol=1e-9)
    np.testing.assert_allclose(coefficient_tests(fit.refit(reml=False)).df, fit.n, rtol=1e-9)


def test_other_methods() -> None:
    fit = fit_case("base", True)
    assert list(coefficient_tests(fit, "none").columns) == ["estimate", "se", "t"]
    normal = coefficient_tests(fit, "normal")
    assert list(normal.columns) == ["estimate", "se", "z", "p"]
    assert (normal.p < coefficient_tests(fit).p).all()


def test_takes_a_statsmodels_result() -> None:
    import statsmodels.formula.api as smf

    data = pd.read_csv(REFERENCE / "data" / "base.csv")
    theirs = coefficient_tests(smf.mixedlm("y ~ x + z", data, groups="g").fit())
    np.testing.assert_allclose(theirs.df, coefficient_tests(fit_case("base", True)).df, rtol=1e-3)


def test_contrast_of_one_coefficient_is_its_test() -> None:
    fit = fit_case("slopes_base", True)
    table = coefficient_tests(fit)
    for name in fit.names:
        pd.testing.assert_series_equal(contrast(fit, {name: 1}), table.loc[name], check_names=False)
        twice = contrast(fit, {name: -2})
        assert twice.df == pytest.approx(table.df[name])
        assert twice.estimate == pytest.approx(-2 * table.estimate[name])


def test_contrast_is_the_coefficient_of_a_shifted_model() -> None:
    """Intercept + 2 x is the intercept of the model in x - 2."""
    data = pd.read_csv(REFERENCE / "data" / "slopes.csv")
    row = contrast(hlm.lmer("y ~ x + z + (1 + x | g)", data), {"Intercept": 1, "x": 2})
    shifted = hlm.lmer("y ~ x2 + z + (1 + x2 | g)", data.assign(x2=data.x - 2))
    expected = coefficient_tests(shifted).loc["Intercept"]
    np.testing.assert_allclose(row, expected, rtol=1e-5)


def test_errors_say_what_to_do() -> None:
    fit = fit_case("base", True)
    with pytest.raises(ValueError, match=r"'kenward'; it can be 'satterthwaite', 'normal'"):
        coefficient_tests(fit, "kenward")
    with pytest.raises(ValueError, match=r"'escs' is not a coefficient of this model\. Its coeff"):
        contrast(fit, {"escs": 1})
    with pytest.raises(ValueError, match="The weight of 'x' is 'a'; it must be a number"):
        contrast(fit, {"x": "a"})
    with pytest.raises(ValueError, match="Every weight is zero"):
        contrast(fit, {"x": 0})
    with pytest.raises(ValueError, match="Name the coefficients"):
        contrast(fit, [0, 1, 0])
    dropped = fit_case("collinear", True)
    with pytest.raises(ValueError, match="It was dropped from the fit"):
        contrast(dropped, {dropped.dropped_columns[0]: 1})


def test_real_rows() -> None:
    if not (PISA / "student_2003.rds").exists():
        pytest.skip("PISA 2003 is not beside the project; its rows are not part of it.")
    expected = json.loads((REFERENCE / "pisa2003" / "usa.json").read_text())
    data = usa_2003()
    for name in ("rim1", "rim2", "slope1", "slope2"):
        record = expected[name]["reml"]
        table = coefficient_tests(hlm.lmer(expected[name]["reml"]["formula"], data))
        theirs = np.array(list(record["satterthwaite"]["df"].values()), dtype=float)
        np.testing.assert_allclose(table.df, theirs, rtol=1e-4)


def usa_2003() -> pd.DataFrame:
    students, schools = hlm.datasets.pisa(2003, country="USA", path=PISA)
    columns = ["country", "school_id", "math", "desk", "escs"]
    joined = students[columns].merge(
        schools[["country", "school_id", "stratio"]], on=["country", "school_id"]
    )
    return joined.dropna().reset_index(drop=True)
