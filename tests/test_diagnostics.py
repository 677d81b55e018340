"""check_model: each finding on data that has the fault, and on data that does not."""

import ast
import warnings
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

import hlmteach as hlm
from hlmteach.diagnostics import Finding, Findings

FORMULA = "math ~ escs + desk + stratio + (1 | school_id)"
pytestmark = pytest.mark.filterwarnings("ignore")


def table(n_groups: int = 40, size=(15, 25), seed: int = 1, **changes) -> pd.DataFrame:
    """Students in schools, as in the course."""
    world = {
        "beta": {"Intercept": 480, "escs": 30, "desk": 8, "stratio": -0.5},
        "sigma_u": 40,
        "sigma_e": 80,
    } | changes
    data = hlm.simulate(
        hlm.Params(**world),
        n_groups=n_groups,
        group_size=size,
        level1={"escs": {"icc": 0.25}, "desk": {"prob": 0.85, "labels": ("no", "yes")}},
        level2={"stratio": {"mean": 15, "sd": 4}},
        outcome="math",
        group="school_id",
        seed=seed,
    )
    return data.assign(country="USA", year=2003, student_id=np.arange(len(data)) + 1)


def mixedlm(formula: str, data: pd.DataFrame, groups="school_id", fit=None, **options):
    return smf.mixedlm(formula, data, groups=groups, **options).fit(**(fit or {}))


def codes(model, data=None) -> list[str]:
    return hlm.check_model(model, data).codes


def only(model, code: str, data=None) -> Finding:
    """The finding with this code; the model must have it."""
    found = hlm.check_model(model, data)
    assert code in found.codes, f"{code} is not in {found.codes}"
    return next(finding for finding in found if finding.code == code)


def after(finding: Finding, data: pd.DataFrame, model: object = None) -> object:
    """What the pasted advice gives: its last line's value."""
    scope = {"hlm": hlm, "smf": smf, "data": data.copy(), "model": model}
    tree = ast.parse(finding.next)
    exec(compile(ast.Module(tree.body[:-1], []), "advice", "exec"), scope)
    return eval(compile(ast.Expression(tree.body[-1].value), "advice", "eval"), scope)


def cured(finding: Finding, data: pd.DataFrame) -> bool:
    """Does following the advice remove the finding?"""
    return finding.code not in codes(after(finding, data))


# ---------------------------------------------------------------- clean fits


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_found_in_clean_fits(seed):
    data = table(n_groups=30 + seed, size=(8, 30), seed=seed)
    found = hlm.check_model(hlm.lmer(FORMULA, data))
    assert found == []
    assert str(found).startswith(f"Nothing found in {FORMULA}.\nChecked: one group, or one row")


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_found_in_clean_fits_with_slopes(seed):
    data = table(n_groups=60, seed=seed, slopes={"escs": 15}, corr=0.2)
    assert codes(hlm.lmer("math ~ escs + desk + (1 + escs | school_id)", data)) == []


def test_nothing_is_found_in_a_clean_statsmodels_fit():
    data = table()
    assert codes(mixedlm("math ~ escs + desk + stratio", data)) == []
    assert codes(mixedlm("math ~ escs", data, groups=data["school_id"])) == []


@pytest.mark.parametrize("digits", [0, -1, -2])
def test_a_rounded_outcome_is_no_duplicate(digits):
    data = table()
    data["math"] = data["math"].round(digits)
    data["escs"] = data["escs"].round(0)
    assert codes(hlm.lmer(FORMULA, data.drop(columns="student_id"))) == []


def test_student_numbers_that_restart_in_each_school_are_fine():
    data = table()
    data["student_id"] = data.groupby("school_id").cumcount() + 1
    assert codes(hlm.lmer(FORMULA, data)) == []


def test_several_countries_with_ids_of_their_own_are_fine():
    data = table()
    data["country"] = np.where(data["school_id"] < "020", "USA", "FIN")
    data["school_id"] = data["country"] + data["school_id"]
    assert codes(hlm.lmer(FORMULA, data)) == []


def test_waves_within_persons_are_fine():
    rng = np.random.default_rng(3)
    data = table(n_groups=60, size=5).rename(columns={"school_id": "person"})
    data["wave"] = data.groupby("person").cumcount()
    data["gender"] = rng.choice(["f", "m"], 60)[pd.factorize(data["person"])[0]]
    model = hlm.lmer("math ~ wave + gender + (1 | person)", data.drop(columns="year"))
    assert codes(model) == []


