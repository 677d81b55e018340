"""What all tests share: one thread per worker, no windows, the course's folder."""

import os

# Before NumPy is loaded: the workers share the cores already, and sums are the same everywhere.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # notebooks run in this environment's kernel

import tempfile  # noqa: E402
from pathlib import Path  # noqa: E402

# Nobody's own progress is touched, and everybody is the guest.
_home = tempfile.TemporaryDirectory(prefix="hlmteach-tests-", ignore_cleanup_errors=True)
os.environ["HLMTEACH_HOME"], os.environ["HLMTEACH_STUDENT"] = _home.name, ""

import matplotlib  # noqa: E402
import pytest  # noqa: E402

matplotlib.use("agg")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the course."""
    return Path(__file__).resolve().parent.parent
