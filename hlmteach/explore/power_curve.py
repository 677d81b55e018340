"""Power: how often a trial with whole schools finds its effect."""

import numpy as np
from matplotlib.figure import Figure
from scipy import special, stats

from ..engine import many
from ..engine.basis import make_basis
from ..plots.palette import BLUE, INK, ORANGE
from .explorer import Explorer, Slider
from .sheet import head, sheet

_SD = 100
_TRIALS = 500
_Z = 1.959963984540054


def draw(*, effect: float, icc: float, group_size: int, n_groups: int, seed: int) -> Figure:
    """Power over the number of schools, and what five hundred simulated trials find."""
    schools = np.arange(6, 161, 2)
    by_formula = _power(effect, icc, group_size, schools)
    here = float(_power(effect, icc, group_size, np.array([n_groups]))[0])
    found = _simulated(effect, icc, group_size, n_groups, seed)
    half = _Z * np.sqrt(found * (1 - found) / _TRIALS)
    with sheet() as (ax,):
        ax.plot(schools, by_formula, color=BLUE, label="formula")
        ax.errorbar(n_groups, found, half, fmt="o", color=INK, capsize=4, label="500 trials")
        ax.axhline(0.8, color=ORANGE, linestyle="--", label="80 %")
        ax.set(xlabel="Schools in all, half of them treated", ylabel="Power", ylim=(0, 1.02))
        head(ax, f"{n_groups} schools of {group_size}: power {here:.2f}")
    enough = schools[by_formula >= 0.8]
    needed = f"{enough[0]} schools reach 80 %" if len(enough) else "160 schools do not reach 80 %"
    ax.hlm_alt = (
        f"An effect of {effect:g} points (SD {_SD}), ICC {icc:.2f}, {n_groups} schools of "
        f"{group_size} students, half of them treated. Power {here:.2f} by formula; {found:.2f} of "
        f"{_TRIALS} simulated trials find the effect. With this school size, {needed}."
    )
    return ax.figure


def _power(effect: float, icc: float, group_size: int, n_groups: np.ndarray) -> np.ndarray:
    """Of the two-sided t-test at 5 %. Source: Raudenbush (1997), Psychol. Methods 2, 173-185."""
    se = _SD * np.sqrt(4 * (icc + (1 - icc) / group_size) / n_groups)
    df = n_groups - 2.0
    bound = special.stdtrit(df, 0.975)
    away = effect / se
    # scipy's distribution function is nan in the far tail, its survival function is not.
    return stats.nct.sf(bound, df, away) + stats.nct.sf(bound, df, -away)


def _simulated(effect: float, icc: float, group_size: int, n_groups: int, seed: int) -> float:
    """The share of trials whose effect is found, each fitted, with Satterthwaite's test."""
    codes = np.repeat(np.arange(n_groups), group_size)
    treated = (codes % 2).astype(float)
    sizes = np.full(n_groups, group_size)
    plan = many.plan(*make_basis([None, treated], np.zeros(len(codes))), codes, sizes)
    beta = np.array([500.0, effect])
    sd_u, sd_e = _SD * np.sqrt(icc), _SD * np.sqrt(1 - icc)
    drawn = many.draw(plan, beta, sd_u, sd_e, _TRIALS, np.random.default_rng(seed))
    fits = many.fit(plan, drawn)
    t, df = fits.beta[:, 1] / fits.se[:, 1], many.satterthwaite(plan, drawn, fits)[:, 1]
    return float((np.abs(t) > special.stdtrit(df, 0.975)).mean())


def power(**start: float) -> Explorer:
    """Move the effect, the ICC and the sizes; see what more schools buy, and more students."""
    sliders = {
        "effect": Slider("Effect (points; SD 100)", 0, 60, 1, 25),
        "icc": Slider("ICC", 0, 0.5, 0.01, 0.2),
        "group_size": Slider("Students in a school", 2, 100, 1, 20),
        "n_groups": Slider("Schools", 6, 160, 2, 40),
        "seed": Slider("Other trials", 1, 50, 1, 1),
    }
    sizes = ((40, 20), (40, 100), (120, 20))
    strip = tuple({"n_groups": J, "group_size": n} for J, n in sizes)
    return Explorer("Power of a trial with whole schools", draw, sliders, strip).starting(**start)
