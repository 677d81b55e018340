"""Power: what `power` found, as a table, text, HTML and curves."""

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from .group_sizes import Sizes
from .words import say, term

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Power:
    """What `power` returns; a notebook shows its table.

    Attributes
    ----------
    table : DataFrame, one row per design: `n_groups`, `group_size` as given, `n` (rows; those
        of one draw where sizes vary), `power` (share of significant studies, of either sign),
        `lower` and `upper` (its 95 % Monte-Carlo interval), `se` (mean standard error of the
        effect), `n_sims`, and `cost` where it was given
    effect : name of the coefficient
    truth : its true value
    alpha : level of the two-sided test
    """

    table: pd.DataFrame
    effect: str
    truth: float
    alpha: float

    def plot(self, *, target: float = 0.8, ax: "Axes | None" = None) -> "Axes":
        """Power against the number of groups, one curve for each group size.

        Parameters
        ----------
        target : the power that is wanted, drawn as a line
        ax : Axes to draw on; None makes a figure
        """
        from .plots.canvas import canvas, legend_above
        from .plots.palette import MUTED, marks

        sizes = self.table["group_size"].map(_words)
        with canvas(ax) as ax:
            for size, mark in zip(sizes.unique(), marks(), strict=False):
                part = self.table[sizes == size].sort_values("n_groups")
                x = part["n_groups"]
                band = {"color": mark["color"], "alpha": 0.2, "linewidth": 0}
                ax.fill_between(x, part["lower"], part["upper"], **band)
                ax.plot(x, part["power"], **mark, label=f"{size} a group")
            ax.axhline(target, color=MUTED, linestyle=":")
            ax.set(ylim=(0, 1.02), xlabel="Groups", ylabel=f"Power to find {term(self.effect)}")
            legend_above(ax)
            ax.hlm_alt = self._alt(target)
        return ax

    def _alt(self, target: float) -> str:
        best = self.table.loc[self.table["power"].idxmax()]
        text = (
            f"Power to find {term(self.effect)} = {say(self.truth)} against the number of groups, "
            f"a curve for each group size: from {say(self.table['power'].min())} to "
            f"{say(best['power'])}"
        )
        enough = self.table[self.table["power"] >= target]
        if enough.empty:
            return f"{text}; no design reaches {target:g}."
        least = enough.loc[enough["n"].idxmin()]
        return (
            f"{text}; the smallest design that reaches {target:g} has {least['n_groups']} groups "
            f"of {_words(least['group_size'])}."
        )

    def __str__(self) -> str:
        return f"{self._title}\n{self._rounded.to_string(index=False)}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._title)}</p>{self._rounded.to_html(index=False)}"

    @property
    def _title(self) -> str:
        return f"Power to find {term(self.effect)} = {say(self.truth)}, alpha = {self.alpha:g}"

    @property
    def _rounded(self) -> pd.DataFrame:
        words = {"group_size": self.table["group_size"].map(_words)}
        words["se"] = self.table["se"].map(say)
        return self.table.assign(**words).round({"power": 3, "lower": 3, "upper": 3})


def _words(size: Sizes) -> str:
    return f"{size[0]} to {size[1]}" if isinstance(size, tuple) else str(size)
