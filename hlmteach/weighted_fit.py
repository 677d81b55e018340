"""A random intercept model fitted with survey weights: the record, as tables, text and HTML."""

from dataclasses import dataclass
from functools import cached_property
from html import escape

import numpy as np
import pandas as pd
from scipy import stats

from .columns import Dropped
from .design import Design
from .engine.weighted import WeightedSolution
from .summaries import _html, _shown, _text


@dataclass(frozen=True, eq=False)
class WeightedFit:
    """A random intercept model fitted by pseudo-maximum-likelihood; it prints as a summary.

    Attributes
    ----------
    design, solution : the data as the engine saw them, and the engine's numbers
    weights, group_weights : names of the level-1 and level-2 weights; None where there are none
    scaling : how the level-1 weights were scaled within groups
    n_strata : strata of the standard errors
    row_weights : (N,) level-1 weights after scaling;  level2_weights : (J,)

    beta, se, cov_beta : as in Fit; standard errors are cluster-robust (sandwich)
    sigma_u, sigma_e : SD between groups and within groups
    cov_variances : DataFrame, sandwich covariance of the variances "between" and "within"
    fixed : DataFrame by coefficient: `estimate, se, df, t, p, lower, upper` (95 % interval)
    random : DataFrame: `group, name, variance, se, sd`; `se` is the variance's
    icc : share of the variance between groups
    df : groups less strata
    loglik : logarithm of the pseudo-likelihood; not for likelihood ratio tests, AIC or BIC
    u : Series by group: predicted group effects
    """

    design: Design
    solution: WeightedSolution
    weights: str | None
    group_weights: str | None
    scaling: str | None
    n_strata: int
    row_weights: np.ndarray
    level2_weights: np.ndarray

    @property
    def formula(self) -> str:
        return self.design.text

    @property
    def names(self) -> list[str]:
        return [self.design.names[k] for k in self.solution.kept]

    @property
    def dropped_columns(self) -> list[str]:
        """Coefficients left out because other columns determine them."""
        kept = set(self.solution.kept)
        return [name for k, name in enumerate(self.design.names) if k not in kept]

    @property
    def n(self) -> int:
        return self.design.n

    @property
    def n_groups(self) -> int:
        return self.design.n_groups

    @property
    def group_name(self) -> str:
        return self.design.group_name

    @property
    def groups(self) -> pd.Index:
        return pd.Index(self.design.groups, name=self.group_name)

    @property
    def dropped(self) -> Dropped | None:
        return self.design.dropped

    @property
    def df(self) -> int:
        return self.n_groups - self.n_strata

    @property
    def loglik(self) -> float:
        return self.solution.loglik

    @cached_property
    def beta(self) -> pd.Series:
        return pd.Series(self.solution.beta, self.names, name="beta")

    @cached_property
    def se(self) -> pd.Series:
        return pd.Series(np.sqrt(np.diag(self.solution.cov)), self.names, name="se")

    @cached_property
    def cov_beta(self) -> pd.DataFrame:
        return pd.DataFrame(self.solution.cov, self.names, self.names)

    @property
    def sigma_u(self) -> float:
        return float(np.sqrt(self.solution.v))

    @property
    def sigma_e(self) -> float:
        return float(np.sqrt(self.solution.s))

    @property
    def icc(self) -> float:
        return self.solution.v / (self.solution.v + self.solution.s)

    @property
    def singular(self) -> bool:
        return self.solution.v == 0

    @cached_property
    def cov_variances(self) -> pd.DataFrame:
        names = ["between", "within"]
        return pd.DataFrame(self.solution.cov_variances, names, names)

    @cached_property
    def u(self) -> pd.Series:
        return pd.Series(self.solution.u, self.groups, name="u")

    @cached_property
    def fixed(self) -> pd.DataFrame:
        t = self.beta / self.se
        reach = stats.t.ppf(0.975, self.df) * self.se
        return pd.DataFrame(
            {
                "estimate": self.beta,
                "se": self.se,
                "df": float(self.df),
                "t": t,
                "p": 2 * stats.t.sf(np.abs(t), self.df),
                "lower": self.beta - reach,
                "upper": self.beta + reach,
            }
        )

    @cached_property
    def random(self) -> pd.DataFrame:
        variance = np.array([self.solution.v, self.solution.s])
        return pd.DataFrame(
            {
                "group": [self.group_name, "Residual"],
                "name": ["Intercept", ""],
                "variance": variance,
                "se": np.sqrt(np.diag(self.solution.cov_variances)),
                "sd": np.sqrt(variance),
            }
        )

    # ------------------------------------------------------------ rendering

    @property
    def _title(self) -> str:
        return "Weighted linear mixed model fit by pseudo-maximum-likelihood"

    @property
    def _notes(self) -> list[str]:
        how = {"size": "scaled to sum to the group's size", None: "not scaled"}.get(
            self.scaling, "scaled to sum to the group's effective size"
        )
        level1 = f"'{self.weights}', {how}" if self.weights else "none"
        level2 = f"'{self.group_weights}'" if self.group_weights else "none"
        strata = f", {self.n_strata} strata" if self.n_strata > 1 else ""
        notes = [
            f"Weights of rows: {level1}; of groups: {level2}",
            f"Standard errors are cluster-robust (sandwich over {self.n_groups} groups{strata})",
        ]
        notes += [f"Reference of {n}: {level}" for n, level in self.design.references.items()]
        if self.dropped_columns:
            notes.append(f"Dropped, determined by other columns: {', '.join(self.dropped_columns)}")
        if self.dropped:
            notes.append(str(self.dropped))
        if self.singular:
            notes.append("Boundary (singular) fit: the variance between groups is zero")
        return notes

    def __str__(self) -> str:
        return "\n\n".join(
            [
                f"{self._title}\nFormula: {self.formula}",
                f"Log pseudo-likelihood: {self.loglik:.1f}",
                f"Random effects:\n{_text(_shown(self.random), index=False)}\n"
                f"Number of obs: {self.n}, groups: {self.group_name}, {self.n_groups}",
                f"Fixed effects:\n{_text(_shown(self.fixed[['estimate', 'se', 'df', 't', 'p']]))}",
                "\n".join(self._notes),
            ]
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        fixed = self.fixed[["estimate", "se", "df", "t", "p"]]
        counts = f"{self.n:,} observations, {self.n_groups:,} groups ({escape(self.group_name)})"
        return (
            f'<div class="hlm-summary"><p><strong>{self._title}</strong><br>'
            f"<code>{escape(self.formula)}</code></p>"
            f"<p>{counts}; log pseudo-likelihood {self.loglik:.1f}</p>"
            + _html(_shown(self.random), "Random effects", index=False)
            + _html(_shown(fixed), "Fixed effects")
            + f"<p>{'<br>'.join(map(escape, self._notes))}</p></div>"
        )
