"""What the README shows is true."""

import json
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


def test_its_ratios_are_those_of_the_stored_run(root):
    rows = json.loads((root / "benchmarks/results/latest.json").read_text("utf-8"))["rows"]
    who = {(row["case"], row["contender"].removesuffix(" refit")): row for row in rows}
    ratio = {key: row["ratio"] for key, row in who.items() if row["check"] or key[0] == "grading"}
    text = (root / "README.md").read_text("utf-8")
    lines = re.findall(r"^\| .*\(`([a-z0-9-]+)`\) \|(.*)\|$", text, flags=re.MULTILINE)
    assert len(lines) > 5
    for case, cells in lines:
        for name, cell in zip(("lme4", "statsmodels", "gpboost"), cells.split("|"), strict=True):
            found = ratio.get((case, name))
            printed = cell.strip().replace(",", "")
            assert (found is None) == (printed == "-"), (case, name)
            if found is not None:
                digits = 1 if found < 9.95 else 0
                assert printed == f"{found:.{digits}f}", (case, name)
    marked = re.search(r"30 notebooks ([\d.]+) times", text)[1]
    assert marked == f"{ratio['grading', 'nbgrader, sandbox']:.1f}"
