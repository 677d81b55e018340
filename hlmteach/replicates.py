"""Many replicates of one random task: the same numbers whoever works on them."""

import os
import pickle
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import closing, contextmanager

import numpy as np
from tqdm.auto import tqdm

Task = Callable[[np.random.Generator], np.ndarray]
Seed = int | np.random.SeedSequence | None
Workers = int | Executor  # or a Dask Client, which is known by its `get_executor`
QUIET_VARIABLE = "HLMTEACH_QUIET"  # set where nobody watches, and what is shown is compared
_PARTS_PER_WORKER = 8
_QUICK = 3.0  # seconds for which no bar is shown unasked: a flash, or a scar in a stored notebook
_PARTS = 256  # where the number of workers is not known: a cluster's may change while it runs


class InterruptedWarning(UserWarning):
    """A long run was stopped before its end; what was done is returned."""


def run(
    task: Task,
    n_sims: int,
    *,
    at_once: int = 1,
    seed: Seed = None,
    workers: Workers = 1,
    progress: bool | None = None,
    label: str = "replicates",
) -> np.ndarray:
    """Do a task many times, each with its own random numbers.

    Parameters
    ----------
    task : takes a random generator and returns an array (k,), or (at_once, k). With several workers
        it travels to other processes, so it must be picklable (a function of a module, or a
        `partial` of one).
    n_sims : number of replicates, 1 or more
    at_once : replicates that one call of the task makes
    seed : call i of the task always draws from the i-th child of this seed, whoever works on it
    workers : processes, -1 for one per core; or whose they are: a Dask `Client`, or any
        `concurrent.futures.Executor`. Yours is used and left running.
    progress : show a bar? None shows it in a terminal and in a notebook only, after some seconds
    label : name of the bar

    Returns
    -------
    ndarray
        (n_sims, k); fewer rows, with an `InterruptedWarning`, where the run was interrupted

    Raises
    ------
    ValueError
        If `n_sims` or `workers` is impossible, or the task cannot travel to another process.

    Examples
    --------
    >>> run(lambda rng: rng.normal(size=2), 3, seed=1).shape
    (3, 2)

    On a cluster, with the extra `dask`: `client = dask.distributed.Client("tcp://scheduler:8786")`,
    then `run(task, 1000, seed=1, workers=client)` gives the same numbers.
    """
    check_counts(n_sims, workers)
    root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    seeds = root.spawn(-(-n_sims // at_once))
    done: dict[int, np.ndarray] = {}
    bar = _Bar(n_sims, label, _shown(progress), _QUICK if progress is None else 0.0)
    with closing(bar), pool(workers) as there:
        try:
            for first, parts in _here(task, seeds) if there == 1 else _away(task, seeds, there):
                done.update(enumerate(parts, first))
                bar.update(len(parts) * at_once)
        except KeyboardInterrupt:
            if not done:
                raise
            warnings.warn(
                f"Stopped after {min(len(done) * at_once, n_sims):,} of {n_sims:,} replicates; "
                "these are returned.",
                InterruptedWarning,
                stacklevel=3,
            )
    rows = [done[k] for k in sorted(done)]
    return (np.array(rows) if at_once == 1 else np.concatenate(rows))[:n_sims]


class _Bar:
    """A bar that is made late: in a notebook a bar leaves widgets in the file, shown or not."""

    def __init__(self, total: int, label: str, shown: bool, delay: float) -> None:
        self.total, self.label, self.done = total, label, 0
        self.due = time.monotonic() + delay if shown else float("inf")
        self.bar: tqdm | None = None

    def update(self, count: int) -> None:
        count = min(count, self.total - self.done)
        if self.bar is None and time.monotonic() >= self.due:
            self.bar = tqdm(total=self.total, initial=self.done, desc=self.label, leave=False)
        if self.bar is not None:
            self.bar.update(count)
        self.done += count

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()


def check_counts(n_sims: int, workers: Workers) -> None:
    """Refuse numbers of replicates and of workers that cannot be."""
    if n_sims < 1:
        raise ValueError(f"n_sims is {n_sims}; at least one replicate is needed.")
    if isinstance(workers, int) and (workers == 0 or workers < -1):
        raise ValueError(f"workers is {workers}; give 1 or more, or -1 for one per core.")
    if not (isinstance(workers, int) or hasattr(workers, "get_executor") or _submits(workers)):
        raise ValueError(
            f"workers is {workers!r}; give a number of processes, a Dask Client, or an Executor "
            "of concurrent.futures."
        )


def _submits(workers: object) -> bool:
    return hasattr(workers, "submit") and hasattr(workers, "shutdown")


@contextmanager
def pool(workers: Workers) -> Iterator[Workers]:
    """Start processes once for several runs, and end them; workers that are yours pass through."""
    if not isinstance(workers, int) or workers == 1:
        yield workers
        return
    count = (os.cpu_count() or 1) if workers == -1 else workers
    made = ProcessPoolExecutor(count, initializer=_leave_ctrl_c_to_the_parent)
    try:
        yield made
    finally:
        made.shutdown(wait=False, cancel_futures=True)


def _leave_ctrl_c_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


Parts = Iterator[tuple[int, list[np.ndarray]]]


def _here(task: Task, seeds: list[np.random.SeedSequence]) -> Parts:
    for k, seed in enumerate(seeds):
        yield k, [task(np.random.default_rng(seed))]


def _away(task: Task, seeds: list[np.random.SeedSequence], workers: Workers) -> Parts:
    known = getattr(workers, "_max_workers", None)
    size = -(-len(seeds) // (known * _PARTS_PER_WORKER if known else _PARTS))
    packed = _packed(task)
    if hasattr(workers, "get_executor"):  # Dask's own interface
        packed = workers.scatter([packed])[0]  # the task travels once to each machine
        workers = workers.get_executor(pure=False)  # two calls alike are still two calls
    parts: dict[Future, int] = {}
    try:
        for k in range(0, len(seeds), size):
            parts[workers.submit(_work, packed, seeds[k : k + size])] = k
        for part in as_completed(parts):
            yield parts[part], part.result()
    finally:
        for part in parts:
            part.cancel()


def _packed(task: Task) -> bytes:
    try:
        return pickle.dumps(task)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ValueError(
            f"The task cannot travel to several workers: {error}. Put functions of your own "
            "into a module of their own, or use workers=1."
        ) from error


def _work(packed: bytes, seeds: list[np.random.SeedSequence]) -> list[np.ndarray]:
    task = pickle.loads(packed)
    return [task(np.random.default_rng(seed)) for seed in seeds]


def _shown(progress: bool | None) -> bool:
    if progress is not None:
        return progress
    watched = sys.stderr.isatty() or "ipykernel" in sys.modules
    return watched and not os.environ.get(QUIET_VARIABLE)
