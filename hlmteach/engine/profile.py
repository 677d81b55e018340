"""The profiled REML or ML criterion, its derivatives and the estimates, from a few small arrays.

Legend. The model is y = X beta + Z u + e with u ~ N(0, s2 D) and e ~ N(0, s2 I); D is the
covariance of the random effects *relative* to the error variance, and V = I + Z D Z'.

    p, P    fixed coefficients, P = p + 1
    m       free elements of D (1 for a random intercept, 3 for one correlated slope)
    G       (..., P, P)        A' V^-1 A with A = [X, y]
    G1, G2  (..., m, P, P), (..., m, m, P, P)   its derivatives in the elements of D
    ld, ld1, ld2   log|V| and its derivatives, (...), (..., m), (..., m, m)
    Gi      (..., p, p)        inverse of X' V^-1 X
    b       (..., p)           generalised least squares estimate
    r2      (...)              its residual sum of squares, (y - Xb)' V^-1 (y - Xb)
    df      N - p for REML, N for ML
Leading axes (...) are replicates or candidate values of D. Source of the criterion: Bates,
Maechler, Bolker & Walker (2015), J. Stat. Softw. 67(1), equations 34 and 41; of the derivatives:
matrix calculus, tested against finite differences.
"""

import math
from dataclasses import dataclass

import numpy as np

LOG_2PI = math.log(2 * math.pi)


@dataclass(frozen=True)
class Pieces:
    """What a model's statistics say at one (or many) values of D; see the legend."""

    G: np.ndarray
    ld: np.ndarray
    G1: np.ndarray | None = None
    G2: np.ndarray | None = None
    ld1: np.ndarray | None = None
    ld2: np.ndarray | None = None


@dataclass(frozen=True)
class Profile:
    """The criterion with beta and the error variance profiled out; see the legend."""

    Gi: np.ndarray
    b: np.ndarray
    r2: np.ndarray
    slope: np.ndarray  # (..., m) first derivatives of the criterion in the elements of D
    curve: np.ndarray  # (..., m, m) second derivatives


def criterion(pieces: Pieces, df: int, reml: bool) -> np.ndarray:
    """-2 log (restricted) likelihood at each D, as lme4 prints it."""
    d = np.diagonal(np.linalg.cholesky(pieces.G), axis1=-2, axis2=-1)
    return _height(pieces.ld, d, df, reml)


def _height(ld: np.ndarray, d: np.ndarray, df: int, reml: bool) -> np.ndarray:
    """The criterion from log|V| and the diagonal d of G's Cholesky factor."""
    logs = 2 * np.log(d)
    fixed = logs[..., :-1].sum(-1) if reml else 0.0
    return ld + fixed + df * (1 + LOG_2PI + logs[..., -1] - math.log(df))


def optimum(pieces: Pieces, df: int, reml: bool) -> tuple[float, np.ndarray, np.ndarray, float]:
    """(criterion, Gi, b, r2) at one D, from one factorisation."""
    L = np.linalg.cholesky(pieces.G)
    p = len(L) - 1
    inverse = np.linalg.inv(L[:p, :p])
    height = float(_height(pieces.ld, L.diagonal(), df, reml))
    return height, inverse.T @ inverse, L[p, :p] @ inverse, float(L[p, p] ** 2)


def estimates(G: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(Gi, b, r2) at one or many D."""
    p = G.shape[-1] - 1
    Gi = np.linalg.inv(G[..., :p, :p])
    b = (Gi @ G[..., :p, p, None])[..., 0]
    r2 = G[..., p, p] - (b * G[..., :p, p]).sum(-1)
    return Gi, b, r2


def differentiate(pieces: Pieces, df: int, reml: bool) -> Profile:
    """Estimates at D with the exact first and second derivatives of the criterion there."""
    p = pieces.G.shape[-1] - 1
    Gi, b, r2 = estimates(pieces.G)
    v = np.concatenate([-b, np.ones((*b.shape[:-1], 1))], axis=-1)[..., None, :, None]
    g = (pieces.G1 @ v)[..., 0]  # (..., m, P)
    first = (g[..., None, :] @ v)[..., 0, 0]
    h = g[..., :p]
    second = (v[..., None, :, :].swapaxes(-1, -2) @ pieces.G2 @ v[..., None, :, :])[..., 0, 0]
    second = second - 2 * h @ Gi @ h.swapaxes(-1, -2)
    r = r2[..., None]
    slope = pieces.ld1 + df * first / r
    ratio = first / r
    curve = pieces.ld2 + df * (second / r[..., None] - ratio[..., :, None] * ratio[..., None, :])
    if reml:
        C = Gi[..., None, :, :] @ pieces.G1[..., :p, :p]
        m = C.shape[-3]
        slope = slope + np.trace(C, axis1=-2, axis2=-1)
        flat = C.reshape(*C.shape[:-2], p * p)
        turned = C.swapaxes(-1, -2).reshape(*C.shape[:-2], p * p)
        both = pieces.G2[..., :p, :p].reshape(*pieces.G2.shape[:-2], p * p)
        weight = Gi.reshape(*Gi.shape[:-2], 1, p * p, 1)
        curve = curve + (both @ weight).reshape(*flat.shape[:-2], m, m)
        curve = curve - flat @ turned.swapaxes(-1, -2)
    return Profile(Gi, b, r2, slope, curve)


def variance_information(pieces: Pieces, df: int, reml: bool) -> tuple[np.ndarray, np.ndarray]:
    """What Satterthwaite's degrees of freedom need, at the optimum.

    Returns
    -------
    cov : (m + 1, m + 1) asymptotic covariance of the elements of D and the error variance
    grads : (m + 1, p, p) derivatives of the covariance of beta in the same parameters

    The parameters are (D, s2) with V = s2 (I + Z D Z'); any smooth choice of parameters gives the
    same degrees of freedom at an interior optimum. Source: Kuznetsova, Brockhoff & Christensen
    (2017), J. Stat. Softw. 82(13), section 2.
    """
    p = pieces.G.shape[-1] - 1
    Gi, b, r2 = estimates(pieces.G)
    s2 = r2 / df
    v = np.append(-b, 1.0)
    g = pieces.G1 @ v
    first = g @ v
    h = g[:, :p]
    second = np.einsum("i,abij,j->ab", v, pieces.G2, v) - 2 * h @ Gi @ h.T
    H = pieces.ld2 + second / s2
    C = Gi @ pieces.G1[:, :p, :p]
    if reml:
        H = H + np.einsum("ij,abji->ab", Gi, pieces.G2[:, :, :p, :p])
        H = H - np.einsum("aij,bji->ab", C, C)
    m = len(H)
    full = np.empty((m + 1, m + 1))
    full[:m, :m] = H
    full[:m, m] = full[m, :m] = -first / s2**2
    full[m, m] = df / s2**2
    grads = np.concatenate([-s2 * C @ Gi, Gi[None]])
    return 2 * np.linalg.inv(full), grads
