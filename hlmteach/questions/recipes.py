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
ANALYSIS = ["math", "desk", "escs", "stratio"]
STUDENT_COLUMNS = ["year", "country", "school_id", "student_id", "gender", "math", "read", "escs"]


def usa_schools(random: np.random.RandomState, n_schools: int = N_SCHOOLS) -> pd.DataFrame:
    """American students with their school's columns joined, complete: the analysis table.

    Columns: country, school_id, student_id, gender, math, read, desk (no, yes), escs, stratio,
    public_private. About 1,000 students in 60 schools of very different size; stratio is rounded to
    one decimal, so that some schools share a ratio.
    """
    base, schools = _complete("USA")
    chosen = np.sort(random.permutation(len(schools))[:n_schools])
    rows = _some_students(base, schools[chosen], random)
    data = base.iloc[rows].reset_index(drop=True)
    return _with_new_scores(data, random)


def countries(random: np.random.RandomState, n_schools: int = 30) -> pd.DataFrame:
    """Students of all six countries, complete, `n_schools` schools of each; ids repeat."""
    parts = []
    for country in _countries():
        base, schools = _complete(country)
        chosen = np.sort(random.permutation(len(schools))[:n_schools])
        parts.append(base.iloc[_some_students(base, schools[chosen], random)])
    return _with_new_scores(pd.concat(parts, ignore_index=True), random)


def usa_raw(random: np.random.RandomState, n_schools: int = N_SCHOOLS) -> tuple:
    """(students, schools) with the traps: desk, escs and stratio have gaps, and the schools'
    table holds every country, so that a join on school_id alone multiplies the rows."""
    students, schools = datasets_()
    own = schools[schools["country"] == "USA"]
    complete = random.permutation(np.flatnonzero(own["stratio"].notna().to_numpy()))
    silent = random.permutation(np.flatnonzero(own["stratio"].isna().to_numpy()))
    n_silent = n_schools // 6
    at = np.sort(np.concatenate([complete[: n_schools - n_silent], silent[:n_silent]]))
    wanted = own["school_id"].to_numpy()[at]
    mine = students[(students["country"] == "USA") & students["school_id"].isin(wanted)]
    mine = _with_new_scores(mine[[*STUDENT_COLUMNS, "desk"]].reset_index(drop=True), random)
    other = schools["country"] != "USA"
    kept = schools[other | schools["school_id"].isin(wanted)]
    columns = [*KEY, "stratio", "public_private", "school_size"]
    return mine, kept[columns].round({"stratio": 1}).reset_index(drop=True)


def study_hours(random: np.random.RandomState, n: int = 120) -> pd.DataFrame:
    """Hours of study a day and GPA, as in chapter 1."""
    return datasets.study_hours(n=n, seed=int(random.randint(1, 2**31 - 1)))


@cache
def datasets_() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The shipped tables, read once; desk as text-like categories, nothing changed."""
    return datasets.pisa_like()


@cache
def _countries() -> list[str]:
    return sorted(datasets_()[0]["country"].unique())


@cache
def _complete(country: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Complete joined rows of a country, and its schools that have at least 14 of them."""
    students, schools = datasets_()
    mine = students[students["country"] == country]
    joined = mine.merge(schools, on=KEY, validate="m:1").dropna(subset=ANALYSIS)
    size = joined.groupby("school_id")["math"].transform("size")
    joined = joined[size >= 14]
    columns = [*STUDENT_COLUMNS[1:], "desk", "stratio", "public_private"]
    joined = joined[columns].round({"stratio": 1}).reset_index(drop=True)
    return joined, np.asarray(joined["school_id"].unique())


def _some_students(
    base: pd.DataFrame, schools: np.ndarray, random: np.random.RandomState
) -> np.ndarray:
    """Rows of the chosen schools; from each school a few students are left out, unevenly."""
    chosen = np.flatnonzero(base["school_id"].isin(schools).to_numpy())
    code = pd.factorize(base["school_id"].to_numpy(dtype=object)[chosen])[0]
    share = 0.2 + 0.8 * random.random_sample(len(schools)) ** 1.5
    keep = random.random_sample(len(chosen)) < share[code]
    return chosen[keep]


def _with_new_scores(data: pd.DataFrame, random: np.random.RandomState) -> pd.DataFrame:
    """Math and reading with another mean, another spread and the schools moved a little."""
    code = pd.factorize((data["country"] + data["school_id"]).to_numpy(dtype=object))[0]
    n_schools = code.max() + 1
    shift = random.randint(-20, 21)
    scale = 0.9 + 0.2 * random.random_sample()
    moved = random.normal(0.0, 12.0 + 16.0 * random.random_sample(), n_schools)
    changed = {}
    for name in ("math", "read"):
        score = data[name].to_numpy()
        centre = round(float(score.mean()))
        new = centre + shift + scale * (score - centre) + moved[code]
        changed[name] = np.round(np.clip(new, 50.0, 950.0), 1)
    return data.assign(**changed)
