"""ICC by country: how much of the variance in mathematics lies between schools, in real PISA."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from hlmteach.arguments import known

if TYPE_CHECKING:
    import pandas as pd


def icc_by_country(year: int | None = None) -> pd.DataFrame:
    """The empty model's variances of mathematics in every country of PISA 2000 and 2003.

    Parameters
    ----------
    year : 2000, 2003, or None for both

    Returns
    -------
    DataFrame
        One row a year and country:

        year, country, name
            Year, PISA's three-letter code of the country, and its name.
        n_students, n_schools
            Students and schools in the file.
        mean_math
            Mean of the students' mathematics scores (first plausible value), in points.
        intercept
            Estimated mean of the school means, in points.
        var_school, var_residual
            Variance between and within schools, in squared points.
        icc
            var_school / (var_school + var_residual).

    Raises
    ------
    ValueError
        If there are no figures for the year.

    Notes
    -----
    Computed with R's lme4, ``lmer(math ~ 1 + (1 | school_id))`` by REML, country by country and
    without weights, from OECD PISA 2000 and 2003 as distributed by the learningtower project
    (github.com/kevinwang09/learningtower). They describe the students in the files. Where schools
    are tracks, as in Germany or the Netherlands, and where one school had several programmes
    sampled apart, much of the variance between schools is a difference in intake.

    Examples
    --------
    >>> table = icc_by_country(2003).set_index("country")
    >>> table.loc[["FIN", "USA", "NLD"], "icc"].round(2).tolist()
    [0.05, 0.26, 0.63]
    """
    import pandas as pd

    path = files("hlmteach") / "data" / "icc_by_country.csv"
    with path.open(encoding="utf-8") as file:
        table = pd.read_csv(file)
    if year is None:
        return table
    years = sorted({str(y) for y in table["year"]})
    known("year", str(year), years)
    return table[table["year"] == int(year)].reset_index(drop=True)
