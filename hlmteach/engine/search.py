"""The search for the lowest criterion of a model with random slopes.

Legend
    theta   (m,)   the free elements of L, lower triangular, where D = L L'; `pattern` places them
    K              points of a grid
Any theta is allowed: a covariance at its bound is an ordinary point here, where D has no inside.
"""

import numpy as np

from .profile import Pieces, criterion, differentiate
from .slopes import Statistics, inverse, lower, pieces, squares

_TOLERANCE = 1e-11
_LAST_STEP = 1e-7
_MAX_STEPS = 200
_NOTHING = 1e-6  # of the criterion
FEW_GROUPS = 20
# The grid of starts with few groups, in relative SDs; how many of its low points are followed.
_SIZES = np.array([0.0, 0.05, 0.2, 0.5, 1.2, 3.0, 8.0, 20.0])
_FOLLOWED = 6


def optimise(s: Statistics, df: int, reml: bool) -> tuple[np.ndarray, bool]:
    """The lowest theta found from several starts, and whether the search ended there by itself.

    With few groups, and near a singular fit, the criterion can have several minima: then every
    start is followed. Else the best of a few is.
    """
    starts = _starts(s, df, reml)
    ends = [_newton(s, starts[0], df, reml)]
    if len(s.R) <= FEW_GROUPS or _is_singular(ends[0][0], s.pattern):
        ends += [_newton(s, start, df, reml) for start in starts[1:]]
        ends += [_newton(s, inside, df, reml) for inside in _inside(s.pattern, ends)]
    theta, height, ended = min(ends, key=lambda end: end[1])
    for _ in range(4):
        away = _escape(s, theta, df, reml)
        if away is None:
            break
        other, lower_height, also = _newton(s, away, df, reml)
        if lower_height >= height - 1e-10:
            break
        theta, height, ended = other, lower_height, also
    return _sign(theta, s.pattern), ended


def _is_singular(theta: np.ndarray, pattern: tuple[tuple[int, int], ...]) -> bool:
    return min(abs(value) for value, (i, j) in zip(theta, pattern, strict=True) if i == j) < 1e-3


def _inside(pattern: tuple[tuple[int, int], ...], ends: list[tuple]) -> list[np.ndarray]:
    """The lowest end moved off the boundary, where it lies there: a minimum may hide inside."""
    theta = min(ends, key=lambda end: end[1])[0].copy()
    zero = [k for k, (i, j) in enumerate(pattern) if i == j and abs(theta[k]) < 1e-4]
    theta[zero] = 1.0
    return [theta] if zero else []


def _starts(s: Statistics, df: int, reml: bool) -> list[np.ndarray]:
    """Where to begin, the best first."""
    if len(s.R) > FEW_GROUPS or s.q > 2:
        starts = [np.where([i == j for i, j in s.pattern], size, 0.0) for size in (0.05, 0.3, 1.5)]
        starts = np.array([*starts, _by_moments(s)])
        return [*starts[np.argsort(_heights(s, starts, df, reml))]]
    found = []
    for grid in _grids(s.pattern):
        points = grid.reshape(-1, len(s.pattern))
        heights = _heights(s, points, df, reml)
        low = np.flatnonzero(_lows(heights.reshape(grid.shape[:-1])))
        found += zip(heights[low], points[low], strict=True)
    found.sort(key=lambda pair: pair[0])
    return [point for _, point in found[:_FOLLOWED]]


