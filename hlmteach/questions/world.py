"""World: a table and a model, with the numbers that mistakes are made of, each computed once."""

from functools import cached_property

import numpy as np
import pandas as pd

from hlmteach.fit import Fit
from hlmteach.formula import parse

from .fits import lmer, remember


class World:
    """What the mistakes of one model need.

    Attributes
    ----------
    data, formula : the table and the model in lme4's notation
    fit, ml : the model by REML and by maximum likelihood
    tau2, sigma2 : variances between and within groups (REML)
    y, codes, sizes : outcome, number of each row's group, rows in each group
    means : raw group means
    msb, msw : mean squares between and within groups
    """

    def __init__(self, data: pd.DataFrame, formula: str) -> None:
        self.data, self.formula = data, formula

    @cached_property
    def fit(self) -> Fit:
        return lmer(self.formula, self.data)

    @cached_property
    def ml(self) -> Fit:
        return lmer(self.formula, self.data, reml=False)

    @cached_property
    def tau2(self) -> float:
        return self.fit.sigma_u**2

    @cached_property
    def sigma2(self) -> float:
        return self.fit.sigma_e**2

    @property
    def y(self) -> np.ndarray:
        return self.fit.design.y

    @property
    def codes(self) -> np.ndarray:
        return self.fit.design.codes

    @property
    def sizes(self) -> np.ndarray:
        return self.fit.design.sizes

    @cached_property
    def means(self) -> np.ndarray:
        return np.bincount(self.codes, self.y) / self.sizes

    @cached_property
    def msb(self) -> float:
        return self.ssb / (self.fit.n_groups - 1)

    @cached_property
    def msw(self) -> float:
        return self.ssw / (self.fit.n - self.fit.n_groups)

    @cached_property
    def ssb(self) -> float:
        return float((self.sizes * (self.means - self.y.mean()) ** 2).sum())

    @cached_property
    def ssw(self) -> float:
        return float(((self.y - self.means[self.codes]) ** 2).sum())

    @property
    def var_y(self) -> float:
        return float(self.y.var(ddof=1))

    @property
    def reliability(self) -> np.ndarray:
        """Reliability of each group's raw mean."""
        return self.tau2 / (self.tau2 + self.sigma2 / self.sizes)

    @property
    def ols(self) -> tuple[pd.Series, pd.Series]:
        """(coefficients, standard errors) of an ordinary regression with the same fixed part."""
        return remember(self.data, ("ols", parse(self.formula).fixed, self.formula), self._ols)

    def _ols(self) -> tuple[pd.Series, pd.Series]:
        X, names = self.fit.design.exog, self.fit.design.names
        inverse = np.linalg.inv(X.T @ X)
        beta = inverse @ X.T @ self.y
        s2 = ((self.y - X @ beta) ** 2).sum() / (len(self.y) - X.shape[1])
        return pd.Series(beta, names), pd.Series(np.sqrt(s2 * np.diag(inverse)), names)


def world(data: pd.DataFrame, formula: str) -> World:
    """The world of a table and a model, remembered for as long as the table is.

    Examples
    --------
    >>> from hlmteach.questions import get
    >>> w = world(get("ch04.icc").data("jo"), "math ~ 1 + (1 | school_id)")
    >>> bool(w.tau2 < w.sigma2)
    True
    """
    return remember(data, ("world", formula), lambda: World(data, formula))
