"""Many data sets of one design at once: statistics are drawn, not rows, and fitted as one array.

Legend (see `intercept` for W, B, n, M)
    R         replicates, a leading axis
    X-side    everything that the predictors determine; it is shared by all replicates
    C_j       (p, p)  within-group cross-products of the engine's predictors in group j
    L_j       (p, p)  C_j = L_j L_j'
    g         (p,)    the true coefficients in engine units
For y = E g + u_j + e, the group mean of y is M_j g + N(0, su2 + se2 / n_j), the within-group
cross-products with y are C_j g + L_j z with z ~ N(0, se2 I), and the rest of y's within-group sum
of squares is se2 times a chi-square on what is left. These are exact, so no row is ever simulated.
Source: the normal distribution's independence of mean and deviations; Searle, Casella & McCulloch
(1992), Variance Components, section 3.6.
"""

from dataclasses import dataclass

import numpy as np

from . import intercept
from .basis import Basis
from .profile import differentiate, estimates

_GRID = np.concatenate([[0.0], 10.0 ** np.linspace(-3, 2, 11)])
_TOLERANCE = 1e-7
_MAX_STEPS = 50


@dataclass(frozen=True)
class Plan:
    """The X-side of a design, from which replicates are drawn.

    Attributes
    ----------
    basis : columns on the engine's scale; y is not on it (its shift is 0 and its scale 1)
    n, M : (J,) group sizes and (J, p) group means of the engine's predictors
    C, L : (J, p, p) within-group cross-products and their factors;  pooled : (p, p) factor of sum C
    rest, pooled_rest : degrees of freedom of y's within-group squares that neither factor reaches
    """

    basis: Basis
    n: np.ndarray
    M: np.ndarray
    C: np.ndarray
    L: np.ndarray
    pooled: np.ndarray
    rest: int
    pooled_rest: int

    @property
    def N(self) -> int:
        return int(self.n.sum())

    @property
    def p(self) -> int:
        return self.M.shape[1]


@dataclass(frozen=True)
class Drawn:
    """R drawn data sets: statistics for the engine, and per-group sums for robust errors.

    Attributes
    ----------
    s : statistics with R as W's and B's leading axis
    y : (R, J) group means of y
    w : (R, J, p) within-group cross-products with y, or None where only their sum was drawn
    """

    s: intercept.Statistics
    y: np.ndarray
    w: np.ndarray | None


@dataclass(frozen=True)
class Fits:
    """R fits in the data's units: beta, se (R, p), s2u, s2e (R,), and t = s2u / s2e."""

    beta: np.ndarray
    se: np.ndarray
    s2u: np.ndarray
    s2e: np.ndarray
    t: np.ndarray


def plan(basis: Basis, codes: np.ndarray, n: np.ndarray) -> Plan:
    """Reduce a design's predictors, the first p rows of `basis.E`, to what replicates need."""
    X = basis.E[:-1]
    N = X.shape[1]
    M = np.stack([np.bincount(codes, weights=row, minlength=len(n)) / n for row in X], axis=1)
    rest = (X - M.T[:, codes]).T[np.argsort(codes, kind="stable")]
    starts = np.concatenate([[0], np.cumsum(n)[:-1]])
    C = np.add.reduceat(rest[:, :, None] * rest[:, None, :], starts, axis=0)
    L, ranks = _factors(C)
    pooled, rank = _factors(C.sum(axis=0))
    return Plan(basis, n, M, C, L, pooled, N - len(n) - int(ranks.sum()), N - len(n) - int(rank))


