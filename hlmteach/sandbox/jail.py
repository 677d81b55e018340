"""The walls around one notebook: namespaces, private folders, no rights, limits.

bubblewrap has built the room (which files there are, no network) and this module divides it: each
notebook gets process, mount, network, IPC and host-name namespaces of its own, in a process forked
from one that has loaded the libraries and never runs a stranger's line. Linux only.
"""

import ctypes
import os

from . import seccomp, usage
from .limits import Limits

HOME = "/home/student"
PRIVATE = (HOME, "/tmp", "/dev/shm")  # each notebook gets these empty
NOBODY = 65534
NO_JAIL = 70  # exit code: the walls could not be built, so nothing was run
MB = 1024 * 1024
_NEW_UTS, _NEW_IPC, _NEW_USER, _NEW_PID, _NEW_NET = (1 << bit for bit in range(26, 31))
_NEW_MOUNTS = 1 << 17
_NOSUID, _NODEV, _NOEXEC, _RDONLY, _BIND, _REC, _PRIVATE = 2, 4, 8, 1, 4096, 0x4000, 1 << 18
_CAPBSET_DROP, _SET_DUMPABLE, _NO_NEW_PRIVS, _SUBREAPER, _LAST_CAP = 24, 4, 38, 36, 63


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _must(result: int, doing: str) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{doing}: {os.strerror(code)}")


def enter() -> None:
    """Give what this process forks from now on namespaces of its own; needs CAP_SYS_ADMIN."""
    new = _NEW_UTS | _NEW_IPC | _NEW_PID | _NEW_NET
    _must(_libc().unshare(new), "new namespaces")


def adopt_orphans() -> None:
    """Become the parent of all orphans below this process, so that none gets away."""
    if hasattr(_libc(), "prctl"):
        _libc().prctl(_SUBREAPER, 1, 0, 0, 0)


def furnish(owner: int, file_mb: int, kept: list[str]) -> None:
    """Private folders and a process list of its own; for the first process of the namespaces.

    Parameters
    ----------
    owner : user id to whom the folders belong
    file_mb : size of each
    kept : folders below them that stay as they are: this Python, if it was installed there
    """
    libc = _libc()
    _must(libc.unshare(_NEW_MOUNTS), "mounts of its own")  # here: its parent needs the old /proc
    _must(libc.sethostname(b"sandbox", 7), "host name")
    _must(libc.mount(b"none", b"/", None, _REC | _PRIVATE, None), "private mounts")
    known = [(path, os.open(path, os.O_PATH)) for path in kept]
    for place in PRIVATE:
        mode = 755 if place == HOME else 1777
        options = f"size={file_mb * MB},nr_inodes=8192,mode={mode},uid={owner},gid={owner}"
        _tmpfs(libc, place, options)
    terminals = libc.mount(
        b"devpts", b"/dev/pts", b"devpts", _NOSUID | _NOEXEC, b"newinstance,ptmxmode=0666,mode=620"
    )
    _must(terminals, "private terminals")
    for path, fd in known:
        os.makedirs(path, 0o755)
        source = f"/proc/self/fd/{fd}".encode()
        _must(libc.mount(source, path.encode(), None, _BIND | _REC, None), f"keep {path}")
        os.close(fd)
    flags = _NOSUID | _NODEV | _NOEXEC
    _must(libc.mount(b"proc", b"/proc", b"proc", flags, None), "process list")


def _tmpfs(libc: ctypes.CDLL, place: str, options: str) -> None:
    flags = _NOSUID | _NODEV
    done = libc.mount(b"tmpfs", place.encode(), b"tmpfs", flags, options.encode())
    _must(done, f"private {place}")


def first_to_go() -> None:
    """Where memory runs out, the kernel shall kill this process and not those that watch it."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass  # on another system


def read_only(place: str) -> None:
    """Let nobody in these namespaces write to a folder that was shared until now."""
    remount = 32
    flags = remount | _BIND | _RDONLY | _NOSUID | _NODEV
    _must(_libc().mount(b"none", place.encode(), None, flags, None), f"read-only {place}")


def drop(uid: int, own_users: bool) -> None:
    """Become somebody without any right, for good.

    Parameters
    ----------
    uid : user id to become
    own_users : False where the process is the machine's root and can change its user id; True where
        it is root of a user namespace only: then it gets one more, in which it is nobody
    """
    libc = _libc()
    if own_users:
        _must(libc.unshare(_NEW_USER), "new user namespace")
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{uid} 0 1"),
            ("gid_map", f"{uid} 0 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    for number in range(_LAST_CAP + 1):
        libc.prctl(_CAPBSET_DROP, number, 0, 0, 0)  # those the kernel does not have are refused
    if not own_users:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    _no_capabilities(libc)
    _must(libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    if os.getresuid() != (uid, uid, uid) or os.getresgid() != (uid, uid, uid):
        raise PermissionError("the user id could not be dropped")


def _no_capabilities(libc: ctypes.CDLL) -> None:
    head = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3, this process
    none = (ctypes.c_uint32 * 6)()
    _must(libc.capset(head, none), "no capabilities")


def shut() -> None:
    """Filter system calls, where their numbers are known here."""
    if seccomp.supported():
        seccomp.install(_libc())


def dumpable(yes: bool) -> None:
    """May a process of the same user look into this one? It also decides who owns its /proc."""
    _libc().prctl(_SET_DUMPABLE, int(yes), 0, 0, 0)


def limit(limits: Limits, processes: bool = True) -> None:
    """Set the limits of this process and all that it starts; none can raise them again."""
    wanted = {
        "AS": usage.virtual() + limits.memory_mb * MB,
        "CPU": int(limits.cpu),
        "FSIZE": limits.file_mb * MB,
        "NOFILE": 256,
        "CORE": 0,
        "MEMLOCK": 64 * 1024,
        "MSGQUEUE": 0,
        "RTPRIO": 0,
        "NPROC": limits.processes,
    }
    if not processes:  # they would be counted with all others of the same user
        del wanted["NPROC"]
    import resource  # not on Windows, where `grade` must get as far as its refusal

    for name, value in wanted.items():
        which = getattr(resource, f"RLIMIT_{name}", None)
        if which is None or (name == "AS" and not usage.virtual()):
            continue  # not on this system
        hard = resource.getrlimit(which)[1]
        top = value + 1 if name == "CPU" else value
        if hard != resource.RLIM_INFINITY:
            value, top = min(value, hard), min(top, hard)
        resource.setrlimit(which, (value, top))
