"""Who runs: a function for each package, from a DataFrame to numbers, with its seconds."""

import contextlib
import io
import subprocess
import sys
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from time import perf_counter

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

import hlmteach as hlm

from .r_session import RSession
from .race import Contender, Found, Numbers, Run


def ours(formula: str, data: pd.DataFrame, reml: bool = True, name: str = "hlmteach") -> Contender:
    def run() -> tuple[float, Found]:
        start = perf_counter()
        fit = hlm.lmer(formula, data, reml=reml)
        _ = fit.beta, fit.se
        return perf_counter() - start, lambda: numbers(fit)

    return Contender(name, run)


def numbers(fit: hlm.Fit) -> Numbers:
    variance = np.append(np.diag(fit.cov_u), fit.sigma_e**2)
    criterion = fit.criterion
    beta, se = fit.beta.to_numpy(), fit.se.to_numpy()
    return {"beta": beta, "se": se, "variance": variance, "criterion": criterion}


def statsmodels(
    formula: str, data: pd.DataFrame, group: str, slope: str | None = None
) -> Contender:
    fixed = formula.split(" + (")[0]

    def run() -> tuple[float, Found]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            start = perf_counter()
            model = smf.mixedlm(fixed, data, groups=data[group], re_formula=slope)
            fit = model.fit(reml=True)
            _ = fit.bse_fe
            seconds = perf_counter() - start
        return seconds, lambda: numbers(hlm.as_fit(fit))  # our criterion at its variances

    return Contender("statsmodels", run)


def gpboost(
    data: pd.DataFrame, outcome: str, predictors: list[str], group: Callable[[pd.DataFrame], object]
) -> list[Contender]:
    """gpboost by maximum likelihood, the only criterion it has; none where it is not installed."""
    if find_spec("gpboost") is None:
        return []
    # On small data its threads wait for each other longer than they work.
    threads = 1 if len(data) < 50_000 else -1

    def run() -> tuple[float, Numbers]:
        with contextlib.redirect_stdout(io.StringIO()):
            start = perf_counter()
            X = np.column_stack([np.ones(len(data)), *(data[name] for name in predictors)])
            model = gpb_model(group(data), threads)
            model.fit(y=data[outcome].to_numpy(), X=X)
            beta, se = model.get_coef(std_err=True, format_pandas=False)
            seconds = perf_counter() - start
            within, between = np.ravel(model.get_cov_pars(std_err=False, format_pandas=False))[:2]
        return seconds, {"beta": beta, "se": se, "variance": np.array([between, within])}

    return [Contender("gpboost", run, reference="hlmteach, ML")]


def gpb_model(groups: object, threads: int) -> object:
    import gpboost

    return gpboost.GPModel(
        group_data=np.asarray(groups), likelihood="gaussian", num_parallel_threads=threads
    )


def lme4(
    r: RSession | None, name: str, table: pd.DataFrame, formula: str, reml: bool = True
) -> list[Contender]:
    if r is None:
        return []
    r.load(name, table)
    return [Contender("lme4", lambda: r.run(f"fit {name} {str(reml).upper()} {formula}"))]


def lmer_test(r: RSession | None, name: str, formula: str) -> list[Contender]:
    """The table that `load` has taken to R already under this name."""
    if r is None or r.versions["lmerTest"] == "none":
        return []
    return [Contender("lmerTest", lambda: r.run(f"test {name} {formula}"))]


def fresh_import(statement: str) -> Run:
    """Seconds that a statement takes in a new Python."""
    code = f"import time; s = time.perf_counter(); {statement}; print(time.perf_counter() - s)"

    def run() -> tuple[float, Numbers]:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        return float(done.stdout), {}

    return run
