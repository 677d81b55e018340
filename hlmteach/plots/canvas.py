"""The canvas: Axes to draw on, the learner's own or those of a new figure, in the style."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from .palette import FAINT, INK, MUTED, style
from .picture import Described, Panels


@contextmanager
def canvas(
    ax: Axes | None, *, size: tuple[float, float] = (7, 4.2), grid: str | None = "y"
) -> Iterator[Axes]:
    """Axes to draw on, in the style: the learner's own, or those of a new figure.

    Parameters
    ----------
    ax : Axes to draw on, or None
    size : width and height of a new figure in inches; a hundred pixels of the page each
    grid : which faint lines a new figure gets: "x", "y", "both" or None
    """
    with style():
        if ax is None:
            figure = Figure(figsize=size, layout=_layout())
            ax = _dressed(figure.add_subplot(axes_class=Described), grid)
        yield ax


@contextmanager
def panels(
    ax: Sequence[Axes] | None, *, shape: tuple[int, int], size: tuple[float, float]
) -> Iterator[Panels]:
    """As `canvas`, for a figure with several Axes, read row by row."""
    count = shape[0] * shape[1]
    with style():
        if ax is None:
            figure = Figure(figsize=size, layout=_layout())
            given = [
                _dressed(figure.add_subplot(*shape, k + 1, axes_class=Described), "y")
                for k in range(count)
            ]
        else:
            given = list(np.ravel(np.asarray(ax, dtype=object)))
        if len(given) != count:
            raise ValueError(
                f"This figure has {count} panels and ax holds {len(given)} Axes. Make them with "
                f"fig, ax = plt.subplots({shape[0]}, {shape[1]})."
            )
        yield Panels(given)


def _layout() -> ConstrainedLayoutEngine:
    return ConstrainedLayoutEngine(w_pad=0.08, h_pad=0.08)  # inches around the Axes


def _dressed(ax: Axes, grid: str | None) -> Axes:
    # Ticks are born when they are needed, maybe after the style is gone: tell them now.
    ax.tick_params(labelsize=11, color=MUTED, labelcolor=INK, length=4, width=0.8, pad=4)
    if grid:
        ax.grid(axis=grid, color=FAINT, linewidth=0.8, linestyle="-")
    return ax


def sized(counts: np.ndarray, *, most: float = 160.0) -> np.ndarray:
    """Areas of points, in square points, that stand in the ratio of the counts."""
    return np.maximum(most * np.asarray(counts) / np.max(counts), 6.0)


# Three entries fit above the Axes.
_TIGHT = {"columnspacing": 1.1, "handletextpad": 0.45, "handlelength": 1.6, "fontsize": 10.5}


def legend_above(ax: Axes, *, ncols: int = 3) -> None:
    """The legend between the figure's top and the data, where it hides nothing."""
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=ncols, borderaxespad=0.2, **_TIGHT)
    for handle in ax.get_legend().legend_handles:
        if hasattr(handle, "set_sizes"):
            handle.set_sizes([40])
