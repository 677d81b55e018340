"""Deletions: how much one group carries."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..adapters import as_fit
from ..arguments import known, whole_number
from ..influence import without_each_group
from ..words import count, group_words, say, term
from .canvas import canvas, legend_above
from .palette import BLUE, MUTED, ORANGE


def influence(
    model: object, ax: Axes | None = None, *, coefficient: str | None = None, most: int = 8
) -> Axes:
    """One coefficient, estimated again without each group in turn.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result
    ax : Axes to draw on; None makes a figure
    coefficient : its name; None takes the last in the model
    most : how many of the most influential groups get a line of their own; the others share one

    Raises
    ------
    ValueError
        If the model has no such coefficient.

    Notes
    -----
    The refits are exact; `hlmteach.influence.without_each_group` gives their numbers. The band is
    the estimate ± one standard error, a yardstick for the changes. A group far out is a reason to
    look at it, not a reason to delete it.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480, "x": 5}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=20, group_size=10, level2=["x"], seed=1)
    >>> ax = influence(hlm.lmer("y ~ x + (1 | group)", data), coefficient="x")
    >>> ax.get_xlabel()
    'Coefficient of x'
    """
    fit = as_fit(model)
    coefficient = coefficient or fit.names[-1]
    known("coefficient", coefficient, fit.names)
    whole_number("most", most, 1)
    estimate, se = float(fit.beta[coefficient]), float(fit.se[coefficient])
    left = without_each_group(fit)[coefficient].dropna()
    left = left.iloc[np.argsort(-(left - estimate).abs().to_numpy(), kind="stable")]
    one, many = group_words(fit.group_name)
    with canvas(ax, size=(7, 1.7 + 0.32 * min(most + 1, len(left))), grid="x") as ax:
        ax.axvspan(
            estimate - se, estimate + se, color="#E9E9E9", linewidth=0, label="± 1 SE", zorder=0
        )
        ax.axvline(estimate, color=ORANGE, linestyle="--", label=f"all {many}")
        if abs(estimate) < 2 * se:
            ax.axvline(0, color=MUTED, linewidth=1)
        _rows(ax, left, most, estimate, (one, many))
        ax.set_xlabel(f"Coefficient of {term(coefficient)}")
        legend_above(ax)
    named = "; ".join(f"without {one} {g} it is {say(v)}" for g, v in left.iloc[:3].items())
    ax.hlm_alt = (
        f"The coefficient of {term(coefficient)}, {say(estimate)} (SE {say(se)}) with all "
        f"{count(fit.n_groups, one, many)}, estimated again without each {one} in turn: from "
        f"{say(left.min())} to {say(left.max())}. The largest changes: {named}."
    )
    return ax


def _rows(ax: Axes, left: pd.Series, most: int, estimate: float, words: tuple[str, str]) -> None:
    """One row for each of the most influential groups, a last one for the others."""
    top, rest = left.iloc[:most], left.iloc[most:]
    at = np.arange(len(top))
    ax.hlines(at, estimate, top, color=BLUE, linewidth=1.4)
    ax.plot(top, at, "o", color=BLUE, markersize=7, label=f"without one {words[0]}")
    names = [f"without {group}" for group in top.index]
    if len(rest):
        row = np.full(len(rest), len(top))
        ax.plot(rest, row, "|", color=BLUE, markersize=11, alpha=0.6)
        names.append(f"the other {len(rest)}, one by one")
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
