"""Least squares by hand: a line to be moved, and the squares that it leaves."""

from functools import lru_cache

import numpy as np
from matplotlib.figure import Figure

from ..datasets import study_hours
from ..plots.palette import BLUE, INK, ORANGE
from ..words import say
from .explorer import Explorer, Slider
from .sheet import head, sheet


@lru_cache(maxsize=1)
def _data() -> tuple[np.ndarray, np.ndarray]:
    table = study_hours(n=40, seed=1)
    return table["hours"].to_numpy(), table["gpa"].to_numpy()


def draw(*, intercept: float, slope: float) -> Figure:
    """Forty students, a line, and the residuals from it."""
    hours, gpa = _data()
    error = gpa - intercept - slope * hours
    best = np.polyfit(hours, gpa, 1)
    total, least = error @ error, np.sum((gpa - np.polyval(best, hours)) ** 2)
    ends = np.array([0, hours.max()])
    with sheet() as (ax,):
        ax.vlines(hours, gpa - error, gpa, color=ORANGE, linewidth=1)
        ax.plot(hours, gpa, "o", color=BLUE, markersize=5)
        ax.plot(ends, intercept + slope * ends, color=INK)
        ax.set(xlabel="Hours of study a day", ylabel="Grade point average", ylim=(1.2, 4.2))
        head(ax, f"Sum of squared errors {say(total)}; the least is {say(least)}")
    way = "falls" if slope < 0 else "rises"
    ax.hlm_alt = (
        f"The line starts at {intercept:.2f} and {way} by {abs(slope):.3f} per hour. Its squared "
        f"errors add up to {say(total)}, {total / least:.2f} times the least that any line can "
        "reach."
    )
    return ax.figure


def least_squares(**start: float) -> Explorer:
    """Move a line through forty points until its squared errors are as small as they get."""
    hours, gpa = _data()
    slope, intercept = (float(v) for v in np.polyfit(hours, gpa, 1))
    best = {"intercept": round(intercept, 2), "slope": round(slope / 0.005) * 0.005}
    sliders = {
        "intercept": Slider("Intercept (GPA at 0 hours)", 1.5, 4, 0.01, 3.0),
        "slope": Slider("Slope (GPA per hour)", -0.2, 0.4, 0.005, 0.0),
    }
    strip = ({"intercept": 3.0, "slope": 0.0}, {"intercept": 1.8, "slope": 0.3}, best)
    return Explorer("Least squares by hand", draw, sliders, strip).starting(**start)
