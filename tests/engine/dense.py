"""The model written down a second time: the criterion from the whole covariance matrix.

Legend
    V       (N, N)  I + Z D Z', the covariance of y relative to the error variance
    D       (q, q)  covariance of the random effects relative to the error variance
"""

import numpy as np


def covariance(Z: np.ndarray, codes: np.ndarray, D: np.ndarray) -> np.ndarray:
    """V (N, N): rows of one group share its random effects, rows of two groups share nothing."""
    same = codes[:, None] == codes[None, :]
    return np.eye(len(codes)) + np.where(same, Z @ D @ Z.T, 0.0)


def evaluate(y, X, Z, codes, D, reml=True) -> dict:
    """The criterion and the estimates at D. Source: Bates et al. (2015), equations 34 and 41."""
    V = covariance(Z, codes, np.atleast_2d(D))
    Vi = np.linalg.inv(V)
    information = X.T @ Vi @ X
    beta = np.linalg.solve(information, X.T @ Vi @ y)
    gap = y - X @ beta
    df = len(y) - X.shape[1] if reml else len(y)
    s2 = gap @ Vi @ gap / df
    criterion = df * (1 + np.log(2 * np.pi * s2)) + np.linalg.slogdet(V)[1]
    if reml:
        criterion += np.linalg.slogdet(information)[1]
    cov = s2 * np.linalg.inv(information)
    return {"criterion": criterion, "beta": beta, "se": np.sqrt(np.diag(cov)), "s2": s2}


def group_effects(y, X, Z, codes, D) -> tuple[np.ndarray, np.ndarray]:
    """(u, se): means and SDs of each group's effects given y, beta and the variances."""
    at = evaluate(y, X, Z, codes, D)
    u, se = [], []
    for j in range(codes.max() + 1):
        own = codes == j
        V = np.eye(own.sum()) + Z[own] @ D @ Z[own].T
        pull = D @ Z[own].T @ np.linalg.inv(V)
        u.append(pull @ (y - X @ at["beta"])[own])
        se.append(np.sqrt(at["s2"] * np.maximum(np.diag(D - pull @ Z[own] @ D), 0)))
    return np.array(u), np.array(se)
