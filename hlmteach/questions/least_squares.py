"""Least squares in a fraction of a millisecond, for right and wrong answers of ordinary regression.

Letters: n rows, k columns. X (n, k) has a column of ones first; y (n,); w (n,) weights.
"""

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike


class LeastSquares:
    """An ordinary (or weighted) regression with an intercept.

    Parameters
    ----------
    y : array (n,)
        Outcome.
    *columns : arrays (n,)
        Predictors.
    weights : array (n,), optional
        Weights of a weighted regression.

    Attributes
    ----------
    beta, se : arrays (k,), the intercept's first
    resid : array (n,)
    sigma : residual standard deviation, with n - k in the denominator

    Examples
    --------
    >>> line = LeastSquares([1, 2, 4], [0, 1, 2])
    >>> line.beta.round(3).tolist()
    [0.833, 1.5]
    >>> round(line.r2, 3)
    0.964
    """

    def __init__(self, y: ArrayLike, *columns: ArrayLike, weights: ArrayLike | None = None) -> None:
        self.y = np.asarray(y, float)
        self.X = np.column_stack([np.ones(len(self.y)), *(np.asarray(c, float) for c in columns)])
        self.w = np.ones(len(self.y)) if weights is None else np.asarray(weights, float)

    @cached_property
    def beta(self) -> np.ndarray:
        return self._inverse @ (self.X.T @ (self.w * self.y))

    @cached_property
    def _inverse(self) -> np.ndarray:
        return np.linalg.inv(self.X.T @ (self.w[:, None] * self.X))

    @cached_property
    def resid(self) -> np.ndarray:
        return self.y - self.X @ self.beta

    @property
    def df(self) -> int:
        return self.X.shape[0] - self.X.shape[1]

    @cached_property
    def sigma(self) -> float:
        return float(np.sqrt((self.w * self.resid**2).sum() / self.df))

    @property
    def se(self) -> np.ndarray:
        return self.sigma * np.sqrt(np.diag(self._inverse))

    @property
    def r2(self) -> float:
        return float(1 - (self.resid**2).sum() / ((self.y - self.y.mean()) ** 2).sum())

    def cluster_se(self, codes: np.ndarray) -> np.ndarray:
        """Cluster-robust standard errors with the usual factor J/(J-1) (N-1)/(N-k).

        Parameters
        ----------
        codes : integers (n,), the number of each row's cluster, from 0

        Notes
        -----
        Source: Cameron & Miller (2015), Journal of Human Resources 50(2), equations 10 to 12. It is
        statsmodels' `cov_type="cluster"` and the default of R's `sandwich::vcovCL`.
        """
        n_clusters, (n, k) = codes.max() + 1, self.X.shape
        sums = np.column_stack([np.bincount(codes, c * self.resid, n_clusters) for c in self.X.T])
        factor = n_clusters / (n_clusters - 1) * (n - 1) / (n - k)
        return np.sqrt(factor * np.diag(self._inverse @ (sums.T @ sums) @ self._inverse))
