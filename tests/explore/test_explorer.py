"""Every explorer: pure, within its bounds, readable as text, and alive in a notebook."""

import gc
import itertools
import re
import weakref
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach import explore
from hlmteach.explore import sheet
from hlmteach.explore.explorer import STATIC_VARIABLE, Slider
from hlmteach.explore.sheet import png
from hlmteach.plots import alt

EXPLORERS = {name: getattr(explore, name)() for name in explore.__all__}
HYPHEN_FOR_MINUS = re.compile(r"-\d")
EVERY = pytest.mark.parametrize("explorer", EXPLORERS.values(), ids=EXPLORERS)


def corners(explorer):
    """All combinations of the sliders' ends; the seed, which only draws others, at its start."""
    ends = [
        [(name, slider.low), (name, slider.high)]
        for name, slider in explorer.sliders.items()
        if name != "seed"
    ]
    return [dict(corner) for corner in itertools.product(*ends)]


@EVERY
def test_a_drawing_depends_on_its_values_alone(explorer):
    once, again = explorer.draw(), explorer.draw()
    assert png(once) == png(again)
    assert alt(once) == alt(again)


@EVERY
def test_a_picture_does_not_depend_on_what_was_drawn_before(explorer):
    for corner in corners(explorer):
        png(explorer.draw())
        after_another = png(explorer.draw(**corner))
        sheet._last_ground.clear()
        assert png(explorer.draw(**corner)) == after_another, corner


@EVERY
def test_ticks_and_words_stay_while_a_slider_moves(explorer, monkeypatch):
    drawn = []
    monkeypatch.setattr(sheet.FigureCanvasAgg, "draw", lambda canvas: drawn.append(canvas))
    sheet._last_ground.clear()
    for name, slider in explorer.sliders.items():
        png(explorer.draw(**{name: slider.start}))
        png(explorer.draw(**{name: slider.start + slider.step}))
    assert len(drawn) == 1


@EVERY
def test_every_slider_changes_the_picture_and_the_sentence(explorer):
    for name, slider in explorer.sliders.items():
        far = slider.high if slider.high != slider.start else slider.low
        if name != "seed":  # other draws may well give the same rounded numbers
            assert explorer.text(**{name: far}) != explorer.text(), name
        assert png(explorer.draw(**{name: far})) != png(explorer.draw()), name


@EVERY
def test_it_draws_at_every_corner(explorer):
    for corner in corners(explorer):
        text = explorer.text(**corner)
        assert "nan" not in text and "inf" not in text, (corner, text)
        assert not HYPHEN_FOR_MINUS.search(text), (corner, text)


@EVERY
def test_the_widget_redraws_and_says_so(explorer):
    box = explorer.widget()
    *controls, picture, said = box.children[1:]
    assert [control.description for control in controls] == [
        slider.label for slider in explorer.sliders.values()
    ]
    before = picture.value
    first = controls[0]
    first.value = first.max
    assert picture.value != before
    name = next(iter(explorer.sliders))
    sentence = hlm.plots.alt(explorer.draw(**{name: first.max}))
    assert unescape(re.search("<p [^>]*>(.*?)</p>", said.value)[1]) == sentence


def test_a_redraw_leaves_no_figure_behind():
    drawn = []

    def draw(**values):
        figure = EXPLORERS["icc"].function(**values)
        drawn.append(weakref.ref(figure))
        return figure

    box = replace(EXPLORERS["icc"], function=draw).widget()
    gc.disable()  # so that only the redraw itself can have taken it away
    try:
        for value in (10, 20):
            box.children[1].value = value
        assert [figure() for figure in drawn] == [None] * 3
        assert not gc.isenabled()
    finally:
        gc.enable()
    box.children[1].value = 30
    assert gc.isenabled()


@EVERY
def test_without_a_kernel_it_is_a_strip_of_captioned_frames(explorer):
    strip = explorer.frames()
    html, plain = strip._repr_html_(), repr(strip)
    assert len(explorer.strip) >= 3
    assert html.count("<figcaption") == html.count("<img alt=") == len(explorer.strip)
    for values in explorer.strip:
        text = explorer.text(**values)
        assert text in plain
        assert not HYPHEN_FOR_MINUS.search(plain)
        assert unescape(html).count(text) == 1  # read once: the image's own text is its sliders


@pytest.mark.parametrize(("static", "kind"), [("1", "Strip"), ("", "VBox")])
def test_a_notebook_shows_sliders_and_a_built_page_shows_frames(monkeypatch, static, kind):
    shown = []
    monkeypatch.setenv(STATIC_VARIABLE, static)
    monkeypatch.setattr("IPython.display.display", lambda it: shown.append(type(it).__name__))
    EXPLORERS["icc"]._ipython_display_()
    assert shown == [kind]


def test_another_start():
    assert hlm.explore.icc(sigma_u=80).text() == hlm.explore.icc().text(sigma_u=80)
    assert hlm.explore.icc(sigma_u=80).widget().children[1].value == 80


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sigma_v": 3}, r"no slider 'sigma_v' here; there are sigma_u, .* mean 'sigma_u'\?"),
        ({"sigma_u": -1}, r"sigma_u is -1; the slider goes from 0 to 100 \(SD between schools"),
        ({"sigma_u": "40"}, r"sigma_u is '40'; it takes a number"),
        ({"sigma_u": float("nan")}, r"sigma_u is nan; the slider goes from 0 to 100"),
        ({"sigma_u": True}, r"sigma_u is True; it takes a number"),
    ],
)
def test_errors(values, message):
    with pytest.raises(ValueError, match=message):
        hlm.explore.icc(**values)
    with pytest.raises(ValueError, match=message):
        hlm.explore.icc().draw(**values)


def test_whole_numbers_stay_whole():
    slider = Slider("Schools", 2, 10, 1, 5)
    assert slider.check("n", np.float64(3.0)) == 3
    assert isinstance(slider.check("n", 3.0), int)


def test_an_unknown_explorer_names_those_there_are():
    with pytest.raises(AttributeError, match=r"no 'iccs'; it has least_squares, .*power"):
        hlm.explore.iccs  # noqa: B018
