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
    monkeypatch.setattr(module, "create", lambda clear: make(module, clear))
    monkeypatch.setattr(module, "install", lambda extras: module.done.append(",".join(extras)))
    return module


LAB = {"pisa", "test"}


def make(course, clear):
    course.done.append("clear" if clear else "create")
    if clear:
        shutil.rmtree(course.VENV)
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
    course.set_up(LAB)
    assert course.done == ["create", "pisa,test"]
    course.set_up(LAB)
    assert course.done == ["create", "pisa,test"]


def test_what_one_command_needs_is_added_once_and_stays(course):
    for extras in (LAB, {*LAB, "book"}, LAB, {*LAB, "book"}, {*LAB, "bench"}):
        course.set_up(extras)
    assert course.done == ["create", "pisa,test", "book,pisa,test", "bench,book,pisa,test"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_list_is_installed_into_the_same_environment(course, name):
    course.set_up(LAB | {"book"})
    (course.ROOT / name).write_text("changed")
    course.set_up(LAB)
    assert course.done == ["create", "book,pisa,test", "book,pisa,test"]


def stop(extras):
    raise KeyboardInterrupt


def test_an_interrupted_set_up_is_made_anew(course, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(course, "install", stop)
        with pytest.raises(SystemExit, match="The next run takes up the set-up again"):
            course.main(["test"])
    course.set_up(LAB)
    assert course.done == ["create", "clear", "pisa,test"]


def test_an_interrupted_addition_leaves_what_was_there(course, monkeypatch):
    course.set_up(LAB)
    with monkeypatch.context() as patch:
        patch.setattr(course, "install", stop)
        with pytest.raises(SystemExit, match="stopped"):
            course.main(["book"])
    course.set_up(LAB)
    assert course.done == ["create", "pisa,test"]


def test_an_environment_that_somebody_made_is_not_emptied(course):
    make(course, clear=False)
    course.set_up(LAB)
    assert course.done == ["create", "create", "pisa,test"]


def test_a_moved_folder_or_another_python_gets_a_new_environment(course, monkeypatch):
    course.set_up({*LAB, "book"})
    monkeypatch.setattr(course, "PLACE", "elsewhere with Python 3.14")
    course.set_up(LAB)
    assert course.done == ["create", "book,pisa,test", "clear", "pisa,test"]


def test_a_lost_interpreter_is_noticed(course):
    course.set_up(LAB)
    course.PYTHON.unlink()
    course.set_up(LAB)
    assert course.done == ["create", "pisa,test", "clear", "pisa,test"]


RECORD = """
import pathlib, sys
(pathlib.Path(__file__).parent / "asked").write_text(" ".join(sys.argv))
"""


@pytest.fixture
def real(root, course, monkeypatch):
    """course.py with its own `create` and `install`, and no Python but this one."""
    spec = importlib.util.spec_from_file_location("real_course", root / "course.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("ROOT", "VENV", "STAMP"):
        monkeypatch.setattr(module, name, getattr(course, name))
    monkeypatch.setattr(module, "PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", str(course.ROOT))
    return module


def test_a_python_without_venv_is_told_what_to_install(real, capfd):
    (real.ROOT / "venv.py").write_text("import sys; sys.exit('ensurepip is not available')")
    with pytest.raises(SystemExit, match=r"sudo apt install python3\.\d+-venv"):
        real.create(clear=False)
    assert "ensurepip is not available" in capfd.readouterr().err


@pytest.mark.parametrize("clear", [True, False])
def test_an_environment_is_emptied_only_where_that_is_asked(real, clear):
    (real.ROOT / "venv.py").write_text(RECORD)
    real.create(clear)
    asked = (real.ROOT / "asked").read_text().split()
    assert asked[-1] == str(real.VENV) and ("--clear" in asked) is clear


def test_a_full_disk_is_told_before_anything_is_written(real, monkeypatch):
    usage = namedtuple("usage", "total used free")(1, 1, 2e8)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(SystemExit, match=r"has 0\.2 GB free; the set-up needs 1\.5 GB"):
        real.create(clear=False)
    assert not real.VENV.exists()


def test_a_folder_that_cannot_be_written_is_told(course, monkeypatch):
    def refuse(clear):
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


def test_the_pip_that_fails_is_quoted_and_translated(real, capfd):
    (real.ROOT / "pip.py").write_text("import sys; sys.exit('ERROR: Network is unreachable')")
    with pytest.raises(SystemExit, match="The package index cannot be reached"):
        real.install(["pisa"])
    assert "ERROR: Network is unreachable" in capfd.readouterr().err


def test_pip_is_asked_for_the_extras_and_the_course_is_compiled(real):
    (real.ROOT / "pip.py").write_text(RECORD)
    (real.ROOT / "hlmteach").mkdir()
    (real.ROOT / "hlmteach" / "one.py").touch()
    real.install(["book", "pisa"])
    asked = (real.ROOT / "asked").read_text()
    assert "--compile" in asked and asked.endswith("-c constraints.txt -e .[book,pisa]")
    assert list((real.ROOT / "hlmteach" / "__pycache__").glob("one.*.pyc"))


@pytest.mark.parametrize("name", ["lab", "test", "book", "bench"])
def test_what_follows_a_command_is_passed_on(course, name, monkeypatch):
    seen = []
    monkeypatch.setattr(course, "set_up", seen.append)
    monkeypatch.setattr(course, "run", lambda words: seen.append(words) or 0)
    assert course.main([name, "-k", "icc"]) == 0
    assert LAB <= seen[0]
    assert seen[1][0] == "-m" and seen[1][-2:] == ["-k", "icc"]


def test_the_scripts_are_what_the_readme_says(root):
    make = (root / "Makefile").read_text("utf-8")
    assert "python3 course.py $@" in make
    ci = subprocess.run(["bash", "-n", root / ".ci" / "run"]) if shutil.which("bash") else None
    assert ci is None or ci.returncode == 0
    assert "course.py test" in (root / ".ci" / "run").read_text("utf-8")
