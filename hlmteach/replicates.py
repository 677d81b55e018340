"""Many replicates of one random task: the same numbers whatever the number of workers."""

import os
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed

import numpy as np
from tqdm.auto import tqdm

Task = Callable[[np.random.Generator], np.ndarray]
_CHUNKS_PER_WORKER = 8


class InterruptedWarning(UserWarning):
    """A long run was stopped before its end; what was done is returned."""


def run(
    task: Task,
    n_sims: int,
    *,
    seed: int | None = None,
    workers: int = 1,
    progress: bool | None = None,
    label: str = "replicates",
) -> np.ndarray:
    """Do a task many times, each with its own random numbers.

    Parameters
    ----------
    task : takes a random generator and returns an array (k,). With several workers it travels to
        other processes, so it must be picklable (a function of a module, or a `partial` of one).
    n_sims : number of replicates, 1 or more
    seed : replicate i always draws from the i-th child of this seed, whoever works on it
    workers : processes; -1 for one per core
    progress : show a bar? None shows it in a terminal and in a notebook only
    label : name of the bar

    Returns
    -------
    ndarray
        (n_sims, k); fewer rows, with an `InterruptedWarning`, where the run was interrupted

    Raises
    ------
    ValueError
        If `n_sims` or `workers` is impossible.

    Examples
    --------
    >>> run(lambda rng: rng.normal(size=2), 3, seed=1).shape
    (3, 2)
    """
    if n_sims < 1:
        raise ValueError(f"n_sims is {n_sims}; at least one replicate is needed.")
    if workers == 0 or workers < -1:
        raise ValueError(f"workers is {workers}; give 1 or more, or -1 for one per core.")
    workers = os.cpu_count() or 1 if workers == -1 else workers
    seeds = np.random.SeedSequence(seed).spawn(n_sims)
    done: dict[int, np.ndarray] = {}
    with tqdm(total=n_sims, desc=label, disable=not _shown(progress), leave=False) as bar:
        try:
            for first, rows in _here(task, seeds) if workers == 1 else _away(task, seeds, workers):
                done.update(enumerate(rows, first))
                bar.update(len(rows))
        except KeyboardInterrupt:
            if not done:
                raise
            warnings.warn(
                f"Stopped after {len(done):,} of {n_sims:,} replicates; these are returned.",
                InterruptedWarning,
                stacklevel=3,
            )
    return np.array([done[k] for k in sorted(done)])


Chunk = Iterator[tuple[int, list[np.ndarray]]]


def _here(task: Task, seeds: list[np.random.SeedSequence]) -> Chunk:
    for k, seed in enumerate(seeds):
        yield k, [task(np.random.default_rng(seed))]


def _away(task: Task, seeds: list[np.random.SeedSequence], workers: int) -> Chunk:
    size = max(1, -(-len(seeds) // (workers * _CHUNKS_PER_WORKER)))
    pool = ProcessPoolExecutor(workers, initializer=_receive, initargs=(task,))
    try:
        parts = {pool.submit(_work, seeds[k : k + size]): k for k in range(0, len(seeds), size)}
        for part in as_completed(parts):
            yield parts[part], part.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


# In a worker: the task arrives once, not with every chunk.
_task: Task | None = None


def _receive(task: Task) -> None:
    global _task
    _task = task


def _work(seeds: list[np.random.SeedSequence]) -> list[np.ndarray]:
    return [_task(np.random.default_rng(seed)) for seed in seeds]


def _shown(progress: bool | None) -> bool:
    if progress is not None:
        return progress
    return sys.stderr.isatty() or "ipykernel" in sys.modules
