"""`recover`: simulate a study many times, fit it, and see whether the truth comes back."""

from functools import partial

import numpy as np
import pandas as pd
from scipy import special

from .arguments import coverage, whole_number
from .group_sizes import Sizes
from .params import Params
from .recovery import HEADS, METHODS, Recovery, parts_of
from .replicates import Workers, check_counts, run
from .simulation import Specs
from .studies import MULTILEVEL, Study, make_study, repeat, repeat_anew


def recover(
    params: Params,
    n_sims: int = 1000,
    *,
    n_groups: int,
    group_size: Sizes,
    level1: Specs = (),
    level2: Specs = (),
    redraw: bool = False,
    reml: bool = True,
    level: float = 0.95,
    seed: int | None = None,
    workers: Workers = 1,
    progress: bool | None = None,
) -> Recovery:
    """Simulate a study many times, fit it, and see whether the truth comes back.

    Beside the multilevel model stands ordinary regression of the same data, with its classical
    standard errors and with cluster-robust ones.

    Parameters
    ----------
    params : the truth
    n_sims : simulated studies
    n_groups, group_size, level1, level2 : the study, as in `hlmteach.simulate`
    redraw : False draws the predictors and the group sizes once, and every simulated study has
        them: what changes is chance in the outcome, which is what a standard error is about. True
        draws them anew for each study, and is slower.
    reml : REML or maximum likelihood
    level : of the confidence intervals whose coverage is counted
    seed : the same seed gives the same numbers, whatever the number of workers
    workers : processes (-1: one per core); or a Dask `Client`, or another Executor, to go beyond
        one machine
    progress : show a bar? None shows it in a terminal and in a notebook only

    Returns
    -------
    Recovery
        `.table`, `.variances`, `.singular`, `.estimates`, `.plot()`; `print` gives text. A run that
        is interrupted returns the studies that are done, with a warning.

    Raises
    ------
    ValueError
        If the study cannot exist, or is too small for the model.

    Notes
    -----
    The intervals take t with Satterthwaite's degrees of freedom for the multilevel model, N - p for
    ordinary regression, and n_groups - 1 for cluster-robust errors (CR1, as Stata). Monte-Carlo
    errors: SD / sqrt(n_sims) of a bias, sqrt(c (1 - c) / n_sims) of a coverage c; Morris, White &
    Crowther (2019), Statistics in Medicine 38, table 6. With random intercepts the sufficient
    statistics are drawn from their exact distribution, so no row is simulated and a thousand
    studies take some hundredths of a second. With random slopes every study is simulated and
    fitted by itself: some hundredths of a second each.

    On a Dask cluster (the extra `dask`): `recover(params, ..., workers=Client("tcp://host:8786"))`.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480, "escs": 30, "stratio": -2},
    ...                    sigma_u=40, sigma_e=80)
    >>> found = hlm.recover(world, 500, n_groups=50, group_size=20, level2=["stratio"], seed=1)
    >>> (found.table.loc["stratio", "coverage"] > 0.9).to_dict()
    {'multilevel': True, 'ordinary': False, 'cluster-robust': True}
    """
    n_sims = whole_number("n_sims", n_sims, 1)
    level = coverage(level)
    check_counts(n_sims, workers)
    seed = None if seed is None else whole_number("seed", seed, 0)
    plan = {
        "n_groups": n_groups,
        "group_size": group_size,
        "level1": level1,
        "level2": level2,
        "reml": reml,
    }
    study = make_study(params, np.random.default_rng(seed), **plan)
    columns = study.columns(beside=True)
    if redraw:
        task, at_once = partial(_anew, params, plan, len(columns)), 1
    else:
        task, at_once = partial(repeat, study, True), study.at_once
    rows = run(
        task,
        n_sims,
        at_once=at_once,
        seed=seed,
        workers=workers,
        progress=progress,
        label="simulated studies",
    )
    whole = ~np.isnan(rows[:, 0])
    return _recovery(study, pd.DataFrame(rows[whole], columns=columns), level, redraw, len(rows))


def _anew(params: Params, plan: dict, width: int, rng: np.random.Generator) -> np.ndarray:
    return repeat_anew(params, plan, True, width, 1, rng)[0]


def _recovery(
    study: Study, estimates: pd.DataFrame, level: float, redraw: bool, asked: int
) -> Recovery:
    if len(estimates) < 2:
        raise ValueError(
            f"{len(estimates)} of {asked:,} studies could be fitted; two are the least that tell "
            "anything. Raise n_sims, or the study's size."
        )
    params, design = study.params, study.design
    rows = {
        (name, method): _row(estimates, method, name, params.beta[name], level)
        for name in study.coefficients
        for method in METHODS
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(HEADS))
    table.index = pd.MultiIndex.from_tuples(rows, names=["coefficient", "method"])
    singular = float(estimates[MULTILEVEL, "singular", ""].mean())
    sizes = design.sizes
    members = f"{sizes[0]}" if sizes.min() == sizes.max() else f"{sizes.min()} to {sizes.max()}"
    words = f"{design.n_groups} groups of {members} (N = {design.n:,})"
    if redraw:
        words = f"{design.n_groups} groups, predictors and sizes drawn anew each time"
    failed = asked - len(estimates)
    variances = _variances(study, estimates)
    return Recovery(table, variances, singular, estimates, params, level, words, failed)


def _row(
    estimates: pd.DataFrame, method: str, name: str, truth: float, level: float
) -> list[float]:
    values, se = parts_of(estimates, method, name)
    df = estimates[method, "df", name if method == MULTILEVEL else ""].to_numpy()
    inside = np.abs(values - truth) <= special.stdtrit(df, (1 + level) / 2) * se
    sd, coverage, root = values.std(ddof=1), inside.mean(), np.sqrt(len(values))
    mean = values.mean()
    return [
        truth,
        mean,
        mean - truth,
        sd / root,
        sd,
        se.mean(),
        se.mean() / sd,
        coverage,
        np.sqrt(coverage * (1 - coverage)) / root,
    ]


def _variances(study: Study, estimates: pd.DataFrame) -> pd.DataFrame:
    truths = _true_variances(study)
    rows = {}
    for name, truth in truths.items():
        values = estimates[MULTILEVEL, "estimate", name].dropna().to_numpy()
        mean, sd = values.mean(), values.std(ddof=1)
        ratio = np.nan
        if name.startswith("sigma") and truth > 0:
            ratio = (values**2).mean() / truth**2
        rows[name] = [truth, mean, mean - truth, sd / np.sqrt(len(values)), sd, ratio]
    heads = ["truth", "mean", "bias", "bias_error", "sd", "variance_over_truth"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=heads).rename_axis("parameter")


def _true_variances(study: Study) -> dict[str, float]:
    """The truth under the names of `Study.variances`."""
    params, labels = study.params, study.design.random_names
    sds = [params.sigma_u, *params.slopes.values()]
    truth = {"sigma_u": params.sigma_u, "sigma_e": params.sigma_e}
    truth |= {f"sigma_u[{name}]": sd for name, sd in params.slopes.items()}
    for i in range(len(sds)):
        for j in range(i):
            truth[f"corr[{labels[j]}, {labels[i]}]"] = params.corr_u[i, j]
    return {name: truth[name] for name in study.variances}
