"""The ICCs of the world once more: the shipped figures, recomputed from the real files."""

import os
from pathlib import Path

import pandas as pd

from hlmteach.arguments import known
from hlmteach.datasets import icc_by_country, pisa
from hlmteach.datasets._download import cache_folder
from hlmteach.datasets._files import SCHOOL_FILE, student_file
from hlmteach.fitting import lmer

EMPTY = "math ~ 1 + (1 | school_id)"


def recompute_icc(year: int = 2003, path: str | os.PathLike | None = None) -> pd.DataFrame:
    """Fit the empty model in every country of the real PISA, beside the ICCs that are shipped.

    Nothing is downloaded: the files are those that `hlm.datasets.pisa(year)` fetched earlier, or
    those of a folder.

    Parameters
    ----------
    year : 2000 or 2003, the years with shipped figures
    path : a folder that holds student_YEAR.rds and school.rda; None for the cache

    Returns
    -------
    DataFrame
        One row a country, by its three-letter code: name, n_students, n_schools, var_school and
        var_residual (squared points), icc, all recomputed; `shipped`, the ICC of
        `hlm.datasets.icc_by_country`, and `difference`, icc - shipped.

    Raises
    ------
    ValueError
        If there are no shipped figures for the year.
    FileNotFoundError
        If the files are not there.
    ImportError
        If the extra is missing: pip install "hlmteach[pisa]".

    Notes
    -----
    REML, students with a mathematics score, no weights, first plausible value: as in the shipped
    figures, which lme4 computed. These are rounded to four decimals. A country without a shipped
    figure is left out (Liechtenstein in 2000, with 72 students).

    Examples
    --------
    >>> import hlmteach as hlm
    >>> hlm.recompute_icc(2003)["difference"].abs().max() < 6e-5  # doctest: +SKIP
    True
    """
    shipped = icc_by_country()
    known("year", str(year), sorted({str(y) for y in shipped["year"]}))
    shipped = shipped[shipped["year"] == int(year)].set_index("country")
    students, _ = pisa(int(year), path=_cached(int(year)) if path is None else path)
    rows = students.loc[students["country"].isin(shipped.index), ["country", "school_id", "math"]]
    rows = rows.dropna()
    found = {str(code): _empty(table) for code, table in rows.groupby("country", observed=True)}
    table = pd.DataFrame.from_dict(found, orient="index").rename_axis("country")
    table.insert(0, "name", shipped["name"])
    table["shipped"] = shipped["icc"]
    table["difference"] = table["icc"] - table["shipped"]
    return table.astype({"n_students": int, "n_schools": int})


def _empty(table: pd.DataFrame) -> dict[str, float]:
    fit = lmer(EMPTY, table)
    return {
        "n_students": fit.n,
        "n_schools": fit.n_groups,
        "var_school": fit.sigma_u**2,
        "var_residual": fit.sigma_e**2,
        "icc": fit.icc,
    }


def _cached(year: int) -> Path:
    """The cache folder, if the files of the year are in it; `pisa` then checks what they hold."""
    folder = cache_folder()
    files = (SCHOOL_FILE, student_file(year))
    if absent := [file.name for file in files if not (folder / file.name).is_file()]:
        raise FileNotFoundError(
            f"The real PISA of {year} is not in this computer's cache: {' and '.join(absent)} "
            f"would be needed. hlm.datasets.pisa({year}) downloads them once, some megabytes; then "
            "run this again. Or give path=, the folder that holds them."
        )
    return folder
