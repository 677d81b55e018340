"""`weighted`: a random intercept model of a sample whose units were drawn with unequal chances."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .columns import DataError, MissingRowsWarning, find_column
from .design import Design, build
from .engine.weighted import solve_weighted
from .fitting import RankWarning
from .formula import FormulaError, parse
from .weighted_fit import WeightedFit
from .weighting import Weights, checked, group_values, read_weights, scaled_within


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
        A predictor that others determine is left out, with a RankWarning.

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
    Rabe-Hesketh & Skrondal (2006), J. R. Stat. Soc. A 169(4), 805-827;
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
    fit = WeightedFit(
        design=design,
        solution=solve_weighted(design, w, g, stratum),
        weights=name1,
        group_weights=name2,
        scaling=scaling if name1 else None,
        n_strata=1 if stratum is None else int(stratum.max()) + 1,
        row_weights=w,
        level2_weights=g,
    )
    if fit.dropped_columns:
        warnings.warn(
            f"Dropped, determined by the predictors before: {', '.join(fit.dropped_columns)}.",
            RankWarning,
            stacklevel=2,
        )
    return fit


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
