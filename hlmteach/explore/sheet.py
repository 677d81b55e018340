"""The sheet: Axes that an explorer draws on, and its picture, for which a slider waits."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ..plots.canvas import legend_above
from ..plots.palette import FAINT, INK, MUTED, style
from ..plots.picture import DPI, PIXELS, packed

# Two things that matplotlib takes long to find out and that change nothing here: whether ticks are
# in the title's way, and where a letter meets the grid of pixels (two of them make one on a page).
_QUICK = {"axes.titley": 1.0, "text.hinting": "none"}
_last_ground: dict[tuple, Any] = {}


@contextmanager
def sheet(panels: int = 1, widths: tuple[float, ...] | None = None) -> Iterator[list[Axes]]:
    """Axes of a new figure, laid out by hand: matplotlib's own layouts cost a second drawing."""
    with style(), matplotlib.rc_context(_QUICK):
        figure = Figure(figsize=(6.4, 3.6), dpi=PIXELS)
        figure.subplots_adjust(left=0.12, right=0.97, bottom=0.17, top=0.88, wspace=0.3)
        grid = figure.add_gridspec(1, panels, width_ratios=widths)
        axes = [figure.add_subplot(grid[k]) for k in range(panels)]
        for ax in axes:
            ax.tick_params(labelsize=10, color=MUTED, labelcolor=INK)
            ax.grid(axis="y", color=FAINT, linewidth=0.8)
            ax.locator_params(nbins=5)
        yield axes


def head(ax: Axes, title: str) -> None:
    """The title, and between it and the data the legend of what has a label."""
    if ax.get_legend_handles_labels()[1]:
        legend_above(ax, ncols=4)
        ax.figure.subplots_adjust(top=0.83)
    ax.set_title(title, pad=22 if ax.get_legend() else 6)


def strokes(ax: Axes, x: ArrayLike, y: ArrayLike, **look: Any) -> None:
    """Straight lines from the first row of x and y to the second; one artist, for speed."""
    ends = np.stack(np.broadcast_arrays(x, y), axis=-1)
    ax.add_collection(LineCollection(ends.swapaxes(0, 1), **look))


def png(figure: Figure) -> bytes:
    """The figure of a sheet as a PNG.

    A figure's ground, its ticks and words, takes most of the time to draw and stays as it is while
    a slider moves. So the last ground is kept, and the data are drawn on it.
    """
    from PIL import Image

    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    ground = tuple(map(_ground, figure.axes))
    moving = [artist for ax in figure.axes for artist in _moving(ax)]
    with style(), matplotlib.rc_context(_QUICK):
        if ground not in _last_ground:
            for artist in moving:
                artist.set_animated(True)  # left out of the next line
            canvas.draw()
            _last_ground.clear()
            _last_ground[ground] = canvas.copy_from_bbox(figure.bbox)
        renderer = canvas.get_renderer()
        canvas.restore_region(_last_ground[ground])
        for artist in moving:
            artist.draw(renderer)
    size = canvas.get_width_height(physical=True)
    return packed(Image.frombuffer("RGBA", size, canvas.buffer_rgba(), "raw", "RGBA", 0, 1))


def _ground(ax: Axes) -> tuple:
    """What the still part of the Axes is drawn from."""
    legend = ax.get_legend()
    words = [text.get_text() for text in legend.get_texts()] if legend else []
    ticks = (*ax.get_xticks(), *ax.get_yticks())
    return ax.get_position().bounds, ax.axis(), ticks, ax.get_xlabel(), ax.get_ylabel(), *words


def _moving(ax: Axes) -> list[Artist]:
    still = {ax.patch, ax.xaxis, ax.yaxis, ax.get_legend(), *ax.spines.values()}
    moving = [artist for artist in ax.get_children() if artist not in still]
    return sorted(moving, key=lambda artist: artist.get_zorder())
