"""`lmer`: lme4's formula, lme4's numbers."""

import warnings

import pandas as pd

from .arguments import check_reml
from .columns import MissingRowsWarning
from .design import build
from .engine.solution import solve
from .fit import Fit
from .formula import parse


class RankWarning(UserWarning):
    """Predictors that other predictors determine were left out of a fit."""


def lmer(formula: str, data: pd.DataFrame, reml: bool = True) -> Fit:
    """Fit a two-level model by REML or maximum likelihood.

    Parameters
    ----------
    formula : lme4's notation, such as `"math ~ 1 + desk + escs + (1 | school_id)"`. The fixed part
        takes categoricals (the first level, in alphabetical or categorical order, is the
        reference; `C(desk, Treatment("yes"))` names another), interactions (`escs * stratio`) and
        transformations (`I(escs**2)`, `center(escs)`, `np.log(x)`). Right of the bar stands one
        grouping column, or several joined by a colon (`country:school_id`); left of it `1`, or
        slopes that vary between groups (`1 + escs`), with `||` for uncorrelated ones.
    data : one row per level-1 unit. Rows with a missing value in a column that the formula uses
        are left out, with a warning that counts the rows and groups lost.
    reml : REML (the default, as in lme4) or maximum likelihood

    Returns
    -------
    Fit

    Raises
    ------
    FormulaError
        If the formula cannot be read or asks for a model of another kind.
    DataError
        If the table cannot carry the model: unknown columns, text or infinite values where
        numbers are needed, a constant outcome, one group, one row per group, too few rows.
    TypeError
        If `reml` is neither True nor False.

    Notes
    -----
    The criterion is that of Bates, Maechler, Bolker & Walker (2015), J. Stat. Softw. 67(1),
    equations 34 (ML) and 41 (REML); standard errors are theirs too, from the covariance of the
    fixed effects given the variance parameters.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> students, schools = hlm.datasets.pisa_like()
    >>> usa = students[students.country == "USA"].dropna(subset=["math"])
    >>> fit = hlm.lmer("math ~ 1 + (1 | school_id)", usa)
    >>> fit.n_groups
    164
    """
    check_reml(reml)
    parsed = parse(formula)
    design = build(parsed, data)
    if design.dropped:
        warnings.warn(str(design.dropped), MissingRowsWarning, stacklevel=2)
    fit = Fit(design, solve(design, reml), reml)
    if fit.dropped_columns:
        several = len(fit.dropped_columns) > 1
        are, them, were = ("are", "them", "were") if several else ("is", "it", "was")
        warnings.warn(
            f"The fixed part is rank deficient: {', '.join(fit.dropped_columns)} {are} determined "
            f"by the predictors before {them} and {were} dropped, as lme4 does.",
            RankWarning,
            stacklevel=2,
        )
    return fit
