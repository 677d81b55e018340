"""Shipped tables: read from the package, checked against their fingerprints, read once."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

SOURCE = "simulated for this course (hlmteach.datasets.pisa_like); these are not PISA's data"

_TEXT = ("country", "school_id", "stratum")
_CATEGORIES = {  # the first is the reference level, in R and in Python
    "gender": ["female", "male"],
    "desk": ["no", "yes"],
    "public_private": ["private", "public"],
}


class OtherDataError(RuntimeError):
    """A file of the package is missing or does not hold what it held when it was shipped."""


def shipped(name: str) -> pd.DataFrame:
    """A fresh copy of a table that ships with the package.

    Parameters
    ----------
    name : str
        File name in ``hlmteach/data`` without ``.csv.gz``.

    Returns
    -------
    DataFrame
        Yours to change: the next call returns the original again.

    Raises
    ------
    OtherDataError
        If the file is missing, damaged or changed.

    Examples
    --------
    >>> shipped("pisa_like_schools").shape
    (894, 10)
    """
    table = _read(name).copy()
    table.attrs["source"] = SOURCE
    return table


@cache
def _read(name: str) -> pd.DataFrame:
    import pandas as pd

    table = pd.read_csv(io.BytesIO(content(name)), dtype=dict.fromkeys(_TEXT, "str"))
    for column, levels in _CATEGORIES.items():
        if column in table:
            table[column] = pd.Categorical(table[column], categories=levels)
    return table


def content(name: str) -> bytes:
    """The table as CSV text in UTF-8, after its fingerprint was checked.

    Raises
    ------
    OtherDataError
        If the file is missing, damaged or changed.

    Examples
    --------
    >>> content("pisa_like_schools")[:12]
    b'year,country'
    """
    folder = files("hlmteach") / "data"
    try:
        unpacked = gzip.decompress((folder / f"{name}.csv.gz").read_bytes())
        expected = json.loads((folder / "fingerprints.json").read_text("utf-8"))[name]
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise OtherDataError(_advice(name, f"cannot be read ({error})")) from error
    found = hashlib.sha256(unpacked).hexdigest()
    if found != expected:
        seen = f"holds other data than was shipped (sha256 {found[:12]}, not {expected[:12]})"
        raise OtherDataError(_advice(name, seen))
    return unpacked


def _advice(name: str, seen: str) -> str:
    return (
        f"The package's file {name}.csv.gz {seen}. The course's numbers would not come out. "
        "Install hlmteach again, or restore the file from the repository (git checkout "
        "hlmteach/data)."
    )
