"""What a notebook's process can see, as bubblewrap is told."""

import sys
from pathlib import Path

import pytest

import hlmteach
from hlmteach.sandbox import room

PACKAGE = Path(hlmteach.__file__).resolve().parent


@pytest.fixture
def words():
    return room.command(True, None)


def binds(words):
    """Source and place of each mount, by bubblewrap's word."""
    kinds = ("--ro-bind", "--ro-bind-try", "--bind")
    return {(w, *words[k + 1 : k + 3]) for k, w in enumerate(words) if w in kinds}


def test_nothing_is_mounted_for_writing_and_no_folder_holds_the_home(words):
    homes = {str(Path.home()), "/", "/home", "/etc", "/tmp", str(PACKAGE.parent)}
    for kind, source, _ in binds(words):
        assert kind.startswith("--ro-bind") and source not in homes


def test_python_and_the_package_are_there_once(words):
    places = [place for _, _, place in binds(words)]
    assert str(PACKAGE) in places
    for prefix in (sys.prefix, sys.base_prefix):
        assert sum(Path(prefix).is_relative_to(place) for place in places) == 1


def test_every_chapters_answers_are_covered(words):
    covered = {p for _, source, p in binds(words) if source == str(room.NOTHING)}
    chapters = {str(path) for path in (PACKAGE / "questions").glob("ch*.py")}
    assert covered == chapters and len(chapters) > 8
    assert str(PACKAGE / "grading") in words


def test_everything_is_unshared_and_the_environment_is_empty(words):
    wanted = {"--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--clearenv"}
    assert wanted | {"--die-with-parent", "--new-session"} <= set(words)
    assert words[-6:-2] == ["--remount-ro", "/dev", "--remount-ro", "/"]
    assert not any("SECRET" in name or "TOKEN" in name for name in room.environment())


def test_an_ordinary_user_gets_a_user_namespace_and_root_loses_rights(monkeypatch):
    monkeypatch.setattr("os.getuid", lambda: 1000)
    assert "--unshare-user" in room.command(True, None)
    monkeypatch.setattr("os.getuid", lambda: 0)
    as_root = room.command(True, None)
    assert as_root[as_root.index("--cap-drop") + 1] == "ALL" and "--unshare-user" not in as_root


def test_folders_above_a_mount_can_be_entered(tmp_path):
    words = room.command(True, tmp_path, [("--bind", tmp_path, "/a/b/c")])
    for place in ("/a", "/a/b", "/home", "/home/student"):
        at = words.index(place)
        assert words[at - 3 : at] == ["--perms", "0755", "--dir"]
    assert ("--bind", str(tmp_path), "/a/b/c") in binds(words)
    assert ("--ro-bind", str(tmp_path.resolve()), room.ASSIGNMENT) in binds(words)


def test_a_user_s_own_packages_are_found(monkeypatch):
    monkeypatch.setattr(room, "python_folders", lambda: [Path("/opt/jo/site-packages")])
    assert room.environment()["PYTHONPATH"].endswith("/opt/jo/site-packages")
