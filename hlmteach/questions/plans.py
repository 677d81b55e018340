"""Plans: recipes of designs and of simulated studies, and what the formulas make of them.

A plan is a table of one row. Half of its schools get a programme, drawn by lot.
"""

import numpy as np
import pandas as pd
from scipy import special, stats


def plan(random: np.random.RandomState) -> pd.DataFrame:
    """A design, what is known of the outcome, and a covariate: one row."""
    return pd.DataFrame(
        {
            "n_schools": [2 * random.randint(15, 46)],
            "n_students": [random.randint(8, 36)],  # of each school
            "sigma_u": [float(random.randint(25, 56))],
            "sigma_e": [float(random.randint(65, 96))],
            "r2_between": [random.randint(40, 81) / 100],
        }
    )


def budget(random: np.random.RandomState) -> pd.DataFrame:
    """A plan with costs, and an effect whose power is neither small nor near one."""
    table = plan(random).drop(columns="r2_between")
    table["effect"] = np.round((1.7 + 1.2 * random.random_sample()) * se_school(table))
    table["cost_school"] = [50.0 * random.randint(8, 31)]
    table["cost_student"] = [float(random.randint(8, 31))]
    return table


def simulated(random: np.random.RandomState) -> pd.DataFrame:
    """What 300 to 700 simulated studies of few schools found: one row a study."""
    n_sims, df = int(random.randint(300, 700)), int(random.randint(7, 12))
    truth = float(random.randint(15, 31))
    error = truth / (1.5 + 0.6 * random.random_sample())
    return pd.DataFrame(
        {
            "estimate": np.round(truth + error * random.normal(size=n_sims), 2),
            "se": np.round(error * np.sqrt(random.chisquare(df, n_sims) / df), 2),
            "df": df,
            "truth": truth,
        }
    )


def of(data: pd.DataFrame, *names: str) -> list[float]:
    """Numbers of the plan, by name."""
    return [float(data[name].iloc[0]) for name in names]


def design(data: pd.DataFrame) -> list[float]:
    """Schools, students of each, sigma_u, sigma_e."""
    return of(data, "n_schools", "n_students", "sigma_u", "sigma_e")


def icc(data: pd.DataFrame) -> float:
    u, e = of(data, "sigma_u", "sigma_e")
    return u**2 / (u**2 + e**2)


def deff(data: pd.DataFrame) -> float:
    return 1 + (of(data, "n_students")[0] - 1) * icc(data)


def se_school(data: pd.DataFrame) -> float:
    """Standard error of the programme: half of the schools have it."""
    J, n, u, e = design(data)
    return 2 * np.sqrt((u**2 + e**2 / n) / J)


def se_independent(data: pd.DataFrame) -> float:
    """The same as if students were independent."""
    J, n, u, e = design(data)
    return 2 * np.sqrt((u**2 + e**2) / (J * n))


def power(effect: float, se: float, df: float, alpha: float = 0.05, sides: int = 2) -> float:
    """Power of a t-test by the noncentral t distribution."""
    critical, centre = special.stdtrit(df, 1 - alpha / sides), effect / se
    above = stats.nct.sf(critical, df, centre)  # scipy's cdf is nan in the far tail, sf is not
    return above + (stats.nct.sf(critical, df, -centre) if sides == 2 else 0)


def t_values(data: pd.DataFrame) -> tuple[np.ndarray, float]:
    """(R,) t values, and the critical one."""
    t = (data["estimate"] / data["se"]).to_numpy()
    return t, float(special.stdtrit(data["df"].iloc[0], 0.975))


def found(data: pd.DataFrame) -> np.ndarray:
    """(R,) which studies are significant, two-sided."""
    t, critical = t_values(data)
    return np.abs(t) > critical