def test_single_sex_schools_are_fine():
    data = table(n_groups=80)
    rng = np.random.default_rng(2)
    school = pd.factorize(data["school_id"])[0]
    single = rng.random(80) < 0.4
    mixed = rng.choice(["f", "m"], len(data))
    data["gender"] = np.where(single[school], rng.choice(["f", "m"], 80)[school], mixed)
    assert codes(hlm.lmer("math ~ gender + (1 | school_id)", data)) == []


def test_a_rare_answer_is_no_level2_predictor():
    data = table(n_groups=80)
    data["rare"] = np.random.default_rng(4).random(len(data)) < 0.01
    assert codes(hlm.lmer("math ~ rare + (1 | school_id)", data)) == []


# ---------------------------------------------------------------- the optimum


def stopped_short(world: hlm.Params, fixed: str, random: str, seeds: list[int], **how) -> tuple:
    """(data, model, best) where statsmodels stops short and says that it has converged.

    Which data these are depends on the machine, whose rounding statsmodels' steps amplify. The
    `seeds` are tried first, being those of one machine or another; about one in fifteen does it.
    """
    for seed in [*seeds, *range(100, 200)]:
        data = hlm.simulate(world, group_size=(5, 20), outcome="math", seed=seed, **how)
        model = mixedlm(f"math ~ {fixed}", data, groups="group", re_formula=random)
        best = hlm.lmer(f"math ~ {fixed} + ({random} | group)", data)
        if model.converged and -2 * model.llf - best.criterion > 0.1:
            return data, model, best
    raise AssertionError("statsmodels never stopped short with converged=True")


def test_a_search_of_ours_that_ended_too_early_is_told():
    rng = np.random.default_rng(3)
    g = np.repeat(np.arange(40), 12)
    x = 2 + rng.normal(size=480)
    slope, level = 1 + rng.normal(size=40), 1e4 + rng.normal(size=40)
    data = pd.DataFrame({"y": level[g] + slope[g] * x + rng.normal(size=480), "x": x, "g": g})
    fit = hlm.lmer("y ~ 0 + x + (1 + x | g)", data)
    assert not fit.converged and "did not converge" in str(hlm.summary(fit))
    finding = only(fit, "stopped-short")
    assert "still falling" in finding.what and cured(finding, data)
    assert finding.next == 'hlm.lmer("y ~ 1 + x + (1 + x | g)", data)'
    assert hlm.lmer("y ~ x + (1 + x | g)", data).converged


def test_a_search_that_ended_too_early_although_every_effect_has_a_mean():
    data = table(slopes={"escs": 15})
    fit = hlm.lmer("math ~ escs + (1 + escs | school_id)", data)
    unfinished = hlm.Fit(fit.design, replace(fit.solution, converged=False))
    finding = only(unfinished, "stopped-short")
    assert "(1 + escs_c | school_id)" in finding.next and cured(finding, data)
    assert after(finding, data).criterion == pytest.approx(fit.criterion, abs=1e-6)


def test_statsmodels_stops_short_with_converged_true():
    world = hlm.Params(beta={"Intercept": 480, "escs": 30}, sigma_u=20, sigma_e=80)
    data, model, best = stopped_short(world, "escs", "1", [14, 31, 72, 58], n_groups=20)
    finding = only(model, "stopped-short")
    assert finding.level == "problem"
    assert "says converged=True" in finding.what
    assert f"{-2 * model.llf:.2f}" in finding.what and f"{best.criterion:.2f}" in finding.what
    assert f"{model.cov_re.iloc[0, 0]:.4g} and {best.sigma_u**2:.4g}" in finding.what
    assert 'method="powell"' in finding.next
    assert cured(finding, data)


def test_statsmodels_stops_short_with_slopes_and_converged_true():
    beta = {"Intercept": 480, "escs": 30, "z": -0.5}
    world = hlm.Params(beta=beta, sigma_u=40, sigma_e=80, slopes={"escs": 6}, corr=0.3)
    z = {"z": {"mean": 15, "sd": 5}}
    seeds = [27, 52, 55, 23]
    data, model, best = stopped_short(world, "escs + z", "1 + escs", seeds, n_groups=25, level2=z)
    finding = only(model, "stopped-short")
    assert f"the lowest is {best.criterion:.2f}" in finding.what
    assert cured(finding, data)


