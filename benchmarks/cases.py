"""The races, one function each. `quick` makes the data tiny."""

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from time import perf_counter
from unittest.mock import patch

import numpy as np
import pandas as pd

import hlmteach as hlm
from hlmteach.engine import many
from hlmteach.engine.basis import make_basis

from . import contenders as who
from . import explorers
from .grading import grading
from .r_session import RSession
from .race import Case, Contender, Numbers
from .tables import pisa_2003, pisa_usa, school_study

Build = Callable[[RSession | None, bool], Iterator[Case]]


def single_fits(r: RSession | None, quick: bool) -> Iterator[Case]:
    """A random intercept on a few thousand rows."""
    pisa, hsb = pisa_usa(), school_study(160, 7185)
    if quick:
        pisa, hsb = pisa.head(600), hsb.head(600)
    goals = {"lme4": 30, "statsmodels": 250, "gpboost": 4}
    pisa = pisa.assign(has_desk=(pisa["desk"] == "yes") * 1.0)
    yield from _intercept(r, "pisa-null", pisa, "math", [], "school_id", goals)
    predictors = ["has_desk", "escs", "stratio"]
    yield from _intercept(r, "pisa-rim2", pisa, "math", predictors, "school_id", goals)
    yield from _intercept(r, "hsb", hsb, "achievement", ["ses", "sector"], "school", goals)


def _intercept(
    r: RSession | None,
    name: str,
    data: pd.DataFrame,
    outcome: str,
    predictors: list[str],
    group: str,
    goals: dict[str, float],
    slow: bool = True,
) -> Iterator[Case]:
    formula = f"{outcome} ~ {' + '.join(['1', *predictors])} + (1 | {group})"
    columns = group.split(":")
    used = data[[outcome, *predictors, *columns]]
    others = who.lme4(r, name, used, formula)
    if slow:
        others.append(who.statsmodels(formula, data, group))
    boosted = who.gpboost(data, outcome, predictors, lambda d: _joined(d, columns))
    if boosted:
        others += [who.ours(formula, data, reml=False, name="hlmteach, ML"), *boosted]
    groups = used.groupby(columns, observed=True).ngroups
    work = f"random intercept, {len(data):,} rows, {groups:,} groups"
    kept = {k: v for k, v in goals.items() if any(c.name == k for c in others)}
    yield Case(name, work, [who.ours(formula, data), *others], kept)


def _joined(data: pd.DataFrame, columns: list[str]) -> np.ndarray:
    if len(columns) == 1:
        return data[columns[0]].to_numpy()
    return (data[columns[0]].astype("str") + ":" + data[columns[1]]).to_numpy()


def large_fits(r: RSession | None, quick: bool) -> Iterator[Case]:
    """All of PISA 2003 where it is, and a million rows."""
    whole = pisa_2003()
    if whole is not None:
        if quick:
            whole = whole.head(2000)
        group, complete = "country:school_id", whole.dropna()
        goals = {"lme4": 40}
        yield from _intercept(r, "pisa-2003-null", whole, "math", [], group, goals, False)
        yield from _intercept(r, "pisa-2003", complete, "math", ["escs"], group, goals, False)
    million = school_study(*((40, 1000) if quick else (20_000, 1_000_000)))
    x = ["ses", "sector"]
    yield from _intercept(r, "million", million, "achievement", x, "school", {}, False)


def slopes(r: RSession | None, quick: bool) -> Iterator[Case]:
    """A random slope on data of the size of High School & Beyond."""
    data = school_study(*((30, 600) if quick else (160, 7185)), slope=0.9)
    formula = "achievement ~ 1 + ses + sector + (1 + ses | school)"
    used = data[["achievement", "ses", "sector", "school"]]
    others = who.lme4(r, "slope", used, formula)
    others.append(who.statsmodels(formula, data, "school", "~ses"))
    goals = {"lme4": 10} if r else {}
    work = f"random slope, {len(data):,} rows, {data['school'].nunique()} groups"
    yield Case("slope", work, [who.ours(formula, data), *others], goals)


