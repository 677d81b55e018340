"""The picture: shown once, with its alt text."""

import re
from html import unescape

import pytest
from IPython.utils.capture import capture_output
from matplotlib import pyplot as plt

import hlmteach as hlm
from hlmteach.plots.picture import picture


def shown(function, *args, **kwargs) -> list[dict]:
    from IPython.core.interactiveshell import InteractiveShell

    InteractiveShell.instance()
    with capture_output() as captured:
        function(*args, **kwargs)
    InteractiveShell.clear_instance()
    return [output.data for output in captured.outputs]


def test_show_gives_one_img_with_its_text():
    ax = hlm.plots.nesting()
    (data,) = shown(hlm.plots.show, ax)
    assert set(data) == {"text/html", "text/plain"}
    assert data["text/plain"] == hlm.plots.alt(ax)
    assert unescape(re.search('alt="(.*?)"', data["text/html"])[1]) == hlm.plots.alt(ax)


def test_axes_at_the_end_of_a_cell_show_the_same():
    assert hlm.plots.nesting()._repr_html_() == picture(hlm.plots.nesting())._repr_html_()


def test_show_closes_a_figure_of_pyplot_so_that_it_is_not_shown_twice():
    before = plt.get_fignums()
    _, ax = plt.subplots()
    hlm.plots.nesting(ax=ax)
    assert len(shown(hlm.plots.show, ax)) == 1
    assert plt.get_fignums() == before


def test_alt_text_is_escaped():
    html = picture(hlm.plots.nesting(), 'a "b" < c')._repr_html_()
    assert 'alt="a &quot;b&quot; &lt; c"' in html


def test_a_figure_of_ones_own_needs_a_text():
    fig, ax = plt.subplots()
    with pytest.raises(ValueError, match=r'not drawn by hlm.plots.*show\(ax, alt="..."\)'):
        hlm.plots.show(ax)
    (data,) = shown(hlm.plots.show, fig, alt="An empty frame.")
    assert data["text/plain"] == "An empty frame."
    assert plt.get_fignums() == []


def test_something_else_is_refused():
    with pytest.raises(TypeError, match="takes the Axes that a figure function returns; got str"):
        hlm.plots.show("caterpillar", alt="no")


def test_panels_have_one_text(full):
    panels = hlm.plots.residuals(full)
    assert hlm.plots.alt(panels) == hlm.plots.alt(panels.figure) == panels[0].hlm_alt


def test_a_picture_is_the_same_every_time(full):
    first, second = (picture(hlm.plots.caterpillar(full)).png for _ in range(2))
    assert first == second


def test_colours_survive_the_palette(full):
    import io

    import numpy as np
    from PIL import Image

    shades = np.array(
        Image.open(io.BytesIO(picture(hlm.plots.caterpillar(full)).png)).convert("RGB")
    )
    blue = np.abs(shades.astype(int) - [0x00, 0x72, 0xB2]).sum(axis=-1)
    assert blue.min() <= 6
    assert (shades.reshape(-1, 3)[0] >= 254).all()
