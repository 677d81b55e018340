"""The linter's and the formatter's rules hold, and no file tells where it was made."""

import re
import subprocess
import sys

import pytest

# Written in two parts so that this file passes its own test.
HOSTS = ["pypi" + ".org", "pythonhosted" + ".org", "anaconda" + ".org", "npmjs" + ".org"]
FOLDERS = re.compile(r"(?<![\w.~:/>])/(?:work|root|home/\w+|Users/\w+)/")
BINARY = {".png", ".npz", ".gz", ".rds", ".rda", ".parquet", ".xz", ".zip"}


@pytest.mark.parametrize("words", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_has_nothing_to_say(words, root):
    command = [sys.executable, "-m", "ruff", *words, "."]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def tracked(root):
    """The text of every file that belongs to the course, by its path."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=root, capture_output=True, text=True)
    names = listed.stdout.splitlines() or files_without_git(root)
    paths = [root / name for name in names if (root / name).is_file()]
    texts = {path: path.read_text("utf-8") for path in paths if path.suffix not in BINARY}
    assert root / "course.py" in texts
    return texts


def files_without_git(root):
    """A downloaded archive has no git: then every file outside caches counts."""
    found = [path.relative_to(root) for path in root.rglob("*")]
    kept = [
        path for path in found if not any(p[0] == "." or p == "__pycache__" for p in path.parts)
    ]
    return [path for path in kept if not path.parts[0].endswith(".egg-info")]


def test_no_file_names_a_package_registry(tracked, root):
    wrong = [str(p.relative_to(root)) for p, t in tracked.items() if any(h in t for h in HOSTS)]
    assert not wrong


def test_no_file_names_a_folder_of_somebodys_machine(tracked, root):
    hits = {str(path.relative_to(root)): FOLDERS.search(text) for path, text in tracked.items()}
    wrong = {name: hit[0] for name, hit in hits.items() if hit}
    assert not wrong
