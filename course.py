"""Set-up and commands of the course; needs nothing but Python 3.11 or newer.

    python3 course.py lab     open the course in JupyterLab (also: lab --port 8899)
    python3 course.py test    run all tests, the notebooks among them (also: test -k icc)
    python3 course.py book    make the course a web site, complete offline (also: book --out DIR)
    python3 course.py bench   time and check the package against lme4, statsmodels and gpboost

The first run makes .venv/ in this folder and installs the pinned packages there. Later runs start
at once, and install again only when pyproject.toml or constraints.txt changed.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an old Python must get this far to be told
    sys.exit(
        "course.py: the course needs Python 3.11 or newer; this is Python {}.{}.\n"
        "Install one from www.python.org and start course.py with it, as in: python3.12 course.py"
        "".format(*sys.version_info[:2])
    )

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "course-stamp.txt"  # a line each: the place, the pins, and every extra
VERSION = "{}.{}".format(*sys.version_info[:2])
PLACE = f"{ROOT} with Python {VERSION}"  # an environment works in one folder with one Python
GIGABYTES = 1.5
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
COMMANDS = {  # name -> extras of pyproject.toml that it needs, what it runs
    "lab": ("pisa,test", "-m hlmteach lab"),
    "test": ("pisa,test,book,browser,nbgrader", f"-m pytest -n {CORES}"),
    "book": ("pisa,test,book", "-m hlmteach book"),
    "bench": ("pisa,test,bench,nbgrader", "-m benchmarks"),
}


def main(words: list[str]) -> int:
    if not words or words[0] not in COMMANDS:
        print(__doc__)
        return 0 if words[:1] in ([], ["-h"], ["--help"]) else 2
    extras, command = COMMANDS[words[0]]
    try:
        set_up(set(extras.split(",")))
    except KeyboardInterrupt:
        sys.exit("\ncourse.py: stopped. The next run takes up the set-up again.")
    except OSError as error:
        sys.exit(f"course.py: the set-up failed: {error}.\nIs {ROOT} yours to write in?")
    return run([*command.split(), *words[1:]])


def run(words: list[str]) -> int:
    """Become the command where the system can, so that Ctrl-C and signals reach it and only it."""
    os.chdir(ROOT)
    if os.name != "nt":
        sys.stdout.flush()
        os.execv(PYTHON, [str(PYTHON), *words])
    try:
        return subprocess.call([PYTHON, *words])
    except KeyboardInterrupt:
        return 130


def set_up(extras: set[str]) -> None:
    """Make .venv/ hold the pinned packages and these extras; mostly there is nothing to do."""
    pins = hashlib.sha256((ROOT / "pyproject.toml").read_bytes())
    pins.update((ROOT / "constraints.txt").read_bytes())
    wanted = [PLACE, pins.hexdigest()]
    found = STAMP.read_text(encoding="utf-8").splitlines() if STAMP.exists() else []
    there = set(found[2:])
    same = PYTHON.exists() and found[:2] == wanted
    if same and extras <= there:
        return
    print(f"Setting up the course in {VENV} (once; a minute or two) ...", flush=True)
    if PYTHON.exists() and found[:1] == [PLACE]:
        extras = extras | there
    else:  # it is new, was moved, has another Python, or was not finished
        create(clear=bool(found))
    if not same:
        STAMP.write_text("unfinished", encoding="utf-8")
    install(sorted(extras))
    STAMP.write_text("\n".join([*wanted, *sorted(extras)]), encoding="utf-8")
    print("The set-up is complete.", flush=True)


def create(clear: bool) -> None:
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < GIGABYTES:
        sys.exit(
            f"course.py: the disk of {ROOT} has {free:.1f} GB free; the set-up needs "
            f"{GIGABYTES} GB. Free some space and run this again."
        )
    words = [sys.executable, "-m", "venv", *["--clear"] * clear, VENV]
    if subprocess.run(words).returncode:
        sys.exit(
            f"course.py: no virtual environment could be made; the message above says why.\n"
            f"If venv or ensurepip is missing, on Debian and Ubuntu: sudo apt install "
            f"python{VERSION}-venv\nElsewhere: install Python from www.python.org. "
            "Then run this again."
        )


def install(extras: list[str]) -> None:
    """Install the course and compile it; pass on what pip says, and translate it if pip fails."""
    pip = "-m pip install --compile --disable-pip-version-check --no-input -c constraints.txt -e"
    words = [PYTHON, *pip.split(), f".[{','.join(extras)}]"]
    env = {**os.environ, "PIP_USER": "0"}
    with subprocess.Popen(
        words, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as process:
        said = []
        for line in process.stderr:
            print(line, end="", file=sys.stderr, flush=True)
            said.append(line)
    if process.returncode:
        sys.exit(f"\ncourse.py: the packages could not be installed. {reason(''.join(said))}")
    subprocess.run([PYTHON, "-m", "compileall", "-q", "hlmteach"], cwd=ROOT)


REASONS = {
    "The disk is full: free some space.": ("no space left", "errno 28"),
    "The package index cannot be reached: check that this computer is online, and that a proxy or "
    "a firewall lets pip through.": (
        *("connection", "name resolution", "getaddrinfo", "timed out", "unreachable", "proxy"),
        "from versions: none",  # pip saw no version of a package at all
    ),
    "A pinned package does not exist for this Python and system: use a 64-bit Python 3.11, 3.12 or "
    "3.13 from www.python.org.": ("no matching distribution",),
    "pip's own message is above.": ("",),
}


def reason(said: str) -> str:
    """What pip's complaint means and what to do next."""
    found = (text for text, signs in REASONS.items() if any(s in said.lower() for s in signs))
    return f"{next(found)} Then run the same command again: it repairs what is half done."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
