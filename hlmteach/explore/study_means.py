"""What clustering does to a standard error: many studies, and the one that regression believes."""

import numpy as np
from matplotlib.figure import Figure

from ..plots.palette import BLUE, ORANGE, VERMILION
from ..words import say
from .explorer import Explorer, Slider, sheet

_SD = 100  # of a student's score, as in PISA
_STUDIES = 1000


def draw(*, icc: float, group_size: int, n_groups: int, seed: int) -> Figure:
    """The means of a thousand studies, beside the spread that ordinary regression reports.

    A study's mean is its schools' part plus its students' part, so both are drawn as such: the
    mean of J draws of u_j and that of N draws of e_ij.
    """
    rng = np.random.default_rng(seed)
    n = n_groups * group_size
    between = np.sqrt(icc) * _SD * rng.standard_normal((_STUDIES, n_groups)).mean(axis=1)
    within = np.sqrt((1 - icc) / n) * _SD * rng.standard_normal(_STUDIES)
    means = 500 + between + within
    # s^2 of all the students of a study, as an ordinary regression pools them
    assumed = _SD * np.sqrt((1 - icc * (group_size - 1) / (n - 1)) / n)
    spread = means.std(ddof=1)
    effect = 1 + (group_size - 1) * icc
    x = np.linspace(-1, 1, 121) * max(4 * assumed, 3.5 * spread)
    with sheet() as (ax,):
        ax.hist(means, bins=30, density=True, color=BLUE, alpha=0.55, label="1,000 studies")
        curve = np.exp(-0.5 * (x / assumed) ** 2) / assumed / np.sqrt(2 * np.pi)
        ax.plot(500 + x, curve, color=VERMILION, label="what regression believes")
        ax.axvline(500, color=ORANGE, linestyle="--", label="truth")
        ax.set(xlabel="Mean score found by a study", yticks=[], xlim=(500 + x[0], 500 + x[-1]))
        ax.legend(loc="upper right", fontsize=9)
        ax.set_title(f"Scatter of the studies {say(spread)}; regression reports {say(assumed)}")
    ax.hlm_alt = (
        f"{n_groups} schools of {group_size} students, ICC {icc:.2f}. Ordinary regression reports "
        f"a standard error of {say(assumed)}; the means of 1,000 studies scatter with an SD of "
        f"{say(spread)}, {spread / assumed:.1f} times as much. Design effect {say(effect)}, its "
        f"root {say(np.sqrt(effect))}."
    )
    return ax.figure


def clustering(**start: float) -> Explorer:
    """Move the ICC and the school size; see how far a plain standard error is off."""
    sliders = {
        "icc": Slider("ICC", 0, 0.6, 0.01, 0.2),
        "group_size": Slider("Students in a school", 1, 60, 1, 25),
        "n_groups": Slider("Schools", 5, 200, 1, 40),
        "seed": Slider("Another thousand studies", 1, 50, 1, 1),
    }
    strip = (
        {"icc": 0, "group_size": 25},
        {"icc": 0.2, "group_size": 5},
        {"icc": 0.2, "group_size": 50},
    )
    return Explorer("What clustering does to a standard error", draw, sliders, strip).starting(
        **start
    )
