"""Surveys: recipes of plausible values, weights and replicates, and the rules that combine them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hlmteach.weighting import scale_weights

from .fits import lmer, remember
from .recipes import usa_schools

PVS = [f"pv{m}math" for m in range(1, 6)]
NULL = "math ~ 1 + (1 | school_id)"


def five_fits(random: np.random.RandomState) -> pd.DataFrame:
    """What a model gave for each of five plausible values: a slope and its standard error."""
    within = 1.5 + 1.5 * random.random_sample()
    between = within * (0.6 + 0.6 * random.random_sample())
    slope = 15 + 25 * random.random_sample()
    return pd.DataFrame(
        {
            "pv": PVS,
            "estimate": np.round(slope + between * random.normal(size=5), 2),
            "se": np.round(within * (0.7 + 0.6 * random.random_sample(5)), 2),
        }
    )


def five_values(random: np.random.RandomState) -> pd.DataFrame:
    """Students of 25 schools with five plausible values that leave much open."""
    data = usa_schools(random, n_schools=25)
    escs = data["escs"].to_numpy()
    known = data["math"].to_numpy()
    draws = 45 * random.normal(size=(len(data), 5)) + escs[:, None] * 3.5 * random.normal(size=5)
    values = pd.DataFrame(np.round(known[:, None] + draws, 1), columns=PVS)
    return pd.concat([data[["school_id", "student_id", "escs"]], values], axis=1)


def unequal_chances(random: np.random.RandomState) -> pd.DataFrame:
    """Students of 25 schools with weights; weaker schools stand for more others."""
    data = usa_schools(random, n_schools=25)
    codes = pd.factorize(data["school_id"])[0]
    n = np.bincount(codes)
    means = np.bincount(codes, data["math"]) / n
    z = (means - means.mean()) / means.std()
    school = np.round(60 * np.exp(0.7 * random.normal(size=len(n)) - 0.5 * z), 2)
    given = (3 + 12 * random.random_sample(len(n)))[codes]
    given = given * np.exp(0.4 * random.normal(size=len(data)))
    return data[["school_id", "student_id", "math", "escs"]].assign(
        sch_wgt=school[codes], stu_wgt=np.round(school[codes] * given, 1)
    )


def replicated(random: np.random.RandomState) -> pd.DataFrame:
    """Estimates with the full weights (first row) and with Fay's replicates, for five values."""
    n, fay = int(random.choice([24, 28, 32, 36])), float(random.choice([0.2, 0.3, 0.4]))
    error = 2 + 2 * random.random_sample()
    full = 460 + 40 * random.random_sample() + error * 0.8 * random.normal(size=5)
    moves = (
        (1 - fay) * error * (0.3 + random.normal(size=(n, 1)) + 0.3 * random.normal(size=(n, 5)))
    )
    table = pd.DataFrame(np.vstack([full, full + moves]).round(2), columns=PVS)
    table.insert(0, "weight", ["full", *[f"replicate {r}" for r in range(1, n + 1)]])
    return table.assign(fay=fay)


@dataclass(frozen=True)
class Rubin:
    """Parts of Rubin's rules: estimates (M,) and their variances (M,)."""

    estimates: np.ndarray
    variances: np.ndarray

    @property
    def m(self) -> int:
        return len(self.estimates)

    @property
    def within(self) -> float:
        return float(self.variances.mean())

    @property
    def between(self) -> float:
        return float(self.estimates.var(ddof=1))

    @property
    def added(self) -> float:
        """What the draws add to the variance."""
        return (1 + 1 / self.m) * self.between

    @property
    def total(self) -> float:
        return self.within + self.added

    @property
    def share(self) -> float:
        return self.added / self.total


def rubin(data: pd.DataFrame) -> Rubin:
    """The rules for a table of `five_fits`."""
    return Rubin(data["estimate"].to_numpy(), data["se"].to_numpy() ** 2)


def pv_fits(data: pd.DataFrame, fixed: str) -> list:
    """The model of each plausible value, remembered."""
    return [lmer(f"{pv} ~ {fixed} + (1 | school_id)", data) for pv in PVS]


def averaged(data: pd.DataFrame) -> pd.DataFrame:
    """The table with the mean of the five values as `math`, remembered."""
    return remember(data, ("averaged",), lambda: data.assign(math=data[PVS].mean(axis=1)))


def stacked(data: pd.DataFrame) -> pd.DataFrame:
    """The five values below each other as `math`, remembered."""

    def make() -> pd.DataFrame:
        names = ["school_id", "escs"]
        return pd.concat([data[names].assign(math=data[pv]) for pv in PVS], ignore_index=True)

    return remember(data, ("stacked",), make)


def weighted(data: pd.DataFrame, **how: object):
    """The weighted empty model, remembered."""
    from hlmteach.pseudolikelihood import weighted as fit

    key = ("weighted", *((k, v) for k, v in sorted(how.items())))
    return remember(data, key, lambda: fit(NULL, _with_given(data), **how))


def _with_given(data: pd.DataFrame) -> pd.DataFrame:
    return data.assign(given=data["stu_wgt"] / data["sch_wgt"])


def scaled(data: pd.DataFrame, scaling: str) -> float:
    """The first student's weight after scaling."""
    return float(scale_weights(data["stu_wgt"], data["school_id"], scaling).iloc[0])


def school_weights(data: pd.DataFrame) -> np.ndarray:
    return data.drop_duplicates("school_id")["sch_wgt"].to_numpy()


def squares(data: pd.DataFrame, pv: str = PVS[0]) -> float:
    """Sum of the replicates' squared deviations from the estimate with the full weights."""
    values = data[pv].to_numpy()
    return float(((values[1:] - values[0]) ** 2).sum())


def design(data: pd.DataFrame) -> tuple[int, float]:
    """Number of replicates, and Fay's k."""
    return len(data) - 1, float(data["fay"].iloc[0])


def sampling(data: pd.DataFrame, pv: str = PVS[0]) -> float:
    """Sampling variance of a plausible value's estimate."""
    n, fay = design(data)
    return squares(data, pv) / (n * (1 - fay) ** 2)


def recipe(data: pd.DataFrame) -> Rubin:
    """Full recipe: estimates with the full weights, and their sampling variances."""
    return Rubin(data[PVS].iloc[0].to_numpy(float), np.array([sampling(data, pv) for pv in PVS]))
