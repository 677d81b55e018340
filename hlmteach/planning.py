"""`power`: how often a study of a given size would find an effect."""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
from scipy import special

from .arguments import known, number, whole_number
from .group_sizes import Sizes
from .params import Params
from .power_table import Power
from .replicates import InterruptedWarning, Workers, check_counts, pool, run
from .simulation import Specs
from .studies import MULTILEVEL, Study, make_study, repeat_anew

Cost = Mapping[str, float] | Callable[[int, int], float]
_Z = 1.959963984540054  # of a 95 % interval
_PER_DRAW = 20  # studies that share a draw of the predictors: drawing them takes the most time


def power(
    params: Params,
    effect: str,
    *,
    n_groups: int | Sequence[int],
    group_size: Sizes | Sequence[Sizes],
    n_sims: int = 1000,
    alpha: float = 0.05,
    level1: Specs = (),
    level2: Specs = (),
    cost: Cost | None = None,
    reml: bool = True,
    seed: int | None = None,
    workers: Workers = 1,
    progress: bool | None = None,
) -> Power:
    """How often studies of different sizes would find an effect.

    Parameters
    ----------
    params : the truth; the effect's size is in it
    effect : name of the coefficient, such as "stratio" or "escs:stratio"
    n_groups : numbers of groups to try
    group_size : sizes of groups to try, each as in `hlmteach.simulate`: a list such as [10, 20] is
        two designs, and (10, 30) is one whose groups have 10 to 30 members
    n_sims : simulated studies of each design
    alpha : level of the two-sided test
    level1, level2 : the predictors, as in `hlmteach.simulate`; a treatment of whole groups belongs
        into level2, and one that neither names is simulated at level 1
    cost : what a group and a member cost, such as {"group": 300, "member": 5}; or a function of
        (n_groups, n) with n the number of rows
    reml : REML or maximum likelihood
    seed, workers, progress : as in `hlmteach.recover`

    Returns
    -------
    Power
        `.table`, a DataFrame with one row per design, and `.plot()`. A run that is interrupted
        returns what is done, with a warning; the column `n_sims` tells how much that is.

    Raises
    ------
    ValueError
        If the effect is no coefficient, or a design cannot exist or cannot carry the model.

    Notes
    -----
    The test is the one that `hlmteach.summary` and lmerTest print: t with Satterthwaite's degrees
    of freedom, worked out for every simulated study. For a level-2 predictor in a balanced design
    these are close to the number of groups minus the number of level-2 coefficients. Under no
    effect it rejects in 3 to 5.5 per cent of studies at alpha = 0.05 with 10 groups; below 5 where
    sigma_u is often estimated as zero.

    Predictors and group sizes are drawn anew for every 20 studies, so that the power does not hang
    on one lucky draw of them. The interval is Wilson's (1927), J. Am. Stat. Assoc. 22, 209-212,
    widened for the likeness of studies that share a draw.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480, "stratio": 30}, sigma_u=40, sigma_e=80)
    >>> found = hlm.power(world, "stratio", n_groups=[10, 80], group_size=25,
    ...                   level2=["stratio"], n_sims=500, seed=1)
    >>> (found.table["power"] > 0.8).to_list()
    [False, True]
    """
    if not isinstance(params, Params):
        raise ValueError(f"params is {params!r}; make it with hlm.Params(beta=..., sigma_u=...).")
    known("effect", effect, params.beta)
    n_sims, alpha = whole_number("n_sims", n_sims, 1), _alpha(alpha)
    check_counts(n_sims, workers)
    seed = None if seed is None else whole_number("seed", seed, 0)
    price = _price(cost)
    fixed = {"level1": level1, "level2": level2, "reml": reml}
    plans = [
        {"n_groups": J, "group_size": size, **fixed} for J, size in _cells(n_groups, group_size)
    ]
    seeds = np.random.SeedSequence(seed).spawn(len(plans))
    # One draw of every design first: what cannot exist is refused before anything runs.
    studies = [
        make_study(params, np.random.default_rng(own), **plan)
        for plan, own in zip(plans, seeds, strict=True)
    ]
    rows = []
    with pool(workers) as there:
        for plan, own, study in zip(plans, seeds, studies, strict=True):
            how = {"seed": own, "workers": there, "progress": progress}
            how["label"] = f"design {len(rows) + 1} of {len(plans)}"
            try:
                tests = _tests(study, plan, effect, n_sims, how)
            except KeyboardInterrupt:
                if not rows:
                    raise
                done = f"Stopped after {len(rows)} of {len(plans)} designs; these are returned."
                warnings.warn(done, InterruptedWarning, stacklevel=2)
                break
            J, n = plan["n_groups"], study.design.n
            design = {"n_groups": J, "group_size": plan["group_size"], "n": n}
            rows.append(design | _row(tests, alpha) | price(J, n))
            if len(tests) < n_sims:
                break  # `run` has said so
    level = _level(effect, {*level2})
    return Power(pd.DataFrame(rows), effect, params.beta[effect], alpha, level)


