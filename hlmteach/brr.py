"""Replicate weights for Fay's balanced repeated replication, from variance zones."""

import numpy as np
import pandas as pd

from .columns import DataError, find_column
from .hadamard import hadamard_matrix
from .weighting import Weights, check_fay, checked, read_weights


def brr_weights(
    data: pd.DataFrame,
    weights: Weights,
    *,
    stratum: str = "var_stratum",
    unit: str = "var_unit",
    n_replicates: int = 80,
    fay: float = 0.5,
) -> pd.DataFrame:
    """Replicate weights for Fay's balanced repeated replication, as PISA publishes them.

    Parameters
    ----------
    data : one row per student of one country, with the variance zone and unit of the school
    weights : the weights to replicate: a column, such as `"stu_wgt"`, or (N,) numbers
    stratum, unit : columns of the variance zone and of the unit within it; a zone has two units,
        or three. They are WVARSTRR and VARUNIT in the files of the OECD.
    n_replicates : how many; PISA makes 80. It must not be less than the number of zones.
    fay : Fay's k, from 0 up to 1; PISA takes 0.5. In a replicate one half of a zone counts 2 - k
        times and the other k times; 0 is plain balanced repeated replication.

    Returns
    -------
    DataFrame (N, n_replicates)
        With the rows of `data`; columns such as `stu_wgt_1`.

    Raises
    ------
    DataError
        If a zone has one unit or more than three, or there are more zones than replicates.
    ValueError
        If no Hadamard matrix of the order is known here, or `fay` is out of range.

    Notes
    -----
    Zones are the columns of a Hadamard matrix (Paley's for 80), replicates its rows. Any two
    columns are orthogonal, so for totals the replicates give exactly the textbook variance, the sum
    over zones of the squared difference of the halves. The signs are not the OECD's: with its own
    W_FSTURWT1 ... W_FSTURWT80 (W_FSTR1 ... before 2015), use those. In a zone of three units the
    first counts 1 + (1 - k) sqrt 2 times and the others 1 - (1 - k) / sqrt 2 (1.7071 and 0.6464),
    or with opposite signs, as in PISA. Sources: OECD (2009), PISA Data Analysis Manual: SPSS, 2nd
    ed., chapter 4; Judkins (1990), J. Off. Stat. 6(3), 223-239, for Fay's method.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> students, schools = hlm.datasets.pisa_like()
    >>> finland = students.merge(schools, on=["year", "country", "school_id"])
    >>> finland = finland[finland.country == "FIN"]
    >>> replicates = brr_weights(finland, "stu_wgt")
    >>> ratio = replicates.div(finland["stu_wgt"], axis=0)
    >>> ratio.shape, sorted(set(ratio.round(6).to_numpy().ravel().tolist()))
    ((3900, 80), [0.5, 1.5])
    """
    check_fay(fay)
    name, w = read_weights("weights", weights, data)
    w = checked(name, w)
    H = hadamard_matrix(n_replicates)
    zone, zones = _sorted_codes(stratum, data)
    if len(zones) > n_replicates:
        raise DataError(
            f"'{stratum}' has {len(zones)} zones for {n_replicates} replicates; each needs one of "
            "its own. Make more replicates, or join zones."
        )
    part = _unit_numbers(data, stratum, unit, zone, zones)
    step = (1 - fay) * _contrast(part, zone)
    factors = 1 + step[:, None] * H.T[zone]  # (N, R)
    columns = [f"{name}_{r + 1}" for r in range(n_replicates)]
    return pd.DataFrame(w[:, None] * factors, data.index, columns)


def _sorted_codes(name: str, data: pd.DataFrame) -> tuple[np.ndarray, pd.Index]:
    codes, labels = pd.factorize(find_column(name, data), sort=True)
    if (codes < 0).any():
        raise DataError(
            f"'{name}' is missing in {int((codes < 0).sum()):,} rows. Join the schools' table to "
            "the students' first: it holds the variance zones."
        )
    return codes, pd.Index(labels)


def _unit_numbers(
    data: pd.DataFrame, stratum: str, unit: str, zone: np.ndarray, zones: pd.Index
) -> np.ndarray:
    """(N,) 0, 1 (or 2): the number of the row's unit within its zone."""
    codes, labels = _sorted_codes(unit, data)
    present = np.zeros((len(zones), len(labels)), dtype=bool)
    present[zone, codes] = True
    count = present.sum(1)
    wrong = (count < 2) | (count > 3)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise DataError(
            f"Zone {zones[first]} of '{stratum}' has {count[first]} different values of '{unit}'; "
            f"a zone has two units, or three ({int(wrong.sum())} zones are like this). Has a "
            "filter removed schools? Make the replicate weights of the whole country first."
        )
    return present.cumsum(1)[zone, codes] - 1


def _contrast(part: np.ndarray, zone: np.ndarray) -> np.ndarray:
    """(N,) what a unit gains where its zone's sign is 1; of three units one gains, two lose."""
    three = np.isin(zone, zone[part == 2])
    pair = np.where(part == 0, 1.0, -1.0)
    return np.where(three, np.where(part == 0, np.sqrt(2), -1 / np.sqrt(2)), pair)
