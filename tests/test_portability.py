"""What Windows and macOS do otherwise, as far as it can be had on any system."""

import io
import subprocess
import sys
from types import SimpleNamespace

import pytest

from hlmteach import cli

# Grading runs submissions in Linux's namespaces; `hlmteach grade` says so elsewhere.
ELSEWHERE = r"hlmteach\.(sandbox|grading\.grader|nbgrader|book)\b"
ON_WINDOWS = f"""
import importlib, os, pkgutil, re, signal, sys, warnings
import IPython, ipywidgets, jupytext, nbclient, numpy, pandas, statsmodels.api, tqdm
import matplotlib.pyplot, scipy.stats, statsmodels.formula.api  # they know what to do on Windows

MISSING = {{"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}}
class Windows:
    def find_spec(self, name, *_):
        if name in MISSING:
            raise ModuleNotFoundError(f"No module named {{name!r}}, as on Windows")
sys.meta_path.insert(0, Windows())
for name in MISSING:
    sys.modules.pop(name, None)
for place, names in (
    (os, "fork geteuid getuid killpg mkfifo setsid sysconf uname waitid"),
    (signal, "SIGALRM SIGCHLD SIGHUP SIGKILL alarm"),
):
    for name in names.split():
        if hasattr(place, name):
            delattr(place, name)
# There, a text file that is opened without its encoding is read in the system's old one.
warnings.filterwarnings("error", category=EncodingWarning, module="hlmteach")

import hlmteach as hlm

found = [module.name for module in pkgutil.walk_packages(hlm.__path__, "hlmteach.")]
for name in found:
    if not re.match({ELSEWHERE!r}, name) and name != "hlmteach.__main__":
        importlib.import_module(name)
hlm.datasets.pisa_like()
hlm.check("ch04.icc", 0.2)
sys.exit(importlib.import_module("hlmteach.cli").main(sys.argv[1:]))
"""


def test_the_course_works_without_what_windows_lacks(tmp_path):
    (tmp_path / "class.csv").write_text("id,name\njo,Jö\n", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("seven blue bicycles", encoding="utf-8")
    deal = ["deal", "class.csv", "--chapter", "ch04", "--out", "handout", "--secret", "secret.txt"]
    words = [sys.executable, "-X", "warn_default_encoding", "-c", ON_WINDOWS, *deal]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    names = [path.name for path in sorted((tmp_path / "handout" / "jo").iterdir())]
    assert names == ["ch04_icc-jo.ipynb", "hlmteach_data.txt"]


@pytest.mark.parametrize("folder", ["hlmteach", "course.py"])
def test_every_text_file_is_opened_with_its_encoding(folder, root):
    rule = ["--preview", "--select", "PLW1514", "--exclude", "hlmteach/sandbox"]  # it reads /proc
    words = [sys.executable, "-m", "ruff", "check", *rule, folder]
    done = subprocess.run(words, cwd=root, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr


def test_letters_that_a_console_lacks_end_no_command(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252"))
    command = SimpleNamespace(
        __doc__="", add_arguments=lambda _: None, run=lambda _: print("σ²_u of 李 and Zoë") or 0
    )
    monkeypatch.setitem(sys.modules, "hlmteach.unicode_command", command)
    monkeypatch.setitem(cli.COMMANDS, "say", ("hlmteach.unicode_command", ""))
    assert cli.main(["say"]) == 0
    sys.stdout.flush()
    assert raw.getvalue().decode("cp1252").strip() == "\\u03c3²_u of \\u674e and Zoë"
