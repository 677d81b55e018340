"""Parametric bootstrap: draw outcomes from a fitted model, fit each, look at the spread."""

import warnings
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from .arguments import whole_number
from .design import DataError, Design
from .engine.solution import solve
from .fit import Fit
from .profiling import names, variance_parameters
from .replicates import run


def bootstrap(
    fit: Fit,
    n_sims: int = 500,
    *,
    seed: int | None = None,
    workers: int = 1,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Estimates from outcomes drawn from a fit, refitted by the fit's own criterion.

    Parameters
    ----------
    fit : the model that is taken as the truth
    n_sims, seed, workers, progress : as in `hlmteach.replicates.run`

    Returns
    -------
    DataFrame
        One row per replicate; columns as in `confint`. A correlation is NaN where one of its SDs
        is zero. A replicate that could not be fitted is a row of NaN, and a warning counts them.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> params = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(params, n_groups=50, group_size=20, seed=1)
    >>> bootstrap(hlm.lmer("y ~ 1 + (1 | group)", data), 20, seed=1).shape
    (20, 3)
    """
    n_sims = whole_number("n_sims", n_sims, 1)
    seed = None if seed is None else whole_number("seed", seed, 0)
    # What the workers need and no more: the table and the formula's code stay here.
    lean = replace(fit.design, frame=None, rebuild=None, index=pd.RangeIndex(0))
    mean = fit.design.exog[:, fit.solution.kept] @ fit.solution.beta
    value, vector = np.linalg.eigh(fit.solution.D * fit.solution.s2)
    root = vector * np.sqrt(np.maximum(value, 0.0)) @ vector.T
    task = partial(_replicate, lean, mean, root, fit.sigma_e, fit.reml, len(fit.names))
    rows = run(
        task, n_sims, seed=seed, workers=workers, progress=progress, label="parametric bootstrap"
    )
    failed = int(np.isnan(rows).all(axis=1).sum())
    if failed:
        warnings.warn(f"{failed:,} of {len(rows):,} replicates could not be fitted.", stacklevel=3)
    return pd.DataFrame(rows, columns=[*names(fit.design), *fit.names])


def _replicate(
    design: Design,
    mean: np.ndarray,
    root: np.ndarray,
    sigma_e: float,
    reml: bool,
    p: int,
    rng: np.random.Generator,
) -> np.ndarray:
    u = rng.standard_normal((design.n_groups, len(root))) @ root
    y = mean + np.einsum("nq,nq->n", design.exog_random, u[design.codes])
    y = y + sigma_e * rng.standard_normal(design.n)
    try:
        found = solve(replace(design, y=y), reml)
    except DataError:
        return np.full(len(names(design)) + p, np.nan)
    variances = variance_parameters(design, found.D * found.s2, found.s2)
    return np.concatenate([variances, found.beta])
