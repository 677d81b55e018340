"""Profile likelihood: how much worse a model fits as one parameter is moved."""

from collections.abc import Callable
from itertools import islice

import numpy as np
from matplotlib.axes import Axes
from scipy import stats

from ..adapters import as_fit
from ..arguments import known
from ..engine.solution import solve
from ..fit import Fit
from ..profiling import Parameter, Profile, names, profile_limits
from ..words import say, term, units
from .canvas import canvas, legend_above
from .palette import INK, MUTED, ORANGE, marks

_POINTS = 41
_WIDER = 0.3  # of the interval, on each side of it


def profile(
    model: object, parameter: str = "sigma_u", ax: Axes | None = None, *, level: float = 0.95
) -> Axes:
    """The rise of the deviance as one parameter moves, and the parabola that Wald assumes.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result; the profile is that of its ML fit, as in lme4
    parameter : `sigma_u`, `sigma_e`, a coefficient, or another name in `hlm.confint(model)`
    ax : Axes to draw on; None makes a figure
    level : coverage of the interval that is drawn, between 0 and 1

    Raises
    ------
    ValueError
        If the model has no such parameter, or the level is impossible.

    Notes
    -----
    The parabola has the profile's own curvature at the estimate: it is the profile of a parameter
    whose estimate is normal. Source: Bates, Maechler, Bolker & Walker (2015), J. Stat. Softw.
    67(1), section 5.1.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=12, group_size=20, seed=1)
    >>> profile(hlm.lmer("y ~ 1 + (1 | group)", data)).get_xlabel()
    'sigma_u (units of y)'
    """
    fit = as_fit(model)
    known("parameter", parameter, [*names(fit.design), *fit.names])
    if not 0 < level < 1:
        raise ValueError(f"level is {level!r}; give a coverage between 0 and 1, such as 0.95.")
    limits = {name: ends for name, *ends in profile_limits(fit.design, level)}
    ends = np.array(limits[parameter])
    par, rise = _rise(fit, parameter)
    reach = _WIDER * (ends[1] - ends[0])
    x = np.linspace(max(ends[0] - reach, par.low), min(ends[1] + reach, par.high), _POINTS)
    x = np.union1d(x, par.estimate)  # the lowest point, too
    height = float(stats.chi2.ppf(level, 1))
    width = _half_width(par, rise, height)
    with canvas(ax, size=(7, 4)) as ax:
        first, second = islice(marks(), 2)
        ax.plot(x, [rise(v) for v in x], color=first["color"], label="profile")
        if width is not None:
            parabola = height * ((x - par.estimate) / width) ** 2
            ax.plot(x, parabola, color=second["color"], linestyle="--", label="Wald's parabola")
            _between(ax, par.estimate + width * np.array([-1, 1]), 1.06 * height, ORANGE)
        ax.axhline(height, color=MUTED, linestyle=":", label=f"{say(height)}: {100 * level:g} %")
        _between(ax, ends, height, first["color"])
        ax.plot(par.estimate, 0, color=INK, marker="o", linestyle="none", label="ML estimate")
        ax.set(ylim=(-0.06 * height, 2 * height), ylabel="Rise of the deviance")
        # A slope and its SD are per unit of a predictor, a correlation has no unit.
        plain = parameter in ("sigma_u", "sigma_e", "Intercept")
        unit = f" ({units(fit.design.response)})" if plain else ""
        ax.set_xlabel(f"{term(parameter)}{unit}")
        legend_above(ax, ncols=4)
    ax.hlm_alt = _alt(parameter, par.estimate, ends, width, level)
    return ax


def _rise(fit: Fit, name: str) -> tuple[Parameter, Callable[[float], float]]:
    """The parameter at the ML fit, and by how much the deviance rises at another value."""
    walk = Profile(fit.design, solve(fit.design, reml=False))
    par = next(p for p in walk.parameters() if p.name == name)
    return par, lambda value: max(par.deviance(value) - walk.solution.criterion, 0.0)


def _half_width(par: Parameter, rise: Callable[[float], float], height: float) -> float | None:
    """Where the parabola through the estimate reaches the height; None on the boundary."""
    step = 0.02 * par.step
    if par.estimate - step <= par.low or par.estimate + step >= par.high:
        return None
    curve = (rise(par.estimate - step) + rise(par.estimate + step)) / (2 * step**2)
    return float(np.sqrt(height / curve))


def _between(ax: Axes, ends: np.ndarray, height: float, colour: str) -> None:
    line = ax.plot(ends, [height, height], color=colour, marker="|", markersize=12, linewidth=2.6)
    line[0].set_clip_on(True)


def _alt(name: str, estimate: float, ends: np.ndarray, width: float | None, level: float) -> str:
    low, high = (say(abs(v - estimate)) for v in ends)
    text = (
        f"Profile likelihood of {term(name)}: the deviance is lowest at {say(estimate)}. The "
        f"{100 * level:g} % interval runs from {say(ends[0])} to {say(ends[1])}, {low} below the "
        f"estimate and {high} above it"
    )
    if width is None:
        return f"{text}."
    a, b = say(estimate - width), say(estimate + width)
    return f"{text}; the symmetric one of Wald's parabola would run from {a} to {b}."
