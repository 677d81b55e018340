"""Simulations: what a thousand estimates do, and what their standard error promised."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from ..words import count, percent, say
from .canvas import panels
from .palette import INK, ORANGE, marks
from .picture import Panels

Estimates = Sequence[float] | np.ndarray


def sampling_distribution(
    estimates: Estimates | Mapping[str, Estimates],
    ax: Sequence[Axes] | Axes | None = None,
    *,
    se: float | Mapping[str, float] | None = None,
    truth: float | None = None,
    xlabel: str = "Estimate",
) -> Axes | Panels:
    """A histogram of simulated estimates, their SD, and the standard error that was reported.

    Two bars lie above each histogram: the SD of the estimates (their real standard error) and the
    mean reported standard error, each drawn as mean ± one SD. A reported bar that is too short is
    an interval that misses too often.

    Parameters
    ----------
    estimates : the estimates; or a mapping from a method's name to its estimates, one panel each
    ax : Axes to draw on, one per panel; None makes a figure
    se : the mean reported standard error, of each method where there are several
    truth : the value that was simulated, drawn as a line
    xlabel : words for the estimate and its unit

    Returns
    -------
    Axes, or Panels where `estimates` is a mapping

    Raises
    ------
    ValueError
        If there are fewer than two estimates, or one is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> draws = np.random.default_rng(1).normal(0.5, 2.0, 1000)
    >>> sampling_distribution(draws, se=1.2, truth=0.5).get_xlabel()
    'Estimate'
    """
    several = isinstance(estimates, Mapping)
    values = {
        name: _checked(name, v) for name, v in (estimates.items() if several else [("", estimates)])
    }
    ses = se if isinstance(se, Mapping) else dict.fromkeys(values, se)
    every = np.concatenate(list(values.values()))
    edges = np.linspace(every.min(), every.max(), 41)
    axes = [ax] if isinstance(ax, Axes) else ax
    size = (7, 3.6 if not several else 0.6 + 2.8 * len(values))
    with panels(axes, shape=(len(values), 1), size=size) as axes:
        for panel, mark, (name, v) in zip(axes, marks(), values.items(), strict=False):
            _histogram(panel, v, edges, mark["color"], ses.get(name), truth)
            panel.set_title(name)
            panel.hlm_alt = _alt(name, v, ses.get(name), truth)
        axes[-1].set_xlabel(xlabel)
    return axes if several else axes[0]


def _checked(name: str, estimates: Estimates) -> np.ndarray:
    values = np.asarray(estimates, dtype=float).ravel()
    of = f" of {name!r}" if name else ""
    if len(values) < 2:
        raise ValueError(f"There are {len(values)} estimates{of}; a distribution needs many.")
    if not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).sum())
        raise ValueError(f"{bad} of the {len(values):,} estimates{of} are missing or infinite.")
    return values


def _histogram(
    ax: Axes, v: np.ndarray, edges: np.ndarray, colour: str, se: float | None, truth: float | None
) -> None:
    heights, _, _ = ax.hist(v, edges, color=colour, alpha=0.55, edgecolor="white", linewidth=0.5)
    top = max(heights.max(), 1.0)
    _bar(ax, v.mean(), v.std(ddof=1), 1.12 * top, INK, "SD of the estimates")
    if se is not None:
        _bar(ax, v.mean(), se, 1.42 * top, ORANGE, "reported standard error")
    if truth is not None:
        ax.axvline(truth, color=INK, linestyle=":", ymax=0.58)
        ax.annotate(
            "truth",
            (truth, 0.03),
            xycoords=("data", "axes fraction"),
            xytext=(4, 0),
            textcoords="offset points",
        )
    ax.set(ylim=(0, 1.75 * top if se is not None else 1.45 * top), ylabel="Simulations")


def _bar(ax: Axes, centre: float, half: float, height: float, colour: str, words: str) -> None:
    ax.errorbar(
        centre, height, xerr=half, color=colour, marker="|", markersize=9, capsize=5, linewidth=2.6
    )
    ax.annotate(
        f"{words}: {say(half)}",
        (centre, height),
        xytext=(0, 6),
        textcoords="offset points",
        ha="center",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},  # over the grid
    )


def _alt(name: str, v: np.ndarray, se: float | None, truth: float | None) -> str:
    sd = v.std(ddof=1)
    of = f" by {name}" if name else ""
    drawn = f"{count(len(v), 'simulated estimate')}{of}"
    text = f"Histogram of {drawn}: mean {say(v.mean())}, SD {say(sd)}"
    if truth is not None:
        text += f", truth {say(truth)}"
    if se is not None:
        text += f"; the reported standard error is {say(se)}, {percent(se / sd)} of that SD"
    return f"{text}."
