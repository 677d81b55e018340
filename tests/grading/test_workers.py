import os
import subprocess
import sys
import time

import pytest

from hlmteach.grading import workers


def behave(job):
    """One job for every way in which marking may end."""
    if job == "die":
        os._exit(3)
    if job == "raise":
        raise ValueError("no luck")
    if job == "hang":
        time.sleep(600)
    return job * 2


def by_key(todo, jobs):
    return {key: (answer, why) for key, answer, why in workers.run(behave, todo, jobs)}


@pytest.mark.parametrize("jobs", [1, 2])
def test_one_that_dies_or_fails_costs_the_others_nothing(jobs):
    todo = [("a", 1), ("b", "die"), ("c", 2), ("d", "raise"), ("e", "die"), ("f", 3)]
    found = by_key(todo, jobs)
    assert [found[key][0] for key in "abcdef"] == [2, None, 4, None, None, 6]
    assert found["b"][1] == "the process that marked it ended before its time"
    assert found["d"][1] == "ValueError: no luck"


def test_one_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 1.0)
    monkeypatch.setattr(workers, "BROKEN", workers.BROKEN)
    found = by_key([("a", "hang"), ("b", 2)], 1)
    assert found["a"] == (None, "marking it took too long")
    assert found["b"] in [(4, ""), (None, "marking it took too long")]  # a slow start counts too


def test_nothing_to_do_is_done_at_once():
    assert by_key([], 4) == {}


def test_no_process_is_left_when_the_loop_is_left_early():
    import multiprocessing

    before = set(multiprocessing.active_children())  # of other tests: a pool may be kept
    running = workers.run(behave, [("a", 1), ("b", 2), ("c", "hang")], 2)
    next(running)
    children = set(multiprocessing.active_children()) - before
    assert children or sys.platform == "win32"
    running.close()
    for child in children:
        child.join(5)  # what was killed may take a moment to go
    assert not any(child.is_alive() for child in children)


LOADS = """
import multiprocessing, os, time
if multiprocessing.current_process().name != "MainProcess":
    print(os.getpid(), flush=True)
    time.sleep(600)
def work(job): return job
"""
RUNS = """
import loads
from hlmteach.grading import workers
list(workers.run(loads.work, [("a", 1)], 1))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_worker_that_is_still_loading_ends_when_the_grader_is_killed(tmp_path):
    """Loading the libraries takes seconds, on a busy machine many."""
    (tmp_path / "loads.py").write_text(LOADS)
    words = [sys.executable, "-c", RUNS]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as grader:
        loading = int(grader.stdout.readline())
        grader.kill()
        try:
            grader.communicate(timeout=60)  # the pipe closes when the last that holds it has ended
        except subprocess.TimeoutExpired:
            os.kill(loading, 9)
            pytest.fail("the worker outlives the grader")
