"""Check for a few extreme groups that carry a level-2 coefficient."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from hlmteach.design import DataError, Design
from hlmteach.engine.solution import solve
from hlmteach.fit import Fit

from .case import Case
from .findings import Finding
from .optimum import plain

# Tukey's outer fence: beyond three quartile ranges from the quartiles a value is "far out".
# Source: Tukey (1977), Exploratory Data Analysis, section 2D.
_FENCE = 3.0
_MOST = 0.05  # a larger share of groups is a tail, not an exception


def extreme_groups(case: Case) -> Iterator[Finding]:
    """Does a level-2 coefficient move when the groups with far-out values are left out?"""
    for name, values in case.level2.items():
        far = _far_out(values)
        if not far.any() or name not in case.best.names:
            continue
        without = _refit(case.best, ~far)
        if without is None or name not in without.names:
            continue
        before, after = case.best.beta[name], without.beta[name]
        moved = abs(after - before) / case.best.se[name]
        # A coefficient near zero changes its sign at the slightest touch; that is no finding.
        if moved > 1 or (before * after < 0 and moved > 0.5):
            yield _carried(case, name, values, far, without)


def _far_out(values: np.ndarray) -> np.ndarray:
    nobody = np.zeros(len(values), dtype=bool)
    if len(np.unique(values)) <= 5:
        return nobody
    low, high = np.quantile(values, [0.25, 0.75])
    reach = _FENCE * (high - low)
    far = (values < low - reach) | (values > high + reach)
    few = far.sum() <= max(1, _MOST * len(values)) and (~far).sum() >= 10
    return far if few and reach > 0 else nobody


def _refit(fit: Fit, keep: np.ndarray) -> Fit | None:
    """The model on the groups in `keep`, (J,) of True and False."""
    design = fit.design
    rows = keep[design.codes]
    codes, labels = pd.factorize(design.codes[rows])
    smaller: Design = replace(
        design,
        y=design.y[rows],
        columns=[None if c is None else c[rows] for c in design.columns],
        random=[None if c is None else c[rows] for c in design.random],
        codes=codes,
        groups=np.asarray(design.groups)[labels],
        index=design.index[rows],
        rebuild=None,
        frame=None,
    )
    try:
        return Fit(smaller, solve(smaller, fit.reml), fit.reml)
    except DataError:
        return None


def _carried(case: Case, name: str, values: np.ndarray, far: np.ndarray, without: Fit) -> Finding:
    best, rest = case.best, values[~far]
    before, after, se = best.beta[name], without.beta[name], best.se[name]
    turn = "changes its sign" if before * after < 0 else "moves"
    order = np.argsort(-np.abs(values[far] - np.median(values)))
    named = [f"{case.labels[far][k]} ({plain(values[far][k])})" for k in order[:4]]
    count = int(far.sum())
    verb = "lies" if count == 1 else "lie"
    subset = f'data[data["{name}"].between({_down(rest.min())}, {_up(rest.max())})]'
    return Finding(
        "extreme-groups",
        "note",
        f"{count} of {len(values):,} groups {verb} far out on '{name}': {', '.join(named)}"
        f"{', ...' if count > 4 else ''}; the others lie between {plain(rest.min())} and "
        f"{plain(rest.max())}. Without {'it' if count == 1 else 'them'} the coefficient "
        f"{turn}, from {before:.3g} (SE {se:.2g}) to {after:.3g} (SE {without.se[name]:.2g}).",
        "A coefficient of a level-2 predictor rests on one point per group, so a few far-out "
        "groups can carry it. Check these values, plot one point per group, and report the "
        "coefficient with and without them.",
        str(case.recipe.with_(data=subset)),
    )


def _down(value: float) -> str:
    return f"{np.floor(value * 1e4) / 1e4:.10g}"


def _up(value: float) -> str:
    return f"{np.ceil(value * 1e4) / 1e4:.10g}"
