"""Scatters: one row a point with the regression line, or one group a point."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..design import DataError
from ..words import count, group_words, label, member_words, say
from .canvas import canvas, legend_above, sized
from .palette import BLUE, INK, ORANGE


def regression_line(
    data: pd.DataFrame, x: str, y: str, ax: Axes | None = None, *, residuals: bool = False
) -> Axes:
    """The rows as points and the least-squares line through them.

    Parameters
    ----------
    data : a table with the columns `x` and `y`; rows in which either is missing are left out
    x, y : names of the predictor and the outcome, both numbers
    ax : Axes to draw on; None makes a figure
    residuals : also draw each residual, as a line from the point to the regression line

    Raises
    ------
    DataError
        If a column is not there, is not a number, or `x` does not vary.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> ax = regression_line(hlm.datasets.study_hours(), "hours", "gpa", residuals=True)
    >>> ax.get_xlabel()
    'Hours of study a day'
    """
    xs, ys = numbers(data, [x, y]).to_numpy().T
    alpha, beta = _least_squares(x, xs, ys)
    fitted = alpha + beta * xs
    with canvas(ax) as ax:
        if residuals:
            ax.vlines(xs, fitted, ys, color=ORANGE, linewidth=1, label="residual", zorder=1)
        ax.scatter(xs, ys, s=22, color=BLUE, alpha=0.65, linewidth=0, label="observed", zorder=2)
        ends = np.array([xs.min(), xs.max()])
        ax.plot(ends, alpha + beta * ends, color=INK, linewidth=2.4, label="regression line")
        ax.set(xlabel=label(x), ylabel=label(y))
        legend_above(ax)
    spread = np.sqrt(((ys - fitted) ** 2).sum() / max(len(xs) - 2, 1))
    sticks = " with a line from each point to the regression line" if residuals else ""
    ax.hlm_alt = (
        f"Scatter of {y} against {x}, {count(len(xs), 'point')}{sticks}. The regression line is "
        f"{y} = {say(alpha)} {'−' if beta < 0 else '+'} {say(abs(beta))} × {x}; "
        f"the residuals' SD is {say(spread)}."
    )
    return ax


def level2_scatter(data: pd.DataFrame, x: str, y: str, group: str, ax: Axes | None = None) -> Axes:
    """A property of the groups against the groups' means; larger points are larger groups.

    Parameters
    ----------
    data : the rows; those with `x`, `y` or `group` missing are left out
    x : a level-2 predictor, one value per group
    y : the outcome, averaged over each group
    group : the grouping column
    ax : Axes to draw on; None makes a figure

    Raises
    ------
    DataError
        If a column is not there or not a number, or `x` varies within a group.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480, "stratio": -1}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=30, group_size=20, level2=["stratio"], seed=1)
    >>> level2_scatter(data, "stratio", "y", "group").get_xlabel()
    'Students per teacher'
    """
    table = numbers(data, [x, y], group)
    groups = table.groupby(group, observed=True)
    _check_level2(groups[x], x, group)
    means = groups[y].mean().to_numpy()
    values, sizes = groups[x].first().to_numpy(), groups.size().to_numpy()
    one, many = group_words(group)
    with canvas(ax, grid="both") as ax:
        ax.scatter(
            values,
            means,
            s=sized(sizes),
            color=BLUE,
            alpha=0.6,
            edgecolor="white",
            linewidth=0.6,
            label=f"a {one}; larger: more {member_words(group)}",
        )
        ax.axhline(
            means.mean(), color=ORANGE, linestyle="--", linewidth=2, label=f"mean of the {many}"
        )
        ax.set(xlabel=label(x), ylabel=f"{one.capitalize()} mean: {label(y)}")
        legend_above(ax)
    ax.hlm_alt = _level2_alt(x, y, values, means, sizes, one, many, member_words(group))
    return ax


def _level2_alt(x, y, values, means, sizes, one, many, rows) -> str:
    r = np.corrcoef(values, means)[0, 1]
    low, high = np.quantile(values, [0.05, 0.95])
    return (
        f"Scatter of {count(len(means), one, many)}: mean {y} against {x}, larger points for "
        f"{many} with more {rows} ({sizes.min()} to {sizes.max()}). {x} runs from "
        f"{say(values.min())} to {say(values.max())}, nine in ten {many} between {say(low)} and "
        f"{say(high)}; the correlation with the {one} means is {say(round(r, 2))}."
    )


def numbers(data: pd.DataFrame, columns: list[str], group: str | None = None) -> pd.DataFrame:
    """The complete rows of some columns, as floats; the group as it is."""
    wanted = [*columns, group] if group else list(columns)
    for name in wanted:
        if name not in data.columns:
            raise DataError(
                f"The column '{name}' is not in the table. "
                f"The table has these columns: {', '.join(map(str, data.columns))}."
            )
    for name in columns:
        if not pd.api.types.is_numeric_dtype(data[name]):
            raise DataError(f"'{name}' is {data[name].dtype}, not a number; it has no place here.")
    table = data[wanted].dropna()
    if len(table) < 2:
        raise DataError(f"Only {len(table)} rows have all of {', '.join(wanted)}; draw more.")
    return table.astype(dict.fromkeys(columns, float))


def _check_level2(values: "pd.api.typing.SeriesGroupBy", x: str, group: str) -> None:
    varied = values.max() > values.min()
    if varied.any():
        raise DataError(
            f"'{x}' varies within {int(varied.sum())} of {len(varied)} values of '{group}', "
            f"{varied.idxmax()!r} among them: it is a level-1 predictor. Average it first, or draw "
            "group_lines(model)."
        )


def _least_squares(x: str, xs: np.ndarray, ys: np.ndarray) -> tuple[float, float]:
    if xs.min() == xs.max():
        raise DataError(f"'{x}' is {xs[0]:g} in every row, so no line can be fitted.")
    beta = np.cov(xs, ys)[0, 1] / np.var(xs, ddof=1)
    return float(ys.mean() - beta * xs.mean()), float(beta)
