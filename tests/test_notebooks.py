"""What holds for every notebook of the course; nbval runs them, cell by cell, beside this."""

import nbformat
import pytest

from hlmteach import build, notebook

ROOT = build.find_root()
SOURCES = build.sources(ROOT)
CHAPTERS = [
    "ch00_start_here",
    "ch01_linear_regression",
    "ch02_clustered_data",
    "ch03_random_intercept",
    "ch04_icc",
    "ch05_level1_predictors",
    "ch06_level2_predictors",
    "ch07_pisa_case_study",
    "ch08_centering",
    "ch09_random_slopes",
    "ch10_comparing_models",
    "ch11_checking_models",
    "ch12_design_and_power",
    "ch13_pisa_design",
    "ch14_where_next",
]
each_notebook = pytest.mark.parametrize(
    "source", SOURCES, ids=lambda path: f"{path.parent.name}/{path.stem}"
)


def stored(source):
    return nbformat.read(source.with_suffix(".ipynb"), as_version=4)


def test_the_chapters_are_there_in_order():
    found = [path.stem for path in SOURCES if path.parent.name == "chapters"]
    assert found[: len(CHAPTERS)] == CHAPTERS


def test_every_executed_notebook_has_its_written_source():
    notebooks = [path for folder in build.FOLDERS for path in (ROOT / folder).glob("*.ipynb")]
    assert sorted(notebooks) == sorted(path.with_suffix(".ipynb") for path in SOURCES)


@each_notebook
def test_md_and_ipynb_hold_the_same_inputs(source):
    written, executed = notebook.read_source(source), stored(source)
    pairs = [[(c.cell_type, c.source) for c in nb.cells] for nb in (written, executed)]
    assert pairs[0] == pairs[1], f"run `hlmteach build {source.stem}`"


@each_notebook
def test_the_pair_is_ready_to_be_committed(source):
    """Tidy .md, no errors, no machine's paths, alt text on figures: see hlmteach.notebook."""
    assert build.check(source, ROOT) == []


@each_notebook
def test_every_checked_cell_has_something_to_be_checked_against(source):
    checked = [cell for cell in stored(source).cells if notebook.is_checked(cell)]
    assert checked, f"{source.stem} has no checked cell"
    for cell in checked:
        assert cell.execution_count is not None
        assert cell.outputs, f"a checked cell shows nothing: {cell.source}"


@each_notebook
def test_nothing_is_kept_from_nbval(source):
    for cell in stored(source).cells:
        assert "nbval-skip" not in cell.metadata.get("tags", [])


@each_notebook
def test_a_notebook_is_the_current_format_and_valid(source):
    executed = stored(source)
    nbformat.validate(executed)
    assert (executed.nbformat, executed.nbformat_minor) == (4, 5)
