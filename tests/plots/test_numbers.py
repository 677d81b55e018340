"""Every figure draws the model's numbers, and says the right ones."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

import hlmteach as hlm
from hlmteach.design import DataError
from hlmteach.influence import without_each_group
from hlmteach.plots.group_effects import raw_deviations, reliability
from hlmteach.plots.lines import group_coefficients


def line(ax, label: str) -> np.ndarray:
    """The (k, 2) points of the line with this label."""
    return next(drawn for drawn in ax.lines if drawn.get_label() == label).get_xydata()


def points(ax, label: str) -> np.ndarray:
    return next(c for c in ax.collections if c.get_label() == label).get_offsets()


def test_nesting_draws_each_member_and_group():
    ax = hlm.plots.nesting(n_groups=2, group_size=[3, 5], labels=("pupil", "class"))
    texts = [text.get_text() for text in ax.texts]
    assert texts.count("1") == 2 and texts.count("5") == 1 and "Class 2" in texts
    assert len(ax.lines) == 2 * 8  # a stick and a circle each
    assert "8 pupils (level 1) nested within 2 classes" in hlm.plots.alt(ax)
    assert "(3, 5 in turn)" in hlm.plots.alt(ax)


@pytest.mark.parametrize(("groups", "size"), [(3, 4), (4, 6), (10, 2), (4, 10), (14, 1)])
def test_nesting_has_room_for_all_that_it_draws(groups, size):
    ax = hlm.plots.nesting(n_groups=groups, group_size=size)
    ax.figure.draw_without_rendering()
    to_points = 72 / ax.figure.dpi
    circles = [line for line in ax.lines if line.get_marker() == "o"]
    at = to_points * ax.transData.transform([line.get_xydata()[0] for line in circles])[:, 0]
    assert np.diff(at).min() >= circles[0].get_markersize()
    boxes = [t.get_bbox_patch().get_window_extent() for t in ax.texts if t.get_bbox_patch()]
    assert len(boxes) == groups
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))


def test_nesting_refuses_what_has_no_room():
    with pytest.raises(ValueError, match="100 members have no room in the diagram; it holds 40"):
        hlm.plots.nesting(n_groups=10, group_size=10)
    with pytest.raises(ValueError, match="holds 2 numbers for 3 groups"):
        hlm.plots.nesting(n_groups=3, group_size=[1, 2])


def test_regression_line_is_least_squares(world):
    ax = hlm.plots.regression_line(world, "escs", "math", residuals=True)
    ols = smf.ols("math ~ escs", world).fit()
    drawn = line(ax, "regression line")
    expected = ols.params["Intercept"] + ols.params["escs"] * drawn[:, 0]
    np.testing.assert_allclose(drawn[:, 1], expected, rtol=1e-10)
    sticks = next(c for c in ax.collections if c.get_label() == "residual").get_segments()
    lengths = [stick[1, 1] - stick[0, 1] for stick in sticks]
    np.testing.assert_allclose(lengths, ols.resid, atol=1e-9)
    text = hlm.plots.alt(ax)
    assert f"{ols.params['Intercept']:.0f} + {ols.params['escs']:.1f} × escs" in text
    assert f"SD is {np.sqrt(ols.scale):.1f}" in text


def test_regression_line_errors(world):
    with pytest.raises(DataError, match=r"'ecsc' is not in the table. The table has these columns"):
        hlm.plots.regression_line(world, "ecsc", "math")
    with pytest.raises(DataError, match="'one' is 1 in every row"):
        hlm.plots.regression_line(world.assign(one=1), "one", "math")
    with pytest.raises(DataError, match=r"'school_id' is .* not a number"):
        hlm.plots.regression_line(world.astype({"school_id": str}), "school_id", "math")


def test_level2_scatter_draws_means_and_sizes(world):
    ax = hlm.plots.level2_scatter(world, "stratio", "math", "school_id")
    groups = world.groupby("school_id", observed=True)
    drawn = ax.collections[0]
    expected = np.column_stack([groups["stratio"].first(), groups["math"].mean()])
    np.testing.assert_allclose(drawn.get_offsets(), expected)
    ratio = drawn.get_sizes() / groups.size()
    assert np.allclose(ratio[groups.size() > 1], ratio.iloc[-1])
    assert "40 schools" in hlm.plots.alt(ax)


def test_level2_scatter_refuses_a_level_1_predictor(world):
    with pytest.raises(DataError, match="'escs' varies within 40 of 40 values of 'school_id'"):
        hlm.plots.level2_scatter(world, "escs", "math", "school_id")


def test_group_means_are_sorted_and_all_rows_drawn(world):
    ax = hlm.plots.group_means(world, "math", "school_id")
    means = world.groupby("school_id", observed=True)["math"].mean().sort_values()
    np.testing.assert_allclose(points(ax, "mean of a school")[:, 1], means)
    assert len(points(ax, "student")) == len(world)
    text = hlm.plots.alt(ax)
    assert f"from {means.iloc[0]:.0f} to {means.iloc[-1]:.0f}" in text
    assert f"their SD is {means.std():.1f}" in text


def test_the_ticks_of_group_means_are_groups(world):
    few = world[world["school_id"].isin(world["school_id"].unique()[:5])]
    assert list(hlm.plots.group_means(few, "math", "school_id").get_xticks()) == [1, 2, 3, 4, 5]


def test_group_means_picks_from_many(world):
    ax = hlm.plots.group_means(world, "math", "school_id", most=10)
    means = world.groupby("school_id", observed=True)["math"].mean()
    drawn = points(ax, "mean of a school")[:, 1]
    assert len(drawn) == 10
    assert drawn[0] == means.min() and drawn[-1] == means.max()
    assert "10 of them are drawn" in hlm.plots.alt(ax)


def test_residuals_say_what_each_panel_shows(full):
    axes = hlm.plots.residuals(full)
    fixed, effects = axes[2].collections[0].get_offsets().T
    r = np.corrcoef(fixed, effects)[0, 1]
    assert f"the fixed part, school mean, their correlation is {r:.2f}." in hlm.plots.alt(axes)


def test_sampling_distribution_compares_the_two_errors():
    draws = np.random.default_rng(1).normal(3.0, 2.0, 500)
    ax = hlm.plots.sampling_distribution(draws, se=1.0, truth=3.0)
    assert sum(bar.get_height() for bar in ax.patches) == 500
    ax.figure.draw_without_rendering()
    tallest = max(bar.get_window_extent().y1 for bar in ax.patches)
    covers = [text.get_bbox_patch() for text in ax.texts if text.get_bbox_patch()]
    assert covers and all(cover.get_window_extent().y0 > tallest for cover in covers)
    share = f"{100 / draws.std(ddof=1):.0f} % of that SD"
    assert share in hlm.plots.alt(ax)
    two = hlm.plots.sampling_distribution({"OLS": draws, "mixed": draws}, se={"OLS": 1.0})
    assert len(two) == 2 and two[0].get_xlim() == two[1].get_xlim()
    assert "by OLS" in hlm.plots.alt(two) and "by mixed" in hlm.plots.alt(two)


def test_sampling_distribution_refuses_gaps():
    with pytest.raises(ValueError, match="1 of the 3 estimates of 'OLS' are missing"):
        hlm.plots.sampling_distribution({"OLS": [1.0, np.nan, 2.0]})
    with pytest.raises(ValueError, match="There are 1 estimates"):
        hlm.plots.sampling_distribution([1.0])


def test_variance_bars_are_the_variances(empty, full):
    ax = hlm.plots.variance_bars([empty, full], names=["m0", "m1"])
    widths = [bar.get_width() for bar in ax.patches]
    expected = [f.sigma_u**2 for f in (empty, full)] + [f.sigma_e**2 for f in (empty, full)]
    np.testing.assert_allclose(widths, expected)
    for name, fit in (("m0", empty), ("m1", full)):
        assert f"{name}: {fit.sigma_u**2:,.0f} between" in hlm.plots.alt(ax)
        assert f"ICC {fit.icc:.2f}" in hlm.plots.alt(ax)


def test_school_means_range_is_two_sds_each_way(empty):
    ax = hlm.plots.school_means_range(empty)
    mean, reach = empty.beta["Intercept"], 1.959964 * empty.sigma_u
    low, high = (float(text.get_text()) for text in ax.texts)
    assert (low, high) == (round(mean - reach), round(mean + reach))
    assert f"between {low:.0f} and {high:.0f}" in hlm.plots.alt(ax)
    curve = line(ax, "schools' means")
    assert abs(curve[curve[:, 1].argmax(), 0] - mean) < 1
    with pytest.raises(ValueError, match="level is 95"):
        hlm.plots.school_means_range(empty, level=95)


def test_school_means_range_without_variance_between():
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"y": np.tile([1.0, 2.0, 3.0], 10), "g": np.repeat(range(10), 3)})
    fit = hlm.lmer("y ~ 1 + (1 | g)", data.assign(y=data.y + 1e-3 * rng.random(30)))
    assert fit.sigma_u == 0
    assert "with SD 0," in hlm.plots.alt(hlm.plots.school_means_range(fit))


def test_caterpillar_points_are_the_sorted_effects(empty):
    ax = hlm.plots.caterpillar(empty)
    drawn = np.vstack([line(ax, "interval includes 0"), line(ax, "interval leaves out 0")])
    drawn = drawn[drawn[:, 0].argsort()]
    table = hlm.ranef(empty, level=0.95).sort_values("u")
    np.testing.assert_allclose(drawn[:, 1], table["u"])
    segments = np.vstack([c.get_segments() for c in ax.collections])
    segments = segments[segments[:, 0, 0].argsort()]
    np.testing.assert_allclose(segments[:, :, 1], table[["lower", "upper"]])
    apart = int(((table["lower"] > 0) | (table["upper"] < 0)).sum())
    assert len(line(ax, "interval leaves out 0")) == apart
    assert f"{apart} of the 40 intervals leave out 0" in hlm.plots.alt(ax)
    assert f"(school {table.index[0]})" in hlm.plots.alt(ax)


def test_caterpillar_of_slopes(slopes):
    ax = hlm.plots.caterpillar(slopes, effect="escs")
    drawn = np.vstack([line(ax, "interval includes 0"), line(ax, "interval leaves out 0")])
    expected = slopes.u.xs("escs", level="name")["u"]
    np.testing.assert_allclose(np.sort(drawn[:, 1]), np.sort(expected))
    with pytest.raises(ValueError, match="no random effect 'desk'; it has: Intercept, escs"):
        hlm.plots.caterpillar(slopes, effect="desk")


@pytest.mark.parametrize("model", ["empty", "full"])
def test_shrinkage_multiplies_by_the_reliability(model, request):
    fit = request.getfixturevalue(model)
    ax = hlm.plots.shrinkage(fit)
    raw, predicted = np.asarray(points(ax, "a school; larger: more students")).T
    np.testing.assert_allclose(predicted, fit.u["u"])
    np.testing.assert_allclose(predicted, reliability(fit) * raw, atol=1e-8)
    np.testing.assert_allclose(raw, raw_deviations(fit))
    smallest = reliability(fit)[fit.design.sizes.argmin()]
    assert f"keeps {100 * smallest:.0f} %" in hlm.plots.alt(ax)


def test_shrinkage_of_the_empty_model_is_of_the_group_means(world, empty):
    means = world.groupby("school_id", observed=True)["math"].mean()
    np.testing.assert_allclose(
        raw_deviations(empty), means.loc[empty.groups] - empty.beta["Intercept"], atol=1e-9
    )


def test_shrinkage_refuses_random_slopes(slopes):
    with pytest.raises(ValueError, match=r"has random slopes .*caterpillar"):
        hlm.plots.shrinkage(slopes)


def test_within_between_draws_the_two_slopes_of_the_model(world):
    ax = hlm.plots.within_between(world, "escs", "math", "school_id")
    parts = hlm.center(world, "escs", "school_id")
    fit = hlm.lmer("math ~ escs_within + escs_mean + (1 | school_id)", parts)
    short = np.array(ax.collections[0].get_segments())
    rise, run = (short[:, 1] - short[:, 0]).T[::-1]
    np.testing.assert_allclose(rise / run, fit.beta["escs_within"], rtol=1e-8)
    means = world.groupby("school_id")[["escs", "math"]].mean().sort_values("escs")
    np.testing.assert_allclose(short.mean(axis=1), means)
    np.testing.assert_allclose(points(ax, "a school's means"), means)
    ends = ax.lines[-1].get_xydata()
    expected = fit.beta["Intercept"] + fit.beta["escs_mean"] * ends[:, 0]
    np.testing.assert_allclose(ends[:, 1], expected, rtol=1e-8)
    text = hlm.plots.alt(ax)
    assert "of 40 schools. Through" in text
    assert f"slope within schools, {fit.beta['escs_within']:.1f}." in text
    assert f"slope between schools, {fit.beta['escs_mean']:.1f}:" in text


def test_within_between_draws_some_groups_and_fits_all(world):
    few = hlm.plots.within_between(world, "escs", "math", "school_id", most=5)
    every = hlm.plots.within_between(world, "escs", "math", "school_id")
    assert len(points(few, "a school's means")) == 5
    np.testing.assert_allclose(few.lines[-1].get_xydata(), every.lines[-1].get_xydata())
    assert "of 40 schools, of which 5 are drawn" in hlm.plots.alt(few)


def test_within_between_refuses_a_level_2_predictor(world):
    with pytest.raises(DataError, match="one value for each"):
        hlm.plots.within_between(world, "stratio", "math", "school_id")


@pytest.mark.parametrize("model", ["full", "slopes"])
def test_group_lines_agree_with_predict(model, request):
    fit = request.getfixturevalue(model)
    starts, slopes = group_coefficients(fit, "escs")
    held = fit.design.frame.loc[fit.design.index].assign(escs=0.0)
    if "stratio" in held:
        held["stratio"] = held["stratio"].mean()
    one_each = held.drop_duplicates("school_id")
    for x in (0.0, 1.5):
        expected = fit.predict(one_each.assign(escs=x)).to_numpy()
        at = fit.groups.get_indexer(one_each["school_id"])
        np.testing.assert_allclose((starts + slopes * x)[at], expected)


def test_group_lines_draws_them(full, slopes):
    ax = hlm.plots.group_lines(full)
    assert len(ax.collections[0].get_segments()) == 40
    drawn = line(ax, "average school")
    rise = (drawn[1, 1] - drawn[0, 1]) / (drawn[1, 0] - drawn[0, 0])
    assert rise == pytest.approx(full.beta["escs"])
    assert "parallel: only their heights differ" in hlm.plots.alt(ax)
    assert "not parallel: slopes run from" in hlm.plots.alt(hlm.plots.group_lines(slopes, x="escs"))


def test_group_lines_errors(world, empty, full):
    with pytest.raises(ValueError, match="no predictor that is a number and varies within"):
        hlm.plots.group_lines(empty)
    with pytest.raises(ValueError, match=r"of 'desk'. Give x, one of: escs, stratio"):
        hlm.plots.group_lines(full, x="desk")
    square = hlm.lmer("math ~ escs + I(escs**2) + (1 | school_id)", world)
    with pytest.raises(ValueError, match="'escs' also enters the model through"):
        hlm.plots.group_lines(square, x="escs")


def test_influence_refits_are_exact(world, full):
    table = without_each_group(full)
    for group in full.groups[[0, 17]]:
        less = hlm.lmer(full.formula, world[world["school_id"] != group])
        np.testing.assert_allclose(table.loc[group, less.names], less.beta, rtol=1e-6)
        assert table.loc[group, "sigma_u"] == pytest.approx(less.sigma_u, rel=1e-4)


def test_influence_draws_the_largest_changes(full):
    ax = hlm.plots.influence(full, coefficient="stratio", most=5)
    left = without_each_group(full)["stratio"]
    change = (left - full.beta["stratio"]).abs().sort_values(ascending=False)
    np.testing.assert_allclose(line(ax, "without one school")[:, 0], left[change.index[:5]])
    names = [text.get_text() for text in ax.get_yticklabels()]
    assert names[0] == f"without {change.index[0]}" and names[-1].startswith("the other 35")
    assert f"without school {change.index[0]} it is" in hlm.plots.alt(ax)
    with pytest.raises(ValueError, match="coefficient names 'desk'"):
        hlm.plots.influence(full, coefficient="desk")


def test_influence_says_nothing_where_the_rest_cannot_be_fitted():
    data = pd.DataFrame({"y": [1.0, 2, 3, 5], "g": [1, 1, 2, 2]})
    table = without_each_group(hlm.lmer("y ~ 1 + (1 | g)", data))
    assert table.isna().all(axis=None)


def test_coefficients_and_intervals(empty, full):
    ax = hlm.plots.coefficients({"m0": empty, "m1": full})
    tests = hlm.coefficient_tests(full)
    (drawn,) = ax.containers
    assert drawn.get_label() == "m1"
    np.testing.assert_allclose(drawn.lines[0].get_xdata(orig=False), tests["estimate"].iloc[1:])
    (low, _), (high, _) = drawn.lines[2][0].get_segments()[1]
    # An interval of 95 % touches zero exactly where the test has p = .05.
    reach = (high - low) / 2 / tests["se"]["stratio"]
    assert 1.96 < reach < 2.1
    assert f"m1: escs {full.beta['escs']:.1f} (" in hlm.plots.alt(ax)


def test_coefficients_errors(empty, full):
    with pytest.raises(ValueError, match="an intercept only"):
        hlm.plots.coefficients(empty)
    with pytest.raises(ValueError, match="No model has a coefficient 'desk'"):
        hlm.plots.coefficients(full, terms=["desk"])


def test_icc_by_country_is_the_table():
    ax = hlm.plots.icc_by_country(2003, highlight=["USA", "FIN"])
    table = hlm.datasets.icc_by_country(2003).sort_values("icc", ascending=False)
    drawn = np.vstack([drawn.get_xydata() for drawn in ax.lines])
    np.testing.assert_allclose(drawn[drawn[:, 1].argsort(), 0], table["icc"])
    assert [text.get_text() for text in ax.get_yticklabels()] == list(table["name"])
    assert "Marked: United States 0.26 and Finland 0.05" in hlm.plots.alt(ax)
    with pytest.raises(ValueError, match="highlight names 'US'"):
        hlm.plots.icc_by_country(highlight="US")


def test_residual_panels(full, world):
    level1, quantiles, level2, _ = hlm.plots.residuals(full)
    drawn = np.asarray(level1.collections[0].get_offsets())
    np.testing.assert_allclose(drawn, np.column_stack([full.fitted, full.resid]))
    np.testing.assert_allclose(quantiles.lines[1].get_ydata(), np.sort(full.resid) / full.sigma_e)
    np.testing.assert_allclose(level2.collections[0].get_offsets()[:, 1], full.u["u"])
    assert f"SD {full.resid.std():.1f}" in hlm.plots.alt((level1,))


def test_level_2_residuals_are_scaled_to_one():
    params = hlm.Params(beta={"Intercept": 0}, sigma_u=40, sigma_e=80)
    data = hlm.simulate(params, n_groups=2000, group_size=(2, 40), seed=5)
    panel = hlm.plots.residuals(hlm.lmer("y ~ 1 + (1 | group)", data))[3]
    assert np.std(panel.lines[1].get_ydata()) == pytest.approx(1, abs=0.05)


def test_ols_residuals(world):
    ols = smf.ols("math ~ escs", world).fit()
    left, right = hlm.plots.ols_residuals(ols)
    np.testing.assert_allclose(
        left.collections[0].get_offsets(), np.column_stack([ols.fittedvalues, ols.resid])
    )
    np.testing.assert_allclose(right.lines[1].get_ydata(), np.sort(ols.resid))
    with pytest.raises(TypeError, match="fitted ordinary regression is needed here"):
        hlm.plots.ols_residuals(world)