def test_statsmodels_stops_short_with_the_slope_of_a_large_number():
    data = table(n_groups=60, slopes={"escs": 15}, corr=0.3)
    data["escs"] *= 100  # as in PISA's own scale of mean 500 and SD 100
    data["escs"] += 500
    model = mixedlm("math ~ escs", data, re_formula="~escs")
    assert model.converged
    finding = only(model, "stopped-short")
    assert "the slope of escs" in finding.what
    assert finding.next == 'hlm.lmer("math ~ escs + (1 + escs | school_id)", data)'
    assert cured(finding, data)


def test_a_stop_far_off_is_reported_although_nothing_can_be_computed_there():
    data = table(n_groups=60, slopes={"escs": 15}, corr=0.3)
    data["escs"] *= 1e8
    model = mixedlm("math ~ escs", data, re_formula="~escs")
    assert {"stopped-short", "scale"} <= set(codes(model))


def test_a_breakdown_of_statsmodels(monkeypatch):
    """Its lbfgs returns a likelihood of infinity on some ordinary data, with converged=True."""
    data = table()
    model = mixedlm("math ~ escs", data)
    monkeypatch.setattr(model.model, "loglike", lambda *_, **__: np.inf)
    monkeypatch.setattr(model._results, "fe_params", 0 * model.fe_params)
    finding = only(model, "stopped-short")
    assert "broke down and says converged=True" in finding.what and "is inf" in finding.what
    assert cured(finding, data)


def test_an_unfounded_warning_of_statsmodels_is_a_note():
    model = mixedlm("math ~ escs", table())
    model._results.converged = False
    finding = only(model, "not-converged")
    assert finding.level == "note" and "is the lowest there is" in finding.what


def test_a_zero_variance_is_singular():
    data = table()
    data["math"] -= data.groupby("school_id")["math"].transform("mean")
    finding = only(hlm.lmer(FORMULA, data), "singular")
    assert "The variance of the intercept" in finding.what and "estimated as 0" in finding.what
    fit = hlm.lmer(FORMULA, data)
    assert after(finding, data).params["escs"] == pytest.approx(fit.beta["escs"])
    assert "singular" in codes(mixedlm("math ~ escs + desk + stratio", data))


def test_predictors_that_leave_nothing_between_the_groups():
    data = table(n_groups=2)
    finding = only(hlm.lmer("math ~ escs + stratio + (1 | school_id)", data), "singular")
    assert finding.level == "problem" and "give each of the 2 groups" in finding.what
    assert finding.next.startswith('smf.ols("math ~ escs + stratio", data)')
    assert "few-groups" in codes(hlm.lmer("math ~ escs + (1 | school_id)", data))


def test_a_correlation_of_one_is_singular():
    data = table(slopes={"escs": 25}, corr=1.0, seed=2)
    finding = only(hlm.lmer("math ~ escs + (1 + escs | school_id)", data), "singular")
    assert "correlation between the intercept and the slope of escs is estimated as +1" in (
        finding.what
    )
    assert cured(finding, data)


def test_a_slope_without_variance_is_singular():
    data = table(seed=5)
    model = hlm.lmer("math ~ escs + (1 + escs || school_id)", data)
    assert model.singular
    finding = only(model, "singular")
    assert "The variance of the slope of escs" in finding.what
    assert cured(finding, data)


@pytest.mark.parametrize(("n_groups", "level"), [(6, "problem"), (20, "note")])
def test_few_groups(n_groups, level):
    data = table(n_groups=n_groups, sigma_u=60)
    model = hlm.lmer(FORMULA, data)
    finding = only(model, "few-groups")
    assert finding.level == level
    assert f"has {n_groups} groups only" in finding.what
    assert "level-2 predictors (stratio)" in finding.why
    assert after(finding, data, model)["df"]["stratio"] < n_groups


