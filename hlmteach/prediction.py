"""Predictions with an interval that says which uncertainty it holds.

Legend. Row i of group j has fixed columns x (p,) and random columns z (q,).
    A_j     (q, p)  how the predicted u_j answers to the fixed effects: du_j = -A_j dbeta
    V_j     (q, q)  covariance of u_j around its prediction, given beta
    C       (p, p)  covariance of the estimated fixed effects
The error of x'b + z'u_j is (x - A_j'z)'(b - beta) + z'(u_j given beta); the two are uncorrelated:
    var = (x - A_j'z)' C (x - A_j'z) + z' V_j z
Source: Henderson (1975), Biometrics 31, 423-447, section 4; Robinson (1991), Statistical Science
6(1), section 2.
"""

import numpy as np
import pandas as pd
from scipy import stats

from .adapters import as_fit
from .arguments import coverage
from .columns import check_frame
from .engine.profile import estimates
from .fit import Fit
from .new_rows import fixed_columns, positions, random_columns

_TARGETS = ("mean", "member")
_NEW = ("error", "zero", "sample")


def prediction_interval(
    model: object,
    data: pd.DataFrame | None = None,
    level: float = 0.95,
    *,
    target: str = "mean",
    new_groups: str = "error",
    group_effects: bool = True,
) -> pd.DataFrame:
    """Predicted outcome of each row, with an interval.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result
    data : rows to predict; None predicts the rows of the fit
    level : coverage, between 0 and 1
    target : "mean" for the mean of such members of the group, "member" for one new member (a new
        student), which adds the variance within groups
    new_groups : what to do with a group that the fit has not seen: "error", "zero" (treat it as
        the average group, whose effect is zero and certain) or "sample" (a group drawn from the
        same population: its effect is zero give or take sigma_u)
    group_effects : predict each row's own group? False predicts the average group for every row

    Returns
    -------
    DataFrame
        `predicted, lower, upper`, by row

    Raises
    ------
    ValueError
        If an argument is not one of its choices, or a group is unknown and `new_groups` is "error".

    Notes
    -----
    What the interval holds, beside the uncertainty of the fixed effects, which is always there:

    ====================================  ==================================  =================
    row                                   group effect                        member
    ====================================  ==================================  =================
    group in the fit                      what the data leave open about it   target="member"
    unknown, new_groups="sample"          the whole of sigma_u                target="member"
    unknown, new_groups="zero"            none                                target="member"
    group_effects=False                   none                                target="member"
    ====================================  ==================================  =================

    The variances themselves are taken as known and the distribution as normal, so with few groups
    the intervals are a little too narrow. Source: Henderson (1975), Biometrics 31, section 4.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> params = hlm.Params(beta={"Intercept": 480, "x": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(params, n_groups=50, group_size=20, seed=1)
    >>> fit = hlm.lmer("y ~ x + (1 | group)", data)
    >>> new = data.head(1).assign(group="a new one")
    >>> width = lambda **how: prediction_interval(fit, new, **how).diff(axis=1).upper.iloc[0]
    >>> bool(width(new_groups="zero") < width(new_groups="sample"))
    True
    """
    _check(level, target, new_groups)
    fit = as_fit(model)
    if data is None:
        X, Z, index = (
            fit.design.exog[:, fit.solution.kept],
            fit.design.exog_random,
            fit.design.index,
        )
        codes = fit.design.codes if group_effects else np.full(fit.n, -1)
    else:
        check_frame(data)
        X = fixed_columns(fit.design, data)[:, fit.solution.kept]
        Z, index = random_columns(fit.design, data), data.index
        codes = np.full(len(data), -1)
        if group_effects:
            codes = positions(fit.design, data, new_groups)
    sampled = group_effects and new_groups == "sample"
    mean, variance = _mean_and_variance(fit, X, Z, codes, sampled)
    if target == "member":
        variance = variance + fit.sigma_e**2
    reach = stats.norm.ppf((1 + level) / 2) * np.sqrt(variance)
    columns = {"predicted": mean, "lower": mean - reach, "upper": mean + reach}
    return pd.DataFrame(columns, index)


def _check(level: float, target: str, new_groups: str) -> None:
    coverage(level)
    for name, value, known in (("target", target, _TARGETS), ("new_groups", new_groups, _NEW)):
        if value not in known:
            raise ValueError(f"{name} is {value!r}; it can be {', '.join(map(repr, known))}.")


def _mean_and_variance(
    fit: Fit, X: np.ndarray, Z: np.ndarray, codes: np.ndarray, sampled: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Predicted means (n,) and their error variances (n,); a code of -1 is no known group."""
    known, at = codes >= 0, np.maximum(codes, 0)
    u, V = fit.solution.group_effects
    mean = X @ fit.solution.beta + np.where(known, np.einsum("nq,nq->n", Z, u[at]), 0.0)
    Gi, A = _answers(fit)
    rows = X @ fit.solution.basis.T
    rows = rows - np.where(known[:, None], np.einsum("nq,nqp->np", Z, A[at]), 0.0)
    variance = fit.solution.s2 * np.einsum("np,pr,nr->n", rows, Gi, rows)
    own = np.einsum("nq,nqr,nr->n", Z, V[at], Z)
    new = np.einsum("nq,qr,nr->n", Z, fit.cov_u.to_numpy(), Z) if sampled else 0.0
    return mean, variance + np.where(known, own, new)


def _answers(fit: Fit) -> tuple[np.ndarray, np.ndarray]:
    """(Gi, A): covariance of the fixed effects relative to s2 (p, p) and A_j (J, q, p), both in the
    engine's coordinates of the fixed effects, where offsets cost no digits."""
    model = fit.solution.model
    inner = fit.solution.inner
    Gi, g, _ = estimates(model.pieces(inner).G)
    still = model.effects(np.zeros_like(g), inner)[0]
    A = np.zeros((*still.shape, len(g)))
    for k, unit in enumerate(np.eye(len(g))):
        A[:, :, k] = still - model.effects(unit, inner)[0]
    # u and beta share the scale of y, which cancels; `back` returns u to the units of Z.
    return Gi, model.back @ A
