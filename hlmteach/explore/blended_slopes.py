"""Within and between: two slopes, and the one that a plain model reports."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..fitting import lmer
from ..plots.palette import BLUE, INK, ORANGE, SKY, VERMILION
from ..words import plain, say
from .explorer import Explorer, Slider
from .sheet import head, sheet, strokes

_SCHOOLS = 12


def draw(*, within: float, between: float, group_size: int, seed: int) -> Figure:
    """Students of twelve schools with their own line, the school means, and the fitted slopes."""
    rng = np.random.default_rng(seed)
    centre = np.linspace(-1.2, 1.2, _SCHOOLS) + 0.15 * rng.standard_normal(_SCHOOLS)
    centre -= centre.mean()
    apart = 0.7 * rng.standard_normal((_SCHOOLS, 60))[:, :group_size]
    apart -= apart.mean(axis=1, keepdims=True)
    u, e = 15 * rng.standard_normal(_SCHOOLS), 45 * rng.standard_normal((_SCHOOLS, 60))
    e = e[:, :group_size]
    x = centre[:, None] + apart
    y = 500 + between * centre[:, None] + within * apart + u[:, None] + e
    table = pd.DataFrame(
        {
            "y": y.ravel(),
            "escs": x.ravel(),
            "apart": apart.ravel(),
            "mean": np.repeat(centre, group_size),
            "school": np.repeat(np.arange(_SCHOOLS), group_size),
        }
    )
    blend = lmer("y ~ escs + (1 | school)", table).beta["escs"]
    both = lmer("y ~ apart + mean + (1 | school)", table).beta
    with sheet() as (ax,):
        ax.plot(x.ravel(), y.ravel(), "o", color=SKY, markersize=2.5)
        ends = np.stack([apart.min(axis=1), apart.max(axis=1)])
        height = y.mean(axis=1) + both["apart"] * ends
        strokes(ax, centre + ends, height, color=BLUE, linewidth=1.3)
        ax.plot(centre, y.mean(axis=1), "D", color=INK, markersize=5, label="school means")
        line = np.array([-1.4, 1.4])
        ax.plot(line, 500 + both["mean"] * line, color=ORANGE, linestyle="--", label="between")
        ax.plot(
            line,
            500 + blend * line,
            color=VERMILION,
            linestyle=":",
            linewidth=2.6,
            label="y ~ escs",
        )
        ax.plot([], [], color=BLUE, label="within")
        ax.set(xlabel="escs", ylabel="Score", xlim=(-3, 3), ylim=(250, 750))
        head(ax, f"within {say(both['apart'])}, between {say(both['mean'])}, blend {say(blend)}")
    ax.hlm_alt = (
        f"True slopes: within schools {plain(within)}, between them {plain(between)}; "
        f"{group_size} students a school. Fitted apart: within {say(both['apart'])}, between "
        f"{say(both['mean'])}, so the contextual slope is {say(both['mean'] - both['apart'])}. "
        f"The model with escs alone reports one slope, {say(blend)}."
    )
    return ax.figure


def within_between(**start: float) -> Explorer:
    """Move the slope within schools and the slope between them; see what one coefficient blends."""
    sliders = {
        "within": Slider("Slope within schools", -60, 100, 1, 30),
        "between": Slider("Slope between schools", -60, 140, 1, 90),
        "group_size": Slider("Students in a school", 3, 60, 1, 25),
        "seed": Slider("Other students", 1, 50, 1, 1),
    }
    pairs = ((30, 30), (30, 90), (-40, 90))
    strip = tuple({"within": w, "between": b} for w, b in pairs)
    return Explorer("Two slopes in one predictor", draw, sliders, strip).starting(**start)
