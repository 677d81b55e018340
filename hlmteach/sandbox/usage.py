"""How much memory a process and all its descendants use, from /proc."""

import os
from collections.abc import Iterator
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def _all() -> Iterator[tuple[int, int, int]]:
    """(process, its parent, resident bytes) of every process that can be seen."""
    for name in os.listdir("/proc") if os.path.isdir("/proc") else ():
        if name.isdigit():
            try:
                after = Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")[2].split()
            except OSError:
                continue
            yield int(name), int(after[1]), int(after[21]) * _PAGE


def family(root: int) -> dict[int, int]:
    """Resident bytes of a process and of each of its descendants, by process."""
    seen = list(_all())
    children: dict[int, list[tuple[int, int]]] = {}
    for process, parent, size in seen:
        children.setdefault(parent, []).append((process, size))
    found = {process: size for process, _, size in seen if process == root}
    todo = list(found)
    while todo:
        for process, size in children.get(todo.pop(), ()):
            if process not in found:
                found[process] = size
                todo.append(process)
    return found


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