@pytest.mark.parametrize("change", [lambda x: x * 1000, lambda x: x / 1000, lambda x: x + 2000])
def test_a_slope_on_an_extreme_scale(change):
    data = table(n_groups=60, slopes={"escs": 15}, corr=0.3)
    data["escs"] = change(data["escs"])
    finding = only(mixedlm("math ~ escs", data, re_formula="~escs"), "scale")
    assert 'data["escs_z"]' in finding.next
    assert codes(after(finding, data)) == []
    assert codes(hlm.lmer("math ~ escs + (1 + escs | school_id)", data)) == []


def test_a_coefficient_of_unreadable_size():
    data = table().assign(income=lambda d: d["escs"] * 1e7)
    finding = only(hlm.lmer("math ~ income + (1 | school_id)", data), "scale")
    assert "per unit" in finding.what
    assert cured(finding, data)


# ---------------------------------------------------------------- the groups


def test_one_group():
    data = table()
    model = mixedlm("math ~ escs", data, groups="country")
    finding = only(model, "one-group")
    assert "'country' has one group only ('USA')" in finding.what
    assert finding.next == 'smf.mixedlm("math ~ escs", data, groups="school_id").fit()'
    assert codes(after(finding, data)) == []


def test_one_row_per_group():
    data = table()
    model = mixedlm("math ~ escs", data, groups="student_id")
    finding = only(model, "one-row-per-group")
    assert f"{len(data)} groups for {len(data)} rows" in finding.what
    assert codes(after(finding, data)) == []


def test_most_groups_of_one():
    data = table(n_groups=40)
    thin = pd.concat([data.groupby("school_id").head(1), data[data["school_id"] < "010"]])
    thin = thin.drop_duplicates("student_id")
    finding = only(hlm.lmer("math ~ escs + (1 | school_id)", thin), "mostly-singletons")
    assert "have one row only" in finding.what
    assert after(finding, thin)[1] == int((thin["school_id"].value_counts() == 1).sum())


@pytest.mark.parametrize("tool", ["lmer", "mixedlm"])
def test_grouped_by_a_school_variable(tool):
    data = table()
    data["stratio"] = data["stratio"].round(1)  # now a few schools share a value
    groups, schools = data["stratio"].nunique(), data["school_id"].nunique()
    assert groups < schools
    if tool == "lmer":
        model = hlm.lmer("math ~ escs + (1 | stratio)", data)
    else:
        model = mixedlm("math ~ escs", data, groups=data["stratio"])
    finding = only(model, "wrong-group")
    assert f"{groups} groups; 'school_id' has {schools}" in finding.what
    assert codes(after(finding, data)) == []


def test_grouped_by_a_school_variable_of_whole_numbers():
    data = table()
    data["enrolment"] = (data["stratio"] * 100).round(-1).astype(int)
    finding = only(hlm.lmer("math ~ escs + (1 | enrolment)", data), "wrong-group")
    assert "looks like a property of 'school_id'" in finding.why
    assert cured(finding, data)


def test_a_level_left_out():
    data = table(n_groups=120)
    data["country"] = "C" + (pd.factorize(data["school_id"])[0] % 30).astype(str)
    finding = only(hlm.lmer("math ~ escs + (1 | country)", data), "level-left-out")
    assert finding.level == "note" and "120 units of 'school_id'" in finding.what
    assert cured(finding, data)


@pytest.mark.parametrize("tool", ["lmer", "mixedlm"])
def test_ids_that_restart_in_each_country(tool):
    data = pd.concat([table(seed=1), table(seed=2).assign(country="FIN")], ignore_index=True)
    if tool == "lmer":
        model = hlm.lmer("math ~ escs + (1 | school_id)", data)
    else:
        model = mixedlm("math ~ escs", data)
    finding = only(model, "reused-label")
    assert "40 of 40 labels of 'school_id' occur in more than one 'country'" in finding.what
    assert "together they name 80 groups" in finding.what
    fixed = after(finding, data)
    assert hlm.as_fit(fixed).n_groups == 80
    assert codes(fixed) == []


def test_class_numbers_that_restart_in_each_school():
    data = table(n_groups=50)
    data["class_nr"] = data.groupby("school_id").cumcount() % 4 + 1
    finding = only(hlm.lmer("math ~ escs + (1 | class_nr)", data), "reused-label")
    assert "together they name 200 groups, and the model has 4" in finding.what
    assert "reused-label" not in codes(hlm.lmer("math ~ escs + (1 | school_id)", data))


