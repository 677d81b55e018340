"""Predictor: how a simulated predictor is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from hlmteach.arguments import known, number

Draw = Callable[[np.random.Generator, int], Any]


@dataclass(frozen=True, kw_only=True)
class Predictor:
    """How a simulated predictor is drawn: normal, yes/no, or by a function of yours.

    Parameters
    ----------
    mean, sd : float
        Mean and SD of a normal predictor; 0 and 1 unless told.
    icc : float
        Share of the predictor's variance that lies between groups, 0 to 1; for a yes/no predictor,
        of the normal variable behind it. Level 1 only.
    prob : float, optional
        The predictor is 1 with this probability and 0 otherwise.
    labels : pair of str, optional
        What to write for 0 and 1, such as ``("no", "yes")``. The first is the reference level.
    draw : callable, optional
        ``draw(rng, size)`` returns `size` numbers; `rng` is a NumPy Generator.

    Raises
    ------
    ValueError
        If a value cannot exist or two ways of drawing are mixed.

    Examples
    --------
    >>> Predictor(mean=15, sd=5)
    Predictor(mean=15.0, sd=5.0, icc=0.0, prob=None, labels=None, draw=None)
    """

    mean: float = 0.0
    sd: float = 1.0
    icc: float = 0.0
    prob: float | None = None
    labels: tuple[str, str] | None = None
    draw: Draw | None = None

    def __post_init__(self) -> None:
        keep = object.__setattr__
        for name in ("mean", "sd", "icc"):
            keep(self, name, number(name, getattr(self, name)))
        if self.sd < 0:
            raise ValueError(f"sd is {self.sd:g}; an SD cannot be negative.")
        if not 0 <= self.icc <= 1:
            raise ValueError(f"icc is {self.icc:g}; a share of variance lies from 0 to 1.")
        if self.prob is not None:
            keep(self, "prob", number("prob", self.prob))
            if not 0 < self.prob < 1:
                raise ValueError(f"prob is {self.prob:g}; it must lie between 0 and 1.")
        if self.labels is not None:
            keep(self, "labels", _labels(self.labels))
        self._refuse_mixtures()

    def _refuse_mixtures(self) -> None:
        shaped = (self.mean, self.sd) != (0, 1)
        if self.prob is not None and shaped:
            raise ValueError("prob is for a 0/1 predictor: leave out mean and sd.")
        if self.labels is not None and self.prob is None:
            raise ValueError("labels are for a 0/1 predictor: give prob too.")
        if self.draw is not None:
            if not callable(self.draw):
                raise ValueError(f"draw is {self.draw!r}; it must be a function of (rng, size).")
            if shaped or self.icc or self.prob is not None:
                raise ValueError("draw makes the values itself: leave out mean, sd, icc and prob.")

    def values(self, rng: np.random.Generator, groups: np.ndarray | None, size: int) -> np.ndarray:
        """Draw the predictor.

        Parameters
        ----------
        rng : numpy Generator
        groups : array of int, shape (size,), or None
            The group of each row, 0-based, at level 1; None at level 2, where a row is a group.
        size : int
            Rows at level 1, groups at level 2.

        Returns
        -------
        array of float, shape (size,)
        """
        if self.draw is not None:
            return _drawn(self.draw(rng, size), size)
        z = rng.standard_normal(size)
        if groups is not None and self.icc:
            shared = rng.standard_normal(int(groups.max()) + 1)[groups]
            z = self.icc**0.5 * shared + (1 - self.icc) ** 0.5 * z
        if self.prob is not None:
            return (z < NormalDist().inv_cdf(self.prob)).astype(float)
        return self.mean + self.sd * z


def as_predictor(where: str, spec: Any) -> Predictor:
    """A Predictor from a Predictor, a mapping of its fields, a function, or None (the default).

    Raises
    ------
    ValueError
        If the specification cannot be read; the message begins with `where`.

    Examples
    --------
    >>> as_predictor("level1['desk']", {"prob": 0.8, "labels": ("no", "yes")}).prob
    0.8
    """
    if isinstance(spec, Predictor):
        return spec
    if spec is None:
        return Predictor()
    if callable(spec):
        return Predictor(draw=spec)
    if not isinstance(spec, Mapping):
        raise ValueError(
            f"{where} is {spec!r}; describe a predictor by a mapping such as "
            '{"mean": 15, "sd": 5} or {"prob": 0.8}, or by a function of (rng, size).'
        )
    for key in spec:
        known(where, key, Predictor.__dataclass_fields__)
    try:
        return Predictor(**spec)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


def _labels(labels: Any) -> tuple[str, str]:
    pair = tuple(labels) if isinstance(labels, tuple | list) else ()
    if len(pair) != 2 or not all(isinstance(one, str) for one in pair) or pair[0] == pair[1]:
        raise ValueError(
            f"labels is {labels!r}; it must be two different texts such as ('no', 'yes')."
        )
    return pair


def _drawn(values: Any, size: int) -> np.ndarray:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError("the function returned something that is not numbers.") from None
    if array.shape != (size,):
        raise ValueError(
            f"the function returned shape {array.shape}; I asked for {size} numbers, "
            f"shape ({size},)."
        )
    if not np.isfinite(array).all():
        raise ValueError("the function returned NaN or infinite values; use `missing` for gaps.")
    return array
