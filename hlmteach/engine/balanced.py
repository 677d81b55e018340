"""The optimum of many balanced data sets: no linear algebra per replicate.

Legend (see `intercept` for W, B, t, J)
    R, p   replicates, fixed coefficients;  n the one group size;  w = 1 / (1 + t n)
    V      (p, p)  the basis that makes both cross-products of X diagonal, within and between:
           V' W V = a,  V' (n B) V = 1 - a.  All replicates share it
    a      (p,)    share of each new column that lies within groups: 1 inside, 0 between
    x, z   (R, p)  the columns' products with y, within and between;  yw, yb (R,) y with itself
So with d_k = a_k + w (1 - a_k) and c_k = (x_k + w z_k) / d_k the criterion is a sum of scalars,
    -J log w + sum log d_k + df log r2,    r2 = yw + w yb - sum c_k^2 d_k    (no log d_k by ML)
"""

from dataclasses import dataclass

import numpy as np

from .intercept import Statistics

_TOLERANCE = 1e-7  # of the last Newton step, which leaves an error of its square
_MAX_STEPS = 50


@dataclass(frozen=True)
class Scalars:
    """The sums that are left of balanced data sets; see the legend."""

    a: np.ndarray
    x: np.ndarray
    z: np.ndarray
    yw: np.ndarray
    yb: np.ndarray
    J: int
    df: int
    reml: bool

    @classmethod
    def reduce(cls, s: Statistics, df: int, reml: bool) -> "Scalars":
        p, W, B = s.W.shape[-1] - 1, s.W, s.size[0] * s.B[:, 0]
        half = np.linalg.inv(np.linalg.cholesky(W[0, :p, :p] + B[0, :p, :p]))
        a, U = np.linalg.eigh(half @ W[0, :p, :p] @ half.T)
        V = half.T @ U
        x, z = W[:, :p, p] @ V, B[:, :p, p] @ V
        return cls(np.clip(a, 0.0, 1.0), x, z, W[:, p, p], B[:, p, p], s.J, df, reml)

    def heights(self, w: np.ndarray) -> np.ndarray:
        """(R, L) the criterion, but for a constant, at the values w (L,)."""
        d = self.a + w[:, None] * (1 - self.a)
        c = self.x[:, None] + w[:, None] * self.z[:, None]
        r2 = self.yw[:, None] + np.multiply.outer(self.yb, w) - (c * c / d).sum(axis=-1)
        fixed = np.log(d).sum(axis=-1) if self.reml else 0.0
        return self.df * np.log(r2) - self.J * np.log(w) + fixed

    def slopes(self, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(R,) first and second derivatives of the criterion in w, each at its own w."""
        b = 1 - self.a
        d = self.a + w[:, None] * b
        c = (self.x + w[:, None] * self.z) / d
        bend = self.z - c * b
        r2 = self.yw + w * self.yb - (c * c * d).sum(axis=1)
        ratio = (self.yb - (c * (2 * self.z - c * b)).sum(axis=1)) / r2
        first = -self.J / w + self.df * ratio
        second = self.J / w**2 - self.df * (2 * (bend**2 / d).sum(axis=1) / r2 + ratio**2)
        if self.reml:
            first += (b / d).sum(axis=1)
            second -= ((b / d) ** 2).sum(axis=1)
        return first, second


def descend(s: Scalars, grid: np.ndarray, k: np.ndarray) -> np.ndarray:
    """(R,) w at the low point of each criterion next to grid point k (R,).

    Newton in log w, kept inside a bracket. `grid` falls from 1; w = 1 is no variance between.
    """
    w = grid[k]
    high = grid[np.maximum(k - 1, 0)]
    low = np.where(k < len(grid) - 1, grid[np.minimum(k + 1, len(grid) - 1)], 1e-12)
    for _ in range(_MAX_STEPS):
        first, second = s.slopes(w)
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
    return w