def _factors(C: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(L, ranks) with C = L L' for a stack of cross-products."""
    value, vector = np.linalg.eigh(C)
    keep = value > 1e-9 * max(value.max(), 1e-300)
    return vector * np.sqrt(np.where(keep, value, 0.0))[..., None, :], keep.sum(axis=-1)


def draw(
    d: Plan,
    beta: np.ndarray,
    sigma_u: float,
    sigma_e: float,
    R: int,
    rng: np.random.Generator,
    *,
    by_group: bool = False,
) -> Drawn:
    """Draw the sufficient statistics of R data sets; the y-side is in the data's units.

    With `by_group` the within-group cross-products are drawn group by group, which cluster-robust
    errors need; otherwise their sum is drawn, which has the same distribution and is quicker.
    """
    J, p = d.M.shape
    g = np.linalg.solve(d.basis.T, beta)
    y = d.M @ g + rng.standard_normal((R, J)) * np.sqrt(sigma_u**2 + sigma_e**2 / d.n)
    L, rest = (d.L, d.rest) if by_group else (d.pooled, d.pooled_rest)
    z = rng.standard_normal((J, R, p) if by_group else (R, p)) * sigma_e
    z *= (L != 0).any(axis=-2)[..., None, :] if by_group else (L != 0).any(axis=-2)
    noise = z @ L.swapaxes(-1, -2)
    seen = (z * z).sum(axis=-1)
    w = None
    if by_group:
        w = d.C @ g + noise.swapaxes(0, 1)
        noise, seen = noise.sum(axis=0), seen.sum(axis=0)
    Cg = d.C.sum(axis=0) @ g
    left = sigma_e**2 * rng.chisquare(rest, R) if rest else 0.0
    squares = g @ Cg + 2 * noise @ g + seen + left
    return Drawn(_statistics(d, y, Cg + noise, squares), y, w)


def _statistics(d: Plan, y: np.ndarray, w: np.ndarray, squares: np.ndarray) -> intercept.Statistics:
    """Statistics with a leading axis; y is shifted by its mean so that no digits are lost."""
    R, p = len(y), d.p
    y = y - (y @ d.n / d.N)[:, None] * d.basis.intercept
    W = np.empty((R, p + 1, p + 1))
    W[:, :p, :p] = d.C.sum(axis=0)
    W[:, :p, p] = W[:, p, :p] = w
    W[:, p, p] = squares
    count = np.bincount(d.n)
    size = np.flatnonzero(count)
    order = np.argsort(d.n, kind="stable")
    starts = np.concatenate([[0], np.cumsum(count[size])[:-1]])
    B = np.empty((R, len(size), p + 1, p + 1))
    Ms, ys = d.M[order], y[:, order]
    B[:, :, :p, :p] = np.add.reduceat(Ms[:, :, None] * Ms[:, None, :], starts, axis=0)
    if len(size) == 1:
        B[:, 0, :p, p] = ys @ Ms
    else:
        B[:, :, :p, p] = np.add.reduceat(ys[:, :, None] * Ms, starts, axis=1)
    B[:, :, p, :p] = B[:, :, :p, p]
    B[:, :, p, p] = np.add.reduceat(ys * ys, starts, axis=1)
    return intercept.Statistics(d.N, d.n, size.astype(float), count[size].astype(float), d.M, W, B)


def observed(d: Plan, Y: np.ndarray, codes: np.ndarray) -> Drawn:
    """The same statistics computed from rows Y (R, N), for data that were not drawn here."""
    J, X = len(d.n), d.basis.E[:-1]
    y = np.stack([np.bincount(codes, weights=row, minlength=J) / d.n for row in Y])
    rest = Y - y[:, codes]
    within = X - d.M.T[:, codes]
    w = np.stack(
        [[np.bincount(codes, weights=row * x, minlength=J) for x in within] for row in rest]
    ).swapaxes(1, 2)
    return Drawn(_statistics(d, y, w.sum(axis=1), (rest * rest).sum(axis=1)), y, w)


def fit(d: Plan, drawn: Drawn, reml: bool = True) -> Fits:
    """Fit every replicate by REML or ML: the same optimum as one `lmer` each."""
    s = drawn.s
    df = d.N - d.p if reml else d.N
    t = optimise(s, df, reml)
    Gi, g, r2 = estimates(intercept.pieces(s, t).G)
    s2e = r2 / df
    mean = drawn.y @ d.n / d.N
    beta = g @ d.basis.T.T
    beta[:, 0] += mean * d.basis.intercept
    cov = s2e[:, None, None] * (d.basis.T @ Gi @ d.basis.T.T)
    se = np.sqrt(np.diagonal(cov, axis1=1, axis2=2))
    return Fits(beta, se, t * s2e, s2e, t)


def optimise(s: intercept.Statistics, df: int, reml: bool) -> np.ndarray:
    """(R,) t at each replicate's optimum: Newton in log t from the lowest point of a grid."""
    if len(s.size) == 1:
        return _optimise_balanced(s, df, reml)
    grid = _GRID * s.J / s.N
    height = intercept.values(s, grid, df, reml)
    k = np.argmin(height, axis=-1)
    zero = differentiate(intercept.pieces(s, np.zeros(len(k))), df, reml).slope[:, 0] >= 0
    zero &= k == 0
    low = np.where(k > 0, grid[np.maximum(k - 1, 0)], 0.0)
    high = np.where(k < len(grid) - 1, grid[np.minimum(k + 1, len(grid) - 1)], 1e8)
    t = np.where(k > 0, grid[k], grid[1] / 2)
    open_ = np.flatnonzero(~zero)
    t[zero] = 0.0
    for _ in range(_MAX_STEPS):
        if len(open_) == 0:
            break
        part = _subset(s, open_)
        at = t[open_]
        found = differentiate(intercept.pieces(part, at), df, reml)
        first, second = found.slope[:, 0], found.curve[:, 0, 0]
        high[open_] = np.where(first > 0, at, high[open_])
        low[open_] = np.where(first <= 0, at, low[open_])
        d1, d2 = at * first, at * at * second + at * first
        with np.errstate(divide="ignore", invalid="ignore"):
            move = np.clip(np.where(d2 > 0, -d1 / d2, -3 * np.sign(d1)), -3, 3)
        new = at * np.exp(move)
        outside = (new < low[open_]) | (new > high[open_])
        middle = np.where(low[open_] > 0, np.sqrt(low[open_] * high[open_]), high[open_] / 10)
        t[open_] = np.where(outside, middle, new)
        open_ = open_[outside | (np.abs(new - at) > _TOLERANCE * at)]
        open_ = open_[t[open_] > 1e-300]
    return t


def _optimise_balanced(s: intercept.Statistics, df: int, reml: bool) -> np.ndarray:
    """(R,) t where all groups have one size n: no linear algebra per replicate.

    All replicates share W and B's X-side, and one basis V makes both diagonal: V'WV = a and
    V'(nB)V = 1 - a. With w = 1 / (1 + t n), the criterion is then a sum of scalars,
    -J log w + sum log d_k + df log(Wyy + w n Byy - sum c_k^2 d_k),  d_k = a_k + w (1 - a_k).
    """
    p, n = s.W.shape[-1] - 1, s.size[0]
    W, B = s.W, n * s.B[:, 0]
    root = np.linalg.cholesky(W[0, :p, :p] + B[0, :p, :p])
    half = np.linalg.inv(root)
    a, U = np.linalg.eigh(half @ W[0, :p, :p] @ half.T)
    a = np.clip(a, 0.0, 1.0)
    V = half.T @ U
    x, z = W[:, :p, p] @ V, B[:, :p, p] @ V  # (R, p) y's side within and between
    inner = a > 0.5
    within = W[:, p, p] - (x[:, inner] ** 2 / a[inner]).sum(axis=1)
    between = B[:, p, p] - (z[:, ~inner] ** 2 / (1 - a[~inner])).sum(axis=1)
    ratio = within / max(s.N - s.J - inner.sum(), 1) / (between / max(s.J - (~inner).sum(), 1))
    w = np.clip(ratio, 1e-9, 1.0)
    low, high = np.full_like(w, 1e-12), np.ones_like(w)
    for _ in range(_MAX_STEPS):
        d = a + w[:, None] * (1 - a)
        c = (x + w[:, None] * z) / d
        bend = z - c * (1 - a)
        r2 = W[:, p, p] + w * B[:, p, p] - (c * c * d).sum(axis=1)
        r1 = B[:, p, p] - (c * (2 * z - c * (1 - a))).sum(axis=1)
        first = -s.J / w + df * r1 / r2
        second = s.J / w**2 + df * (-2 * (bend**2 / d).sum(axis=1) / r2 - (r1 / r2) ** 2)
        if reml:
            first += ((1 - a) / d).sum(axis=1)
            second -= (((1 - a) / d) ** 2).sum(axis=1)
        high, low = np.where(first > 0, w, high), np.where(first <= 0, w, low)
        d1, d2 = w * first, w * w * second + w * first
        with np.errstate(divide="ignore", invalid="ignore"):
            move = np.clip(np.where(d2 > 0, -d1 / d2, -3 * np.sign(d1)), -3, 3)
        new = np.minimum(w * np.exp(move), 1.0)
        new = np.where((new < low) | (new > high), np.sqrt(low * high), new)
        done = np.abs(new - w) <= _TOLERANCE * w
        w = new
        if done.all():
            break
    return (1 / w - 1) / n


def _subset(s: intercept.Statistics, rows: np.ndarray) -> intercept.Statistics:
    if len(rows) == len(s.W):
        return s
    return intercept.Statistics(s.N, s.n, s.size, s.count, s.M, s.W[rows], s.B[rows])


def satterthwaite(d: Plan, drawn: Drawn, fits: Fits, reml: bool = True) -> np.ndarray:
    """(R, p) Satterthwaite's degrees of freedom of every coefficient of every replicate.

    `variance_information` written out for one variance ratio. Where t is 0 it adds no uncertainty,
    as in lmerTest, and N - p (N by ML) degrees of freedom are left.
    """
    p, df = d.p, d.N - d.p if reml else d.N
    found = intercept.pieces(drawn.s, fits.t)
    G1, G2 = found.G1[:, 0], found.G2[:, 0, 0]
    Gi, g, _ = estimates(found.G)
    v = np.concatenate([-g, np.ones((len(g), 1))], axis=1)[:, :, None]
    h = (G1 @ v)[:, :, 0]
    first = (h * v[:, :, 0]).sum(axis=1)
    second = (v * (G2 @ v)).sum(axis=(1, 2))
    second -= 2 * (h[:, :p] * (Gi @ h[:, :p, None])[:, :, 0]).sum(axis=1)
    C = Gi @ G1[:, :p, :p]
    htt = found.ld2[:, 0, 0] + second / fits.s2e
    if reml:
        htt += (Gi * G2[:, :p, :p]).sum(axis=(1, 2)) - (C * C.swapaxes(1, 2)).sum(axis=(1, 2))
    hts, hss = -first / fits.s2e**2, df / fits.s2e**2
    T = d.basis.T
    unit = np.diagonal(T @ Gi @ T.T, axis1=1, axis2=2)  # variance of beta in units of s2e
    slope = -fits.s2e[:, None] * np.diagonal(T @ C @ Gi @ T.T, axis1=1, axis2=2)
    # 2 (slope, unit) H^-1 (slope, unit)' by the inverse of a 2 x 2 matrix
    det = (htt * hss - hts**2)[:, None]
    inner = slope**2 * hss[:, None] - 2 * slope * unit * hts[:, None] + unit**2 * htt[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        out = (fits.s2e[:, None] * unit) ** 2 * det / inner
    return np.where(fits.t[:, None] > 0, out, float(df))


def ordinary(d: Plan, drawn: Drawn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ordinary regression of every replicate: beta, classical SE and cluster-robust SE, (R, p).

    The robust errors are the usual CR1 with the correction J / (J - 1) (N - 1) / (N - p), as
    statsmodels' `cov_type="cluster"`. Source: Liang & Zeger (1986), Biometrika 73, 13-22.
    """
    p, J, N = d.p, len(d.n), d.N
    mean = (drawn.y @ d.n / N)[:, None] * d.basis.intercept
    y = drawn.y - mean
    XX = d.C.sum(axis=0) + np.einsum("j,ja,jb->ab", d.n, d.M, d.M)
    inverse = np.linalg.inv(XX)
    per_group = drawn.w + d.n[:, None] * d.M * y[:, :, None]  # (R, J, p) X_j'y_j
    Xy = per_group.sum(axis=1)
    g = Xy @ inverse
    total = drawn.s.W[:, p, p] + y**2 @ d.n
    s2 = (total - (g * Xy).sum(axis=1)) / (N - p)
    own = d.C + d.n[:, None, None] * d.M[:, :, None] * d.M[:, None, :]
    score = per_group - np.einsum("jab,rb->rja", own, g)
    meat = score.swapaxes(1, 2) @ score
    robust = inverse @ meat @ inverse * (J / (J - 1) * (N - 1) / (N - p))
    T = d.basis.T
    beta = g @ T.T
    beta[:, :1] += mean
    classical = np.sqrt(s2[:, None] * np.diag(T @ inverse @ T.T))
    return beta, classical, np.sqrt(np.diagonal(T @ robust @ T.T, axis1=1, axis2=2))
