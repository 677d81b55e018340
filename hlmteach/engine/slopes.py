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

from .profile import Pieces, criterion, differentiate

_TOLERANCE = 1e-11
_MAX_STEPS = 200
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


# ---------------------------------------------------------------- optimum


def lower(theta: np.ndarray, pattern: list[tuple[int, int]], q: int) -> np.ndarray:
    """L (q, q) from its free elements."""
    L = np.zeros((q, q))
    for value, at in zip(theta, pattern, strict=True):
        L[at] = value
    return L


def optimise(s: Statistics, df: int, reml: bool) -> tuple[np.ndarray, int]:
    """(theta, evaluations) at the lowest criterion found from several starts."""
    starts = [np.where([i == j for i, j in s.pattern], size, 0.0) for size in (0.05, 0.3, 1.5)]
    heights = [_height(s, start, df, reml) for start in starts]
    theta, height, count = _newton(s, starts[int(np.argmin(heights))], df, reml)
    for _ in range(4):
        away = _escape(s, theta, df, reml)
        if away is None:
            break
        other, lower_height, more = _newton(s, away, df, reml)
        count += more
        if lower_height >= height - 1e-10:
            break
        theta, height = other, lower_height
    return _sign(theta, s.pattern), count + len(starts)


def _height(s: Statistics, theta: np.ndarray, df: int, reml: bool) -> float:
    L = lower(theta, s.pattern, s.q)
    return float(criterion(pieces(s, L @ L.T, derivatives=False), df, reml))


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


def group_effects(s: Statistics, g: np.ndarray, D: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(u, v): predicted effects (J, q) and conditional covariances (J, q, q) relative to s2."""
    gap = s.B @ np.append(-g, 1.0)
    M = np.eye(s.q) + s.R @ D @ s.R.swapaxes(-1, -2)
    DR = D @ s.R.swapaxes(-1, -2)
    u = (DR @ np.linalg.solve(M, gap[:, :, None]))[:, :, 0]
    return u, D - DR @ np.linalg.solve(M, DR.swapaxes(-1, -2))
