"""Report: the pipes from one notebook, read no further than is allowed."""

import json
import os
import select
import socket
from typing import Any

from . import jail, outcome
from .limits import Limits
from .outcome import Outcome

MOST_FIGURE_BYTES = 3_000_000


class Report:
    """The pipes from one notebook, and what has been read from them so far.

    Attributes
    ----------
    theirs : file descriptors for the other side: records, figures, and the leash, on which the
        warden says how it ended, and whose end tells the warden to kill the notebook
    """

    def __init__(self, limits: Limits) -> None:
        self.records, their_records = os.pipe()
        self.figures, their_figures = os.pipe()
        self.leash, their_leash = socket.socketpair()
        self.theirs = [their_records, their_figures, their_leash.detach()]
        self.most = {self.records: limits.output_kb * 1024, self.figures: MOST_FIGURE_BYTES}
        self.bytes = {self.records: bytearray(), self.figures: bytearray()}
        self.open = {self.records, self.figures}
        self.end = b""
        self.hung_up = self.flooded = False
        self.last_words = 2.0  # seconds for what was still on its way when it ended

    def handed_over(self) -> None:
        for fd in self.theirs:
            os.close(fd)

    @property
    def complete(self) -> bool:
        return self.hung_up and not self.open

    def read(self, seconds: float) -> None:
        """Wait for something to read, and read it."""
        wanted = [*self.open, *([] if self.hung_up else [self.leash])]
        ready, _, _ = select.select(wanted, [], [], min(seconds, self.last_words))
        if not ready and self.hung_up:  # one that got away holds a pipe open
            self.close()
            self.open.clear()
        for fd in ready:
            self._read_leash() if fd is self.leash else self._read_pipe(fd)

    def _read_leash(self) -> None:
        said = self.leash.recv(4096)
        self.end += said
        self.hung_up = not said or self.hung_up

    def _read_pipe(self, fd: int) -> None:
        got = os.read(fd, 65536)
        self.bytes[fd] += got
        if got and len(self.bytes[fd]) <= self.most[fd]:
            return
        self.open.discard(fd)
        os.close(fd)  # so that no writer waits for a reader
        if got and fd == self.records:
            del self.bytes[fd][self.most[fd] :]
            self.flooded = True
            if not self.hung_up:
                self.leash.shutdown(socket.SHUT_WR)  # the warden kills it

    def ending(self) -> dict[str, Any]:
        """How it ended, as the warden says."""
        try:
            return json.loads(self.end)
        except ValueError:
            return {"why": "gone", "code": jail.NO_JAIL, "cpu": 0}

    def outcome(self, limits: Limits, ending: dict[str, Any]) -> Outcome:
        found, problems = outcome.read(bytes(self.bytes[self.records]))
        status = self._status(limits, ending, bool(found["done"]))
        late = list(dict.fromkeys(found["late"]))
        return Outcome(
            status,
            found["evidence"],
            found["student"],
            [error for error in found["error"] if error.cell not in late],
            late,
            outcome.read_figures(bytes(self.bytes[self.figures]), limits.figures),
            problems,
            reason=str(ending["why"]) if status == "failed" else "",
        )

    def _status(self, limits: Limits, ending: dict[str, Any], done: bool) -> str:
        code, why = ending["code"], ending["why"]
        if self.flooded or self.bytes[self.records].count(b"\n") > outcome.MOST_RECORDS:
            return "output"
        if code == jail.NO_JAIL:
            return "failed"
        if why in ("timeout", "memory"):
            return why
        if code in (128 + 24, 128 + 9) and ending["cpu"] >= limits.cpu - 0.5:
            return "timeout"
        return "ok" if code == 0 and done else "crashed"

    def close(self) -> None:
        for fd in self.open:
            os.close(fd)
        self.leash.close()
