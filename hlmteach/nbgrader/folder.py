"""Folder: the files that a student handed in, put in order before nbgrader copies and runs them."""

import shutil
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from nbgrader.utils import parse_utc

from . import look

CHECKPOINTS = ".ipynb_checkpoints"
TIME, TICKET = "timestamp.txt", "submission_secret.txt"  # nbgrader's own, written by the student
LONGEST_STAMP = 500  # bytes


def hook(root: Path) -> Callable[..., None]:
    """What nbgrader calls with a submission's notebooks before it copies its files.

    Parameters
    ----------
    root : the course's folder
    """

    def arrive(notebooks: list[str], assignment: str, **about: object) -> None:
        for folder in {Path(name).parent for name in notebooks}:
            notes = tidy(folder, expected(root / "source" / assignment))
            look.keep(root, folder.name, folder.parent.name, "files", notes)
            notebooks += [str(p) for p in folder.glob("*.ipynb") if str(p) not in notebooks]

    return arrive


def expected(source: Path) -> list[str]:
    """Names of an assignment's notebooks, without the ending."""
    return sorted(path.stem for path in source.glob("*.ipynb"))


def tidy(folder: Path, names: Iterable[str]) -> list[str]:
    """Leave plain files, times that can be read, and a notebook of each name; what was odd.

    Parameters
    ----------
    folder : one submission
    names : of the assignment's notebooks, without the ending
    """
    _open(folder)
    return [*drop_links(folder), *_drop_bad_time(folder), *_complete(folder, list(names))]


def drop_links(folder: Path) -> list[str]:
    """Remove what is neither a plain file nor a folder, at any depth.

    nbgrader would follow links and wait for pipes. There is nothing of the student's in them.
    """
    notes = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            path.unlink(missing_ok=True)
            notes.append(f"{path.relative_to(folder)} is a link or no plain file; it was removed")
    return notes


def _open(folder: Path) -> None:
    """Make folders writable for their owner, who may have to remove what lies in them."""
    for path in (folder, *(p for p in folder.rglob("*") if p.is_dir() and not p.is_symlink())):
        try:
            path.chmod(path.stat().st_mode | 0o700)
        except PermissionError:
            continue


def _drop_bad_time(folder: Path) -> list[str]:
    """nbgrader would not grade a submission whose time it cannot read."""
    path = folder / TIME
    if not path.is_file() or stamp(path) is not None:
        return []
    path.unlink()
    return [f"{TIME} is no time; the submission counts as in time"]


def stamp(path: Path) -> datetime | None:
    """The time in nbgrader's file; None if there is none, or none that can be read."""
    try:
        with path.open("rb") as file:
            return parse_utc(file.read(LONGEST_STAMP).decode("ascii").strip())
    except (OSError, ValueError, OverflowError, TypeError):
        return None


def _complete(folder: Path, names: list[str]) -> list[str]:
    """A notebook that was renamed or put deeper is copied to the name that nbgrader looks for."""
    notes = []
    for name in names:
        place = folder / f"{name}.ipynb"
        if place.exists():
            continue
        found = _candidates(folder, names, name)
        if found:
            shutil.copyfile(found[-1], place)
            taken = found[-1].relative_to(folder)
            which = f", the likeliest of {len(found)}" if len(found) > 1 else ""
            notes.append(f"there is no {place.name}; {taken} was taken for it{which}")
        else:
            place.write_bytes(b"")  # so that no mark of an earlier attempt stays
            notes.append(f"there is no {place.name}, and nothing that could be it")
    return notes


def _candidates(folder: Path, names: list[str], name: str) -> list[Path]:
    """Notebooks that may be the one that is missing, the likeliest last."""
    others = [
        path
        for path in folder.rglob("*.ipynb")
        if CHECKPOINTS not in path.parts and path.is_file() and path.stat().st_size
    ]
    others = [p for p in others if p.parent != folder or p.stem not in names]
    alike = [path for path in others if name in path.stem]
    if not alike and len(names) == 1:
        alike = others
    return sorted(alike, key=lambda path: (path.stat().st_mtime_ns, path.name))
