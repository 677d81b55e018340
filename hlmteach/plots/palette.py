"""The palette: colours, marks and the style of every figure.

The colours are those of Okabe & Ito (2008), "Color Universal Design", in an order in which
neighbours also differ in grey; markers and line styles differ with them.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import cycle
from typing import Any

import matplotlib

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#E69F00", "#009E73", "#CC79A7"
VERMILION, SKY = "#D55E00", "#56B4E9"
INK, MUTED, FAINT = "#222222", "#666666", "#DDDDDD"
_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION, SKY)
_MARKERS = ("o", "s", "^", "D", "v", "P")
_LINES = ("-", "--", ":", "-.", (0, (5, 1)), (0, (1, 1)))

_STYLE = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    "font.size": 11,
    "axes.labelsize": 12,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.prop_cycle": matplotlib.cycler(color=_COLOURS),
    "axes.unicode_minus": True,
    "text.color": INK,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "legend.fontsize": 11,
    "legend.frameon": False,
    "figure.facecolor": "white",
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "savefig.facecolor": "white",
    "lines.linewidth": 1.8,
    "hatch.linewidth": 0.8,
}


def style() -> AbstractContextManager[None]:
    """The figures' style for the length of a `with` block, for figures of your own.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> with style():
    ...     fig, ax = plt.subplots()
    >>> plt.rcParams["axes.spines.top"]
    True
    >>> plt.close(fig)
    """
    return matplotlib.rc_context(_STYLE)


def marks() -> Iterator[dict[str, Any]]:
    """Colour, marker and line style of the first, second, ... thing, without end."""
    for colour, marker, line in cycle(zip(_COLOURS, _MARKERS, _LINES, strict=True)):
        yield {"color": colour, "marker": marker, "linestyle": line}
