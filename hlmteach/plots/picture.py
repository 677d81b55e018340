"""The picture: what a notebook shows of a figure, and the text that stands for it."""

import base64
import io
import sys
from dataclasses import dataclass
from html import escape
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .palette import style

DPI = 200  # two dots a pixel of the page, for sharp screens
PIXELS = 100  # pixels of the page per inch
COLOURS = 128  # plots have few colours: a palette makes the file a third as large


@dataclass(frozen=True, repr=False)
class Picture:
    """A drawn figure and its alt text.

    Attributes
    ----------
    png : the image
    alt : the text that stands for it
    width : width on the page, in pixels
    """

    png: bytes
    alt: str
    width: int

    def _repr_html_(self) -> str:
        data = base64.b64encode(self.png).decode()
        return (
            f'<img alt="{escape(self.alt)}" width="{self.width}" '
            f'style="max-width: 100%; height: auto" src="data:image/png;base64,{data}">'
        )

    def __repr__(self) -> str:
        return self.alt


class Described(Axes):
    """Axes that a notebook cell can end in: they show their figure with its alt text."""

    def _repr_html_(self) -> str:
        return picture(self)._repr_html_()


class Panels(tuple):
    """The Axes of a figure with several panels, in reading order."""

    __slots__ = ()

    @property
    def figure(self) -> Figure:
        return self[0].figure

    def _repr_html_(self) -> str:
        return picture(self)._repr_html_()


Drawn = Axes | Panels | Figure


def alt(ax: Drawn) -> str:
    """The text that stands for a figure, written from its data.

    Parameters
    ----------
    ax : what a function of `hlm.plots` returned, or the Figure it is in

    Raises
    ------
    ValueError
        If the Axes were not drawn by `hlm.plots`: they have no text.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> alt(hlm.plots.nesting(n_groups=2, group_size=3))[:58]
    'Diagram: 6 students (level 1) nested within 2 schools (lev'
    """
    texts = [text for one in _axes(ax) if (text := getattr(one, "hlm_alt", ""))]
    if not texts:
        raise ValueError(
            "This figure was not drawn by hlm.plots, so it has no alt text yet. Say what it shows: "
            'hlm.plots.show(ax, alt="...").'
        )
    return " ".join(dict.fromkeys(texts))


def show(ax: Drawn, *, alt: str | None = None) -> None:
    """Show a figure once, with its alt text.

    Parameters
    ----------
    ax : what a function of `hlm.plots` returned; any Axes or Figure will do
    alt : the text to use in place of the generated one; needed for a figure of your own

    Raises
    ------
    ValueError
        If there is no alt text.
    """
    from IPython.display import display

    shown = picture(ax, alt)
    _close(_figure(ax))
    display(shown)


def picture(ax: Drawn, text: str | None = None) -> Picture:
    """The figure of `ax` as a Picture, with `text` or the generated alt text."""
    from PIL import Image

    figure = _figure(ax)
    text = alt(ax) if text is None else text
    raw = io.BytesIO()
    with style():
        figure.savefig(raw, format="png", dpi=DPI)
    small = packed(Image.open(raw), optimize=True)
    return Picture(small, text, round(figure.get_figwidth() * PIXELS))


def packed(image: Any, **how: Any) -> bytes:
    """A PIL image as a small PNG; `how` goes to Pillow's PNG writer."""
    from PIL import Image

    few = image.convert("RGB").quantize(
        COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE
    )
    # Pillow mixes white with what is nearly white: a grey sheet on a white page.
    few.putpalette([255 if part > 251 else part for part in few.getpalette()])
    out = io.BytesIO()
    few.save(out, format="png", **how)
    return out.getvalue()


def _axes(ax: Drawn) -> list[Axes]:
    if isinstance(ax, Figure):
        return list(ax.axes)
    return list(ax) if isinstance(ax, tuple) else [ax]


def _figure(ax: Drawn) -> Figure:
    if isinstance(ax, Figure):
        return ax
    first = _axes(ax)[0]
    if not isinstance(first, Axes):
        raise TypeError(
            f"show() takes the Axes that a figure function returns; got {type(first).__name__}. "
            "Write ax = hlm.plots.caterpillar(model), then hlm.plots.show(ax)."
        )
    return first.get_figure(root=True)


def _close(figure: Figure) -> None:
    # A figure that pyplot made would be shown again at the end of the cell.
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot and getattr(figure, "number", None) in pyplot.get_fignums():
        pyplot.close(figure)
