"""Models whose slopes vary between groups, on one grouping factor.

Legend
    J, q, P  groups, random effects, engine columns (the last is y);  Z_j (n_j, q)
    R       (J, q, q)   Z_j = Q_j R_j with orthonormal columns in Q_j (zero rows where Z_j has
                        lower rank);  B (J, q, P) = Q_j' A_j, what a group's own line fits
    W       (P, P)      cross-products of what no group's line fits
    D       (q, q)      covariance of the random effects relative to the error variance
    N_j     (I + R_j D R_j')^-1;   F_j = R_j' N_j B_j  (q, P);   H_j = R_j' N_j R_j  (q, q)
Then  A'V^-1 A = W + sum B_j' N_j B_j,   log|V| = sum log|I + R_j D R_j'|,  and in an element of D
with direction E:  dG = -sum F_j' E F_j,  d log|V| = sum tr(H_j E),
d2G = sum F_j' (E H_j E* + E* H_j E) F_j,  d2 log|V| = -sum tr(H_j E H_j E*).
D is kept positive semi-definite as L L', L lower triangular with a pattern given by `blocks`.
Source: the reduction is Bates et al. (2015), J. Stat. Softw. 67(1), sections 3.2 to 3.4, written
for one grouping factor.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .basis import cross_products
from .profile import Pieces

# A column of Z this much smaller than before, once the columns before it are taken out, is noise.
DEPENDENT = 1e-12
# Below this share of a group's column, products lose too much of what the columns before it leave.
_NEAR = 1e-4


@dataclass(frozen=True)
class Statistics:
    """Sufficient statistics; see the legend."""

    N: int
    W: np.ndarray
    R: np.ndarray
    B: np.ndarray
    pattern: tuple[tuple[int, int], ...]  # (row, column) of the free elements of L

    @property
    def q(self) -> int:
        return self.R.shape[-1]


def statistics(
    E: np.ndarray, Z: np.ndarray, codes: np.ndarray, n: np.ndarray, blocks: list[list[int]]
) -> tuple[Statistics, np.ndarray]:
    """Reduce the rows. Returns the statistics and `back` (q, q).

    The statistics are those of Z times `back`. Where all random effects are correlated, `back`
    makes the columns of Z orthonormal over all rows: the model is the same, and an offset in a
    slope's variable costs no digits. Otherwise it only scales them.

    Parameters
    ----------
    E : (P, N) rows from `make_basis`; overwritten, so that no copy is made
    Z : (N, q) random-effect columns
    codes, n : (N,) groups and (J,) their sizes
    blocks : positions of the random effects that are correlated with one another
    """
    rows = Z.T.copy()
    size = np.sqrt((rows * rows).mean(axis=1))
    # A power of two scales without rounding; zero is left for `_orthonormal` to refuse.
    scaling = 0.5 ** np.round(np.log2(np.where(size > 0, size, 1.0)))
    rows *= scaling[:, None]
    if (codes[1:] < codes[:-1]).any():
        order = np.argsort(codes, kind="stable")
        rows, E = rows[:, order], E[:, order]
    starts = np.concatenate([[0], np.cumsum(n)[:-1]])
    turn = _orthonormal(rows)
    R, root = _factor(_sums(rows, rows, starts))
    _sharpen(R, root, rows, n)
    B = root.swapaxes(-1, -2) @ _sums(rows, E, starts)
    lines = (root @ B).transpose(1, 2, 0)  # (q, P, J): each group's own coefficients
    for row, line in zip(rows, lines, strict=True):
        E -= row * np.repeat(line, n, axis=1)
    W = cross_products(E)
    pattern = tuple((i, j) for block in blocks for j in block for i in block if i >= j)
    if len(blocks) == 1:
        return Statistics(E.shape[1], W, R, B, pattern), scaling[:, None] * turn
    return Statistics(E.shape[1], W, R @ np.linalg.inv(turn), B, pattern), np.diag(scaling)


def _sums(left: np.ndarray, right: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """(J, k, P): each group's sums of the products of k rows with P rows."""
    return np.stack([np.add.reduceat(right * row, starts, axis=1).T for row in left], axis=1)


