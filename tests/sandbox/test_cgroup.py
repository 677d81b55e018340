"""Control groups: made where they may be, and gone with the sandbox."""

import os

import pytest

from hlmteach.sandbox import Limits, Runner, cgroup


@pytest.fixture
def group():
    made = cgroup.make()
    if made is None:
        pytest.skip("this user may not make control groups on this machine")
    yield made
    made.remove()
    assert not made.memory.exists() and not made.pids.exists()


def test_limits_are_set_and_can_be_raised_again(group):
    for megabytes in (64, 512, 128):
        group.limit(megabytes << 20, 20)
        name = "memory.max" if group.version == 2 else "memory.limit_in_bytes"
        assert int((group.memory / name).read_text()) == megabytes << 20
    assert (group.pids / "pids.max").read_text().strip() == "20" and group.kills() == 0


def test_processes_that_take_too_much_at_once_are_stopped(group, needs_sandbox, no_data):
    bomb = (
        "import os\n"
        "for k in range(12):\n"
        "    if os.fork() == 0: break\n"
        "x = bytearray(b'x') * (90 << 20)\n"
        "import time; time.sleep(20)"
    )
    with Runner(warm=False) as runner:
        said = runner.run([bomb], no_data, Limits(seconds=30, memory_mb=100))
        assert said.status == "memory"
        after = runner.run(["import os"], no_data, Limits(seconds=30))
        assert after.status == "ok" and runner.group.memory.exists()
    assert not runner.group.memory.exists()


def test_without_permission_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setattr(cgroup, "_ROOT", tmp_path)
    assert cgroup.make() is None
    (tmp_path / "cgroup.controllers").write_text("memory pids")
    assert cgroup.make() is None


def test_what_a_killed_grader_left_is_tidied_away(tmp_path):
    for name in ("hlmteach-999999999-0", f"hlmteach-{os.getpid()}-77"):
        (tmp_path / name).mkdir()
    made = cgroup.Group(2, tmp_path, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        f"hlmteach-{os.getpid()}-77",
        made.memory.name,
    }
