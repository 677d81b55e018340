"""The ML deviance as a surface over the variance parameters, and its lowest point along a part.

Legend
    N, q    rows, random effects;  m free elements of D
    D       (q, q)  covariance of the random effects relative to the error variance s2 = exp(ls)
    C       (q, q)  D = C L L' C' / s2, in the engine's units
    L       (q, q)  L0 + sum eta_b K_b; the numbers eta, and with them ls, are free or held
    J       (m, f)  derivatives of D's elements in the f free numbers;  J2 (m, f, f) the second ones
The fixed effects are at their best for every D. The surface is N log(2 pi s2) + log|V| + r2 / s2;
its derivatives in D are those of `profile.differentiate`, with s2 not profiled out.
"""

from dataclasses import dataclass

import numpy as np

from . import intercept
from .profile import LOG_2PI, estimates
from .solution import Solution

_MAX_STEPS = 100
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Part:
    """A part of the surface: which numbers are free.

    Attributes
    ----------
    L0 : (q, q) what is held
    K : (b, q, q) directions of the free numbers eta
    C : (q, q) from L to the engine's units
    ls : log s2 where it is held, None where it is free (then it is the last of the numbers)
    positive : how many of the first numbers must stay above zero
    """

    L0: np.ndarray
    K: np.ndarray
    C: np.ndarray
    ls: float | None = None
    positive: int = 0


@dataclass(frozen=True)
class Point:
    """Height, slope (f,) and curvature (f, f) of the surface in the free numbers."""

    height: float
    slope: np.ndarray
    curve: np.ndarray


def lowest(solution: Solution, part: Part, start: np.ndarray) -> tuple[float, np.ndarray]:
    """(deviance, free numbers) at the bottom: Newton, the curvature made positive, with a step
    that is shortened until it descends.

    Parameters
    ----------
    solution : an ML fit, whose statistics and units are used
    part : what is free
    start : (f,) free numbers to start from
    """
    eta = start.copy()
    at = look(solution, part, eta)
    for _ in range(_MAX_STEPS if len(eta) else 0):
        step = _newton_step(at)
        step *= _within(part, eta, step) * min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))
        while True:
            new = look(solution, part, eta + step)
            if new.height <= at.height + 1e-4 * (at.slope @ step) + 1e-13 * abs(at.height):
                break
            step /= 3
            if np.abs(step).max() < _TOLERANCE:
                return at.height, eta
        eta, at = eta + step, new
        if np.abs(step).max() < 1e-7:
            break
    return at.height, eta


def _newton_step(at: Point) -> np.ndarray:
    value, vector = np.linalg.eigh(at.curve)
    value = np.maximum(np.abs(value), 1e-9 * max(np.abs(value).max(), 1e-12))
    return -vector @ ((vector.T @ at.slope) / value)


def _within(part: Part, eta: np.ndarray, step: np.ndarray) -> float:
    """Share of the step that keeps the numbers that must be positive at a tenth of themselves."""
    now, move = eta[: part.positive], step[: part.positive]
    share = np.divide(-0.9 * now, move, out=np.ones_like(now), where=now + move < 0.1 * now)
    return float(min(1.0, *share)) if part.positive else 1.0


def look(solution: Solution, part: Part, eta: np.ndarray) -> Point:
    """The surface at the free numbers."""
    b, N = len(part.K), solution.df
    free_ls = part.ls is None
    ls = eta[-1] if free_ls else part.ls
    s2 = np.exp(ls)
    root = part.C @ (part.L0 + np.tensordot(eta[:b], part.K, 1))
    D = root @ root.T / s2
    model = solution.model
    single = isinstance(model.s, intercept.Statistics)
    pieces = model.pieces(float(D[0, 0]) if single else D)
    rows, columns = zip(*([(0, 0)] if single else model.s.pattern), strict=True)
    # derivatives of the surface in D, the fixed effects following
    Gi, beta, r2 = estimates(pieces.G)
    v = np.append(-beta, 1.0)
    g = pieces.G1 @ v
    first = g @ v
    h = g[:, :-1]
    second = v @ pieces.G2 @ v - 2 * h @ Gi @ h.T
    steep, bent = pieces.ld1 + first / s2, pieces.ld2 + second / s2
    # derivatives of D in the free numbers
    CK = part.C @ part.K
    one = CK @ root.T
    two = CK[:, None] @ CK.swapaxes(-1, -2)[None]
    J = ((one + one.swapaxes(-1, -2)) / s2)[:, rows, columns].T
    J2 = np.moveaxis(((two + two.swapaxes(-1, -2)) / s2)[:, :, rows, columns], -1, 0)
    slope = J.T @ steep
    curve = J.T @ bent @ J + np.tensordot(steep, J2, 1)
    if free_ls:
        d = D[rows, columns]
        cross = -(J.T @ (bent @ d + first / s2 + steep))
        corner = d @ bent @ d + 2 * d @ first / s2 + steep @ d + r2 / s2
        slope = np.append(slope, N - r2 / s2 - steep @ d)
        curve = np.block([[curve, cross[:, None]], [cross[None], np.array([[corner]])]])
    height = pieces.ld + N * (LOG_2PI + ls) + r2 / s2 + solution.offset
    return Point(float(height), slope, curve)
