"""Params: the truth of a two-level world.

A group j has its own deviation u_j, a member i of it its own error e_ij:

    y_ij = Intercept + Σ beta_k x_kij + u_0j + Σ u_kj x_kij + e_ij
    u_j ~ N(0, cov_u),  e_ij ~ N(0, sigma_e²)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from hlmteach.arguments import known, number

if TYPE_CHECKING:
    import pandas as pd

_PSD_SLACK = 1e-9  # rounding, not slack for wrong correlations


@dataclass(frozen=True, kw_only=True, repr=False)
class Params:
    """The truth of a two-level world, in the letters of the course.

    Parameters
    ----------
    beta : mapping of str to float
        Coefficients by name: ``"Intercept"`` and one for each predictor, in units of the outcome
        per unit of the predictor. ``"escs:stratio"`` is the coefficient of their product.
    sigma_u : float
        SD between groups of the intercepts, in units of the outcome; 0 or more.
    sigma_e : float
        SD within groups, in units of the outcome; above 0.
    slopes : mapping of str to float, optional
        For each predictor whose slope differs between groups, the SD of that slope.
    corr : float or matrix, optional
        With one random slope, its correlation with the intercept. With several, the correlation
        matrix of (Intercept, slopes in their order), shape (1 + slopes, 1 + slopes).

    Attributes
    ----------
    icc : float
        sigma_u² / (sigma_u² + sigma_e²). With random slopes: at predictors equal to 0.
    cov_u : DataFrame
        Covariance of the random effects, in squared units of the outcome.
    predictors : tuple of str
        Names in `beta` without the intercept, products taken apart.

    Raises
    ------
    ValueError
        For a value that cannot exist (negative SD, correlation beyond 1, a slope that `beta` does
        not name, text, NaN, ...). The message names the parameter.

    Examples
    --------
    >>> world = Params(beta={"Intercept": 480, "escs": 30}, sigma_u=40, sigma_e=80)
    >>> world.icc
    0.2
    >>> Params(beta={"Intercept": 480, "escs": 30}, sigma_u=40, sigma_e=80,
    ...        slopes={"escs": 8}, corr=-0.5).cov_u
               Intercept   escs
    Intercept     1600.0 -160.0
    escs          -160.0   64.0

    References
    ----------
    Snijders, T. A. B., & Bosker, R. J. (2012). Multilevel Analysis (2nd ed.), ch. 4 and 5. Sage.
    """

    beta: Mapping[str, float]
    sigma_u: float
    sigma_e: float
    slopes: Mapping[str, float] = field(default_factory=dict)
    corr: Any = None

    def __post_init__(self) -> None:
        keep = object.__setattr__  # the one moment at which a frozen record may be written
        keep(self, "beta", _beta(self.beta))
        keep(self, "sigma_u", _sd("sigma_u", self.sigma_u, "the SD between groups"))
        keep(self, "sigma_e", _sd("sigma_e", self.sigma_e, "the SD within groups"))
        if self.sigma_e == 0:
            raise ValueError(
                "sigma_e is 0: every member of a group would have the same value. "
                "Give the SD within groups, above 0."
            )
        keep(self, "slopes", _slopes(self.slopes, self.predictors))
        keep(self, "corr", _corr(self.corr, list(self.slopes)))

    @classmethod
    def from_icc(
        cls,
        *,
        icc: float,
        sd: float,
        beta: Mapping[str, float],
        slopes: Mapping[str, float] | None = None,
        corr: Any = None,
    ) -> Params:
        """Params from an intraclass correlation and a total SD.

        Parameters
        ----------
        icc : float
            Share of the variance that lies between groups: 0 or more, below 1.
        sd : float
            SD of the outcome around its fixed part, sqrt(sigma_u² + sigma_e²); above 0.
        beta, slopes, corr
            As in `Params`.

        Raises
        ------
        ValueError
            If `icc` lies outside [0, 1) or `sd` is not above 0.

        Examples
        --------
        >>> Params.from_icc(icc=0.2, sd=100, beta={"Intercept": 480}).sigma_u
        44.721359549995796
        """
        icc, sd = number("icc", icc), number("sd", sd)
        if not 0 <= icc < 1:
            raise ValueError(
                f"icc is {icc:g}; a share of variance between groups lies from 0 to below 1 "
                "(19 per cent is icc=0.19)."
            )
        if sd <= 0:
            raise ValueError(f"sd is {sd:g}; the total SD of the outcome must be above 0.")
        sigmas = {"sigma_u": sd * icc**0.5, "sigma_e": sd * (1 - icc) ** 0.5}
        return cls(beta=beta, **sigmas, slopes=slopes or {}, corr=corr)

    @property
    def predictors(self) -> tuple[str, ...]:
        """Names in `beta` without the intercept, products taken apart, in order."""
        factors = chain.from_iterable(term.split(":") for term in self.beta if term != "Intercept")
        return tuple(dict.fromkeys(factors))

    @property
    def icc(self) -> float:
        """Intraclass correlation: the share of variance between groups."""
        between = self.sigma_u**2
        return between / (between + self.sigma_e**2)

    @cached_property
    def corr_u(self) -> np.ndarray:
        """Correlation of (Intercept, slopes), shape (1 + slopes, 1 + slopes)."""
        size = 1 + len(self.slopes)
        if np.ndim(self.corr) == 2:
            return np.array(self.corr)
        matrix = np.eye(size)
        if size == 2:
            matrix[0, 1] = matrix[1, 0] = self.corr
        return matrix

    @property
    def cov_u(self) -> pd.DataFrame:
        """Covariance of the random effects as a labelled table."""
        import pandas as pd

        sds = np.array([self.sigma_u, *self.slopes.values()])
        names = ["Intercept", *self.slopes]
        return pd.DataFrame(self.corr_u * np.outer(sds, sds), index=names, columns=names)

    def __repr__(self) -> str:
        parts = [
            f"beta={dict(self.beta)}",
            f"sigma_u={self.sigma_u}",
            f"sigma_e={self.sigma_e}",
        ]
        if self.slopes:
            parts += [f"slopes={dict(self.slopes)}", f"corr={self.corr}"]
        return f"Params({', '.join(parts)})"

    def __hash__(self) -> int:
        beta, slopes = tuple(self.beta.items()), tuple(self.slopes.items())
        return hash((beta, self.sigma_u, self.sigma_e, slopes, self.corr))

    def __reduce__(self) -> tuple:
        # A mapping proxy cannot be pickled; a parallel run pickles its Params.
        fields = (dict(self.beta), self.sigma_u, self.sigma_e, dict(self.slopes), self.corr)
        return _rebuilt, fields


def _rebuilt(beta: dict, sigma_u: float, sigma_e: float, slopes: dict, corr: Any) -> Params:
    return Params(beta=beta, sigma_u=sigma_u, sigma_e=sigma_e, slopes=slopes, corr=corr)


def _sd(name: str, value: Any, meaning: str) -> float:
    value = number(name, value, meaning)
    if value < 0:
        raise ValueError(f"{name} is {value:g}; {meaning} cannot be negative.")
    return value


def _beta(beta: Any) -> Mapping[str, float]:
    if not hasattr(beta, "items"):
        raise ValueError(
            f"beta is {beta!r}; it must map names to coefficients, "
            'such as {"Intercept": 480, "escs": 30}.'
        )
    checked = {_term(name): number(f"beta[{name!r}]", value) for name, value in beta.items()}
    if "Intercept" not in checked:
        raise ValueError(
            f"beta names {list(checked)} and no 'Intercept'. "
            'Add "Intercept": 0 if the outcome is centred on zero.'
        )
    return MappingProxyType(checked)


def _term(name: Any) -> str:
    """A predictor, or a product such as "escs:stratio"."""
    factors = name.split(":") if isinstance(name, str) else [""]
    if not all(factor.strip() == factor != "" for factor in factors):
        raise ValueError(
            f"beta names {name!r}; a name is a predictor such as 'escs', "
            "or a product of two such as 'escs:stratio'."
        )
    if len(set(factors)) < len(factors):
        raise ValueError(f"beta names {name!r}; a product needs different predictors.")
    if len(factors) > 1 and "Intercept" in factors:
        raise ValueError(f"beta names {name!r}; the intercept cannot be part of a product.")
    return name


def _slopes(slopes: Any, predictors: tuple[str, ...]) -> Mapping[str, float]:
    if not hasattr(slopes, "items"):
        raise ValueError(
            f'slopes is {slopes!r}; it must map predictors to SDs, such as {{"escs": 8}}.'
        )
    hint = " Add it to beta; 0 is a fine average slope."
    return MappingProxyType(
        {
            known("slopes", name, predictors, hint): _sd(
                f"slopes[{name!r}]", sd, "the SD of a slope between groups"
            )
            for name, sd in slopes.items()
        }
    )


def _corr(corr: Any, slopes: list[str]) -> Any:
    """A float for at most one slope, a tuple of rows for several."""
    if corr is None or (not slopes and np.ndim(corr) == 0 and corr == 0):
        return 0.0
    if not slopes:
        raise ValueError(
            f"corr is {corr!r}, but no slope is random: there is nothing to correlate the "
            'intercept with. Give slopes too, such as slopes={"escs": 8}.'
        )
    if np.ndim(corr) == 2:
        return _corr_matrix(corr, slopes)
    value = number("corr", corr, "the correlation of intercept and slope")
    if abs(value) > 1:
        raise ValueError(f"corr is {value:g}; a correlation lies from -1 to 1.")
    if len(slopes) > 1 and value != 0:
        raise ValueError(
            f"corr is {value:g}, but {len(slopes)} slopes are random ({', '.join(slopes)}). "
            "Give the correlation matrix of (Intercept, slopes)."
        )
    return value


def _corr_matrix(corr: Any, slopes: list[str]) -> tuple[tuple[float, ...], ...]:
    rows = tuple(tuple(number("corr", value) for value in row) for row in np.asarray(corr).tolist())
    matrix, size = np.array(rows), 1 + len(slopes)
    if matrix.shape != (size, size):
        raise ValueError(
            f"corr has shape {matrix.shape}; for (Intercept, {', '.join(slopes)}) "
            f"it must have shape ({size}, {size})."
        )
    if not np.array_equal(matrix, matrix.T) or not np.all(np.diag(matrix) == 1):
        raise ValueError("corr must be symmetric with 1 on its diagonal.")
    if np.abs(matrix).max() > 1:
        raise ValueError(
            f"corr holds {np.abs(matrix).max():g} in size; a correlation lies from -1 to 1."
        )
    if np.linalg.eigvalsh(matrix)[0] < -_PSD_SLACK:
        raise ValueError(
            "corr is not positive definite: no variables can have these correlations at once. "
            "Make some of them smaller."
        )
    return rows
