"""learningtower's files: their names, where they lie, and the check that they are the right ones.

learningtower (https://github.com/kevinwang09/learningtower) prepares the OECD's PISA files for
teaching. Its files change from release to release, so the course pins one commit. Git names the
content of every file by its *blob id*, sha1("blob <size>\\0" + content); the ids below are those of
the pinned commit, so a file that matches is the file, wherever it came from.
"""

import bz2
import gzip
import hashlib
import lzma
import os
from dataclasses import dataclass
from pathlib import Path

COMMIT = "3bad6594624463027a0b67e30ff8d3610b28a555"
PINNED_URL = f"https://raw.githubusercontent.com/kevinwang09/learningtower/{COMMIT}"
URL_VARIABLE = "HLMTEACH_PISA_URL"

_STUDENT_BLOBS = {
    2000: "c6b501e44a15464da7b4ce0c3ff9057b6b5d337d",
    2003: "326561330d8232641a864a44035238008d0f9ab1",
    2006: "ed6c7ed28f67de4aa9d0aae85829714a83a6fe39",
    2009: "fb7afbf6f1cf545c011362f99c07771cc1884606",
    2012: "83d6f64f793e71e8d66ab4a68cc387a4a58d553d",
    2015: "09c55ae6ec958a093f5fb7c768f181f5bb12e657",
    2018: "e8bc67baa0e1eb4c8170d5f18866efe52d51d7e8",
    2022: "899636008ff136bfdd6f94576a8f28abad012ef2",
}
YEARS = tuple(_STUDENT_BLOBS)


@dataclass(frozen=True)
class DataFile:
    """One file of learningtower: its flat name, its place in the repository, its git blob id."""

    name: str
    location: str
    blob: str

    @property
    def url(self) -> str:
        """Where to download it; the environment variable HLMTEACH_PISA_URL names another base."""
        base = os.environ.get(URL_VARIABLE) or PINNED_URL
        return f"{base.rstrip('/')}/{self.location}"


SCHOOL_FILE = DataFile("school.rda", "data/school.rda", "df98d4644e215aef4c5859ce040143b250c8ac19")


def student_file(year: int) -> DataFile:
    """The student file of one cycle."""
    name = f"student_{year}.rds"
    return DataFile(name, f"student_full_data/{name}", _STUDENT_BLOBS[year])


def blob_id(path: Path) -> str:
    """Git's name for the content of a file, as `git hash-object` prints it.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "empty"
    ...     _ = path.write_bytes(b"")
    ...     blob_id(path)
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def what_is_wrong(path: Path, file: DataFile) -> str | None:
    """Say in words how the content of `path` differs from `file`; None when it is the file."""
    seen = blob_id(path)
    if seen == file.blob:
        return None
    size = path.stat().st_size
    if size == 0:
        return "is empty"
    with path.open("rb") as stream:
        start = stream.read(64)
    if start.lstrip().startswith(b"<"):
        return f"is a web page, not data (it begins with {start[:15].decode(errors='replace')!r})"
    if _stops_early(path, start):
        return f"is cut short: it stops in the middle, after {size:,} bytes"
    return f"has changed (git blob {seen[:10]}, {size:,} bytes; expected git blob {file.blob[:10]})"


def _stops_early(path: Path, start: bytes) -> bool:
    """Whether a compressed file ends before its end-of-stream mark: R compresses what it saves."""
    openers = {b"\xfd7zXZ": lzma.open, b"\x1f\x8b": gzip.open, b"BZh": bz2.open}
    opener = next((o for magic, o in openers.items() if start.startswith(magic)), None)
    if opener is None:
        return False
    try:
        with opener(path) as stream:
            while stream.read(1 << 20):
                pass
    except EOFError:
        return True
    except (OSError, lzma.LZMAError):
        return False
    return False


def in_folder(file: DataFile, path: str | os.PathLike, verify: bool = True) -> Path:
    """Find `file` in a folder of the learner's and check its content.

    Raises
    ------
    FileNotFoundError, NotADirectoryError, PermissionError, OSError
        The folder or the file is not there, cannot be read, or (with `verify`) is another one.
    """
    folder = Path(path).expanduser()
    target = folder / file.name
    try:
        _check_folder(folder)
        if not target.is_file():
            raise FileNotFoundError(_missing(file, folder))
        fault = what_is_wrong(target, file) if verify else None
    except PermissionError as error:
        raise PermissionError(
            f"'{error.filename or target}' cannot be read: this account has no permission. "
            "Copy the files to a folder of your own and give that one as path=."
        ) from None
    if fault:
        raise OSError(
            f"'{target}' {fault}. Download it again from {file.url}, or, if you mean to use "
            "this very file, pass verify=False (the codebook may then not hold)."
        )
    return target


def _check_folder(folder: Path) -> None:
    if not folder.exists():
        raise FileNotFoundError(
            f"path='{folder}' does not exist (looked in '{Path.cwd()}'). "
            "Give the folder that holds student_YEAR.rds and school.rda, or leave path out "
            "to download them."
        )
    if not folder.is_dir():
        raise NotADirectoryError(
            f"path='{folder}' is a file. Give the folder that holds it: path='{folder.parent}'."
        )


def _missing(file: DataFile, folder: Path) -> str:
    found = sorted(p.name for p in folder.iterdir() if p.suffix.lower() in (".rds", ".rda"))
    there = ", ".join(found) if found else "no .rds or .rda file"
    return (
        f"'{folder}' holds no {file.name}; it holds {there}. Download {file.url} into that "
        "folder (flat, under this name), or leave path out to have it done for you."
    )
