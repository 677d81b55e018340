"""Downloads from a server that behaves well, badly, or not at all."""

import lzma
import os
import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import pooch
import pytest

from hlmteach.datasets import _download
from hlmteach.datasets._download import cache_folder, fetch
from hlmteach.datasets._files import DataFile, blob_id

CONTENT = lzma.compress(random.Random(2).randbytes(300_000))
IN_ANOTHER_PROCESS = """
import sys
from hlmteach.datasets._download import fetch
from hlmteach.datasets._files import DataFile
print(fetch(DataFile(*sys.argv[1:])))
"""


@pytest.fixture
def toy(server, tmp_path) -> DataFile:
    """A file on the server."""
    original = tmp_path / "original"
    original.write_bytes(CONTENT)
    file = DataFile("toy.rds", "student_full_data/toy.rds", blob_id(original))
    server.files[file.location] = CONTENT
    return file


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def hits(server) -> int:
    return server.hits.total()


def start(file: DataFile) -> subprocess.Popen:
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS, file.name, file.location, file.blob]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    )


def test_a_whole_file_is_kept(toy, cache, server, capsys):
    assert fetch(toy) == cache / "toy.rds"
    assert (cache / "toy.rds").read_bytes() == CONTENT
    assert names(cache) == ["toy.rds"]
    shown = capsys.readouterr().err
    assert "toy.rds: 100%|" in shown


def test_the_second_call_needs_no_server(toy, cache, server):
    fetch(toy)
    server.manner = "drops"
    assert fetch(toy) == cache / "toy.rds"
    assert hits(server) == 1


def test_others_may_read_the_cache(toy, cache):
    # A class shares one folder; a temporary file's private permissions would lock it.
    mask = os.umask(0o022)
    try:
        place = fetch(toy)
    finally:
        os.umask(mask)
    plain = cache / "plain"
    plain.touch(0o644)
    assert place.stat().st_mode == plain.stat().st_mode


def test_a_damaged_file_in_the_cache_is_replaced(toy, cache, server):
    cache.mkdir()
    (cache / "toy.rds").write_bytes(CONTENT[:1000])
    assert fetch(toy).read_bytes() == CONTENT
    assert hits(server) == 1


def test_a_broken_connection_is_tried_again_then_told(toy, cache, server, capsys):
    server.manner = "breaks_off"
    with pytest.raises(ConnectionError, match=r"broke off; [1-9][\d,]+ bytes had come. Nothing"):
        fetch(toy)
    assert hits(server) == 3
    assert names(cache) == []
    assert capsys.readouterr().err.count("Trying again in 0 s") == 2


def test_a_dropped_connection(toy, cache, server):
    server.manner = "drops"
    with pytest.raises(ConnectionError, match=r"the connection to 127.0.0.1.* broke off; 0 bytes"):
        fetch(toy)
    assert hits(server) == 3
    assert names(cache) == []


def test_a_busy_server_is_asked_again(toy, cache, server):
    server.manner = "busy_once"
    assert fetch(toy).read_bytes() == CONTENT
    assert hits(server) == 2


@pytest.mark.parametrize(
    ("manner", "message"),
    [
        ("short", f"is cut short: it stops in the middle, after {len(CONTENT) // 2:,} bytes"),
        ("changed", "has changed .git blob"),
        ("empty", "is empty"),
        ("login_page", "is a web page, not data"),
    ],
)
def test_another_content_is_not_kept(toy, cache, server, manner, message):
    server.manner = manner
    with pytest.raises(OSError, match=f"toy.rds: what http://.* sent {message}.*Try again later"):
        fetch(toy)
    assert hits(server) == 1
    assert names(cache) == []


def test_another_content_leaves_the_old_file(toy, cache, server):
    cache.mkdir()
    (cache / "toy.rds").write_bytes(b"old")
    server.manner = "changed"
    with pytest.raises(OSError, match=r"Nothing was kept"):
        fetch(toy)
    assert (cache / "toy.rds").read_bytes() == b"old"


def test_not_found_is_asked_once(toy, cache, server):
    del server.files[toy.location]
    with pytest.raises(ConnectionError, match=r"404 Not Found. The file is not at that address"):
        fetch(toy)
    with pytest.raises(ConnectionError, match=r"HLMTEACH_PISA_URL is set to 'http://127.*check or"):
        fetch(toy)
    assert hits(server) == 2  # once a call


