"""From a design to the numbers of a fit: choose the engine, solve, return to the data's units."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..design import DataError, Design
from . import intercept, search, slopes
from .basis import Basis, make_basis
from .profile import Pieces, criterion, differentiate, estimates, optimum, variance_information

# lme4's tolerance on a relative standard deviation, in `isSingular`.
SINGULAR = 1e-4


@dataclass(frozen=True)
class Solution:
    """Estimates in the data's units. p kept coefficients, q random effects, J groups.

    Attributes
    ----------
    beta, cov : (p,), (p, p) fixed effects and their covariance given the variance parameters
    kept : positions of the columns of X that were kept
    s2 : error variance
    D : (q, q) covariance of the random effects relative to `s2`
    inner : the same in the engine's own columns, where it keeps its digits
    theta : free elements of D's Cholesky factor, in lme4's order
    criterion : REML criterion or deviance, as lme4 prints it
    singular : is a random effect's standard deviation zero, or a correlation one?
    converged : did the search end by itself at the lowest criterion?
    """

    beta: np.ndarray
    cov: np.ndarray
    kept: list[int]
    s2: float
    D: np.ndarray
    inner: "float | np.ndarray"
    theta: np.ndarray
    criterion: float
    singular: bool
    converged: bool
    basis: Basis
    model: "_Intercept | _Slopes"
    df: int
    reml: bool

    @cached_property
    def group_effects(self) -> tuple[np.ndarray, np.ndarray]:
        """(J, q) predicted group effects and (J, q, q) their conditional covariances."""
        pieces = self.model.pieces(self.inner)
        _, g, _ = estimates(pieces.G)
        u, v = self.model.effects(g, self.inner)
        back = self.model.back
        return u @ back.T * self.basis.scale, back @ v @ back.T * self.s2

    @cached_property
    def gradient(self) -> float:
        """Largest slope of the criterion in theta (of scaled columns) at the solution."""
        return self.model.gradient(self.inner, self.df, self.reml)

    @cached_property
    def satterthwaite(self) -> tuple[np.ndarray, np.ndarray]:
        """(cov, grads) of `variance_information`, the gradients in the data's units of beta.

        `cov` belongs to the elements of D and the error variance in engine units; the degrees of
        freedom that follow do not depend on units.
        """
        pieces = self.model.pieces(self.inner)
        cov, grads = variance_information(pieces, self.df, self.reml)
        T = self.basis.scale * self.basis.T
        return cov, T @ grads @ T.T

    def criterion_at(self, D: np.ndarray) -> float:
        """The criterion at another relative covariance of the random effects."""
        pieces = self.model.pieces(self.model.inward(np.atleast_2d(D)))
        return float(criterion(pieces, self.df, self.reml)) + self.offset

    @property
    def offset(self) -> float:
        return _offset(self.basis, self.df, self.reml)


def solve(design: Design, reml: bool = True, D: np.ndarray | None = None) -> Solution:
    """Fit a design by REML or ML, or evaluate it at a given D.

    Parameters
    ----------
    design : from `hlmteach.design.build`
    reml : REML if True, ML if False
    D : (q, q) relative covariance of the random effects to evaluate at; None looks for the optimum

    Raises
    ------
    DataError
        If nothing is left to estimate the error variance from.
    """
    E, basis = make_basis(design.columns, design.y)
    p = len(basis.kept)
    df = design.n - p if reml else design.n
    random_intercept = len(design.random) == 1 and design.random[0] is None
    model = (_Intercept if random_intercept else _Slopes).reduce(E, basis, design)
    try:
        # Where nothing is left of y, logarithms and ratios of nothing arise; it is refused below.
        with np.errstate(divide="ignore", invalid="ignore"):
            inner, converged = (
                (model.inward(D), True) if D is not None else model.optimise(df, reml)
            )
            pieces = model.pieces(inner, derivatives=False)
            height, Gi, g, r2 = optimum(pieces, df, reml)
    except np.linalg.LinAlgError as error:
        raise _no_error_left(design) from error
    s2 = r2 / df
    if not s2 > 1e-20 or model.runs_away(inner, df, reml):
        raise _no_error_left(design)
    if s2 < 1e-6 and _explained(model.s.W, design.n - model.rank):
        raise _no_error_left(design)
    theta = model.theta(inner)
    return Solution(
        beta=basis.beta(g),
        cov=basis.cov(Gi, s2),
        kept=basis.kept,
        s2=s2 * basis.scale**2,
        D=model.outward(inner),
        inner=inner,
        theta=theta,
        criterion=height + _offset(basis, df, reml),
        singular=model.smallest(inner) < SINGULAR,
        converged=converged,
        basis=basis,
        model=model,
        df=df,
        reml=reml,
    )


def _offset(basis: Basis, df: int, reml: bool) -> float:
    return df * 2 * math.log(basis.scale) + (basis.log_det if reml else 0.0)


def _explained(W: np.ndarray, df: int) -> bool:
    """Do the groups' own lines and X give y to the last digit? Then the criterion has no minimum.

    W (P, P) is what no group's own line fits, df its degrees of freedom.
    """
    p = len(W) - 1
    slope, _, rank, _ = np.linalg.lstsq(W[:p, :p], W[:p, p], rcond=1e-12) if p else ([], 0, 0, 0)
    rest = W[p, p] - np.dot(slope, W[:p, p])
    return df > rank and rest <= max(1e-15 * df, 1e-13 * W[p, p])


def _no_error_left(design: Design) -> DataError:
    return DataError(
        f"'{design.response}' has no variance left within groups once the predictors are taken "
        f"into account. Is it a property of '{design.group_name}', or a copy of a predictor?"
    )


def _not_apart(names: list[str], k: int) -> DataError:
    if k == 0:
        return DataError(f"The random slope '{names[0]}' is zero in every row. Take it out.")
    others = " and ".join(f"'{name}'" for name in names[:k])
    return DataError(
        f"The random slope '{names[k]}' is constant or determined by {others}, so their variances "
        "cannot be told apart. Take it out."
    )


@dataclass(frozen=True)
class _Intercept:
    """The random intercept engine behind the common face; its inner parameter is t, (1, 1) D."""

    s: intercept.Statistics

    back = np.eye(1)

    @property
    def rank(self) -> int:
        """How many columns of Z, all groups together, are linearly independent."""
        return self.s.J

    @classmethod
    def reduce(cls, E: np.ndarray, basis: Basis, design: Design) -> "_Intercept":
        groups = design.codes, design.sizes
        return cls(intercept.statistics(E, basis.gram, *groups, basis.intercept))

    def optimise(self, df: int, reml: bool) -> tuple[float, bool]:
        return intercept.optimise(self.s, df, reml), True

    def pieces(self, t: float, derivatives: bool = True) -> Pieces:
        return intercept.pieces(self.s, np.float64(t), derivatives)

    def inward(self, D: np.ndarray) -> float:
        return float(D[0, 0])

    def outward(self, t: float) -> np.ndarray:
        return np.array([[t]])

    def theta(self, t: float) -> np.ndarray:
        return np.array([math.sqrt(t)])

    def smallest(self, t: float) -> float:
        """The least relative SD, given those before it."""
        return math.sqrt(t)

    def runs_away(self, t: float, df: int, reml: bool) -> bool:
        return intercept.runs_away(self.s, t)

    def gradient(self, t: float, df: int, reml: bool) -> float:
        slope = differentiate(self.pieces(t), df, reml).slope[0]
        return float(max(-slope, 0.0) if t == 0 else abs(2 * np.sqrt(t) * slope))

    def effects(self, g: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
        u, v = intercept.group_effects(self.s, g, t)
        return u[:, None], v[:, None, None]


@dataclass(frozen=True)
class _Slopes:
    """The random slopes engine behind the common face; inner parameter: D of Z times `back`."""

    s: slopes.Statistics
    back: np.ndarray

    @classmethod
    def reduce(cls, E: np.ndarray, basis: Basis, design: Design) -> "_Slopes":
        try:
            s, back = slopes.statistics(
                E, design.exog_random, design.codes, design.sizes, design.blocks
            )
        except slopes.DependentColumn as error:
            raise _not_apart(design.random_names, error.position) from error
        return cls(s, back)

    @property
    def rank(self) -> int:
        """How many columns of Z, all groups together, are linearly independent."""
        return int(np.linalg.matrix_rank(self.s.R).sum())

    def optimise(self, df: int, reml: bool) -> tuple[np.ndarray, bool]:
        theta, converged = search.optimise(self.s, df, reml)
        L = slopes.lower(theta, self.s.pattern, self.s.q)
        return L @ L.T, converged

    def pieces(self, D: np.ndarray, derivatives: bool = True) -> Pieces:
        return slopes.pieces(self.s, D, derivatives)

    def inward(self, D: np.ndarray) -> np.ndarray:
        there = np.linalg.inv(self.back)
        return there @ D @ there.T

    def outward(self, D: np.ndarray) -> np.ndarray:
        return self.back @ D @ self.back.T

    def theta(self, D: np.ndarray) -> np.ndarray:
        L = _cholesky_semidefinite(self.outward(D))
        return np.array([L[at] for at in self.s.pattern])

    def smallest(self, D: np.ndarray) -> float:
        return float(_cholesky_semidefinite(D).diagonal().min())

    def runs_away(self, D: np.ndarray, df: int, reml: bool) -> bool:
        return bool(np.diag(D).max() > 1e15)

    def gradient(self, D: np.ndarray, df: int, reml: bool) -> float:
        L = _cholesky_semidefinite(D)
        theta = np.array([L[at] for at in self.s.pattern])
        return float(np.abs(search.derivatives(self.s, theta, df, reml)[1]).max())

    def effects(self, g: np.ndarray, D: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return slopes.group_effects(self.s, g, D)


def _cholesky_semidefinite(D: np.ndarray) -> np.ndarray:
    """Lower triangular L with D = L L'; a column of zeros where D has no new direction."""
    q = len(D)
    L = np.zeros((q, q))
    for j in range(q):
        rest = D[j, j] - L[j, :j] @ L[j, :j]
        if rest > 1e-14 * D[j, j]:
            L[j, j] = np.sqrt(rest)
            L[j + 1 :, j] = (D[j + 1 :, j] - L[j + 1 :, :j] @ L[j, :j]) / L[j, j]
    return L
