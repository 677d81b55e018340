"""Replicates: the same numbers on any number of workers, and nothing lost."""

import numpy as np
import pytest

from hlmteach.replicates import InterruptedWarning, run


def draw(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=2)


@pytest.mark.parametrize("workers", [2, 3])
def test_same_numbers_on_any_number_of_workers(workers: int) -> None:
    one = run(draw, 50, seed=1, progress=False)
    np.testing.assert_array_equal(run(draw, 50, seed=1, workers=workers, progress=False), one)
    assert len(np.unique(one)) == 100


def test_more_replicates_begin_with_the_same() -> None:
    few, many = (run(draw, n, seed=1, progress=False) for n in (5, 9))
    np.testing.assert_array_equal(few, many[:5])


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
