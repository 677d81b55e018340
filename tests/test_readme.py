"""What the README shows is true."""

import re

import hlmteach
from hlmteach.cli import COMMANDS


def test_its_python_runs(root, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("HLMTEACH_HOME", str(tmp_path))
    text = (root / "README.md").read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    assert len(blocks) > 1
    names: dict = {}
    for block in blocks:
        exec(block, names)
    assert "Random effects" in str(hlmteach.summary(names["model"]))
    assert len(names["data"]) > 100


def test_the_commands_it_names_exist(root):
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        text = (root / name).read_text("utf-8")
        said = set(re.findall(r"`hlmteach ([a-z]+)", text))
        assert said <= set(COMMANDS), f"{name} names a command that does not exist"


def test_the_files_it_links_to_exist(root):
    for name in ("README.md", "CONTRIBUTING.md"):
        links = re.findall(r"\]\(([^)#:]+)\)", (root / name).read_text("utf-8"))
        assert all((root / link).exists() for link in links), name


def test_its_map_has_every_chapter(root):
    text = (root / "README.md").read_text("utf-8")
    listed = re.findall(r"^\| (\d\d) \|", text, flags=re.MULTILINE)
    written = sorted(path.name[2:4] for path in (root / "chapters").glob("ch[0-9][0-9]_*.md"))
    assert listed == written