def test_the_same_schools_in_two_years_are_a_note():
    data = pd.concat([table(seed=1), table(seed=2).assign(year=2006)], ignore_index=True)
    finding = only(hlm.lmer("math ~ escs + (1 | school_id)", data), "reused-label")
    assert finding.level == "note" and "same unit in every year" in finding.why


@pytest.mark.parametrize("tool", ["lmer", "mixedlm"])
def test_an_id_as_a_number(tool):
    data = table()
    data["school_id"] = data["school_id"].astype(int)
    if tool == "lmer":
        model = hlm.lmer("math ~ escs + school_id + (1 | school_id)", data)
    else:
        model = mixedlm("math ~ escs + school_id", data)
    finding = only(model, "id-as-number")
    assert "The id 'school_id' is a predictor, as a number" in finding.what
    assert cured(finding, data)


def test_a_student_id_as_a_number():
    finding = only(hlm.lmer("math ~ student_id + (1 | school_id)", table()), "id-as-number")
    assert "'student_id'" in finding.what


def test_a_coefficient_for_each_group():
    data = table()
    model = hlm.lmer("math ~ escs + C(school_id) + (1 | school_id)", data)
    finding = only(model, "group-dummies")
    assert "39 coefficients" in finding.what
    assert cured(finding, data)
    # Text as a predictor is as many coefficients, with no C( ) to give it away.
    finding = only(mixedlm("math ~ escs + school_id", data), "group-dummies")
    assert cured(finding, data)


# ---------------------------------------------------------------- rows


def with_gaps() -> pd.DataFrame:
    """Four schools without stratio, 30 students without escs."""
    data = table()
    data.loc[data["school_id"].isin(["001", "007", "013", "022"]), "stratio"] = np.nan
    data.loc[data.index[-30:], "escs"] = np.nan
    return data


def lost(data: pd.DataFrame) -> str:
    gone = int(data[["escs", "stratio"]].isna().any(axis=1).sum())
    return f"{gone} of {len(data)} rows"


def test_rows_lost_in_lmer():
    data = with_gaps()
    finding = only(hlm.lmer(FORMULA, data), "rows-lost")
    assert lost(data) in finding.what
    assert "escs (30)" in finding.what and "of 40 groups (1" in finding.what
    assert after(finding, data)["count"].sum() == len(data)


def test_rows_lost_before_statsmodels():
    data = with_gaps()
    model = mixedlm("math ~ escs + stratio", data.dropna())
    assert codes(model) == []  # it cannot know
    assert lost(data) in only(model, "rows-lost", data).what
    renumbered = mixedlm("math ~ escs + stratio", data.dropna().reset_index(drop=True))
    assert lost(data) in only(renumbered, "rows-lost", data).what


def test_rows_lost_inside_statsmodels():
    data = with_gaps()
    model = mixedlm("math ~ escs + stratio", data, missing="drop")
    hint = only(model, "rows-lost")
    assert 'missing="drop"' in hint.what and hint.next == "hlm.check_model(model, data)"
    finding = only(model, "rows-lost", data)
    assert lost(data) in finding.what and "of 40 groups" in finding.what


def test_rows_filtered_on_purpose_are_not_lost():
    data = pd.concat([table(seed=1), table(seed=2).assign(country="FIN")], ignore_index=True)
    assert codes(mixedlm("math ~ escs", data[data["country"] == "USA"]), data) == []


@pytest.mark.parametrize(
    ("column", "code"), [("escs", 99), ("escs", 9999), ("stratio", 997), ("math", 9997)]
)
def test_missing_values_coded_as_numbers(column, code):
    data = table()
    data.loc[[3, 50, 51], column] = float(code)
    finding = only(hlm.lmer(FORMULA, data), "missing-code")
    assert f"'{column}' is {code} in 3 rows (row labels 3, 50, 51)" in finding.what
    assert cured(finding, data)


