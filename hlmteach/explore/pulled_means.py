"""Shrinkage: how far school means are pulled to the grand mean."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..fitting import lmer
from ..plots.palette import BLUE, FAINT, ORANGE
from ..words import say
from .explorer import Explorer, Slider
from .sheet import head, sheet, strokes

_SCHOOLS = 20
_SD = 90


def draw(*, icc: float, group_size: int, seed: int) -> Figure:
    """Raw means of twenty schools, and what the random intercept model predicts for them."""
    rng = np.random.default_rng(seed)
    u = rng.standard_normal(_SCHOOLS)
    u = (u - u.mean()) / u.std(ddof=1)  # so that the schools differ as the slider says
    e = rng.standard_normal((_SCHOOLS, 100))[:, :group_size]
    y = 500 + _SD * (np.sqrt(icc) * u[:, None] + np.sqrt(1 - icc) * e)
    school = np.repeat(np.arange(_SCHOOLS), group_size)
    fit = lmer("y ~ 1 + (1 | school)", pd.DataFrame({"y": y.ravel(), "school": school}))
    grand = float(fit.beta.iloc[0])
    raw, predicted = y.mean(axis=1), grand + fit.u["u"].to_numpy()
    kept = fit.icc * group_size / (1 + (group_size - 1) * fit.icc)
    with sheet() as (ax,):
        ax.axhline(grand, color=ORANGE, linestyle="--")
        strokes(ax, [[0], [1]], [raw, predicted], color=FAINT, linewidth=1.2, zorder=0)
        ax.plot(np.zeros(_SCHOOLS), raw, "o", color=BLUE, markerfacecolor="white")
        ax.plot(np.ones(_SCHOOLS), predicted, "o", color=BLUE)
        ax.set(xticks=[0, 1], xlim=(-0.4, 1.4), ylim=(350, 650), ylabel="Score")
        ax.set_xticklabels(["raw mean", "predicted mean"])
        head(ax, f"{kept:.0%} of each school's deviation is kept")
    ax.hlm_alt = (
        f"{_SCHOOLS} schools of {group_size} students, true ICC {icc:.2f}, fitted {fit.icc:.2f}. "
        f"The model keeps {kept:.0%} of a school's deviation and pulls the rest to the grand mean "
        f"of {say(grand)}: raw means span {say(np.ptp(raw))} points, predicted ones "
        f"{say(np.ptp(predicted))}."
    )
    return ax.figure


def shrinkage(**start: float) -> Explorer:
    """Move the school size and the ICC; see how strongly the means are pulled together."""
    sliders = {
        "icc": Slider("ICC", 0, 0.8, 0.01, 0.2),
        "group_size": Slider("Students in a school", 2, 100, 1, 10),
        "seed": Slider("Other schools", 1, 50, 1, 1),
    }
    strip = tuple({"icc": i, "group_size": n} for i, n in ((0.2, 4), (0.2, 50), (0.6, 4)))
    return Explorer("How far school means are pulled", draw, sliders, strip).starting(**start)
