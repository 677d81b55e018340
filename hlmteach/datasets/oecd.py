"""The OECD's own PISA files, in SPSS's format: see the docstring of `oecd`."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pandas as pd

_LARGE = 4e9  # bytes: more than a laptop holds beside everything else
_MANY = 100  # runs of rows: each costs a read of the file up to its end


def oecd(
    path: str | os.PathLike,
    columns: str | Iterable[str] | None = None,
    country: str | Iterable[str] | None = None,
) -> pd.DataFrame:
    """Read columns and countries of one of the OECD's SPSS files, without loading the rest.

    Parameters
    ----------
    path : str or path
        The unpacked .sav file, such as CY08MSP_STU_QQQ.SAV (students, 2022). From 2015 on the OECD
        publishes SPSS files at https://www.oecd.org/pisa/data/; it asks for no fee.
    columns : str or list of str, optional
        Names as in the file, in either case; `*` stands for any text: `"PV*MATH"`,
        `"W_FSTURWT*"`. None for all, which a student file is too large for.
    country : str or list of str, optional
        Codes of the column CNT, such as "USA", in either case; None for all.

    Returns
    -------
    DataFrame
        Columns in the order asked for, under the file's names. Value labels become categories, in
        the order of their codes; codes that the file declares missing ("Valid Skip", "No
        Response") become missing; text such as CNT stays as its code. A column of which only some
        values are labelled stays numbers.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, OSError
        If the file is not there or cannot be read.
    ValueError
        If a column or country is not in the file (the message names those like it), or what was
        asked for is too large for memory.
    ImportError
        Without pyreadstat: pip install "hlmteach[oecd]".

    Notes
    -----
    One pass over the file finds the country's rows, a second reads them. In 2018 and 2022: school
    CNTSCHID, student CNTSTUID, student weight W_FSTUWT, its replicates W_FSTURWT1 ... 80 (Fay's k
    0.5), values PV1MATH ... PV10MATH, ESCS; the school weight W_SCHGRNRABWT is in the school file.

    Examples
    --------
    With the file at hand::

        usa = hlm.datasets.oecd("CY07_MSU_STU_QQQ.sav", country="USA",
                                columns=["CNT", "CNTSCHID", "ESCS", "PV*MATH", "W_FSTUWT"])

    >>> from hlmteach.datasets import oecd
    >>> oecd("not_there.sav")
    Traceback (most recent call last):
    ...
    FileNotFoundError: path='not_there.sav' does not exist (looked in ...
    """
    import numpy as np
    import pandas as pd

    from . import _spss

    path = _spss.check_file(path)
    meta = _spss.metadata(path)
    names = list(meta.column_names)
    if columns is not None:
        names = _spss.chosen([columns] if isinstance(columns, str) else columns, names)
    inside = np.ones(meta.number_rows, bool) if country is None else _rows(path, meta, country)
    _check_size(int(inside.sum()), len(names))
    parts = []
    for start, end in _spans(inside):
        part = _spss.read(path, usecols=names, row_offset=start, row_limit=end - start)[0]
        parts.append(part[inside[start:end]])
    table = pd.concat(parts, ignore_index=True)
    return pd.DataFrame({name: _spss.tidied(table[name], meta) for name in names})


def _rows(path: Path, meta: object, country: str | Iterable[str]) -> np.ndarray:
    """Whether each row of the file belongs to one of the countries."""
    from . import _spss

    (name,) = _spss.chosen(["CNT"], list(meta.column_names))
    codes = _spss.read(path, usecols=[name])[0][name].str.upper()
    wanted = [str(c).upper() for c in ([country] if isinstance(country, str) else country)]
    known = sorted(codes.dropna().unique())
    for code in wanted:
        if code not in known:
            near = difflib.get_close_matches(code, known, 3, 0.5)
            like = f" Codes like it: {', '.join(near)}." if near else ""
            raise ValueError(
                f"The file has no country '{code}'.{like} It has {len(known)}: {', '.join(known)}."
            )
    return codes.isin(wanted).to_numpy()


def _spans(inside: np.ndarray) -> list[tuple[int, int]]:
    """(first row, row after the last) of every run of rows; one span if there are many runs.

    The files are sorted by country, so a country is one run.
    """
    import numpy as np

    edges = np.flatnonzero(np.diff(inside, prepend=False, append=False)).tolist()
    runs = list(zip(edges[::2], edges[1::2], strict=True))
    return runs if len(runs) <= _MANY else [(edges[0], edges[-1])]


def _check_size(rows: int, columns: int) -> None:
    if rows == 0 or columns == 0:
        raise ValueError("Nothing is left to read: columns or country is empty. Name at least one.")
    size = 8.0 * rows * columns
    if size > _LARGE:
        raise ValueError(
            f"{rows:,} rows and {columns:,} columns take about {size / 1e9:.0f} GB of memory. Name "
            'the columns you need, as in columns=["CNT", "CNTSCHID", "ESCS", "PV*MATH"], or a '
            "country."
        )
