"""Runs a stranger's notebook where it can do no harm, and lets only evidence out.

    >>> from hlmteach.sandbox import Limits, available, run
    >>> cells = ["import hlmteach as hlm", "hlm.check('ch04.icc', 0.2)"]
    >>> outcome = run(cells, "jo", sandbox=not available())
    >>> outcome.status, outcome.answers["ch04.icc"].value
    ('ok', '0.2')
    >>> close()

How it works
------------
A warm process, which has loaded the libraries and never runs a line of a notebook, lives in a
bubblewrap sandbox. For each notebook it forks; the fork gets process, mount, network, IPC and
host-name namespaces of its own, private folders of bounded size, another user id without any right,
a filter of system calls, and limits. The first process of its namespace is killed when the notebook
ends, and with it whatever the notebook left behind.

What it promises
----------------
- No network, not even to another notebook that runs at the same time.
- No file outside can be changed. Nothing can be read but the system's programs, this Python with
  its packages, hlmteach, and the folder of files that the instructor gives: not the home folder,
  the course's folder, keys, the secret, marks, or other submissions.
- Nothing that one notebook does is seen by the next: processes, files, memory, modules.
- Time, processor, memory, processes, file sizes and what it reports are bounded: by the kernel's
  limits and a warden, and by control groups where this user may make them (root, mostly).
- No notebook takes the time of another one that runs beside it: all its processes together have the
  processor time of one, and a notebook that has to wait for a processor gets up to three times its
  seconds.
- What comes out is read as plain JSON of fixed form; it is never unpickled, imported or evaluated.

What it does not promise
------------------------
- Evidence is a claim. A notebook can report any number without computing it. The judge compares the
  number with its own, so that only who knows the right number gets a point for it.
- The course's questions and their answers are public, in a package that learners have. They cannot
  be imported in here, but a learner can copy a formula. Where that matters, ask your own questions.
- A hole in the Linux kernel can break any sandbox of this kind. For strangers from the internet use
  a virtual machine around it.
- On processors other than x86-64 and ARM64 system calls are not filtered.
- Without control groups, memory is looked at ten times a second: several processes together may
  exceed the limit for a moment. `systemd-run --user --scope -p MemoryMax=4G` before the command
  that grades puts a lid on them; notebooks are what the kernel ends first.
- Started as root with files that only root can read, a notebook cannot load modules that were not
  loaded before.
- `sandbox=False` sets the limits and nothing else.
"""

import atexit
import functools
import re
import shutil
import sys
import threading
from pathlib import Path

from .limits import Limits
from .outcome import CellError, Outcome
from .runner import Runner

__all__ = ["CellError", "Limits", "Outcome", "Runner", "available", "close", "run"]

_own = threading.local()
_CHAPTER = re.compile(r"\bch\d\d(?=\.)", re.IGNORECASE)
_INSTALL = (
    "Install it (Debian and Ubuntu: `sudo apt install bubblewrap`; Fedora: `sudo dnf install "
    "bubblewrap`)"
)


@functools.cache
def available() -> str:
    """Why there is no sandbox on this machine, or "" if there is.

    Examples
    --------
    >>> isinstance(available(), str)
    True
    """
    if sys.platform != "linux":
        return (
            f"The sandbox needs Linux; this is {sys.platform}. Grade on a Linux machine, in a "
            "virtual machine, or in WSL 2 on Windows."
        )
    if not shutil.which("bwrap"):
        return f"bubblewrap (the program `bwrap`) is not there. {_INSTALL} and try again."
    with Runner(warm=False) as runner:
        tried = runner.run([], "", Limits(seconds=20))
    if tried.status == "failed":
        return (
            f"bubblewrap is there and cannot build a sandbox: {tried.reason}\nIn a container, allow"
            " user namespaces (or run the grader as root of a machine of its own); on Ubuntu, see "
            "`kernel.apparmor_restrict_unprivileged_userns`."
        )
    return ""


def run(
    cells: list[str],
    student: str,
    assignment_files: Path | None = None,
    limits: Limits | None = None,
    secret_data: bytes | str | Path | None = None,
    sandbox: bool = True,
) -> Outcome:
    """Run the code cells of one notebook and return what they reported.

    Parameters
    ----------
    cells : sources of the code cells, in order; nothing else of a submission gets in
    student : whose data the notebook finds
    assignment_files : a folder of the instructor's, whose entries the notebook finds beside it
    limits : by default `Limits()`
    secret_data : what `hlmteach.questions.parcel.pack` gave, or the file in which it lies; without
        it, the data that follow from the student's id alone, for the chapters that the cells name
    sandbox : False for a plain process with limits, which can read and change your files

    Returns
    -------
    Outcome
        Always, whatever the cells do.

    Raises
    ------
    RuntimeError
        If there is no sandbox on this machine, saying why and what to do.
    """
    if sandbox and available():
        raise RuntimeError(available())
    return _runner(assignment_files, sandbox).run(
        list(cells), _parcel(cells, student, secret_data), limits or Limits()
    )


def _parcel(cells: list[str], student: str, given: bytes | str | Path | None) -> str:
    if isinstance(given, Path):
        return given.read_text("ascii")
    if given is not None:
        return given.decode("ascii") if isinstance(given, bytes) else given
    from hlmteach.questions.parcel import pack

    return pack(student, {name.lower() for cell in cells for name in _CHAPTER.findall(cell)})


def _runner(files: Path | None, sandbox: bool) -> Runner:
    """The warm runner of this thread."""
    mine = getattr(_own, "runner", None)
    if mine is None or (mine.files, mine.sandbox) != (files, sandbox):
        close()
        mine = _own.runner = Runner(files, sandbox)
        _all.append(mine)
    return mine


_all: list[Runner] = []


def close() -> None:
    """End this thread's warm process."""
    mine = getattr(_own, "runner", None)
    if mine is not None:
        mine.close()
        _all.remove(mine)
        _own.runner = None


@atexit.register
def _close_all() -> None:
    for runner in _all:
        runner.close()
