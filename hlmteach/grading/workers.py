"""Workers: processes that mark one submission after another, none of which can stop the others.

Each has a pipe of its own to this process. When this process is killed the pipe closes and the
worker ends; when a worker dies, its submission is noted as failed and another worker takes over.
"""

import multiprocessing
import os
import pickle
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

PATIENCE = 300.0  # seconds on top of what the sandbox may take
FAREWELL = 5.0  # seconds in which workers may end by themselves
BROKEN = ("the process that marked it ended before its time", "marking it took too long")


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    key: Any = None
    until: float = 0.0


def run(
    function: Callable[[Any], Any],
    todo: list[tuple[Any, Any]],
    jobs: int,
    seconds: Callable[[Any], float] = lambda job: 0.0,
) -> Iterator[tuple[Any, Any, str]]:
    """Do all the jobs, in whatever order they end.

    Parameters
    ----------
    function : what to do with a job; a function at the top of a module
    todo : (key, job) pairs
    jobs : number of processes
    seconds : how long a job may take

    Yields
    ------
    tuple
        (key, what the function returned, "") or (key, None, why it failed).
    """
    waiting = deque(todo)
    workers = [_start(function) for _ in range(min(max(jobs, 1), len(todo)))]
    try:
        while True:
            for number, worker in enumerate(workers):
                if worker.key is None and waiting:
                    workers[number] = _employ(worker, waiting.popleft(), function, seconds)
            busy = [number for number, worker in enumerate(workers) if worker.key is not None]
            if not busy:
                return
            ready = wait([workers[number].pipe for number in busy], timeout=1.0)
            for number in busy:
                worker, key = workers[number], workers[number].key
                answer = _receive(worker) if worker.pipe in ready else _overdue(worker)
                if answer is None:
                    continue
                worker.key = None
                if answer[1] in BROKEN:
                    workers[number] = _again(worker, function)
                yield key, *answer
    finally:
        for worker in workers:
            worker.pipe.close()  # the worker sees it and ends, and its sandbox with it
        until = time.monotonic() + FAREWELL
        for worker in workers:
            worker.process.join(max(0.0, until - time.monotonic()))
            _kill(worker)


def _start(function: Callable[[Any], Any]) -> _Worker:
    # Spawned, not forked: a worker must not hold the pipes of the others.
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    # Its name only: what the function needs is loaded when the worker can be ended already.
    process = context.Process(target=_work, args=(there, pickle.dumps(function)), daemon=False)
    process.start()
    there.close()
    return _Worker(process, here)


def _employ(
    worker: _Worker, one: tuple[Any, Any], function: Callable, seconds: Callable[[Any], float]
) -> _Worker:
    """The worker at work, or another one if it had died while it was idle."""
    key, job = one
    try:
        worker.pipe.send(job)
    except OSError:
        worker = _again(worker, function)
        worker.pipe.send(job)
    worker.key, worker.until = key, time.monotonic() + seconds(job) + PATIENCE
    return worker


def _receive(worker: _Worker) -> tuple[Any, str]:
    try:
        return worker.pipe.recv()
    except (EOFError, OSError):
        return None, BROKEN[0]


def _overdue(worker: _Worker) -> tuple[Any, str] | None:
    return (None, BROKEN[1]) if time.monotonic() > worker.until else None


def _again(worker: _Worker, function: Callable[[Any], Any]) -> _Worker:
    _kill(worker)
    worker.pipe.close()
    return _start(function)


def _kill(worker: _Worker) -> None:
    if worker.process.is_alive():
        worker.process.kill()
        worker.process.join(5)


def _work(pipe: Connection, name: bytes) -> None:
    """Body of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that gives the work
    _die_with_parent()
    function = pickle.loads(name)
    while True:
        try:
            job = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = (function(job), "")
        except Exception as error:  # one submission must not cost the others theirs
            answer = (None, f"{type(error).__name__}: {str(error)[:300]}")
        try:
            pipe.send(answer)
        except OSError:
            return


def _die_with_parent() -> None:
    """End this process when the one that started it is gone; on Linux even in mid-work."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if not multiprocessing.parent_process().is_alive():  # it went before it could be said
        os._exit(1)
