"""A real browser, the book made once for all workers, and JupyterLab on a copy of the course."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
import time
from importlib.util import find_spec

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync", "--disable-quic"]
QUIET += ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]  # the network is cut off
QUIET += ["--disable-gpu-compositing"]  # nothing is watched: a third less of processor
PATIENCE = 240  # seconds; a limit that says that something hangs, and no measure of speed


@pytest.fixture(scope="session")
def browser():
    if find_spec("playwright") is None:
        pytest.skip("playwright is not installed; `python3 course.py test` installs it")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip("there is no browser; on Debian and Ubuntu: sudo apt install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Scroll bars take their place, as they do where readers have a mouse.
        more = {"args": QUIET, "ignore_default_args": ["--hide-scrollbars"]}
        opened = playwright.chromium.launch(executable_path=program, **more)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def site(root, tmp_path_factory, browser):
    """The folder of the book, made by one worker; the others wait for it."""
    if find_spec("sphinx") is None or find_spec("myst_nb") is None:
        pytest.skip("Sphinx is not installed; `python3 course.py test` installs it")
    if shutil.which("npm") is None:
        pytest.skip("there is no npm to fetch MathJax with; on Debian: sudo apt install npm")
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "book"
    log, done = folder / "log.txt", folder / "done.txt"
    try:
        folder.mkdir()
    except FileExistsError:
        deadline = time.monotonic() + PATIENCE
        while not done.exists() and time.monotonic() < deadline:
            time.sleep(0.5)
    else:
        words = [sys.executable, "-m", "hlmteach", "book", "--strict", "--out", folder / "html"]
        words += ["--repository", "https://github.com/somebody/course", "--branch", "gh-pages"]
        made = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
        log.write_text(made.stdout + made.stderr, encoding="utf-8")
        done.write_text(str(made.returncode), encoding="utf-8")
    assert done.read_text(encoding="utf-8") == "0", log.read_text(encoding="utf-8")[-3000:]
    return folder / "html"


class Silent(http.server.SimpleHTTPRequestHandler):
    """A web server that keeps its log to itself, and whose files the browser keeps."""

    def log_message(self, *words):
        pass

    def end_headers(self):
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()


@pytest.fixture(scope="session")
def address(site):
    """Where the book is served, on this machine."""
    handler = functools.partial(Silent, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="session")
def context(browser):
    """One browsing context of desktop width: what it has loaded once, it keeps."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def page(context):
    """A fresh page; what it has stored is forgotten."""
    page = context.new_page()
    yield page
    page.evaluate("localStorage.clear()")
    page.close()
