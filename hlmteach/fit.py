"""A fitted two-level model, in the same words as Params."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from .columns import Dropped, check_frame
from .design import Design
from .engine.solution import Solution, solve
from .new_rows import fixed_columns, positions, random_columns


@dataclass(frozen=True, eq=False)
class Fit:
    """What a model estimated.

    Attributes
    ----------
    design : the data as the engine saw them (`y`, `exog`, `codes`, `groups`, ...)
    solution : the engine's numbers
    reml : was it fitted by REML?
    reported : does the tool that made the estimates say that its search converged?
    source : "hlmteach", or "statsmodels" for an adapted MixedLM result

    beta, se : Series by coefficient: fixed effects and their standard errors
    cov_beta : DataFrame, covariance of the fixed effects given the variance parameters
    sigma_u, sigma_e : SD between groups (of the intercept) and within groups
    varcorr : DataFrame of the random part: variance, SD and correlations, residual last
    theta : lme4's theta, free elements of the relative Cholesky factor of the random effects
    icc : share of the variance between groups (at zero on every random slope)
    u : DataFrame by group (and random effect): predicted group effects and standard errors
    n, n_groups : rows and groups used
    criterion : REML criterion or deviance, as lme4 prints it
    loglik, aic, bic : from the same criterion, counting all parameters, as lme4
    converged : did the search end at the lowest criterion, as far as its tool says?
    singular : is a variance zero, or a correlation plus or minus one?
    fitted, resid : Series by row, group effects included

    Examples
    --------
    >>> import hlmteach as hlm
    >>> truth = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(truth, n_groups=40, group_size=25, seed=1)
    >>> fit = hlm.lmer("y ~ 1 + (1 | group)", data)
    >>> bool(0 < fit.icc < 1)
    True
    """

    design: Design
    solution: Solution
    reml: bool = True
    reported: bool = True
    source: str = "hlmteach"

    # ------------------------------------------------------------ names

    @property
    def formula(self) -> str:
        return self.design.text

    @property
    def names(self) -> list[str]:
        """The coefficients that were estimated."""
        return [self.design.names[k] for k in self.solution.kept]

    @property
    def dropped_columns(self) -> list[str]:
        """Coefficients left out because other columns determine them."""
        kept = set(self.solution.kept)
        return [name for k, name in enumerate(self.design.names) if k not in kept]

    @property
    def dropped(self) -> Dropped | None:
        """What incomplete rows cost, or None."""
        return self.design.dropped

    @property
    def group_name(self) -> str:
        return self.design.group_name

    @property
    def random_names(self) -> list[str]:
        return self.design.random_names

    # ------------------------------------------------------------ fixed part

    @cached_property
    def beta(self) -> pd.Series:
        return pd.Series(self.solution.beta, self._by_name, name="beta")

    @cached_property
    def se(self) -> pd.Series:
        return pd.Series(np.sqrt(self.solution.cov.diagonal()), self._by_name, name="se")

    @cached_property
    def cov_beta(self) -> pd.DataFrame:
        return pd.DataFrame(self.solution.cov, self._by_name, self._by_name)

    @property
    def _by_name(self) -> pd.Index:
        return _index(*self.names).view()  # its name is the caller's, to change as they like

    # ------------------------------------------------------------ random part

    @cached_property
    def cov_u(self) -> pd.DataFrame:
        """Covariance of the random effects (variances on the diagonal)."""
        return pd.DataFrame(
            self.solution.D * self.solution.s2, self.random_names, self.random_names
        )

    @property
    def sigma_e(self) -> float:
        return float(np.sqrt(self.solution.s2))

    @property
    def sigma_u(self) -> float:
        at = self.random_names.index("Intercept") if "Intercept" in self.random_names else None
        if at is None:
            raise ValueError(f"{self.formula!r} has no random intercept; see varcorr instead.")
        return float(np.sqrt(self.cov_u.iloc[at, at]))

    @property
    def theta(self) -> np.ndarray:
        return self.solution.theta

    @cached_property
    def varcorr(self) -> pd.DataFrame:
        cov = self.cov_u.to_numpy()
        sd = np.sqrt(np.diag(cov))
        table = pd.DataFrame(
            {
                "group": [*[self.group_name] * len(sd), "Residual"],
                "name": [*self.random_names, ""],
                "variance": [*np.diag(cov), self.solution.s2],
                "sd": [*sd, self.sigma_e],
            }
        )
        for i in range(len(sd) - 1):
            corr = np.full(len(sd) + 1, np.nan)
            for k in range(i + 1, len(sd)):
                if self._correlated(i, k) and sd[i] > 0 and sd[k] > 0:
                    corr[k] = cov[i, k] / sd[i] / sd[k]
            table[f"corr_{self.random_names[i]}"] = corr
        return table.dropna(axis="columns", how="all")

    def _correlated(self, i: int, k: int) -> bool:
        return any(i in block and k in block for block in self.design.blocks)

    @property
    def icc(self) -> float:
        return self.sigma_u**2 / (self.sigma_u**2 + self.sigma_e**2)

    @cached_property
    def u(self) -> pd.DataFrame:
        """Predicted group effects `u` and their standard errors `se`, by group; with random slopes
        by group and name."""
        u, v = self.solution.group_effects
        index, names = self.groups, self.random_names
        if names != ["Intercept"]:
            index = pd.MultiIndex.from_product([index, names], names=[self.group_name, "name"])
        se = np.sqrt(np.diagonal(v, axis1=1, axis2=2))
        return pd.DataFrame({"u": u.ravel(), "se": se.ravel()}, index)

    @property
    def groups(self) -> pd.Index:
        return pd.Index(self.design.groups, name=self.group_name)

    @property
    def converged(self) -> bool:
        return self.reported and self.solution.converged

    @property
    def singular(self) -> bool:
        return self.solution.singular

    # ------------------------------------------------------------ the fit as a whole

    @property
    def n(self) -> int:
        return self.design.n

    @property
    def n_groups(self) -> int:
        return self.design.n_groups

    @property
    def n_params(self) -> int:
        """Fixed effects, variance parameters and the error variance."""
        return len(self.names) + len(self.theta) + 1

    @property
    def criterion(self) -> float:
        return self.solution.criterion

    @property
    def loglik(self) -> float:
        return -self.criterion / 2

    @property
    def aic(self) -> float:
        return self.criterion + 2 * self.n_params

    @property
    def bic(self) -> float:
        return self.criterion + np.log(self.n) * self.n_params

    # ------------------------------------------------------------ predictions

    @cached_property
    def fitted(self) -> pd.Series:
        mean = self._exog @ self.solution.beta + self._group_part(self.design.codes)
        return pd.Series(mean, self.design.index, name="fitted")

    @cached_property
    def resid(self) -> pd.Series:
        return pd.Series(self.design.y - self.fitted.to_numpy(), self.design.index, name="resid")

    @property
    def _exog(self) -> np.ndarray:
        return self.design.exog[:, self.solution.kept]

    def _group_part(self, codes: np.ndarray, Z: np.ndarray | None = None) -> np.ndarray:
        Z = self.design.exog_random if Z is None else Z
        return np.einsum("nq,nq->n", Z, self.solution.group_effects[0][codes])

    def refit(self, *, reml: bool) -> "Fit":
        """The same model on the same rows, by the engine, by REML or by ML."""
        return Fit(self.design, solve(self.design, reml), reml)

    def predict(
        self,
        data: pd.DataFrame | None = None,
        *,
        group_effects: bool = True,
        new_groups: str = "error",
    ) -> pd.Series:
        """Predicted outcome of each row.

        Parameters
        ----------
        data : rows to predict; None predicts the rows of the fit
        group_effects : add the predicted effect of each row's group? False gives the line of the
            average group, as statsmodels' `predict` and lme4's `predict(re.form = NA)` do
        new_groups : "error", or "zero" to give groups that the fit has not seen the effect zero

        Raises
        ------
        ValueError
            If a group is unknown and `new_groups` is "error", or a category is unknown.
        """
        if new_groups not in ("error", "zero"):
            raise ValueError(f"new_groups is {new_groups!r}; it can be 'error' or 'zero'.")
        if data is None:
            mean = self._exog @ self.solution.beta
            if group_effects:
                mean = self.fitted.to_numpy()
            return pd.Series(mean, self.design.index, name="predicted")
        check_frame(data)
        X = fixed_columns(self.design, data)[:, self.solution.kept]
        mean = X @ self.solution.beta
        if group_effects:
            mean = mean + self._known_effects(data, new_groups)
        return pd.Series(mean, data.index, name="predicted")

    def _known_effects(self, data: pd.DataFrame, new_groups: str) -> np.ndarray:
        codes = positions(self.design, data, new_groups)
        part = self._group_part(np.maximum(codes, 0), random_columns(self.design, data))
        return np.where(codes < 0, 0.0, part)

    # ------------------------------------------------------------ printing

    def __str__(self) -> str:
        from .summaries import summary

        return str(summary(self))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from .summaries import summary

        return summary(self)._repr_html_()


@lru_cache(maxsize=256)
def _index(*names: str) -> pd.Index:
    return pd.Index(names)
