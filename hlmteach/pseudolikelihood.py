"""`weighted`: a random intercept model of a sample whose units were drawn with unequal chances."""

import warnings
from dataclasses import dataclass
from functools import cached_property
from html import escape

import numpy as np
import pandas as pd
from scipy import stats

from .columns import DataError, Dropped, MissingRowsWarning, find_column
from .design import Design, build
from .engine.weighted import WeightedSolution, solve_weighted
from .formula import FormulaError, parse
from .summaries import _html, _shown, _text
from .weighting import Weights, checked, group_values, read_weights, scaled_within


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


def weighted(
    formula: str,
    data: pd.DataFrame,
    *,
    weights: Weights | None = None,
    group_weights: Weights | None = None,
    scaling: str | None = "size",
    strata: str | None = None,
) -> WeightedFit:
    """Fit a random intercept model with survey weights at both levels.

    Parameters
    ----------
    formula : as in `lmer`, with a random intercept alone: `"math ~ escs + (1 | school_id)"`
    data : one row per student; rows with a missing value in a column of the formula are left out,
        with a warning, before the weights are scaled
    weights : level-1 weights: the name of a column, or (N,) numbers. They are meant given the
        group, 1 / P(student | school): with PISA, the student's weight divided by the school's.
        With `scaling` "size" or "effective" the final student weight (PISA's W_FSTUWT, here
        `stu_wgt`) gives the same fit, because the school's share of it cancels. None: all are 1.
    group_weights : level-2 weights, 1 / P(school): a column (`sch_wgt`) or (N,) numbers, the same
        in every row of a group. Their size does not matter, only their ratios. None: all are 1.
    scaling : how the level-1 weights are scaled within groups: "size", "effective" or None; see
        `scale_weights`
    strata : column of the strata from which the groups were drawn, for the standard errors; each
        needs two groups or more. None is one stratum.

    Returns
    -------
    WeightedFit

    Raises
    ------
    DataError
        If a weight is missing, negative, zero for a whole group, or differs within a group where it
        must not; if a stratum has one group; and as in `lmer`.
    FormulaError
        If slopes vary, or the formula cannot be read.

    Notes
    -----
    A row of weight w counts as w rows of its group, a group of weight g as g groups: the
    log-likelihood is sum_j g_j log of the integral over u of prod_i f(y_ij | u)^w_ij. Without
    weights it is `lmer(..., reml=False)`; there is no REML here. Standard errors are those of
    Taylor linearisation over groups, with the factor J / (J - 1) in each stratum. Sources:
    Rabe-Hesketh & Skrondal (2006), J. R. Stat. Soc. A 169(4), 805-827, equations 4 and 9;
    Pfeffermann et al. (1998), J. R. Stat. Soc. B 60(1), 23-40. The estimates are consistent as the
    groups grow; with few rows a group the variance between groups depends on the scaling:
    compare "size", "effective" and no weights.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> students, schools = hlm.datasets.pisa_like()
    >>> data = students.merge(schools, on=["year", "country", "school_id"])
    >>> usa = data.query("country == 'USA'")
    >>> fit = hlm.weighted(
    ...     "math ~ 1 + (1 | school_id)", usa, weights="stu_wgt", group_weights="sch_wgt"
    ... )
    >>> fit.n_groups, fit.df
    (164, 163)
    """
    parsed = parse(formula)
    if len(parsed.random) > 1 or parsed.random[0].slopes or not parsed.random[0].intercept:
        raise FormulaError(
            f"{formula!r} lets slopes vary; weighted fits have a random intercept alone, as in "
            "'(1 | school_id)'. Stata's mixed and R's WeMix fit weighted random slopes."
        )
    # With row numbers for labels, the design tells which rows it kept.
    numbered = data.set_axis(range(len(data)), axis=0) if isinstance(data, pd.DataFrame) else data
    design = build(parsed, numbered)
    if design.dropped:
        warnings.warn(str(design.dropped), MissingRowsWarning, stacklevel=2)
    rows = _Rows(data, design)
    name1, w = rows.weights("weights", weights)
    name2, of_rows = rows.weights("group_weights", group_weights)
    w = scaled_within(name1 or "weights", w, design.codes, design.groups, scaling)
    g = group_values(name2 or "group_weights", of_rows, design.codes, design.groups)
    if (g == 0).any():
        first = design.groups[int(np.argmin(g))]
        raise DataError(
            f"The group weight '{name2}' is zero for the group '{first}'. Drop it first."
        )
    stratum = None if strata is None else rows.strata(strata)
    return WeightedFit(
        design=design,
        solution=solve_weighted(design, w, g, stratum),
        weights=name1,
        group_weights=name2,
        scaling=scaling if name1 else None,
        n_strata=1 if stratum is None else int(stratum.max()) + 1,
        row_weights=w,
        level2_weights=g,
    )


@dataclass(frozen=True)
class _Rows:
    """Columns of the learner's table at the rows that the fit uses."""

    data: pd.DataFrame
    design: Design

    @property
    def keep(self) -> np.ndarray:
        """Which rows of the table are in the design."""
        return self.design.index.to_numpy()

    def weights(self, what: str, given: Weights | None) -> tuple[str | None, np.ndarray]:
        if given is None:
            return None, np.ones(self.design.n)
        name, values = read_weights(what, given, self.data)
        return name, checked(name, values[self.keep])

    def strata(self, name: str) -> np.ndarray:
        values, labels = pd.factorize(find_column(name, self.data).iloc[self.keep])
        if (values < 0).any():
            raise DataError(f"The stratum '{name}' is missing in {int((values < 0).sum()):,} rows.")
        codes = group_values(name, values, self.design.codes, self.design.groups)
        alone = np.flatnonzero(np.bincount(codes) == 1)
        if len(alone):
            raise DataError(
                f"{len(alone):,} strata of '{name}' have a single group (the first is "
                f"'{labels[alone[0]]}'), so its variance cannot be told. Join it to a similar one."
            )
        return codes
