"""The optimum of the REML and ML criterion to 30 digits, from the dense covariance matrix.

Run ``python tests/reference/exact.py [case ...]``; it writes ``exact/CASE.json``. lme4 loses digits
where columns carry large offsets, and its optimisers stop early; here nothing clever is done. With
60-digit decimals, each group's rows have the covariance matrix

    sigma_e^2 V,   V = I + Z S Z',   S = Lambda Lambda' = Cov(u) / sigma_e^2,

V is factored as it stands, beta and sigma_e are profiled out, and Newton's method with central
differences finds the optimum in Lambda. No code is shared with hlmteach. The criterion is that of
Bates, Maechler, Bolker & Walker (2015, J. Stat. Softw. 67(1), section 3), which the dense matrix
gives as

    log|V| + log|X' V^-1 X| + (n - p) (1 + log(2 pi r^2 / (n - p)))

with r^2 the generalised residual sum of squares (REML; ML has n for n - p, and no second term).
"""

import json
import sys
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from exact_problem import HERE, Problem, decimals, load
from scipy.optimize import minimize

PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")
STEP = Decimal("1e-15")  # of the central differences; their error is about its square


# ---- linear algebra on decimals -----------------------------------------------------------------


def eliminate(stack: np.ndarray, size: int) -> np.ndarray:
    """Cholesky of the first ``size`` rows of ``stack``; rows below become (L^-1 M)' from M'."""
    out = stack.copy()
    for j in range(size):
        pivot = out[j, j].sqrt()
        out[j:, j] = out[j:, j] / pivot
        out[j + 1 :, j + 1 : size] -= out[j + 1 :, j, None] * out[j + 1 : size, j]
    return out


def cholesky(matrix: np.ndarray) -> np.ndarray:
    """Lower factor; a pivot that is zero to 25 digits gives a column of zeros."""
    size = len(matrix)
    rest, out = matrix.copy(), decimals([0] * size * size).reshape(size, size)
    for j in range(size):
        if rest[j, j] > matrix[j, j] * Decimal("1e-25"):
            out[j:, j] = rest[j:, j] / rest[j, j].sqrt()
            rest = rest - out[:, j, None] * out[None, :, j]
    return out


def solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """``inv(matrix) @ right`` by Gauss-Jordan with row exchanges."""
    size = len(matrix)
    work = np.column_stack([matrix, right])
    for j in range(size):
        best = j + max(range(size - j), key=lambda i: abs(work[j + i, j]))
        work[[j, best]] = work[[best, j]]
        work[j] = work[j] / work[j, j]
        for i in range(size):
            if i != j:
                work[i] = work[i] - work[i, j] * work[j]
    return work[:, size:]


def identity(size: int) -> np.ndarray:
    return decimals(np.eye(size, dtype=int).ravel().tolist()).reshape(size, size)


# ---- the criterion ------------------------------------------------------------------------------


def relative_factor(problem: Problem, theta: np.ndarray) -> np.ndarray:
    q = len(problem.effects)
    factor = decimals([0] * q * q).reshape(q, q)
    for position, value in zip(problem.free, theta, strict=True):
        factor[position] = value
    return factor


def pieces(problem: Problem, theta: np.ndarray) -> tuple[Decimal, np.ndarray]:
    """log|V| and [X y]' V^-1 [X y] at ``theta``."""
    factor = relative_factor(problem, theta)
    log_det, total = Decimal(0), 0
    for x, y, z in problem.blocks:
        zl = z @ factor
        v = identity(len(y)) + zl @ zl.T
        out = eliminate(np.vstack([v, x.T, y[None, :]]), len(y))
        log_det += 2 * np.prod(np.diag(out[: len(y)])).ln()
        white = out[len(y) :]
        total = total + white @ white.T
    return log_det, total


