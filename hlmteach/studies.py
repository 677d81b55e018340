"""A study that is repeated: one design, drawn once, and what every repetition of it finds.

Legend
    R, p      repetitions, fixed coefficients
    row       what one repetition found, as numbers side by side; `Study.columns` names them
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .arguments import check_reml
from .design import DataError, Design, check_design
from .engine import many
from .engine.basis import make_basis
from .engine.solution import SINGULAR, solve
from .fit import Fit
from .group_sizes import Sizes
from .inference import satterthwaite_df
from .params import Params
from .profiling import names, variance_parameters
from .simulation import Specs, draw_design

MULTILEVEL, ORDINARY, ROBUST = "multilevel", "ordinary", "cluster-robust"
AT_ONCE = 250  # repetitions that are one array: enough to be quick, few enough to stay in the cache
_MOST = 4_000_000  # numbers in the largest array


@dataclass(frozen=True)
class Study:
    """A design with its truth.

    Attributes
    ----------
    params : the truth
    design : the predictors and the groups; its outcome is of no use
    mean : (N,) the outcome that the truth's fixed part gives each row
    plan : the same, reduced to what repetitions need
    reml : how repetitions are fitted
    """

    params: Params
    design: Design
    mean: np.ndarray
    plan: many.Plan
    reml: bool = True

    @property
    def coefficients(self) -> list[str]:
        return self.design.names

    @property
    def variances(self) -> list[str]:
        """Names of the SDs (and correlations) between groups, and of sigma_e."""
        return names(self.design)

    @property
    def at_once(self) -> int:
        """How many repetitions one call makes: the study alone decides, and so do the numbers."""
        if self.params.slopes:
            return 1
        largest = self.design.n_groups * len(self.coefficients)
        return int(np.clip(_MOST // largest, 1, AT_ONCE))

    def columns(self, beside: bool) -> pd.MultiIndex:
        """(method, quantity, name) of every number in a row."""
        out = [(MULTILEVEL, q, k) for q in ("estimate", "se", "df") for k in self.coefficients]
        out += [(MULTILEVEL, "estimate", k) for k in self.variances]
        out += [(MULTILEVEL, "singular", "")]
        if beside:
            out += [(ORDINARY, q, k) for q in ("estimate", "se") for k in self.coefficients]
            out += [(ROBUST, "se", k) for k in self.coefficients]
            out += [(ORDINARY, "df", ""), (ROBUST, "df", "")]
        return pd.MultiIndex.from_tuples(out, names=["method", "quantity", "name"])


def make_study(
    params: Params,
    rng: np.random.Generator,
    *,
    n_groups: int,
    group_size: Sizes,
    level1: Specs = (),
    level2: Specs = (),
    reml: bool = True,
) -> Study:
    """Draw the predictors and the group sizes of a study.

    Raises
    ------
    ValueError
        As `simulate`; and where this many groups and members cannot carry the model.
    TypeError
        If `reml` is neither True nor False.
    """
    check_reml(reml)
    sizes, x = draw_design(
        params, rng, n_groups=n_groups, group_size=group_size, level1=level1, level2=level2
    )
    design, mean = _design(params, sizes, x, rng)
    try:
        check_design(design, {})
    except DataError as error:
        raise ValueError(
            f"{n_groups} groups with group_size {group_size!r} cannot carry this model. {error}"
        ) from error
    E, basis = make_basis(design.columns, np.zeros(design.n))
    if len(basis.kept) < len(design.columns):
        gone = next(k for k in range(len(design.names)) if k not in basis.kept)
        raise ValueError(
            f"{design.names[gone]!r} came out constant, or determined by other predictors, when a "
            f"study of {n_groups} groups ({design.n:,} rows) was drawn. Take more groups, or a "
            "predictor that varies more."
        )
    return Study(params, design, mean, many.plan(E, basis, design.codes, design.sizes), reml)


def _design(
    params: Params, sizes: np.ndarray, x: dict[str, np.ndarray], rng: np.random.Generator
) -> tuple[Design, np.ndarray]:
    """The study as the engine sees it, products multiplied out, and the truth's mean."""
    terms = [name for name in params.beta if name != "Intercept"]
    columns = [np.prod([x[factor] for factor in term.split(":")], axis=0) for term in terms]
    mean = np.full(int(sizes.sum()), params.beta["Intercept"])
    for term, column in zip(terms, columns, strict=True):
        mean += params.beta[term] * column
    groups = np.arange(len(sizes))
    design = Design(
        y=mean + params.sigma_e * rng.standard_normal(len(mean)),
        columns=[None, *columns],
        names=["Intercept", *terms],
        codes=np.repeat(groups, sizes),
        groups=groups,
        random=[None, *(x[name] for name in params.slopes)],
        random_names=["Intercept", *params.slopes],
        blocks=[list(range(1 + len(params.slopes)))],
        response="the outcome",
        group_name="the groups",
        text="",
        index=pd.RangeIndex(0),
    )
    return design, mean


