"""JupyterLab as a learner uses it, on a copy of the course."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import nbformat
import pytest

PATIENCE = 120  # seconds; a limit that says that something hangs, and no measure of speed
SETTINGS = {
    # Cells that are off the screen are in the page, too, so that a test can find them.
    "@jupyterlab/notebook-extension/tracker.jupyterlab-settings": {"windowingMode": "none"},
}


@pytest.fixture(scope="module")
def course(root, tmp_path_factory, browser):
    """A copy of what learners get; saving a notebook there changes nothing here."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("course.py", "jupytext.toml"):
        shutil.copy(root / name, folder)
    for name in ("chapters", "exercises"):
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns(".*"))
    return folder


@pytest.fixture(scope="module")
def lab(course, tmp_path_factory):
    """The address of `hlmteach lab`, with nobody's own settings."""
    home = tmp_path_factory.mktemp("jupyter")
    for name, values in SETTINGS.items():
        path = home / "settings" / name
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    names = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "run", "IPYTHONDIR": "ipython"}
    names |= {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "spaces"}
    env = {**os.environ, **{name: str(home / sub) for name, sub in names.items()}}
    env.pop("HLMTEACH_STATIC", None)
    port = free_port()
    words = [sys.executable, "-m", "hlmteach", "lab", "--no-browser", f"--port={port}"]
    words += ["--IdentityProvider.token=", "--ServerApp.password="]
    words += ["--ServerApp.port_retries=0"]
    log = home / "log.txt"
    with log.open("w") as said:
        server = subprocess.Popen(words, cwd=course, env=env, stdout=said, stderr=said)
        try:
            wait_for(f"http://127.0.0.1:{port}/api/status", server, log)
            yield f"http://127.0.0.1:{port}/lab"
        finally:
            server.terminate()  # which shuts the kernels down
            server.wait(30)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, server, log):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@pytest.fixture
def notebook(page, lab):
    """A function that opens a file of the course and waits for its kernel."""
    page.set_default_timeout(PATIENCE * 1000)

    def opened(path):
        # A workspace of its own: nothing that another test left open.
        page.goto(f"{lab}/workspaces/{path.replace('/', '-').replace('.', '-')}/tree/{path}")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        # The status bar: the notebook's own indicator is idle before there is a kernel, too.
        page.locator("#jp-main-statusbar", has_text=") | Idle").wait_for()
        return page

    return opened


def menu(page, *words):
    page.locator(".jp-Notebook .jp-Cell").first.click()
    page.locator(".lm-MenuBar-itemLabel", has_text=words[0]).first.click()
    page.locator(f'.lm-Menu-itemLabel:text-is("{words[1]}")').click()


def run_and_wait(page, cell):
    """Run one cell with the keyboard; return when its prompt has a number."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "cell => /\\[\\d+\\]/.test(cell.querySelector('.jp-InputPrompt').innerText)",
        arg=cell.element_handle(),
    )


def cell_with(page, text):
    return page.locator(".jp-Notebook .jp-CodeCell", has_text=text).first


def write(page, cell, text):
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)  # as one paste: the editor adds no brackets of its own


def test_chapter_3_opens_from_its_text_and_runs(notebook, course):
    stored = course / "chapters" / "ch03_random_intercept.ipynb"
    stored.unlink()  # so that what is read below was made by this run
    page = notebook("chapters/ch03_random_intercept.md")
    menu(page, "Run", "Run All Cells")
    last = page.locator(".jp-Notebook .jp-CodeCell").last
    page.wait_for_function(
        "cell => /\\[\\d+\\]/.test(cell.querySelector('.jp-InputPrompt').innerText)",
        arg=last.element_handle(),
    )
    assert page.locator(".jp-Notebook .jp-OutputArea-output img").count() >= 1
    page.keyboard.press("Control+S")
    page.wait_for_function("!document.querySelector('.lm-mod-current.jp-mod-dirty')")
    cells = [cell for cell in read(stored).cells if cell.cell_type == "code"]
    assert len(cells) > 5
    assert all(cell.execution_count for cell in cells)
    assert [out for cell in cells for out in cell.outputs if out.output_type == "error"] == []


def read(path):
    """The notebook on disk, once the server has written it."""
    deadline = time.monotonic() + PATIENCE
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    return nbformat.read(path, as_version=4)


def test_a_slider_moves_with_the_keyboard_and_the_figure_changes(notebook):
    page = notebook("chapters/ch04_icc.ipynb")
    run_and_wait(page, page.locator(".jp-Notebook .jp-CodeCell").first)
    cell = cell_with(page, "hlm.explore.icc()")
    run_and_wait(page, cell)
    handle = cell.get_by_role("slider", name="SD between schools (points)")
    handle.wait_for()
    said, picture = cell.get_by_role("status").last, cell.locator("img").last
    before = (said.inner_text(), picture.get_attribute("src"))
    said.evaluate("element => element.id = 'the-same'")
    for _ in range(5):  # from the cell over its toolbar
        if not handle.evaluate("element => element === document.activeElement"):
            page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([cell, old]) => !cell.innerText.includes(old)",
        arg=[cell.element_handle(), before[0]],
    )
    assert picture.get_attribute("src") != before[1]
    assert said.get_attribute("id") == "the-same"  # what is replaced is not announced
    keys_on_a_slider_are_its_own(page, cell, handle)
    for label in cell.locator(".widget-slider label").all_inner_texts():
        for role in ("slider", "textbox"):  # the number beside a slider can be typed over
            assert cell.get_by_role(role, name=label, exact=True).count() == 1


def keys_on_a_slider_are_its_own(page, cell, handle):
    """JupyterLab would delete the cell, with the sliders in it."""
    count = page.locator(".jp-Notebook .jp-Cell").count()
    value = float(handle.get_attribute("aria-valuenow"))
    for key in ("d", "d", "ArrowUp", "ArrowUp"):
        page.keyboard.press(key)
    assert float(handle.get_attribute("aria-valuenow")) == value + 2
    assert page.locator(".jp-Notebook .jp-Cell").count() == count
    assert "jp-mod-active" in cell.get_attribute("class")
    page.keyboard.press("Control+s")
    page.wait_for_function("!document.querySelector('.lm-mod-current.jp-mod-dirty')")
    page.keyboard.press("Escape")
    assert cell.evaluate("cell => cell === document.activeElement")
    page.keyboard.press("ArrowDown")  # from here on it is the notebook's
    assert "jp-mod-active" not in cell.get_attribute("class")


def test_an_exercise_is_answered_wrong_and_then_right(notebook):
    page = notebook("exercises/ch03_random_intercept.ipynb")
    run_and_wait(page, page.locator(".jp-Notebook .jp-CodeCell").first)
    cell = cell_with(page, 'hlm.check("ch03.printout"')
    for key, reply in [("a", "All students are in one group here"), ("d", "Right (ch03.printout")]:
        write(page, cell, f'printout = "{key}"\nhlm.check("ch03.printout", printout)')
        page.keyboard.press("Control+Enter")
        cell.locator(".jp-OutputArea-output", has_text=reply).first.wait_for()
