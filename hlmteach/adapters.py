"""One face for every fitted model: a statsmodels MixedLM result becomes a Fit."""

import re

import numpy as np
import pandas as pd

from .design import DataError, Design
from .engine.solution import solve
from .fit import Fit


def as_fit(model: object) -> Fit:
    """The model as a Fit.

    Parameters
    ----------
    model : a `Fit`, or the result of statsmodels' `mixedlm(...).fit()`

    Returns
    -------
    Fit
        For a statsmodels result, the Fit is evaluated at the variances that statsmodels found, not
        refitted, so that what it shows is that result. Standard errors of the fixed effects are
        lme4's: the inverse of their own block of the information. statsmodels inverts the whole
        observed information, which differs by up to a few per cent.

    Raises
    ------
    TypeError
        For anything else; the message says what to pass instead.
    DataError
        Where statsmodels broke down, so that its result holds no usable numbers.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> import statsmodels.formula.api as smf
    >>> truth = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(truth, n_groups=40, group_size=25, seed=1)
    >>> hlm.as_fit(smf.mixedlm("y ~ 1", data, groups="group").fit()).source
    'statsmodels'
    """
    if isinstance(model, Fit):
        return model
    result = getattr(model, "_results", model)
    kind = type(result).__name__
    if kind == "MixedLMResults":
        return _from_mixedlm(result)
    raise TypeError(_explain(model, kind))


def _explain(model: object, kind: str) -> str:
    if kind == "MixedLM":
        return "This model is not fitted yet: add .fit() to smf.mixedlm(...)."
    if kind in ("OLSResults", "RegressionResults"):
        return (
            "This is an ordinary regression, which has no groups. Fit the multilevel model with "
            "smf.mixedlm(..., groups=...).fit() or hlm.lmer('... + (1 | group)', data)."
        )
    if kind in ("WeightedFit", "Pooled"):
        made = "hlm.weighted" if kind == "WeightedFit" else "hlm.pool"
        return (
            f"This is what {made} returned, which is not one plain fit: print it, or take its "
            ".fixed, .random, .icc, .sigma_u and .sigma_e."
        )
    return (
        f"A fitted multilevel model is needed here, from smf.mixedlm(...).fit() or hlm.lmer(...); "
        f"got {type(model).__name__}."
    )


def _from_mixedlm(result: object) -> Fit:
    model = result.model
    if model.k_vc:
        raise TypeError(
            "This model has variance components (vc_formula), that is crossed or deeper groups. "
            "hlmteach reads models with one grouping factor."
        )
    design = _mixedlm_design(model)
    k = model.k_re
    cov = np.asarray(result.cov_re, dtype=float).reshape(k, k)
    D = cov / result.scale
    # A covariance off the cone by rounding would be refused by the engine.
    value, vector = np.linalg.eigh((D + D.T) / 2)
    D = (vector * np.maximum(value, 0.0)) @ vector.T
    reml = result.method == "REML"
    fit = Fit(design, solve(design, reml, D), reml, bool(result.converged), "statsmodels")
    if not fit.dropped_columns and _other_fixed_effects(fit, result):
        raise _not_ordinary(result)
    return fit


def _other_fixed_effects(fit: Fit, result: object) -> bool:
    """Given the variances, the fixed effects follow. Does the result hold others?"""
    by_name = dict(zip(result.model.exog_names, np.asarray(result.fe_params, float), strict=True))
    constant = by_name.get("Intercept", by_name.get("const", 0.0))
    gap = [fit.beta[n] - by_name.get(n, constant) for n in fit.names]
    return not np.abs(gap / fit.se).max() <= 1e-2


def _not_ordinary(result: object) -> Exception:
    if not np.isfinite(result.llf):
        return DataError(
            f"statsmodels broke down here: the log-likelihood of its result is {result.llf:g}, "
            "whatever its converged says, so no number in it can be used. Fit again without "
            "method=, or with hlm.lmer."
        )
    if getattr(result, "freepat", "none") is None:  # an ordinary fit, after all
        return DataError(
            "statsmodels lost its digits here: the fixed effects of its result are not those that "
            "follow from its variances. Are the predictors on very different scales? Rescale "
            "them, or fit with hlm.lmer."
        )
    return TypeError(
        "The fixed effects of this model were shrunken or held fixed (fit_regularized, or "
        "free=). hlmteach reads ordinary fits: use .fit()."
    )