# ---------------------------------------------------------------- repetitions


def repeat(study: Study, beside: bool, rng: np.random.Generator) -> np.ndarray:
    """Rows of `study.at_once` repetitions, (R, width); one row (width,) where slopes vary."""
    return (
        _by_rows(study, beside, rng)
        if study.params.slopes
        else _by_statistics(study, study.at_once, beside, rng)
    )


def _by_statistics(study: Study, R: int, beside: bool, rng: np.random.Generator) -> np.ndarray:
    """Random intercepts: statistics are drawn and fitted as one array."""
    d, params = study.plan, study.params
    beta = np.array([params.beta[name] for name in study.coefficients])
    drawn = many.draw(d, beta, params.sigma_u, params.sigma_e, R, rng, by_group=beside)
    fits = many.fit(d, drawn, study.reml)
    parts = [fits.beta, fits.se, many.satterthwaite(d, drawn, fits, study.reml)]
    parts += [np.sqrt([fits.s2u, fits.s2e]).T, (np.sqrt(fits.t) < SINGULAR)[:, None]]
    return np.hstack([*parts, *(_beside(d, drawn) if beside else ())])


def _by_rows(study: Study, beside: bool, rng: np.random.Generator) -> np.ndarray:
    """Random slopes: rows are drawn and fitted, as `simulate` and `lmer` would."""
    design, params = study.design, study.params
    y = study.mean + params.sigma_e * rng.standard_normal(design.n)
    u = rng.standard_normal((design.n_groups, len(design.random))) @ _root(params)
    y += np.einsum("nq,nq->n", design.exog_random, u[design.codes])
    solution = solve(replace(design, y=y), study.reml)
    df = satterthwaite_df(Fit(design, solution, study.reml), np.eye(len(solution.beta)))
    variances = variance_parameters(design, solution.D * solution.s2, solution.s2)
    parts = [solution.beta, np.sqrt(np.diag(solution.cov)), df, variances, [solution.singular]]
    if beside:
        drawn = many.observed(study.plan, y[None], design.codes)
        parts += [part[0] for part in _beside(study.plan, drawn)]
    return np.concatenate(parts)


def _beside(d: many.Plan, drawn: many.Drawn) -> list[np.ndarray]:
    """Ordinary regression of the same data, and the degrees of freedom of its two errors."""
    df = np.tile([d.N - d.p, len(d.n) - 1.0], (len(drawn.y), 1))
    return [*many.ordinary(d, drawn), df]


def _root(params: Params) -> np.ndarray:
    """Symmetric square root of the covariance of the random effects."""
    sds = np.array([params.sigma_u, *params.slopes.values()])
    value, vector = np.linalg.eigh(params.corr_u * np.outer(sds, sds))
    return vector * np.sqrt(np.maximum(value, 0.0)) @ vector.T


def repeat_anew(
    params: Params, plan: dict, beside: bool, width: int, R: int, rng: np.random.Generator
) -> np.ndarray:
    """R repetitions (R, width) of a study whose predictors and group sizes are drawn first.

    A study that cannot be fitted, as when a rare predictor came out constant, is rows of NaN.
    """
    try:
        study = make_study(params, rng, **plan)
    except ValueError:
        return np.full((R, width), np.nan)
    if params.slopes:
        return np.stack([_by_rows(study, beside, rng) for _ in range(R)])
    return _by_statistics(study, R, beside, rng)
