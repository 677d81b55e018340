"""Uneven: tables in which some schools have but a few students.

Where all schools are of about one size, means of means, aggregated regressions and the like give
nearly what the model gives; tiny schools pull them apart.
"""

import numpy as np
import pandas as pd

N_TINY = 12


def uneven(
    data: pd.DataFrame,
    random: np.random.RandomState,
    n_tiny: int = N_TINY,
    small_first: bool = False,
) -> pd.DataFrame:
    """Two or three students are left in some schools of the table.

    Parameters
    ----------
    data : students of one country, sorted by `school_id`
    random : source of random numbers
    n_tiny : number of such schools
    small_first : leave six to nine students in the school of the first row, too

    Examples
    --------
    >>> data = pd.DataFrame({"school_id": np.repeat(np.arange(20), 15)})
    >>> sizes = uneven(data, np.random.RandomState(1), small_first=True).groupby("school_id").size()
    >>> int((sizes < 4).sum()), int(sizes[0])
    (12, 6)
    """
    codes = pd.factorize(data["school_id"].to_numpy(dtype=object))[0]
    most = np.full(codes.max() + 1, len(data))
    most[1 + random.permutation(codes.max())[:n_tiny]] = random.randint(2, 4, n_tiny)
    if small_first:
        most[0] = random.randint(6, 10)
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    return data[np.arange(len(data)) - starts[codes] < most[codes]].reset_index(drop=True)
