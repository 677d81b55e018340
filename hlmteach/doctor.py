"""Check this installation and say what to do.

One line a check: OK, OPTION (something useful is not installed) or PROBLEM, with the next step. The
exit code is 1 if there is a problem.
"""

import argparse
import os
import re
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

SETUP = (
    "Delete the folder `.venv` of the course and run `python3 course.py lab` there: it makes the "
    "environment anew."
)
INSTALL = f"{SETUP} In an environment of your own: `pip install -e .` there."
LAB_EXTENSIONS = {
    "jupyterlab-jupytext": "opens text notebooks",
    "@jupyter-widgets/jupyterlab-manager": "shows sliders",
}


class Line(NamedTuple):
    """One finding: its state, what was seen, and what to do if it is not OK."""

    state: str
    seen: str
    todo: str = ""

    def __str__(self) -> str:
        next_step = f"\n         -> {self.todo}" if self.todo else ""
        return f"{self.state:<8} {self.seen}{next_step}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`hlmteach doctor` takes no arguments."""


def run(args: argparse.Namespace) -> int:
    """Run every check and print what it found; 1 if there is a problem."""
    bad = 0
    for check in CHECKS:
        for line in _guarded(check):
            print(line, flush=True)
            bad += line.state == "PROBLEM"
    print("Everything the course needs is here." if not bad else f"{bad} to put right, see above.")
    return 1 if bad else 0


def _guarded(check: Callable[[], list[Line]]) -> list[Line]:
    """A check that breaks is itself a finding: the doctor never ends in a traceback."""
    try:
        return check()
    except Exception as error:
        name = check.__name__.replace("check_", "").replace("_", " ")
        first = str(error).strip().split("\n")[0]
        return [Line("PROBLEM", f"{name}: {type(error).__name__}: {first}", INSTALL)]


def check_python() -> list[Line]:
    """Is this Python new enough for the package?"""
    wanted = SpecifierSet(metadata("hlmteach")["Requires-Python"])
    seen = ".".join(map(str, sys.version_info[:3]))
    if wanted.contains(seen, prereleases=True):
        return [Line("OK", f"Python {seen} in {sys.prefix}")]
    todo = f"Install a Python {wanted} and run `python3 course.py lab` with it."
    return [Line("PROBLEM", f"Python {seen}; the course needs {wanted}", todo)]


def check_packages() -> list[Line]:
    """Is every package that the course needs here, in a version that fits?"""
    needed = [Requirement(text) for text in requires("hlmteach") or []]
    core = [item for item in needed if _extra(item) is None and _applies(item)]
    lines = [line for item in core if (line := _package(item))]
    return lines or [Line("OK", f"packages: {', '.join(map(_name_and_version, core))}")]


def check_extras() -> list[Line]:
    """Which optional groups of packages are installed?"""
    groups: dict[str, list[Requirement]] = {}
    for text in requires("hlmteach") or []:
        item = Requirement(text)
        if (extra := _extra(item)) is not None:
            groups.setdefault(extra, []).append(item)
    return [_group(extra, items) for extra, items in groups.items()]


def _group(extra: str, items: list[Requirement]) -> Line:
    faults = [line for item in items if (line := _package(item))]
    if not faults:
        return Line("OK", f"extra {extra}: {', '.join(map(_name_and_version, items))}")
    seen = f"extra {extra}: {'; '.join(line.seen for line in faults)}"
    return Line("OPTION", seen, f'If you want it: pip install "hlmteach[{extra}]"')


def _package(item: Requirement) -> Line | None:
    try:
        seen = version(item.name)
    except PackageNotFoundError:
        return Line("PROBLEM", f"{item.name} is not installed", INSTALL)
    if item.specifier.contains(seen, prereleases=True):
        return None
    return Line("PROBLEM", f"{item.name} {seen}; the course needs {item.specifier}", INSTALL)


def _name_and_version(item: Requirement) -> str:
    return f"{item.name} {version(item.name)}"


def _extra(item: Requirement) -> str | None:
    found = re.search(r"""extra\s*==\s*["']([\w-]+)["']""", str(item.marker or ""))
    return found[1] if found else None


def _applies(item: Requirement) -> bool:
    return item.marker is None or item.marker.evaluate()


def check_lab_extensions() -> list[Line]:
    """Does JupyterLab find the extensions that the course uses?"""
    from jupyter_core.paths import jupyter_path

    folders = [Path(folder) for folder in jupyter_path("labextensions")]
    lines = []
    for name, use in LAB_EXTENSIONS.items():
        there = any((folder / name / "package.json").is_file() for folder in folders)
        seen = f"JupyterLab extension {name} ({use})"
        lines.append(Line("OK", seen) if there else Line("PROBLEM", f"no {seen}", INSTALL))
    return lines


def check_kernel() -> list[Line]:
    """Does the notebook kernel `python3` run in this very environment and import hlmteach?"""
    import nbformat

    from hlmteach import notebook
    from hlmteach.lab import settings

    os.environ.update(settings(os.environ))
    code = "import sys, hlmteach; print(sys.prefix, hlmteach.__file__, sep='\\n')"
    cell = nbformat.v4.new_code_cell(code)
    asked = nbformat.v4.new_notebook(cells=[cell])
    shown = notebook.execute(asked, Path.cwd(), timeout=60).cells[0].outputs[-1].text
    prefix, place = shown.strip().split("\n")
    if Path(prefix).resolve() == Path(sys.prefix).resolve():
        return [Line("OK", f"kernel python3 runs here and imports {Path(place).parent}")]
    todo = "Run `python -m ipykernel install --sys-prefix` with this environment's Python."
    return [Line("PROBLEM", f"kernel python3 runs in {prefix}, not in {sys.prefix}", todo)]


def check_fit() -> list[Line]:
    """Do hlmteach and statsmodels agree on a small simulated table?"""
    import statsmodels.formula.api as smf

    import hlmteach

    table = _small_table()
    ours = hlmteach.lmer("y ~ 1 + (1 | g)", table)
    theirs = smf.mixedlm("y ~ 1", table, groups="g").fit()
    pair = (ours.sigma_u**2, float(theirs.cov_re.iloc[0, 0]))
    seen = (
        f"smoke fit: variance between groups {pair[0]:.3f} (hlmteach), {pair[1]:.3f} (statsmodels)"
    )
    if abs(pair[0] - pair[1]) < 0.01 * pair[0]:
        return [Line("OK", seen)]
    return [Line("PROBLEM", f"{seen}; they should agree", INSTALL)]


def _small_table():
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(20), 10)
    y = 5 + rng.normal(size=20)[group] + rng.normal(size=group.size)
    return pd.DataFrame({"y": y, "g": [f"school {number}" for number in group]})


CHECKS = (
    check_python,
    check_packages,
    check_lab_extensions,
    check_kernel,
    check_fit,
    check_extras,
)
