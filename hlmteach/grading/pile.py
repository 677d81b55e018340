"""Pile: the files that were handed in, in a folder or a zip; listed and read, never unpacked.

An entry of a zip is read straight into memory, up to a limit. Nothing is written, so that no name
in an archive can name a place on this machine, and no small archive can fill the disk.
"""

import io
import itertools
import os
import stat
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

MOST_BYTES = 50_000_000  # of one file
MOST_ARCHIVE = 60_000_000  # of a zip within a zip
MOST_FILES = 500_000
MOST_IN_FOLDER = 5_000  # below one folder, or one in it: nobody's files crowd out the others'
MOST_IN_ZIP = 500  # in a zip within a zip
MOST_ENTRIES = 20_000  # in its list, beyond which the list itself is an attack
MOST_ZIPS = 20  # below one folder, or one in it
LONGEST, DEEPEST = 255, 30  # letters of a name, folders above a file
NOTEBOOKS = (".ipynb", ".ipynb.json", ".ipynb.txt")
_SKIPPED = {".ipynb_checkpoints", "__macosx", "__pycache__", ".git", ".ds_store", "thumbs.db"}


class CannotRead(Exception):
    """A file that cannot be read; the message is the reason."""


@dataclass(frozen=True)
class File:
    """One file that was handed in.

    Attributes
    ----------
    parts : folders and file name below the pile's root, as they are shown
    size : in bytes, as the folder or archive says
    time : as the folder or archive says
    place : the file on disk: the file itself, or the zip that holds it
    entries : numbers of the entries that lead to it, in a zip and in a zip within it
    link : is it a symbolic link or another thing that is no plain file?
    holders : zips within the pile that hold it, from the outermost: how many of the parts are the
        path to it, and its time
    """

    parts: tuple[str, ...]
    size: int
    time: datetime | None
    place: Path
    entries: tuple[int, ...] = ()
    link: bool = False
    holders: tuple[tuple[int, datetime | None], ...] = ()

    def handed_in(self, depth: int) -> datetime | None:
        """When it was handed in, as far as that can be told.

        Parameters
        ----------
        depth : of the part that says whose it is; the times in a zip below it are the student's
        """
        return next((time for parts, time in self.holders if parts > depth), self.time)

    @property
    def name(self) -> str:
        return "/".join(self.parts)

    @property
    def is_notebook(self) -> bool:
        return self.parts[-1].lower().endswith(NOTEBOOKS)

    def read(self, most: int = MOST_BYTES) -> bytes:
        """The bytes.

        Raises
        ------
        CannotRead
            If it is no plain file, too large, damaged, or behind a password.
        """
        if self.link:
            raise CannotRead("it is a link, which is not followed")
        try:
            raw = _from_zip(self, most) if self.entries else _from_disk(self.place, most)
        except CannotRead:
            raise
        except (RuntimeError, NotImplementedError) as error:  # a password, a rare compression
            raise CannotRead("it is packed with a password or in a way I do not know") from error
        except Exception as error:  # whatever a reader of archives trips over
            raise CannotRead(f"it cannot be read ({type(error).__name__})") from error
        if len(raw) > most:
            raise CannotRead(f"it has more than {most // 1_000_000} MB")
        return raw


@dataclass
class Pile:
    """All files, in an order that does not depend on the machine, and what was odd about them.

    `zips` counts the zips that were looked into, by folder.
    """

    files: list[File] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    zips: Counter[tuple[str, ...]] = field(default_factory=Counter)


def gather(root: Path) -> Pile:
    """List what was handed in.

    Parameters
    ----------
    root : a folder, a zip, or one notebook. Zips inside are looked into, one level deep.

    Raises
    ------
    ValueError
        If there is no such folder or file, or it is neither.
    """
    pile = Pile()
    if root.is_dir():
        found = _walk(root, pile)
    elif root.is_file() and zipfile.is_zipfile(root):
        found = _archive(root, pile)
    elif root.is_file() and root.name.lower().endswith(NOTEBOOKS):
        found = iter([_on_disk(root, (root.name,))])
    else:
        raise ValueError(
            f"{root} is neither a folder nor a zip. Give the folder with what was handed in, or "
            "the zip as Moodle or Canvas exports it."
        )
    counts: Counter[tuple[str, ...]] = Counter()
    for file in itertools.islice(found, MOST_FILES):
        folder = file.parts[:-1][:2]
        counts[folder] += 1
        if not folder or counts[folder] <= MOST_IN_FOLDER:
            pile.files.append(file)
    pile.problems += [
        f"{'/'.join(folder)} holds {number:,} files; {MOST_IN_FOLDER:,} were looked at."
        for folder, number in counts.items()
        if folder and number > MOST_IN_FOLDER
    ]
    pile.files.sort(key=lambda file: (file.parts, file.entries))
    return pile


# ---------------------------------------------------------------- folders


def _walk(root: Path, pile: Pile) -> Iterator[File]:
    def note(error: OSError) -> None:
        pile.problems.append(f"The folder {Path(error.filename).name} cannot be read.")

    for folder, below, names in os.walk(root, onerror=note, followlinks=False):
        here = Path(folder)
        if len(here.relative_to(root).parts) > DEEPEST:
            pile.problems.append(f"Folders lie more than {DEEPEST} deep in {_top(here, root)}.")
            below.clear()
            continue
        links = [name for name in below if (here / name).is_symlink()]
        below[:] = sorted(name for name in below if not _skipped(name) and name not in links)
        for name in sorted([*names, *links]):
            if _skipped(name):
                continue
            parts = tuple(_shown(part) for part in (here / name).relative_to(root).parts)
            try:
                file = _on_disk(here / name, parts)
            except OSError:
                pile.problems.append(f"{'/'.join(parts)} cannot be read.")
                continue
            if name.lower().endswith(".zip") and not file.link:
                # Beside the folders it may be the LMS's export, as large as the class makes it.
                own = len(parts) > 1
                yield from _inner(file, pile) if own else _archive(here / name, pile, file)
            else:
                yield file


