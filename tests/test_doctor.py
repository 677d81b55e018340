import os
import sys
from importlib.metadata import PackageNotFoundError

import pytest

from hlmteach import doctor, notebook
from hlmteach.cli import main


def test_this_very_installation_is_well(capsys):
    assert main(["doctor"]) == 0
    shown = capsys.readouterr().out
    assert "PROBLEM" not in shown
    assert "OK       kernel python3 runs here and imports" in shown
    assert "OK       smoke fit" in shown
    assert "Everything the course needs is here." in shown


def test_an_old_package_is_named_with_what_is_needed(monkeypatch):
    real = doctor.version
    monkeypatch.setattr(doctor, "version", lambda name: "1.0" if name == "pandas" else real(name))
    (line,) = doctor.check_packages()
    assert line.state == "PROBLEM"
    assert line.seen.startswith("pandas 1.0; the course needs >=")
    assert "course.py lab" in line.todo


def test_a_missing_extra_is_an_option_and_no_problem(monkeypatch):
    real = doctor.version

    def without_pooch(name):
        if name == "pooch":
            raise PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(doctor, "version", without_pooch)
    (line,) = [line for line in doctor.check_extras() if "pisa" in line.seen]
    assert line.state == "OPTION"
    assert "pooch is not installed" in line.seen
    assert line.todo == 'If you want it: pip install "hlmteach[pisa]"'


def test_an_old_python_is_named(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1, "final", 0))
    (line,) = doctor.check_python()
    assert line.state == "PROBLEM"
    assert "Python 3.9.1; the course needs >=3.11" in line.seen


def test_a_missing_lab_extension_is_named(monkeypatch):
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *words: ["nowhere"])
    states = {line.seen.split()[3]: line.state for line in doctor.check_lab_extensions()}
    assert states == dict.fromkeys(doctor.LAB_EXTENSIONS, "PROBLEM")


def test_a_kernel_of_another_environment_is_named(monkeypatch):
    real = notebook.execute

    def elsewhere(asked, folder, timeout):
        done = real(asked, folder, timeout)
        done.cells[0].outputs[-1]["text"] = f"{os.sep}elsewhere\n{os.sep}x{os.sep}hlmteach"
        return done

    monkeypatch.setattr(notebook, "execute", elsewhere)
    (line,) = doctor.check_kernel()
    assert line.state == "PROBLEM"
    assert f"kernel python3 runs in {os.sep}elsewhere" in line.seen
    assert "ipykernel install --sys-prefix" in line.todo


def test_a_check_that_breaks_is_a_finding_and_the_exit_code_is_1(monkeypatch, capsys):
    def check_the_tea():
        raise RuntimeError("no water")

    monkeypatch.setattr(doctor, "CHECKS", (check_the_tea, doctor.check_python))
    assert main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "PROBLEM  the tea: RuntimeError: no water" in shown
    assert "1 to put right, see above." in shown and "OK       Python" in shown


@pytest.mark.parametrize("name", ["check_python", "check_packages"])
def test_a_line_that_is_ok_asks_for_nothing(name):
    assert all(line.todo == "" for line in getattr(doctor, name)() if line.state == "OK")
