"""Residuals of level 2: what a model leaves over of its groups, raw, shrunken and standardised."""

import numpy as np
import pandas as pd

from .adapters import as_fit
from .fit import Fit


def level2_residuals(model: object) -> pd.DataFrame:
    """What the fixed part leaves over of each group's intercept.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result with a random intercept

    Returns
    -------
    DataFrame
        By group: `n`, its rows; `raw`, the mean of its rows' residuals from the fixed part (only
        where nothing but the intercept is random); `u`, the predicted effect, which is shrunken;
        `expected_sd`, the SD that the model expects `u` to have, which differs with `n`; and
        `standardised`, `u` divided by it.

    Raises
    ------
    ValueError
        If the model has no random intercept.

    Notes
    -----
    Var(û) = sigma_u² - Var(u | y), up to the error in the fixed effects: the "diagnostic" variance,
    to be used for looking at a distribution; `ranef` gives the "comparative" standard error, for
    looking at one group. Source: Goldstein (2011), Multilevel Statistical Models, 4th ed., ch. 2;
    Snijders & Bosker (2012), Multilevel Analysis, 2nd ed., ch. 10.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=50, group_size=(2, 40), seed=1)
    >>> left = level2_residuals(hlm.lmer("y ~ 1 + (1 | group)", data))
    >>> bool((left["u"].abs() <= left["raw"].abs()).all())
    True
    """
    fit = as_fit(model)
    if "Intercept" not in fit.random_names:
        raise ValueError(f"{fit.formula!r} has no random intercept, so no level-2 residuals of it.")
    at = fit.random_names.index("Intercept")
    effects, left_open = fit.solution.group_effects
    u = effects[:, at]
    variance = fit.sigma_u**2 - left_open[:, at, at]
    expected = np.sqrt(np.maximum(variance, 1e-12 * max(fit.sigma_e**2, 1e-300)))
    table = {"n": fit.design.sizes, "u": u, "expected_sd": expected, "standardised": u / expected}
    if fit.random_names == ["Intercept"]:
        table["raw"] = _raw(fit)
    order = [name for name in ("n", "raw", "u", "expected_sd", "standardised") if name in table]
    return pd.DataFrame(table, fit.groups)[order]


def _raw(fit: Fit) -> np.ndarray:
    left = fit.design.y - fit.predict(group_effects=False).to_numpy()
    return np.bincount(fit.design.codes, left) / fit.design.sizes
