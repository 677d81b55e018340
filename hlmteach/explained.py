"""How much variance a two-level model explains: four measures, each with its own question."""

from dataclasses import replace
from numbers import Real

import numpy as np
import pandas as pd

from .adapters import as_fit
from .engine.solution import solve
from .fit import Fit
from .nesting import check_same_rows


def r2(model: object, null: object | None = None, *, group_size: float | str = "mean") -> pd.Series:
    """Explained variance, in the forms that are in use.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result
    null : the model to compare with, on the same rows; None fits the empty one, an intercept and
        a random intercept. Give the previous model to ask what the last predictor adds.
    group_size : the group size n of `r2_level2`: "mean" (rows per group, as in `design_effect`),
        "harmonic" (the harmonic mean, which gives small groups more say) or a number

    Returns
    -------
    Series
        `r2_marginal`, `r2_conditional` : share of this model's variance that its fixed part makes,
        and its fixed and random parts together (Nakagawa & Schielzeth)
        `r2_level1`, `r2_level2` : by how much the error of predicting one member, and the mean of
        one group, is smaller than under `null` (Snijders & Bosker)
        `prv_level1`, `prv_level2` : by how much `sigma_e^2` and `sigma_u^2` are smaller than under
        `null`, proportionally (Raudenbush & Bryk). These can be negative: a predictor that varies
        within groups takes variance out of level 1 and can add to the estimate at level 2.

        In its `.attrs`: `null`, the formula compared with, and `group_size`, the one used.

    Raises
    ------
    ValueError
        If `null` was fitted to other rows, or `group_size` is not a size.

    Notes
    -----
    With F the variance of the fixed part's predictions, R the random variance and E = sigma_e^2:
    marginal F / (F + R + E), conditional (F + R) / (F + R + E): Nakagawa & Schielzeth (2013),
    Methods in Ecology and Evolution 4, 133-142. R is the mean of z' cov_u z over the
    rows: Johnson (2014), same journal 5, 944-946.

    level1 1 - (U + E) / (U0 + E0), level2 1 - (U + E/n) / (U0 + E0/n), with U = sigma_u^2, a zero
    for the null model, and n a representative group size: Snijders & Bosker (2012), Multilevel
    Analysis, 2nd ed., section 7.1. Where slopes vary, both models are fitted again with a random
    intercept alone, as they advise. PRV: Raudenbush & Bryk (2002), Hierarchical Linear Models, 2nd
    ed., chapter 4. A measure against a variance of zero is NaN.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> params = hlm.Params(beta={"Intercept": 480, "x": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(params, n_groups=50, group_size=20, seed=1)
    >>> shares = r2(hlm.lmer("y ~ x + (1 | group)", data))
    >>> bool(0 < shares.r2_marginal < shares.r2_conditional < 1)
    True
    """
    fit = as_fit(model)
    n = _size(fit, group_size)
    fixed, random, within = variance_parts(fit)
    total = fixed + random + within
    full = _intercept_only(fit)
    base = _null(full) if null is None else _comparable(as_fit(null), full)
    U, E, U0, E0 = full.sigma_u**2, full.sigma_e**2, base.sigma_u**2, base.sigma_e**2
    found = pd.Series(
        {
            "r2_marginal": fixed / total,
            "r2_conditional": (fixed + random) / total,
            "r2_level1": _fall(U + E, U0 + E0),
            "r2_level2": _fall(U + E / n, U0 + E0 / n),
            "prv_level1": _fall(E, E0),
            "prv_level2": _fall(U, U0),
        },
        name="r2",
    )
    found.attrs = {"null": base.formula, "group_size": n}
    return found


def variance_parts(fit: Fit) -> tuple[float, float, float]:
    """Variance of the fixed part's predictions, mean random variance and error variance."""
    mean = fit.design.exog[:, fit.solution.kept] @ fit.solution.beta
    Z = fit.design.exog_random
    random = np.einsum("nq,qr,nr->n", Z, fit.cov_u.to_numpy(), Z).mean()
    return float(np.var(mean, ddof=1)), float(random), fit.sigma_e**2


def _size(fit: Fit, group_size: float | str) -> float:
    if group_size == "mean":
        return fit.n / fit.n_groups
    if group_size == "harmonic":
        return float(fit.n_groups / (1 / fit.design.sizes).sum())
    if not isinstance(group_size, Real) or not group_size >= 1:
        raise ValueError(
            f"group_size is {group_size!r}; give 'mean', 'harmonic' or a number of 1 or more."
        )
    return float(group_size)


def _fall(now: float, before: float) -> float:
    return 1 - now / before if before > 0 else np.nan


def _intercept_only(fit: Fit) -> Fit:
    """The same fixed part with a random intercept alone."""
    if fit.random_names == ["Intercept"]:
        return fit
    text = f"{fit.formula} with a random intercept only"
    one = {"random": [None], "random_names": ["Intercept"], "blocks": [[0]], "text": text}
    design = replace(fit.design, **one)
    return Fit(design, solve(design, fit.reml), fit.reml)


def _null(fit: Fit) -> Fit:
    """An intercept and a random intercept, on the same rows and by the same criterion."""
    text = f"{fit.design.response} ~ 1 + (1 | {fit.group_name})"
    design = replace(fit.design, columns=[None], names=["Intercept"], text=text, rebuild=None)
    return Fit(design, solve(design, fit.reml), fit.reml)


def _comparable(null: Fit, full: Fit) -> Fit:
    check_same_rows(null, full)
    null = _intercept_only(null)
    return null if null.reml == full.reml else null.refit(reml=full.reml)
