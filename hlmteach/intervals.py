"""Confidence intervals for every parameter: Wald, profile likelihood, parametric bootstrap."""

import numpy as np
import pandas as pd
from scipy import stats

from .adapters import as_fit
from .arguments import coverage
from .bootstrap import bootstrap
from .fit import Fit
from .profiling import names, profile_limits

_METHODS = ("profile", "wald", "boot")


def confint(
    model: object,
    level: float = 0.95,
    method: str = "profile",
    *,
    n_sims: int = 500,
    seed: int | None = None,
    workers: int = 1,
    progress: bool | None = None,
) -> pd.DataFrame:
    """Confidence intervals, as lme4's `confint`.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result
    level : coverage, between 0 and 1
    method : "profile" (the default, as in lme4) moves each parameter until the data object: right
        for SDs and correlations too, whose uncertainty is lopsided. "wald" is estimate plus and
        minus z standard errors: quick, for coefficients only. "boot" draws outcomes from the
        fitted model, fits each and takes percentiles.
    n_sims, seed, workers, progress : for "boot": replicates; the seed, which gives the same numbers
        whatever the number of workers; processes (-1 for one per core); show a bar? (None: in a
        terminal or notebook only)

    Returns
    -------
    DataFrame
        `lower` and `upper`, one row per parameter: `sigma_u`, `sigma_u[x]` (SD of a random slope),
        `corr[Intercept, x]`, `sigma_e`, then the coefficients. They are in lme4's order, which
        calls the first ones `.sig01`, `.sig02`, ... and `.sigma`. All are SDs, not variances. Wald
        intervals of SDs are NaN, as in lme4: there is no useful one.

    Raises
    ------
    ValueError
        If the level or the method is impossible.

    Notes
    -----
    Profile intervals are those of the ML fit, whatever `model` is, as in lme4. lme4 interpolates
    the profile with splines; here its crossing with the chi-square quantile is solved for. A
    limit at the edge of what is possible (an SD of 0, a correlation of 1) means that the data do
    not object to any value on that side. Bootstrap replicates are fitted by the model's own
    criterion, as lme4's `bootMer`; an interrupted run returns what is done, with a warning.
    Source: Bates, Maechler, Bolker & Walker (2015), J. Stat. Softw. 67(1), section 5.1; Efron &
    Tibshirani (1993), An Introduction to the Bootstrap, section 13.3, for percentiles.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> params = hlm.Params(beta={"Intercept": 480, "x": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(params, n_groups=50, group_size=20, seed=1)
    >>> hlm.confint(hlm.lmer("y ~ x + (1 | group)", data)).round(1).index.to_list()
    ['sigma_u', 'sigma_e', 'Intercept', 'x']
    """
    level = coverage(level)
    if method not in _METHODS:
        raise ValueError(f"method is {method!r}; it can be {', '.join(map(repr, _METHODS))}.")
    fit = as_fit(model)
    if method == "wald":
        return _wald(fit, level)
    if method == "profile":
        limits = pd.DataFrame(profile_limits(fit.design, level), columns=["name", *_SIDES])
        return limits.set_index("name").rename_axis(None)
    drawn = bootstrap(fit, n_sims, seed=seed, workers=workers, progress=progress)
    return _percentiles(drawn, level)


_SIDES = ("lower", "upper")


def _wald(fit: Fit, level: float) -> pd.DataFrame:
    reach = stats.norm.ppf((1 + level) / 2) * fit.se
    known = pd.DataFrame({"lower": fit.beta - reach, "upper": fit.beta + reach})
    unknown = pd.DataFrame(np.nan, names(fit.design), list(_SIDES))
    return pd.concat([unknown, known])


def _percentiles(drawn: pd.DataFrame, level: float) -> pd.DataFrame:
    tails = [(1 - level) / 2, (1 + level) / 2]
    limits = drawn.quantile(tails).T
    limits.columns = list(_SIDES)
    return limits
