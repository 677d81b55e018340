"""The two variances: how they move from model to model, and what they say of the groups."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from scipy import stats

from ..adapters import as_fit
from ..named_fits import named_fits
from ..words import group_words, label, member_words, percent, say
from .canvas import canvas, legend_above
from .palette import BLUE, INK, MUTED, ORANGE, SKY


def variance_bars(
    models: object | Sequence[object] | Mapping[str, object],
    ax: Axes | None = None,
    *,
    names: Sequence[str] | None = None,
) -> Axes:
    """The variance between and within groups of each model, as stacked bars.

    Parameters
    ----------
    models : one model, a list, or a mapping from name to model; Fits or MixedLM results
    ax : Axes to draw on; None makes a figure
    names : names of the models; None takes the mapping's, or "Model 1", ...

    Notes
    -----
    With random slopes, the variance between groups is that at zero on every random slope.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480, "x": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=50, group_size=20, seed=1)
    >>> m0, m1 = (hlm.lmer(f"y ~ {x} + (1 | group)", data) for x in ("1", "x"))
    >>> [bar.get_text() for bar in variance_bars({"empty": m0, "with x": m1}).get_yticklabels()]
    ['empty', 'with x']
    """
    fits = named_fits(models, names)
    between = np.array([fit.sigma_u**2 for fit in fits.values()])
    within = np.array([fit.sigma_e**2 for fit in fits.values()])
    first = next(iter(fits.values()))
    _, many = group_words(first.group_name)
    at = np.arange(len(fits))
    with canvas(ax, size=(7, 1.5 + 0.62 * len(fits)), grid="x") as ax:
        style = {"height": 0.62, "edgecolor": "white", "linewidth": 1}
        ax.barh(at, between, color=BLUE, label=f"between {many}", **style)
        ax.barh(at, within, left=between, color=SKY, hatch="//", label=f"within {many}", **style)
        ax.set_xlim(0, 1.17 * (between + within).max())
        for k, fit in enumerate(fits.values()):
            ax.annotate(
                f"ICC {fit.icc:.2f}",
                (between[k] + within[k], k),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
            )
        ax.set_yticks(at, list(fits))
        ax.invert_yaxis()
        ax.xaxis.set_major_formatter("{x:,.0f}")
        ax.set_xlabel(f"Variance of {first.design.response} ({_squared(first.design.response)})")
        legend_above(ax)
    parts = [
        f"{name}: {say(b)} between, {say(w)} within, ICC {fit.icc:.2f}"
        for (name, fit), b, w in zip(fits.items(), between, within, strict=True)
    ]
    ax.hlm_alt = (
        f"Stacked bars of the variance of {first.design.response} between and within {many}. "
        f"{'; '.join(parts)}."
    )
    return ax


def _squared(response: str) -> str:
    return "squared points" if response in ("math", "read", "science") else "squared units"


def school_means_range(model: object, ax: Axes | None = None, *, level: float = 0.95) -> Axes:
    """The plausible range of the groups' true means, inside the spread of all rows.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result
    ax : Axes to draw on; None makes a figure
    level : share of groups in the range

    Raises
    ------
    ValueError
        If the level is not between 0 and 1.

    Notes
    -----
    The range is mean ± z · sigma_u; with predictors, for groups and rows that are average on
    them. It describes groups, not the uncertainty of an estimate: Raudenbush & Bryk (2002),
    Hierarchical Linear Models, 2nd ed., p. 71.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=50, group_size=20, seed=1)
    >>> ax = school_means_range(hlm.lmer("y ~ 1 + (1 | group)", data))
    """
    fit = as_fit(model)
    if not 0 < level < 1:
        raise ValueError(f"level is {level!r}; give a share between 0 and 1, such as 0.95.")
    mean = float(fit.predict(group_effects=False).mean())
    total = float(np.hypot(fit.sigma_u, fit.sigma_e))
    reach = float(stats.norm.ppf(0.5 + level / 2)) * fit.sigma_u
    _, many = group_words(fit.group_name)
    rows = member_words(fit.group_name)
    with canvas(ax, grid=None) as ax:
        _curves(ax, mean, fit.sigma_u, total, reach, (f"{many}' means", rows))
        ax.set_xlabel(label(fit.design.response))
        legend_above(ax)
    given = "" if fit.names in ([], ["Intercept"]) else " at average values of the predictors"
    ax.hlm_alt = (
        f"Two normal curves around {say(mean)}{given}: the means of {many} with SD "
        f"{say(fit.sigma_u)}, and all {rows} with SD {say(total)}. {percent(level)} of the {many}' "
        f"means lie between {say(mean - reach)} and {say(mean + reach)}; the ICC is {fit.icc:.2f}."
    )
    return ax


def _curves(
    ax: Axes, mean: float, sigma_u: float, total: float, reach: float, words: tuple[str, str]
) -> None:
    grid = np.linspace(mean - 3.2 * total, mean + 3.2 * total, 601)
    ax.plot(
        grid,
        stats.norm.pdf(grid, mean, total),
        color=ORANGE,
        linestyle="--",
        label=f"all {words[1]}",
    )
    if sigma_u > 0:
        height = stats.norm.pdf(grid, mean, sigma_u)
        ax.plot(grid, height, color=BLUE, label=words[0])
        inside = np.abs(grid - mean) <= reach
        ax.fill_between(grid[inside], height[inside], color=BLUE, alpha=0.18, linewidth=0)
    else:
        ax.axvline(mean, color=BLUE, label=words[0])
    for end in (mean - reach, mean + reach):
        ax.axvline(end, ymax=0.5, color=INK, linewidth=1)
        ax.annotate(
            say(end), (end, 0.52), xycoords=("data", "axes fraction"), ha="center", fontsize=12
        )
    ax.set_ylim(bottom=0)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_ylabel("Share (density)", color=MUTED)
