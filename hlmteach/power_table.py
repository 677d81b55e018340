"""Power: what `power` found, as a table, text, HTML and curves."""

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from .arguments import known
from .group_sizes import Sizes
from .words import on_any_console, say, term

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_AXES = {"n_groups": "Groups", "n": "Rows in all", "cost": "Cost"}


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
    level : where the effect's predictor was simulated: "level 1", "level 2" or "cross-level"
    """

    table: pd.DataFrame
    effect: str
    truth: float
    alpha: float
    level: str = ""

    def plot(self, *, x: str = "n_groups", target: float = 0.8, ax: "Axes | None" = None) -> "Axes":
        """Power against the number of groups, one curve for each group size.

        Parameters
        ----------
        x : what the curves run along: "n_groups", "n" (rows in all), or "cost" where it was given
        target : the power that is wanted, drawn as a line
        ax : Axes to draw on; None makes a figure

        Raises
        ------
        ValueError
            If the table has no column `x`.
        """
        from .plots.canvas import canvas, legend_above
        from .plots.palette import MUTED, marks

        hint = "" if "cost" in self.table else ' For "cost", give `cost=` to hlm.power.'
        known("x", x, [name for name in _AXES if name in self.table], hint)
        sizes = self.table["group_size"].map(_words)
        with canvas(ax) as ax:
            for size, mark in zip(sizes.unique(), marks(), strict=False):
                part = self.table[sizes == size].sort_values(x)
                band = {"color": mark["color"], "alpha": 0.2, "linewidth": 0}
                ax.fill_between(part[x], part["lower"], part["upper"], **band)
                ax.plot(part[x], part["power"], **mark, label=f"{size} a group")
            ax.axhline(target, color=MUTED, linestyle=":")
            ax.set(ylim=(0, 1.02), xlabel=_AXES[x], ylabel=f"Power to find {term(self.effect)}")
            if x != "n_groups":
                ax.xaxis.set_major_formatter("{x:,.0f}")
            legend_above(ax)
            ax.hlm_alt = self._alt(x, target)
        return ax

    def _alt(self, x: str, target: float) -> str:
        along = {"n_groups": "the number of groups", "n": "the number of rows", "cost": "its cost"}
        text = (
            f"Power to find {term(self.effect)} = {say(self.truth)} against {along[x]}, "
            f"a curve for each group size: from {say(self.table['power'].min())} to "
            f"{say(self.table['power'].max())}"
        )
        enough = self.table[self.table["power"] >= target]
        if enough.empty:
            return f"{text}; no design reaches {target:g}."
        least = enough["cost" if x == "cost" else "n"].idxmin()
        # Column first: a row of numbers alone would become floats, "140.0 groups".
        groups, size = self.table["n_groups"][least], _words(self.table["group_size"][least])
        return (
            f"{text}; the {'cheapest' if x == 'cost' else 'smallest'} design that reaches "
            f"{target:g} has {groups} groups of {size}."
        )

    def __str__(self) -> str:
        return on_any_console(f"{self._title}\n{self._rounded.to_string(index=False)}")

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<p>{escape(self._title)}</p>{self._rounded.to_html(index=False)}"

    @property
    def _title(self) -> str:
        at = f" ({self.level})" if self.level else ""
        return f"Power to find {term(self.effect)} = {say(self.truth)}{at}, alpha = {self.alpha:g}"

    @property
    def _rounded(self) -> pd.DataFrame:
        words = {"group_size": self.table["group_size"].map(_words)}
        words["se"] = self.table["se"].map(say)
        if "cost" in self.table:
            words["cost"] = self.table["cost"].map("{:,.0f}".format)
        return self.table.assign(**words).round({"power": 3, "lower": 3, "upper": 3})


def _words(size: Sizes) -> str:
    return f"{size[0]} to {size[1]}" if isinstance(size, tuple) else str(size)
