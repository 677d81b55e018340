"""Random intercept models: one pass over the rows, then work on a few small arrays.

Legend
    N, J    rows, groups;  K distinct group sizes;  P = p + 1 engine columns (the last is y)
    n       (J,)           group sizes;  m_j group means of the engine columns, M (J, P)
    size, count  (K,)      the distinct sizes and how many groups have each
    W       (..., P, P)    within-group cross-products, sum over rows of (a - m_j)(a - m_j)'
    B       (..., K, P, P) sum of m_j m_j' over the groups of one size
    t       (...)          sigma_u^2 / sigma_e^2, the one element of D (theta^2 in lme4's terms)
With w = 1 / (1 + t n), V^-1 shrinks a group's mean by w and leaves deviations alone, so
A' V^-1 A = W + sum_k (size_k w_k) B_k.  Source: Searle, Casella & McCulloch (1992), Variance
Components, section 3.8, for the inverse of V.
"""

import math
from dataclasses import dataclass

import numpy as np

from .profile import Pieces, criterion

_STEPS = np.concatenate([[0.0], 10.0 ** np.linspace(-6, 8, 43)])
_BEYOND = 1e9  # how far above the grid the search may go, which few data ask for
_TOLERANCE = 1e-5  # of the last Newton step, which leaves an error of its square
_MAX_STEPS = 60
_WINDOW = 0.02  # in log t: five slopes this near the optimum give it to some ten digits
_NODES = np.linspace(-1, 1, 5)
_NEARBY = np.exp(_WINDOW * _NODES)
_QUARTIC = np.linalg.inv(np.vander(_NODES, increasing=True))
_LOST = 0.01


@dataclass(frozen=True)
class Statistics:
    """Sufficient statistics of a random intercept model; leading axes of W and B are replicates."""

    N: int
    n: np.ndarray
    size: np.ndarray
    count: np.ndarray
    M: np.ndarray
    W: np.ndarray
    B: np.ndarray

    @property
    def J(self) -> int:
        return len(self.n)


def statistics(
    E: np.ndarray, gram: np.ndarray, codes: np.ndarray, n: np.ndarray, constant: bool = False
) -> Statistics:
    """Reduce the engine rows to statistics.

    Parameters
    ----------
    E, gram : (P, N) rows from `make_basis`, and E E'
    codes : (N,) groups 0 .. J - 1
    n : (J,) rows in each group
    constant : is the first row 1 throughout?
    """
    M = _group_means(E, codes, n)
    count = np.bincount(n)
    size = np.flatnonzero(count)
    count = count[size]
    S = M.T[np.argsort(n, kind="stable")]
    starts = np.cumsum(count) - count
    B = np.add.reduceat(S[:, :, None] * S[:, None, :], starts, axis=0)
    size = size.astype(float)
    W = gram - (size @ B.reshape(len(size), -1)).reshape(gram.shape)
    # Where a row's squares lie nearly all between the groups, the difference has lost its digits.
    lost = W.diagonal() < _LOST * gram.diagonal()
    rests: dict[int, np.ndarray] = {}
    for k in lost.nonzero()[0].tolist()[int(constant) :]:
        rests[k] = rest = E[k] - M[k].take(codes)
        W[k] = W[:, k] = E @ rest
        for other in rests:
            W[k, other] = W[other, k] = rests[other] @ rest
    if constant:
        W[0] = W[:, 0] = 0.0
    return Statistics(E.shape[1], n, size, count.astype(float), M.T, W, B)


def _group_means(E: np.ndarray, codes: np.ndarray, n: np.ndarray) -> np.ndarray:
    """(P, J); where the rows are sorted by group, sums of runs are several times faster."""
    if (codes[1:] >= codes[:-1]).all():
        return np.add.reduceat(E, np.cumsum(n) - n, axis=1) / n
    return np.stack([np.bincount(codes, weights=row, minlength=len(n)) for row in E]) / n


