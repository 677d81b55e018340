import subprocess
import sys
from importlib import import_module

import pytest

from hlmteach.cli import COMMANDS, main


def test_help_lists_every_command(capsys):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {name}" in shown for name in COMMANDS)


def test_no_command_shows_the_overview(capsys):
    assert main([]) == 0
    assert "hlmteach COMMAND" in capsys.readouterr().out


def test_an_unknown_command_is_named_and_the_known_ones_are_listed(capsys):
    assert main(["biuld"]) == 2
    said = capsys.readouterr().err
    assert "there is no command 'biuld'" in said and "build" in said


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as stop:
        main([name, "--help"])
    assert stop.value.code == 0
    first = import_module(COMMANDS[name][0]).__doc__.split("\n")[0]
    assert first in capsys.readouterr().out


def test_a_word_that_a_command_does_not_know_is_an_error(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["doctor", "--cure"])
    assert stop.value.code == 2
    assert "I do not understand --cure" in capsys.readouterr().err


def test_help_loads_no_heavy_library():
    code = (
        "import sys; from hlmteach.cli import main; main(['--help']);"
        "sys.exit(any(name in sys.modules for name in ('numpy', 'pandas', 'jupytext')))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def test_python_m_hlmteach_is_the_command():
    words = [sys.executable, "-m", "hlmteach", "--version"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.stdout.startswith("hlmteach ")