@dataclass(frozen=True)
class Point:
    """Everything of interest at one theta."""

    log_det: Decimal  # log|V|, plus log|X'V^-1X| for REML
    rss: Decimal  # generalised residual sum of squares
    xx: np.ndarray  # X' V^-1 X, shape (p, p)
    xy: np.ndarray  # X' V^-1 y, shape (p,)
    df: int  # n - p for REML, n for ML

    @property
    def criterion(self) -> Decimal:
        return self.log_det + self.df * (1 + (2 * PI * self.rss / self.df).ln())

    def deviance(self, sigma: Decimal) -> Decimal:
        """The criterion where sigma_e is not profiled out."""
        return self.log_det + self.df * (2 * PI * sigma**2).ln() + self.rss / sigma**2


def point(problem: Problem, theta: np.ndarray) -> Point:
    log_det, total = pieces(problem, theta)
    p = len(problem.names)
    root = eliminate(total, p + 1)
    if problem.reml:
        log_det += 2 * sum(root[i, i].ln() for i in range(p))
    df = problem.n - (p if problem.reml else 0)
    return Point(log_det, root[p, p] ** 2, total[:p, :p], total[:p, p], df)


# ---- derivatives and the optimum ----------------------------------------------------------------


def gradient(f, at: np.ndarray) -> np.ndarray:
    """Central differences of a function of a vector; ``f`` may return arrays."""
    steps = identity(len(at)) * STEP
    return np.array([(f(at + s) - f(at - s)) / (2 * STEP) for s in steps], dtype=object)


def hessian(f, at: np.ndarray) -> np.ndarray:
    k, middle, steps = len(at), f(at), identity(len(at)) * STEP
    out = identity(k)
    for i in range(k):
        out[i, i] = (f(at + steps[i]) - 2 * middle + f(at - steps[i])) / STEP**2
        for j in range(i):
            a, b = steps[i], steps[j]
            cross = f(at + a + b) - f(at + a - b) - f(at - a + b) + f(at - a - b)
            out[i, j] = out[j, i] = cross / (4 * STEP**2)
    return out


def newton(f, at: np.ndarray, steps: int = 12) -> np.ndarray:
    """Polish a point near an optimum until the gradient has 30 zeros."""
    for _ in range(steps):
        g = gradient(f, at)
        if max(abs(g)) < Decimal("1e-25"):
            break
        step = solve(hessian(f, at), g[:, None])[:, 0]
        while f(at - step) > f(at) + Decimal("1e-25"):
            step = step / 2
        at = at - step
    return at


def rough(problem: Problem, start: np.ndarray) -> np.ndarray:
    """A bounded quasi-Newton search in doubles, on the criterion in decimals."""
    bounds = [(0, None) if i == j else (None, None) for i, j in problem.free]
    found = minimize(
        lambda t: float(point(problem, decimals(t.tolist())).criterion),
        start,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": 1e-15, "gtol": 1e-7},
    )
    return found.x


