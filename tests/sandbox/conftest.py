"""One warm sandbox for all tests, which each hostile notebook has to leave as it was."""

import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

import hlmteach
from hlmteach import sandbox
from hlmteach.sandbox import Limits, Runner
from hlmteach.sandbox.usage import family

# Where the course itself lies in /tmp, its folder is there inside, too, and nothing else of /tmp.
NEEDED = [Path(hlmteach.__file__), Path(sys.prefix), Path(sys.base_prefix)]
IN_TMP = sorted({path.parts[2] for path in NEEDED if path.parts[:2] == ("/", "tmp")})
HONEST = [
    "import os, sys, hlmteach as hlm",
    "hlm.check('ch04.icc', 0.25)",
    "left = [os.listdir(p) for p in ('/tmp', '/dev/shm', '.')]\n"
    "pids = [p for p in os.listdir('/proc') if p.isdigit()]\n"
    "odd = [m for m in sys.modules if m.startswith('planted')]\n"
    f"assert (left, sorted(pids), odd) == ([{IN_TMP}, [], []], ['1', '2'], []), (left, pids, odd)",
]


@pytest.fixture(scope="session")
def needs_sandbox():
    if sandbox.available():
        pytest.skip(f"there is no sandbox on this machine: {sandbox.available()}")


@pytest.fixture(scope="session")
def warm(needs_sandbox):
    with Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def no_data():
    from hlmteach.questions.parcel import pack

    return pack("jo", [])


def names(runner):
    """Names of the processes in a runner's sandbox, by process."""
    found = {}
    for process in sorted(family(runner.process.pid)):
        try:
            found[process] = Path(f"/proc/{process}/comm").read_text().strip()
        except OSError:
            continue  # it has just ended
    return found


def processes_of(runner):
    """Processes in the runner's sandbox, the warm one left out, once they had time to end."""
    for _ in range(50):
        others = [process for process, name in names(runner).items() if name != "bwrap"][1:]
        if not others:
            break
        time.sleep(0.1)
    return others


@pytest.fixture(scope="session")
def names_of():
    return names


class Outside:
    """A folder that everybody on the machine may read and write: only the walls protect it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secret = folder / "secret.txt"
        self.secret.write_text("the key")
        os.chmod(folder, 0o777)
        os.chmod(self.secret, 0o666)

    def untouched(self) -> bool:
        return os.listdir(self.folder) == ["secret.txt"] and self.secret.read_text() == "the key"


@pytest.fixture
def outside():
    with tempfile.TemporaryDirectory(prefix="hlmteach-outside-") as name:
        yield Outside(Path(name))


@pytest.fixture
def attack(warm, no_data, outside):
    """Run hostile cells; then nothing has changed, and an honest notebook runs as ever."""

    def run(*cells, **limits):
        said = warm.run(list(cells), no_data, Limits(**{"seconds": 20, **limits}))
        first = warm.process.pid
        after = warm.run(HONEST, no_data, Limits(seconds=20))
        assert (after.status, after.log, after.problems) == ("ok", "", [])
        assert [one.value for one in after.evidence] == ["0.25"]
        assert warm.process.pid == first and not processes_of(warm)
        assert outside.untouched()
        return said

    return run
