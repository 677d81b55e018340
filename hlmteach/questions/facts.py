"""Facts: what there is to know about a fitted model, as plain JSON."""

import hashlib
import math
import warnings
from typing import Any

import numpy as np
import pandas as pd

from hlmteach.adapters import as_fit
from hlmteach.fit import Fit

SAMPLE = 21  # outcomes that are noted, evenly spread over the sorted ones
_UNFITTED = ("MixedLM", "OLS", "WLS", "GLS", "GEE", "Logit")


def model_facts(model: object) -> dict[str, Any] | None:
    """Facts about a fitted model; None for what is no model.

    Parameters
    ----------
    model : a Fit, a statsmodels MixedLM or OLS result, or anything else

    Returns
    -------
    dict or None
        `engine` ("lmer", "mixedlm" or "ols"), `formula`, `nobs`, `n_groups`, `group`, `sizes` (a
        digest of the group sizes), `outcome`, `y` (mean, sd, digest and a sample of the outcome),
        `columns` (name, mean and sd of every column of the fixed part), `beta` and `se` by name,
        `random` (variance by name), `residual` (variance), `reml`, `criterion` (minus twice the
        log-likelihood), `converged`, `singular`. An unfitted model and the like give {"seen": ...}.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> data = hlm.simulate(hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80),
    ...                     n_groups=50, group_size=20, seed=1)
    >>> model_facts(hlm.lmer("y ~ 1 + (1 | group)", data))["n_groups"]
    50
    """
    result = getattr(model, "_results", model)
    kind = type(result).__name__
    if isinstance(model, Fit):
        return finite(_of_fit(model))
    if kind == "MixedLMResults":
        return finite(_of_mixedlm(result))
    if type(getattr(result, "model", None)).__name__ in ("OLS", "WLS", "GLS"):
        return finite(_of_regression(result))
    if kind in _UNFITTED and type(model).__module__.startswith("statsmodels"):
        return {"seen": "unfitted"}
    if kind == "Summary" and type(model).__module__.split(".")[0] in ("statsmodels", "hlmteach"):
        return {"seen": "summary"}
    return None


def _of_fit(fit: Fit) -> dict[str, Any]:
    design = fit.design
    names = fit.random_names
    return {
        "engine": "lmer",
        "formula": fit.formula,
        "nobs": fit.n,
        "n_groups": fit.n_groups,
        "group": fit.group_name,
        "sizes": _digest(np.sort(design.sizes)),
        "outcome": design.response,
        "y": _outcome(design.y),
        "columns": _columns(design.names, design.exog),
        "beta": _named(fit.names, fit.beta),
        "se": _named(fit.names, fit.se),
        "random": _named(names, np.diag(fit.cov_u)),
        "residual": fit.sigma_e**2,
        "reml": bool(fit.reml),
        "criterion": fit.criterion,
        "converged": bool(fit.converged),
        "singular": bool(fit.singular),
        "fingerprint": _mark(design.frame),
    }


def _of_mixedlm(result: Any) -> dict[str, Any]:
    """The numbers that statsmodels itself shows; only the criterion is computed again."""
    model = result.model
    exog, names = np.asarray(model.exog, float), list(model.exog_names)
    groups = np.asarray(model.groups)
    sizes = np.unique(pd.factorize(groups)[0], return_counts=True)[1]
    fit = _fit_or_none(result)
    labels = [str(n) for n in model.data.exog_re_names]
    constant = (np.asarray(model.exog_re, float) == 1).all(axis=0)
    random = ["Intercept" if c else n for n, c in zip(labels, constant, strict=True)]
    if model.k_vc:
        random += [str(n) for n in getattr(model.exog_vc, "names", [])]
    return {
        "engine": "mixedlm",
        "formula": str(getattr(model, "formula", "") or ""),
        "nobs": len(exog),
        "n_groups": len(sizes),
        "group": fit.group_name if fit else "",
        "sizes": _digest(np.sort(sizes)),
        "outcome": str(model.endog_names),
        "y": _outcome(np.asarray(model.endog, float)),
        "columns": _columns(names, exog),
        "beta": _named(names, result.fe_params),
        "se": _named(names, result.bse_fe),
        "random": _named(random, [*np.diag(np.atleast_2d(result.cov_re)), *np.ravel(result.vcomp)]),
        "residual": float(result.scale),
        "reml": result.method == "REML",
        "criterion": fit.criterion if fit else None,
        "converged": bool(result.converged),
        "singular": bool(fit.singular) if fit else False,
        "fingerprint": _mark(getattr(model.data, "frame", None)),
    }


def _of_regression(result: Any) -> dict[str, Any]:
    model = result.model
    exog, names = np.asarray(model.exog, float), list(model.exog_names)
    return {
        "engine": "ols",
        "formula": str(getattr(model, "formula", "") or ""),
        "nobs": len(exog),
        "n_groups": 0,
        "group": "",
        "sizes": "",
        "outcome": str(model.endog_names),
        "y": _outcome(np.asarray(model.endog, float)),
        "columns": _columns(names, exog),
        "beta": _named(names, result.params),
        "se": _named(names, result.bse),
        "random": {},
        "residual": float(result.scale),
        "reml": False,
        "criterion": -2 * float(result.llf),
        "converged": True,
        "singular": False,
        "fingerprint": _mark(getattr(model.data, "frame", None)),
    }


def _fit_or_none(result: Any) -> Fit | None:
    """The result as a Fit, or None where the engine refuses the design (one group, for one)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return as_fit(result)
    except (TypeError, ValueError, np.linalg.LinAlgError):
        return None


def _outcome(y: np.ndarray) -> dict[str, Any]:
    ordered = np.sort(y)
    at = np.linspace(0, len(y) - 1, min(SAMPLE, len(y))).astype(int)
    sd = float(y.std(ddof=1)) if len(y) > 1 else 0.0
    return {
        "mean": float(y.mean()),
        "sd": sd,
        "digest": _digest(ordered),
        "sample": [float(v) for v in ordered[at]],
    }


def _columns(names: list, exog: np.ndarray) -> list[dict[str, Any]]:
    shown = [_intercept(name, column) for name, column in zip(names, exog.T, strict=True)]
    means, sds = exog.mean(axis=0), exog.std(axis=0)
    columns = zip(shown[:400], means, sds, strict=False)
    return [{"name": n, "mean": float(m), "sd": float(s)} for n, m, s in columns]


def _intercept(name: object, column: np.ndarray) -> str:
    return "Intercept" if (column == 1).all() else str(name)[:120]


def _named(names: list, values: Any) -> dict[str, float]:
    pairs = zip(map(str, names), np.asarray(values, float).ravel(), strict=False)
    found = {name[:120]: float(value) for name, value in list(pairs)[:400]}
    return {"Intercept" if name in ("const", "Intercept") else name: v for name, v in found.items()}


def _digest(values: np.ndarray) -> str:
    """Twelve letters that follow from the values to the sixth decimal."""
    whole = np.rint(np.asarray(values, float) * 1e6)
    return hashlib.sha256(whole.astype("<i8").tobytes()).hexdigest()[:12]


def _mark(frame: object) -> str:
    return str(getattr(frame, "attrs", {}).get("hlmteach", {}).get("fingerprint", ""))[:40]


def finite(value: Any) -> Any:
    """The same with None in place of numbers that JSON does not know."""
    if isinstance(value, dict):
        return {key: finite(v) for key, v in value.items()}
    if isinstance(value, list):
        return [finite(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
