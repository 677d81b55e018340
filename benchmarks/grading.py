"""Marking a class: `hlmteach grade` and nbgrader, on the same submissions; then a large class."""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

from hlmteach.cli import main
from hlmteach.grade import cores
from hlmteach.sandbox import available, usage

from .r_session import RSession
from .race import OURS, Case, Contender, Numbers, Run

CHAPTER = "ch04"
SMALL, LARGE = 30, 300  # submissions
MINUTES = 10  # in which the large class is to be marked
FLAT = 1.1  # how many times the small class's memory the large one may take
LASTS = 2.0  # seconds after which a process is no notebook's
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
    n = 2 if quick else SMALL
    with _place() as place:
        _class(place, n)
        jobs = cores()
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


def large_class(quick: bool) -> list[dict]:
    """Seconds and memory of a large class, and its memory over a small one's; prints as it goes."""
    if available():
        return []
    small, large = (2, 4) if quick else (SMALL, LARGE)
    jobs = cores()
    print(f"class: submissions of {CHAPTER}, some broken, in the sandbox, with {jobs} processes")
    found = {}
    for n in (small, large):
        with _place() as place:
            _class(place, n, spoil=True)
            seconds, peak = _watched([*_grade(place), str(place / "marked")], place)
        found[n] = seconds, peak.lasting
        print(
            f"  {n} submissions: {seconds:.0f} s; memory at its peak {peak.most:.0f} MB, "
            f"{peak.lasting:.0f} MB without the notebooks that come and go"
        )
    ratio = found[large][1] / found[small][1] if found[small][1] else 1.0
    limit = 60 * MINUTES * large / LARGE
    rows = [("seconds", found[large][0], limit), ("memory ratio", ratio, FLAT)]
    for what, value, goal in rows:
        print(f"  {what} {value:.3g}, goal: below {goal:g} {'met' if value < goal else 'NOT MET'}")
    work = f"{large} submissions of {CHAPTER}"
    return [{"case": f"class, {what}", "work": work, "contender": "hlmteach", "ratio": value,
             "goal": goal, "met": bool(value < goal), "check": ""}
            for what, value, goal in rows]  # fmt: skip


@contextlib.contextmanager
def _place() -> Iterator[Path]:
    prefix = "hlmteach-bench-"
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _class(place: Path, n: int, spoil: bool = False) -> None:
    """A course and n submissions, each the written solution, under nbgrader's names."""
    words = ["nbgrader", "--chapter", CHAPTER, "--out", str(place / "sandbox")]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        if main(words):
            raise RuntimeError(f"The nbgrader course could not be made: {said.getvalue()}")
    (source,) = (place / "sandbox" / "source" / CHAPTER).glob("*.ipynb")
    students = [f"s{number}" for number in range(n)]
    for number, student in enumerate(students):
        folder = place / "submitted" / student / CHAPTER
        folder.mkdir(parents=True)
        raw = source.read_bytes()
        (folder / source.name).write_bytes(_spoiled(raw, number) if spoil else raw)
    (place / "class.csv").write_text("\n".join(["id", *students]) + "\n", encoding="utf-8")


def _spoiled(raw: bytes, number: int) -> bytes:
    """Four notebooks of twenty fail: cut off, an error, an early end, too much memory."""
    code = {1: "1 / 0", 2: "import os; os._exit(1)", 3: "x = b'x' * 10**10"}.get(number % 20)
    if number % 20 == 4:
        return raw[: len(raw) // 2]
    if code is None:
        return raw
    notebook = json.loads(raw)
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    cells[len(cells) // 2]["source"] = code
    return json.dumps(notebook).encode()


@dataclass
class Peak:
    """Memory of a process and all below it, pages that several share divided among them.

    Attributes
    ----------
    most : megabytes of all of them at one time
    own : the most megabytes of each that lasts; a notebook does not, and has its own limit
    """

    most: float = 0.0
    own: dict[int, float] = field(default_factory=dict)
    seen: dict[int, float] = field(default_factory=dict)

    def look(self, root: int) -> None:
        before, now = usage.family(root), perf_counter()
        sizes = {process: usage.share(process) / 1e6 for process in before}
        if usage.family(root).keys() != before.keys():
            return  # one came or went, and its pages were counted with others' or not at all
        self.most = max(self.most, sum(sizes.values()))
        for process, size in sizes.items():
            if now - self.seen.setdefault(process, now) > LASTS:
                self.own[process] = max(self.own.get(process, 0.0), size)

    @property
    def lasting(self) -> float:
        return sum(self.own.values())


def _watched(words: list[str], folder: Path) -> tuple[float, Peak]:
    """Seconds of a command, and its memory."""
    start, peak = perf_counter(), Peak()
    with open(folder / "said.txt", "w+", encoding="utf-8") as said:
        running = subprocess.Popen([sys.executable, *words], stdout=said, stderr=said)
        while running.poll() is None:
            peak.look(running.pid)
            time.sleep(0.3)
        if running.returncode:
            said.seek(0)
            raise RuntimeError(f"{' '.join(words[1:3])} failed:\n{said.read()[-2000:]}")
    return perf_counter() - start, peak


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
