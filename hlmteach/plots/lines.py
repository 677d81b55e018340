"""One fitted line per group, and the line of the average group."""

import re

import numpy as np
from matplotlib.axes import Axes

from ..adapters import as_fit
from ..fit import Fit
from ..words import count, group_words, label, say
from .canvas import canvas, legend_above
from .palette import BLUE, INK, SKY


def group_lines(
    model: object, ax: Axes | None = None, *, x: str | None = None, points: bool = False
) -> Axes:
    """The fitted line of every group over its own range of x, and the average group's line.

    Other predictors are held at their means over the rows. With a random intercept the lines are
    parallel; with a random slope of `x` they are not.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result
    ax : Axes to draw on; None makes a figure
    x : a predictor that is a number; None takes the first that varies within groups
    points : also draw the rows

    Raises
    ------
    ValueError
        If the model has no such predictor, or `x` also enters through another term, such as a
        square or a product: then one line does not tell it.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480, "escs": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=50, group_size=20, seed=1)
    >>> ax = group_lines(hlm.lmer("y ~ escs + (1 | group)", data), x="escs")
    >>> len(ax.collections[0].get_segments())
    50
    """
    fit = as_fit(model)
    x = x or _first_within(fit)
    values = _column(fit, x)
    starts, slopes = group_coefficients(fit, x)
    low, high = _ranges(values, fit)
    average = fit.beta[x]
    middle = average_start(fit, x)
    one, many = group_words(fit.group_name)
    with canvas(ax, grid="both") as ax:
        segments = np.stack([low, starts + slopes * low, high, starts + slopes * high], axis=1)
        lines = ax.add_collection(
            _collection(segments.reshape(-1, 2, 2), label=f"a {one}"), autolim=True
        )
        lines.set_zorder(2)
        if points:
            ax.scatter(values, fit.design.y, s=8, color=SKY, alpha=0.5, linewidth=0, zorder=1)
        ends = np.array([values.min(), values.max()])
        ax.plot(ends, middle + average * ends, color="white", linewidth=6, zorder=3)
        ax.plot(
            ends, middle + average * ends, color=INK, linewidth=3, label=f"average {one}", zorder=4
        )
        ax.autoscale_view()
        ax.set(xlabel=label(x), ylabel=label(fit.design.response))
        legend_above(ax)
    kind = (
        f"not parallel: slopes run from {say(slopes.min())} to {say(slopes.max())}"
        if x in fit.random_names
        else "parallel: only their heights differ"
    )
    ax.hlm_alt = (
        f"Fitted lines of {fit.design.response} on {x} for {count(fit.n_groups, one, many)}, each "
        f"over its own range of {x}, with the line of the average {one} (slope {say(average)}). "
        f"The lines are {kind}; at {x} = 0 they run from {say(starts.min())} to "
        f"{say(starts.max())}."
    )
    return ax


def group_coefficients(fit: Fit, x: str) -> tuple[np.ndarray, np.ndarray]:
    """(J,) height at x = 0 and (J,) slope of each group's line, other predictors at their means."""
    u = dict(zip(fit.random_names, fit.solution.group_effects[0].T, strict=True))
    zero = np.zeros(fit.n_groups)
    other = sum(
        (effect * _mean(fit, name) for name, effect in u.items() if name not in ("Intercept", x)),
        zero,
    )
    starts = average_start(fit, x) + u.get("Intercept", zero) + other
    return starts, fit.beta[x] + u.get(x, zero)


def average_start(fit: Fit, x: str) -> float:
    """Height of the average group's line at x = 0, other predictors at their means."""
    exog = fit.design.exog[:, fit.solution.kept].mean(axis=0)
    return float(exog @ fit.beta - fit.beta[x] * exog[fit.names.index(x)])


def _mean(fit: Fit, name: str) -> float:
    return float(fit.design.exog_random[:, fit.random_names.index(name)].mean())


def _column(fit: Fit, x: str) -> np.ndarray:
    names = [name for name in fit.names if name != "Intercept"]
    if x not in names:
        raise ValueError(
            f"The model has no coefficient of {x!r}. Give x, one of: {', '.join(names) or 'none'}."
        )
    others = [n for n in names if n != x and re.search(rf"\b{re.escape(x)}\b", n)]
    if others:
        raise ValueError(
            f"{x!r} also enters the model through {', '.join(others)}, so a group has no single "
            f"straight line in {x!r} to draw."
        )
    return fit.design.exog[:, fit.design.names.index(x)]


def _first_within(fit: Fit) -> str:
    codes = fit.design.codes
    for name in fit.names:
        column = fit.design.exog[:, fit.design.names.index(name)]
        low, high = _extremes(column, codes, fit.n_groups)
        if (high > low).any() and len(np.unique(column[:200])) > 2:
            return name
    raise ValueError(
        "The model has no predictor that is a number and varies within groups, so every group's "
        "line is flat. Fit one, or name a predictor with x=."
    )


def _ranges(values: np.ndarray, fit: Fit) -> tuple[np.ndarray, np.ndarray]:
    return _extremes(values, fit.design.codes, fit.n_groups)


def _extremes(values: np.ndarray, codes: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(low, codes, values)
    np.maximum.at(high, codes, values)
    return low, high


def _collection(segments: np.ndarray, *, label: str):
    from matplotlib.collections import LineCollection

    return LineCollection(segments, colors=BLUE, linewidths=1.1, alpha=0.45, label=label)
