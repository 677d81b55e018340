"""Left over: residuals against a predictor, and how much they spread in each group."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

from ..adapters import as_fit
from ..arguments import whole_number
from ..design import DataError
from ..diagnostics.case import find_rows
from ..fit import Fit
from ..residuals import level2_residuals
from ..words import count, group_words, label, member_words, say, units
from .canvas import canvas, legend_above, sized
from .palette import BLUE, INK, ORANGE
from .scatters import numbers


def residuals_against(
    model: object,
    x: str,
    ax: Axes | None = None,
    *,
    level: int | None = None,
    data: pd.DataFrame | None = None,
    bins: int = 8,
) -> Axes:
    """Residuals of one level against a predictor, in the model or not, with means of slices.

    Where the model is right, the means of the slices lie around zero. A bend is a line that is
    not straight; a slope at level 2 is a predictor, or a group mean, that is missing.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result
    x : a column of numbers
    ax : Axes to draw on; None makes a figure
    level : 1 draws the rows' residuals, 2 the predicted group effects, against the groups' means
        of x; None takes 1 if x varies within groups, and 2 if it does not
    data : the table that has x, with the same index; None takes the model's own
    bins : number of slices, of about equally many points each

    Raises
    ------
    DataError
        If x is not there, is no number, has gaps, or is the same everywhere; or if level 1 is asked
        for an x that has one value per group.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480, "x": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=50, group_size=20, seed=1)
    >>> ax = residuals_against(hlm.lmer("y ~ x + (1 | group)", data), "x")
    >>> ax.get_ylabel()
    'Level-1 residual (units of y)'
    """
    fit = as_fit(model)
    values, level, varies = _sides(fit, x, level, data)
    resid = fit.resid.to_numpy() if level == 1 else level2_residuals(fit)["u"].to_numpy()
    middle, mean, se = _slices(values, resid, whole_number("bins", bins, 2))
    one, many = group_words(fit.group_name)
    unit = units(fit.design.response)
    said = "Level-1 residual" if level == 1 else "Group effect"
    few = len(values) <= 400
    with canvas(ax) as ax:
        size = sized(fit.design.sizes, most=60) if level == 2 else (18 if few else 7)
        ax.axhline(0, color=INK, linewidth=1)
        ax.scatter(values, resid, s=size, color=BLUE, alpha=0.6 if few else 0.25, linewidth=0)
        ax.errorbar(
            middle,
            mean,
            yerr=2 * se,
            color=ORANGE,
            marker="s",
            markersize=7,
            markeredgecolor=INK,
            linewidth=2,
            label="mean of a slice ± 2 SE",
        )
        own = f"{one.capitalize()} mean: {label(x)}" if level == 2 and varies else label(x)
        ax.set(xlabel=own, ylabel=f"{said} ({unit})")
        legend_above(ax)
    kind = (
        count(fit.n, "level-1 residual")
        if level == 1
        else f"predicted effects of {count(fit.n_groups, one, many)}"
    )
    off = int((np.abs(mean) > 2 * se).sum())
    ax.hlm_alt = (
        f"{kind[0].upper()}{kind[1:]} against {own}, which runs from {say(values.min())} to "
        f"{say(values.max())}. Their means in {len(middle)} slices, from left to right: "
        f"{', '.join(say(round(value, 1) + 0.0) for value in mean)}; {off} of them "
        f"{'lies' if off == 1 else 'lie'} more than 2 SE from 0. "
        f"The correlation is {np.corrcoef(values, resid)[0, 1]:.2f}."
    )
    return ax


def _sides(
    fit: Fit, x: str, level: int | None, data: pd.DataFrame | None
) -> tuple[np.ndarray, int, bool]:
    """x by row or by group, the level, and whether x varies within groups."""
    design = fit.design
    table = design.frame if data is None else data
    at = find_rows(design, table)
    if at is None:
        raise DataError(
            f"I cannot tell which rows of the table the model used, so I cannot find their '{x}'. "
            "Give data=, the table that the model was fitted to."
        )
    values = numbers(table.iloc[at], [x])[x].to_numpy()
    if len(values) < design.n:
        raise DataError(
            f"'{x}' is missing in {design.n - len(values)} of the model's rows. Fit the model to "
            f"the rows that have it: data.dropna(subset=['{x}'])."
        )
    if np.ptp(values) == 0:
        raise DataError(f"'{x}' is {values[0]:g} in every row: nothing to draw against.")
    means = np.bincount(design.codes, values) / design.sizes
    constant = np.abs(values - means[design.codes]).max() <= 1e-9 * np.abs(values).max()
    level = (2 if constant else 1) if level is None else level
    if level not in (1, 2):
        raise ValueError(f"level is {level!r}; it can be 1 (rows) or 2 (groups).")
    if level == 1 and constant:
        raise DataError(
            f"'{x}' has one value per group, and level-1 residuals average to about zero in each "
            "group. Take level=2, the group effects."
        )
    return (values if level == 1 else means), level, not constant


def _slices(x: np.ndarray, y: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Middle of x, mean of y and its standard error in slices of equally many points."""
    edges = np.unique(np.quantile(x, np.linspace(0, 1, bins + 1)))
    at = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, max(len(edges) - 2, 0))
    parts = pd.DataFrame({"x": x, "y": y}).groupby(at)
    many = parts.size() > 1
    table = parts.agg(x=("x", "median"), mean=("y", "mean"), se=("y", "sem"))[many]
    return table["x"].to_numpy(), table["mean"].to_numpy(), table["se"].to_numpy()


