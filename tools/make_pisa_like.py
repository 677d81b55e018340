"""Make the course's simulated PISA data: python tools/make_pisa_like.py [FOLDER]

FOLDER is hlmteach/data unless given. The United States are calibrated: a few constants are solved
for until the article's three models print the article's numbers. The numbers are the same under
every version of NumPy: only the raw bits of a bit generator are used, which NumPy promises to keep.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
from pisa_like_countries import COUNTRIES, USA_STRATIO_SLOPE, Country
from pisa_like_world import N_PV, Draws, make_schools, make_students, standardised
from scipy.optimize import root

import hlmteach as hlm

YEAR = 2018
SEED = 2027
PV_NOISE = 0.13  # share of the student-level error variance that differs between plausible values
GIRLS = -8.0  # points in math


# ------------------------------------------------------------------------------------- scores


def math_score(c: Country, s: SimpleNamespace, t: SimpleNamespace, constants, pv: int = 0):
    """A plausible value of math under the constants (level, desk, stratio, scales of u and e)."""
    level, desk, stratio, sd_u, sd_e = constants
    inside = t.escs - s.escs[t.school]
    slope = c.within + c.slope_sd * s.slope[t.school]
    school = c.between * s.escs + stratio * s.stratio + sd_u * s.u
    e = np.sqrt(1 - PV_NOISE) * t.e + np.sqrt(PV_NOISE) * t.noise[pv]
    return level + school[t.school] + slope * inside + desk * t.desk + GIRLS * t.girl + sd_e * e


def table(s: SimpleNamespace, t: SimpleNamespace, math: np.ndarray) -> pd.DataFrame:
    """The analysis table, the schools joined."""
    return pd.DataFrame(
        {
            "school_id": t.school.astype(str),
            "math": math,
            "desk": np.where(t.has_desk, t.desk, np.nan),
            "escs": np.where(t.has_escs, t.escs, np.nan),
            "stratio": np.where(s.has_stratio, s.stratio, np.nan)[t.school],
        }
    )


def calibrate(c: Country, s: SimpleNamespace, t: SimpleNamespace) -> np.ndarray:
    """Constants at which the REML estimates of the rounded scores hit the targets."""
    return calibrate_usa(c, s, t) if c.code == "USA" else calibrate_empty(c, s, t)


def calibrate_usa(c: Country, s: SimpleNamespace, t: SimpleNamespace) -> np.ndarray:
    def misses(x: np.ndarray) -> np.ndarray:
        data = table(s, t, math_score(c, s, t, x * units)).dropna()
        empty = hlm.lmer("math ~ 1 + (1 | school_id)", data)
        level1 = hlm.lmer("math ~ 1 + desk + escs + (1 | school_id)", data)
        level2 = hlm.lmer("math ~ 1 + desk + escs + stratio + (1 | school_id)", data)
        return np.array(
            [
                empty.beta["Intercept"] / c.intercept - 1,
                empty.sigma_u**2 / c.var_school - 1,
                empty.sigma_e**2 / c.var_residual - 1,
                level1.beta["desk"] / c.desk - 1,
                level2.beta["stratio"] / USA_STRATIO_SLOPE - 1,
            ]
        )

    units = np.array([480, c.desk, USA_STRATIO_SLOPE, 25.0, 78.0])
    return solved(misses, np.array([1, 1, -0.5, 1, 1])) * units


def calibrate_empty(c: Country, s: SimpleNamespace, t: SimpleNamespace) -> np.ndarray:
    def constants(x: np.ndarray) -> np.ndarray:
        level, sd_u, sd_e = x
        return np.array(
            [c.intercept * level, c.desk, c.stratio[2], sd_u * start[0], sd_e * start[1]]
        )

    def misses(x: np.ndarray) -> np.ndarray:
        empty = hlm.lmer(
            "math ~ 1 + (1 | school_id)", table(s, t, math_score(c, s, t, constants(x)))
        )
        found = np.array([empty.beta["Intercept"], empty.sigma_u**2, empty.sigma_e**2])
        return found / (c.intercept, c.var_school, c.var_residual) - 1

    start = np.sqrt([c.var_school / 3, c.var_residual])
    return constants(solved(misses, np.ones(3)))


def solved(misses, start: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # trial constants may give a singular fit
        found = root(misses, start, tol=1e-11)
    if np.abs(misses(found.x)).max() > 1e-8:
        raise RuntimeError(f"The calibration did not converge: {found.message}")
    return found.x


def other_subject(
    s: SimpleNamespace, t: SimpleNamespace, math: np.ndarray, target: tuple, girls: float, r: Draws
) -> np.ndarray:
    """A score in another subject, correlated with math at both levels."""
    mean, sd_between, sd_within = target
    means = np.bincount(t.school, math) / s.n
    between = 0.92 * standardised(means) + np.sqrt(1 - 0.92**2) * r.normal(len(means))
    within = math - means[t.school]
    within = 0.75 * within / within.std() + np.sqrt(1 - 0.75**2) * r.normal(len(math))
    return mean + sd_between * between[t.school] + sd_within * within + girls * (t.girl - 0.49)


# -------------------------------------------------------------------------------------- tables


def make_country(c: Country, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    r = Draws(seed)
    s = make_schools(c, r)
    t = make_students(c, s, r)
    constants = calibrate(c, s, t)
    values = [np.round(math_score(c, s, t, constants, pv), 3) for pv in range(N_PV)]
    ids = np.array([f"{j:05d}" for j in range(1, c.schools + 1)])
    keys = {
        "year": YEAR,
        "country": c.code,
        "school_id": ids[t.school],
        "student_id": np.arange(1, c.students + 1),
    }
    read = other_subject(s, t, values[0], c.read, 26.0, r)
    science = other_subject(s, t, values[0], c.science, 3.0, r)
    students = pd.DataFrame(
        keys
        | {
            "gender": np.where(t.girl, "female", "male"),
            "math": values[0],
            "read": np.round(read, 3),
            "science": np.round(science, 3),
            "stu_wgt": np.round(t.weight, 5),
            "desk": pd.Series(np.where(t.desk, "yes", "no")).where(t.has_desk),
            "escs": np.where(t.has_escs, t.escs, np.nan),
        }
    )
    sector = pd.Series(np.where(s.private, "private", "public")).where(s.has_sector)
    schools = pd.DataFrame(
        {
            "year": YEAR,
            "country": c.code,
            "school_id": ids,
            "stratio": np.where(s.has_stratio, s.stratio, np.nan),
            "public_private": sector,
            "sch_wgt": np.round(s.weight, 5),
            "school_size": pd.Series(s.size.astype(int)).astype("Int64").where(s.has_size),
            "stratum": [f"{c.code}{k + 1}" for k in s.stratum],
            "var_stratum": s.zone,
            "var_unit": s.unit,
        }
    )
    pv = pd.DataFrame(keys | {f"pv{m + 1}math": values[m] for m in range(N_PV)})
    return students, schools, pv


def write(frames: dict[str, pd.DataFrame], folder: Path) -> None:
    """Compressed without a time stamp, so that the same content is the same file."""
    fingerprints = {}
    for name, frame in frames.items():
        content = frame.to_csv(index=False, lineterminator="\n").encode()
        fingerprints[name] = hashlib.sha256(content).hexdigest()
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(content, 9, mtime=0))
    (folder / "fingerprints.json").write_text(json.dumps(fingerprints, indent=1) + "\n")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1] / "hlmteach/data")
    folder.mkdir(parents=True, exist_ok=True)
    made = [make_country(c, SEED * 100 + k) for k, c in enumerate(COUNTRIES)]
    names = ("pisa_like_students", "pisa_like_schools", "pisa_like_pv")
    parts = zip(*made, strict=True)
    write({n: pd.concat(p, ignore_index=True) for n, p in zip(names, parts, strict=True)}, folder)


if __name__ == "__main__":
    main()
