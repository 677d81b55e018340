import os
import subprocess
import sys

import pytest

from hlmteach.sandbox import usage

HOLDS = "held = bytearray(b'x') * (60 << 20); print(flush=True); input()"
MOST = 40 << 20


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs Linux's /proc")
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
