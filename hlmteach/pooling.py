"""`pool`: fits of several plausible values, or imputed data sets, become one by Rubin's rules.

Legend, for one coefficient
    m       number of fits;  U (within) mean of the squared standard errors
    B       variance of the m estimates, divisor m - 1 (between)
    T       U + (1 + 1/m) B, the squared standard error of the pooled estimate
    riv     (1 + 1/m) B / U, relative increase in variance;  lam = (1 + 1/m) B / T
    nu      degrees of freedom that one complete data set would give
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import stats

from .arguments import known
from .pool_inputs import OneFit, check_same, read_fits
from .pooled import Pooled

_DF = {
    "barnard-rubin": "Barnard & Rubin (1999)",
    "rubin": "Rubin (1987), as if the sample were very large",
}


def pool(
    fits: Iterable[object],
    *,
    df: str = "barnard-rubin",
    df_complete: float | None = None,
) -> Pooled:
    """Pool fits of several plausible values, or of several imputed data sets, by Rubin's rules.

    Parameters
    ----------
    fits : at least two of the same kind, one for each plausible value: Fits (`hlm.lmer`),
        statsmodels MixedLM results, weighted fits (`hlm.weighted`), other statsmodels results such
        as OLS, DataFrames with columns `estimate` and `se` (and `df`), or pairs (estimate, se) of
        numbers or Series
    df : "barnard-rubin" for the degrees of freedom of Barnard & Rubin (1999), which never exceed
        those of a complete data set; "rubin" for those of Rubin (1987), (m - 1) / lam^2, which
        take the sample for very large
    df_complete : degrees of freedom that a complete data set would give, for every coefficient.
        None takes them from the fits, averaged: Satterthwaite's for mixed models, residual ones
        for OLS, groups less strata for weighted fits, the column `df` of DataFrames; infinite
        where the fits do not tell, and then both choices of `df` are the same.

    Returns
    -------
    Pooled
        `.fixed` and `.random` are DataFrames; see `Pooled`.

    Raises
    ------
    ValueError
        If there are fewer than two fits, or they differ in their coefficients, rows, groups,
        random effects or estimator; the message names the fit that differs.
    TypeError
        If a fit is something else.

    Warns
    -----
    SameFitsWarning
        If all models gave the same numbers: did the formula use the same plausible value?

    Notes
    -----
    The pooled estimate is the mean; its squared standard error is T = U + (1 + 1/m) B: Rubin
    (1987), Multiple Imputation for Nonresponse in Surveys, section 3.1. Degrees of freedom: his
    equation 3.1.6, or Barnard & Rubin (1999), Biometrika 86(4), 948-955. The fraction of missing
    information is his (riv + 2 / (df + 3)) / (riv + 1), with the df that the table shows, as R's
    mice does. Variances and covariances of the random part are averaged on the variance scale, as
    R's mitml does; they get no standard error unless the fits have one (`hlm.weighted`).

    Examples
    --------
    >>> import hlmteach as hlm
    >>> data = hlm.datasets.pisa_like_pv().query("country == 'FIN'")
    >>> pvs = [f"pv{k}math" for k in range(1, 11)]
    >>> pooled = hlm.pool([hlm.lmer(f"{pv} ~ 1 + (1 | school_id)", data) for pv in pvs])
    >>> pooled.m, bool(pooled.se["Intercept"] > pooled.fixed.within["Intercept"] ** 0.5)
    (10, True)

    Numbers without a model, such as a mean of each plausible value and its standard error:

    >>> pool([(10.0, 1.0), (11.0, 1.0), (12.0, 1.0)]).se.round(4).tolist()
    [1.5275]
    """
    known("df", df, _DF)
    parts = read_fits(fits)
    check_same(parts)
    names = parts[0].names
    nu = _complete_df(parts, df_complete)
    table, total = _rubin(
        np.stack([part.estimate for part in parts]), np.stack([part.cov for part in parts]), df, nu
    )
    first = parts[0]
    rule = _DF[df]
    if df == "barnard-rubin":
        told = "complete-data df as given" if df_complete is not None else first.df_source
        rule = f"{rule}; {told}" if np.isfinite(nu).any() else _DF["rubin"]
    return Pooled(
        fixed=table.set_axis(names, axis=0),
        random=_random_part(parts),
        icc=None if first.icc is None else float(np.mean([part.icc for part in parts])),
        cov_beta=pd.DataFrame(total, names, names),
        m=len(parts),
        n=first.n,
        n_groups=first.n_groups,
        kind=first.kind,
        df_rule=rule,
        formulas=[part.formula for part in parts if part.formula],
        notes=_notes(parts),
    )


def _complete_df(parts: list[OneFit], given: float | None) -> np.ndarray:
    if given is None:
        return np.mean([part.df for part in parts], axis=0)
    if not isinstance(given, int | float | np.number) or not given > 0:
        raise ValueError(f"df_complete is {given!r}; it must be a positive number.")
    return np.full(len(parts[0].names), float(given))


def _rubin(
    estimates: np.ndarray, covs: np.ndarray, rule: str, nu: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Rubin's rules: (m, p) estimates and (m, p, p) covariances; see the legend."""
    m = len(estimates)
    mean = estimates.mean(0)
    gap = estimates - mean
    between = gap.T @ gap / (m - 1)
    total = covs.mean(0) + (1 + 1 / m) * between
    U, B, T = np.diag(covs.mean(0)), np.diag(between), np.diag(total)
    riv = (1 + 1 / m) * B / U
    lam = (1 + 1 / m) * B / T
    with np.errstate(divide="ignore"):
        df = (m - 1) / lam**2
        if rule == "barnard-rubin":
            df = 1 / (1 / df + 1 / _observed_df(nu, lam))
    t = mean / np.sqrt(T)
    reach = stats.t.ppf(0.975, df) * np.sqrt(T)
    table = {
        "estimate": mean,
        "se": np.sqrt(T),
        "df": df,
        "t": t,
        "p": 2 * stats.t.sf(np.abs(t), df),
        "lower": mean - reach,
        "upper": mean + reach,
        "within": U,
        "between": B,
        "riv": riv,
        "fmi": (riv + 2 / (df + 3)) / (riv + 1),
    }
    return pd.DataFrame(table), total


