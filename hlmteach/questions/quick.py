"""Quick: statsmodels' MixedLM with the same search, which looks at all groups at once.

statsmodels goes from group to group in Python at each step of its search. Here each step works on
arrays of sums over the rows of each group. Where a covariance matrix is singular, statsmodels' own
code is run.

Z X y    : predictors of one group's random and fixed effects, outcome; W = [X y]
psi      : covariance of the random effects, in units of the residual variance
V        : I + Z psi Z'
"""

from functools import cached_property
from typing import Any

import numpy as np
from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams


class QuickMixedLM(MixedLM):
    """A MixedLM with one grouping factor and no variance components."""

    @cached_property
    def _sums(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Z'Z (groups, k, k), Z'W (groups, k, p + 1), and W'W (p + 1, p + 1) over all groups."""
        zs = self.exog_re_li
        ws = [np.column_stack(pair) for pair in zip(self.exog_li, self.endog_li, strict=True)]
        zw = np.stack([z.T @ w for z, w in zip(zs, ws, strict=True)])
        return np.stack([z.T @ z for z in zs]), zw, sum(w.T @ w for w in ws)

    def _solved(self, psi: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
        """Z'V⁻¹Z and Z'V⁻¹W by group, and the sums of W'V⁻¹W and of log |V|."""
        zz, zw, ww = self._sums
        m = np.linalg.inv(psi) + zz
        inner = np.linalg.solve(m, np.concatenate([zz, zw], axis=2))
        k = self.k_re
        logdet = np.linalg.slogdet(m)[1].sum() + len(zz) * np.linalg.slogdet(psi)[1]
        wvw = ww - np.einsum("gki,gkj->ij", zw, inner[:, :, k:])
        return zz - zz @ inner[:, :, :k], zw - zz @ inner[:, :, k:], wvw, float(logdet)

    def get_fe_params(self, cov_re: np.ndarray, vcomp: Any, tol: float = 1e-10) -> tuple:
        if np.linalg.eigvalsh(cov_re).min() < tol:
            return super().get_fe_params(cov_re, vcomp, tol)
        wvw = self._solved(cov_re)[2]
        return np.linalg.solve(wvw[:-1, :-1], wvw[:-1, -1]), False

    def loglike(self, params: Any, profile_fe: bool = True) -> float:
        params = self._unpacked(params)
        if not profile_fe or np.linalg.eigvalsh(params.cov_re).min() < 1e-10:
            return super().loglike(params, profile_fe)
        _, _, wvw, logdet = self._solved(params.cov_re)
        xvx, xvy = wvw[:-1, :-1], wvw[:-1, -1]
        rvr = wvw[-1, -1] - xvy @ np.linalg.solve(xvx, xvy)
        n = self.n_totobs - (self.k_fe if self.reml else 0)
        more = np.linalg.slogdet(xvx)[1] if self.reml else 0.0
        return -(logdet + more + n * (np.log(2 * np.pi * rvr / n) + 1)) / 2

    def score_full(self, params: Any, calc_fe: bool) -> tuple:
        if calc_fe or np.linalg.eigvalsh(params.cov_re).min() < 1e-10:
            return super().score_full(params, calc_fe)
        zvz, zvw, wvw, _ = self._solved(params.cov_re)
        contrast = np.append(-params.fe_params, 1.0)  # W contrast: the residuals
        zvr, rvr = zvw @ contrast, contrast @ wvw @ contrast
        n = self.n_totobs - (self.k_fe if self.reml else 0)
        slope = n * zvr.T @ zvr / rvr - zvz.sum(axis=0)
        if self.reml:
            zvx = zvw[:, :, :-1]
            inverse = np.linalg.inv(wvw[:-1, :-1])
            slope += np.einsum("gip,pq,gjq->ij", zvx, inverse, zvx, optimize=True)
        slope -= np.diag(np.diag(slope)) / 2  # a covariance stands in two places
        return np.zeros(self.k_fe), slope[np.tril_indices(self.k_re)], np.zeros(0)

    def _unpacked(self, params: Any) -> MixedLMParams:
        if isinstance(params, MixedLMParams):
            return params
        return MixedLMParams.from_packed(params, self.k_fe, self.k_re, self.use_sqrt, has_fe=False)
