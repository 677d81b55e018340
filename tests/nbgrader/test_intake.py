import os

import pytest
from classroom import as_bytes, code_cell

pytest.importorskip(
    "nbgrader", reason="NOT INSTALLED: nbgrader, so that no nbgrader course is tested"
)

from hlmteach import notebook
from hlmteach.nbgrader import intake


def text(source, name=None):
    about = {"nbgrader": {"grade_id": name}} if name is not None else {}
    return {"cell_type": "markdown", "source": source, "metadata": about}


def test_sources_and_names_of_cells_are_all_that_is_kept():
    cell = code_cell("1 + 1")
    theirs = {"grade_id": "a", "points": 99, "solution": [], "checksum": "x", "comment": "<b>"}
    cell["metadata"] = {"nbgrader": theirs, "tags": ["skip-execution"]}
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "2"}]
    evil = {"name": "evil", "metadata": {"kernel_provisioner": {"provisioner_name": "evil"}}}
    raw = as_bytes([cell, text("Plain *words* and $x^2$.")], {"kernelspec": evil, "widgets": {}})
    made = intake.clean(raw)
    assert made.cells[0].source == "1 + 1" and made.cells[0].outputs == []
    assert made.cells[0].metadata == {"nbgrader": {"grade_id": "a", "points": 99}}
    assert made.cells[1].source == "Plain *words* and $x^2$."
    assert made.metadata.kernelspec == notebook.KERNELSPEC
    assert set(made.metadata) == {"kernelspec", "language_info"}


@pytest.mark.parametrize("name", [5, None, "", "x" * 500, ["a"], {"a": 1}])
def test_names_that_are_none_are_left_out(name):
    cell = {**code_cell("1"), "metadata": {"nbgrader": {"grade_id": name}}}
    assert intake.clean(as_bytes([cell])).cells[0].metadata == {}


@pytest.mark.parametrize("metadata", [7, [], "x", {"nbgrader": "x"}, {"nbgrader": []}])
def test_damaged_metadata_is_no_obstacle(metadata):
    assert intake.clean(as_bytes([{**code_cell("1"), "metadata": metadata}])).cells[0].source == "1"


@pytest.mark.parametrize(
    "source",
    ["<script>x</script>", "[x](javascript:y)", "[x]: data:y", "$\\href{javascript:x}{y}$", "&lt;"],
)
def test_markdown_that_may_be_more_than_text_is_shown_as_code(source):
    made = intake.clean(as_bytes([text(source)])).cells[0]
    assert made.cell_type == "markdown" and made.source == f"    {source}"


def test_other_kinds_of_cells_become_text():
    raw = {"cell_type": "raw", "source": "<b>", "metadata": {"raw_mimetype": "text/html"}}
    assert intake.clean(as_bytes([raw])).cells[0].cell_type == "markdown"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "it is empty"),
        (b"<html>", "web page"),
        (b"[1]", "no notebook"),
        (b'{"a": 1', "breaks"),
    ],
)
def test_what_is_no_notebook_becomes_one_that_says_so(tmp_path, raw, why):
    path = tmp_path / "lab.ipynb"
    path.write_bytes(raw)
    (cell,) = intake.read(path).cells
    assert cell.cell_type == "markdown" and why in cell.source


def test_links_pipes_and_nothing_are_not_waited_for(tmp_path):
    (tmp_path / "target.ipynb").write_bytes(as_bytes([code_cell("1")]))
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "target.ipynb")
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    for name in ("link", "pipe", "folder", "nothing"):
        assert "could not be read" in intake.read(tmp_path / f"{name}.ipynb").cells[0].source
