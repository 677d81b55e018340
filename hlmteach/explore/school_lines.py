"""Random slopes: lines of schools, their spread and their correlation."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..fitting import lmer
from ..plots.palette import BLUE, ORANGE
from ..words import plain, say
from .explorer import Explorer, Slider
from .sheet import head, sheet, strokes

_SCHOOLS, _STUDENTS = 30, 20


def draw(*, slope_sd: float, corr: float, shift: float, seed: int) -> Figure:
    """Thirty schools' lines, and what the model with random slopes finds."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((2, _SCHOOLS))
    z = (z - z.mean(axis=1, keepdims=True)) / z.std(axis=1, keepdims=True)
    z[1] -= z[0] * (z[0] @ z[1]) / _SCHOOLS
    z[1] /= z[1].std()
    u0, u1 = 40 * z[0], slope_sd * (corr * z[0] + np.sqrt(1 - corr**2) * z[1])
    x = np.linspace(-2, 2, _STUDENTS)
    e = 50 * rng.standard_normal((_SCHOOLS, _STUDENTS))
    y = 500 + u0[:, None] + (30 + u1)[:, None] * x + e
    table = pd.DataFrame(
        {
            "y": y.ravel(),
            "x": np.tile(x + shift, _SCHOOLS),
            "school": np.repeat(np.arange(_SCHOOLS), _STUDENTS),
        }
    )
    fit = lmer("y ~ x + (1 + x | school)", table)
    sd = np.sqrt(np.diag(fit.cov_u))
    found = round(fit.cov_u.iloc[0, 1] / sd.prod(), 2) + 0.0 if sd.min() > 0 else np.nan
    at = x[[0, -1]]
    with sheet() as (ax,):
        lines = 500 + u0 + np.outer(at, 30 + u1)
        look = {"color": BLUE, "linewidth": 0.9, "alpha": 0.7, "label": "a school"}
        strokes(ax, at[:, None] + shift, lines, **look)
        ax.plot(at + shift, 500 + 30 * at, color=ORANGE, linewidth=3, label="average school")
        ax.axvline(0, color="#666666", linewidth=1)
        ax.set(xlabel="x (the line at 0 is where intercepts are read)", ylabel="Score")
        ax.set(ylim=(250, 750), xlim=(-4.2, 4.2))
        says = "undefined" if np.isnan(found) else f"{found:.2f}".replace("-", "−")
        head(ax, f"slope SD {sd[1]:.0f}, correlation {says} (fitted)")
    ax.hlm_alt = (
        f"True slope SD {slope_sd:g}, correlation with the intercept {plain(corr)} where x was 0 "
        f"before it was shifted by {plain(shift)}. Fitted: intercept SD {say(sd[0])}, slope SD "
        f"{say(sd[1])}, correlation {says}{', singular' if fit.singular else ''}."
    )
    return ax.figure


def slopes(**start: float) -> Explorer:
    """Move the spread of the slopes, their correlation with the intercept, and the zero of x."""
    sliders = {
        "slope_sd": Slider("SD of the slopes", 0, 40, 1, 15),
        "corr": Slider("Correlation with the intercept", -1, 1, 0.1, 0.0),
        "shift": Slider("Shift of x", -2, 2, 0.1, 0.0),
        "seed": Slider("Other schools", 1, 50, 1, 1),
    }
    strip = (
        {"slope_sd": 0, "corr": 0.0},
        {"slope_sd": 15, "corr": 0.8},
        {"slope_sd": 15, "corr": 0.8, "shift": 2},
    )
    return Explorer("Every school its own line", draw, sliders, strip).starting(**start)
