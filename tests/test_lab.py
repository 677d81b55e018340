import json
import os
import subprocess
import sys

import pytest

from hlmteach import lab


def test_opens_chapter_00_in_the_folder_of_the_course(tmp_path):
    first = tmp_path / lab.FIRST
    first.parent.mkdir()
    first.write_text("{}")
    words = lab.arguments(tmp_path, [], {"DISPLAY": ":0"})
    assert f"--ServerApp.root_dir={tmp_path}" in words
    assert "--LabApp.default_url=/lab/tree/chapters/ch00_start_here.ipynb" in words


def test_opens_the_file_list_where_there_is_no_chapter_00(tmp_path):
    assert "--LabApp.default_url=/lab" in lab.arguments(tmp_path, [], {})


def test_what_the_learner_types_comes_last_and_so_wins(tmp_path):
    rest = ["--port", "8899", "--no-browser"]
    words = lab.arguments(tmp_path, rest, {})
    assert words[-3:] == rest
    assert words.count("--no-browser") == 1


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="only systems with a root user")
def test_root_is_allowed_only_for_root(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "--allow-root" in lab.arguments(tmp_path, [], {})
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "--allow-root" not in lab.arguments(tmp_path, [], {})


@pytest.mark.parametrize(
    ("env", "platform", "headless"),
    [
        ({}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", False),
        ({"SSH_CONNECTION": "1"}, "darwin", True),
        ({}, "darwin", False),
    ],
)
def test_a_browser_is_opened_only_where_it_can_be_seen(env, platform, headless):
    assert lab.is_headless(env, platform) is headless


def test_text_notebooks_open_as_notebooks_and_nothing_is_written_at_home(tmp_path):
    code = (
        "import json; from jupyterlab_server.settings_utils import _get_overrides;"
        "print(json.dumps(_get_overrides('.')[0]))"
    )
    env = {**os.environ, "HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    env |= lab.settings(env)
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
    viewers = json.loads(done.stdout)["@jupyterlab/docmanager-extension:plugin"]["defaultViewers"]
    assert viewers["markdown"] == "Jupytext Notebook"
    assert list(tmp_path.iterdir()) == []


def test_a_setting_of_the_user_stays_in_force():
    paths = lab.settings({"JUPYTER_CONFIG_PATH": "mine"})["JUPYTER_CONFIG_PATH"]
    assert paths.split(os.pathsep)[1:] == ["mine"]
