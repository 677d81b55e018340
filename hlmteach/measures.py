"""Single numbers that a fitted two-level model is asked for, and its predicted group effects."""

import numpy as np
import pandas as pd
from scipy import stats

from .adapters import as_fit
from .arguments import coverage, number


def icc(model: object) -> float:
    """Intraclass correlation: the share of the variance that lies between groups.

    sigma_u^2 / (sigma_u^2 + sigma_e^2). With predictors in the model it is the *residual* ICC, of
    what the predictors leave over. With random slopes it holds where those predictors are zero.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result

    Notes
    -----
    Two readings: the share of variance between groups, and the correlation of two units drawn
    from the same group. Source: Snijders & Bosker (2012), Multilevel Analysis, 2nd ed., eq. 3.2.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> truth = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(truth, n_groups=400, group_size=25, seed=4)
    >>> fit = hlm.lmer("y ~ 1 + (1 | group)", data)
    >>> round(truth.icc, 2), round(hlm.icc(fit), 2)
    (0.2, 0.2)
    """
    return as_fit(model).icc


def design_effect(model: object, group_size: float | None = None) -> float:
    """How many times larger clustering makes the variance of a mean: 1 + (n - 1) ICC.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result
    group_size : rows per group; None takes the model's mean group size

    Notes
    -----
    Divide the number of rows by it for the effective sample size; multiply a standard error by
    its square root. Exact for the mean of groups of one size. Source: Kish (1965), Survey
    Sampling, section 5.4.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> truth = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(truth, n_groups=400, group_size=25, seed=1)
    >>> fit = hlm.lmer("y ~ 1 + (1 | group)", data)
    >>> hlm.design_effect(fit, group_size=1)
    1.0
    """
    fit = as_fit(model)
    if group_size is None:
        group_size = fit.n / fit.n_groups
    size = number("group_size", group_size, "rows per group")
    if size < 1:
        raise ValueError(f"group_size is {size:g}; a group has at least one row.")
    return float(1 + (size - 1) * fit.icc)


def ranef(model: object, level: float | None = None) -> pd.DataFrame:
    """Predicted group effects: how far each group lies from the average group.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result
    level : also give an interval with this coverage, such as 0.95

    Returns
    -------
    DataFrame
        By group (and by random effect, where slopes vary): `u`, its standard error `se`, and
        `lower`, `upper` where a level is given. Units of the outcome.

    Notes
    -----
    `u` is the raw deviation of the group pulled towards zero (shrunken, the BLUP). `se` is the
    conditional standard deviation given the fixed effects and variances, as lme4's
    `ranef(condVar = TRUE)`. Source: Robinson (1991), Statistical Science 6(1), 15-32.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> truth = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(truth, n_groups=50, group_size=25, seed=1)
    >>> fit = hlm.lmer("y ~ 1 + (1 | group)", data)
    >>> list(hlm.ranef(fit, level=0.95).columns)
    ['u', 'se', 'lower', 'upper']
    """
    table = as_fit(model).u.copy()
    if level is not None:
        reach = stats.norm.ppf(0.5 + coverage(level) / 2) * table["se"]
        table["lower"], table["upper"] = table["u"] - reach, table["u"] + reach
    return table


def scaled_residuals(model: object) -> pd.Series:
    """Five numbers of the within-group residuals divided by sigma_e, as lme4 prints them."""
    fit = as_fit(model)
    share = np.quantile(fit.resid / fit.sigma_e, [0, 0.25, 0.5, 0.75, 1])
    return pd.Series(share, ["Min", "1Q", "Median", "3Q", "Max"])
