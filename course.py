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
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "course-stamp.txt"  # what was installed, or UNFINISHED while that is going on
UNFINISHED = "unfinished"
PLACE = f"{ROOT} with Python {sys.version_info[0]}.{sys.version_info[1]}"
GIGABYTES = 1.5
COMPILE = """
import compileall, sysconfig
compileall.compile_dir(sysconfig.get_path("purelib"), quiet=2, workers=0)
compileall.compile_dir("hlmteach", quiet=2)
"""


def main(words: list[str]) -> int:
    commands = {"lab": lab, "test": test, "book": book, "bench": bench}
    if not words or words[0] not in commands:
        print(__doc__)
        return 0 if words[:1] in ([], ["-h"], ["--help"]) else 2
    try:
        set_up()
    except KeyboardInterrupt:
        sys.exit("\ncourse.py: stopped. The next run takes up the set-up again.")
    except OSError as error:
        sys.exit(f"course.py: the set-up failed: {error}.\nIs {ROOT} yours to write in?")
    return commands[words[0]](words[1:])


def lab(words: list[str]) -> int:
    return run(["-m", "hlmteach", "lab", *words])


def test(words: list[str]) -> int:
    modules = ("sphinx", "myst_nb", "playwright", "nbgrader")
    add(".[pisa,test,book,browser,nbgrader]", modules, "the tests of the book and of nbgrader")
    workers = [
        "-n",
        str(os.cpu_count() or 1),
        "--dist",
        "loadfile",
    ]  # a notebook stays in one piece
    return run(["-m", "pytest", *workers, *words])


def bench(words: list[str]) -> int:
    add(".[pisa,test,bench]", ("gpboost",), "the benchmarks")
    return run(["-m", "benchmarks", *words])


def book(words: list[str]) -> int:
    add(".[pisa,test,book]", ("sphinx", "myst_nb"), "the book")
    return run(["-m", "hlmteach", "book", *words])


def add(what: str, modules: tuple[str, ...], purpose: str) -> None:
    """Install what only one command needs, if it is not there."""
    code = "import sys, importlib.util as u; sys.exit(not all(map(u.find_spec, sys.argv[1:])))"
    if subprocess.run([PYTHON, "-c", code, *modules], cwd=ROOT).returncode:
        print(f"Installing packages for {purpose} (once) ...", flush=True)
        install(what)


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


def set_up() -> None:
    """Make .venv/ hold what pyproject.toml and constraints.txt ask for; nothing to do mostly."""
    wanted = f"{PLACE}\n{fingerprint()}\n"
    found = STAMP.read_text(encoding="utf-8") if STAMP.exists() else ""
    if found == wanted and PYTHON.exists():
        return
    check_machine()
    print(f"Setting up the course in {VENV} (once; a minute or two) ...", flush=True)
    # An environment is tied to its folder and its Python: make it anew when either has changed.
    moved = bool(found) and not found.startswith(f"{PLACE}\n")
    if moved or not is_usable():
        create()
    STAMP.write_text(UNFINISHED, encoding="utf-8")
    install()
    subprocess.run([PYTHON, "-c", COMPILE], cwd=ROOT, check=False)
    STAMP.write_text(wanted, encoding="utf-8")
    print("The set-up is complete.", flush=True)


def fingerprint() -> str:
    files = (ROOT / "pyproject.toml", ROOT / "constraints.txt")
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def check_machine() -> None:
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        sys.exit(
            f"course.py: this Python ({sys.executable}) lacks the module venv or ensurepip.\n"
            f"On Debian and Ubuntu: sudo apt install python{version}-venv\n"
            "Elsewhere: install Python from www.python.org. Then run this again."
        )
    free = shutil.disk_usage(ROOT).free / 1e9
    if free < GIGABYTES:
        sys.exit(
            f"course.py: the disk of {ROOT} has {free:.1f} GB free; the set-up needs "
            f"{GIGABYTES} GB. Free some space and run this again."
        )


def is_usable() -> bool:
    """Whether .venv/ is there, of this Python, and has pip."""
    if not PYTHON.exists():
        return False
    code = "import pip, sys; print(*sys.version_info[:2])"
    asked = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True)
    return asked.stdout.split() == [str(part) for part in sys.version_info[:2]]


def create() -> None:
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV])
    if done.returncode:
        sys.exit("course.py: the virtual environment could not be made; see the message above.")


def install(what: str = ".[pisa,test]") -> None:
    """Run pip, pass on what it says, and translate its reason if it fails."""
    words = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    words += ["-c", "constraints.txt", "-e", what]
    env = {**os.environ, "PIP_USER": "0"}
    with subprocess.Popen(
        [PYTHON, *words], cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True, errors="replace"
    ) as pip:
        said = []
        for line in pip.stderr:
            print(line, end="", file=sys.stderr, flush=True)
            said.append(line)
    if pip.returncode:
        sys.exit(f"\ncourse.py: the packages could not be installed. {reason(''.join(said))}")


def reason(said: str) -> str:
    """What pip's complaint means and what to do next."""
    again = "Then run the same command again: it repairs what is half done."
    low = said.lower()
    if "no space left" in low or "errno 28" in low:
        return f"The disk is full: free some space. {again}"
    network = ("connection", "name resolution", "getaddrinfo", "timed out", "unreachable", "proxy")
    network += ("from versions: none",)  # pip saw no version of a package at all
    if any(word in low for word in network):
        return (
            "The package index cannot be reached: check that this computer is online, and that "
            f"a proxy or a firewall lets pip through. {again}"
        )
    if "no matching distribution" in low:
        return (
            "A pinned package does not exist for this Python and system: use a 64-bit "
            f"Python 3.11, 3.12 or 3.13 from www.python.org. {again}"
        )
    return f"pip's own message is above. {again}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