def tests(r: RSession | None, quick: bool) -> Iterator[Case]:
    """A fit with Satterthwaite's tests, as a summary prints them."""
    data = school_study(*((30, 600) if quick else (160, 7185)), slope=0.9)
    used = data[["achievement", "ses", "sector", "school"]]
    for name, left in (("summary", "1"), ("summary-slope", "1 + ses")):
        formula = f"achievement ~ 1 + ses + sector + ({left} | school)"
        who.lme4(r, name, used, formula)  # takes the table to R
        work = f"fit and Satterthwaite's tests, {len(data):,} rows, random ({left})"
        others = who.lmer_test(r, name, formula)
        yield Case(name, work, [Contender("hlmteach", _summary(formula, data)), *others])


def _summary(formula: str, data: pd.DataFrame) -> Callable[[], tuple[float, Numbers]]:
    def run() -> tuple[float, Numbers]:
        start = perf_counter()
        fit = hlm.lmer(formula, data)
        fixed = hlm.summary(fit).fixed
        seconds = perf_counter() - start
        return seconds, {key: fixed[name].to_numpy() for key, name in _SUMMARY.items()}

    return run


_SUMMARY = {"beta": "estimate", "se": "se", "df": "df"}


def replicates(r: RSession | None, quick: bool) -> Iterator[Case]:
    """A thousand studies of 50 groups of 20, two predictors.

    Ours are drawn and fitted; the others fit some of them and are scaled up. Their outcomes are
    the same rows for all, and our fits of these rows are what they are compared with.
    """
    R, few = (60, 3) if quick else (1000, 20)
    J, n, rng = 50, 20, np.random.default_rng(1)
    codes = np.repeat(np.arange(J), n)
    x, z = rng.normal(size=J * n), rng.normal(size=J)[codes]
    beta, sigma_u, sigma_e = np.array([100.0, 0.5, 0.3]), 0.5, 1.0
    plan = many.plan(*make_basis([None, x, z], np.zeros(J * n)), codes, np.full(J, n))
    mean = np.column_stack([np.ones(J * n), x, z]) @ beta
    u = sigma_u * rng.standard_normal((few, J))
    Y = mean + u[:, codes] + sigma_e * rng.standard_normal((few, J * n))
    data = pd.DataFrame({"x": x, "z": z, "g": codes, "y": Y[0]})
    wide = data.assign(**{f"y{k + 1}": y for k, y in enumerate(Y)})

    def drawn() -> tuple[float, Numbers]:
        start = perf_counter()
        many.fit(plan, many.draw(plan, beta, sigma_u, sigma_e, R, rng))
        seconds = perf_counter() - start
        return seconds, _of_rows(plan, Y, codes, True)

    def by_ml() -> tuple[float, Numbers]:
        start = perf_counter()
        found = _of_rows(plan, Y, codes, False)
        return perf_counter() - start, found

    others = []
    if r:
        r.load("replicates", wide)
        command = f"refit replicates {few} y ~ x + z + (1 | g)"
        others.append(Contender("lme4 refit", lambda: r.run(command), R / few))
    formula = "y ~ 1 + x + z + (1 | g)"
    some = [who.statsmodels(formula, wide.assign(y=y), "g") for y in Y[:3]]
    others.append(
        Contender("statsmodels", lambda: (sum(one.run()[0] for one in some), {}), R / len(some))
    )
    boosted = [
        one for y in Y for one in who.gpboost(wide.assign(y=y), "y", ["x", "z"], lambda d: d["g"])
    ]
    if boosted:
        others.append(Contender("hlmteach, ML", by_ml, R / few))
        run = Contender("gpboost", lambda: _one_by_one(boosted), R / few, "hlmteach, ML")
        others.append(run)
    goals = {"lme4 refit": 1000, "gpboost": 100}
    goals = {k: v for k, v in goals.items() if any(c.name == k for c in others)}
    work = f"{R:,} studies of {J} groups of {n}, two predictors"
    yield Case("replicates", work, [Contender("hlmteach", drawn), *others], goals, 0.02)
    yield Case("recover", f"the same by hlm.recover: {R:,} studies, table and all", [_recover(R)])


