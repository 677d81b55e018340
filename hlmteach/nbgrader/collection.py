"""Collection: what is copied from nbgrader's exchange with the teacher's rights is plain files.

Everybody may put folders into the exchange, under any name and with any time in it.
"""

import re
import secrets
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect

from . import look
from .folder import TICKET, TIME, drop_links, expected, stamp, tidy

# Of a student: no pattern of names, and no HTML, which the formgrader would take for its own.
_NAME = re.compile(r"(?![.\s])[^*?\[\]/\\<>\"&\x00-\x1f]+")
_TICKET = re.compile(rb"[\x21-\x7e]{1,500}\s*")
_NEVER = datetime.min
GRACE = timedelta(minutes=15)  # between the time that is claimed and the last change


class Collect(ExchangeCollect):
    """Collects without following links, and goes on where one submission cannot be copied.

    A link in the exchange may lead to any file of the teacher's, which would then lie where the
    student's program can read it. Where a folder of the student's own is there, one that somebody
    else put there in the student's name is left alone.
    """

    def init_src(self) -> None:
        self._forged: dict[str, list[str]] = {}
        super().init_src()
        self.src_records = [r for r in self.src_records if r["timestamp"] > _NEVER]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """As nbgrader reads a folder's name; one that cannot be read is sorted out, not fatal."""
        name = Path(path).name
        try:
            record = super()._path_to_record(path)
        except Exception as error:
            record = None
            self.log.debug("%s", error)
        if record and _NAME.fullmatch(record["username"]):
            return record
        self._note(name, ["it is called so in the exchange, and nbgrader calls nothing so"])
        return {"username": name, "filename": name, "timestamp": _NEVER}

    def _sort_by_timestamp(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The student's own ones, the newest first; all of them if none has the right owner."""
        if self.check_owner:
            places = [(r, Path(self.inbound_path, r["filename"])) for r in records]
            mine = [r for r, place in places if owner(place) == r["username"]]
            others = [place for r, place in places if mine and r not in mine]
            for place in others:
                said = f"{place.name!r} in the exchange belongs to {owner(place)!r}; not collected"
                self._forged.setdefault(records[0]["username"], []).append(said)
            records = mine or records
        return super()._sort_by_timestamp(records)

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        try:
            if Path(src).is_symlink():
                raise OSError("it is a link")
            if self.get_size(src) > 1000 * self.coursedir.max_dir_size:
                raise OSError("it is too large")
            with tempfile.TemporaryDirectory(prefix="hlmteach-") as folder:
                plain = Path(folder) / "plain"
                shutil.copytree(src, plain, symlinks=True, ignore=_odd)
                drop_links(plain)
                super().do_copy(str(plain), dest, log)
                self._put_in_order(Path(src), Path(dest))
        except (OSError, shutil.Error, RuntimeError) as error:
            shutil.rmtree(dest, ignore_errors=True)
            student = self._path_to_record(src)["username"]
            self._note(student, [f"{Path(src).name!r} is not collected: {error}"])

    def _note(self, student: str, notes: list[str]) -> None:
        for one in notes:
            self.log.error("%s: %s", student, one)
        root, assignment = Path(self.coursedir.root), self.coursedir.assignment_id
        look.keep(root, assignment, student, "collect", notes)

    def _put_in_order(self, src: Path, dest: Path) -> None:
        """Make what was copied fit for nbgrader, and note what was odd."""
        record = self._path_to_record(str(src))
        student = record["username"]
        notes = [*self._forged.get(student, []), *self._ownership(src, student)]
        notes += _times(src, record["timestamp"])
        when = f"{record['timestamp']:%Y-%m-%d %H:%M:%S.%f} UTC"
        (dest / TIME).write_text(when, encoding="ascii")
        ticket = dest / TICKET
        if not (ticket.is_file() and _TICKET.fullmatch(ticket.read_bytes())):
            ticket.write_text(secrets.token_hex(64), encoding="ascii")  # or feedback would stop
        where = (self.coursedir.source_directory, ".", self.coursedir.assignment_id)
        notes += tidy(dest, expected(Path(self.coursedir.format_path(*where))))
        self._note(student, notes)

    def _ownership(self, src: Path, student: str) -> list[str]:
        found = owner(src)
        if not self.check_owner or found in (student, ""):
            return []
        return [f"its folder in the exchange belongs to {found!r}: who handed it in?"]


def owner(path: Path) -> str:
    """The name of the person to whom a file belongs; "" where there are no such names."""
    if sys.platform == "win32":
        return ""
    try:
        return path.owner()
    except (OSError, KeyError):
        return "nobody known"


def _times(src: Path, claimed: datetime) -> list[str]:
    """The claimed time, held against those that the system keeps and nobody can set."""
    changed = max((path.lstat().st_ctime for path in (src, *src.rglob("*"))), default=0)
    changed = datetime.fromtimestamp(changed, UTC).replace(tzinfo=None)
    notes = []
    if changed > claimed + GRACE:
        said = f"{claimed:%Y-%m-%d %H:%M}"
        notes.append(f"handed in at {said} UTC, it says; last changed at {changed:%Y-%m-%d %H:%M}")
    inside = stamp(src / TIME)
    if inside is not None and inside != claimed:
        notes.append(f"its {TIME} says {inside:%Y-%m-%d %H:%M}; the folder's name counts")
    return notes


def _odd(folder: str, names: list[str]) -> list[str]:
    """What is neither a plain file nor a folder."""
    paths = {name: Path(folder, name) for name in names}
    return [n for n, p in paths.items() if p.is_symlink() or not (p.is_file() or p.is_dir())]
