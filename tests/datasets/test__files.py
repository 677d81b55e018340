"""The right file, or a message that says what is wrong with it."""

import lzma
import random
import re
import subprocess

import pytest

from hlmteach.datasets import _files
from hlmteach.datasets._files import DataFile, blob_id, in_folder, student_file

CONTENT = lzma.compress(random.Random(1).randbytes(50_000))


@pytest.fixture
def toy(tmp_path) -> DataFile:
    """A file of 50 kB in a folder, and what the package knows about it."""
    place = tmp_path / "toy.rds"
    place.write_bytes(CONTENT)
    return DataFile(place.name, f"student_full_data/{place.name}", blob_id(place))


def test_blob_id_is_git_s(tmp_path):
    # `printf 'what is up, doc?' | git hash-object --stdin`, from the Pro Git book, section 10.2
    place = tmp_path / "doc"
    place.write_bytes(b"what is up, doc?")
    assert blob_id(place) == "bd9dbf5aae1a3862dd1526723246b20206e5fc37"


def test_blob_ids_are_those_of_the_pinned_commit(real_data):
    for file in (student_file(2000), student_file(2003), _files.SCHOOL_FILE):
        place = real_data / file.name
        printed = subprocess.run(
            ["git", "hash-object", place], capture_output=True, text=True, check=True
        )
        assert printed.stdout.strip() == blob_id(place) == file.blob


def test_the_address_is_the_pinned_commit(monkeypatch):
    monkeypatch.delenv("HLMTEACH_PISA_URL", raising=False)
    pinned = "https://raw.githubusercontent.com/kevinwang09/learningtower/3bad659"
    assert student_file(2018).url.startswith(pinned)
    assert student_file(2018).url.endswith("/student_full_data/student_2018.rds")
    assert _files.SCHOOL_FILE.url.endswith("/data/school.rda")


def test_another_base_address(monkeypatch):
    monkeypatch.setenv("HLMTEACH_PISA_URL", "http://mirror.example/pisa/")
    assert _files.SCHOOL_FILE.url == "http://mirror.example/pisa/data/school.rda"


def test_the_file_is_found(tmp_path, toy):
    assert in_folder(toy, tmp_path) == in_folder(toy, str(tmp_path)) == tmp_path / "toy.rds"


def test_home_is_understood(tmp_path, toy, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert in_folder(toy, "~") == tmp_path / "toy.rds"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (CONTENT[:20_000], "is cut short: it stops in the middle, after 20,000 bytes"),
        (CONTENT[:-1], "is cut short"),
        (CONTENT[:-9] + b"\0" + CONTENT[-8:], "has changed .git blob"),
        (lzma.compress(b"other rows"), "has changed .git blob .*; expected git blob"),
        (b"<!DOCTYPE html><p>404", "is a web page, not data"),
        (b"year,country", "has changed"),
    ],
)
def test_another_content_is_refused(tmp_path, toy, content, message):
    (tmp_path / "toy.rds").write_bytes(content)
    with pytest.raises(OSError, match=f"toy.rds' {message}.*Download it again from http"):
        in_folder(toy, tmp_path)
    with pytest.raises(OSError, match=r"pass verify=False"):
        in_folder(toy, tmp_path)
    assert in_folder(toy, tmp_path, verify=False) == tmp_path / "toy.rds"


def test_a_missing_file_names_what_is_there(tmp_path, toy):
    (tmp_path / "toy.rds").rename(tmp_path / "Toy (1).rds")
    with pytest.raises(FileNotFoundError, match=r"holds no toy.rds; it holds Toy \(1\).rds"):
        in_folder(toy, tmp_path)
    with pytest.raises(FileNotFoundError, match=re.escape(f"Download {toy.url} into that folder")):
        in_folder(toy, tmp_path)


def test_an_empty_folder(tmp_path, toy):
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match=r"it holds no .rds or .rda file"):
        in_folder(toy, tmp_path / "empty")


def test_no_such_folder(tmp_path, toy):
    with pytest.raises(FileNotFoundError, match=r"does not exist .*Give the folder that holds"):
        in_folder(toy, tmp_path / "nowhere")


def test_a_file_in_place_of_a_folder(tmp_path, toy):
    with pytest.raises(NotADirectoryError, match=r"is a file. Give the folder that holds it"):
        in_folder(toy, tmp_path / "toy.rds")


def test_no_permission(tmp_path, toy, monkeypatch):
    # Not by chmod: an administrator may read everything, and tests may run as one.
    def denied(path, file):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(_files, "what_is_wrong", denied)
    with pytest.raises(PermissionError, match=r"toy.rds' cannot be read: .* a folder of your own"):
        in_folder(toy, tmp_path)
