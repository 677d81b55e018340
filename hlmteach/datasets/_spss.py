"""SPSS files as the OECD publishes them: their variables, their rows, their labels."""

import difflib
import os
from collections.abc import Iterable
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pandas as pd

WHERE = "https://www.oecd.org/pisa/data/"


def pyreadstat() -> ModuleType:
    """Import pyreadstat, or say how to install it."""
    try:
        return import_module("pyreadstat")
    except ModuleNotFoundError as error:
        if error.name != "pyreadstat":
            raise
        raise ImportError(
            "The OECD's SPSS files need the library pyreadstat, which is not installed. "
            'Type: pip install "hlmteach[oecd]"'
        ) from None


def check_file(path: str | os.PathLike) -> Path:
    """The path of an SPSS file that exists."""
    path = Path(path).expanduser()
    if path.is_dir():
        found = sorted(p.name for p in path.iterdir() if p.suffix.lower() in (".sav", ".zsav"))
        held = f"It holds {', '.join(found)}; add the name." if found else "It holds no .sav file."
        raise IsADirectoryError(f"path='{path}' is a folder. {held}")
    if not path.exists():
        raise FileNotFoundError(
            f"path='{path}' does not exist (looked in '{Path.cwd()}'). Download the SPSS file of "
            f"the student questionnaire from {WHERE}, unpack it, and give its place."
        )
    if path.suffix.lower() not in (".sav", ".zsav"):
        more = " Unpack it first." if path.suffix.lower() == ".zip" else ""
        raise ValueError(f"'{path.name}' is not an SPSS file: its name must end in .sav.{more}")
    return path


def read(path: Path, **how: object) -> tuple[pd.DataFrame, object]:
    """pyreadstat's `read_sav`, with an error that says what to do."""
    library = pyreadstat()
    try:
        return library.read_sav(str(path), **how)
    except (library.ReadstatError, UnicodeDecodeError) as error:
        raise OSError(
            f"'{path}' cannot be read as an SPSS file ({error}). It may be cut short: download "
            f"and unpack it again from {WHERE}."
        ) from None


def metadata(path: Path) -> object:
    """Names, labels and missing codes, without a row."""
    return read(path, metadataonly=True, user_missing=True)[1]


def chosen(columns: Iterable[str], names: list[str]) -> list[str]:
    """The file's names of the wanted columns, in their order; `*` stands for any text.

    Raises
    ------
    ValueError
        If one is not in the file; the message names those like it.
    """
    by_upper = {name.upper(): name for name in names}
    found: dict[str, None] = {}
    for wanted in columns:
        hits = [by_upper[u] for u in by_upper if fnmatchcase(u, str(wanted).upper())]
        if not hits:
            near = difflib.get_close_matches(str(wanted).upper(), list(by_upper), 4, 0.6)
            like = f" Names like it: {', '.join(by_upper[n] for n in near)}." if near else ""
            raise ValueError(
                f"The file has no column '{wanted}'.{like} It has {len(names):,} columns; "
                "hlm.datasets.oecd_codebook(path) lists them with their labels."
            )
        found |= dict.fromkeys(hits)
    return list(found)


def missing_codes(meta: object, name: str, codes: Iterable[object]) -> set:
    """Which labelled codes of a variable are declared missing."""
    ranges = meta.missing_ranges.get(name, [])
    return {
        code
        for code in codes
        if any(
            code == r["lo"] if isinstance(code, str) else _within(code, r["lo"], r["hi"])
            for r in ranges
        )
    }


def _within(code: float, low: object, high: object) -> bool:
    return not isinstance(low, str) and low <= code <= high


def tidied(column: pd.Series, meta: object) -> pd.Series:
    """A column as pandas wants it: labels as categories, whole numbers as integers, gaps as NA."""
    name = column.name
    labels = meta.variable_value_labels.get(name, {})
    if not pd.api.types.is_numeric_dtype(column.dtype):
        gone = {"", *missing_codes(meta, name, labels)}
        kept = column.where(~column.isin(gone))
        return pd.Series(kept.to_numpy(dtype=object), column.index, name=name)  # str in pandas 3
    labels = {c: labels[c] for c in sorted(set(labels) - missing_codes(meta, name, labels))}
    seen = column.dropna()
    if labels and seen.isin(list(labels)).all():
        texts = list(dict.fromkeys(labels.values()))
        return pd.Series(pd.Categorical(column.map(labels), texts), column.index, name=name)
    whole = meta.original_variable_types.get(name, "").endswith(".0") and len(seen) == len(column)
    return column.astype("int64") if whole and (column % 1 == 0).all() else column
