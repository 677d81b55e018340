"""95 % profile intervals of random-intercept models, from the dense covariance matrix.

Run ``python tests/reference/exact_profile.py``; it writes ``exact/profile.json``. lme4 reads its
intervals off a spline through a few dozen points; here each end is a root of

    min over the other parameters of deviance(parameter) - minimum = chi2(1) at 0.95 = 3.8415,

with the ML deviance (lme4 refits by ML before it profiles) in doubles. Ends are good to about nine
digits. Keys are lme4's: ``.sig01`` (sigma_u), ``.sigma`` (sigma_e), then the coefficients.
"""

import json
from collections.abc import Callable

import numpy as np
from exact_problem import HERE, Problem, load
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2

CASES = ["base", "null", "factor3", "singular", "two_groups", "one_huge_group", "singletons"]
DROP = chi2.ppf(0.95, 1)
Blocks = list[tuple[np.ndarray, np.ndarray]]


def floats(problem: Problem) -> Blocks:
    """(X_j, y_j) in doubles."""
    return [(x.astype(float), y.astype(float)) for x, y, _ in problem.blocks]


def pieces(blocks: Blocks, theta: float) -> tuple[float, float, np.ndarray, int]:
    """log|V|, the residual sum of squares, beta and n at sigma_u / sigma_e = ``theta``."""
    log_det, xx, xy, yy, n = 0.0, 0.0, 0.0, 0.0, 0
    for x, y in blocks:
        v = np.eye(len(y)) + theta**2
        log_det += np.linalg.slogdet(v)[1]
        vx, vy = np.linalg.solve(v, x), np.linalg.solve(v, y)
        xx, xy, yy, n = xx + x.T @ vx, xy + x.T @ vy, yy + y @ vy, n + len(y)
    beta = np.linalg.solve(xx, xy) if np.size(xy) else np.zeros(0)
    return log_det, float(yy - beta @ xy), beta, n


def deviance(blocks: Blocks, theta: float, sigma: float) -> float:
    """The ML deviance, beta profiled out."""
    log_det, rss, _, n = pieces(blocks, theta)
    return log_det + n * np.log(2 * np.pi * sigma**2) + rss / sigma**2


def profiled(blocks: Blocks, theta: float) -> float:
    """The ML deviance, beta and sigma_e profiled out."""
    log_det, rss, _, n = pieces(blocks, theta)
    return log_det + n * (1 + np.log(2 * np.pi * rss / n))


def lowest(f: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """Place and height of the minimum; the criteria used here have one dip."""
    found = minimize_scalar(f, bounds=(low, high), method="bounded", options={"xatol": 1e-9})
    return min([(found.x, found.fun), (low, f(low))], key=lambda pair: pair[1])


def ends(f: Callable[[float], float], best: float, height: float, step: float, floor: float):
    """Where ``f`` is ``DROP`` above ``height``, to either side of ``best``; ``floor`` if never."""

    def excess(value: float) -> float:
        return f(value) - height - DROP

    out = []
    for sign in (-1, 1):
        reach = step
        while excess(max(best + sign * reach, floor)) < 0 and best + sign * reach > floor:
            reach *= 1.5
        edge = max(best + sign * reach, floor)
        out.append(brentq(excess, best, edge, xtol=1e-12) if excess(edge) > 0 else floor)
    return out


def intervals(problem: Problem) -> dict[str, list[float]]:
    """The ends for sigma_u, sigma_e and every coefficient."""
    blocks = floats(problem)
    theta, height = lowest(lambda t: profiled(blocks, t), 0.0, 20.0)
    _, rss, beta, n = pieces(blocks, theta)
    sigma = np.sqrt(rss / n)
    s_range = (0.3 * sigma, 3 * sigma)

    def fixed_sigma_u(value: float) -> float:
        return lowest(lambda s: deviance(blocks, value / s, s), *s_range)[1]

    def fixed_sigma(value: float) -> float:
        return lowest(lambda t: deviance(blocks, t, value), 0.0, 20.0)[1]

    out = {
        ".sig01": ends(fixed_sigma_u, theta * sigma, height, 0.5 * sigma, 0.0),
        ".sigma": ends(fixed_sigma, sigma, height, 0.1 * sigma, 1e-6 * sigma),
    }
    for k, name in enumerate(problem.names):

        def fixed_beta(value: float, k: int = k) -> float:
            rest = [(np.delete(x, k, axis=1), y - value * x[:, k]) for x, y in blocks]
            return lowest(lambda t: profiled(rest, t), 0.0, 20.0)[1]

        out[name] = ends(fixed_beta, beta[k], height, 0.2, -np.inf)
    return out


def main() -> None:
    """Write the intervals of every case in ``CASES``."""
    manifest = {c["name"]: c for c in json.loads((HERE / "cases.json").read_text("utf-8"))}
    lines = []
    for name in CASES:
        found = intervals(load(manifest[name], False, []))
        rows = ",\n".join(f"  {json.dumps(key)}: {json.dumps(pair)}" for key, pair in found.items())
        lines.append(f' "{name}": {{\n{rows}\n }}')
        print(name, found, flush=True)
    (HERE / "exact" / "profile.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