def pieces(s: Statistics, t: np.ndarray, derivatives: bool = True) -> Pieces:
    """The criterion's pieces with two derivatives at t, whose shape is B's leading shape."""
    P = s.W.shape[-1]
    q = s.size / (1 + np.asarray(t)[..., None] * s.size)
    if not derivatives:
        G = (q[..., None, :] @ s.B.reshape(*s.B.shape[:-2], P * P)).reshape(s.W.shape)
        return Pieces(s.W + G, np.log1p(np.asarray(t)[..., None] * s.size) @ s.count)
    powers = np.stack([q, -q * q, 2 * q**3], axis=-2)
    sums = (powers @ s.B.reshape(*s.B.shape[:-2], P * P)).reshape(*powers.shape[:-1], P, P)
    ld, ld1, ld2 = np.log1p(np.asarray(t)[..., None] * s.size) @ s.count, q @ s.count, q * q
    return Pieces(
        G=s.W + sums[..., 0, :, :],
        ld=ld,
        G1=sums[..., 1:2, :, :],
        G2=sums[..., 2, None, None, :, :],
        ld1=ld1[..., None],
        ld2=-(ld2 @ s.count)[..., None, None],
    )


def values(s: Statistics, t: np.ndarray, df: int, reml: bool) -> np.ndarray:
    """The criterion at many values t (L,), for one data set: (..., L)."""
    P = s.W.shape[-1]
    v = 1 + t[:, None] * s.size
    G = s.W[..., None, :, :] + ((s.size / v) @ s.B.reshape(*s.B.shape[:-2], P * P)).reshape(
        *s.B.shape[:-3], len(t), P, P
    )
    return criterion(Pieces(G, np.log(v) @ s.count), df, reml)


def optimise(s: Statistics, df: int, reml: bool) -> float:
    """t at the lowest criterion of one data set.

    On small unbalanced data the criterion can have two minima, so every low point of a coarse
    grid is followed to its end and the lowest is kept.
    """
    if saturated(s):
        return 0.0
    grid = _STEPS * s.J / s.N
    height = values(s, grid, df, reml)
    falls = [True, *(height[1:] < height[:-1]).tolist(), False]
    low = [k for k in range(len(grid)) if falls[k] and not falls[k + 1]]
    ends = [_descend(s, grid, height, k, df, reml) for k in low]
    if len(ends) == 1:
        return ends[0]
    return ends[int(np.argmin(values(s, np.array(ends), df, reml)))]


def runs_away(s: Statistics, t: float) -> bool:
    """Is t at the end of the search, because nothing is left within the groups?"""
    return t * s.N / s.J > 0.9 * _BEYOND * _STEPS[-1]


def saturated(s: Statistics) -> bool:
    """Do the predictors fit any group means, as a coefficient for each group does?

    Then REML's criterion is flat in t, and what falls or rises is rounding noise.
    """
    p = s.W.shape[-1] - 1
    if p < s.J:
        return False
    return p - np.linalg.matrix_rank(s.W[:p, :p], tol=1e-10 * s.N, hermitian=True) >= s.J


def _descend(
    s: Statistics, grid: np.ndarray, height: np.ndarray, k: int, df: int, reml: bool
) -> float:
    """t at the low point next to grid point k.

    Inside the grid a quartic through heights mostly comes within 2 % of it, and five slopes there
    do the rest. Elsewhere: Newton on the slope in log t, kept inside a bracket.
    """
    low, high = grid[max(k - 1, 0)], grid[k + 1] if k + 1 < len(grid) else _BEYOND * grid[k]
    t = grid[k]
    if k == 0:
        if _slope(s, 0.0, df, reml)[0] >= 0:
            return 0.0
        t = grid[1] / 2
    elif 2 < k < len(grid) - 2:
        t *= (high / t) ** _lowest(*height[k - 2 : k + 3].tolist())
        near = _stationary(s, t, df, reml)
        if near:
            return near
    t, low, high = float(t), float(low), float(high)
    for _ in range(_MAX_STEPS):
        first, second = _slope(s, t, df, reml)
        low, high = (low, t) if first > 0 else (t, high)
        d1, d2 = t * first, t * t * second + t * first
        move = max(-3.0, min(3.0, -d1 / d2)) if d2 > 0 else -math.copysign(3.0, d1)
        new = t * math.exp(move)
        if not low <= new <= high:
            new = math.sqrt(low * high) if low > 0 else high / 10
        if abs(new - t) <= _TOLERANCE * t or new < 1e-300:
            return new
        t = new
    return t


