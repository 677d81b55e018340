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

import numpy as np

from .profile import Pieces

# A column of Z this much smaller than before, once the columns before it are taken out, is noise.
DEPENDENT = 1e-12


@dataclass(frozen=True)
class Statistics:
    """Sufficient statistics; see the legend."""

    N: int
    W: np.ndarray
    R: np.ndarray
    B: np.ndarray
    pattern: list[tuple[int, int]]  # (row, column) of the free elements of L

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
    E : (P, N) rows from `make_basis`
    Z : (N, q) random-effect columns
    codes, n : (N,) groups and (J,) their sizes
    blocks : positions of the random effects that are correlated with one another
    """
    N = len(Z)
    size = np.sqrt((Z * Z).mean(axis=0))
    # A power of two scales without rounding; zero is left for `_orthonormal` to refuse.
    scaling = np.diag(0.5 ** np.round(np.log2(np.where(size > 0, size, 1.0))))
    order = np.argsort(codes, kind="stable")
    starts = np.concatenate([[0], np.cumsum(n)[:-1]])
    Z, A = Z[order] @ scaling, E.T[order]
    Z, turn = _orthonormal(Z)
    R, root = _factor(np.add.reduceat(Z[:, :, None] * Z[:, None, :], starts, axis=0))
    means = np.add.reduceat(Z[:, :, None] * A[:, None, :], starts, axis=0)
    B = root.swapaxes(-1, -2) @ means
    rest = A - np.einsum("nq,nqp->np", Z, np.repeat(root @ B, n, axis=0))
    pattern = [(i, j) for block in blocks for j in block for i in block if i >= j]
    if len(blocks) == 1:
        return Statistics(N, rest.T @ rest, R, B, pattern), scaling @ turn
    return Statistics(N, rest.T @ rest, R @ np.linalg.inv(turn), B, pattern), scaling


class DependentColumn(ValueError):
    """A column of Z is determined by those before it; `position` says which."""

    def __init__(self, position: int) -> None:
        super().__init__(f"column {position} of Z is determined by those before it")
        self.position = position


def _orthonormal(Z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(Z turn, turn): columns orthonormal over all rows, turn (q, q) upper triangular.

    Gram-Schmidt, each column twice, so that a slope's variable may lie far from zero.
    """
    rows, turn = Z.T.copy(), np.eye(Z.shape[1])
    N = len(Z)
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
    return rows.T, turn


def _factor(S: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(R, root) with S_j = R_j' R_j and Q_j = Z_j root_j orthonormal, for (J, q, q) products S."""
    value, vector = np.linalg.eigh(S)
    keep = value > 1e-11 * value[:, -1:]
    size = np.sqrt(np.where(keep, value, 0.0))
    inverse = np.divide(1.0, size, out=np.zeros_like(size), where=keep)
    return size[:, :, None] * vector.swapaxes(-1, -2), vector * inverse[:, None, :]


# ---------------------------------------------------------------- criterion


def pieces(s: Statistics, D: np.ndarray, derivatives: bool = True) -> Pieces:
    """The criterion's pieces at D (q, q), derivatives in the elements of `s.pattern`."""
    q, P = s.q, s.W.shape[0]
    M = np.eye(q) + s.R @ D @ s.R.swapaxes(-1, -2)
    ld = np.linalg.slogdet(M)[1].sum()
    NB = np.linalg.solve(M, np.concatenate([s.B, s.R], axis=2))
    flat = s.B.reshape(-1, P).T
    G = s.W + flat @ NB[:, :, :P].reshape(-1, P)
    if not derivatives:
        return Pieces((G + G.T) / 2, ld)
    Rt = s.R.swapaxes(-1, -2)
    F, H = Rt @ NB[:, :, :P], Rt @ NB[:, :, P:]
    J = len(F)
    wide = F.reshape(J, q * P)
    S = (wide.T @ wide).reshape(q, P, q, P)  # S[i, :, k, :] = sum f_i f_k'
    HF = np.einsum("jkl,jx->klxj", H, wide).reshape(-1, J) @ wide
    HF = HF.reshape(q, q, q, P, q, P)  # [k, l, i, :, m, :] = sum H_kl f_i f_m'
    HH = (H.reshape(J, -1).T @ H.reshape(J, -1)).reshape(q, q, q, q)
    basis = _directions(s.pattern, q)
    G1 = -np.einsum("aik,ixky->axy", basis, S)
    G2 = np.einsum("aik,bml,kmixly->abxy", basis, basis, HF)
    G2 = G2 + G2.swapaxes(0, 1)
    ld1 = np.einsum("aik,ik->a", basis, H.sum(axis=0))
    ld2 = -np.einsum("aik,bml,kmli->ab", basis, basis, HH)
    return Pieces((G + G.T) / 2, ld, G1, (G2 + G2.swapaxes(-1, -2)) / 2, ld1, ld2)


def _directions(pattern: list[tuple[int, int]], q: int) -> np.ndarray:
    out = np.zeros((len(pattern), q, q))
    for a, (i, j) in enumerate(pattern):
        out[a, i, j] = out[a, j, i] = 1.0
    return out


def lower(theta: np.ndarray, pattern: list[tuple[int, int]], q: int) -> np.ndarray:
    """L (q, q) from its free elements."""
    L = np.zeros((q, q))
    for value, at in zip(theta, pattern, strict=True):
        L[at] = value
    return L


def group_effects(s: Statistics, g: np.ndarray, D: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(u, v): predicted effects (J, q) and conditional covariances (J, q, q) relative to s2."""
    gap = s.B @ np.append(-g, 1.0)
    M = np.eye(s.q) + s.R @ D @ s.R.swapaxes(-1, -2)
    DR = D @ s.R.swapaxes(-1, -2)
    u = (DR @ np.linalg.solve(M, gap[:, :, None]))[:, :, 0]
    return u, D - DR @ np.linalg.solve(M, DR.swapaxes(-1, -2))
