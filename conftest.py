"""What pytest leaves out where an optional package is missing, said aloud; and what comes first."""

import os
from importlib.util import find_spec

from hypothesis import settings

# What a notebook shows is compared with what is stored: no bar, however long a busy machine takes.
os.environ["HLMTEACH_QUIET"] = "1"

# A busy machine is no failure: no test looks at the clock.
settings.register_profile("course", settings.default, deadline=None)
settings.load_profile("course")

# Not among the packages for tests: it puts its menus into every JupyterLab that finds it.
_MISSING = find_spec("nbgrader") is None
collect_ignore = ["hlmteach/nbgrader"] if _MISSING else []


def pytest_report_header() -> str | None:
    return "NOT INSTALLED: nbgrader; nothing of hlmteach/nbgrader is tested" if _MISSING else None


# They take a minute or wait for other processes; with the many short files last, all ends together.
LONG = ("tests/questions/test_every", "tests/grading", "tests/browser", "tests/sandbox", "chapters")


def pytest_collection_modifyitems(config, items) -> None:
    """The long files first where several processes share the tests."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: [not item.nodeid.startswith(name) for name in LONG])