class DependentColumn(ValueError):
    """A column of Z is determined by those before it; `position` says which."""

    def __init__(self, position: int) -> None:
        super().__init__(f"column {position} of Z is determined by those before it")
        self.position = position


def _orthonormal(rows: np.ndarray) -> np.ndarray:
    """Make the rows (q, N) orthonormal in place; `turn` (q, q), upper triangular, does the same.

    Gram-Schmidt, each row twice, so that a slope's variable may lie far from zero.
    """
    q, N = rows.shape
    turn = np.eye(q)
    for k, row in enumerate(rows):
        for _ in range(2):
            for i in range(k):
                share = rows[i] @ row / N
                row -= share * rows[i]
                turn[:, k] -= share * turn[:, i]
        size = np.sqrt(row @ row / N)
        if not size > DEPENDENT:
            raise DependentColumn(k)
        row /= size
        turn[:, k] /= size
    return turn


def _factor(S: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(R, root) with S_j = R_j' R_j and Q_j = Z_j root_j orthonormal, for (J, q, q) products S.

    R_j is upper triangular, so that an effect which varies far more than those after it does not
    cost them their digits. A column that those before it determine has a row of zeros.
    """
    q = S.shape[-1]
    rest, R, solved = S.copy(), np.zeros_like(S), np.zeros_like(S)
    for k in range(q):
        pivot = rest[:, k, k]
        keep = pivot > 1e-13 * S[:, k, k]
        size = np.sqrt(np.where(keep, pivot, 1.0))
        R[:, k, k:] = np.where(keep, 1 / size, 0.0)[:, None] * rest[:, k, k:]
        rest -= R[:, k, :, None] * R[:, k, None, :]
        solved[:, k, k] = np.where(keep, 1 / size, 0.0)
        above = solved[:, :k, :k] @ R[:, :k, k, None]
        solved[:, :k, k] = -above[:, :, 0] * solved[:, k, k, None]
    return R, solved


def _sharpen(R: np.ndarray, root: np.ndarray, rows: np.ndarray, n: np.ndarray) -> None:
    """Factor again, in place, what came out of products of nearly collinear columns of a group.

    Products of the Q_j that `root` gives lie near the identity, so their factor loses no digits;
    where one does not, its column was rounding noise.
    """
    part = R.diagonal(axis1=1, axis2=2) ** 2 / np.maximum((R * R).sum(axis=1), 1e-300)
    near = ((part > 0) & (part < _NEAR)).any(axis=1)
    if not near.any():
        return
    Q = np.einsum("in,nik->kn", rows[:, near.repeat(n)], root[near].repeat(n[near], axis=0))
    S = _sums(Q, Q, np.cumsum(n[near]) - n[near])
    real = S.diagonal(axis1=1, axis2=2) > 0.5
    R2, root2 = _factor(np.where(real[:, :, None] & real[:, None, :], S, 0.0))
    R[near], root[near] = R2 @ R[near], root[near] @ root2


# ---------------------------------------------------------------- criterion


def pieces(s: Statistics, D: np.ndarray, derivatives: bool = True) -> Pieces:
    """The criterion's pieces at D (q, q), derivatives in the elements of `s.pattern`."""
    q, P = s.q, s.W.shape[0]
    Rt = s.R.swapaxes(-1, -2)
    N, logs = inverse(np.eye(q) + s.R @ D @ Rt)
    G = s.W + s.B.reshape(-1, P).T @ (N @ s.B).reshape(-1, P)
    G, ld = (G + G.T) / 2, logs.sum()
    if not derivatives:
        return Pieces(G, ld)
    RN = Rt @ N
    F, H = RN @ s.B, RN @ s.R
    J, m = len(F), len(s.pattern)
    wide = F.reshape(J, q * P)
    S = (wide.T @ wide).reshape(q, P, q, P).swapaxes(1, 2)  # S[i, k] = sum f_i f_k'
    HF = (H.reshape(J, q * q, 1) * wide[:, None, :]).reshape(J, -1).T @ wide
    HF = HF.reshape(q, q, q, P, q, P).swapaxes(3, 4)  # [k, l, i, m] = sum H_kl f_i f_m'
    HH = H.reshape(J, -1).T @ H.reshape(J, -1)
    one, two, both = _directions(s.pattern, q)
    G1 = -(one @ S.reshape(q * q, P * P)).reshape(m, P, P)
    G2 = (two @ HF.reshape(q**4, P * P)).reshape(m, m, P, P)
    G2 = G2 + G2.swapaxes(0, 1)
    ld1 = one @ H.sum(axis=0).ravel()
    ld2 = -(both @ HH.ravel()).reshape(m, m)
    return Pieces(G, ld, G1, (G2 + G2.swapaxes(-1, -2)) / 2, ld1, ld2)


def inverse(M: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(inverses, log determinants) of positive definite matrices (..., q, q).

    Gauss-Jordan elimination, every step for all groups at once: q is small and groups are many.
    """
    A, logs = M.copy(), np.zeros(M.shape[:-2])
    for k in range(M.shape[-1]):
        pivot = A[..., k, k].copy()
        logs += np.log(pivot)
        column, row = A[..., :, k, None].copy(), A[..., None, k, :] / pivot[..., None, None]
        A -= column * row
        A[..., k, :] = row[..., 0, :]
        A[..., :, k] = -column[..., 0] / pivot[..., None]
        A[..., k, k] = 1 / pivot
    return A, logs


@lru_cache
def _directions(
    pattern: tuple[tuple[int, int], ...], q: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How sums over pairs and fours of random effects add up to derivatives in D's elements.

    Returns
    -------
    one : (m, q^2) direction E of each element, flat
    two : (m^2, q^4) of the sums H_kl f_i f_m' in tr(F' E H E* F), indices k, l, i, m
    both : (m^2, q^4) of the sums H_km H_li in tr(H E H E*)
    """
    E = np.zeros((len(pattern), q, q))
    for a, (i, j) in enumerate(pattern):
        E[a, i, j] = E[a, j, i] = 1.0
    m = len(pattern)
    two = np.einsum("aik,blm->abklim", E, E).reshape(m * m, q**4)
    both = np.einsum("aik,bml->abkmli", E, E).reshape(m * m, q**4)
    return E.reshape(m, q * q), two, both


def lower(theta: np.ndarray, pattern: tuple[tuple[int, int], ...], q: int) -> np.ndarray:
    """L (q, q) from its free elements."""
    L = np.zeros((q, q))
    for value, at in zip(theta, pattern, strict=True):
        L[at] = value
    return L


@lru_cache
def squares(pattern: tuple[tuple[int, int], ...], q: int) -> np.ndarray:
    """(m, m, m): the element a of D = L L' is theta' squares[a] theta."""
    out = np.zeros((len(pattern),) * 3)
    for b, (i, j) in enumerate(pattern):
        for c, (k, other) in enumerate(pattern):
            if j == other and (i, k) in pattern:
                out[pattern.index((i, k)), b, c] += 0.5
                out[pattern.index((i, k)), c, b] += 0.5
    return out


def group_effects(s: Statistics, g: np.ndarray, D: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(u, v): predicted effects (J, q) and conditional covariances (J, q, q) relative to s2."""
    gap = s.B @ np.append(-g, 1.0)
    M = np.eye(s.q) + s.R @ D @ s.R.swapaxes(-1, -2)
    DR = D @ s.R.swapaxes(-1, -2)
    u = (DR @ np.linalg.solve(M, gap[:, :, None]))[:, :, 0]
    return u, D - DR @ np.linalg.solve(M, DR.swapaxes(-1, -2))
