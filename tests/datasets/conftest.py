"""A folder with the real files (where there is one), a small server, an empty cache."""

import os
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from hlmteach.datasets import _download

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with learningtower's files of 2000 and 2003; they are never part of the course."""
    chosen = os.environ.get("HLMTEACH_REAL_DATA")
    folder = Path(chosen) if chosen else REPOSITORY.parent / "shared" / "data"
    needed = ("student_2000.rds", "student_2003.rds", "school.rda")
    if absent := [name for name in needed if not (folder / name).is_file()]:
        pytest.skip(
            f"the real PISA files are not here: '{folder}' lacks {', '.join(absent)}. "
            "Set HLMTEACH_REAL_DATA to a folder that holds them to run this test."
        )
    return folder


class Server(ThreadingHTTPServer):
    """Serves `files` (address -> bytes) in the way that `manner` says, and counts requests."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.manner = "whole"
        self.hits: Counter[str] = Counter()
        self.together = threading.Barrier(2, timeout=60)
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/base"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self):
        self.server.hits[self.path] += 1
        body = self.server.files.get(self.path.removeprefix("/base/"))
        if body is None:
            return self.send_error(404)
        getattr(self, self.server.manner)(body)

    def whole(self, body: bytes, sent: int | None = None):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:sent])
        self.close_connection = True

    def breaks_off(self, body: bytes):
        """Promise everything, send half."""
        self.whole(body, len(body) // 2)

    def short(self, body: bytes):
        """A truncated file, honestly announced."""
        self.whole(body[: len(body) // 2])

    def changed(self, body: bytes):
        self.whole(b"other" + body)

    def empty(self, body: bytes):
        self.whole(b"")

    def login_page(self, body: bytes):
        self.whole(b"<!DOCTYPE html><title>Please log in</title>")

    def drops(self, body: bytes):
        self.close_connection = True

    def refuses(self, body: bytes):
        self.send_error(403)

    def busy_once(self, body: bytes):
        if self.server.hits[self.path] > 1:
            return self.whole(body)
        self.send_response(503)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def both_at_once(self, body: bytes):
        """Answer only when two downloads are under way."""
        self.server.together.wait()
        self.whole(body)

    def stalls(self, body: bytes):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.wfile.flush()
        self.server.released.wait(60)
        self.close_connection = True

    def log_message(self, *args):
        pass


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """An empty cache folder, and no waiting between attempts."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("HLMTEACH_DATA", str(folder))
    monkeypatch.setattr(_download, "WAITS", (0, 0))
    return folder


@pytest.fixture
def server(monkeypatch, cache):
    """A server that the package downloads from, in place of GitHub."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    monkeypatch.setenv("HLMTEACH_PISA_URL", server.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()
