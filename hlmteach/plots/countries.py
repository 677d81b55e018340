"""Countries compared: where schools differ much, and where little."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from ..arguments import known
from ..datasets.icc_by_country import icc_by_country as figures
from .canvas import canvas
from .palette import BLUE, MUTED, VERMILION


def icc_by_country(
    year: int = 2003, ax: Axes | None = None, *, highlight: str | Sequence[str] = "USA"
) -> Axes:
    """The share of variance in mathematics between schools, country by country, in real PISA.

    Parameters
    ----------
    year : 2000 or 2003
    ax : Axes to draw on; None makes a figure
    highlight : codes of the countries to mark, such as "USA" or ["USA", "FIN"]

    Raises
    ------
    ValueError
        If there are no figures for the year, or a code is not among its countries.

    Notes
    -----
    The figures are those of `hlm.datasets.icc_by_country`; see there for their source.

    Examples
    --------
    >>> ax = icc_by_country(2003, highlight=["USA", "FIN"])
    >>> ax.get_yticklabels()[-1].get_text()
    'Iceland'
    """
    table = figures(year).sort_values("icc", ascending=False, ignore_index=True)
    chosen = [highlight] if isinstance(highlight, str) else list(highlight)
    for code in chosen:
        known("highlight", code, table["country"])
    marked = table["country"].isin(chosen).to_numpy()
    at = np.arange(len(table))
    with canvas(ax, size=(7, 1 + 0.215 * len(table)), grid="x") as ax:
        ax.hlines(at, 0, table["icc"], color=np.where(marked, VERMILION, "#B5B5B5"), linewidth=1.6)
        for part, marker, colour in ((~marked, "o", BLUE), (marked, "D", VERMILION)):
            ax.plot(table["icc"][part], at[part], marker, color=colour, markersize=6.5)
        ax.set_yticks(at, table["name"])
        ax.tick_params(axis="y", labelsize=9.5, length=0)
        for text, bold in zip(ax.get_yticklabels(), marked, strict=True):
            text.set_fontweight("bold" if bold else "normal")
        ax.set(xlim=(0, 0.7), ylim=(len(table) - 0.3, -0.7))
        ax.set_xlabel("ICC of mathematics (share of variance between schools)")
        ax.set_title(f"PISA {year}")
        ax.spines["left"].set_color(MUTED)
    top, bottom = table.iloc[0], table.iloc[-1]
    said = " and ".join(f"{row['name']} {row.icc:.2f}" for _, row in table[marked].iterrows())
    ax.hlm_alt = (
        f"Intraclass correlation of mathematics in {len(table)} countries, PISA {year}, sorted: "
        f"from {top['name']} {top.icc:.2f} down to {bottom['name']} {bottom.icc:.2f}; the median "
        f"is {table['icc'].median():.2f}." + (f" Marked: {said}." if said else "")
    )
    return ax
