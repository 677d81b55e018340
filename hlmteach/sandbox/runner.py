"""The trusted side: keeps a warm process in bubblewrap, gives it notebooks, reads their reports.

What comes back are bytes, of which a bounded number is read, and strictly; see `outcome`.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path

from . import cgroup, jail, room, usage
from .limits import Limits
from .outcome import Outcome
from .report import Report

START = 120  # seconds for loading the libraries, on a slow disk
GRACE = 10  # seconds after a notebook's time in which the warden has to report
FIRST_USER = 1_500_000_000  # each runner has a user id of its own, so that each counts its own
OWN_PROCESSES = 8  # of the sandbox itself
KILLED = 128 + 9  # exit code: by itself, or by the kernel where the machine has no memory left
SLACK = 128 * jail.MB  # page tables and what the kernel counts besides


class Runner:
    """One warm process; runs one notebook at a time. A context manager.

    Parameters
    ----------
    files : a folder of the instructor's, whose entries the notebooks find in their working folder
    sandbox : False for a plain process with limits, which can read and change the user's files
    warm : False to load no libraries; for a notebook without cells
    """

    def __init__(self, files: Path | None = None, sandbox: bool = True, warm: bool = True) -> None:
        self.files, self.sandbox, self.warm = files, sandbox, warm
        self.process: subprocess.Popen | None = None
        self.group: cgroup.Group | None = None

    def __enter__(self) -> "Runner":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # -------------------------------------------------------------- the warm process

    def start(self) -> None:
        """Start the warm process, if it is not there.

        Raises
        ------
        RuntimeError
            With what bubblewrap or the process said.
        """
        if self.process is not None and self.process.poll() is None:
            return
        self.close()
        self._said = tempfile.TemporaryFile()
        ours, theirs = socket.socketpair()
        self.control = ours
        words = [*self._room(), sys.executable, "-s", "-m", "hlmteach.sandbox.warm"]
        words += [] if self.warm else ["--cold"]
        self.group = cgroup.make() if self.sandbox else None
        words = self.group.join(words) if self.group else words
        try:
            self.process = subprocess.Popen(
                words,
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                env=self._environment(),
                cwd="/",
            )
        except OSError as error:
            self._said.close()
            raise RuntimeError(f"{words[0]} cannot be started: {error}") from error
        finally:
            theirs.close()
        ours.settimeout(START)
        try:
            ready = ours.recv(100)
        except OSError:
            ready = b""
        if not ready:
            said = self.said()
            self.close()
            raise RuntimeError(said or "the warm process ended without a word")

    def _room(self) -> list[str]:
        return [*room.command(True, self.files), "--"] if self.sandbox else []

    def _environment(self) -> dict[str, str]:
        if self.sandbox:
            return {"PATH": os.environ.get("PATH", os.defpath)}
        own = {name: v for name, v in room.environment().items() if "/" not in v}
        own["PYTHONPATH"] = room.environment()["PYTHONPATH"]
        return {**os.environ, **own}

    def said(self) -> str:
        """The last that the warm process wrote to its standard error."""
        self._said.seek(0)
        return self._said.read()[-2000:].decode("utf-8", "replace").strip()

    def close(self) -> None:
        """End the warm process, and with it all that it started."""
        if self.process is None:
            return
        self.control.close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None
        if self.group:
            self.group.remove()
        self._said.close()

    # -------------------------------------------------------------- one notebook

    def run(self, cells: list[str], parcel: str, limits: Limits) -> Outcome:
        """Run one notebook's cells; never raises for what they do."""
        began = time.monotonic()
        made = None
        for _ in range(2):  # once more where a process was killed, perhaps from outside
            shot = False
            try:
                self.start()
                made, shot = self._run(cells, parcel, limits)
                if made.status == "failed":
                    raise RuntimeError(f"{made.reason} {self.said()}".strip())
            except (RuntimeError, OSError) as error:
                self.close()
                made = Outcome("failed", reason=str(error)[:2000])
            if made.status != "failed" and not shot:
                break
        return _timed(made, time.monotonic() - began)

    def _run(self, cells: list[str], parcel: str, limits: Limits) -> tuple[Outcome, bool]:
        """What came of one run, and whether its process was killed though it kept its limits."""
        with nullcontext(jail.HOME) if self.sandbox else _private_folder() as home:
            killed = self._limit(limits)
            report = self._send(cells, parcel, limits, home)
            try:
                made = self._listen(report, limits)
            finally:
                report.close()
        if self.group and made.status == "crashed" and self.group.kills() > killed:
            return replace(made, status="memory"), False
        return made, made.status == "crashed" and report.ending()["code"] == KILLED

    def _limit(self, limits: Limits) -> int:
        """Set the group's limits, if there is one; how many were killed in it so far."""
        if self.group is None:
            return 0
        warm = sum(usage.family(self.process.pid).values())
        folders = len(jail.PRIVATE) * limits.file_mb * jail.MB
        most = 2 * warm + SLACK + folders + limits.memory_mb * jail.MB
        self.group.limit(most, limits.processes + OWN_PROCESSES)
        return self.group.kills()

    def _send(self, cells: list[str], parcel: str, limits: Limits, home: str) -> Report:
        files = ""
        if self.files is not None:
            files = room.ASSIGNMENT if self.sandbox else str(self.files.resolve())
        request = {
            "limits": asdict(limits),
            "jail": self.sandbox,
            "uid": user() if os.getuid() == 0 else jail.NOBODY,
            "own_users": os.getuid() != 0,
            "home": home,
            "files": files,
            "kept": room.kept(),
        }
        work = json.dumps({"cells": cells, "parcel": parcel}).encode()
        report = Report(limits)
        with tempfile.TemporaryFile() as job:
            job.write(work)
            job.seek(0)
            fds = [job.fileno(), *report.theirs]
            socket.send_fds(self.control, [json.dumps(request).encode()], fds)
        report.handed_over()
        return report

    def _listen(self, report: Report, limits: Limits) -> Outcome:
        end = time.monotonic() + limits.longest + GRACE
        while not report.complete:
            left = end - time.monotonic()
            if left <= 0:
                self.close()  # the warden does not report: end everything
                return report.outcome(limits, {"why": "timeout", "code": 1, "cpu": 0})
            report.read(left)
        return report.outcome(limits, report.ending())


def _private_folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="hlmteach-", ignore_cleanup_errors=True)


def _timed(made: Outcome, seconds: float) -> Outcome:
    return replace(made, seconds=round(seconds, 3))


def user() -> int:
    """A user id that nobody on the machine has; another for each runner at work."""
    return FIRST_USER + os.getpid() * 64 % 400_000_000 + _slot()


def _slot() -> int:
    return threading.get_native_id() % 64