def _recover(R: int) -> Contender:
    world = hlm.Params(beta={"Intercept": 100, "x": 0.5, "z": 0.3}, sigma_u=0.5, sigma_e=1)

    def run() -> tuple[float, Numbers]:
        start = perf_counter()
        hlm.recover(world, R, n_groups=50, group_size=20, level2=["z"], seed=1)
        return perf_counter() - start, {}

    return Contender("hlmteach", run)


def _of_rows(plan: many.Plan, Y: np.ndarray, codes: np.ndarray, reml: bool) -> Numbers:
    """Our fits of given rows, side by side."""
    fits = many.fit(plan, many.observed(plan, Y, codes), reml)
    variance = np.column_stack([fits.s2u, fits.s2e]).ravel()
    return {"beta": fits.beta.ravel(), "se": fits.se.ravel(), "variance": variance}


def _one_by_one(runs: list[Contender]) -> tuple[float, Numbers]:
    done = [one.run() for one in runs]
    keys = done[0][1]
    joined = {key: np.concatenate([np.ravel(found[key]) for _, found in done]) for key in keys}
    return sum(seconds for seconds, _ in done), joined


def optima(r: RSession | None, quick: bool) -> Iterator[Case]:
    """The optimum alone, after the pass over the rows: it grows with the number of different group
    sizes, of which there are at most as many as groups, and not with the rows.
    """
    sizes = ((40, 400), (40, 4000)) if quick else ((1000, 20_000), (1000, 1_000_000))
    lanes = []
    for J, rows in sizes:
        fit = hlm.lmer("achievement ~ ses + (1 | school)", school_study(J, rows))
        different = len(np.unique(fit.design.sizes))

        def run(s: object = fit.solution) -> tuple[float, Numbers]:
            start = perf_counter()
            for _ in range(10):
                s.model.optimise(s.df, True)
            return (perf_counter() - start) / 10, {}

        lanes.append(Contender(f"{rows:,} rows ({different})", run))
    yield Case(
        "optimum", f"the optimum after the pass, {sizes[0][0]:,} groups (of so many sizes)", lanes
    )


def imports(r: RSession | None, quick: bool) -> Iterator[Case]:
    """`import` in a new process."""
    stats = Contender("statsmodels", who.fresh_import("import statsmodels.formula.api"))
    both = {"import": "import hlmteach", "import-lmer": "from hlmteach import lmer"}
    for name, what in both.items():
        mine = Contender("hlmteach", who.fresh_import(what))
        goals = {"statsmodels": 4} if name == "import" else {}
        yield Case(name, f"{what}, against statsmodels.formula.api", [mine, stats], goals)


def checking(r: RSession | None, quick: bool) -> Iterator[Case]:
    """What a learner waits for after `hlm.check`."""

    def run() -> tuple[float, Numbers]:
        start = perf_counter()
        hlm.check("ch04.icc", 0.19)
        return perf_counter() - start, {}

    with tempfile.TemporaryDirectory() as home, patch.dict(os.environ, HLMTEACH_HOME=home):
        yield Case("check", 'hlm.check("ch04.icc", 0.19)', [Contender("hlmteach", run)])


# The names of the cases that each makes.
ALL: dict[tuple[str, ...], Build] = {
    ("pisa-null", "pisa-rim2", "hsb"): single_fits,
    ("slope",): slopes,
    ("summary", "summary-slope"): tests,
    ("replicates", "recover"): replicates,
    ("optimum",): optima,
    ("import", "import-lmer"): imports,
    ("check",): checking,
    explorers.NAMES: explorers.redraws,
    ("grading",): grading,
    ("pisa-2003-null", "pisa-2003", "million"): large_fits,
}


def wanted(r: RSession | None, quick: bool, only: str) -> Iterator[Case]:
    """The cases whose name contains a word; data are made when it is their turn.

    Tiny data have no goals.
    """
    for names, build in ALL.items():
        if any(only in name for name in names):
            for case in build(r, quick):
                if only in case.name:
                    yield replace(case, goals={}, limit=None) if quick else case
