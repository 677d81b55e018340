"""An ordinary regression as a two-level model whose groups do not vary."""

import re
from dataclasses import dataclass, replace

import numpy as np

from .design import Design
from .engine.solution import Solution, solve
from .fit import Fit


@dataclass(frozen=True, eq=False)
class OrdinaryFit(Fit):
    """A Fit at D = 0: the rows and groups of another model, with no random effect at all."""

    @property
    def n_params(self) -> int:
        return len(self.names) + 1

    @property
    def random_names(self) -> list[str]:
        return []

    def refit(self, *, reml: bool) -> "OrdinaryFit":
        return OrdinaryFit(self.design, _at_zero(self.design, reml), reml, source=self.source)


def _at_zero(design: Design, reml: bool) -> Solution:
    q = len(design.random)
    return solve(design, reml, np.zeros((q, q)))


def _without_groups(formula: str) -> str:
    """The formula without its random terms."""
    left, _, right = re.sub(r"\s*\+?\s*\([^()|]*\|[^()]*\)", "", formula).partition("~")
    return f"{left.strip()} ~ {right.strip() or 1}"


def is_ordinary(model: object) -> bool:
    """Is this a fitted ordinary regression of statsmodels?

    Raises
    ------
    TypeError
        For an ordinary regression with weights or without `.fit()`.
    """
    result = getattr(model, "_results", model)
    kind = type(getattr(result, "model", None)).__name__
    if kind in ("WLS", "GLS", "GLSAR"):
        raise TypeError(
            f"This is a {kind} regression, whose errors have weights; the models here have none. "
            "Fit it with smf.ols."
        )
    if type(model).__name__ == "OLS":
        raise TypeError("This regression is not fitted yet: add .fit() to smf.ols(...).")
    return kind == "OLS"


def ordinary_fit(model: object, other: Fit) -> OrdinaryFit:
    """The criterion of a model without groups, on the footing of one that has them.

    Parameters
    ----------
    model : a statsmodels OLS result, or the text "no groups" for `other` without its groups
    other : the model that lends its groups, and its fixed part where `model` is text

    Raises
    ------
    ValueError
        If the regression has other rows than `other`.
    """
    if isinstance(model, str):
        text = f"{_without_groups(other.formula)} (no groups)"
        design, reml = replace(other.design, text=text), other.reml
        return OrdinaryFit(design, _at_zero(design, reml), reml, source="no groups")
    result = getattr(model, "_results", model)
    y, X = np.asarray(result.model.endog, float), np.asarray(result.model.exog, float)
    if len(y) != other.n:
        from .nesting import different_rows

        raise ValueError(different_rows(len(y), other.n))
    names = list(result.model.exog_names)
    ones = [k for k in range(len(names)) if (X[:, k] == 1).all()][:1]
    order = ones + [k for k in range(len(names)) if k not in ones]
    formula = getattr(result.model, "formula", None) or f"{result.model.endog_names} ~ ..."
    design = replace(
        other.design,
        y=y,
        columns=[None if k in ones else np.ascontiguousarray(X[:, k]) for k in order],
        names=["Intercept" if k in ones else names[k] for k in order],
        text=f"{formula} (ordinary regression)",
        rebuild=None,
        frame=None,
    )
    return OrdinaryFit(design, _at_zero(design, other.reml), other.reml, source="statsmodels")
