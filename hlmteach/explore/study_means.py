"""What clustering does to a standard error: many studies, and the one that regression believes."""

import numpy as np
from matplotlib.figure import Figure

from ..plots.palette import BLUE, ORANGE, VERMILION
from ..words import say
from .explorer import Explorer, Slider
from .sheet import head, sheet

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
    # Doubled or halved when it must be: on an axis that stays, the studies are seen to spread.
    reach = 5 * 2 ** np.ceil(np.log2(max(4 * assumed, 3.5 * spread) / 5))
    z = np.linspace(-4, 4, 121)
    heights, edges = np.histogram(means, 30, density=True)
    with sheet() as (ax,):
        # Densities times the reported standard error: its curve is always as high.
        ax.stairs(
            heights * assumed, edges, fill=True, color=BLUE, alpha=0.55, label="1,000 studies"
        )
        normal = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
        ax.plot(500 + assumed * z, normal, color=VERMILION, label="what regression believes")
        ax.axvline(500, color=ORANGE, linestyle="--", label="truth")
        ax.set(xlabel="Mean score found by a study", yticks=[])
        ax.set(xlim=(500 - reach, 500 + reach), ylim=(0, 0.5))
        head(ax, f"Scatter of the studies {say(spread)}; regression reports {say(assumed)}")
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