def _by_moments(s: Statistics) -> np.ndarray:
    """theta at which the groups' lines would scatter about the least squares fit as they do.

    With r_j = R_j' Q_j'(y - Xb) and S_j = R_j'R_j, E(r_j r_j') is s2 (S_j + S_j D S_j); summed over
    the groups these are linear equations for D, whose solution is lifted to a covariance.
    """
    q, P, J = s.q, s.W.shape[0], len(s.R)
    total = s.W + s.B.reshape(-1, P).T @ s.B.reshape(-1, P)
    v = np.append(-np.linalg.solve(total[:-1, :-1], total[:-1, -1]), 1.0)
    Rt = s.R.swapaxes(-1, -2)
    r, S = (Rt @ (s.B @ v)[:, :, None])[..., 0], (Rt @ s.R)
    s2 = v @ s.W @ v / max(s.N - J * q, 1)
    if not s2 > 0:
        return np.where([i == j for i, j in s.pattern], 1.0, 0.0)
    flat = S.reshape(J, -1)
    left = (flat.T @ flat).reshape(q, q, q, q).transpose(0, 2, 1, 3).reshape(q * q, q * q)
    right = (r.T @ r / s2 - S.sum(axis=0)).ravel()
    D = np.linalg.lstsq(left, right, rcond=None)[0].reshape(q, q)
    return _lifted((D + D.T) / 2, s.pattern)


def _lifted(D: np.ndarray, pattern: tuple[tuple[int, int], ...]) -> np.ndarray:
    """theta of the covariance nearest to D in which no direction has (almost) no variance."""
    value, vector = np.linalg.eigh(np.where(_allowed(pattern, len(D)), D, 0.0))
    value = np.maximum(value, 0.01 * max(value.max(), 1e-3))
    L = np.linalg.cholesky(vector * value @ vector.T)
    return np.array([L[at] for at in pattern])


def _allowed(pattern: tuple[tuple[int, int], ...], q: int) -> np.ndarray:
    allowed = np.zeros((q, q), dtype=bool)
    for i, j in pattern:
        allowed[i, j] = allowed[j, i] = True
    return allowed


def _grids(pattern: tuple[tuple[int, int], ...]) -> list[np.ndarray]:
    """Grids of theta (..., m): one inside, and with a correlation one where it is plus or minus 1.

    Along that edge, where optima of few groups often lie, the grid is finer.
    """
    diagonal = [k for k, (i, j) in enumerate(pattern) if i == j]
    inside = np.zeros((len(_SIZES),) * len(diagonal) + (len(pattern),))
    inside[..., diagonal] = np.stack(np.meshgrid(*[_SIZES] * len(diagonal)), axis=-1)
    if len(diagonal) == len(pattern):
        return [inside]
    angle = np.linspace(-np.pi / 2, np.pi / 2, 25)[1:]
    ways = np.stack([np.cos(angle), np.sin(angle), np.zeros(24)], axis=-1)
    tilted = [inside + share * inside[..., :1] * np.eye(3)[1] for share in (-0.5, 0.0, 0.5)]
    return [np.stack(tilted), _SIZES[1:, None, None] * ways]


def _lows(heights: np.ndarray) -> np.ndarray:
    """Which points of a grid are no higher than their neighbours along each axis?"""
    low = np.ones(heights.shape, dtype=bool)
    for axis in range(heights.ndim):
        rise = np.diff(heights, axis=axis)
        ends = [(0, 0)] * heights.ndim
        ends[axis] = (0, 1)
        low &= np.pad(rise >= 0, ends, constant_values=True)
        ends[axis] = (1, 0)
        low &= np.pad(rise <= 0, ends, constant_values=True)
    return low


def _height(s: Statistics, theta: np.ndarray, df: int, reml: bool) -> float:
    L = lower(theta, s.pattern, s.q)
    return float(criterion(pieces(s, L @ L.T, derivatives=False), df, reml))


def _heights(s: Statistics, thetas: np.ndarray, df: int, reml: bool) -> np.ndarray:
    """The criterion at many thetas (K, m) at once."""
    P = s.W.shape[0]
    L = np.zeros((len(thetas), 1, s.q, s.q))
    for k, (i, j) in enumerate(s.pattern):
        L[:, 0, i, j] = thetas[:, k]
    RL = s.R @ L
    N, logs = inverse(np.eye(s.q) + RL @ RL.swapaxes(-1, -2))
    G = s.W + s.B.reshape(-1, P).T @ (N @ s.B).reshape(len(L), -1, P)
    return criterion(Pieces(G, logs.sum(axis=1)), df, reml)


