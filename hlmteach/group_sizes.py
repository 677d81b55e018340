"""Group sizes: how many members each group of a simulated study has."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from hlmteach.arguments import known, number, whole_number

Sizes = int | tuple[int, int] | list[int] | Mapping[str, float] | Callable


def group_sizes(group_size: Sizes, n_groups: int, rng: np.random.Generator) -> np.ndarray:
    """One size per group.

    Parameters
    ----------
    group_size : int, (low, high), list, mapping or function
        As in `hlmteach.simulate`.
    n_groups : int
    rng : numpy Generator

    Returns
    -------
    array of int, shape (n_groups,)

    Raises
    ------
    ValueError
        If a group would have no member, or the sizes do not fit `n_groups`.

    Examples
    --------
    >>> group_sizes([3, 5], 2, np.random.default_rng(1)).tolist()
    [3, 5]
    """
    if isinstance(group_size, tuple):
        sizes = _uniform_sizes(group_size, n_groups, rng)
    elif isinstance(group_size, Mapping):
        sizes = _normal_sizes(group_size, n_groups, rng)
    elif callable(group_size):
        sizes = list(group_size(rng, n_groups))
    elif np.ndim(group_size) == 1:
        sizes = list(group_size)
    else:
        sizes = [group_size] * n_groups
    if len(sizes) != n_groups:
        raise ValueError(f"group_size has {len(sizes)} sizes, but n_groups is {n_groups}.")
    meaning = "a group has at least one member"
    return np.array([whole_number("group_size", size, 1, meaning) for size in sizes])


def _uniform_sizes(pair: tuple, n_groups: int, rng: np.random.Generator) -> np.ndarray:
    if len(pair) != 2:
        raise ValueError(
            f"group_size is {pair!r}; a tuple is a range (low, high). "
            "For one size per group give a list."
        )
    low, high = (whole_number("group_size", size, 1) for size in pair)
    if low > high:
        raise ValueError(f"group_size is {pair!r}; the range (low, high) begins above its end.")
    return rng.integers(low, high, n_groups, endpoint=True)


def _normal_sizes(spec: Mapping, n_groups: int, rng: np.random.Generator) -> np.ndarray:
    for key in spec:
        known("group_size", key, ["mean", "sd", "low", "high"])
    if "mean" not in spec:
        raise ValueError(f"group_size is {dict(spec)!r}; it needs a mean.")
    mean, sd = (number(f"group_size[{k!r}]", spec.get(k, 0)) for k in ("mean", "sd"))
    if sd < 0:
        raise ValueError(f"group_size['sd'] is {sd:g}; an SD cannot be negative.")
    low = whole_number("group_size['low']", spec.get("low", 1), 1)
    high = spec.get("high")
    if high is not None and whole_number("group_size['high']", high, 1) < low:
        raise ValueError(f"group_size['high'] is {high}, below group_size['low'], {low}.")
    return np.clip(np.rint(rng.normal(mean, sd, n_groups)), low, high).astype(int)
