import argparse

import pytest

from hlmteach import book
from hlmteach.book import handout, site, sources, vendor
from hlmteach.cli import main


@pytest.fixture
def steps(monkeypatch, tmp_path):
    """What `make` does, with nothing done."""
    done = []
    (tmp_path / "course.py").touch()
    monkeypatch.setattr(vendor, "collect", lambda *words: done.append("vendor"))
    monkeypatch.setattr(sources, "make", lambda *words: done.append(("sources", *words[2:])) or 3)
    monkeypatch.setattr(site, "build", lambda *words: done.append(("site", *words[-2:])) or 0)
    monkeypatch.setattr(handout, "write", lambda *words: done.append(("handout", words[-1])))
    return done


def test_the_steps_follow_one_another_and_know_the_fork(steps, tmp_path, capsys):
    fork = "https://github.com/fork/course"
    words = ["--repository", fork, "--branch", "pages", "--strict", "--out", str(tmp_path / "out")]
    assert main(["book", "--root", str(tmp_path), *words]) == 0
    assert steps == [
        "vendor",
        ("sources", fork, "pages", False),
        ("site", True, "pages"),
        ("handout", fork),
    ]
    said = capsys.readouterr().out
    assert said.startswith("3 notebooks in")
    assert str(tmp_path / "out" / "index.html") in said


def test_a_fault_of_sphinx_is_told(steps, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(site, "build", lambda *words: 1)
    assert main(["book", "--root", str(tmp_path)]) == 1
    assert "Sphinx found a fault" in capsys.readouterr().err
    assert ("handout", "") not in steps


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (vendor.VendorError("npm is not installed"), "hlmteach book: npm is not installed"),
        (ValueError("ch03.x has the options"), "hlmteach book: ch03.x has the options"),
        (
            ModuleNotFoundError(name="sphinx"),
            "package sphinx is missing. Run python3",
        ),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence(steps, monkeypatch, tmp_path, capsys, error, told):
    def fail(*words):
        raise error

    monkeypatch.setattr(vendor, "collect", fail)
    assert main(["book", "--root", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert told in said
    assert "Traceback" not in said


def test_the_site_lies_in_a_folder_that_git_ignores(root):
    assert f"{book.WORK}/" in (root / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_options_are_told():
    parser = argparse.ArgumentParser()
    book.add_arguments(parser)
    given = parser.parse_args([])
    assert (given.repository, given.branch, given.fresh, given.strict) == ("", "", False, False)
