"""Slips of honest notebooks: each costs its line or its cell, and not what stands below."""

import signal
import time
from types import SimpleNamespace

import pytest

from hlmteach.sandbox import Limits, turn, usage

START = "import hlmteach as hlm"
CHECK = "hlm.check('ch04.icc', 1)"


@pytest.fixture
def run(warm, no_data):
    def run(*cells, seconds=20):
        return warm.run(list(cells), no_data, Limits(seconds=seconds))

    return run


@pytest.mark.parametrize(
    "cell",
    [
        f"import nowhere as n\n{START}\n{CHECK}",
        f"%matplotlib inline\nx = 1\nfrom nowhere import (a,\n    b)\n\n{START}\nassert x\n{CHECK}",
        f"{START}\nfrom hlmteach import no_such_name\n{CHECK}",
        f"try:\n    import nowhere\nexcept ImportError:\n    pass\n{START}\n{CHECK}",
    ],
)
def test_an_import_that_fails_ends_its_line_and_not_its_cell(run, cell):
    said = run(cell)
    assert (said.status, said.answers["ch04.icc"].value) == ("ok", "1")
    assert [error.name for error in said.cell_errors] in (
        [],
        ["ImportError"],
        ["ModuleNotFoundError"],
    )


def test_what_needs_the_absent_package_says_so_in_its_own_line(run):
    said = run(f"import nowhere as n\n{START}\nn.plot()\n{CHECK}")
    assert not said.answers
    assert [(error.name, error.line) for error in said.cell_errors] == [
        ("ModuleNotFoundError", "import nowhere as n"),
        ("NameError", "n.plot()"),
    ]


def test_an_import_in_a_function_is_no_line_of_the_cell(run):
    said = run(f"{START}\ndef f():\n    import nowhere\nf()\n{CHECK}")
    assert not said.answers and len(said.cell_errors) == 1


def test_cells_in_another_order_are_run_again_at_the_end(run):
    said = run("hlm.check('ch04.icc', b)", "b = a + 1", "a = 1", START, "never")
    assert (said.status, said.answers["ch04.icc"].value) == ("ok", "2")
    assert [(error.cell, error.name) for error in said.cell_errors] == [(5, "NameError")]
    assert said.late == [2, 1] and "at the end, they worked: 2, 1." in said.log


def test_a_cell_that_is_run_again_changes_no_answer(run):
    said = run(f"{START}\n{CHECK}\nhlm.check('ch04.other', b)", "b = 5", "hlm.check('ch04.icc', 3)")
    assert {name: one.value for name, one in said.answers.items()} == {
        "ch04.icc": "3",
        "ch04.other": "5",
    }


@pytest.mark.parametrize(
    "cell",
    [
        "while True: pass",
        "import time; time.sleep(99)",
        "while True:\n    try: 1 / 0\n    except Exception: pass",
    ],
)
def test_a_cell_that_never_ends_is_interrupted_and_the_next_one_runs(run, cell):
    said = run(START, cell, CHECK, seconds=2)
    assert (said.status, said.answers["ch04.icc"].value) == ("ok", "1")
    (error,) = said.cell_errors
    assert (error.cell, error.name) == (2, "TookTooLong")
    assert error.message == "it was interrupted after 1 s. Is it an endless loop?"


class Shell:
    """As much of IPython's as a turn needs, in this process."""

    def run_cell(self, source, store_history):
        exec(source)
        return SimpleNamespace(error_before_exec=None, error_in_exec=None)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer on this system")
@pytest.mark.parametrize("starved", [True, False])
def test_seconds_without_a_processor_do_not_count(monkeypatch, starved):
    monkeypatch.setattr(usage, "waited", lambda process: time.monotonic() if starved else 0.0)
    errors = turn.take(Shell(), "import time; time.sleep(1)", 0.2)
    assert [type(error) for error in errors] == ([] if starved else [turn.TookTooLong])