def _lowest(a: float, b: float, c: float, d: float, e: float) -> float:
    """Where the quartic through five equally spaced heights is lowest near c, in steps."""
    d1, d2 = (a - 8 * b + 8 * d - e) / 12, (-a + 16 * b - 30 * c + 16 * d - e) / 12
    d3, d4 = (-a + 2 * b - 2 * d + e) / 2, a - 4 * b + 6 * c - 4 * d + e
    x = 0.0
    for _ in range(3):
        bend = d2 + x * (d3 + x * d4 / 2)
        if bend <= 0:
            return 0.0
        x -= (d1 + x * (d2 + x * (d3 / 2 + x * d4 / 6))) / bend
    return x if abs(x) < 1 else 0.0


def _stationary(s: Statistics, t: float, df: int, reml: bool) -> float | None:
    """The optimum if it lies in the window around t: where a quartic through slopes is zero."""
    a, b, c, d, e = (_QUARTIC @ _slopes(s, t * _NEARBY, df, reml)).tolist()
    x = 0.0
    for _ in range(4):
        bend = b + x * (2 * c + x * (3 * d + x * 4 * e))
        if not (bend > 0 and abs(x) <= 1):
            return None
        x -= (a + x * (b + x * (c + x * (d + x * e)))) / bend
    return t * math.exp(_WINDOW * x)


def _slopes(s: Statistics, t: np.ndarray, df: int, reml: bool) -> np.ndarray:
    """The criterion's first derivative in log t at each t (L,); see `_slope`."""
    P = s.W.shape[-1]
    q = s.size / (1 + t[:, None] * s.size)
    B = s.B.reshape(-1, P * P)
    H = np.linalg.inv(s.W + (q @ B).reshape(-1, P, P))
    C1 = H @ (q * q @ -B).reshape(-1, P, P)
    h = H[:, :, -1]
    slope = q @ s.count + (df - reml) * (C1[:, -1] * h).sum(-1) / h[:, -1]
    return t * (slope + C1.trace(axis1=1, axis2=2) if reml else slope)


def _slope(s: Statistics, t: float, df: int, reml: bool) -> tuple[float, float]:
    """The criterion's two derivatives in t: `differentiate` written out for one parameter.

    With H the inverse of all of G, h its last column and C1 = H G1, C2 = H G2: r2 is 1 / h[-1],
    H' = -C1 H, H'' = 2 C1 C1 H - C2 H, and log|X' V^-1 X| is log|G| - log r2.
    """
    P = s.W.shape[-1]
    q = s.size / (1 + t * s.size)
    square = q * q
    powers = np.array([q, -square, 2 * q * square])
    sums = (powers @ s.B.reshape(-1, P * P)).reshape(3, P, P)
    H = np.linalg.inv(s.W + sums[0])
    C1, C2 = H @ sums[1:]
    h = H[:, -1]
    turned = C1 @ h
    ratio = float(turned[-1] / h[-1])  # r2' / r2
    bend = float(2 * (C1[-1] @ turned) - C2[-1] @ h) / float(h[-1])
    trace, trace2, _ = (powers @ s.count).tolist()
    d1, d2 = trace + (df - reml) * ratio, trace2 + (df - reml) * (ratio * ratio - bend)
    if reml:
        d1 += float(C1.trace())
        d2 += float(C2.trace()) - float(np.vdot(C1, C1.T))
    return d1, d2


def group_effects(s: Statistics, g: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
    """(u, v): predicted group effects (J,) and their conditional variances, both in engine units,
    the variances relative to the error variance.

    Source: Robinson (1991), Statistical Science 6(1), equation 1.2; the conditional variance given
    beta is t w, the one that lme4's `ranef(condVar = TRUE)` gives.
    """
    gap = s.M[:, -1] - s.M[:, :-1] @ g
    pull = t * s.n / (1 + t * s.n)
    return pull * gap, t / (1 + t * s.n)
