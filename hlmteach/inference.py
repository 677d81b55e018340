"""t-tests of fixed effects with Satterthwaite's degrees of freedom, as lmerTest's.

Legend
    theta   (m,)           lme4's theta, the free elements of L, where D = L L'
    H       (m + 1, m + 1) second derivatives of the criterion in (theta, s2)
    A       (m + 1, m + 1) asymptotic covariance of (theta, s2), twice the inverse of H
    grads   (m + 1, p, p)  derivatives of the covariance of beta in (theta, s2)
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from .adapters import as_fit
from .arguments import number
from .engine.profile import differentiate
from .engine.solution import Solution
from .fit import Fit

_METHODS = ("satterthwaite", "normal", "none")
# lmerTest's tolerance for an eigenvalue of H that counts as zero.
_FLAT = 1e-8


def coefficient_tests(model: object, method: str = "satterthwaite") -> pd.DataFrame:
    """Test each fixed effect against zero.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result
    method : "satterthwaite" (t with Satterthwaite's degrees of freedom, as lmerTest), "normal"
        (z, the normal distribution, which is too sure where groups are few) or "none" (the
        t value alone, as lme4 prints it)

    Returns
    -------
    DataFrame
        By coefficient: `estimate, se, df, t, p`; for "normal" `estimate, se, z, p`; for "none"
        `estimate, se, t`.

    Raises
    ------
    ValueError
        If the method is not one of the three.

    Notes
    -----
    df = 2 f^2 / (g' A g) with f the variance of the coefficient, g its derivatives in the variance
    parameters and A their asymptotic covariance: Kuznetsova, Brockhoff & Christensen (2017),
    J. Stat. Softw. 82(13), equation 4. The parameters are lme4's theta and the error variance, so
    that on the boundary (a variance of zero, a correlation of one) the numbers are lmerTest's: a
    random effect whose variance is zero adds no uncertainty, and a random intercept model with
    sigma_u = 0 has N - p degrees of freedom (N by ML).

    Examples
    --------
    >>> import hlmteach as hlm
    >>> params = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(params, n_groups=50, group_size=20, seed=1)
    >>> list(coefficient_tests(hlm.lmer("y ~ 1 + (1 | group)", data)).columns)
    ['estimate', 'se', 'df', 't', 'p']
    """
    if method not in _METHODS:
        raise ValueError(f"method is {method!r}; it can be {', '.join(map(repr, _METHODS))}.")
    fit = as_fit(model)
    table = pd.DataFrame({"estimate": fit.beta, "se": fit.se})
    ratio = fit.beta / fit.se
    if method == "none":
        return table.assign(t=ratio)
    if method == "normal":
        return table.assign(z=ratio, p=2 * stats.norm.sf(ratio.abs()))
    df = satterthwaite_df(fit, np.eye(len(fit.beta)))
    return table.assign(df=df, t=ratio, p=2 * stats.t.sf(ratio.abs(), df))


def contrast(model: object, weights: Mapping[str, float]) -> pd.Series:
    """Test a weighted sum of fixed effects against zero, with Satterthwaite's df.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result
    weights : coefficient name -> weight; coefficients that are not named have weight zero

    Returns
    -------
    Series
        `estimate, se, df, t, p`

    Raises
    ------
    ValueError
        If a name is not a coefficient of the model, a weight is no number, or every one is zero.

    Examples
    --------
    The predicted outcome of the average group at x = 2, and its standard error:

    >>> import hlmteach as hlm
    >>> params = hlm.Params(beta={"Intercept": 480, "x": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(params, n_groups=50, group_size=20, seed=1)
    >>> fit = hlm.lmer("y ~ x + (1 | group)", data)
    >>> row = contrast(fit, {"Intercept": 1, "x": 2})
    >>> bool(abs(row.estimate - fit.beta["Intercept"] - 2 * fit.beta["x"]) < 1e-9)
    True
    """
    fit = as_fit(model)
    row = _weights(fit, weights)
    estimate = float(row @ fit.beta)
    se = float(np.sqrt(row @ fit.cov_beta.to_numpy() @ row))
    df = float(satterthwaite_df(fit, row[None])[0])
    t = estimate / se
    p = float(2 * stats.t.sf(abs(t), df))
    return pd.Series({"estimate": estimate, "se": se, "df": df, "t": t, "p": p}, name="contrast")


def _weights(fit: Fit, weights: Mapping[str, float]) -> np.ndarray:
    if not isinstance(weights, Mapping):
        raise ValueError(
            "Name the coefficients: contrast(model, {'escs': 1, 'Intercept': 1}); "
            f"got {type(weights).__name__}."
        )
    unknown = [name for name in weights if name not in fit.names]
    if unknown:
        gone = " It was dropped from the fit." if unknown[0] in fit.dropped_columns else ""
        raise ValueError(
            f"'{unknown[0]}' is not a coefficient of this model.{gone} "
            f"Its coefficients are: {', '.join(fit.names)}."
        )
    row = np.array([number(f"The weight of '{n}'", weights.get(n, 0.0)) for n in fit.names])
    if not row.any():
        raise ValueError("Every weight is zero, so there is nothing to test. Weigh a coefficient.")
    return row


def satterthwaite_df(fit: Fit, rows: np.ndarray) -> np.ndarray:
    """Satterthwaite's degrees of freedom of weighted sums of the fixed effects.

    Parameters
    ----------
    fit : the model
    rows : (k, p) weights of the coefficients, one row for each of k sums

    Returns
    -------
    ndarray
        (k,) degrees of freedom
    """
    A, grads = _in_theta(fit.solution)
    f = np.einsum("ki,ij,kj->k", rows, fit.solution.cov, rows)
    g = np.einsum("ki,aij,kj->ka", rows, grads, rows)
    return 2 * f**2 / np.einsum("ka,ab,kb->k", g, A, g)


def _in_theta(solution: Solution) -> tuple[np.ndarray, np.ndarray]:
    """(A, grads) in (theta, s2), from the engine's in (D, s2) by the chain rule.

    At an interior optimum both give the same df; on the boundary the criterion has a slope in D,
    and lmerTest's answer is the one in theta.
    """
    model = solution.model
    inner = solution.inner
    cov, grads = solution.satterthwaite
    slope = differentiate(model.pieces(inner), solution.df, solution.reml).slope
    chain, second = _from_theta(np.atleast_2d(inner), getattr(model.s, "pattern", [(0, 0)]))
    m = len(slope)
    full = np.eye(m + 1)
    full[:m, :m] = chain
    H = full.T @ (2 * np.linalg.inv(cov)) @ full
    H[:m, :m] += np.einsum("a,abc->bc", slope, second)
    return 2 * _inverse(H), np.einsum("ab,aij->bij", full, grads)


def _from_theta(D: np.ndarray, pattern: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """First (m, m) and second (m, m, m) derivatives of D's free elements in those of L."""
    L = _root(D)
    units = []
    for at in pattern:
        E = np.zeros_like(D)
        E[at] = 1.0
        units.append(E)
    rows, columns = zip(*pattern, strict=True)
    first = np.stack([(E @ L.T + L @ E.T)[rows, columns] for E in units], axis=-1)
    second = [[(E @ F.T + F @ E.T)[rows, columns] for F in units] for E in units]
    return first, np.moveaxis(np.array(second), -1, 0)


def _root(D: np.ndarray) -> np.ndarray:
    """Lower triangular L with D = L L', a column of zeros where D has no new direction."""
    L = np.zeros_like(D)
    for j in range(len(D)):
        rest = D[j, j] - L[j, :j] @ L[j, :j]
        if rest > 1e-12 * D[j, j]:
            L[j, j] = np.sqrt(rest)
            L[j + 1 :, j] = (D[j + 1 :, j] - L[j + 1 :, :j] @ L[j, :j]) / L[j, j]
    return L


def _inverse(H: np.ndarray) -> np.ndarray:
    """Inverse over the directions in which the criterion rises, as lmerTest.

    H is put on a scale without units first, so that "rises" does not depend on them.
    """
    scale = np.sqrt(np.maximum(np.abs(np.diag(H)), 1e-300))
    value, vector = np.linalg.eigh(H / scale / scale[:, None])
    rises = value > _FLAT
    vector = vector[:, rises] / scale[:, None]
    return (vector / value[rises]) @ vector.T
