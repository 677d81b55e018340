"""Profile likelihood: how far a parameter can move before the data object.

Legend
    N, q    rows, random effects;  p fixed coefficients
    D       (q, q)  covariance of the random effects relative to the error variance s2
    S       (q, q)  s2 D, their covariance
    L       (q, q)  S = U L L' U with U = diag(unit), which puts L on the scale of y; free in part,
            L = L0 + sum eta_b K_b (see engine/surface.py)
One parameter is held at a value, all others are free and the deviance (-2 log-likelihood, by ML)
is minimised: that is the profile. Its rise above the minimum is compared with chi2(1), as lme4's
`confint(method = "profile")` does, which interpolates between some twenty points of it.
Source: Bates et al. (2015), J. Stat. Softw. 67(1), section 5.1; Pinheiro & Bates (2000), 2.4.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from scipy import optimize, stats

from .design import Design
from .engine import intercept
from .engine.profile import criterion
from .engine.solution import Solution, solve
from .engine.surface import Part, lowest

_FLOOR = 0.02  # smallest start of an SD, in units of y
_MAX_STEPS = 60


@dataclass(frozen=True)
class Parameter:
    """One parameter to profile: its estimate, a first step, its bounds and its deviance."""

    name: str
    estimate: float
    step: float
    low: float
    high: float
    deviance: Callable[[float], float]


def profile_limits(design: Design, level: float) -> Iterator[tuple[str, float, float]]:
    """(name, lower, upper) of each parameter, by ML, variance parameters first."""
    profile = Profile(design, solve(design, reml=False))
    rise = float(np.sqrt(stats.chi2.ppf(level, 1)))
    for parameter in profile.parameters():
        yield (
            parameter.name,
            _limit(parameter, profile.solution.criterion, rise, -1),
            _limit(parameter, profile.solution.criterion, rise, +1),
        )


def _limit(par: Parameter, lowest: float, rise: float, side: int) -> float:
    """Where the root of the deviance's rise reaches `rise`; the bound where it never does."""

    @cache  # brentq asks again for the ends of its bracket
    def excess(value: float) -> float:
        return float(np.sqrt(max(par.deviance(value) - lowest, 0.0))) - rise

    bound = par.low if side < 0 else par.high
    near, step = par.estimate, par.step
    for _ in range(_MAX_STEPS):
        far = max(near - step, bound) if side < 0 else min(near + step, bound)
        if excess(far) > 0:
            tolerance = 1e-7 * max(abs(far - par.estimate), 1e-300)
            return float(optimize.brentq(excess, near, far, xtol=tolerance, rtol=1e-12))
        if far == bound:
            return bound
        near, step = far, 1.5 * step
    return bound


def names(design: Design) -> list[str]:
    """Names of the variance parameters, in the order of lme4's .sig01, .sig02, ..., .sigma."""
    label = design.random_names
    out = []
    for i, j in _pattern(design):
        if i != j:
            out.append(f"corr[{label[j]}, {label[i]}]")
        else:
            out.append("sigma_u" if label[i] == "Intercept" else f"sigma_u[{label[i]}]")
    return [*out, "sigma_e"]


def variance_parameters(design: Design, S: np.ndarray, s2: float) -> np.ndarray:
    """SDs, correlations and sigma_e, in the order of `names`, from the covariance S (q, q).

    A correlation with an effect that does not vary is NaN.
    """
    sd = np.sqrt(np.diag(S))
    with np.errstate(invalid="ignore", divide="ignore"):
        corr = S / sd / sd[:, None]
    out = [sd[i] if i == j else corr[i, j] for i, j in _pattern(design)]
    return np.array([*out, np.sqrt(s2)])


def _pattern(design: Design) -> list[tuple[int, int]]:
    return [(i, j) for block in design.blocks for j in block for i in block if i >= j]


