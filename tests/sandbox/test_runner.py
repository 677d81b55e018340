"""The trusted side: what it starts, what it reads, and that it always comes back."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import hlmteach
from hlmteach import sandbox
from hlmteach.sandbox import Limits, Runner
from hlmteach.sandbox.usage import family

CHECK = "import hlmteach as hlm; hlm.check('ch04.icc', 1)"
DEAF = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"


# ------------------------------------------------------------- the pipe that evidence takes


@pytest.mark.parametrize(
    "write",
    [
        "while True: os.write(3, b'x' * 65536)",
        'while True: os.write(3, b\'{"student": "jo"}\\n\')',
        "while True: hlm.check('ch04.icc', 'x' * 10000)",
        "for k in range(2000): hlm.check('ch04.icc', 'x')",
        "import threading\n"
        "def flood():\n    while True: os.write(3, b'y' * 65536)\n"
        "for k in range(9): threading.Thread(target=flood).start()",
    ],
)
def test_a_flood_of_evidence_ends_the_notebook(attack, write):
    said = attack("import os\n" + CHECK, write, output_kb=256)
    assert said.status == "output" and said.answers["ch04.icc"].value[0] in "1x"
    assert "reported too much" in said.log


@pytest.mark.parametrize(
    "write",
    [
        "os.write(3, b'garbage')",
        "os.write(3, b'[' * 100000 + b'\\n')",
        'os.write(3, b\'{"evidence": {"points": 100}}\\n\')',
        "os.write(3, b'{\"student\": NaN}\\n')",
        "import pickle; os.write(3, pickle.dumps(os.system) + b'\\n')",
    ],
)
def test_garbage_among_the_evidence_is_told_to_a_person(attack, write):
    said = attack("import os\n" + CHECK, write, "os.write(3, b'\\n')\n" + CHECK)
    assert said.problems == ["1 line(s) of the report cannot be read"]
    assert said.answers["ch04.icc"].value == "1"


def test_a_pickle_for_the_reader_is_not_opened(attack, outside):
    bomb = (
        "class Bomb:\n"
        f"    def __reduce__(self): return os.mkdir, ({str(outside.folder / 'opened')!r},)\n"
        "import os, pickle; os.write(3, pickle.dumps(Bomb(), 0)); os.write(4, pickle.dumps(Bomb()))"
    )
    assert attack(bomb).problems  # that nothing was written is asserted by `attack`


@pytest.mark.parametrize(
    "close",
    ["os.closerange(0, 1024)", "os.dup2(os.open('/dev/null', 1), 3)", "os.close(3); os.pipe()"],
)
def test_closing_the_pipe_loses_only_what_comes_after(attack, close):
    said = attack("import os\n" + CHECK, close, "hlm.check('ch04.icc', 2)")
    assert said.status == "crashed" and said.answers["ch04.icc"].value == "1"


def test_forged_evidence_is_a_claim_like_any_other(attack):
    forge = (
        "import json, os\n"
        "def claim(question, value):\n"
        "    one = dict(question=question, kind='typed', value=value, fingerprint='')\n"
        "    os.write(3, json.dumps({'evidence': json.dumps(one)}).encode() + b'\\n')\n"
        "claim('ch04.icc', '0.5'); claim('ch99.nothing', '1'); claim('mallory', 'points: 100')"
    )
    said = attack(forge)
    assert {name: one.kind for name, one in said.answers.items()} == {
        "ch04.icc": "typed",
        "ch99.nothing": "typed",
        "mallory": "typed",
    }


@pytest.mark.parametrize(
    "patch",
    [
        "hlm.check = print",
        "import hlmteach.questions.judge as j; j.judge = lambda *a: 'right'",
        "from hlmteach.questions import recorder; recorder.remove(); hlm.check('ch04.icc', 1)",
        "from hlmteach.questions.evidence import Evidence; Evidence.of = None",
        "import builtins; builtins.open = builtins.len = None",
        "import json; json.dumps = lambda *a, **k: 'x'",
        "import os; os.write = lambda *a: 0 / 0",
        "import sys; sys.modules.clear()",
        "get_ipython().run_cell = None; del get_ipython",
        "import gc, ctypes; [o.clear() for o in gc.get_objects() if type(o) is dict]",
    ],
)
def test_what_a_notebook_patches_is_gone_with_it(attack, patch):
    said = attack("import hlmteach as hlm", patch)
    assert not said.answers and said.status in ("ok", "crashed", "timeout")


def test_a_flood_of_pictures_or_prints_costs_nothing(attack):
    pictures = "import os\nfor k in range(900): os.write(4, b'x' * 65536)"
    said = attack(CHECK, "print('x' * 10**8)\n!yes | head -c 100000000", pictures)
    assert said.answers["ch04.icc"].value == "1" and said.figures == []


def test_odd_errors_are_reported(attack):
    odd = (
        "class Odd(Exception):\n    def __str__(self): raise SystemExit\n"
        "Odd.__name__ = '\\ud800' * 500\nraise Odd"
    )
    said = attack(odd, "raise ValueError('\\ud800\\n' + 'x' * 10**6)", "\x00", CHECK)
    assert said.answers["ch04.icc"].value == "1" and not said.problems


def test_half_a_character_in_a_cell_costs_that_cell_only(attack):
    said = attack("x = '\ud800'", "\udcff", CHECK)
    assert said.answers["ch04.icc"].value == "1" and not said.problems


def test_very_long_and_very_many_cells_run(warm, no_data):
    cells = ["x = 1\n" * 20_000, "#" * 5_000_000, *["pass"] * 500, CHECK]
    said = warm.run(cells, no_data, Limits(seconds=60))
    assert said.status == "ok" and said.answers["ch04.icc"].value == "1"


# ------------------------------------------------------------------- files of the instructor


def test_files_of_the_assignment_can_be_read_and_not_changed(tmp_path, needs_sandbox, no_data):
    (tmp_path / "scores.csv").write_text("a,b\n1,2\n")
    os.chmod(tmp_path, 0o755)
    cells = [
        "assert open('scores.csv').read() == 'a,b\\n1,2\\n'",
        "open('scores.csv', 'a').write('x')",
        "import os; os.remove('scores.csv'); open('scores.csv', 'w').write('mine')",
    ]
    with Runner(files=tmp_path, warm=False) as runner:
        for _ in range(2):
            said = runner.run(cells, no_data, Limits(seconds=60))
            assert len(said.cell_errors) == 1
            assert said.cell_errors[0].name in ("OSError", "PermissionError")
    assert (tmp_path / "scores.csv").read_text() == "a,b\n1,2\n"


# -------------------------------------------------------------------------- start and end


def test_a_sandbox_that_does_not_start_says_why(monkeypatch, no_data):
    monkeypatch.setattr("hlmteach.sandbox.room.command", lambda *a: ["no-such-program"])
    said = Runner().run([CHECK], no_data, Limits())
    assert said.status == "failed" and "no-such-program" in said.log


def test_walls_that_do_not_stand_mean_that_nothing_is_run(needs_sandbox, monkeypatch, no_data):
    real = sandbox.room.command

    def weaker(*args):
        words = real(*args)
        return [word for word in words if word != "CAP_SYS_ADMIN" or words.remove("--cap-add")]

    monkeypatch.setattr("hlmteach.sandbox.room.command", weaker)
    with Runner(warm=False) as runner:
        said = runner.run([CHECK], no_data, Limits(seconds=20))
    assert said.status == "failed" and not said.evidence
    assert "Operation not permitted" in said.reason


def test_a_warm_process_that_was_killed_is_started_again(needs_sandbox, no_data):
    with Runner(warm=False) as runner:
        runner.start()
        runner.process.kill()
        assert runner.run([CHECK], no_data, Limits(seconds=60)).answers["ch04.icc"].value == "1"


def test_killing_the_grader_ends_everything_it_started(needs_sandbox, no_data):
    code = (
        "import sys\nfrom hlmteach.sandbox import *\nrunner = Runner(warm=False)\nrunner.start()\n"
        "print(runner.process.pid, flush=True)\n"
        "runner.run(['while True: pass'], sys.argv[1], Limits(seconds=300))"
    )
    words = [sys.executable, "-c", code, no_data]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as grader:
        sandboxed = int(grader.stdout.readline())
        time.sleep(1)
        there = family(sandboxed)
        grader.send_signal(signal.SIGKILL)
    assert len(there) > 3
    for _ in range(100):
        left = [pid for pid in there if Path(f"/proc/{pid}/status").exists()]
        if not left:
            break
        time.sleep(0.1)
    assert not left


def test_a_package_that_lies_in_tmp_is_still_there_for_the_notebook(needs_sandbox, tmp_path):
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(hlmteach.__file__).parent, tmp_path / "hlmteach", ignore=ignore)
    code = (
        "from hlmteach.questions.parcel import pack\nfrom hlmteach.sandbox import Runner, Limits\n"
        "cells = ['import hlmteach.power_table as p', 'open(\"/tmp/mine\", \"w\").close()',"
        "'import os; raise ValueError(os.path.dirname(p.__file__), os.listdir(\"/tmp\"))']\n"
        "with Runner(warm=False) as runner:\n"
        "    print(runner.run(cells, pack('jo', []), Limits(seconds=60)).log)"
    )
    words = [sys.executable, "-c", code]
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(words, capture_output=True, text=True, env=env, cwd="/")
    assert f"('{tmp_path}/hlmteach', [" in done.stdout, done.stderr
    assert "'mine'" in done.stdout
    assert not Path("/tmp/mine").exists()


def test_run_draws_the_data_that_the_cells_name(needs_sandbox, monkeypatch):
    monkeypatch.setattr(sandbox, "Runner", lambda *a: Runner(*a, warm=False))
    said = sandbox.run(
        ["import hlmteach as hlm; hlm.check('ch04.icc', len(hlm.data('CH04.icc')))"], "jo"
    )
    from hlmteach.questions import get

    assert said.answers["ch04.icc"].value == str(len(get("ch04.icc").data("jo")))
    sandbox.close()


def test_run_takes_a_parcel_as_text_bytes_or_file(needs_sandbox, tmp_path, no_data, monkeypatch):
    monkeypatch.setattr(sandbox, "Runner", lambda *a: Runner(*a, warm=False))
    (tmp_path / "data.txt").write_text(no_data)
    for given in (no_data, no_data.encode(), tmp_path / "data.txt"):
        assert sandbox.run([CHECK], "jo", secret_data=given).status == "ok"
    sandbox.close()


def test_without_bubblewrap_run_refuses_and_says_what_to_do(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    sandbox.available.cache_clear()
    try:
        if sys.platform == "linux":
            assert "sudo apt install bubblewrap" in sandbox.available()
        with pytest.raises(RuntimeError, match=r"is not there|needs Linux"):
            sandbox.run([CHECK], "jo")
    finally:
        sandbox.available.cache_clear()


@pytest.mark.parametrize("name", ["seconds", "memory_mb", "processes"])
def test_a_limit_of_nothing_is_refused(name):
    with pytest.raises(ValueError, match=f"The limit {name} is 0; it must be at least 1"):
        Limits(**{name: 0})


# ---------------------------------------------------------------------- without a sandbox


@pytest.fixture(scope="module")
def plain():
    with Runner(sandbox=False, warm=False) as runner:
        yield runner


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ([CHECK, "1 / 0"], "ok"),
        ([CHECK, DEAF + "while True: pass"], "timeout"),
        ([CHECK, "import os; os._exit(0)"], "crashed"),
        ([CHECK, "import os\nwhile True: os.write(3, b'x' * 65536)"], "output"),
    ],
)
def test_without_a_sandbox_the_limits_still_hold(plain, no_data, cells, status):
    said = plain.run(cells, no_data, Limits(seconds=3))
    assert said.status == status and said.answers["ch04.icc"].value == "1"


def test_without_a_sandbox_processes_left_behind_are_killed_too(plain, no_data):
    daemon = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0: time.sleep(60)\n"
        "    os._exit(0)\n"
    )
    assert plain.run([CHECK, daemon], no_data, Limits(seconds=20)).status == "ok"
    for _ in range(50):
        if len(family(plain.process.pid)) == 1:
            break
        time.sleep(0.1)
    assert len(family(plain.process.pid)) == 1


@pytest.mark.parametrize("first", [False, True])
def test_a_notebook_that_is_killed_from_outside_is_run_again(warm, no_data, names_of, first):
    """The process itself, or the first of its namespaces; the second time nobody kills it."""
    wait = (
        "import ctypes, time, hlmteach as hlm; hlm.check('ch04.icc', 1)\n"
        "ctypes.CDLL(None).prctl(15, b'waiting'); time.sleep(2)"
    )
    warm.start()
    found = []
    run = threading.Thread(target=lambda: found.append(warm.run([wait], no_data, Limits())))
    run.start()
    while run.is_alive() and "waiting" not in names_of(warm).values():
        time.sleep(0.05)
    (waiting,) = [pid for pid, name in names_of(warm).items() if name == "waiting"]
    above = int(Path(f"/proc/{waiting}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(above if first else waiting, signal.SIGKILL)
    run.join()
    assert (found[0].status, found[0].answers["ch04.icc"].value) == ("ok", "1")
