"""Weighted random intercept models: pseudo-likelihood from weighted per-group sums.

Legend
    N, J, P  rows, groups, engine columns (the last is y)
    w        (N,)  level-1 weights, scaled;  g (J,) level-2 weights
    n        (J,)  sums of w by group, which stand where group sizes stand without weights
    m        (J, P) weighted group means;  e  rows less their group's weighted mean
    v, s     sigma_u^2 and sigma_e^2;  t = v / s;  d = s + n v
    r, S     (J,)  mean residual of a group, m_y - m_x beta; weighted sum of (e_y - e_x beta)^2
A group's likelihood is the integral over u of prod_i f(y_i | u)^w_i; for normal f it has a closed
form, and -2 sum_j g_j log L_j is the ML criterion of `intercept` with n for the sizes and g for the
counts. So the search is that engine's; only the statistics and the standard errors are new.
Sources: Rabe-Hesketh & Skrondal (2006), J. R. Stat. Soc. A 169(4), 805-827 (pseudo-likelihood and
sandwich); Pfeffermann, Skinner, Holmes, Goldstein & Rasbash (1998), J. R. Stat. Soc. B 60(1).
"""

from dataclasses import dataclass

import numpy as np

from ..design import DataError, Design
from . import intercept
from .basis import Basis, make_basis
from .profile import criterion, estimates


@dataclass(frozen=True)
class WeightedSolution:
    """Estimates in the data's units. p kept coefficients.

    Attributes
    ----------
    beta, cov : (p,), (p, p) fixed effects and their sandwich covariance
    kept : positions of the columns of X that were kept
    v, s : sigma_u^2 and sigma_e^2
    cov_variances : (2, 2) sandwich covariance of (v, s); NaN where v is zero
    loglik : the logarithm of the pseudo-likelihood
    u : (J,) predicted group effects
    """

    beta: np.ndarray
    cov: np.ndarray
    kept: list[int]
    v: float
    s: float
    cov_variances: np.ndarray
    loglik: float
    u: np.ndarray


def solve_weighted(
    design: Design, w: np.ndarray, g: np.ndarray, strata: np.ndarray | None = None
) -> WeightedSolution:
    """Fit a random intercept model by pseudo-maximum-likelihood.

    Parameters
    ----------
    design : from `hlmteach.design.build`, with a random intercept alone
    w : (N,) level-1 weights as they enter the likelihood, not negative, none of a group's sums zero
    g : (J,) level-2 weights, positive
    strata : (J,) stratum of each group, 0 .. H - 1, for the standard errors; None is one stratum

    Raises
    ------
    DataError
        If nothing is left to estimate the error variance from.
    """
    E, basis = make_basis(design.columns, design.y)
    mean_g = float(g.mean())  # the weights' size must not move the search's grid
    g = g / mean_g
    statistics, e = _statistics(E, design.codes, w, g)
    df = statistics.N
    try:
        with np.errstate(divide="ignore", invalid="ignore"):
            t = intercept.optimise(statistics, df, False)
            pieces = intercept.pieces(statistics, np.float64(t))
            height = float(criterion(pieces, df, False))
            _, b, r2 = estimates(pieces.G)
    except np.linalg.LinAlgError as error:
        raise _nothing_left(design) from error
    s = float(r2) / df
    if intercept.runs_away(statistics, t) or not (s > 1e-14 and np.isfinite(height)):
        raise _nothing_left(design)
    scores, information = _score_parts(statistics, e, design.codes, w, b, t * s, s)
    cov = _sandwich(scores * g[:, None], information, strata, boundary=t == 0)
    p = len(basis.kept)
    return WeightedSolution(
        beta=basis.beta(b),
        cov=_outward(basis, cov[:p, :p]),
        kept=basis.kept,
        v=t * s * basis.scale**2,
        s=s * basis.scale**2,
        cov_variances=cov[p:, p:] * basis.scale**4,
        loglik=-mean_g * (height + df * 2 * np.log(basis.scale)) / 2,
        u=intercept.group_effects(statistics, b, t)[0] * basis.scale,
    )


