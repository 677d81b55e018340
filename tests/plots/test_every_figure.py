"""What holds for every figure: its Axes, its text, its manners."""

import warnings

import matplotlib
import numpy as np
import pytest
import statsmodels.formula.api as smf
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

import hlmteach as hlm
from hlmteach.plots.picture import Panels, picture

DRAWN = {
    "nesting": lambda m, ax: hlm.plots.nesting(ax=ax),
    "regression_line": lambda m, ax: hlm.plots.regression_line(m["data"], "escs", "math", ax),
    "level2_scatter": lambda m, ax: hlm.plots.level2_scatter(
        m["data"], "stratio", "math", "school_id", ax
    ),
    "group_means": lambda m, ax: hlm.plots.group_means(m["data"], "math", "school_id", ax),
    "sampling_distribution": lambda m, ax: hlm.plots.sampling_distribution(
        np.arange(100.0), ax, se=10.0, truth=50.0
    ),
    "variance_bars": lambda m, ax: hlm.plots.variance_bars([m["empty"], m["full"]], ax),
    "school_means_range": lambda m, ax: hlm.plots.school_means_range(m["empty"], ax),
    "caterpillar": lambda m, ax: hlm.plots.caterpillar(m["empty"], ax),
    "shrinkage": lambda m, ax: hlm.plots.shrinkage(m["empty"], ax),
    "group_lines": lambda m, ax: hlm.plots.group_lines(m["full"], ax),
    "within_between": lambda m, ax: hlm.plots.within_between(
        m["data"], "escs", "math", "school_id", ax
    ),
    "influence": lambda m, ax: hlm.plots.influence(m["full"], ax),
    "coefficients": lambda m, ax: hlm.plots.coefficients([m["full"]], ax),
    "icc_by_country": lambda m, ax: hlm.plots.icc_by_country(2003, ax),
    "ols_residuals": lambda m, ax: hlm.plots.ols_residuals(m["ols"], ax),
    "residuals": lambda m, ax: hlm.plots.residuals(m["full"], ax),
    "residuals_against": lambda m, ax: hlm.plots.residuals_against(m["full"], "escs", ax),
    "residual_spread": lambda m, ax: hlm.plots.residual_spread(m["full"], ax),
    "profile": lambda m, ax: hlm.plots.profile(m["full"], ax=ax),
}
PANELS = {"ols_residuals": 2, "residuals": 4}


@pytest.fixture(scope="module")
def models(world, empty, full):
    ols = smf.ols("math ~ escs", world).fit()
    return {"data": world, "empty": empty, "full": full, "ols": ols}


def test_every_figure_is_tried_here():
    assert {*DRAWN} == {*hlm.plots.__all__} - {"style", "alt", "show"}


@pytest.mark.parametrize("name", DRAWN)
def test_a_new_figure_leaves_no_trace(name, models):
    before, open_before = dict(matplotlib.rcParams), plt.get_fignums()
    drawn = DRAWN[name](models, None)
    assert isinstance(drawn, Panels if name in PANELS else Axes)
    assert dict(matplotlib.rcParams) == before
    assert plt.get_fignums() == open_before


@pytest.mark.parametrize("name", DRAWN)
def test_given_axes_are_drawn_on_and_returned(name, models):
    fig, given = plt.subplots(1, PANELS.get(name, 1))
    drawn = DRAWN[name](models, given)
    assert list(np.ravel(drawn)) == list(np.ravel(given))
    assert all(ax.has_data() or ax.texts for ax in np.ravel(given))
    plt.close(fig)


@pytest.mark.parametrize("name", DRAWN)
def test_the_picture_is_drawn_without_a_warning_and_has_its_text(name, models):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        shown = picture(DRAWN[name](models, None))
    assert shown.png.startswith(b"\x89PNG") and shown.width == 700
    assert len(shown.alt) > 60 and shown.alt.endswith(".") and "nan" not in shown.alt


@pytest.mark.parametrize("name", [n for n in DRAWN if n != "nesting"])
def test_axes_are_labelled(name, models):
    drawn = DRAWN[name](models, None)
    for ax in drawn if isinstance(drawn, Panels) else [drawn]:
        assert ax.get_xlabel()
        assert ax.get_ylabel() or any(text.get_text() for text in ax.get_yticklabels())


@pytest.mark.parametrize("name", DRAWN)
def test_letters_are_large_enough_and_inside_the_figure(name, models):
    drawn = DRAWN[name](models, None)
    figure = drawn.figure
    figure.draw_without_rendering()
    for text in figure.findobj(matplotlib.text.Text):
        if text.get_visible() and text.get_text().strip():
            assert text.get_fontsize() >= 9.5
    box = figure.get_tightbbox()  # in inches
    assert box.x0 >= -0.01 and box.x1 <= figure.get_figwidth() + 0.01
    assert box.y0 >= -0.01 and box.y1 <= figure.get_figheight() + 0.01


@pytest.mark.parametrize(
    "name", ["caterpillar", "shrinkage", "school_means_range", "residuals", "variance_bars"]
)
def test_a_statsmodels_result_does_as_well(name, world):
    result = smf.mixedlm("math ~ escs", world, groups="school_id").fit()
    text = hlm.plots.alt(getattr(hlm.plots, name)(result))
    assert "40 schools" in text or "schools" in text


def test_an_unknown_figure_is_named():
    with pytest.raises(AttributeError, match="has no figure 'catterpillar'; it has style, alt"):
        hlm.plots.catterpillar  # noqa: B018


def test_the_wrong_number_of_axes(full):
    fig, ax = plt.subplots(1, 2)
    with pytest.raises(ValueError, match=r"has 4 panels and ax holds 2 Axes.*subplots\(2, 2\)"):
        hlm.plots.residuals(full, ax)
    plt.close(fig)
