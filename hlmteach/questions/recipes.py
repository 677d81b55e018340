"""Recipes: a student's own data, made from the shipped tables and a RandomState.

Schools are chosen and the scores changed a little; everything is rounded, so that the same random
numbers give the same table on every machine. Do not change a returned table in place.
"""

from functools import cache

import numpy as np
import pandas as pd

from hlmteach import datasets

N_SCHOOLS = 60
KEY = ["year", "country", "school_id"]
ANALYSIS = ["math", "desk", "escs", "stratio", "public_private"]
STUDENT_COLUMNS = ["year", "country", "school_id", "student_id", "gender", "math", "read", "escs"]


def usa_schools(random: np.random.RandomState, n_schools: int = N_SCHOOLS) -> pd.DataFrame:
    """American students with their school's columns joined, complete: the analysis table.

    Columns: country, school_id, student_id, gender, math, read, desk (no, yes), escs, stratio,
    public_private. About 1,000 students in 60 schools of very different size; stratio is rounded to
    one decimal, so that some schools share a ratio.
    """
    data, codes = _some_of("USA", n_schools, random)
    return _with_new_scores(data.reset_index(drop=True), codes, random)


def countries(random: np.random.RandomState, n_schools: int = 30) -> pd.DataFrame:
    """Students of all six countries, complete, `n_schools` schools of each; ids repeat."""
    parts = [_some_of(country, n_schools, random) for country in _countries()]
    data = pd.concat([table for table, _ in parts], ignore_index=True)
    codes = np.concatenate([own + k * n_schools for k, (_, own) in enumerate(parts)])
    return _with_new_scores(data, codes, random)


def usa_raw(random: np.random.RandomState, n_schools: int = N_SCHOOLS) -> tuple:
    """(students, schools) with the traps: desk, escs and stratio have gaps, and the schools'
    table holds every country, so that a join on school_id alone multiplies the rows."""
    students, codes, schools, own, has_ratio = _raw("USA")
    complete = random.permutation(np.flatnonzero(has_ratio))
    silent = random.permutation(np.flatnonzero(~has_ratio))
    n_silent = n_schools // 6
    at = np.sort(np.concatenate([complete[: n_schools - n_silent], silent[:n_silent]]))
    place = np.full(len(has_ratio) + 1, -1)
    place[at] = np.arange(len(at))
    rows = np.flatnonzero(place[codes] >= 0)
    mine = students.iloc[rows].reset_index(drop=True)
    mine = _with_new_scores(mine, place[codes[rows]], random)
    kept = np.flatnonzero((own < 0) | (place[own] >= 0))
    return mine, schools.iloc[kept].reset_index(drop=True)


@cache
def _raw(country: str) -> tuple:
    """A country's students, each one's school as a number; all schools, each one's number or -1;
    and which of the country's schools report a ratio."""
    students, schools = datasets_()
    own = schools[schools["country"] == country]
    number = pd.Series(np.arange(len(own)), own["school_id"].to_numpy())
    mine = students.loc[students["country"] == country, [*STUDENT_COLUMNS, "desk"]]
    codes = number.loc[mine["school_id"].to_numpy()].to_numpy()
    numbers = np.full(len(schools), -1)
    numbers[schools["country"].to_numpy() == country] = np.arange(len(own))
    columns = [*KEY, "stratio", "public_private", "school_size"]
    table = schools[columns].round({"stratio": 1})
    return mine, codes, table, numbers, own["stratio"].notna().to_numpy()


def study_hours(random: np.random.RandomState, n: int = 120) -> pd.DataFrame:
    """Hours of study a day and GPA, as in chapter 1."""
    return datasets.study_hours(n=n, seed=int(random.randint(1, 2**31 - 1)))


@cache
def datasets_() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The shipped tables, read once; desk as text-like categories, nothing changed."""
    tables = datasets.pisa_like()
    for table in tables:
        table.attrs.clear()  # pandas copies them at every step
    return tables


@cache
def _countries() -> list[str]:
    return sorted(datasets_()[0]["country"].unique())


@cache
def _complete(country: str) -> tuple[pd.DataFrame, np.ndarray, int]:
    """Complete joined rows of a country, in schools that have at least 14 of them.

    Returns the rows, each row's school as a number from 0, and how many schools there are.
    """
    students, schools = datasets_()
    mine = students[students["country"] == country]
    joined = mine.merge(schools, on=KEY, validate="m:1").dropna(subset=ANALYSIS)
    size = joined.groupby("school_id")["math"].transform("size")
    joined = joined[size >= 14]
    columns = [*STUDENT_COLUMNS[1:], "desk", "stratio", "public_private"]
    joined = joined[columns].round({"stratio": 1}).reset_index(drop=True)
    codes, found = pd.factorize(joined["school_id"].to_numpy(dtype=object))
    return joined, codes, len(found)


def _some_of(
    country: str, n_schools: int, random: np.random.RandomState
) -> tuple[pd.DataFrame, np.ndarray]:
    """Students of some schools, and each one's school as a number from 0.

    From each school a few students are left out, from one more than from another.
    """
    base, codes, n_all = _complete(country)
    chosen = np.sort(random.permutation(n_all)[:n_schools])
    place = np.full(n_all, -1)
    place[chosen] = np.arange(len(chosen))
    rows = np.flatnonzero(place[codes] >= 0)
    share = 0.2 + 0.8 * random.random_sample(len(chosen)) ** 1.5
    rows = rows[random.random_sample(len(rows)) < share[place[codes[rows]]]]
    return base.iloc[rows], place[codes[rows]]


def _with_new_scores(
    data: pd.DataFrame, codes: np.ndarray, random: np.random.RandomState
) -> pd.DataFrame:
    """Math and reading with another mean, another spread and the schools moved a little.

    Large schools are moved more than small ones or less, so that the variance of the column is not
    the sum of the two variance components: a mistake that must be told from the right answer.
    """
    shift = random.randint(-20, 21)
    scale = 0.9 + 0.2 * random.random_sample()
    sizes = np.bincount(codes) / np.bincount(codes).max()
    spread = (12.0 + 16.0 * random.random_sample()) * (
        0.2 + 1.6 * (sizes if random.random_sample() < 0.5 else 1 - sizes)
    )
    moved = spread * random.normal(0.0, 1.0, len(sizes))
    for name in ("math", "read"):
        score = data[name].to_numpy()
        centre = round(float(score.mean()))
        new = centre + shift + scale * (score - centre) + moved[codes]
        data[name] = np.round(np.clip(new, 50.0, 950.0), 1)
    return data
