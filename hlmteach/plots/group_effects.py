"""Predicted group effects: the caterpillar, and how far shrinkage pulled each group."""

import numpy as np
from matplotlib.axes import Axes

from ..adapters import as_fit
from ..fit import Fit
from ..measures import ranef
from ..words import count, group_words, member_words, percent, say, units
from .canvas import canvas, legend_above, sized
from .palette import BLUE, INK, MUTED, ORANGE


def caterpillar(
    model: object, ax: Axes | None = None, *, level: float = 0.95, effect: str = "Intercept"
) -> Axes:
    """Predicted group effects with intervals, from the lowest to the highest.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result
    ax : Axes to draw on; None makes a figure
    level : coverage of the intervals; each is u ± z · se, given the estimated variances
    effect : which random effect, "Intercept" or the name of a random slope

    Raises
    ------
    ValueError
        If the model has no such random effect, or the level is not between 0 and 1.

    Notes
    -----
    An interval that leaves out zero tells a group from the average group. It is no test of two
    groups against each other: they can differ although their intervals overlap. Source: Goldstein &
    Healy (1995), JRSS A 158, 175-177.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=50, group_size=20, seed=1)
    >>> ax = caterpillar(hlm.lmer("y ~ 1 + (1 | group)", data))
    >>> ax.get_xlabel()
    'Groups, from lowest to highest'
    """
    fit = as_fit(model)
    table = _effects(fit, effect, level).sort_values("u")
    rank = np.arange(1, len(table) + 1)
    apart = ((table["lower"] > 0) | (table["upper"] < 0)).to_numpy()
    one, many = group_words(fit.group_name)
    with canvas(ax) as ax:
        for chosen, colour, marker, face, name in (
            (~apart, "#8C8C8C", "o", "white", "interval includes 0"),
            (apart, BLUE, "o", BLUE, "interval leaves out 0"),
        ):
            part = table[chosen]
            ax.vlines(
                rank[chosen], part["lower"], part["upper"], color=colour, linewidth=1.1, alpha=0.8
            )
            ax.plot(
                rank[chosen],
                part["u"],
                linestyle="none",
                marker=marker,
                markersize=4.5,
                color=colour,
                markerfacecolor=face,
                label=name,
            )
        ax.axhline(0, color=ORANGE, linestyle="--", label=f"average {one}")
        ax.set(xlabel=f"{many.capitalize()}, from lowest to highest", ylabel=_ylabel(fit, effect))
        ax.set_xlim(0, len(rank) + 1)
        legend_above(ax)
    which = "effects" if effect == "Intercept" else f"effects on the slope of {effect}"
    low, high = table.iloc[0], table.iloc[-1]
    ax.hlm_alt = (
        f"Caterpillar plot: predicted {which} of {count(len(table), one, many)} with "
        f"{percent(level)} intervals, sorted, from {say(low['u'])} ({one} {table.index[0]}) to "
        f"{say(high['u'])} ({one} {table.index[-1]}). {int(apart.sum())} of the {len(table)} "
        f"intervals leave out 0."
    )
    return ax


def _effects(fit: Fit, effect: str, level: float):
    if effect not in fit.random_names:
        raise ValueError(
            f"The model has no random effect {effect!r}; it has: {', '.join(fit.random_names)}."
        )
    table = ranef(fit, level)
    return table if table.index.nlevels == 1 else table.xs(effect, level="name")


def _ylabel(fit: Fit, effect: str) -> str:
    unit = units(fit.design.response)
    return f"Group effect ({unit})" if effect == "Intercept" else f"Effect on slope of {effect}"


def shrinkage(model: object, ax: Axes | None = None) -> Axes:
    """How far each group's predicted effect was pulled from its raw deviation towards zero.

    The raw deviation of a group is the mean of its rows' residuals from the fixed part. The
    predicted effect is that times the reliability λ_j = n_j σ²_u / (n_j σ²_u + σ²_e), so that a
    small group lies farther from the dashed line of no shrinkage.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result with a random intercept only
    ax : Axes to draw on; None makes a figure

    Raises
    ------
    ValueError
        If the model has random slopes: then an effect is no multiple of one deviation.

    References
    ----------
    Snijders & Bosker (2012), Multilevel Analysis, 2nd ed., section 4.8.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=50, group_size=(2, 40), seed=1)
    >>> ax = shrinkage(hlm.lmer("y ~ 1 + (1 | group)", data))
    >>> ax.get_ylabel()
    'Predicted effect (units of y)'
    """
    fit = as_fit(model)
    raw, u, sizes = raw_deviations(fit), fit.u["u"].to_numpy(), fit.design.sizes
    one, many = group_words(fit.group_name)
    unit = units(fit.design.response)
    with canvas(ax, size=(7, 4.8), grid="both") as ax:
        edge = 1.05 * np.abs(raw).max()
        ax.plot([-edge, edge], [-edge, edge], color=INK, linestyle="--", label="no shrinkage")
        ax.axhline(0, color=ORANGE, label="full shrinkage")
        ax.vlines(raw, u, raw, color=MUTED, linewidth=0.8, alpha=0.7)
        ax.scatter(
            raw,
            u,
            s=sized(sizes, most=110),
            color=BLUE,
            alpha=0.75,
            edgecolor="white",
            linewidth=0.6,
            label=f"a {one}; larger: more {member_words(fit.group_name)}",
            zorder=3,
        )
        ax.set(xlabel=f"Raw deviation ({unit})", ylabel=f"Predicted effect ({unit})")
        ax.set(xlim=(-edge, edge), ylim=(-edge, edge))
        legend_above(ax)
    lam = reliability(fit)
    small, large = np.argmin(sizes), np.argmax(sizes)
    rows = member_words(fit.group_name)
    ax.hlm_alt = (
        f"Predicted effect against raw deviation for {count(len(u), one, many)}; larger points are "
        f"larger {many}. Every effect lies between its raw deviation and 0: the smallest {one} "
        f"({count(sizes[small], rows[:-1], rows)}) keeps {percent(lam[small])} of its deviation, "
        f"the largest ({sizes[large]}) {percent(lam[large])}."
    )
    return ax


def raw_deviations(fit: Fit) -> np.ndarray:
    """(J,) mean residual from the fixed part of each group's rows."""
    if fit.random_names != ["Intercept"]:
        raise ValueError(
            f"This model has random slopes ({', '.join(fit.random_names)}), so an effect is no "
            "multiple of one raw deviation. Draw caterpillar(model, effect=...) or group_lines()."
        )
    left = fit.design.y - fit.predict(group_effects=False).to_numpy()
    return np.bincount(fit.design.codes, left) / fit.design.sizes


def reliability(fit: Fit) -> np.ndarray:
    """(J,) the share λ_j of its raw deviation that each group keeps."""
    between = fit.design.sizes * fit.sigma_u**2
    return between / (between + fit.sigma_e**2)
