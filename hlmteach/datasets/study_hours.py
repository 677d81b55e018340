"""Study hours: the data of chapter 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hlmteach.arguments import whole_number

if TYPE_CHECKING:
    import pandas as pd

ALPHA, BETA, SIGMA = 2.3, 0.1, 0.25
MOST_HOURS = 8
_FARTHEST = 3.5  # SDs: 2.3 + 0.1 * 8 + 3.5 * 0.25 = 3.975, so no GPA ever needs clipping


def study_hours(n: int = 200, *, seed: int = 1) -> pd.DataFrame:
    """Hours of study a day and GPA of `n` students. The data are simulated.

    The truth is GPA = 2.3 + 0.1 * hours + error, with an error SD of 0.25. No error lies farther
    than 3.5 SDs from 0 (a normal error does so once in 2,000 students), which keeps every GPA
    between 0 and 4 without cutting any; the cut is symmetric, so the slope stays 0.1.

    Parameters
    ----------
    n : int
        Number of students, 1 or more.
    seed : int
        Another seed is another class. The numbers are the same under every version of NumPy.

    Returns
    -------
    DataFrame
        One row per student:

        hours
            Hours of study a day, 0 to 8, to the tenth; most study between 1 and 5.
        gpa
            Grade point average, 0 to 4, to the hundredth.

    Raises
    ------
    ValueError
        If `n` is not a whole number of 1 or more, or `seed` not one of 0 or more.

    Examples
    --------
    >>> data = study_hours()
    >>> data.shape
    (200, 2)
    >>> np.polyfit(data["hours"], data["gpa"], 1).round(2).tolist()
    [0.1, 2.27]
    """
    import pandas as pd
    from scipy.special import betaincinv, ndtr, ndtri

    n, seed = whole_number("n", n, 1), whole_number("seed", seed, 0)
    first, second = _uniform(2 * n, seed).reshape(2, n)
    hours = np.round(MOST_HOURS * betaincinv(2, 3, first), 1)
    error = SIGMA * ndtri(ndtr(-_FARTHEST) + second * (ndtr(_FARTHEST) - ndtr(-_FARTHEST)))
    gpa = np.round(ALPHA + BETA * hours + error, 2)
    data = pd.DataFrame({"hours": hours, "gpa": gpa})
    data.attrs["source"] = "simulated by hlmteach.datasets.study_hours"
    return data


def _uniform(size: int, seed: int) -> np.ndarray:
    # NumPy promises the raw bits of a bit generator for ever, but not what a Generator makes of
    # them (NEP 19); 53 bits are a double between 0 and 1.
    return ((np.random.PCG64(seed).random_raw(size) >> np.uint64(11)) + 0.5) * 2.0**-53
