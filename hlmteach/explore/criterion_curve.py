"""The criterion as a curve: where REML and ML find their lowest point."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..fitting import lmer
from ..plots.palette import BLUE, ORANGE, VERMILION
from ..words import say
from .explorer import Explorer, Slider
from .sheet import head, sheet

_SD = 80  # within schools
_POINTS = 60


def draw(*, n_groups: int, group_size: int, sigma_u: float, seed: int) -> Figure:
    """Both criteria over the SD between schools, each above its own lowest point."""
    rng = np.random.default_rng(seed)
    u, e = rng.standard_normal(100)[:n_groups], rng.standard_normal((100, 50))
    y = 500 + sigma_u * u[:, None] + _SD * e[:n_groups, :group_size]
    school = np.repeat(np.arange(n_groups), group_size)
    table = pd.DataFrame({"y": y.ravel(), "school": school})
    found, above = {}, {}
    theta = np.linspace(0, 1.5, _POINTS)
    with sheet() as (ax,):
        for reml, name, colour, line in ((True, "REML", BLUE, "-"), (False, "ML", ORANGE, "--")):
            fit = lmer("y ~ 1 + (1 | school)", table, reml)
            height = [fit.solution.criterion_at(np.array([[t * t]])) for t in theta]
            found[name], above[name] = fit, np.array(height) - fit.criterion
            ax.plot(theta, above[name], line, color=colour, label=name)
            ax.plot(fit.theta[0], 0, "o", color=colour, markersize=8, clip_on=False, zorder=5)
        ax.axvline(
            sigma_u / _SD, color=VERMILION, linestyle=":", label="truth", clip_on=False, zorder=4
        )
        ax.set(xlabel="θ = SD between / SD within", ylabel="Above the lowest point")
        ax.set(ylim=(0, 8), xlim=(0, 1.5))
        reml, ml = found["REML"], found["ML"]
        head(ax, f"σ_u: REML {say(reml.sigma_u)}, ML {say(ml.sigma_u)}, truth {sigma_u:g}")
    edge = " Both lie at zero: a singular fit." if reml.singular and ml.singular else ""
    ax.hlm_alt = (
        f"{n_groups} schools of {group_size}, true SD between schools {sigma_u:g}. The REML "
        f"criterion is lowest at {say(reml.sigma_u)}, the ML deviance at {say(ml.sigma_u)}.{edge} "
        f"Values of θ less than 3.84 above the lowest point run from "
        f"{' to '.join(_inside(theta, above['REML']))} by REML."
    )
    return ax.figure


def _inside(theta: np.ndarray, above: np.ndarray) -> tuple[str, str]:
    """The ends of the part of the curve that lies within 3.84 of the lowest point."""
    within = theta[above < 3.84]
    top = "beyond 1.50" if len(within) and within[-1] == theta[-1] else f"{within.max():.2f}"
    return f"{within.min():.2f}", top


def criterion(**start: float) -> Explorer:
    """Move the number of schools; watch the valley narrow and its bottom walk to the truth."""
    sliders = {
        "n_groups": Slider("Schools", 3, 100, 1, 15),
        "group_size": Slider("Students in a school", 2, 50, 1, 15),
        "sigma_u": Slider("SD between schools (points)", 0, 80, 1, 40),
        "seed": Slider("Other schools", 1, 50, 1, 1),
    }
    strip = ({"n_groups": 5}, {"n_groups": 100}, {"n_groups": 15, "sigma_u": 0})
    return Explorer("The criterion, and where it is lowest", draw, sliders, strip).starting(**start)