def _newton(
    s: Statistics, theta: np.ndarray, df: int, reml: bool
) -> tuple[np.ndarray, float, bool]:
    """(theta, height, has it ended?) by Newton with the curvature made positive, and a step that is
    shortened until it descends. It has ended where the last step promised next to nothing.

    An element above one is counted in units of itself: it may be thousands of times another.
    """
    at = derivatives(s, theta, df, reml)
    for _ in range(_MAX_STEPS):
        height, slope, curve = at
        unit = np.maximum(1.0, np.abs(theta))
        value, vector = np.linalg.eigh(curve * unit * unit[:, None])
        floor = 1e-7 * max(np.abs(value).max(), 1e-12)
        step = -vector @ ((vector.T @ (slope * unit)) / np.maximum(np.abs(value), floor))
        step *= unit * min(1.0, 0.7 / max(np.abs(step).max(), 1e-300))
        scale = 1.0
        while True:
            new = theta + scale * step
            found = derivatives(s, new, df, reml)
            allowed = height + 1e-4 * scale * (slope @ step) + 1e-13 * abs(height)
            if found[0] <= allowed or scale < 1e-8:
                break
            scale /= 3
        moved = np.abs((new - theta) / unit).max()
        if found[0] <= height + 1e-13 * abs(height):
            theta, at = new, found
        # A full step of Newton leaves an error of the size of its square.
        full = scale == 1.0 and value[0] > floor
        if moved <= (_LAST_STEP if full else _TOLERANCE) or scale < 1e-8:
            break
    return theta, at[0], bool(abs(slope @ step) <= _NOTHING)


def derivatives(
    s: Statistics, theta: np.ndarray, df: int, reml: bool
) -> tuple[float, np.ndarray, np.ndarray]:
    """(criterion, gradient, Hessian) in the free elements of L, by the chain rule through D."""
    L = lower(theta, s.pattern, s.q)
    found = pieces(s, L @ L.T)
    at = differentiate(found, df, reml)
    square = squares(s.pattern, s.q)
    chain = 2 * square @ theta  # d D[pattern a] / d theta_b
    curve = chain.T @ at.curve @ chain + 2 * np.tensordot(at.slope, square, 1)
    return float(criterion(found, df, reml)), chain.T @ at.slope, curve


def _escape(s: Statistics, theta: np.ndarray, df: int, reml: bool) -> np.ndarray | None:
    """A start away from a singular point at which a missing direction of D would descend."""
    L = lower(theta, s.pattern, s.q)
    if not _is_singular(theta, s.pattern):
        return None  # no direction is missing
    slope = differentiate(pieces(s, L @ L.T), df, reml).slope
    full = np.zeros((s.q, s.q))
    for value, (i, j) in zip(slope, s.pattern, strict=True):
        full[i, j] = full[j, i] = value / (1 + (i != j))
    value, vector = np.linalg.eigh(full)
    if value[0] >= -1e-6 * max(1.0, abs(value).max()):
        return None
    D = L @ L.T + 0.05 * np.outer(vector[:, 0], vector[:, 0]) + 1e-9 * np.eye(s.q)
    L = np.linalg.cholesky(np.where(_allowed(s.pattern, s.q), D, 0.0))
    return np.array([L[at] for at in s.pattern])


def _sign(theta: np.ndarray, pattern: tuple[tuple[int, int], ...]) -> np.ndarray:
    """Columns of L with a positive diagonal, as lme4 reports them."""
    out = theta.copy()
    for k, (i, j) in enumerate(pattern):
        if i == j and theta[k] < 0:
            for other, (_, column) in enumerate(pattern):
                out[other] = -theta[other] if column == j else out[other]
    return out
