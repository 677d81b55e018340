"""What `pool` reads: one fit of any kind as plain arrays, and whether several belong together."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .adapters import as_fit
from .fit import Fit
from .inference import satterthwaite_df


class SameFitsWarning(UserWarning):
    """All fits that were to be pooled gave the same numbers."""


@dataclass(frozen=True, eq=False)
class OneFit:
    """One fit as `pool` needs it. p coefficients, q random effects.

    Attributes
    ----------
    kind : how it was made; fits of different kinds are not pooled
    names, estimate, cov, df : p names, (p,), (p, p), (p,) complete-data degrees of freedom
    df_source : where `df` come from, in words
    n, n_groups : rows and groups
    group_sizes : Series by group, which tells whether two fits have the same groups
    cov_u, s2, cov_variances : (q, q) and the error variance; covariance of the variances
    """

    kind: str
    names: list[str]
    estimate: np.ndarray
    cov: np.ndarray
    df: np.ndarray
    df_source: str = ""
    formula: str = ""
    n: int | None = None
    n_groups: int | None = None
    group_sizes: pd.Series | None = None
    group_name: str = ""
    random_names: tuple[str, ...] = ()
    cov_u: np.ndarray | None = None
    s2: float = np.nan
    cov_variances: np.ndarray | None = None
    icc: float | None = None
    singular: bool = False
    converged: bool = True
    dropped: str = ""


def read_fits(fits: Iterable[object]) -> list[OneFit]:
    """Every fit as arrays.

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two, or one is of no known kind.
    """
    if isinstance(fits, str | pd.DataFrame | Fit) or not isinstance(fits, Iterable):
        raise TypeError(
            "pool takes a list of fits, one for each plausible value, such as "
            "[hlm.lmer(f'{pv} ~ escs + (1 | school_id)', data) for pv in pvs]; "
            f"got {type(fits).__name__}."
        )
    fits = list(fits.values()) if isinstance(fits, dict) else list(fits)
    if len(fits) < 2:
        raise ValueError(
            f"{len(fits)} fit{'' if len(fits) == 1 else 's'}: pooling needs at least two, one for "
            "each plausible value. The variance between them cannot be told from fewer."
        )
    return [_read(item, at + 1) for at, item in enumerate(fits)]


def _read(item: object, at: int) -> OneFit:
    if isinstance(item, pd.DataFrame):
        return _from_table(item, at)
    if isinstance(item, tuple | list | np.ndarray):
        return _from_pair(item, at)
    if hasattr(item, "cov_variances"):
        return _from_weighted(item)
    result = getattr(item, "_results", item)
    if not isinstance(item, Fit) and type(result).__name__ != "MixedLMResults":
        if callable(getattr(result, "cov_params", None)):
            return _from_statsmodels(result)
        if hasattr(item, "exog"):
            raise TypeError(f"Model {at} is not fitted yet: add .fit() to it.")
        if not hasattr(item, "fit"):
            raise TypeError(
                f"Fit {at} is of the type {type(item).__name__}, which pool cannot read. It reads "
                "models (hlm.lmer, statsmodels), DataFrames with columns estimate and se, and "
                "pairs (estimate, se)."
            )
    return _from_fit(as_fit(item))


def _from_fit(fit: Fit) -> OneFit:
    by = "" if fit.source == "hlmteach" else f", {fit.source}"
    return OneFit(
        kind=f"mixed model by {'REML' if fit.reml else 'maximum likelihood'}{by}",
        names=fit.names,
        estimate=fit.beta.to_numpy(),
        cov=fit.cov_beta.to_numpy(),
        df=satterthwaite_df(fit, np.eye(len(fit.names))),
        df_source="complete-data df are Satterthwaite's, averaged over the fits",
        formula=fit.formula,
        n=fit.n,
        n_groups=fit.n_groups,
        group_sizes=pd.Series(fit.design.sizes, fit.groups.astype(str)).sort_index(),
        group_name=fit.group_name,
        random_names=tuple(fit.random_names),
        cov_u=fit.cov_u.to_numpy(),
        s2=fit.sigma_e**2,
        icc=fit.icc if "Intercept" in fit.random_names else None,
        singular=fit.singular,
        converged=fit.converged,
        dropped=str(fit.dropped or ""),
    )


def _from_weighted(fit) -> OneFit:
    return OneFit(
        kind=f"weighted mixed model, scaling {fit.scaling!r}",
        names=fit.names,
        estimate=fit.beta.to_numpy(),
        cov=fit.cov_beta.to_numpy(),
        df=np.full(len(fit.names), float(fit.df)),
        df_source="complete-data df are the groups less the strata",
        formula=fit.formula,
        n=fit.n,
        n_groups=fit.n_groups,
        group_sizes=pd.Series(fit.design.sizes, fit.groups.astype(str)).sort_index(),
        group_name=fit.group_name,
        random_names=("Intercept",),
        cov_u=np.array([[fit.sigma_u**2]]),
        s2=fit.sigma_e**2,
        cov_variances=fit.cov_variances.to_numpy(),
        icc=fit.icc,
        singular=fit.singular,
        dropped=str(fit.dropped or ""),
    )


def _from_statsmodels(result) -> OneFit:
    estimate = pd.Series(result.params)
    if not isinstance(result.params, pd.Series):
        estimate.index = list(result.model.exog_names)
    cov_type = getattr(result, "cov_type", "nonrobust")
    robust = "" if cov_type == "nonrobust" else f", {cov_type} standard errors"
    t = getattr(result, "use_t", False)
    nu = float(result.df_resid) if t and hasattr(result, "df_resid") else np.inf
    return OneFit(
        kind=f"{type(result.model).__name__}, statsmodels{robust}",
        names=[str(name) for name in estimate.index],
        estimate=estimate.to_numpy(float),
        cov=np.asarray(result.cov_params(), float),
        df=np.full(len(estimate), nu),
        df_source="complete-data df are the residual ones",
        formula=str(getattr(result.model, "formula", "")),
        n=int(result.nobs),
    )


def _from_table(table: pd.DataFrame, at: int) -> OneFit:
    absent = {"estimate", "se"} - set(table.columns)
    if absent:
        raise ValueError(
            f"Table {at} has no column {' and '.join(map(repr, sorted(absent)))}; it has "
            f"{', '.join(map(str, table.columns))}. pool reads the columns estimate and se."
        )
    nu = table["df"].to_numpy(float) if "df" in table else np.full(len(table), np.inf)
    return _plain("table of estimates", table["estimate"], table["se"], nu, at)


def _from_pair(pair: tuple | list | np.ndarray, at: int) -> OneFit:
    if len(pair) != 2:
        raise ValueError(
            f"Item {at} has {len(pair)} parts; give pairs (estimate, standard error), one for each "
            "plausible value."
        )
    estimate, se = (v if isinstance(v, pd.Series) else pd.Series(np.atleast_1d(v)) for v in pair)
    if not isinstance(pair[0], pd.Series):
        one = len(estimate) == 1
        estimate.index = (
            ["estimate"] if one else [f"estimate {k + 1}" for k in range(len(estimate))]
        )
    return _plain("pairs of estimate and se", estimate, se, np.full(len(estimate), np.inf), at)


def _plain(kind: str, estimate: pd.Series, se: pd.Series, nu: np.ndarray, at: int) -> OneFit:
    try:
        values, errors = estimate.to_numpy(float), se.to_numpy(float)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"Item {at} is not made of numbers ({error}); give pairs (estimate, standard error)."
        ) from None
    if len(values) != len(errors):
        raise ValueError(
            f"Item {at} has {len(values)} estimates and {len(errors)} standard errors."
        )
    bad = ~np.isfinite(values) | ~(errors > 0) | ~np.isfinite(errors)
    if bad.any():
        name = estimate.index[int(np.argmax(bad))]
        raise ValueError(
            f"Item {at}: {name!s} has estimate {values[bad][0]:g} and standard error "
            f"{errors[bad][0]:g}; a standard error is a positive number."
        )
    return OneFit(kind, [str(n) for n in estimate.index], values, np.diag(errors**2), nu,
                  "complete-data df are those of the tables, averaged")  # fmt: skip


def check_same(parts: list[OneFit]) -> None:
    """Refuse fits that do not differ in the plausible value alone.

    Raises
    ------
    ValueError
        Naming the first fit that differs from fit 1, and in what.
    """
    first = parts[0]
    for at, part in enumerate(parts[1:], start=2):
        if part.kind != first.kind:
            raise ValueError(
                f"Fit {at} is a {part.kind}, fit 1 a {first.kind}. Pool fits of one estimator."
            )
        _check_names(first, part, at)
        _check_rows(first, part, at)
    if first.n and all(np.array_equal(first.estimate, part.estimate) for part in parts):
        warnings.warn(
            f"All {len(parts)} fits gave the same numbers, so nothing is added for the uncertainty "
            "between them. Does the formula use the plausible value, as in f'{pv} ~ escs'?",
            SameFitsWarning,
            stacklevel=3,
        )


def _check_names(first: OneFit, part: OneFit, at: int) -> None:
    if part.names != first.names:
        raise ValueError(
            f"Fit {at} has the coefficients {', '.join(part.names)}; fit 1 has "
            f"{', '.join(first.names)}. Pool fits of one model: same terms, same order."
        )
    ours = (first.group_name, first.random_names)
    if (part.group_name, part.random_names) != ours:
        raise ValueError(
            f"Fit {at} has the random effects {', '.join(part.random_names)} by "
            f"'{part.group_name}'; fit 1 has {', '.join(first.random_names)} by "
            f"'{first.group_name}'. Pool fits of one model."
        )


def _check_rows(first: OneFit, part: OneFit, at: int) -> None:
    if part.n != first.n:
        raise ValueError(
            f"Fit {at} has {part.n:,} rows, fit 1 has {first.n:,}. Every plausible value belongs "
            "to the same students: drop incomplete rows once, before the fits, with "
            "data.dropna(subset=[...])."
        )
    if part.n_groups is not None and not part.group_sizes.equals(first.group_sizes):
        raise ValueError(
            f"Fit {at} has other groups than fit 1 ({part.n_groups:,} and {first.n_groups:,}), or "
            "other rows in them. Fit every plausible value on the same table."
        )