def test_codes_of_a_yes_no_question_and_negative_codes():
    data = table()
    data["desk"] = data["desk"].map({"no": 2, "yes": 1}).astype(int)
    assert codes(hlm.lmer(FORMULA, data)) == []
    data.loc[::40, "desk"] = 9
    assert "missing-code" in codes(hlm.lmer(FORMULA, data))
    data = table().assign(books=lambda d: d["escs"].rank() // 100)
    data.loc[::40, "books"] = -9
    assert "missing-code" in codes(hlm.lmer("math ~ books + (1 | school_id)", data))


def test_large_numbers_that_belong_are_no_codes():
    data = table()
    percent = np.random.default_rng(1).integers(0, 100, len(data))
    assert codes(hlm.lmer("math ~ percent + (1 | school_id)", data.assign(percent=percent))) == []


def test_duplicated_rows():
    data = table()
    doubled = pd.concat([data, data], ignore_index=True)
    finding = only(hlm.lmer(FORMULA, doubled), "duplicated-rows")
    assert f"{len(data):,} of {len(doubled):,} rows are copies" in finding.what
    assert "square root of 2" in finding.why
    assert cured(finding, doubled)
    one = pd.concat([data, data.tail(1)], ignore_index=True)
    assert "duplicated-rows" in codes(hlm.lmer(FORMULA, one))


def test_doubled_rows_of_a_rounded_outcome():
    data = table().assign(math=lambda d: d["math"].round(-1)).drop(columns="student_id")
    doubled = pd.concat([data, data], ignore_index=True)
    assert "duplicated-rows" in codes(hlm.lmer(FORMULA, doubled))


def test_a_join_that_multiplied_rows():
    students = pd.concat([table(seed=k).assign(country=c) for k, c in enumerate("ABCD")])
    schools = students[["country", "school_id", "stratio"]].drop_duplicates()
    students = students.drop(columns="stratio")
    joined = students[students["country"] == "A"].merge(schools, on="school_id")
    found = hlm.check_model(hlm.lmer(FORMULA, joined))
    assert found.codes == ["join-multiplied"]
    assert "occurs 4.0 times" in found[0].what and "country_y, stratio" in found[0].what
    assert "on=['country', 'year', 'school_id']" in found[0].next
    right = students.merge(schools, on=["country", "school_id"], validate="m:1")
    assert codes(hlm.lmer(FORMULA, right[right["country"] == "A"])) == []


# ---------------------------------------------------------------- predictors and slopes


def test_a_level2_predictor_that_varies():
    data = table()
    rows = data.index[data["school_id"].isin(["004", "011"])]
    data.loc[rows[::3], "stratio"] = 21.5
    for model in (hlm.lmer(FORMULA, data), mixedlm("math ~ escs + stratio", data)):
        finding = only(model, "level2-varies")
        assert "several in 2: 004, 011" in finding.what
        assert list(after(finding, data).index) == ["004", "011"]


def test_a_slope_of_a_level2_predictor():
    data = table()
    model = hlm.lmer("math ~ escs + stratio + (1 + stratio | school_id)", data)
    finding = only(model, "slope-of-level2")
    assert "'stratio' has one value in every group of 'school_id'" in finding.what
    assert cured(finding, data)


def test_a_slope_that_is_not_in_the_fixed_part():
    data = table(n_groups=60, slopes={"escs": 15})
    finding = only(hlm.lmer("math ~ desk + (1 + escs | school_id)", data), "slope-not-fixed")
    assert "'escs' is not in the fixed part" in finding.what
    assert cured(finding, data)
    centred = "math ~ center(escs) + (1 + escs | school_id)"
    assert codes(hlm.lmer(centred, data)) == []


@pytest.mark.parametrize("tool", ["lmer", "mixedlm"])
def test_a_slope_without_intercept(tool):
    data = table(n_groups=60, slopes={"escs": 15})
    if tool == "lmer":
        model = hlm.lmer("math ~ escs + (0 + escs | school_id)", data)
    else:
        model = mixedlm("math ~ escs", data, re_formula="~0 + escs")
    finding = only(model, "slope-without-intercept")
    assert cured(finding, data)


@pytest.mark.parametrize("tool", ["lmer", "mixedlm"])
def test_a_fixed_part_without_intercept(tool):
    data = table()
    if tool == "lmer":
        model = hlm.lmer("math ~ 0 + escs + (1 | school_id)", data)
    else:
        model = mixedlm("math ~ escs - 1", data)
    finding = only(model, "no-fixed-intercept")
    assert cured(finding, data)
    assert "no-fixed-intercept" not in codes(hlm.lmer("math ~ 0 + desk + (1 | school_id)", data))


def test_a_predictor_that_others_determine():
    data = table().assign(twice=lambda d: 2 * d["escs"] + 3)
    finding = only(hlm.lmer("math ~ escs + twice + (1 | school_id)", data), "determined-column")
    assert "'twice' says nothing new: it follows from escs" in finding.what
    assert cured(finding, data)
    constant = hlm.lmer("math ~ escs + one + (1 | school_id)", data.assign(one=1))
    assert "same value in every row" in only(constant, "determined-column").what


def test_extreme_groups_that_carry_a_coefficient():
    beta = {"Intercept": 480, "escs": 30, "desk": 8, "stratio": -3}
    data = table(n_groups=80, seed=4, beta=beta)
    school = data["school_id"].isin(["003", "017"])
    data.loc[school, "stratio"] = 80.0
    data.loc[school, "math"] += 400
    finding = only(hlm.lmer(FORMULA, data), "extreme-groups")
    assert "2 of 80 groups lie far out on 'stratio'" in finding.what
    assert "changes its sign" in finding.what
    without = hlm.lmer(FORMULA, data[~school])
    assert f"{without.beta['stratio']:.3g} (SE {without.se['stratio']:.2g})" in finding.what
    assert after(finding, data).beta["stratio"] == pytest.approx(without.beta["stratio"])


def test_extreme_groups_in_line_with_the_others_are_fine():
    data = table(n_groups=200, sigma_u=5, seed=6)
    school = data["school_id"] == "003"
    old = data.loc[school, "stratio"]
    data.loc[school, "stratio"] = 45.0
    data.loc[school, "math"] += -0.5 * (45 - old)
    assert codes(hlm.lmer(FORMULA, data)) == []


# ---------------------------------------------------------------- other models, other arguments


def test_an_ordinary_regression_has_no_groups():
    data = table()
    model = smf.ols("math ~ escs", data).fit()
    finding = only(model, "no-groups")
    icc = hlm.lmer("math ~ 1 + (1 | school_id)", data).icc
    assert f"'school_id' hold {icc:.0%} of the variance of 'math'" in finding.what
    assert codes(after(finding, data)) == []


def test_an_ordinary_regression_with_a_coefficient_for_each_group():
    data = table()
    finding = only(smf.ols("math ~ escs + C(school_id)", data).fit(), "no-groups")
    assert finding.level == "note"
    assert finding.next == 'hlm.lmer("math ~ escs + (1 | school_id)", data)'


def test_cluster_robust_errors_are_a_note():
    data = table()
    model = smf.ols("math ~ escs", data).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(data["school_id"])[0]}
    )
    finding = only(model, "no-groups")
    assert finding.level == "note" and "cluster-robust" in finding.what


