import os
import subprocess
import sys

import pytest

from hlmteach.sandbox import usage

needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs Linux's /proc")
HOLDS = "held = bytearray(b'x') * (60 << 20); print(flush=True); input()"
MOST = 40 << 20


@needs_proc
def test_a_process_that_ends_while_it_is_looked_at_takes_nothing(monkeypatch):
    """Else a notebook with many processes would be said to have taken too much as it ends."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HOLDS], **pipes) as process:
        process.stdout.readline()
        assert usage.exceeds(process.pid, MOST)

        def ends(pid):
            process.kill()
            process.wait()
            return 0

        monkeypatch.setattr(usage, "share", ends)
        assert not usage.exceeds(process.pid, MOST)


WORKS = """
import os, time
for _ in range(2):
    if os.fork() == 0:
        while time.process_time() < 0.4: pass
        os._exit(0)
    os.wait()
if os.fork() == 0:
    while time.process_time() < 0.4: pass
    print(flush=True); input()
os.wait()
"""


@needs_proc
def test_time_is_that_of_all_processes_the_ended_ones_too():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", WORKS], **pipes) as process:
        process.stdout.readline()
        assert usage.spent(process.pid) >= 1.15  # in whole ticks
        assert usage.waited(process.pid) >= 0
        process.communicate(b"\n")
    assert usage.spent(process.pid) == usage.waited(process.pid) == 0
