"""Influence: what a model's coefficients would be without each group."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from .adapters import as_fit
from .design import DataError, Design, check_design
from .engine.solution import solve
from .fit import Fit


def without_each_group(model: object) -> pd.DataFrame:
    """Leave out one group at a time and fit again: exact, not an approximation.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result

    Returns
    -------
    DataFrame
        By group left out: its coefficients, `sigma_u` (where there is a random intercept) and
        `sigma_e`; NaN where the rest cannot carry the model, or no longer has a coefficient.
        Compare with `fit.beta`.

    Notes
    -----
    A refit takes a millisecond or two. Source of the idea: Nieuwenhuis, te Grotenhuis & Pelzer
    (2012), R Journal 4(2), 38-47.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=20, group_size=10, seed=1)
    >>> without_each_group(hlm.lmer("y ~ 1 + (1 | group)", data)).shape
    (20, 3)
    """
    fit = as_fit(model)
    rows = [_numbers(fit, design) for design in _designs(fit.design)]
    return pd.DataFrame(rows, fit.groups)


def cooks_distance(model: object) -> pd.Series:
    """How far all fixed effects together move when a group is left out: Cook's distance, level 2.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result

    Returns
    -------
    Series
        By group; NaN where `without_each_group` has no refit.

    Notes
    -----
    (b - b_j)' C^-1 (b - b_j) / p, with b the p coefficients of the fit, C their covariance and b_j
    the coefficients without group j, fitted again exactly. Source: Snijders & Berkhof (2008), in
    Handbook of Multilevel Analysis, chapter 3; Loy & Hofmann (2014), J. Stat. Softw. 56(5).
    lme4's `cooks.distance(influence(fit, "group"))` is this times (J - p) / J, with J groups.
    Nieuwenhuis et al. (2012) look at values above 4 / number of groups: a reason to look, not a
    test.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480, "x": 5}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=20, group_size=10, level2=["x"], seed=1)
    >>> cooks_distance(hlm.lmer("y ~ x + (1 | group)", data)).shape
    (20,)
    """
    fit = as_fit(model)
    moved = (without_each_group(fit)[fit.names] - fit.beta).to_numpy()
    distance = (moved * np.linalg.solve(fit.cov_beta.to_numpy(), moved.T).T).sum(axis=1)
    return pd.Series(distance / len(fit.names), fit.groups, name="cooks_distance")


def _designs(design: Design) -> Iterator[Design]:
    """The design without group 0, without group 1, ..."""
    for j in range(design.n_groups):
        keep = design.codes != j
        codes = design.codes[keep]
        yield replace(
            design,
            y=design.y[keep],
            columns=[None if c is None else c[keep] for c in design.columns],
            codes=codes - (codes > j),
            groups=np.delete(design.groups, j),
            random=[None if c is None else c[keep] for c in design.random],
            index=design.index[keep],
        )


def _numbers(fit: Fit, design: Design) -> dict[str, float]:
    gone = dict.fromkeys([*fit.names, "sigma_u", "sigma_e"], np.nan)
    if "Intercept" not in fit.random_names:
        del gone["sigma_u"]
    try:
        check_design(design, {})
        less = Fit(design, solve(design, fit.reml), fit.reml)
    except DataError:
        return gone
    sigmas = {name: getattr(less, name) for name in gone if name.startswith("sigma_")}
    return {**gone, **less.beta.to_dict(), **sigmas}
