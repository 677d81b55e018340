"""CSV files as people make them, read; and written so that no spreadsheet runs what is in them."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

MOST_BYTES = 20_000_000
DELIMITERS = ",;\t|"
# What spreadsheets take for the beginning of a formula, in half and in full width.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# In a spreadsheet that takes another sign for the separator, a cell may begin inside a text.
_INSIDE = re.compile(r"([;\t|\r\n]\s*)(?=[=+\-@＝＋－＠][^;\t\r\n]*[(!])")
_KEY = re.compile(r"[\w@.+=-]+\Z")  # no bracket, quote or bar: as a formula it can do nothing


class BadTable(ValueError):
    """A CSV file that cannot be used; the message names the file and what to do."""


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file in any encoding and with any delimiter that Excel writes.

    Parameters
    ----------
    path : a file in UTF-8 (with or without a mark), UTF-16 or Windows-1252; commas, semicolons,
        tabs or bars between the cells

    Returns
    -------
    list of dict
        Cells by the column's name; names and cells without spaces around them. Rows without any
        text are left out.

    Raises
    ------
    BadTable
        If there is no such file, or it is too large, a workbook, or empty.
    """
    text = decode(_bytes(path), path.name)
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep="):  # Excel's own line for the delimiter
        delimiter, text = first.strip()[4:5] or ",", rest
    else:
        delimiter = max(DELIMITERS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise BadTable(f"{path.name} is no table that I can read: {error}.") from error
    rows = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise BadTable(f"{path.name} is empty. The first line has to name the columns.")
    head = rows[0]
    return [dict(zip(head, row + [""] * len(head), strict=False)) for row in rows[1:]]


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise BadTable(f"There is no file {path}. Give the path of a CSV file.")
    if path.stat().st_size > MOST_BYTES:
        raise BadTable(f"{path.name} has more than {MOST_BYTES // 1_000_000} MB. Is it the file?")
    raw = path.read_bytes()
    if raw[:2] == b"PK" or raw[:4] == b"\xd0\xcf\x11\xe0":
        raise BadTable(
            f"{path.name} is an Excel workbook, not a CSV file. In Excel: File, Save As, CSV UTF-8."
        )
    return raw


def decode(raw: bytes, name: str) -> str:
    """Text of any of the encodings in which spreadsheets save."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    elif raw[1:2] == b"\0":
        encodings = ["utf-16-le"]
    else:
        encodings = ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadTable(f"{name} is in no encoding that I know. Save it as CSV UTF-8.")


def safe(cell: object) -> str:
    """A cell that a spreadsheet shows and does not run.

    Examples
    --------
    >>> safe("=HYPERLINK(1)"), safe("Zoë"), safe("-"), safe(2.5), safe(3.0)
    ("'=HYPERLINK(1)", 'Zoë', '-', '2.5', '3')
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return f"{cell:g}" if abs(cell) < 1e5 else repr(cell)
    text = "".join(c if c.isprintable() or c in "\n\t\u200c\u200d" else " " for c in str(cell))
    text = _INSIDE.sub(r"\1'", text)
    risky = text.lstrip(" \u200c\u200d").startswith(_FORMULA) or text.startswith(_FORMULA)
    return f"'{text}" if risky and text != "-" else text  # LMSs write a dash for nothing


def key(cell: object) -> str:
    """A cell by which another program finds a row: an id or address stays as it is.

    Examples
    --------
    >>> key("=1+1"), key("+jo@example.org"), key("=HYPERLINK(1)")
    ('=1+1', '+jo@example.org', "'=HYPERLINK(1)")
    """
    return str(cell) if _KEY.match(str(cell)) else safe(cell)


def text(head: Sequence[str], rows: Iterable[Sequence[object]], keys: Collection[str] = ()) -> str:
    """A CSV file's text: commas, every cell safe, a line feed after each row.

    Parameters
    ----------
    head, rows : the columns' names and the cells
    keys : names of columns by which another program finds its rows; see `key`
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(safe, head))
    made = [key if name in keys else safe for name in head]
    for row in rows:
        writer.writerow([form(cell) for form, cell in zip(made, row, strict=True)])
    return out.getvalue()
