"""`course.py`, the one file that must work before anything is installed."""

import ast
import importlib.util
import runpy
import shutil
import subprocess
import sys
from collections import namedtuple

import pytest


@pytest.fixture
def course(root, tmp_path, monkeypatch):
    """course.py as a module whose folder is a temporary one; it records what it would run."""
    spec = importlib.util.spec_from_file_location("course", root / "course.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "python")
    monkeypatch.setattr(module, "STAMP", tmp_path / ".venv" / "course-stamp.txt")
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text(name)
    module.done = []
    monkeypatch.setattr(module, "is_usable", module.PYTHON.exists)
    monkeypatch.setattr(module, "create", lambda: make(module))
    monkeypatch.setattr(module, "install", lambda: module.done.append("install"))
    monkeypatch.setattr(module.subprocess, "run", lambda *words, **more: None)
    return module


def make(course):
    course.done.append("create")
    course.VENV.mkdir(exist_ok=True)
    course.PYTHON.touch()


def test_needs_nothing_but_the_standard_library(root):
    tree = ast.parse((root / "course.py").read_text("utf-8"))
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_an_old_python_can_read_it_and_is_told(root, monkeypatch):
    source = (root / "course.py").read_text("utf-8")
    ast.parse(source, feature_version=(3, 6))
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit) as stop:
        runpy.run_path(str(root / "course.py"))
    assert "needs Python 3.11 or newer; this is Python 3.9." in stop.value.code


@pytest.mark.parametrize(("words", "code"), [([], 0), (["--help"], 0), (["lba"], 2)])
def test_without_a_known_command_it_explains_itself(course, words, code, capsys):
    assert course.main(words) == code
    assert "python3 course.py lab" in capsys.readouterr().out
    assert course.done == []


def test_the_first_run_sets_up_and_the_second_has_nothing_to_do(course):
    course.set_up()
    assert course.done == ["create", "install"]
    course.set_up()
    assert course.done == ["create", "install"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_list_is_installed_into_the_same_environment(course, name):
    course.set_up()
    (course.ROOT / name).write_text("changed")
    course.set_up()
    assert course.done == ["create", "install", "install"]


def test_an_interrupted_set_up_is_made_anew(course, monkeypatch):
    def stop():
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(course, "install", stop)
        with pytest.raises(SystemExit, match="The next run takes up the set-up again"):
            course.main(["test"])
    assert course.STAMP.read_text() == course.UNFINISHED
    course.set_up()
    assert course.done == ["create", "create", "install"]


def test_a_moved_folder_or_another_python_gets_a_new_environment(course, monkeypatch):
    course.set_up()
    monkeypatch.setattr(course, "PLACE", "elsewhere with Python 3.14")
    course.set_up()
    assert course.done == ["create", "install", "create", "install"]


def test_a_lost_interpreter_is_noticed(course):
    course.set_up()
    course.PYTHON.unlink()
    course.set_up()
    assert course.done == ["create", "install", "create", "install"]


def test_a_python_without_venv_is_told_what_to_install(course, monkeypatch):
    monkeypatch.setattr(course.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"sudo apt install python3\.\d+-venv"):
        course.set_up()


def test_a_full_disk_is_told_before_anything_is_written(course, monkeypatch):
    usage = namedtuple("usage", "total used free")(1, 1, 2e8)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(SystemExit, match=r"has 0\.2 GB free; the set-up needs 1\.5 GB"):
        course.set_up()
    assert not course.VENV.exists()


def test_a_folder_that_cannot_be_written_is_told(course, monkeypatch):
    def refuse():
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(course, "create", refuse)
    with pytest.raises(SystemExit, match=r"Is .* yours to write in\?"):
        course.main(["lab"])


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("connection broken by 'NewConnectionError(...)'", "check that this computer is online"),
        ("Temporary failure in name resolution", "check that this computer is online"),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("No version of setuptools (from versions: none)", "check that this computer is online"),
        ("No matching distribution found for numpy==2.4.6", "use a 64-bit Python 3.11"),
        ("something else", "pip's own message is above"),
    ],
)
def test_pips_complaint_is_translated(course, said, meant):
    assert meant in course.reason(f"ERROR: {said}")
    assert "run the same command again" in course.reason(said)


def test_the_pip_that_fails_is_quoted_and_translated(root, course, capfd, monkeypatch):
    spec = importlib.util.spec_from_file_location("real_course", root / "course.py")
    real = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(real)
    fake = course.ROOT / "pip.py"
    fake.write_text("import sys; sys.exit('ERROR: Network is unreachable')")
    monkeypatch.setattr(real, "ROOT", course.ROOT)
    monkeypatch.setattr(real, "PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(course.ROOT))
    with pytest.raises(SystemExit, match="The package index cannot be reached"):
        real.install()
    assert "ERROR: Network is unreachable" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["lab", "test", "book", "bench"])
def test_what_follows_a_command_is_passed_on(course, name, monkeypatch):
    seen = []
    monkeypatch.setattr(course, "add", lambda *what: None)
    monkeypatch.setattr(course, "set_up", lambda: None)
    monkeypatch.setattr(course, "run", lambda words: seen.append(words) or 0)
    assert course.main([name, "-k", "icc"]) == 0
    assert seen[0][-2:] == ["-k", "icc"]


def test_the_scripts_are_what_the_readme_says(root):
    make = (root / "Makefile").read_text("utf-8")
    assert "python3 course.py $@" in make
    ci = subprocess.run(["bash", "-n", root / ".ci" / "run"]) if shutil.which("bash") else None
    assert ci is None or ci.returncode == 0
    assert "course.py test" in (root / ".ci" / "run").read_text("utf-8")


@pytest.mark.parametrize("missing", [0, 1])
@pytest.mark.parametrize(
    ("name", "extras", "ran"),
    [
        ("bench", ".[pisa,test,bench]", ["-m", "benchmarks", "--quick"]),
        ("book", ".[pisa,test,book]", ["-m", "hlmteach", "book", "--quick"]),
    ],
)
def test_what_one_command_needs_is_installed_once(course, monkeypatch, missing, name, extras, ran):
    done = []
    answer = namedtuple("Done", "returncode")(missing)
    monkeypatch.setattr(course.subprocess, "run", lambda *words, **more: answer)
    monkeypatch.setattr(course, "install", lambda *what: done.extend(what))
    monkeypatch.setattr(course, "run", lambda words: done.append(words))
    getattr(course, name)(["--quick"])
    assert done == [*[extras] * missing, ran]
