"""Results: one JSON file a student, written whole or not at all.

A file carries the fingerprint of everything that the result follows from. A run that was killed is
taken up where it stopped: what has its fingerprint already is not done again, and what has another
one is.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from .roster import Student
from .submissions import Submission

FORMAT = 1
FOLDER = "results"


@dataclass(frozen=True)
class Setup:
    """What results follow from, apart from the submissions.

    Attributes
    ----------
    chapters : whose questions are judged
    secret : that the data were drawn with
    sandbox : False for `--no-sandbox`
    limits : of one notebook
    """

    chapters: tuple[str, ...]
    secret: str = ""
    sandbox: bool = True
    limits: dict[str, float] = field(default_factory=dict)


def fingerprint(submission: Submission, setup: Setup) -> str:
    """Letters that change whenever the result might."""
    known = {
        "format": FORMAT,
        "code": code_digest(),
        "student": submission.student.aliases,
        "files": [[a.file.name, a.digest, a.unreadable] for a in submission.attempts],
        **asdict(setup),
    }
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


@cache
def code_digest() -> str:
    """Of the package: another judge may give another verdict."""
    folder = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Store:
    """The folder with the results."""

    folder: Path

    def path(self, student: Student) -> Path:
        return self.folder / f"{student.file_name}.json"

    def read(self, student: Student, fingerprint: str) -> dict[str, Any] | None:
        """The result of a student, if it is there and follows from what is there now."""
        try:
            found = json.loads(self.path(student).read_bytes())
        except (OSError, ValueError):
            return None
        fine = isinstance(found, dict) and found.get("fingerprint") == fingerprint
        return found if fine else None

    def write(self, student: Student, fingerprint: str, attempts: list[dict[str, Any]]) -> None:
        """Store a result; it is there whole, or the earlier one is."""
        record = {"fingerprint": fingerprint, "student": student.key, "attempts": attempts}
        write(self.path(student), json.dumps(record, indent=1, sort_keys=True) + "\n")

    def tidy(self) -> None:
        """Remove the half files that a killed run left; results stay, whoever's they are."""
        for path in self.folder.glob(".*.part"):
            path.unlink(missing_ok=True)


def is_final(result: dict[str, Any] | None) -> bool:
    """Need nothing be done again? A sandbox that did not start is tried again."""
    return result is not None and all(a["status"] != "failed" for a in result["attempts"])


def write(path: Path, text: str | bytes) -> None:
    """Write a file whole or not at all, and have it on the disk before going on.

    The file gets its name only when it is complete; a crash leaves the old one.
    """
    raw = text.encode("utf-8", "replace") if isinstance(text, str) else text
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(half, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)
    if os.name != "nt":
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
