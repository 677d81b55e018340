"""The ICC: move the two SDs and watch the schools separate."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..fitting import lmer
from ..plots.palette import BLUE, INK, ORANGE, SKY
from ..words import say
from .explorer import Explorer, Slider
from .sheet import head, sheet

_SCHOOLS, _STUDENTS = 16, 25


def draw(*, sigma_u: float, sigma_e: float, seed: int) -> Figure:
    """Students of sixteen schools, and the shares of the variance, true and fitted."""
    rng = np.random.default_rng(seed)
    u, e = rng.standard_normal(_SCHOOLS), rng.standard_normal((_SCHOOLS, _STUDENTS))
    # Standardised, so that what is seen is what the sliders say.
    u, e = (u - u.mean()) / u.std(ddof=1), e - e.mean(axis=1, keepdims=True)
    e /= np.sqrt((e**2).sum() / (e.size - _SCHOOLS))
    order = np.argsort(u)
    noise = rng.standard_normal((_SCHOOLS, 1)) / np.sqrt(_STUDENTS)
    y = 500 + sigma_u * u[order, None] + sigma_e * (e + noise)
    school = np.repeat(np.arange(_SCHOOLS), _STUDENTS)
    fit = lmer("y ~ 1 + (1 | school)", pd.DataFrame({"y": y.ravel(), "school": school}))
    total = sigma_u**2 + sigma_e**2
    icc = sigma_u**2 / total
    jitter = rng.uniform(-0.25, 0.25, y.shape)
    with sheet(2, (4, 1)) as (ax, bar):
        ax.plot(school + jitter.ravel(), y.ravel(), "o", color=SKY, markersize=2.5)
        ax.plot(np.arange(_SCHOOLS), y.mean(axis=1), "_", color=INK, markersize=14, mew=2.5)
        ax.set(xlabel="Schools, sorted", ylabel="Score", xticks=[])
        ax.set(xlim=(-1, _SCHOOLS), ylim=(50, 950))
        head(ax, f"ICC {icc:.2f}; the model finds {fit.icc:.2f}")
        bar.bar(0, icc, color=BLUE, width=0.6)
        bar.bar(0, 1 - icc, bottom=icc, color=ORANGE, width=0.6, hatch="//", edgecolor="white")
        bar.set(ylim=(0, 1), xlim=(-0.5, 0.5), xticks=[], ylabel="Share of variance")
        bar.set_xlabel("between")
        bar.set_title("within", loc="center")
    ax.hlm_alt = (
        f"Between schools the SD is {sigma_u:g}, within {sigma_e:g}: variances {say(sigma_u**2)} "
        f"and {say(sigma_e**2)}, ICC {icc:.2f}. The model fitted to these {_SCHOOLS} schools of "
        f"{_STUDENTS} finds {fit.icc:.2f}."
    )
    return ax.figure


def icc(**start: float) -> Explorer:
    """Move the SD between schools and the SD within; the ICC is the share of the first, squared."""
    sliders = {
        "sigma_u": Slider("SD between schools (points)", 0, 100, 1, 40),
        "sigma_e": Slider("SD within schools (points)", 10, 120, 1, 80),
        "seed": Slider("Other schools", 1, 50, 1, 1),
    }
    strip = tuple({"sigma_u": u, "sigma_e": e} for u, e in ((10, 80), (40, 80), (80, 40)))
    return Explorer("How much of the variance lies between schools", draw, sliders, strip).starting(
        **start
    )
