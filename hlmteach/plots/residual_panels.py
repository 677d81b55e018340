"""Residuals: what the assumptions of a regression and of a two-level model look like."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from scipy import stats

from ..adapters import as_fit
from ..fit import Fit
from ..residuals import level2_residuals
from ..words import count, group_words, member_words, say, units
from .canvas import panels
from .palette import BLUE, ORANGE
from .picture import Panels


def ols_residuals(result: object, ax: Sequence[Axes] | None = None) -> Panels:
    """An ordinary regression's residuals: against the fitted values, and against the normal.

    Parameters
    ----------
    result : what `smf.ols(...).fit()` of statsmodels returns
    ax : two Axes to draw on; None makes a figure

    Returns
    -------
    Panels
        The two Axes: `left, right = ols_residuals(result)`.

    Raises
    ------
    TypeError
        If the result has no residuals and fitted values.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> import statsmodels.formula.api as smf
    >>> ols = smf.ols("gpa ~ hours", hlm.datasets.study_hours()).fit()
    >>> left, right = ols_residuals(ols)
    >>> left.get_xlabel()
    'Fitted gpa'
    """
    if not (hasattr(result, "resid") and hasattr(result, "fittedvalues")):
        raise TypeError(
            "A fitted ordinary regression is needed here, smf.ols(...).fit(); got "
            f"{type(result).__name__}. For a multilevel model, draw residuals(model)."
        )
    resid, fitted = np.asarray(result.resid, float), np.asarray(result.fittedvalues, float)
    name = str(result.model.endog_names)
    with panels(ax, shape=(1, 2), size=(7, 3.6)) as axes:
        _against(axes[0], fitted, resid, f"Fitted {name}", "Residual")
        largest = _quantiles(axes[1], resid, "Residual")
    text = (
        f"Two panels for {count(len(resid), 'residual')} of a regression of {name}, SD "
        f"{say(resid.std(ddof=1))}. Left: residuals against fitted values from {say(fitted.min())} "
        f"to {say(fitted.max())}; {_spread(fitted, resid)} Right: normal quantile plot; {largest}"
    )
    return _told(axes, text)


def residuals(model: object, ax: Sequence[Axes] | None = None) -> Panels:
    """The residuals of both levels: against the fitted values, and against the normal.

    The upper panels show level 1, rows around their group's own line; the lower ones level 2, the
    predicted group effects (of the intercept).

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result
    ax : four Axes to draw on; None makes a figure

    Returns
    -------
    Panels
        Four Axes: level 1 against fitted, level 1 quantiles, level 2 against fitted, level 2
        quantiles.

    Notes
    -----
    Predicted effects are shrunken, each by its own amount: their SD is below sigma_u, and in the
    quantile plot each is divided by its own expected SD. Source: Snijders & Bosker (2012),
    Multilevel Analysis, 2nd ed., chapter 10.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480, "x": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=50, group_size=20, seed=1)
    >>> len(residuals(hlm.lmer("y ~ x + (1 | group)", data)))
    4
    """
    fit = as_fit(model)
    left = level2_residuals(fit)
    u, standard = left["u"].to_numpy(), left["standardised"].to_numpy()
    resid, fitted = fit.resid.to_numpy(), fit.fitted.to_numpy()
    unit = units(fit.design.response)
    one, many = group_words(fit.group_name)
    with panels(ax, shape=(2, 2), size=(7, 6.4)) as axes:
        _against(axes[0], fitted, resid, f"Fitted {fit.design.response}", f"Residual ({unit})")
        first = _quantiles(axes[1], resid / fit.sigma_e, "Residual / σₑ")
        x, xlabel = _level2_x(fit, one)
        _against(axes[2], x, u, xlabel, f"Group effect ({unit})")
        second = _quantiles(axes[3], standard, "Group effect / its SD")
        for panel, level in zip(axes, (1, 1, 2, 2), strict=True):
            panel.set_title(f"Level {level}: {member_words(fit.group_name) if level < 2 else many}")
    text = (
        f"Four panels. Level 1, {count(fit.n, 'residual')}, SD {say(resid.std(ddof=1))}: against "
        f"fitted values, {_spread(fitted, resid)} Normal quantile plot: {first} Level 2, "
        f"effects of {count(fit.n_groups, one, many)}, SD {say(u.std(ddof=1))}: against the "
        f"{xlabel.lower()}, {_related(x, u)} Normal quantile plot: {second}"
    )
    return _told(axes, text)


def _level2_x(fit: Fit, one: str) -> tuple[np.ndarray, str]:
    """What to draw the group effects against, (J,), and its name."""
    mean = np.bincount(fit.design.codes, fit.predict(group_effects=False)) / fit.design.sizes
    if _varies(mean):
        return mean, f"Fixed part, {one} mean"
    return fit.design.sizes, f"{member_words(fit.group_name).capitalize()} in the {one}"


def _varies(x: np.ndarray) -> bool:
    return bool(np.ptp(x) > 1e-9 * max(np.abs(x).max(), 1.0))


def _against(ax: Axes, x: np.ndarray, y: np.ndarray, xlabel: str, ylabel: str) -> None:
    ax.axhline(0, color=ORANGE, linestyle="--")
    size = 18 if len(x) <= 400 else 7
    ax.scatter(x, y, s=size, color=BLUE, alpha=0.8 if len(x) <= 400 else 0.35, linewidth=0)
    if not _varies(x):
        ax.set_xlim(x[0] - 1, x[0] + 1)
    ax.set(xlabel=xlabel, ylabel=ylabel)


def _quantiles(ax: Axes, values: np.ndarray, ylabel: str) -> str:
    """Draw a normal quantile plot; return a sentence on its ends."""
    order = np.sort(values)
    normal = stats.norm.ppf((np.arange(1, len(order) + 1) - 0.5) / len(order))
    centre, slope = order.mean(), order.std(ddof=1)
    ax.plot(normal, centre + slope * normal, color=ORANGE, linestyle="--")
    size = 4 if len(order) <= 400 else 2.5
    ax.plot(normal, order, "o", color=BLUE, markersize=size, markeredgewidth=0, alpha=0.7)
    ax.set(xlabel="Quantile of the normal", ylabel=ylabel)
    ends = (order[[0, -1]] - centre) / slope if slope > 0 else np.zeros(2)
    r = np.corrcoef(normal, order)[0, 1] if slope > 0 else 0.0
    return (
        f"the points lie {'close to' if r > 0.99 else 'off'} a straight line (correlation "
        f"{r:.3f}), from {say(ends[0])} to {say(ends[1])} SDs."
    )


def _spread(x: np.ndarray, resid: np.ndarray) -> str:
    """How the SD of the residuals changes from the lowest to the highest third of x."""
    if not _varies(x) or len(x) < 9:
        return "all at one value."
    low, high = np.quantile(x, [1 / 3, 2 / 3])
    lower, upper = resid[x <= low].std(ddof=1), resid[x >= high].std(ddof=1)
    return f"their SD is {say(lower)} in the lowest third and {say(upper)} in the highest."


def _related(x: np.ndarray, u: np.ndarray) -> str:
    if not (_varies(x) and _varies(u)):
        return "all at one value."
    return f"their correlation is {np.corrcoef(x, u)[0, 1]:.2f}."


def _told(axes: Panels, text: str) -> Panels:
    for ax in axes:
        ax.hlm_alt = text
    return axes