def _statistics(
    E: np.ndarray, codes: np.ndarray, w: np.ndarray, g: np.ndarray
) -> tuple[intercept.Statistics, np.ndarray]:
    """The random intercept engine's statistics with weights, and e (P, N); each group its size."""
    J = len(g)
    n = np.bincount(codes, weights=w, minlength=J)
    m = np.stack([np.bincount(codes, weights=w * row, minlength=J) for row in E], axis=1)
    m /= n[:, None]
    e = E - m.T[:, codes]
    within = (e * (w * g[codes])) @ e.T
    between = g[:, None, None] * m[:, :, None] * m[:, None, :]
    return intercept.Statistics(float(g @ n), n, n, g, m, within, between), e


def _score_parts(
    st: intercept.Statistics,
    e: np.ndarray,
    codes: np.ndarray,
    w: np.ndarray,
    b: np.ndarray,
    v: float,
    s: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Each group's score (J, p + 2) without its weight, and minus the weighted sum of second
    derivatives (p + 2, p + 2), in (beta, v, s)."""
    J, n, g, x = st.J, st.n, st.count, st.M[:, :-1]
    d = s + n * v
    r = st.M[:, -1] - x @ b
    rest = e[-1] - b @ e[:-1]
    S = np.bincount(codes, weights=w * rest**2, minlength=J)
    X = [np.bincount(codes, weights=w * rest * row, minlength=J) for row in e[:-1]]
    X = np.array(X).reshape(len(b), J).T
    between = n * r / d
    by_beta = X / s + x * between[:, None]
    by_v = -n / (2 * d) + n**2 * r**2 / (2 * d**2)
    by_s = -(n - 1) / (2 * s) - 1 / (2 * d) + S / (2 * s**2) + n * r**2 / (2 * d**2)
    p = len(b)
    H = np.empty((p + 2, p + 2))
    H[:p, :p] = st.W[:p, :p] / s + (x * (g * n / d)[:, None]).T @ x
    H[:p, p] = H[p, :p] = (g * n**2 * r / d**2) @ x
    H[:p, p + 1] = H[p + 1, :p] = g @ (X / s**2 + x * (n * r / d**2)[:, None])
    H[p, p] = g @ (n**3 * r**2 / d**3 - n**2 / (2 * d**2))
    H[p, p + 1] = H[p + 1, p] = g @ (n**2 * r**2 / d**3 - n / (2 * d**2))
    H[p + 1, p + 1] = g @ (S / s**3 + n * r**2 / d**3 - (n - 1) / (2 * s**2) - 1 / (2 * d**2))
    return np.column_stack([by_beta, by_v, by_s]), H


def _sandwich(
    scores: np.ndarray, information: np.ndarray, strata: np.ndarray | None, boundary: bool
) -> np.ndarray:
    """Taylor linearisation over groups drawn with replacement: H^-1 (meat) H^-1.

    On the boundary (v = 0) v is held there and its row and column are NaN.
    """
    size = len(information)
    free = np.array([k for k in range(size) if not (boundary and k == size - 2)])
    bread = np.linalg.inv(information[np.ix_(free, free)])
    out = np.full((size, size), np.nan)
    out[np.ix_(free, free)] = bread @ _meat(scores[:, free], strata) @ bread
    return out


def _meat(scores: np.ndarray, strata: np.ndarray | None) -> np.ndarray:
    """Variance of the scores' sum: J_h / (J_h - 1) times the squares around the stratum's mean."""
    strata = np.zeros(len(scores), dtype=int) if strata is None else strata
    size = np.bincount(strata)
    mean = np.stack([np.bincount(strata, weights=c) for c in scores.T], axis=1) / size[:, None]
    gap = scores - mean[strata]
    return (gap * (size / (size - 1))[strata][:, None]).T @ gap


def _outward(basis: Basis, cov: np.ndarray) -> np.ndarray:
    return basis.scale**2 * (basis.T @ cov @ basis.T.T)


def _nothing_left(design: Design) -> DataError:
    return DataError(
        f"'{design.response}' has no variance left within groups once the predictors and the "
        f"weights are taken into account. Is it a property of '{design.group_name}', or does each "
        "group have one row with a weight above zero?"
    )