def _mixedlm_design(model: object) -> Design:
    exog = np.asarray(model.exog, dtype=float)
    names = list(model.exog_names)
    # The engine wants the constant column first; statsmodels may hold it anywhere.
    ones = [k for k in range(len(names)) if (exog[:, k] == 1).all()][:1]
    order = ones + [k for k in range(len(names)) if k not in ones]
    random = np.asarray(model.exog_re, dtype=float)
    constant = [bool((column == 1).all()) for column in random.T]
    labels = list(model.data.exog_re_names)
    random_names = ["Intercept" if c else n for c, n in zip(constant, labels, strict=True)]
    codes, groups = pd.factorize(np.asarray(model.groups))
    index = _row_labels(model)
    group = _group_name(model, [n for c, n in zip(constant, labels, strict=True) if c], index)
    terms = " + ".join("1" if name == "Intercept" else name for name in random_names)
    terms = terms if "Intercept" in random_names else "0 + " + terms
    fixed = getattr(model, "formula", None) or f"{model.endog_names} ~ {' + '.join(names)}"
    return Design(
        y=np.asarray(model.endog, dtype=float),
        columns=[None if k in ones else np.ascontiguousarray(exog[:, k]) for k in order],
        names=["Intercept" if k in ones else names[k] for k in order],
        codes=codes,
        groups=np.asarray(groups),
        random=[
            None if c else np.ascontiguousarray(column)
            for c, column in zip(constant, random.T, strict=True)
        ],
        random_names=random_names,
        blocks=[list(range(len(random_names)))],
        response=str(model.endog_names),
        group_name=group,
        text=f"{fixed} + ({terms} | {group})",
        index=index,
        rebuild=_rebuild(model, order, ones),
        frame=getattr(model.data, "frame", None),
    )


def _group_name(model: object, intercepts: list[str], index: pd.Index) -> str:
    """The grouping column's name, which statsmodels keeps only where it was given as text."""
    unnamed = r"Group( Var)?|Intercept|const|x_re\d+"  # what statsmodels calls a column itself
    if intercepts and not re.fullmatch(unnamed, str(intercepts[0])):
        return str(intercepts[0])
    frame = getattr(model.data, "frame", None)
    values = np.asarray(model.groups)
    if frame is not None and frame.index.is_unique and index.isin(frame.index).all():
        for name in frame.columns:
            if (frame.loc[index, name].to_numpy() == values).all():
                return str(name)
    return getattr(model.groups, "name", None) or "group"


def _row_labels(model: object) -> pd.Index:
    labels = getattr(model.data, "row_labels", None)
    return pd.RangeIndex(len(model.endog)) if labels is None else pd.Index(labels)


def _rebuild(model: object, order: list[int], ones: list[int]):
    spec = getattr(model.data, "model_spec", None) or getattr(model.data, "design_info", None)
    if spec is None:
        return None

    def rebuild(data: pd.DataFrame) -> list[np.ndarray | None]:
        try:
            matrix = _matrix(spec, data)
        except Exception as error:  # whatever the formula library says about the learner's table
            cause = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise DataError(
                f"The predictors of '{model.formula}' cannot be worked out from this table: "
                f"{cause.rstrip('.')}. It needs the columns that the formula names, with the "
                f"same kinds of values; it has: {', '.join(map(str, data.columns))}."
            ) from error
        return [None if k in ones else matrix[:, k] for k in order]

    return rebuild


def _matrix(spec: object, data: pd.DataFrame) -> np.ndarray:
    if hasattr(spec, "get_model_matrix"):
        return np.asarray(spec.get_model_matrix(data, na_action="ignore"), dtype=float)
    import patsy

    return np.asarray(patsy.dmatrix(spec, data, NA_action=patsy.NAAction(NA_types=[])), dtype=float)
