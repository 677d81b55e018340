"""The search for the lowest criterion of a model with random slopes.

Legend
    theta   (m,)   the free elements of L, lower triangular, where D = L L'; `pattern` places them
    K              points of a grid
Any theta is allowed: a covariance at its bound is an ordinary point here, where D has no inside.
"""

import numpy as np

from .profile import Pieces, criterion, differentiate
from .slopes import Statistics, lower, pieces

_TOLERANCE = 1e-11
_MAX_STEPS = 200
FEW_GROUPS = 20
# The grid of starts with few groups, in relative SDs; how many of its low points are followed.
_SIZES = np.array([0.0, 0.05, 0.2, 0.5, 1.2, 3.0, 8.0, 20.0])
_FOLLOWED = 6


def optimise(s: Statistics, df: int, reml: bool) -> tuple[np.ndarray, int]:
    """(theta, evaluations) at the lowest criterion found from several starts.

    With few groups the criterion can have several minima, so every low point of a coarse grid is
    followed; with many groups the best of three starts is.
    """
    starts, count = _starts(s, df, reml)
    ends = [_newton(s, start, df, reml) for start in starts]
    if len(s.R) <= FEW_GROUPS:
        ends += [_newton(s, inside, df, reml) for inside in _inside(s.pattern, ends)]
    theta, height, _ = min(ends, key=lambda end: end[1])
    count += sum(end[2] for end in ends)
    for _ in range(4):
        away = _escape(s, theta, df, reml)
        if away is None:
            break
        other, lower_height, more = _newton(s, away, df, reml)
        count += more
        if lower_height >= height - 1e-10:
            break
        theta, height = other, lower_height
    return _sign(theta, s.pattern), count


def _inside(pattern: list[tuple[int, int]], ends: list[tuple]) -> list[np.ndarray]:
    """The lowest end moved off the boundary, where it lies there: a minimum may hide inside."""
    theta = min(ends, key=lambda end: end[1])[0].copy()
    zero = [k for k, (i, j) in enumerate(pattern) if i == j and abs(theta[k]) < 1e-4]
    theta[zero] = 1.0
    return [theta] if zero else []


def _starts(s: Statistics, df: int, reml: bool) -> tuple[list[np.ndarray], int]:
    """Where to begin, and the evaluations that finding it cost."""
    count = 0
    if len(s.R) > FEW_GROUPS or s.q > 2:
        starts = [np.where([i == j for i, j in s.pattern], size, 0.0) for size in (0.05, 0.3, 1.5)]
        heights = [_height(s, start, df, reml) for start in starts]
        return [starts[int(np.argmin(heights))]], len(starts)
    found = []
    for grid in _grids(s.pattern):
        points = grid.reshape(-1, len(s.pattern))
        heights = _heights(s, points, df, reml)
        count += len(points)
        low = np.flatnonzero(_lows(heights.reshape(grid.shape[:-1])))
        found += zip(heights[low], points[low], strict=True)
    found.sort(key=lambda pair: pair[0])
    return [point for _, point in found[:_FOLLOWED]], count


def _grids(pattern: list[tuple[int, int]]) -> list[np.ndarray]:
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
    M = np.eye(s.q) + RL @ RL.swapaxes(-1, -2)
    NB = np.linalg.solve(M, np.broadcast_to(s.B, (len(L), *s.B.shape)))
    G = s.W + s.B.reshape(-1, P).T @ NB.reshape(len(L), -1, P)
    return criterion(Pieces(G, np.linalg.slogdet(M)[1].sum(axis=1)), df, reml)


def _newton(s: Statistics, theta: np.ndarray, df: int, reml: bool) -> tuple[np.ndarray, float, int]:
    """Newton with the curvature made positive, and a step that is halved until it descends."""
    theta, count = theta.copy(), 0
    for _ in range(_MAX_STEPS):
        height, slope, curve = derivatives(s, theta, df, reml)
        value, vector = np.linalg.eigh(curve)
        value = np.maximum(np.abs(value), 1e-7 * max(np.abs(value).max(), 1e-12))
        step = -vector @ ((vector.T @ slope) / value)
        step *= min(1.0, 0.7 * max(1.0, np.abs(theta).max()) / max(np.abs(step).max(), 1e-300))
        count += 1
        scale = 1.0
        while True:
            new = theta + scale * step
            at = _height(s, new, df, reml)
            count += 1
            if at <= height + 1e-4 * scale * (slope @ step) + 1e-13 * abs(height) or scale < 1e-8:
                break
            scale /= 3
        moved = np.abs(new - theta).max()
        if at <= height + 1e-13 * abs(height):
            theta = new
        if moved <= _TOLERANCE * max(1.0, np.abs(theta).max()) or scale < 1e-8:
            break
    return theta, _height(s, theta, df, reml), count


def derivatives(
    s: Statistics, theta: np.ndarray, df: int, reml: bool
) -> tuple[float, np.ndarray, np.ndarray]:
    """(criterion, gradient, Hessian) in the free elements of L, by the chain rule through D."""
    L = lower(theta, s.pattern, s.q)
    found = pieces(s, L @ L.T)
    at = differentiate(found, df, reml)
    height = float(criterion(found, df, reml))
    m = len(s.pattern)
    chain = np.zeros((m, m))  # d D[pattern a] / d theta_b
    for b, (i, j) in enumerate(s.pattern):
        for a, (k, low) in enumerate(s.pattern):
            chain[a, b] = (k == i) * L[low, j] + (low == i) * L[k, j]
    curve = chain.T @ at.curve @ chain
    for a, (k, low) in enumerate(s.pattern):
        for b, (i, j) in enumerate(s.pattern):
            for c, (i2, j2) in enumerate(s.pattern):
                twice = (k == i and low == i2) + (k == i2 and low == i)
                if j == j2 and twice:
                    curve[b, c] += at.slope[a] * twice
    return height, chain.T @ at.slope, curve


def _escape(s: Statistics, theta: np.ndarray, df: int, reml: bool) -> np.ndarray | None:
    """A start away from a singular point at which a missing direction of D would descend."""
    L = lower(theta, s.pattern, s.q)
    slope = differentiate(pieces(s, L @ L.T), df, reml).slope
    full = np.zeros((s.q, s.q))
    for value, (i, j) in zip(slope, s.pattern, strict=True):
        full[i, j] = full[j, i] = value / (1 + (i != j))
    value, vector = np.linalg.eigh(full)
    if value[0] >= -1e-6 * max(1.0, abs(value).max()):
        return None
    D = L @ L.T + 0.05 * np.outer(vector[:, 0], vector[:, 0]) + 1e-9 * np.eye(s.q)
    allowed = np.zeros((s.q, s.q), dtype=bool)
    for i, j in s.pattern:
        allowed[i, j] = allowed[j, i] = True
    L = np.linalg.cholesky(np.where(allowed, D, 0.0))
    return np.array([L[at] for at in s.pattern])


def _sign(theta: np.ndarray, pattern: list[tuple[int, int]]) -> np.ndarray:
    """Columns of L with a positive diagonal, as lme4 reports them."""
    out = theta.copy()
    for k, (i, j) in enumerate(pattern):
        if i == j and theta[k] < 0:
            for other, (_, column) in enumerate(pattern):
                out[other] = -theta[other] if column == j else out[other]
    return out
