"""One predictor, two slopes: within groups and between them."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from ..arguments import whole_number
from ..centering import center
from ..fit import Fit
from ..fitting import lmer
from ..words import count, group_words, label, say
from .canvas import canvas, legend_above
from .palette import BLUE, ORANGE
from .scatters import numbers


def within_between(
    data: pd.DataFrame, x: str, y: str, group: str, ax: Axes | None = None, *, most: int = 40
) -> Axes:
    """A point and a short line for each group, and one long line through the groups.

    A point is a group's means of `x` and `y`. The short lines have the slope within groups, and
    reach as far as `x` usually varies there: one SD to each side. The long line has the slope
    between groups. Both slopes are those of the random intercept model of `y` on the deviations
    of `x` from its group means and on the means.

    Parameters
    ----------
    data : the rows; those with `x`, `y` or `group` missing are left out
    x, y : predictor and outcome, numbers; `x` varies within groups
    group : the grouping column
    ax : Axes to draw on; None makes a figure
    most : groups to draw; of more groups, this many are picked evenly from lowest to highest mean
        of `x`. The slopes are those of all groups

    Raises
    ------
    DataError
        If a column is not there or not a number, or `x` has one value per group.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480, "escs": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=30, group_size=20, seed=1)
    >>> within_between(data, "escs", "y", "group").get_ylabel()
    'Outcome y'
    """
    whole_number("most", most, 2)
    plain = numbers(data, [x, y], group).set_axis(["x", "y", "g"], axis=1)
    parts = center(plain, "x", "g")
    fit = lmer("y ~ x_within + x_mean + (1 | g)", parts)
    means = parts.groupby("g", observed=True)[["x", "y"]].mean().sort_values("x")
    drawn = means.iloc[np.unique(np.linspace(0, len(means) - 1, most).round().astype(int))]
    reach = np.sqrt((parts["x_within"] ** 2).sum() / (len(parts) - len(means)))
    one, many = group_words(group)
    with canvas(ax, grid="both") as ax:
        _short_lines(ax, drawn, reach, fit.beta["x_within"], f"within {many}")
        ax.scatter(
            *drawn.to_numpy().T,
            s=30,
            color=BLUE,
            edgecolor="white",
            linewidth=0.6,
            zorder=6,
            label=f"a {one}'s means",
        )
        ends = np.array([means["x"].min(), means["x"].max()])
        heights = fit.beta["Intercept"] + fit.beta["x_mean"] * ends
        ax.plot(ends, heights, color="white", linewidth=7, zorder=4)
        ax.plot(
            ends,
            heights,
            color=ORANGE,
            linewidth=3.4,
            zorder=5,
            label=f"between {many}: {say(fit.beta['x_mean'])}",
        )
        ax.autoscale_view()
        ax.set(xlabel=label(x), ylabel=label(y))
        legend_above(ax)
    ax.hlm_alt = _alt(x, y, fit, len(drawn), (one, many))
    return ax


def _short_lines(ax: Axes, means: pd.DataFrame, reach: float, slope: float, name: str) -> None:
    step = np.array([-reach, reach])
    segments = [np.column_stack([a + step, b + slope * step]) for a, b in means.to_numpy()]
    ax.add_collection(
        LineCollection(
            segments,
            colors=BLUE,
            linewidths=1.3,
            alpha=0.55,
            zorder=2,
            label=f"{name}: {say(slope)}",
        )
    )


def _alt(x: str, y: str, fit: Fit, drawn: int, words: tuple[str, str]) -> str:
    one, many = words
    within, between = fit.beta["x_within"], fit.beta["x_mean"]
    some = f", of which {drawn} are drawn" if drawn < fit.n_groups else ""
    how = "steeper than" if abs(between) > abs(within) else "less steep than"
    return (
        f"Mean {y} against mean {x} of {count(fit.n_groups, one, many)}{some}. Through each point "
        f"goes a short line, all with the slope within {many}, {say(within)}. The long line "
        f"through the points has the slope between {many}, {say(between)}: {how} the short lines."
    )
