"""How much memory and processor a process and all its descendants use, from /proc."""

import os
from collections.abc import Iterator
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PARENT, _SIZE, _TIMES = 1, 21, slice(11, 15)  # in /proc/PID/stat, after the name; see proc(5)


def _all() -> Iterator[tuple[int, list[bytes]]]:
    """(process, what /proc says of it) of every process that can be seen."""
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit():
            try:
                after = Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")[2].split()
            except OSError:
                continue
            yield int(name), after


def _family(root: int) -> dict[int, list[bytes]]:
    """What /proc says of a process and of each of its descendants, by process."""
    seen = dict(_all())
    children: dict[int, list[int]] = {}
    for process, said in seen.items():
        children.setdefault(int(said[_PARENT]), []).append(process)
    found = {root: seen[root]} if root in seen else {}
    todo = list(found)
    while todo:
        for process in children.get(todo.pop(), ()):
            if process not in found:
                found[process] = seen[process]
                todo.append(process)
    return found


def family(root: int) -> dict[int, int]:
    """Resident bytes of a process and of each of its descendants, by process."""
    return {process: int(said[_SIZE]) * _PAGE for process, said in _family(root).items()}


def spent(root: int) -> float:
    """Seconds of processor that a process and its descendants took, with those that have ended."""
    return sum(sum(map(int, said[_TIMES])) for said in _family(root).values()) / _TICKS


def waited(root: int) -> float:
    """Seconds for which a process or one of its descendants was ready and had no processor."""
    return max(map(_waited, _family(root)), default=0.0)


def _waited(process: int) -> float:
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, LookupError):  # it has ended, or the kernel does not count
        return 0.0


def share(process: int) -> int:
    """Bytes of a process, pages that it shares with others divided among them; 0 if unknown."""
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def virtual() -> int:
    """Bytes of this process's address space; 0 if unknown."""
    return _statm(0)


def resident() -> int:
    """Resident bytes of this process; 0 if unknown."""
    return _statm(1)


def _statm(field: int) -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[field]) * _PAGE
    except OSError:
        return 0


def exceeds(root: int, most: int) -> bool:
    """Does a process with its descendants use more than so many bytes?

    Shared pages are counted once for each process at first; only where that is too much, they are
    counted exactly, which takes longer.
    """
    sizes = family(root)
    if sum(sizes.values()) <= most:
        return False
    exact = {process: share(process) for process in sizes}
    left = family(root)  # what has ended meanwhile takes nothing
    return sum(exact[p] or left.get(p, 0) for p in sizes) > most