def test_refused_is_asked_once(toy, cache, server):
    server.manner = "refuses"
    with pytest.raises(ConnectionError, match=r"answered 403 Forbidden. The server, or a filter"):
        fetch(toy)
    assert hits(server) == 1


def test_offline(toy, cache, monkeypatch):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound but not listening: every connection is refused
        monkeypatch.setenv("HLMTEACH_PISA_URL", f"http://127.0.0.1:{nobody.getsockname()[1]}")
        with pytest.raises(ConnectionError, match=r"cannot be reached; check that this computer"):
            fetch(toy)
        with pytest.raises(ConnectionError, match=r"pass path='that/folder'.*pisa_like\(\)"):
            fetch(toy)
    assert names(cache) == []


def test_too_slow(toy, cache, server, monkeypatch):
    server.manner = "stalls"
    monkeypatch.setattr(_download, "TIMEOUT", (5, 0.2))
    monkeypatch.setattr(_download, "WAITS", ())
    with pytest.raises(ConnectionError, match=r"toy.rds: .*did not answer in time"):
        fetch(toy)
    assert names(cache) == []


def test_not_an_address(toy, cache, monkeypatch):
    monkeypatch.setenv("HLMTEACH_PISA_URL", "mirror/pisa")
    with pytest.raises(ConnectionError, match=r"is not an address .* is set to 'mirror/pisa'"):
        fetch(toy)


def test_an_interrupted_download_leaves_nothing(toy, cache, monkeypatch):
    def half_then_stop(self, url, output_file, pooch):
        Path(output_file).write_bytes(CONTENT[:1000])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pooch.HTTPDownloader, "__call__", half_then_stop)
        with pytest.raises(KeyboardInterrupt):
            fetch(toy)
    assert names(cache) == []
    assert fetch(toy).read_bytes() == CONTENT


def test_a_killed_download_is_no_file_and_is_tidied_later(toy, cache, server):
    server.manner = "stalls"
    process = start(toy)
    deadline = time.monotonic() + 60
    while not any(p.stat().st_size for p in cache.glob("*.part")):
        assert time.monotonic() < deadline and process.poll() is None, "no download began"
        time.sleep(0.02)
    process.kill()
    process.communicate()
    (part,) = cache.iterdir()
    assert part.name.endswith(".part")
    server.manner = "whole"
    long_ago = time.time() - 2 * _download.ABANDONED
    os.utime(part, (long_ago, long_ago))
    assert fetch(toy).read_bytes() == CONTENT
    assert names(cache) == ["toy.rds"]


def test_a_live_part_file_is_left_alone(toy, cache):
    cache.mkdir()
    (cache / "toy.rds.12345678.part").write_bytes(b"another process writes here")
    fetch(toy)
    assert names(cache) == ["toy.rds", "toy.rds.12345678.part"]


def test_two_processes_at_once(toy, cache, server):
    server.manner = "both_at_once"
    processes = [start(toy), start(toy)]
    answers = [process.communicate(timeout=120) for process in processes]
    assert [out.strip() for out, _ in answers] == [str(cache / "toy.rds")] * 2, answers
    assert hits(server) == 2
    assert names(cache) == ["toy.rds"]
    assert (cache / "toy.rds").read_bytes() == CONTENT


def test_a_cache_that_cannot_be_used(toy, cache):
    cache.write_text("a file where the folder should be")
    with pytest.raises(OSError, match=r"cannot be used: .*environment variable HLMTEACH_DATA"):
        fetch(toy)


def test_a_full_disk(toy, cache, monkeypatch):
    def full(self, url, output_file, pooch):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", full)
    with pytest.raises(OSError, match=r"No space left on device. Free some space or choose"):
        fetch(toy)


def test_the_usual_cache(monkeypatch):
    monkeypatch.delenv("HLMTEACH_DATA", raising=False)
    assert cache_folder() == Path(pooch.os_cache("hlmteach"))


@pytest.mark.parametrize("name", ["pooch", "requests.exceptions"])
def test_without_the_extra(toy, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r'Type: pip install "hlmteach\[pisa\]"'):
        fetch(toy)