@dataclass(frozen=True)
class Profile:
    """The ML deviance of one design as a function of any parameter."""

    design: Design
    solution: Solution

    def parameters(self) -> Iterator[Parameter]:
        named = iter(names(self.design))
        for i, j in _pattern(self.design):
            yield self._sd(next(named), i) if i == j else self._corr(next(named), j, i)
        yield self._sigma_e(next(named))
        for k, position in enumerate(self.solution.kept):
            yield self._coefficient(self.design.names[position], k)

    # ------------------------------------------------------------ coefficients

    def _coefficient(self, name: str, k: int) -> Parameter:
        se = float(np.sqrt(self.solution.cov[k, k]))
        at = float(self.solution.beta[k])
        order = list(range(len(self._S)))
        moves = [_at(place, len(order)) for place in self._places(order)]
        walk = _Walk(self, order, moves)

        def deviance(value: float) -> float:
            held = self._held(k, value - at)
            if isinstance(held.s, intercept.Statistics):  # quick, and safe where optima are two
                pieces = held.pieces(held.optimise(self.design.n, False)[0])
                height = float(criterion(pieces, self.design.n, False))
                return height + self.solution.offset
            return walk.to(moves=moves, solution=replace(self.solution, model=held))

        return Parameter(name, at, 2 * se, -np.inf, np.inf, deviance)

    def _held(self, k: int, away: float) -> object:
        """The engine with a coefficient held `away` from its estimate: one column less and another
        outcome.

        In engine units c'g = v holds, with c the k-th row of T. So g = a v + M h, with M a basis
        of what c does not see: the columns become X M and the outcome y - X a v.
        """
        basis, model = self.solution.basis, self.solution.model
        c = basis.T[k]
        g = np.linalg.solve(basis.T, (self.solution.beta - basis.shift) / basis.scale)
        g = g + c * (away / basis.scale / (c @ c))
        free = np.linalg.svd(c[None])[2][1:].T
        turn = np.zeros((len(c) + 1, len(c)))
        turn[:-1, :-1], turn[:-1, -1], turn[-1, -1] = free, -g, 1.0
        return replace(model, s=_turned(model.s, turn))

    # ------------------------------------------------------------ variance parameters

    def _sd(self, name: str, i: int) -> Parameter:
        order = self._first(i)
        free = [place for place in self._places(order) if place != (0, 0)]
        moves = [_at(place, len(order)) for place in free]
        walk = _Walk(self, order, moves)
        unit, at = self._unit[i], float(np.sqrt(self._S[i, i]))

        def deviance(value: float) -> float:
            return walk.to(L0=_at((0, 0), len(order)) * (value / unit), moves=moves)

        share = min(0.3, 2 / np.sqrt(2 * self.design.n_groups))  # two standard errors of log SD
        return Parameter(name, at, max(share * at, 0.05 * unit), 0.0, np.inf, deviance)

    def _corr(self, name: str, i: int, k: int) -> Parameter:
        order = self._first(i, k)
        held = {(0, 0), (1, 0), (1, 1)}
        first = _at((0, 0), len(order))
        rest = [_at(place, len(order)) for place in self._places(order) if place not in held]

        def moves(value: float) -> list[np.ndarray]:
            second = np.zeros_like(first)
            second[1, 0], second[1, 1] = value, np.sqrt(1 - value**2)
            return [first, second, *rest]

        walk = _Walk(self, order, moves(0.0), positive=2)
        sd = np.sqrt(np.diag(self._S))
        at = float(self._S[i, k] / sd[i] / sd[k]) if sd[i] > 0 and sd[k] > 0 else 0.0
        at = float(np.clip(at, -1, 1))
        return Parameter(name, at, 0.3, -1.0, 1.0, lambda value: walk.to(moves=moves(value)))

    def _sigma_e(self, name: str) -> Parameter:
        order = list(range(len(self._S)))
        moves = [_at(place, len(order)) for place in self._places(order)]
        walk = _Walk(self, order, moves, free_s2=False)
        scale, at = self.solution.basis.scale, float(np.sqrt(self.solution.s2))

        def deviance(value: float) -> float:
            return walk.to(moves=moves, ls=float(2 * np.log(value / scale)))

        return Parameter(name, at, 2 * at / np.sqrt(2 * self.design.n), 1e-8 * at, np.inf, deviance)

    @cached_property
    def _S(self) -> np.ndarray:
        return self.solution.D * self.solution.s2

    @cached_property
    def _unit(self) -> np.ndarray:
        """SD of each random effect that would move y by its own scale."""
        return self.solution.basis.scale / np.sqrt((self.design.exog_random**2).mean(axis=0))

    @cached_property
    def into(self) -> np.ndarray:
        """(q, q) from L's units to the engine's."""
        return np.linalg.inv(self.solution.model.back) * self._unit / self.solution.basis.scale

    def _first(self, *at: int) -> list[int]:
        return [*at, *(k for k in range(len(self._S)) if k not in at)]

    def _places(self, order: list[int]) -> list[tuple[int, int]]:
        """Free places of L when the random effects stand in another order."""
        of = {k: n for n, block in enumerate(self.design.blocks) for k in block}
        q = len(order)
        return [(r, c) for c in range(q) for r in range(c, q) if of[order[r]] == of[order[c]]]

    def starts(self, order: list[int], K: np.ndarray, free_s2: bool) -> list[np.ndarray]:
        """Free numbers at the ML estimate, and at middling SDs without correlations."""
        S = (self._S / self._unit / self._unit[:, None])[np.ix_(order, order)]
        roots = (np.linalg.cholesky(S + 1e-3 * np.eye(len(S))), 0.5 * np.eye(len(S)))
        found = [(K * L).sum(axis=(1, 2)) for L in roots]
        ls = np.log(self.solution.s2 / self.solution.basis.scale**2)
        return [np.append(eta, ls) for eta in found] if free_s2 else found