def _observed_df(nu: np.ndarray, lam: np.ndarray) -> np.ndarray:
    """Barnard & Rubin's estimate of the df that the observed data give."""
    finite = np.where(np.isfinite(nu), nu, 1.0)
    return np.where(np.isfinite(nu), (finite + 1) / (finite + 3) * finite * (1 - lam), np.inf)


def _random_part(parts: list[OneFit]) -> pd.DataFrame | None:
    first = parts[0]
    if first.cov_u is None:
        return None
    cov = np.mean([part.cov_u for part in parts], axis=0)
    each = np.stack([[*np.diag(part.cov_u), part.s2] for part in parts])
    variance = each.mean(0)
    sd = np.sqrt(variance)
    table = pd.DataFrame(
        {
            "group": [*[first.group_name] * len(cov), "Residual"],
            "name": [*first.random_names, ""],
            "variance": variance,
            "sd": sd,
        }
    )
    if first.cov_variances is not None:
        covs = np.stack([part.cov_variances for part in parts])
        table.insert(3, "se", _rubin(each, covs, "rubin", np.full(len(each[0]), np.inf))[0]["se"])
    for i in range(len(cov) - 1):
        if sd[i] > 0 and cov[i, i + 1 :].any():
            corr = np.full(len(sd), np.nan)
            corr[i + 1 : -1] = cov[i, i + 1 :] / sd[i] / sd[i + 1 : -1]
            table[f"corr_{first.random_names[i]}"] = corr
    return table.assign(lowest=each.min(0), highest=each.max(0))


def _notes(parts: list[OneFit]) -> list[str]:
    notes = []
    singular = sum(part.singular for part in parts)
    if singular:
        notes.append(f"{singular} of the {len(parts)} fits are singular (on the boundary)")
    stopped = sum(not part.converged for part in parts)
    if stopped:
        notes.append(f"{stopped} of the {len(parts)} fits did not converge")
    if parts[0].dropped:
        notes.append(parts[0].dropped)
    return notes
