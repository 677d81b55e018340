"""The class of the graders' tests serves here too, and a course in a folder."""

import functools
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "grading"), str(HERE)]


@pytest.fixture(scope="session", autouse=True)
def alembic_once():
    """nbgrader starts a program to learn the version of its tables: once for all gradebooks."""
    with pytest.MonkeyPatch.context() as patch:
        if find_spec("nbgrader"):
            from nbgrader import api

            patch.setattr(api, "get_alembic_version", functools.cache(api.get_alembic_version))
        yield