def _top(path: Path, root: Path) -> str:
    return _shown(path.relative_to(root).parts[0])


def _skipped(name: str) -> bool:
    return name.lower() in _SKIPPED or name.startswith("._")


def _shown(name: str) -> str:
    """A name without the bytes that are no text."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _on_disk(path: Path, parts: tuple[str, ...]) -> File:
    status = path.lstat()
    try:
        time = datetime.fromtimestamp(int(status.st_mtime), UTC)
    except (ValueError, OverflowError):  # a clock set to a year that there is not
        time = None
    plain = stat.S_ISREG(status.st_mode)
    return File(parts, status.st_size, time, path, link=not plain)


def _from_disk(path: Path, most: int) -> bytes:
    """Opened so that neither a link nor a pipe put there meanwhile is followed."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise CannotRead("it is no plain file")
        return file.read(most + 1)


# ---------------------------------------------------------------- zips


def _archive(path: Path, pile: Pile, holder: File | None = None) -> Iterator[File]:
    """The files in a zip on disk: the pile itself, or one that lies in it (`holder`)."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield from _listed(archive, path, pile, holder, MOST_ENTRIES if holder else MOST_FILES)
    except Exception as error:  # whatever a reader of archives trips over
        pile.problems.append(f"{path.name} is no zip that can be read ({type(error).__name__}).")
        yield from [holder] if holder else []


def _inner(file: File, pile: Pile) -> Iterator[File]:
    """The files in a zip as students hand them in; the zip itself where that cannot be."""
    folder = file.parts[:-1][:2]
    pile.zips[folder] += 1
    try:
        if pile.zips[folder] > MOST_ZIPS and folder:
            raise CannotRead("there are too many zips beside it")
        raw = file.read(MOST_ARCHIVE)
        if raw.count(b"PK\1\2") > MOST_ENTRIES:
            raise CannotRead("it lists more files than anybody hands in")
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            yield from _listed(archive, file.place, pile, file, MOST_IN_ZIP)
    except Exception as error:  # as above
        why = error if isinstance(error, CannotRead) else f"it is damaged ({type(error).__name__})"
        pile.problems.append(f"{file.name} was not looked into: {why}.")
        yield file


def _listed(
    archive: zipfile.ZipFile, path: Path, pile: Pile, holder: File | None, most: int
) -> Iterator[File]:
    """The files of an open zip, and those in the zips within it."""
    entries = archive.infolist()
    if len(entries) > most:
        name = holder.name if holder else path.name
        pile.problems.append(f"{name} holds {len(entries):,} files; {most:,} were looked at.")
    for number, entry in enumerate(entries[:most]):
        parts = _parts(entry)
        if entry.filename.endswith("/") or not parts or any(map(_skipped, parts)):
            continue
        if _climbs(entry):
            where = f"{path.name} has an entry that points elsewhere"
            pile.problems.append(f"{where}: {entry.filename!r}.")
        file = _in_zip(entry, number, path, parts, holder)
        within = parts[-1].lower().endswith(".zip") and len(file.entries) == 1 and not file.link
        yield from _inner(file, pile) if within else [file]


def _in_zip(
    entry: zipfile.ZipInfo, number: int, path: Path, parts: tuple[str, ...], holder: File | None
) -> File:
    link = stat.S_ISLNK(entry.external_attr >> 16)
    if holder is None:
        return File(parts, entry.file_size, _time(entry), path, (number,), link)
    above = holder.parts[:-1] or (holder.parts[0][: -len(".zip")],)
    holders = (*holder.holders, (len(above), holder.time))
    inside = (*holder.entries, number)
    return File(above + parts, entry.file_size, _time(entry), path, inside, link, holders)


def _parts(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    """The entry's folders and name; what leads upwards or to a drive is left out."""
    name = entry.filename
    if not entry.flag_bits & 0x800:  # not marked as UTF-8, though it mostly is
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    parts = name.replace("\\", "/").split("/")
    kept = [part for part in parts if part not in ("", ".", "..") and part[1:] != ":"]
    return tuple(_short(part) for part in kept[-DEEPEST:])


def _short(name: str) -> str:
    """A name no longer than file systems allow, with its ending."""
    return name if len(name) <= LONGEST else name[: LONGEST - 20] + name[-20:]


def _climbs(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename.replace("\\", "/")
    return name.startswith("/") or ".." in name.split("/") or name[1:2] == ":"


def _time(entry: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*entry.date_time).astimezone(UTC)  # zips keep local time
    except (ValueError, OverflowError, OSError):
        return None


def _from_zip(file: File, most: int) -> bytes:
    raw: Path | io.BytesIO = file.place
    for depth, number in enumerate(file.entries, start=1):
        limit = most if depth == len(file.entries) else MOST_ARCHIVE
        with zipfile.ZipFile(raw) as archive:
            with archive.open(archive.infolist()[number]) as stream:
                data = stream.read(limit + 1)
        raw = io.BytesIO(data)
    return data
