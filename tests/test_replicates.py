"""Replicates: the same numbers on any number of workers, and nothing lost."""

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest

from hlmteach import replicates
from hlmteach.replicates import InterruptedWarning, pool, run

# Defined elsewhere than in this file, so that it can travel to another process.
draw = partial(np.random.Generator.normal, size=2)
draw_four = partial(np.random.Generator.normal, size=(4, 2))


@pytest.mark.parametrize("workers", [2, 3])
def test_same_numbers_on_any_number_of_workers(workers: int) -> None:
    one = run(draw, 50, seed=1, progress=False)
    np.testing.assert_array_equal(run(draw, 50, seed=1, workers=workers, progress=False), one)
    assert len(np.unique(one)) == 100


def test_an_executor_is_used_and_left_running() -> None:
    with ThreadPoolExecutor(2) as threads:
        rows = run(draw, 50, seed=1, workers=threads)
        assert threads.submit(int).result() == 0
    np.testing.assert_array_equal(rows, run(draw, 50, seed=1))


def test_one_pool_serves_several_runs() -> None:
    with pool(2) as two:
        assert two.submit(int).result() == 0
        rows = [run(draw, 5, seed=seed, workers=two) for seed in (1, 2)]
    np.testing.assert_array_equal(rows[1], run(draw, 5, seed=2))
    with pool(1) as here:
        assert here == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_a_task_may_make_several_replicates_at_once(workers: int) -> None:
    rows = run(draw_four, 10, at_once=4, seed=1, workers=workers, progress=False)
    assert rows.shape == (10, 2)
    np.testing.assert_array_equal(rows, run(draw_four, 12, at_once=4, seed=1)[:10])


def test_a_seed_sequence_is_a_seed() -> None:
    rows = run(draw, 3, seed=np.random.SeedSequence(1))
    np.testing.assert_array_equal(rows, run(draw, 3, seed=1))


def test_more_replicates_begin_with_the_same() -> None:
    few, many = (run(draw, n, seed=1, progress=False) for n in (5, 9))
    np.testing.assert_array_equal(few, many[:5])


def test_a_quick_run_shows_no_bar_unasked(capsys: pytest.CaptureFixture, monkeypatch) -> None:
    monkeypatch.setattr(replicates, "_shown", lambda progress: True)
    run(draw, 3, seed=1, progress=None, label="quick")
    assert "quick" not in capsys.readouterr().err
    monkeypatch.setattr(replicates, "_QUICK", 0.0)
    run(draw, 3, seed=1, progress=None, label="quick")
    assert "quick" in capsys.readouterr().err


def test_no_bar_is_shown_unasked_where_nobody_watches(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    monkeypatch.delenv(replicates.QUIET_VARIABLE)
    assert replicates._shown(None)
    monkeypatch.setenv(replicates.QUIET_VARIABLE, "1")
    assert not replicates._shown(None)
    assert replicates._shown(True)


def test_a_bar_is_shown_when_asked(capsys: pytest.CaptureFixture) -> None:
    run(draw, 3, seed=1, progress=True, label="three draws")
    assert "three draws" in capsys.readouterr().err
    run(draw, 3, seed=1, progress=False)
    assert capsys.readouterr().err == ""


def test_interrupted_run_keeps_what_is_done() -> None:
    calls = iter(range(100))

    def task(rng: np.random.Generator) -> np.ndarray:
        if next(calls) == 7:
            raise KeyboardInterrupt
        return rng.normal(size=2)

    with pytest.warns(InterruptedWarning, match="Stopped after 7 of 20 replicates"):
        rows = run(task, 20, seed=1, progress=False)
    whole = run(draw, 20, seed=1, progress=False)
    np.testing.assert_array_equal(rows, whole[:7])


def test_interrupted_run_on_workers_keeps_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    from hlmteach import replicates

    def stopped(futures: dict) -> object:
        for count, part in enumerate(as_completed(futures)):
            if count == 3:
                raise KeyboardInterrupt
            yield part

    as_completed = replicates.as_completed
    monkeypatch.setattr(replicates, "as_completed", stopped)
    with pytest.warns(InterruptedWarning, match="Stopped after 12 of 64 replicates"):
        rows = run(draw, 64, seed=1, workers=2, progress=False)
    monkeypatch.undo()
    whole = run(draw, 64, seed=1)
    assert len(rows) == 12
    assert {tuple(row) for row in rows} <= {tuple(row) for row in whole}


def test_interrupted_before_anything_is_done() -> None:
    def task(rng: np.random.Generator) -> np.ndarray:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(task, 3, seed=1, progress=False)


def test_errors() -> None:
    with pytest.raises(ValueError, match="n_sims is 0; at least one replicate"):
        run(draw, 0)
    with pytest.raises(ValueError, match="workers is -2; give 1 or more, or -1"):
        run(draw, 1, workers=-2)
    with pytest.raises(ValueError, match="workers is 'two'; give a number of processes, a Dask"):
        run(draw, 1, workers="two")


def test_a_task_that_cannot_travel_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cannot travel to several workers: .*or use workers=1\."):
        run(lambda rng: rng.normal(size=2), 3, workers=2)
