"""Simulate: a table of two-level data from any Params."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from hlmteach.arguments import known, number, whole_number
from hlmteach.group_sizes import Sizes, group_sizes
from hlmteach.params import Params
from hlmteach.predictors import Predictor, as_predictor

if TYPE_CHECKING:
    import pandas as pd

Specs = Mapping[str, Any] | Iterable[str]


@dataclass(frozen=True)
class _Column:
    """A drawn predictor: its numbers at both levels, and how to write it."""

    spec: Predictor
    level: int
    x: np.ndarray  # one number per row

    def written(self) -> Any:
        if self.spec.labels is None:
            return self.x
        import pandas as pd

        # Ordered as given, so that R and Python take the first as the reference.
        return pd.Categorical.from_codes(self.x.astype(int), categories=list(self.spec.labels))


def simulate(
    params: Params,
    *,
    n_groups: int,
    group_size: Sizes,
    level1: Specs = (),
    level2: Specs = (),
    outcome: str = "y",
    group: str = "group",
    missing: Mapping[str, float] | None = None,
    truth: bool = False,
    seed: int | np.random.Generator | None = None,
) -> pd.DataFrame:
    """Two-level data in which `params` is true.

    Parameters
    ----------
    params : Params
        Coefficients and SDs.
    n_groups : int
        Number of groups, 1 or more.
    group_size : int, (low, high), list, mapping or function
        Members of a group: the same number for all; a pair, for whole numbers from `low` to `high`,
        all equally likely; a list with one number per group; ``{"mean": 25, "sd": 8}`` for rounded
        normal sizes, pulled into ``low`` (1 unless given) to ``high``; or ``f(rng, n_groups)``.
    level1, level2 : mapping of str to specification, or list of names
        How the predictors in ``params.beta`` are drawn and where they live. One that neither names
        is standard normal at level 1. A level-2 predictor has one value per group. A specification
        is a mapping (``{"mean": 15, "sd": 5}``, ``{"icc": 0.25}``, ``{"prob": 0.8}``,
        ``{"prob": 0.8, "labels": ("no", "yes")}``), a function of (rng, size), or None; see
        `hlmteach.predictors.Predictor`.
    outcome, group : str
        Names of these two columns.
    missing : mapping of str to float, optional
        Share of values to blank out, completely at random, by column; 0 to below 1. A level-2
        predictor goes missing for whole groups.
    truth : bool
        Add the columns a real study never sees: ``u`` (deviation of the group's intercept),
        ``u_<name>`` for each random slope, and ``e``.
    seed : int, numpy Generator or None
        With the same seed only the scale of u and e moves when `sigma_u` or `sigma_e` do.

    Returns
    -------
    DataFrame
        One row per member, groups in order; columns `group`, `outcome`, the predictors. Group ids
        are text with leading zeros. ``attrs["params"]`` is the text of `params`.

    Raises
    ------
    ValueError
        For a value that cannot exist, or a name that `params` does not know.

    Examples
    --------
    >>> world = Params(beta={"Intercept": 480, "escs": 30, "stratio": -0.5},
    ...                sigma_u=40, sigma_e=80)
    >>> data = simulate(world, n_groups=150, group_size=25, level2=["stratio"], seed=1)
    >>> data.shape
    (3750, 4)
    >>> list(data)
    ['group', 'y', 'escs', 'stratio']
    """
    specs = _specs(params, level1, level2)
    _check_names(params, outcome, group, truth)
    rng = _generator(seed)
    sizes, groups, columns = _draw_design(params, n_groups, group_size, specs, rng)
    u = rng.standard_normal((len(sizes), 1 + len(params.slopes))) @ _root(params).T
    e = params.sigma_e * rng.standard_normal(len(groups))
    y = _fixed_part(params, columns) + _random_part(params, columns, u[groups]) + e
    table = {group: _ids(len(sizes))[groups], outcome: y}
    table |= {name: column.written() for name, column in columns.items()}
    if truth:
        table |= dict(zip(_truth_names(params), [*u[groups].T, e], strict=True))
    data = _blanked(table, columns, missing, group, outcome, groups, rng)
    data.attrs = {"source": "simulated by hlmteach.simulate", "params": repr(params)}
    return data


def draw_design(
    params: Params,
    rng: np.random.Generator,
    *,
    n_groups: int,
    group_size: Sizes,
    level1: Specs = (),
    level2: Specs = (),
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The part of `simulate` that comes before the outcome.

    Returns
    -------
    sizes : array of int, shape (n_groups,)
    columns : the numbers of each predictor, one per row, groups in order

    Examples
    --------
    >>> world = Params(beta={"Intercept": 480, "escs": 30}, sigma_u=40, sigma_e=80)
    >>> sizes, columns = draw_design(world, np.random.default_rng(1), n_groups=3, group_size=4)
    >>> sizes.tolist(), columns["escs"].shape
    ([4, 4, 4], (12,))
    """
    specs = _specs(params, level1, level2)
    sizes, _, columns = _draw_design(params, n_groups, group_size, specs, rng)
    return sizes, {name: column.x for name, column in columns.items()}


def _draw_design(
    params: Params, n_groups: int, group_size: Sizes, specs: tuple[dict, dict], rng: Any
) -> tuple[np.ndarray, np.ndarray, dict[str, _Column]]:
    sizes = group_sizes(group_size, whole_number("n_groups", n_groups, 1), rng)
    groups = np.repeat(np.arange(len(sizes)), sizes)
    return sizes, groups, _draw_columns(params, *specs, groups, len(sizes), rng)


def _generator(seed: Any) -> np.random.Generator:
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(None if seed is None else whole_number("seed", seed, 0))


def _specs(params: Params, level1: Specs, level2: Specs) -> tuple[dict, dict]:
    """The specifications by name, level-1 ones completed by the default."""
    if not isinstance(params, Params):
        raise ValueError(f"params is {params!r}; make it with hlm.Params(beta=..., sigma_u=...).")
    specs1, specs2 = _read_specs("level1", level1, params), _read_specs("level2", level2, params)
    for name, spec in specs2.items():
        if name in specs1:
            raise ValueError(f"{name!r} stands in level1 and in level2; it lives at one of them.")
        if spec.icc:
            raise ValueError(
                f"level2[{name!r}]: icc is {spec.icc:g}, but a level-2 predictor has one value per "
                "group: all its variance lies between. Leave icc out."
            )
        if name in params.slopes:
            raise ValueError(
                f"slopes names {name!r}, a level-2 predictor. Within a group it does not vary, so "
                "the group has no slope on it."
            )
    default = {name: Predictor() for name in params.predictors if name not in specs2}
    return default | specs1, specs2


def _read_specs(where: str, specs: Specs, params: Params) -> dict[str, Predictor]:
    if isinstance(specs, str):
        raise ValueError(f"{where} is {specs!r}; give a list of names: {where}=[{specs!r}].")
    if not isinstance(specs, Mapping):
        specs = dict.fromkeys(specs)
    hint = f" To simulate a column without effect, give it the coefficient 0 in beta. ({where})"
    return {
        known(where, name, params.predictors, hint): as_predictor(f"{where}[{name!r}]", spec)
        for name, spec in specs.items()
    }


def _check_names(params: Params, outcome: Any, group: Any, truth: bool) -> None:
    taken = set(params.predictors) | (set(_truth_names(params)) if truth else set())
    for name, value in (("outcome", outcome), ("group", group)):
        if not isinstance(value, str) or not value:
            raise ValueError(f"{name} is {value!r}; it must be the name of a column.")
        if value in taken:
            raise ValueError(f"{name} is {value!r}, but another column has that name already.")
    if outcome == group:
        raise ValueError(f"outcome and group are both {outcome!r}; they are two columns.")
    clash = sorted(set(params.predictors) & set(_truth_names(params))) if truth else []
    if clash:
        raise ValueError(f"truth adds a column {clash[0]!r}, but a predictor has that name.")


def _truth_names(params: Params) -> list[str]:
    return ["u", *(f"u_{name}" for name in params.slopes), "e"]


def _ids(n_groups: int) -> np.ndarray:
    width = max(3, len(str(n_groups)))
    return np.array([f"{j:0{width}d}" for j in range(1, n_groups + 1)], dtype=object)


def _draw_columns(
    params: Params, specs1: dict, specs2: dict, groups: np.ndarray, n_groups: int, rng: Any
) -> dict[str, _Column]:
    columns = {}
    for name in params.predictors:
        level = 2 if name in specs2 else 1
        spec = specs2[name] if level == 2 else specs1[name]
        try:
            if level == 2:
                x = spec.values(rng, None, n_groups)[groups]
            else:
                x = spec.values(rng, groups, len(groups))
        except ValueError as error:
            raise ValueError(f"level{level}[{name!r}]: {error}") from None
        columns[name] = _Column(spec, level, x)
    return columns


def _fixed_part(params: Params, columns: Mapping[str, _Column]) -> np.ndarray | float:
    total: Any = params.beta["Intercept"]
    for term, coefficient in params.beta.items():
        if term != "Intercept":
            product = np.prod([columns[factor].x for factor in term.split(":")], axis=0)
            total = total + coefficient * product
    return total


def _random_part(params: Params, columns: Mapping[str, _Column], u: np.ndarray) -> np.ndarray:
    total = u[:, 0]
    for k, name in enumerate(params.slopes, start=1):
        total = total + u[:, k] * columns[name].x
    return total


def _root(params: Params) -> np.ndarray:
    """Lower triangular L with L L' = cov_u; correlations of exactly 1 and SDs of 0 are welcome."""
    values, vectors = np.linalg.eigh(params.corr_u)
    symmetric = vectors * np.sqrt(np.clip(values, 0, None)) @ vectors.T
    upper = np.linalg.qr(symmetric)[1]
    signs = np.where(np.diag(upper) < 0, -1.0, 1.0)
    return np.array([[params.sigma_u], *([sd] for sd in params.slopes.values())]) * (
        signs * upper.T
    )


def _blanked(
    table: dict,
    columns: Mapping[str, _Column],
    missing: Mapping[str, float] | None,
    group: str,
    outcome: str,
    groups: np.ndarray,
    rng: np.random.Generator,
) -> pd.DataFrame:
    import pandas as pd

    data = pd.DataFrame(table)
    data[group] = data[group].astype("str")
    if not hasattr(missing or {}, "items"):
        raise ValueError(f'missing is {missing!r}; map columns to shares: {{"desk": 0.03}}.')
    for name, share in (missing or {}).items():
        if name == group:
            raise ValueError(f"missing names {name!r}; a row needs to know its group.")
        known("missing", name, [outcome, *columns])
        column = columns.get(name)
        units = groups if column is not None and column.level == 2 else np.arange(len(groups))
        data.loc[_gone(name, share, units, rng), name] = (
            None if column is not None and column.spec.labels else np.nan
        )
    return data


def _gone(name: str, share: Any, units: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Which rows lose their value: an exact share of the units (rows, or groups)."""
    share = number(f"missing[{name!r}]", share)
    if not 0 <= share < 1:
        raise ValueError(
            f"missing[{name!r}] is {share:g}; a share of missing values lies from 0 to below 1 "
            "(3 per cent is 0.03)."
        )
    n_units = int(units[-1]) + 1
    return (rng.permutation(n_units) < round(share * n_units))[units]
