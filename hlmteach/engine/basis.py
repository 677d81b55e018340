"""Columns on a scale where sums of squares keep their digits, and the way back.

Legend
    N, p    rows, fixed coefficients
    E       (p + 1, N)  engine rows: the columns of X shifted, scaled, if need be made orthogonal,
                        then y
    gram    (p + 1, p + 1)  E E'
    T       (p, p)      E's first p rows are the columns of X times T, up to rounding
    shift   (p,)  what is taken out of y beforehand: its mean, or without an intercept its
                  regression on X.  scale: y's scale.  y = X shift + scale * E[p]
So beta = scale * T g + shift where g are the engine's coefficients.
"""

import math
from dataclasses import dataclass

import numpy as np

# A column whose part not explained by the columns before it is smaller than this share of the
# column is dropped. It is the tolerance of R's qr(), which lme4 uses.
RANK_TOLERANCE = 1e-7
# Below this the cross-products alone would lose more than half the digits of a coefficient.
_NEAR = 1e-3
# Below this share of the values' size lies rounding noise.
_NOISE = 1e-13
_BLOCK = 8192  # columns


@dataclass(frozen=True)
class Basis:
    """The engine rows' cross-products and the way back to the columns as given; see the legend."""

    gram: np.ndarray
    T: np.ndarray
    shift: np.ndarray
    scale: float
    kept: list[int]  # positions of the columns that were kept
    intercept: bool

    def beta(self, g: np.ndarray) -> np.ndarray:
        return self.scale * (g @ self.T.T) + self.shift

    def cov(self, Gi: np.ndarray, s2: np.ndarray) -> np.ndarray:
        return np.asarray(s2)[..., None, None] * self.scale**2 * (self.T @ Gi @ self.T.T)

    @property
    def log_det(self) -> float:
        """What to add to log|E'V^-1 E| to have log|X'V^-1 X|."""
        return -2 * sum(math.log(abs(factor)) for factor in self.T.diagonal().tolist())


def make_basis(columns: list[np.ndarray | None], y: np.ndarray) -> tuple[np.ndarray, Basis]:
    """E and its basis: columns shifted and scaled, and orthogonal where they were nearly collinear.

    Parameters
    ----------
    columns : p arrays (N,); None, allowed first only, stands for the constant column
    y : (N,)
    """
    N, p = len(y), len(columns)
    intercept = p > 0 and columns[0] is None
    E, mean = np.empty((p + 1, N)), np.zeros(p + 1)
    for k, column in enumerate([*columns, y]):
        if column is None:
            E[k] = 1.0
        else:
            mean[k] = column.sum() / N if intercept else 0.0
            np.subtract(column, mean[k], out=E[k])
    gram = cross_products(E)
    sizes = np.sqrt(gram.diagonal() / N).tolist()
    noise = (_NOISE * np.abs(mean)).tolist()
    norms = [size if size > least else 0.0 for size, least in zip(sizes, noise, strict=True)]
    inverse = np.array([1 / norm if norm else 1.0 for norm in norms])
    E *= inverse[:, None]
    gram *= inverse[:, None] * inverse
    T = np.zeros((p, p))
    T.flat[:: p + 1] = inverse[:p]
    if intercept:
        T[0, 1:] = -mean[1:p] * inverse[1:p]
    kept = list(range(p))
    if p > intercept and _nearly_collinear(gram[:p, :p] / N, norms[:p]):
        E, T, kept = _orthogonalise(E, T, norms[:p], intercept)
        gram = cross_products(E)
    shift, scale = np.zeros(len(kept)), float(1 / inverse[p])
    if intercept:
        shift[0] = mean[p]
    elif kept:
        share, size = _take_out(E, gram)
        gram, shift, scale = cross_products(E), scale * (T @ share), scale * size
    return E, Basis(gram, T, shift, scale, kept, intercept)


def _take_out(E: np.ndarray, gram: np.ndarray) -> tuple[np.ndarray, float]:
    """Leave of the last row what its regression on the others does not explain, scaled.

    A mean far from zero, which no intercept takes up, would cost its digits else.
    """
    share = np.linalg.solve(gram[:-1, :-1], gram[:-1, -1])
    E[-1] -= share @ E[:-1]
    size = math.sqrt(E[-1] @ E[-1] / E.shape[1])
    if size < _NOISE:
        E[-1] = 0.0
        return share, 1.0
    E[-1] /= size
    return share, size


def cross_products(E: np.ndarray) -> np.ndarray:
    """E E', (P, P), of P long rows.

    NumPy hands `E @ E.T` to a routine that is several times slower on few long rows; two products
    with other rows are not, and in blocks they stay in the processor's cache.
    """
    out = np.zeros((len(E), len(E)))
    for start in range(0, E.shape[1], _BLOCK):
        block = E[:, start : start + _BLOCK]
        out[:-1] += block[:-1] @ block.T
        out[-1, -1] += block[-1] @ block[-1]
    out[-1, :-1] = out[:-1, -1]
    return out


def _nearly_collinear(correlations: np.ndarray, norms: list[float]) -> bool:
    if not all(norms):
        return True
    try:
        return np.linalg.cholesky(correlations).diagonal().min() < _NEAR
    except np.linalg.LinAlgError:
        return True


def _orthogonalise(
    E: np.ndarray, T: np.ndarray, norms: list[float], intercept: bool
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