def polish(problem: Problem, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The optimum near ``start`` and which entries of theta are free (not on the boundary).

    A diagonal entry on its bound takes its column with it: the criterion is even in what is left.
    """
    zero = [j for (i, j), t in zip(problem.free, start, strict=True) if i == j and t < 3e-4]
    theta = decimals(start.tolist())
    inside = np.array([j not in zero for _, j in problem.free])
    theta[~inside] = Decimal(0)

    def f(free: np.ndarray) -> Decimal:
        full = theta.copy()
        full[inside] = free
        return point(problem, full).criterion

    if inside.any():
        theta[inside] = newton(f, theta[inside])
    return theta, inside


def starts(problem: Problem) -> list[np.ndarray]:
    scales = [0.1, 1.0] if len(problem.free) > 1 else [0.0, 0.3, 1.0, 3.0]
    return [np.array([s * (i == j) for i, j in problem.free], dtype=float) for s in scales]


def optimum(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """The best of the optima reached from several starts."""
    found = [polish(problem, rough(problem, start)) for start in starts(problem)]
    theta, inside = min(found, key=lambda pair: point(problem, pair[0]).criterion)
    confirm(problem, theta, inside)
    return theta, inside


def confirm(problem: Problem, theta: np.ndarray, inside: np.ndarray) -> None:
    """Stop where a variance set to zero would rather be positive."""
    best = point(problem, theta).criterion
    for k, (i, j) in enumerate(problem.free):
        if i == j and not inside[k]:
            freed = theta.copy()
            freed[k] = Decimal("1e-6")
            if point(problem, freed).criterion < best:
                raise ArithmeticError(f"theta[{k}] was put on its bound too early")


# ---- the record ---------------------------------------------------------------------------------


def satterthwaite(problem: Problem, theta: np.ndarray, inside: np.ndarray) -> list[float]:
    """df = 2 v^2 / (g' A g), A = 2 inv(Hessian of the deviance in (theta, sigma_e)).

    Kuznetsova, Brockhoff & Christensen (2017), section 2; entries of theta on the boundary do not
    take part, because the criterion and the variances are even in them.
    """
    here = point(problem, theta)

    def at(free: np.ndarray) -> tuple[Point, Decimal]:
        full = theta.copy()
        full[inside] = free[:-1]
        return point(problem, full), free[-1]

    def variances(free: np.ndarray) -> np.ndarray:
        there, sigma = at(free)
        return np.diag(solve(there.xx, identity(len(there.xx)))) * sigma**2

    def deviance(free: np.ndarray) -> Decimal:
        there, sigma = at(free)
        return there.deviance(sigma)

    best = np.append(theta[inside], (here.rss / here.df).sqrt())
    slopes, curve = gradient(variances, best), hessian(deviance, best)
    spread = 2 * np.sum(slopes * solve(curve, slopes), axis=0)
    return [float(v) for v in 2 * variances(best) ** 2 / spread]


def record(problem: Problem) -> dict:
    """What is written of one optimum, with the keys of ``lme4/CASE.json``."""
    theta, inside = optimum(problem)
    here = point(problem, theta)
    sigma2 = here.rss / here.df
    beta = solve(here.xx, here.xy[:, None])[:, 0]
    se = [(sigma2 * v).sqrt() for v in np.diag(solve(here.xx, identity(len(beta))))]
    root = problem.unmix @ relative_factor(problem, theta)
    covariance = sigma2 * (root @ root.T)
    lower = cholesky(root @ root.T)
    sds = [covariance[i, i].sqrt() for i in range(len(covariance))]
    out = {
        "beta": dict(zip(problem.names, map(float, beta), strict=True)),
        "se": dict(zip(problem.names, map(float, se), strict=True)),
        "df": dict(zip(problem.names, satterthwaite(problem, theta, inside), strict=True)),
        "effects": problem.effects,
        "covariance": covariance.astype(float).tolist(),
        "sds": [float(sd) for sd in sds],
        "sigma_e": float(sigma2.sqrt()),
        "theta": [float(lower[position]) for position in problem.free],
        "criterion": float(here.criterion),
        "on_boundary": bool((~inside).any()),
    }
    if len(sds) == 2 and all(sds) and (1, 0) in problem.free:
        out["correlation"] = float(covariance[1, 0] / sds[0] / sds[1])
    return out


def main(wanted: list[str]) -> None:
    """Solve every case (or those named); write ``exact/CASE.json``."""
    cases = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
    (HERE / "exact").mkdir(exist_ok=True)
    for case in cases:
        if wanted and case["name"] not in wanted:
            continue
        peer = json.loads((HERE / "lme4" / f"{case['name']}.json").read_text(encoding="utf-8"))
        results = {}
        for kind in ("reml", "ml"):
            found = record(load(case, kind == "reml", peer[kind]["dropped"]))
            found["lme4_excess"] = peer[kind]["criterion"] - found["criterion"]
            print(f"{case['name']:24} {kind:5} {found['lme4_excess']:10.2e}", flush=True)
            results[kind] = found
        path = HERE / "exact" / f"{case['name']}.json"
        path.write_text(compact(results), encoding="utf-8")


def compact(kinds: dict[str, dict]) -> str:
    """One line for each vector."""
    parts = []
    for kind, found in kinds.items():
        lines = ",\n".join(f'  "{key}": {json.dumps(value)}' for key, value in found.items())
        parts.append(f' "{kind}": {{\n{lines}\n }}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main(sys.argv[1:])
