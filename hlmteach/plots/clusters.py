"""Clustered data before any model: the rows of each group side by side."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..arguments import whole_number
from ..words import count, group_words, label, member_words, say
from .canvas import canvas, legend_above
from .palette import BLUE, ORANGE, SKY
from .scatters import numbers


def group_means(
    data: pd.DataFrame, outcome: str, group: str, ax: Axes | None = None, *, most: int = 40
) -> Axes:
    """Every row as a small point above its group, groups sorted by their mean.

    Parameters
    ----------
    data : the rows; those with `outcome` or `group` missing are left out
    outcome : the outcome, a number
    group : the grouping column
    ax : Axes to draw on; None makes a figure
    most : groups to draw; of more groups, this many are picked evenly from lowest to highest mean

    Raises
    ------
    DataError
        If a column is not there, or the outcome is not a number.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=30, group_size=20, seed=1)
    >>> group_means(data, "y", "group").get_xlabel()
    'Groups, from lowest to highest mean'
    """
    whole_number("most", most, 2)
    table = numbers(data, [outcome], group)
    means = table.groupby(group, observed=True)[outcome].mean().sort_values()
    picked = means.iloc[np.unique(np.linspace(0, len(means) - 1, most).round().astype(int))]
    rank = pd.Series(np.arange(1, len(picked) + 1), picked.index)
    at = table[group].map(rank).to_numpy(dtype=float)
    one, many = group_words(group)
    rows = member_words(group)
    grand = table[outcome].mean()
    with canvas(ax) as ax:
        ax.scatter(at, table[outcome], s=9, color=SKY, alpha=0.7, linewidth=0, label=rows[:-1])
        ax.scatter(
            rank,
            picked,
            s=42,
            color=BLUE,
            edgecolor="white",
            linewidth=0.8,
            label=f"mean of a {one}",
            zorder=3,
        )
        ax.axhline(grand, color=ORANGE, linestyle="--", linewidth=2, label=f"mean of all {rows}")
        some = len(rank) < len(means)
        drawn = f"{len(rank)} of {len(means)} {many}" if some else many.capitalize()
        ax.set(xlabel=f"{drawn}, from lowest to highest mean", ylabel=label(outcome))
        ax.set_xlim(0.3, len(rank) + 0.7)
        ax.set_xticks(rank if len(rank) <= 12 else [])
        legend_above(ax)
    ax.hlm_alt = _alt(table, outcome, group, means, len(rank))
    return ax


def _alt(table: pd.DataFrame, outcome: str, group: str, means: pd.Series, drawn: int) -> str:
    one, many = group_words(group)
    within = table[outcome] - table.groupby(group, observed=True)[outcome].transform("mean")
    spread = np.sqrt((within**2).sum() / max(len(table) - len(means), 1))
    some = f" {drawn} of them are drawn." if drawn < len(means) else ""
    return (
        f"{outcome} of {count(len(table), member_words(group)[:-1])} above their "
        f"{count(len(means), one, many)}, sorted by mean.{some} The {one} means run from "
        f"{say(means.min())} to {say(means.max())} around {say(table[outcome].mean())}, the mean "
        f"of all; their SD is {say(means.std())}, the SD within {many} {say(spread)}."
    )
