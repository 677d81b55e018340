"""The data of the races."""

import os
from pathlib import Path

import numpy as np
import pandas as pd

import hlmteach as hlm

_ROOT = Path(__file__).parents[1]


def pisa_usa() -> pd.DataFrame:
    """The United States of `pisa_like`: complete rows, with the school's columns."""
    students, schools = hlm.datasets.pisa_like()
    keys = [name for name in students if name in schools]
    usa = students[students["country"] == "USA"].merge(schools, on=keys, how="left")
    usa = usa[["school_id", "math", "desk", "escs", "stratio"]]
    return usa.dropna().reset_index(drop=True)


def school_study(n_groups: int, rows: int, slope: float = 0.0) -> pd.DataFrame:
    """`rows` pupils in `n_groups` schools of different sizes: achievement on status and sector."""
    rng = np.random.default_rng(160)
    sizes = 2 + rng.multinomial(rows - 2 * n_groups, rng.dirichlet(np.full(n_groups, 5.0)))
    truth = hlm.Params(
        beta={"Intercept": 12, "ses": 2.4, "sector": 2}, sigma_u=2, sigma_e=6,
        slopes={"ses": slope} if slope else {},
    )  # fmt: skip
    return hlm.simulate(
        truth,
        n_groups=n_groups,
        group_size=sizes.tolist(),
        level1={"ses": {"sd": 0.8, "icc": 0.25}},
        level2={"sector": {"prob": 0.45}},
        outcome="achievement",
        group="school",
        seed=7185,
    )


def pisa_2003() -> pd.DataFrame | None:
    """All students of the real PISA 2003, or None where its files are not there.

    They are looked for in the folder that HLMTEACH_REAL_DATA names, or in `shared/data` beside the
    project; they are the OECD's and not stored here.
    """
    folder = os.environ.get("HLMTEACH_REAL_DATA") or _ROOT.parent / "shared" / "data"
    if not (Path(folder) / "student_2003.rds").exists():
        return None
    students, _ = hlm.datasets.pisa(2003, path=folder)
    return students[["country", "school_id", "math", "escs"]].reset_index(drop=True)
