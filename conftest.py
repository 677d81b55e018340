"""What pytest leaves out where an optional package is not installed, said aloud."""

from importlib.util import find_spec

# Not among the packages for tests: it puts its menus into every JupyterLab that finds it.
_MISSING = find_spec("nbgrader") is None
collect_ignore = ["hlmteach/nbgrader"] if _MISSING else []


def pytest_report_header() -> str | None:
    return "NOT INSTALLED: nbgrader; nothing of hlmteach/nbgrader is tested" if _MISSING else None
