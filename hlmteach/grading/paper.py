"""Paper: a notebook as data. It is parsed as JSON within limits; nothing in it is run or trusted.

Notebooks of every version of the format are read, and those that editors or mail programs have
damaged a little.
"""

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

MOST_BRACKETS = 1_000_000  # in the JSON: what a parser builds from it stays small
MOST_CELLS = 2_000
MOST_SOURCE = 2_000_000  # letters, all code cells together
_CHECK = re.compile(r"""\bcheck\(\s*["']([^"'\n]{1,80})["']""")
_STUDENT = re.compile(r"""\bstudent\(\s*["']([^"'\n]{1,200})["']""")
_STUDENT_NUMBER = re.compile(r"\bstudent\(\s*(\d{1,40})\s*\)")


class Unreadable(Exception):
    """What was handed in is no notebook; the message says why."""


@dataclass(frozen=True)
class Paper:
    """What there is to know about a notebook without running it.

    Attributes
    ----------
    cells : sources of the code cells, in order
    digest : of the file's bytes
    checked : question ids in calls of `check`, in order, with repetitions
    named : student ids in calls of `student`
    metadata : the notebook's own, under "hlmteach" (what `hlmteach deal` wrote there)
    oddities : what a person may want to look at
    """

    cells: list[str]
    digest: str
    checked: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    oddities: list[str] = field(default_factory=list)

    @property
    def code(self) -> str:
        return "\n".join(self.cells)


def read(raw: bytes) -> Paper:
    """Read the bytes of a notebook.

    Raises
    ------
    Unreadable
        If it is empty, no JSON, no notebook, or beyond every measure of one.

    Examples
    --------
    >>> read(b'{"cells": [{"cell_type": "code", "source": ["1 + ", "1"]}]}').cells
    ['1 + 1']
    """
    oddities: list[str] = []
    found = _json(_text(raw, oddities))
    cells = _cells(found, oddities)
    code = [_source(cell, oddities) for cell in cells if _kind(cell) == "code"]
    if sum(map(len, code)) > MOST_SOURCE:
        raise Unreadable(f"its code has more than {MOST_SOURCE:,} letters")
    everything = "\n".join(_live(source) for source in code)
    numbers = _STUDENT_NUMBER.findall(everything)
    return Paper(
        code,
        hashlib.sha256(raw).hexdigest(),
        [name.strip().lower() for name in _CHECK.findall(everything)],
        _STUDENT.findall(everything) + numbers,
        _metadata(found),
        list(dict.fromkeys(oddities)),
    )


def all_cells(raw: bytes) -> list[dict[str, Any]]:
    """Every cell as {"cell_type", "source", "metadata"}: two texts, and a dict of anybody's make.

    Raises
    ------
    Unreadable
        As `read` does.

    Examples
    --------
    >>> all_cells(b'{"cells": [{"cell_type": "code", "source": ["1"], "metadata": 5}]}')
    [{'cell_type': 'code', 'source': '1', 'metadata': {}}]
    """
    oddities: list[str] = []
    made = []
    for cell in _cells(_json(_text(raw, oddities)), oddities):
        metadata = cell.get("metadata")
        plain = metadata if isinstance(metadata, dict) else {}
        source = _source(cell, oddities)
        made.append({"cell_type": _kind(cell), "source": source, "metadata": plain})
    if sum(len(cell["source"]) for cell in made) > MOST_SOURCE:
        raise Unreadable(f"its cells have more than {MOST_SOURCE:,} letters")
    return made


def _text(raw: bytes, oddities: list[str]) -> str:
    if not raw.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Unreadable("it is empty")
    if raw.count(b"[") + raw.count(b"{") > MOST_BRACKETS or raw.count(b",") > 10 * MOST_BRACKETS:
        raise Unreadable("it has more parts than any notebook has")
    for encoding in (json.detect_encoding(raw), "cp1252"):
        try:
            text = raw.decode(encoding).lstrip("\ufeff")
        except UnicodeDecodeError:
            oddities.append("It is not saved as UTF-8.")
            continue
        return text
    return raw.decode("latin-1")


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text, strict=False)
    except RecursionError as error:
        raise Unreadable("it is nested deeper than any notebook is") from error
    except ValueError as error:
        raise Unreadable(_why(text, error)) from error
    if not isinstance(found, dict):
        raise Unreadable("it is JSON, but no notebook")
    return found


def _why(text: str, error: ValueError) -> str:
    start = text.lstrip()[:200]
    if start.startswith(("<!DOCTYPE", "<html", "<HTML")):
        return "it is a web page; was the page saved in place of the notebook?"
    if start.startswith(("%PDF", "PK")):
        return "it is a PDF or an archive with a notebook's name"
    if "<<<<<<<" in text:
        return "it has the marks of an unfinished git merge in it"
    if not start.startswith("{"):
        return "it is no notebook: it does not begin with a brace"
    where = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
    return f"it is a damaged notebook: the JSON breaks off{where}"


def _cells(found: dict[str, Any], oddities: list[str]) -> list[dict[str, Any]]:
    cells = found.get("cells")
    if cells is None and isinstance(found.get("worksheets"), list):  # version 3 and before
        sheets = [s.get("cells") for s in found["worksheets"] if isinstance(s, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
        oddities.append("It is in an old format of notebooks (version 3 or before).")
    if not isinstance(cells, list):
        raise Unreadable("it is JSON without cells, so no notebook")
    if len(cells) > MOST_CELLS:
        raise Unreadable(f"it has {len(cells):,} cells; {MOST_CELLS:,} are read")
    if not all(isinstance(cell, dict) for cell in cells):
        oddities.append("Some of its cells are damaged.")
    return [cell for cell in cells if isinstance(cell, dict)]


def _kind(cell: dict[str, Any]) -> str:
    return cell["cell_type"] if isinstance(cell.get("cell_type"), str) else ""


def _source(cell: dict[str, Any], oddities: list[str]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        if not all(isinstance(line, str) for line in source):
            oddities.append("Some of its cells are damaged.")
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        oddities.append("Some of its cells are damaged.")
        return ""
    # Half a character is no text that can be passed on.
    return source.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")


def _live(source: str) -> str:
    """The lines that are not comments."""
    return "\n".join(line for line in source.splitlines() if not line.lstrip().startswith("#"))


def _metadata(found: dict[str, Any]) -> dict[str, Any]:
    metadata = found.get("metadata")
    mine = metadata.get("hlmteach") if isinstance(metadata, dict) else None
    return mine if isinstance(mine, dict) else {}