def _level(effect: str, level2: set[str]) -> str:
    """Where an effect was simulated, for the reader who forgot `level2=`."""
    above = {factor in level2 for factor in effect.split(":")}
    if effect == "Intercept":
        return ""
    return "cross-level" if len(above) == 2 else "level 2" if above == {True} else "level 1"


def _cells(
    n_groups: int | Sequence[int], group_size: Sizes | Sequence[Sizes]
) -> list[tuple[int, Sizes]]:
    """(groups, size) of each design, group size by group size."""
    counts = n_groups if isinstance(n_groups, Iterable) else [n_groups]
    sizes = group_size if isinstance(group_size, list | range | np.ndarray) else [group_size]
    counts = [whole_number("n_groups", _plain(J), 2) for J in counts]
    if not counts or not len(sizes):
        raise ValueError("n_groups and group_size need at least one value each.")
    return [(J, _plain(size)) for size in sizes for J in counts]


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value


def _tests(study: Study, plan: dict, effect: str, n_sims: int, how: dict) -> np.ndarray:
    """(R, 3) estimate, standard error and degrees of freedom of the effect."""
    columns = study.columns(beside=False)
    task = partial(repeat_anew, study.params, plan, False, len(columns), _PER_DRAW)
    rows = run(task, n_sims, at_once=_PER_DRAW, **how)
    return rows[:, [columns.get_loc((MULTILEVEL, q, effect)) for q in ("estimate", "se", "df")]]


def _row(tests: np.ndarray, alpha: float) -> dict[str, float]:
    estimate, se, df = tests.T
    found = np.abs(estimate / se) > special.stdtrit(df, 1 - alpha / 2)
    whole = ~np.isnan(estimate)
    if not whole.any():
        raise ValueError(
            "No simulated study could be fitted: a predictor was constant in each. Take more "
            "groups, or a predictor that varies more."
        )
    share = float(found[whole].mean())
    lower, upper = _wilson(share, whole.sum() / _clumping(found[whole], share))
    shares = {"power": share, "lower": lower, "upper": upper}
    return shares | {"se": se[whole].mean(), "n_sims": int(whole.sum())}


def _clumping(found: np.ndarray, share: float) -> float:
    """How many times wider than by independent studies the power's variance is, 1 or more.

    Studies that share a draw of the predictors are alike: Kish's (1965) design effect, from the
    variance between the draws.
    """
    draws = len(found) // _PER_DRAW
    independent = share * (1 - share) / _PER_DRAW
    if draws < 2 or independent == 0:
        return 1.0
    means = found[: draws * _PER_DRAW].reshape(draws, _PER_DRAW).mean(axis=1)
    return max(1.0, float(means.var(ddof=1)) / independent)


def _wilson(share: float, n: float) -> tuple[float, float]:
    z2 = _Z**2 / n
    centre, reach = share + z2 / 2, _Z * np.sqrt(share * (1 - share) / n + z2 / 4 / n)
    return (centre - reach) / (1 + z2), (centre + reach) / (1 + z2)


def _alpha(alpha: float) -> float:
    alpha = number("alpha", alpha)
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha:g}; the level of a test is between 0 and 1, as in 0.05.")
    return alpha


def _price(cost: Cost | None) -> Callable[[int, int], dict[str, float]]:
    """A function of (n_groups, n) that gives the column `cost`, or none."""
    if cost is None:
        return lambda J, n: {}
    if callable(cost):
        return lambda J, n: {"cost": cost(J, n)}
    if not isinstance(cost, Mapping):
        raise ValueError(f'cost is {cost!r}; give {{"group": 300, "member": 5}} or a function.')
    for key in cost:
        known("cost", key, ["group", "member"])
    group, member = (number(f"cost[{key!r}]", cost.get(key, 0)) for key in ("group", "member"))
    return lambda J, n: {"cost": group * J + member * n}