def test_arrays_instead_of_a_table():
    data = table()
    X = sm.add_constant(data[["escs"]].to_numpy())
    assert codes(sm.MixedLM(data["math"].to_numpy(), X, data["school_id"].to_numpy()).fit()) == []
    alone = only(sm.OLS(data["math"].to_numpy(), X).fit(), "no-groups")
    assert alone.level == "note"  # nothing says that these rows have groups


def test_what_is_no_fitted_model():
    data = table()
    with pytest.raises(TypeError, match=r"not fitted yet: add .fit\(\)"):
        hlm.check_model(smf.mixedlm("math ~ escs", data, groups="school_id"))
    with pytest.raises(TypeError, match="data must be the pandas DataFrame of the model, got list"):
        hlm.check_model(hlm.lmer(FORMULA, data), [1, 2])


def test_a_model_that_cannot_be_computed():
    data = table().assign(flat=lambda d: d["stratio"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = mixedlm("flat ~ escs", data)
    found = hlm.check_model(model)
    assert found.codes == ["cannot-check"]
    assert "no variance left within groups" in found[0].what


def test_models_of_more_levels_are_refused_with_a_reason():
    data = table()
    data["class_nr"] = data.groupby("school_id").cumcount() % 3
    model = mixedlm("math ~ escs", data, vc_formula={"class": "0 + C(class_nr)"})
    with pytest.raises(TypeError, match=r"variance components \(vc_formula\)"):
        hlm.check_model(model)


def test_names_with_spaces():
    data = table().rename(columns={"school_id": "school id", "escs": "home index"})
    data.loc[3, "home index"] = 999
    finding = only(hlm.lmer("math ~ `home index` + (1 | `school id`)", data), "missing-code")
    assert "(1 | `school id`)" in finding.next
    assert cured(finding, data)


def test_columns_of_lists_do_no_harm():
    data = table()
    data["answers"] = [[1, 2]] * len(data)
    data = pd.concat([data, data.tail(1)], ignore_index=True)
    assert codes(hlm.lmer(FORMULA, data)) == ["duplicated-rows"]


def test_the_table_is_left_as_it_was():
    data = with_gaps()
    before = data.copy()
    hlm.check_model(hlm.lmer(FORMULA, data), data)
    pd.testing.assert_frame_equal(data, before)


# ---------------------------------------------------------------- the course's own data


@pytest.fixture(scope="module")
def pisa():
    return hlm.datasets.pisa_like()


def usa(pisa) -> pd.DataFrame:
    students, schools = (frame[frame["country"] == "USA"] for frame in pisa)
    return students.merge(schools, on=["year", "country", "school_id"], validate="m:1")


def test_the_course_model_loses_schools_and_hangs_on_four_of_them(pisa):
    data = usa(pisa)
    found = hlm.check_model(hlm.lmer(FORMULA, data))
    assert set(found.codes) == {"rows-lost", "extreme-groups"}
    assert "27 of 164 groups" in found[0].what
    extreme = only(hlm.lmer(FORMULA, data), "extreme-groups")
    assert "(100)" in extreme.what and "changes its sign, from 0.55 (SE 0.27)" in extreme.what
    assert codes(hlm.lmer("math ~ 1 + (1 | school_id)", data)) == []


def test_the_course_model_in_statsmodels(pisa):
    complete = usa(pisa).dropna(subset=["math", "desk", "escs", "stratio"])
    model = mixedlm("math ~ desk + escs + stratio", complete)
    assert codes(model) == ["extreme-groups"]
    assert set(codes(model, usa(pisa))) >= {"rows-lost", "extreme-groups"}


def test_all_countries_without_a_key_for_the_school(pisa):
    students, schools = pisa
    both = students.merge(schools, on=["year", "country", "school_id"])
    assert "reused-label" in codes(hlm.lmer("math ~ escs + (1 | school_id)", both))
    right = hlm.lmer("math ~ escs + (1 | country:school_id)", both)
    assert "reused-label" not in codes(right)
    american = students[students["country"] == "USA"]
    wrong = american.merge(schools, on="school_id")
    assert codes(hlm.lmer("math ~ escs + (1 | school_id)", wrong)) == ["join-multiplied"]


def test_grouped_by_stratio_in_the_course_data(pisa):
    data = usa(pisa).dropna(subset=["escs", "stratio"])
    finding = only(mixedlm("math ~ escs", data, groups="stratio"), "wrong-group")
    assert finding.next == 'smf.mixedlm("math ~ escs", data, groups="school_id").fit()'


# ---------------------------------------------------------------- Findings


def findings() -> Findings:
    note = Finding("a-note", "note", "Seen.", "It matters.", "x = 1")
    problem = Finding(
        "a-problem", "problem", "1 < 2 & so on.", "It matters.", 'data["x"]\ny = "<b>"'
    )
    return Findings([note, problem], subject="y ~ x", checked=["one thing"])


def test_findings_are_a_list_with_problems_first():
    found = findings()
    assert found.codes == ["a-problem", "a-note"]
    assert [finding.level for finding in found] == ["problem", "note"]
    assert bool(Findings()) is False


def test_findings_as_text():
    text = str(findings())
    assert text.startswith("1 problem and 1 note in y ~ x\n\n1. PROBLEM: a-problem\n  What  1 < 2")
    assert '  Next  data["x"]\n        y = "<b>"\n' in text
    assert repr(findings()) == text
    assert max(map(len, text.splitlines())) <= 92


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("found", [findings(), Findings(subject="y ~ x", checked=["a thing"])])
def test_findings_as_html(found):
    page = _Tags()
    page.feed(found._repr_html_())
    assert page.open == []
    assert found.headline in page.text
    for finding in found:
        # The level is written out, not left to a colour.
        assert f"{finding.level.capitalize()}: {finding.code}" in page.text
        assert finding.what in page.text and finding.next in page.text
    assert found or "Checked: a thing." in page.text
