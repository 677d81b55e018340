"""The warm process: loads the libraries once, then forks for each notebook. Runs in bubblewrap.

It reads requests from its standard input, a socket, and never runs a line of a notebook itself. For
each request it forks a warden, which forks the first process of new namespaces, which forks the
notebook's process; when the warden is told to stop, or the time is up, all of them are killed.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import time
from importlib import import_module
from typing import Any

from hlmteach.sandbox import cells, jail, usage
from hlmteach.sandbox.limits import Limits

READY = b"ready"
LONGEST_REQUEST = 4096
TICK = 0.1  # seconds between two looks at the memory
RECORDS, FIGURES = 3, 4  # file descriptors of the notebook's process


def main(words: list[str]) -> int:
    """Load the libraries, say so, and serve requests until the other side hangs up."""
    control = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if "--cold" not in words:
        warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # wardens leave nothing behind
    control.send(READY)
    while True:
        request, fds, _, _ = socket.recv_fds(control, LONGEST_REQUEST, 4)
        if not request:
            return 0
        if os.fork() == 0:
            control.close()
            try:
                warden(json.loads(request), *fds)
            finally:
                os._exit(1)
        for fd in fds:
            os.close(fd)


def warm_up() -> None:
    """Load what notebooks use, down to what is only loaded when it is first called."""
    import warnings

    import matplotlib

    matplotlib.use("agg")
    import numpy as np
    import pandas as pd
    import scipy.stats  # noqa: F401
    import statsmodels.api  # noqa: F401
    import statsmodels.formula.api as smf
    from matplotlib import pyplot

    hlm = import_module("hlmteach")
    for name in hlm.__all__:
        getattr(hlm, name)
    table = pd.DataFrame({"y": np.arange(12.0) % 5, "x": np.arange(12) % 3, "g": list("aabb") * 3})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hlm.summary(hlm.lmer("y ~ x + (1 | g)", table))
        smf.mixedlm("y ~ x", table, groups="g").fit()
    table.groupby("g")["y"].mean().plot()
    pyplot.close("all")
    cells.make_shell().run_cell("1 + 1;", store_history=False)
    gc.collect()
    gc.freeze()  # forks share these pages for as long as no collection touches them


# ------------------------------------------------------------------------------- the warden


def warden(request: dict[str, Any], job: int, records: int, figures: int, leash_fd: int) -> None:
    """Fork the notebook's processes, watch them, kill them, report how they ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    leash = socket.socket(fileno=leash_fd)
    limits = Limits(**request["limits"])
    try:
        jail.enter() if request["jail"] else jail.adopt_orphans()
    except OSError as error:
        _say(leash, code=jail.NO_JAIL, why=str(error), cpu=0)
        os._exit(1)
    first = os.fork()
    if first == 0:
        _first_process(request, limits, job, records, figures, leash)
    for fd in (job, records, figures):
        os.close(fd)
    why = _watch(first, leash, limits)
    _kill(first, request["jail"])
    _, status, used = os.wait4(first, 0)
    code = os.waitstatus_to_exitcode(status)
    if code < 0 and not why and request["jail"]:  # nobody within can kill it
        code, why = jail.NO_JAIL, "The notebook's processes were killed from outside."
    _say(leash, code=code, why=why, cpu=used.ru_utime + used.ru_stime)
    os._exit(0)


def _say(leash: socket.socket, **what: Any) -> None:
    try:
        leash.send(json.dumps(what).encode())
    except OSError:
        pass  # nobody listens any more


def _watch(first: int, leash: socket.socket, limits: Limits) -> str:
    """Wait for the end of a process; why it has to be killed, or "" if it ended by itself."""
    began, waited = time.monotonic(), 0.0
    cpu = min(limits.cpu, limits.seconds)  # all processes together
    # A notebook may come to copy all that the libraries take; alone it meets its own limit first.
    most = 2 * usage.resident() + limits.memory_mb * jail.MB
    ended = [os.pidfd_open(first)] if hasattr(os, "pidfd_open") else []
    while True:
        ready, _, _ = select.select([*ended, leash], [], [], TICK)
        if os.waitid(os.P_PID, first, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return ""
        if leash in ready:
            return "told"
        waited = max(waited, usage.waited(first))  # no less when the one that waited has ended
        if _overdue(time.monotonic() - began, waited, limits) or usage.spent(first) > cpu:
            return "timeout"
        if usage.exceeds(first, most):
            return "memory"


def _overdue(seconds: float, waited: float, limits: Limits) -> bool:
    """Is its time up? A neighbour with many processes must not take it away."""
    return seconds > min(limits.seconds + waited, limits.longest)


def _kill(first: int, jailed: bool) -> None:
    """Kill a process; with the first of a namespace, the kernel kills all others in it."""
    if not jailed:
        for process in {*usage.family(os.getpid())} - {os.getpid()}:
            _signal(process)
    _signal(first)


def _signal(process: int) -> None:
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass


# ---------------------------------------------------------------- the notebook's own processes


def _first_process(
    request: dict[str, Any],
    limits: Limits,
    job: int,
    records: int,
    figures: int,
    leash: socket.socket,
) -> None:
    """Build the walls, fork the notebook's process, bury its orphans, end with its exit code."""
    try:
        leash.close()
        with os.fdopen(job, "rb") as file:
            work = json.loads(file.read())
        os.setsid()
        if request["jail"]:
            owner = 0 if request["own_users"] else request["uid"]
            jail.furnish(owner, limits.file_mb, request["kept"])
            jail.drop(request["uid"], request["own_users"])
            jail.shut()
        os.chdir(request["home"])
        _furnish_home(request)
        jail.limit(limits, processes=request["jail"])
        child = os.fork()
    except BaseException as error:
        print(f"no walls: {error!r}", file=sys.stderr)
        os._exit(jail.NO_JAIL)
    if child == 0:
        _notebook(work, request, limits, records, figures)
    os.closerange(3, 1024)
    os.dup2(0, 2)
    if request["jail"]:
        jail.dumpable(False)
    while True:
        process, status = os.wait()
        if process == child:
            code = os.waitstatus_to_exitcode(status)
            code = code if code >= 0 else 128 - code
            os._exit(code if code != jail.NO_JAIL else 1)  # which only this process may say


def _notebook(
    work: dict[str, Any], request: dict[str, Any], limits: Limits, records: int, figures: int
) -> None:
    code = 1
    try:
        _arrange(records, figures)
        jail.first_to_go()
        if request["jail"]:
            jail.dumpable(True)
        report, figure = cells.reporter(RECORDS), cells.reporter(FIGURES)
        cells.run(work["cells"], work["parcel"], report, figure, limits)
        code = 0
    finally:
        os._exit(code)


def _arrange(records: int, figures: int) -> None:
    """Keep the two pipes, at known places, and nothing else but /dev/null."""
    high = [os.dup2(fd, 200 + k) for k, fd in enumerate((records, figures))]
    os.closerange(3, 200)
    for fd, place in zip(high, (RECORDS, FIGURES), strict=True):
        os.dup2(fd, place, inheritable=False)
    os.closerange(5, 4096)
    os.dup2(1, 2)


def _furnish_home(request: dict[str, Any]) -> None:
    """Links to the files that the instructor gives with the notebook."""
    if request["files"]:
        for name in sorted(os.listdir(request["files"])):
            os.symlink(os.path.join(request["files"], name), os.path.join(request["home"], name))
    os.environ["HOME"] = request["home"]
    os.environ["HLMTEACH_HOME"] = os.path.join(request["home"], ".hlmteach")
    sys.path[:0] = [""]


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))  # at once: there is nothing to tidy up
