"""Control groups: limits that the kernel keeps for all processes of a sandbox together.

They need a machine on which this user may make them: root, mostly, or a service that delegates its
group. Where there are none, the warden's own look at the memory has to do.
"""

import itertools
import os
import time
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_number = itertools.count()
# Where the limits and the count of kills are written, in version 2 and in version 1.
_NAMES = {
    2: ("memory.max", "memory.swap.max", "memory.events"),
    1: ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.oom_control"),
}
_JOIN = 'for place in "$0" "$1"; do echo $$ > "$place/cgroup.procs"; done; shift; exec "$@"'


class Group:
    """A control group for memory and one for processes; in version 2 they are one.

    Attributes
    ----------
    version : 1 or 2
    memory, pids : their folders
    """

    def __init__(self, version: int, memory: Path, pids: Path) -> None:
        self.version, self.memory, self.pids = version, memory, pids
        name = f"hlmteach-{os.getpid()}-{next(_number)}"
        for above in {memory, pids}:
            _tidy(above)
            (above / name).mkdir()
        self.memory, self.pids = memory / name, pids / name

    def join(self, words: list[str]) -> list[str]:
        """A command line that enters the group before it becomes the given one."""
        return ["/bin/sh", "-c", _JOIN, str(self.memory), str(self.pids), *words]

    def limit(self, memory_bytes: int, processes: int) -> None:
        """Set the limits; all that there is at the moment counts."""
        most, with_swap, _ = _NAMES[self.version]
        (self.pids / "pids.max").write_text(str(processes))
        swap = 0 if self.version == 2 else memory_bytes
        _try_write(self.memory / with_swap, str(-1 if self.version == 1 else 0))
        (self.memory / most).write_text(str(memory_bytes))
        _try_write(self.memory / with_swap, str(swap))

    def kills(self) -> int:
        """How many processes the kernel has killed in it for want of memory."""
        text = (self.memory / _NAMES[self.version][2]).read_text()
        counts = dict(line.split() for line in text.splitlines() if len(line.split()) == 2)
        return int(counts.get("oom_kill", 0))

    def remove(self) -> None:
        """Take it away, as soon as its last process has ended."""
        for folder in {self.memory, self.pids}:
            for _ in range(20):
                if _removed(folder):
                    break
                time.sleep(0.05)


def make() -> Group | None:
    """A group below the one in which this process runs, or None where that is not allowed."""
    try:
        mine = Path("/proc/self/cgroup").read_text().splitlines()
        places = [line.split(":", 2) for line in mine]
        if (_ROOT / "cgroup.controllers").exists():
            return _version_2(_ROOT / places[-1][2].lstrip("/"))
        found = {
            name: _ROOT / name / path.lstrip("/")
            for _, names, path in places
            for name in names.split(",")
        }
        return Group(1, found["memory"], found["pids"])
    except (OSError, LookupError):
        return None


def _version_2(above: Path) -> Group | None:
    control = above / "cgroup.subtree_control"
    if not {"memory", "pids"} <= set(control.read_text().split()):
        control.write_text("+memory +pids")  # refused where processes run beside the group
    return Group(2, above, above)


def _try_write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError:
        pass  # a kernel without swap accounting


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        pass
    except OSError:
        return False
    return True


def _tidy(above: Path) -> None:
    """Remove what a killed grader left."""
    for folder in above.glob("hlmteach-*-*"):
        if not Path("/proc", folder.name.split("-")[1]).exists():
            _removed(folder)
