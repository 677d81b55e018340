"""Outcome: what came out of one notebook's run, read from bytes that a stranger wrote."""

import base64
import binascii
import re
from dataclasses import dataclass, field

from hlmteach.questions import strict
from hlmteach.questions.evidence import MOST_BYTES, Evidence, parse

STATUSES = ("ok", "timeout", "memory", "crashed", "output", "failed")
MOST_RECORDS = 1000
MOST_LOG = 6000
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
MOST_PIXELS = 40_000_000
_ERROR = strict.record(
    {
        "cell": strict.count,
        "name": strict.text(200),
        "message": strict.text(1000),
        "line": strict.text(300),
    }
)
_RECORD = {
    "evidence": strict.text(MOST_BYTES),
    "error": _ERROR,
    "late": strict.count,
    "student": strict.text(500),
    "done": strict.count,
}
_PICTURE = strict.record({"cell": strict.count, "png": strict.text(1_000_000)})
_FIGURE = strict.record({"figure": _PICTURE})
_LATE = (
    "A notebook should run from top to bottom. These cells use a name that a cell below them "
    "makes; run again at the end, they worked:"
)
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,16}\b")
_WORDS = {
    "timeout": "The notebook was stopped because its time was up. Is there an endless loop?",
    "memory": "The notebook was stopped because it used too much memory.",
    "crashed": "The notebook's process ended before its last cell.",
    "output": "The notebook was stopped because it reported too much.",
    "failed": "The sandbox could not be started; this is not the notebook's fault.",
}


@dataclass(frozen=True)
class CellError:
    """An error in a cell: the cell's number from 1, what was raised, and the line, if known."""

    cell: int
    name: str
    message: str
    line: str = ""

    def __str__(self) -> str:
        where = f" in the line `{self.line}`" if self.line else ""
        return f"Cell {self.cell} stopped with {self.name}: {self.message}{where}"


@dataclass(frozen=True)
class Outcome:
    """What came out of the run of one notebook.

    Attributes
    ----------
    status : "ok" (every cell was run, though some may have failed), "timeout", "memory", "crashed"
        (its process ended early), "output" (it reported too much), "failed" (no sandbox)
    evidence : in the order in which it was recorded; the last of a question counts
    named : ids that the notebook passed to `hlm.student`
    cell_errors : errors in cells; the later cells were run all the same
    late : numbers of cells that lacked a name and worked when they were run again, after the last
    figures : (cell, PNG), untrusted pictures
    problems : what a person should look at
    seconds : how long it took
    reason : why the sandbox did not start

    Examples
    --------
    >>> Outcome("timeout", seconds=60).log
    'The notebook was stopped because its time was up. Is there an endless loop?'
    """

    status: str
    evidence: list[Evidence] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    cell_errors: list[CellError] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    figures: list[tuple[int, bytes]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0
    reason: str = ""

    @property
    def answers(self) -> dict[str, Evidence]:
        """The evidence that counts: the last of each question."""
        return {one.question: one for one in self.evidence}

    @property
    def repeated(self) -> dict[str, int]:
        """How often a question was answered, where that is more than once."""
        asked = [one.question for one in self.evidence]
        return {name: asked.count(name) for name in dict.fromkeys(asked) if asked.count(name) > 1}

    @property
    def log(self) -> str:
        """What to tell the learner: why it stopped, which cells failed. Not escaped."""
        said = [_WORDS[self.status]] if self.status in _WORDS else []
        said += [self.reason] if self.reason else []
        said += [f"{_LATE} {', '.join(map(str, self.late[:50]))}."] if self.late else []
        return "\n".join([*said, *map(str, self.cell_errors)])[:MOST_LOG]


def read(raw: bytes) -> tuple[dict[str, list], list[str]]:
    """Records by kind, and what is wrong with the rest, from the lines that a notebook wrote.

    Parameters
    ----------
    raw : lines, each a JSON object with one name out of "evidence", "error", "student", "done"

    Examples
    --------
    >>> records, problems = read(b'{"student": "jo"}\\ngarbage\\n')
    >>> records["student"], problems
    (['jo'], ['1 line(s) of the report cannot be read'])
    """
    found: dict[str, list] = {kind: [] for kind in _RECORD}
    bad = 0
    lines = [line for line in raw.split(b"\n") if line.strip()]
    for line in lines[:MOST_RECORDS]:
        try:
            kind, value = _one(line)
        except ValueError:
            bad += 1
        else:
            found[kind].append(value)
    problems = [f"{bad} line(s) of the report cannot be read"] if bad else []
    if len(lines) > MOST_RECORDS:
        problems.append(f"the report has {len(lines):,} lines; {MOST_RECORDS:,} were read")
    return found, problems


def _one(line: bytes) -> tuple[str, object]:
    record = strict.load(line, 2 * MOST_BYTES)
    if not isinstance(record, dict) or len(record) != 1:
        raise ValueError("A record has one name.")
    ((kind, value),) = record.items()
    if kind not in _RECORD or not _RECORD[kind](value):
        raise ValueError("Not one of the records, or not of its form.")
    if kind == "evidence":
        return kind, parse(value)
    return kind, _error(value) if kind == "error" else value


def _error(value: dict) -> CellError:
    """An error without the addresses of objects, which are others each time."""
    plain = _ADDRESS.sub("0x...", value["message"])
    return CellError(value["cell"], value["name"], plain, value["line"])


def read_figures(raw: bytes, most: int) -> list[tuple[int, bytes]]:
    """Pictures from lines of JSON; what is no PNG is left out."""
    found = []
    for line in raw.split(b"\n")[:-1][:most]:
        try:
            record = strict.load(line, 1_500_000)
            picture = record["figure"] if _FIGURE(record) else {"cell": 0, "png": ""}
            png = base64.b64decode(picture["png"], validate=True)
        except (ValueError, binascii.Error):
            continue
        if is_picture(png):
            found.append((picture["cell"], png))
    return found


def is_picture(raw: bytes) -> bool:
    """Is it a PNG, and of a size that a browser shows without ado?

    A hundred kilobytes can unfold to gigabytes.

    Examples
    --------
    >>> side = (300).to_bytes(4, "big")
    >>> is_picture(PNG + side + side + b"..."), is_picture(b"GIF89a")
    (True, False)
    """
    width, height = (int.from_bytes(raw[at : at + 4], "big") for at in (16, 20))
    return raw.startswith(PNG) and 0 < width * height <= MOST_PIXELS
