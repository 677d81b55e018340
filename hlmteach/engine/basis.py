"""Columns on a scale where sums of squares keep their digits, and the way back.

Legend
    N, p    rows, fixed coefficients
    E       (p + 1, N)  engine rows: the columns of X shifted, scaled, if need be made orthogonal,
                        then y
    T       (p, p)      E's first p rows are the columns of X times T, up to rounding
    shift   y's shift;  scale: y's scale.  y = shift + scale * E[p]
So beta = scale * T g + (shift on the intercept) where g are the engine's coefficients.
"""

from dataclasses import dataclass

import numpy as np

# A column whose part not explained by the columns before it is smaller than this share of the
# column is dropped. It is the tolerance of R's qr(), which lme4 uses.
RANK_TOLERANCE = 1e-7
# Below this the cross-products alone would lose more than half the digits of a coefficient.
_NEAR = 1e-3


@dataclass(frozen=True)
class Basis:
    """Engine rows and the way back to the columns as given; see the legend."""

    E: np.ndarray
    T: np.ndarray
    shift: float
    scale: float
    kept: list[int]  # positions of the columns that were kept
    intercept: bool

    def beta(self, g: np.ndarray) -> np.ndarray:
        out = self.scale * (g @ self.T.T)
        if self.intercept:
            out[..., 0] += self.shift
        return out

    def cov(self, Gi: np.ndarray, s2: np.ndarray) -> np.ndarray:
        return np.asarray(s2)[..., None, None] * self.scale**2 * (self.T @ Gi @ self.T.T)

    @property
    def log_det(self) -> float:
        """What to add to log|E'V^-1 E| to have log|X'V^-1 X|."""
        return -2 * float(np.log(np.abs(np.diag(self.T))).sum())


def make_basis(columns: list[np.ndarray | None], y: np.ndarray) -> Basis:
    """Shift and scale the columns; orthogonalise them where they are nearly collinear.

    Parameters
    ----------
    columns : p arrays (N,); None, allowed first only, stands for the constant column
    y : (N,)
    """
    N, p = len(y), len(columns)
    intercept = p > 0 and columns[0] is None
    E = np.empty((p + 1, N))
    for k, column in enumerate([*columns, y]):
        E[k] = 1.0 if column is None else column
    mean = np.zeros(p + 1)
    if intercept:
        mean[1:] = E[1:].mean(axis=1)
        E -= mean[:, None]
    gram = E @ E.T / N
    norm = np.sqrt(gram.diagonal())
    norm[norm <= 1e-13 * np.abs(mean)] = 0.0  # rounding noise around a constant
    inverse = 1 / np.where(norm > 0, norm, 1.0)
    E *= inverse[:, None]
    T = np.diag(np.where(norm[:p] > 0, inverse[:p], 1.0))
    if intercept:
        T[0, 1:] = np.where(norm[1:p] > 0, -mean[1:p] * inverse[1:p], 0.0)
    kept = list(range(p))
    if p and _nearly_collinear(gram[:p, :p] * inverse[:p, None] * inverse[:p], norm[:p]):
        E, T, kept = _orthogonalise(E, T, norm[:p], intercept)
    return Basis(E, T, float(mean[p]), float(1 / inverse[p]), kept, intercept)


def _nearly_collinear(correlations: np.ndarray, norms: np.ndarray) -> bool:
    if not norms.all():
        return True
    try:
        return np.linalg.cholesky(correlations).diagonal().min() < _NEAR
    except np.linalg.LinAlgError:
        return True


def _orthogonalise(
    E: np.ndarray, T: np.ndarray, norms: np.ndarray, intercept: bool
) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Gram-Schmidt, each column twice, in the order given; dependent columns are dropped."""
    p, N = len(E) - 1, E.shape[1]
    Q, kept, mixes = [], [], []
    for k in range(p):
        row, mix = E[k].copy(), np.zeros(p)
        mix[k] = 1.0
        if norms[k] == 0:
            continue
        for _ in range(2):
            for q, combined in zip(Q, mixes, strict=True):
                share = q @ row / N
                row -= share * q
                mix -= share * combined
        size = np.sqrt(row @ row / N)
        if size < RANK_TOLERANCE:
            continue
        Q.append(row / size)
        mixes.append(mix / size)
        kept.append(k)
    basis = np.column_stack(mixes)[kept]
    return np.vstack([*Q, E[p]]), T[np.ix_(kept, kept)] @ basis, kept
