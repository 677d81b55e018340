"""Replicates as one array: the fits of a loop, and the distribution of simulated rows."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

import hlmteach as hlm
from hlmteach.engine import intercept, many
from hlmteach.engine.basis import make_basis
from hlmteach.engine.profile import criterion

BALANCED = np.full(12, 6)
UNBALANCED = np.array([1, 1, 2, 3, 5, 8, 8, 13, 20, 31])
# name -> (group sizes, predictors (x: level 1, z: level 2, b: yes/no), sigma_u)
DESIGNS = {
    "balanced": (BALANCED, "xz", 0.5),
    "unbalanced": (UNBALANCED, "xz", 0.5),
    "level 2 only": (BALANCED, "z", 0.7),
    "yes/no": (UNBALANCED, "b", 0.5),
    "no predictor": (BALANCED, "", 0.5),
    "often singular": (np.full(8, 4), "xb", 0.1),
    "pairs": (np.full(30, 2), "xz", 1.0),
}


class World:
    """A design with its columns as rows, its plan and its truth."""

    def __init__(self, name: str, offset: float = 0.0) -> None:
        self.sizes, self.names, self.sigma_u = DESIGNS[name]
        rng = np.random.default_rng(11)
        self.codes = np.repeat(np.arange(len(self.sizes)), self.sizes)
        self.N = len(self.codes)
        draws = {
            "x": offset + rng.normal(size=self.N) + rng.normal(size=len(self.sizes))[self.codes],
            "z": rng.normal(size=len(self.sizes))[self.codes],
            "b": (rng.random(self.N) < 0.7).astype(float),
        }
        self.x = [draws[k] for k in self.names]
        self.beta = np.array([100.0, 0.5, -0.3])[: 1 + len(self.x)]
        self.plan = many.plan(
            *make_basis([None, *self.x], np.zeros(self.N)), self.codes, self.sizes
        )

    def rows(self, R: int, rng: np.random.Generator) -> np.ndarray:
        """(R, N) outcomes, row by row."""
        mean = np.column_stack([np.ones(self.N), *self.x]) @ self.beta
        u = self.sigma_u * rng.standard_normal((R, len(self.sizes)))
        return mean + u[:, self.codes] + rng.standard_normal((R, self.N))

    def draw(self, R: int, rng: np.random.Generator, by_group: bool) -> many.Drawn:
        return many.draw(self.plan, self.beta, self.sigma_u, 1.0, R, rng, by_group=by_group)

    def table(self, y: np.ndarray) -> pd.DataFrame:
        columns = dict(zip(self.names, self.x, strict=True))
        return pd.DataFrame({"y": y, "g": self.codes, **columns})

    @property
    def fixed(self) -> str:
        return " + ".join(["1", *self.names])


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("name", DESIGNS)
def test_fits_are_those_of_a_loop(name: str, reml: bool) -> None:
    world = World(name)
    Y = world.rows(30, np.random.default_rng(1))
    drawn = many.observed(world.plan, Y, world.codes)
    fits = many.fit(world.plan, drawn, reml)
    df = many.satterthwaite(world.plan, drawn, fits, reml)
    singular = 0
    for k, y in enumerate(Y):
        one = hlm.lmer(f"y ~ {world.fixed} + (1 | g)", world.table(y), reml=reml)
        np.testing.assert_allclose(fits.beta[k], one.beta, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(fits.se[k], one.se, rtol=1e-6)
        assert fits.s2e[k] == pytest.approx(one.sigma_e**2, rel=1e-6)
        assert fits.s2u[k] == pytest.approx(one.sigma_u**2, rel=1e-5, abs=1e-12)
        np.testing.assert_allclose(df[k], hlm.coefficient_tests(one)["df"], rtol=1e-5)
        singular += one.singular
    assert singular == (fits.t < 1e-8).sum()
    assert singular > 5 or name != "often singular"


@pytest.mark.parametrize("name", DESIGNS)
def test_ordinary_regression_is_statsmodels(name: str) -> None:
    world = World(name)
    Y = world.rows(4, np.random.default_rng(2))
    found = many.ordinary(world.plan, many.observed(world.plan, Y, world.codes))
    for k, y in enumerate(Y):
        data = world.table(y)
        model = smf.ols(f"y ~ {world.fixed}", data)
        plain = model.fit()
        robust = model.fit(cov_type="cluster", cov_kwds={"groups": data["g"]})
        for mine, theirs in zip(found, (plain.params, plain.bse, robust.bse), strict=True):
            np.testing.assert_allclose(mine[k], theirs, rtol=1e-9, atol=1e-12)


def test_far_from_zero_no_digit_is_lost() -> None:
    near, far = World("unbalanced"), World("unbalanced", offset=1e6)
    Y = near.rows(5, np.random.default_rng(3))
    one, other = (
        many.fit(w.plan, many.observed(w.plan, Y + shift, w.codes))
        for w, shift in ((near, 0.0), (far, 1e7))
    )
    np.testing.assert_allclose(other.beta[:, 1:], one.beta[:, 1:], rtol=1e-6)
    np.testing.assert_allclose(other.se[:, 1:], one.se[:, 1:], rtol=1e-6)
    np.testing.assert_allclose(other.s2u, one.s2u, rtol=1e-5)


@pytest.mark.parametrize("by_group", [True, False], ids=["by group", "pooled"])
@pytest.mark.parametrize("name", DESIGNS)
def test_drawn_statistics_have_the_distribution_of_rows(name: str, by_group: bool) -> None:
    """Kolmogorov-Smirnov on every statistic and on what is estimated from them."""
    world, R = World(name), 3000
    rows = many.observed(world.plan, world.rows(R, np.random.default_rng(4)), world.codes)
    drawn = world.draw(R, np.random.default_rng(5), by_group)
    pairs = zip(_numbers(world, rows, by_group), _numbers(world, drawn, by_group), strict=True)
    p_values = [stats.ks_2samp(a, b).pvalue for a, b in pairs if np.ptp(a) > 1e-9]
    # Bonferroni: a true draw fails for one seed in a thousand.
    assert min(p_values) > 0.001 / len(p_values)


def _numbers(world: World, drawn: many.Drawn, by_group: bool) -> list[np.ndarray]:
    """(R,) arrays: the statistics, two products of them, and the estimates."""
    p, fits = world.plan.p, many.fit(world.plan, drawn)
    out = [*drawn.s.W[:, :, p].T, *drawn.s.B[:, :, p, p].T, *drawn.y[:, :3].T]
    out += [drawn.s.W[:, p, p] * drawn.s.B[:, 0, p, p], drawn.y[:, 0] * drawn.y[:, 1]]
    out += [*fits.beta.T, *fits.se.T, fits.s2u, fits.s2e]
    if by_group:
        out += [column for part in many.ordinary(world.plan, drawn) for column in part.T]
        out += [*drawn.w[:, -1].T, drawn.w[:, 0, -1] * drawn.w[:, -1, -1]]
    return out


def test_a_wrong_spread_is_noticed() -> None:
    """The test above can fail: a sigma_e five per cent off shows in the squares within groups."""
    world, R = World("balanced"), 3000
    rows = many.observed(world.plan, world.rows(R, np.random.default_rng(4)), world.codes)
    wrong = many.draw(world.plan, world.beta, 0.5, 1.05, R, np.random.default_rng(5))
    assert stats.ks_2samp(rows.s.W[:, -1, -1], wrong.s.W[:, -1, -1]).pvalue < 1e-8


def test_moments_of_the_drawn_statistics_are_the_exact_ones() -> None:
    world, R = World("unbalanced"), 40_000
    drawn = world.draw(R, np.random.default_rng(6), True)
    d, g = world.plan, np.linalg.solve(world.plan.basis.T, world.beta)
    error = 5 / np.sqrt(R)
    sd = np.sqrt(world.sigma_u**2 + 1 / d.n)
    assert np.all(np.abs(drawn.y.mean(axis=0) - d.M @ g) < error * sd)
    np.testing.assert_allclose(drawn.y.std(axis=0), sd, rtol=error)
    residual = drawn.s.W[:, -1, -1] - np.einsum(
        "ra,ab,rb->r", drawn.s.W[:, :-1, -1], np.linalg.pinv(d.C.sum(axis=0)), drawn.s.W[:, :-1, -1]
    )
    df = d.N - len(d.n) - np.linalg.matrix_rank(d.C.sum(axis=0))
    assert residual.mean() == pytest.approx(df, rel=error)
    assert residual.var() == pytest.approx(2 * df, rel=2 * error)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("sizes", [[2] * 4, [4] * 4, [1, 1, 2, 3, 20, 40]], ids=str)
def test_of_two_minima_the_lower_one_is_found(sizes: list[int], reml: bool) -> None:
    rng, several = np.random.default_rng(7), 0
    n = np.array(sizes)
    codes = np.repeat(np.arange(len(n)), n)
    for _ in range(4):
        x = 3 * rng.normal(size=len(n))[codes] + rng.normal(size=len(codes))
        plan = many.plan(*make_basis([None, x], np.zeros(len(codes))), codes, n)
        drawn = many.draw(plan, np.array([0.0, 0.3]), 0.5, 1.0, 200, rng)
        df = plan.N - 2 if reml else plan.N
        fits = many.fit(plan, drawn, reml)
        grid = np.concatenate([[0.0], np.geomspace(1e-4, 1e4, 300)])
        height = intercept.values(drawn.s, grid, df, reml)
        reached = criterion(intercept.pieces(drawn.s, fits.t), df, reml)
        assert np.all(reached <= height.min(axis=1) + 1e-9)
        bends = np.diff(np.sign(np.diff(height, axis=1)), axis=1) > 0
        several += ((height[:, 1] > height[:, 0]) + bends.sum(axis=1) > 1).sum()
    assert several > 0
