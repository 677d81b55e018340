"""Marking a class: `hlmteach grade` and nbgrader, on the same submissions."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

from hlmteach.cli import main
from hlmteach.sandbox import available

from .r_session import RSession
from .race import OURS, Case, Contender, Numbers, Run

CHAPTER = "ch04"
_BARE = """\
c = get_config()
c.CourseDirectory.course_id = "bare"
"""


def grading(r: RSession | None, quick: bool) -> Iterator[Case]:
    """Submissions of a chapter, all right; each contender is a command that marks all of them.

    nbgrader runs twice: as `hlmteach nbgrader` sets it up, in the sandbox, and as it is, without.
    """
    if available():
        print(f"grading: left out. {available()}")
        return
    n = 2 if quick else 30  # a small class: what starts once is paid once
    with tempfile.TemporaryDirectory(prefix="hlmteach-bench-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        place.chmod(0o755)
        _class(place, n)
        jobs = os.cpu_count() or 1
        lanes = [Contender(OURS, _command(place, _grade(place)))]
        goals = {}
        if find_spec("nbgrader"):
            for folder, config in (("sandbox", ""), ("bare", _BARE)):
                lanes.append(Contender(f"nbgrader, {folder}", _autograde(place, folder, config)))
                goals[f"nbgrader, {folder}"] = 3
        else:
            print("grading: nbgrader is not installed, so nothing is compared with it.")
        work = f"{n} submissions of {CHAPTER}, in the sandbox; hlmteach with {jobs} processes"
        yield Case("grading", work, lanes, goals)


def _class(place: Path, n: int) -> None:
    """A course and n submissions, each the written solution, under nbgrader's names."""
    words = ["nbgrader", "--chapter", CHAPTER, "--out", str(place / "sandbox")]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        if main(words):
            raise RuntimeError(f"The nbgrader course could not be made: {said.getvalue()}")
    (source,) = (place / "sandbox" / "source" / CHAPTER).glob("*.ipynb")
    students = [f"s{number}" for number in range(n)]
    for student in students:
        folder = place / "submitted" / student / CHAPTER
        folder.mkdir(parents=True)
        (folder / source.name).write_bytes(source.read_bytes())
    (place / "class.csv").write_text("\n".join(["id", *students]) + "\n", encoding="utf-8")


def _grade(place: Path) -> list[str]:
    words = ["-m", "hlmteach", "grade", str(place / "submitted")]
    return [*words, "--roster", str(place / "class.csv"), "--out"]


def _command(place: Path, words: list[str]) -> Run:
    """Seconds of `hlmteach grade`, each time into a new folder."""

    def run() -> tuple[float, Numbers]:
        with tempfile.TemporaryDirectory(dir=place) as out:
            return _timed([*words, out], Path.cwd()), {}

    return run


def _autograde(place: Path, folder: str, config: str) -> Run:
    """Seconds of `nbgrader autograde` in a course of its own."""
    course = place / folder
    if config:
        (course / "source" / CHAPTER).mkdir(parents=True)
        for path in (place / "sandbox" / "source" / CHAPTER).glob("*.ipynb"):
            (course / "source" / CHAPTER / path.name).write_bytes(path.read_bytes())
        (course / "nbgrader_config.py").write_text(config, encoding="utf-8")
    (course / "submitted").symlink_to(place / "submitted")
    _timed(["-m", "nbgrader", "generate_assignment", CHAPTER], course)

    def run() -> tuple[float, Numbers]:
        return _timed(["-m", "nbgrader", "autograde", CHAPTER, "--force"], course), {}

    return run


def _timed(words: list[str], folder: Path) -> float:
    beside = str(Path(sys.executable).parent)  # nbgrader starts alembic by its name
    path = os.pathsep.join([beside, os.environ.get("PATH", os.defpath)])
    start = perf_counter()
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    seconds = perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{' '.join(words[1:3])} failed:\n{done.stderr[-2000:]}")
    return seconds