class _Walk:
    """Minimises along one profile; each value starts where the last one ended."""

    def __init__(
        self,
        profile: Profile,
        order: list[int],
        moves: list[np.ndarray],
        *,
        free_s2: bool = True,
        positive: int = 0,
    ) -> None:
        self.solution, self.C, self.positive = profile.solution, profile.into[:, order], positive
        self.q = len(order)
        self.starts = profile.starts(order, self._stack(moves), free_s2)

    def to(
        self,
        *,
        moves: list[np.ndarray],
        L0: np.ndarray | None = None,
        ls: float | None = None,
        solution: Solution | None = None,
    ) -> float:
        """The lowest deviance with `L0` (and log s2) held, or under another `solution`."""
        K = self._stack(moves)
        part = Part(np.zeros((self.q, self.q)) if L0 is None else L0, K, self.C, ls, self.positive)
        found = [lowest(solution or self.solution, part, start) for start in self.starts]
        height, eta = min(found, key=lambda pair: pair[0])
        # An SD of exactly zero has no slope to leave it by.
        away = np.where(np.abs(eta) < _FLOOR, np.copysign(_FLOOR, eta), eta)
        self.starts = [np.append(away[: len(K)], eta[len(K) :])]
        return height

    def _stack(self, moves: list[np.ndarray]) -> np.ndarray:
        return np.array(moves).reshape(len(moves), self.q, self.q)


def _at(place: tuple[int, int], q: int) -> np.ndarray:
    out = np.zeros((q, q))
    out[place] = 1.0
    return out


def _turned(s: object, turn: np.ndarray) -> object:
    """Statistics of the engine columns times `turn` (P, P')."""
    W = turn.T @ s.W @ turn
    if isinstance(s, intercept.Statistics):
        return replace(s, M=s.M @ turn, W=W, B=turn.T @ s.B @ turn)
    return replace(s, W=W, B=s.B @ turn)
