"""The room: what a notebook's process can see, as a command line of bubblewrap.

Read-only: the system's /usr, this Python with its packages, and hlmteach without its answers.
Nothing of anybody's home, of the course's folder, of other submissions or of the marks.
"""

import importlib.util
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from .jail import HOME, MB, PRIVATE

ASSIGNMENT = "/assignment"
# What the warm process needs to divide the room; the notebook's own process has no right at all.
RIGHTS = ("SYS_ADMIN", "SETPCAP", "SETUID", "SETGID", "SETFCAP", "KILL", "SYS_PTRACE")
_USED = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "formulaic", "IPython", "tqdm")
_ETC = ("ld.so.cache", "localtime", "fonts", "alternatives")
_PACKAGE = Path(__file__).resolve().parent.parent
NOTHING = Path(__file__).with_name("nothing.py").resolve()


def command(
    hidden: bool, files: Path | None, shared: Iterable[tuple[str, object, str]] = ()
) -> list[str]:
    """The words that start bubblewrap, up to the program to run in it.

    Parameters
    ----------
    hidden : are the chapters' answers covered?
    files : a folder of the instructor's that notebooks may read
    shared : more mounts: bubblewrap's word for its kind, the path outside, and the path inside
    """
    words = ["bwrap", "--die-with-parent", "--new-session", "--clearenv", "--as-pid-1"]
    words += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    words += ["--unshare-cgroup-try", "--hostname", "sandbox", *_rights()]
    words += _system()
    folders = _Folders()
    for path in (*python_folders(), _PACKAGE):
        words += folders.bind(path, path)
    words += _covered() if hidden else []
    words += folders.make(Path(HOME))
    if files is not None:
        words += folders.bind(files.resolve(), Path(ASSIGNMENT))
    for kind, source, place in shared:
        words += folders.bind(source, Path(place), kind)
    for name, value in environment().items():
        words += ["--setenv", name, value]
    return [*words, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]


def _rights() -> list[str]:
    """Root keeps a few rights; anybody else becomes root of a user namespace, with the same few."""
    kept = [word for right in RIGHTS for word in ("--cap-add", f"CAP_{right}")]
    if os.getuid() == 0:
        return ["--cap-drop", "ALL", *kept]
    return ["--unshare-user", "--uid", "0", "--gid", "0", *kept]


def _system() -> list[str]:
    words = ["--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev"]
    words += ["--perms", "1777", "--size", str(64 * MB), "--tmpfs", "/tmp"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64"):
        path = Path("/", name)
        if path.is_symlink():
            words += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            words += ["--ro-bind", str(path), str(path)]
    words += ["--perms", "0755", "--dir", "/etc"]
    for name in _ETC:
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return words


def python_folders() -> list[Path]:
    """The folders of this Python and of the packages that notebooks use, outermost first."""
    prefixes = (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)
    found = {Path(prefix).absolute() for prefix in prefixes}
    found |= {path.resolve() for path in found}
    for name in _USED:
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            found.add(Path(spec.origin).parent.parent)
    return _outermost(path for path in found if path not in (Path("/"), Path.home()))


def kept() -> list[str]:
    """Folders of Python and the package that lie where each notebook gets a private folder."""
    folders = _outermost([*python_folders(), _PACKAGE])
    return [str(path) for path in folders if any(path.is_relative_to(p) for p in PRIVATE)]


def _outermost(paths: Iterable[Path]) -> list[Path]:
    kept: list[Path] = [Path("/usr")]
    for path in sorted(set(paths), key=lambda path: len(path.parts)):
        if not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return kept[1:]


def _covered() -> list[str]:
    """Cover the chapters' answers, their compiled forms, and the grader."""
    words: list[str] = []
    for path in sorted((_PACKAGE / "questions").glob("ch[0-9][0-9]*.py")):
        words += ["--ro-bind", str(NOTHING), str(path)]
    for folder in (_PACKAGE / "questions" / "__pycache__", _PACKAGE / "grading"):
        if folder.is_dir():
            words += ["--perms", "0555", "--tmpfs", str(folder), "--remount-ro", str(folder)]
    return words


def environment() -> dict[str, str]:
    """The whole environment of the processes in the room; nothing is taken from outside."""
    sites = [str(p) for p in python_folders() if p.name.endswith("-packages")]  # a user's own
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR")}
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join([str(_PACKAGE.parent), *sites]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "HOME": HOME,
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "HLMTEACH_HOME": f"{HOME}/.hlmteach",
        "HLMTEACH_DATA": f"{HOME}/.hlmteach/data",
        "IPYTHONDIR": "/tmp/ipython",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "MPLBACKEND": "agg",
        "PIP_NO_INDEX": "1",  # says at once that there is no network
        **threads,
    }


class _Folders:
    """Makes the folders above a mount readable: bubblewrap itself makes them private."""

    def __init__(self) -> None:
        self.made = {Path("/"), Path("/usr"), Path("/tmp"), Path("/etc"), Path("/dev")}
        self.bound: list[Path] = []

    def make(self, path: Path) -> list[str]:
        words = []
        for folder in reversed((path, *path.parents)):
            if folder not in self.made:
                self.made.add(folder)
                words += ["--perms", "0755", "--dir", str(folder)]
        return words

    def bind(self, source: object, place: Path, kind: str = "--ro-bind") -> list[str]:
        if any(place.is_relative_to(other) for other in (Path("/usr"), *self.bound)):
            return []
        self.bound.append(place)
        return [*self.make(place.parent), kind, str(source), str(place)]
