"""What one of the OECD's SPSS files holds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def oecd_codebook(path: str | os.PathLike) -> pd.DataFrame:
    """The variables of one of the OECD's SPSS files, without reading a row.

    Parameters
    ----------
    path : str or path
        The unpacked .sav file; see `oecd`.

    Returns
    -------
    DataFrame
        By variable: `label`, the question or what was derived; `values`, a mapping from code to
        label, empty where there is none; `missing`, the codes that the file declares missing.

    Raises
    ------
    FileNotFoundError, OSError, ImportError
        As `oecd`.

    Examples
    --------
    With the file at hand::

        book = hlm.datasets.oecd_codebook("CY07_MSU_STU_QQQ.sav")
        book[book["label"].str.contains("mathematics", case=False)]
    """
    import pandas as pd

    from . import _spss

    meta = _spss.metadata(_spss.check_file(path))
    values = [meta.variable_value_labels.get(name, {}) for name in meta.column_names]
    missing = [
        sorted(_spss.missing_codes(meta, name, labels))
        for name, labels in zip(meta.column_names, values, strict=True)
    ]
    index = pd.Index(meta.column_names, name="variable")
    labels = ["" if label is None else label for label in meta.column_labels]
    return pd.DataFrame({"label": labels, "values": values, "missing": missing}, index)
