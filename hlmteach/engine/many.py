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

from . import balanced, intercept
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
    X : (p, N) engine rows of the predictors
    basis : their way back; y is not on the engine's scale (its shift is 0 and its scale 1)
    n, M : (J,) group sizes and (J, p) group means of the engine's predictors
    C, L : (J, p, p) within-group cross-products and their factors;  pooled : (p, p) factor of sum C
    rest, pooled_rest : degrees of freedom of y's within-group squares that neither factor reaches
    """

    X: np.ndarray
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


def plan(E: np.ndarray, basis: Basis, codes: np.ndarray, n: np.ndarray) -> Plan:
    """Reduce a design's predictors, the first p rows of E, to what replicates need."""
    X = E[:-1]
    N = X.shape[1]
    M = np.stack([np.bincount(codes, weights=row, minlength=len(n)) / n for row in X], axis=1)
    rest = (X - M.T[:, codes]).T[np.argsort(codes, kind="stable")]
    starts = np.concatenate([[0], np.cumsum(n)[:-1]])
    C = np.add.reduceat(rest[:, :, None] * rest[:, None, :], starts, axis=0)
    L, ranks = _factors(C)
    pooled, rank = _factors(C.sum(axis=0))
    return Plan(X, basis, n, M, C, L, pooled, N - len(n) - int(ranks.sum()), N - len(n) - int(rank))


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
    J = len(d.n)
    y = np.stack([np.bincount(codes, weights=row, minlength=J) / d.n for row in Y])
    rest = Y - y[:, codes]
    within = d.X - d.M.T[:, codes]
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
    """(R,) t at each replicate's optimum: Newton from the lowest point of a grid.

    A replicate whose criterion has more than one low point on the grid is optimised by itself.
    """
    grid = _GRID * s.J / s.N
    if len(s.size) == 1:
        n, scalars = s.size[0], balanced.Scalars.reduce(s, df, reml)
        w = 1 / (1 + n * grid)
        height = scalars.heights(w)
        t = (1 / balanced.descend(scalars, w, np.argmin(height, axis=1)) - 1) / n
    else:
        height = intercept.values(s, grid, df, reml)
        t = _descend(s, grid, np.argmin(height, axis=1), df, reml)
    for r in np.flatnonzero(_low_points(height) > 1):
        t[r] = intercept.optimise(_subset(s, r), df, reml)
    return t


def _descend(
    s: intercept.Statistics, grid: np.ndarray, k: np.ndarray, df: int, reml: bool
) -> np.ndarray:
    """(R,) t at the low point of each criterion next to grid point k (R,): Newton in log t."""
    zero = differentiate(intercept.pieces(s, np.zeros(len(k))), df, reml).slope[:, 0] >= 0
    zero &= k == 0
    low = np.where(k > 0, grid[np.maximum(k - 1, 0)], 0.0)
    high = np.where(k < len(grid) - 1, grid[np.minimum(k + 1, len(grid) - 1)], 1e8)
    t = np.where(zero, 0.0, np.where(k > 0, grid[k], grid[1] / 2))
    todo = np.flatnonzero(~zero)
    for _ in range(_MAX_STEPS):
        if len(todo) == 0:
            break
        at = t[todo]
        found = differentiate(intercept.pieces(_subset(s, todo), at), df, reml)
        first, second = found.slope[:, 0], found.curve[:, 0, 0]
        high[todo] = np.where(first > 0, at, high[todo])
        low[todo] = np.where(first <= 0, at, low[todo])
        d1, d2 = at * first, at * at * second + at * first
        with np.errstate(divide="ignore", invalid="ignore"):
            move = np.clip(np.where(d2 > 0, -d1 / d2, -3 * np.sign(d1)), -3, 3)
        new = at * np.exp(move)
        outside = (new < low[todo]) | (new > high[todo])
        middle = np.where(low[todo] > 0, np.sqrt(low[todo] * high[todo]), high[todo] / 10)
        t[todo] = np.where(outside, middle, new)
        todo = todo[outside | (np.abs(new - at) > _TOLERANCE * at)]
        todo = todo[t[todo] > 1e-300]
    return t


def _low_points(height: np.ndarray) -> np.ndarray:
    """(R,) points of the grid that are lower than both their neighbours, its ends included."""
    edge = np.full((len(height), 1), np.inf)
    rise = np.diff(np.hstack([edge, height, edge]), axis=1) > 0
    return (~rise[:, :-1] & rise[:, 1:]).sum(axis=1)


def _subset(s: intercept.Statistics, rows: np.ndarray | int) -> intercept.Statistics:
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
