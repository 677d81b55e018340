"""Sandwich: standard errors of the fixed effects that do not believe the random part.

Legend
    X  (N, p)  fixed part           r  (N,)    y - X beta          J  groups
    Z  (N, q)  random part          V  group by group, s2 (I + Z D Z'), the model's covariance
    B  (p, p)  (X' V^-1 X)^-1, the bread: the model's own covariance of beta
    m  (J, p)  X' V^-1 r of each group
"""

import numpy as np
import pandas as pd

from .adapters import as_fit
from .fit import Fit


def robust_se(model: object) -> pd.DataFrame:
    """Standard errors of the fixed effects from the groups' residuals: cluster-robust.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result

    Returns
    -------
    DataFrame
        By coefficient: `estimate`, `se` by the model, `robust_se`, and
        `robust / model`, their ratio.

    Raises
    ------
    ValueError
        If there are fewer groups than coefficients and one more.

    Notes
    -----
    B (Σ m m') B · J / (J - 1): right in large samples of *groups* even where variances or
    correlations within groups are not those of the model. Estimates, variances and ICC stay as they
    are. With few groups the result is too small. It is CR1 of R's clubSandwich, but for the
    estimate. Source: Liang & Zeger (1986), Biometrika 73, 13-22; Cameron & Miller (2015), J. Human
    Resources 50, section II.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480, "x": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=100, group_size=20, seed=1)
    >>> table = robust_se(hlm.lmer("y ~ x + (1 | group)", data))
    >>> bool(table["robust / model"].between(0.8, 1.25).all())
    True
    """
    fit = as_fit(model)
    n_groups, p = fit.n_groups, len(fit.names)
    if n_groups <= p:
        raise ValueError(
            f"{n_groups} groups cannot carry robust standard errors of {p} coefficients: they are "
            "computed from one residual vector a group. Use the model's own standard errors."
        )
    bread, m = fit.solution.cov, _scores(fit)
    cov = bread @ (m.T @ m) @ bread * n_groups / (n_groups - 1)
    table = pd.DataFrame({"estimate": fit.beta, "se": fit.se, "robust_se": np.sqrt(np.diag(cov))})
    return table.assign(**{"robust / model": table["robust_se"] / table["se"]})


def _scores(fit: Fit) -> np.ndarray:
    """(J, p) X' V^-1 r of each group, by V^-1 = (I - Z (I + D Z'Z)^-1 D Z') / s2."""
    design, solution = fit.design, fit.solution
    X, Z, codes = design.exog[:, solution.kept], design.exog_random, design.codes
    r = design.y - X @ solution.beta
    ZZ, ZX, Zr = (_sums(codes, Z[:, :, None] * other[:, None, :]) for other in (Z, X, r[:, None]))
    inner = np.linalg.solve(np.eye(Z.shape[1]) + solution.D @ ZZ, solution.D @ Zr)
    Xr = _sums(codes, X[:, :, None] * r[:, None, None])
    return (Xr - ZX.transpose(0, 2, 1) @ inner)[:, :, 0] / solution.s2


def _sums(codes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sums of (N, a, b) values over the rows of each group, (J, a, b)."""
    flat = values.reshape(len(values), -1)
    sums = np.stack([np.bincount(codes, column) for column in flat.T], axis=1)
    return sums.reshape(-1, *values.shape[1:])