def residual_spread(model: object, ax: Axes | None = None, *, least: int = 5) -> Axes:
    """The SD of the level-1 residuals in each group, against its size, with the range of chance.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result
    ax : Axes to draw on; None makes a figure
    least : groups of fewer rows are left out: their SD says next to nothing

    Raises
    ------
    ValueError
        If fewer than two groups have so many rows.

    Notes
    -----
    If all groups share sigma_e, then S² (n - 1) / sigma_e² is about chi-square with n - 1 degrees
    of freedom, and 19 of 20 groups lie in the band. Source: Raudenbush & Bryk (2002), Hierarchical
    Linear Models, 2nd ed., ch. 9.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480, "x": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=50, group_size=(10, 40), seed=1)
    >>> ax = residual_spread(hlm.lmer("y ~ x + (1 | group)", data))
    >>> ax.get_xlabel()
    'Rows in the group'
    """
    fit = as_fit(model)
    least = whole_number("least", least, 2)
    sizes, sds = _sds(fit)
    keep = sizes >= least
    if keep.sum() < 2:
        raise ValueError(
            f"{int(keep.sum())} groups have {least} rows or more, and a comparison needs two. "
            "Lower least=."
        )
    sizes, sds = sizes[keep], sds[keep]
    low, high = _band(sizes, fit.sigma_e)
    out = (sds < low) | (sds > high)
    one, many = group_words(fit.group_name)
    grid = np.arange(sizes.min(), sizes.max() + 1)
    with canvas(ax) as ax:
        ax.fill_between(
            grid,
            *_band(grid, fit.sigma_e),
            color="#E9E9E9",
            linewidth=0,
            label="19 of 20 by chance",
        )
        ax.axhline(fit.sigma_e, color=ORANGE, linestyle="--", label="σₑ of the model")
        ax.plot(sizes, sds, "o", color=BLUE, markersize=5, alpha=0.75, label=f"a {one}")
        rows = member_words(fit.group_name)
        ax.set(
            xlabel=f"{rows.capitalize()} in the {one}",
            ylabel=f"SD of residuals ({units(fit.design.response)})",
        )
        ax.set_ylim(bottom=0)
        legend_above(ax)
    ax.hlm_alt = (
        f"SD of the level-1 residuals of {count(len(sds), one, many)} with {sizes.min()} to "
        f"{sizes.max()} {rows}, from {say(sds.min())} to {say(sds.max())}, around the model's "
        f"{say(fit.sigma_e)}. {int(out.sum())} of {len(sds)} lie outside a band that leaves out "
        f"one in twenty by chance."
    )
    return ax


def _sds(fit: Fit) -> tuple[np.ndarray, np.ndarray]:
    """(J,) rows of each group and the SD of their level-1 residuals; NaN for a single row."""
    codes, sizes, resid = fit.design.codes, fit.design.sizes, fit.resid.to_numpy()
    mean = np.bincount(codes, resid) / sizes
    squares = np.bincount(codes, (resid - mean[codes]) ** 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return sizes, np.sqrt(squares / (sizes - 1))


def _band(sizes: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    df = sizes - 1
    return tuple(sigma * np.sqrt(stats.chi2.ppf(q, df) / df) for q in (0.025, 0.975))
