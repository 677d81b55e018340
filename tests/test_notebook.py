import sys

import nbformat
import pytest
import tiny_course
from tiny_course import CHECKED, HEADER, code

from hlmteach import notebook


@pytest.fixture
def write(tmp_path):
    """Write a chapter; `write(text)` gives its path."""
    return lambda body: tiny_course.write(tmp_path, body)


def executed(path):
    return notebook.execute(notebook.read_source(path), path.parent)


def test_ids_depend_on_the_text_alone(write):
    before = notebook.read_source(write(f"# One\n\n{code('1')}\n{code('2')}"))
    after = notebook.read_source(write(f"# One\n\n{code('0')}\n{code('1')}\n{code('2')}"))
    assert [cell.id for cell in before.cells] == [
        cell.id for cell in after.cells if cell.source != "0"
    ]


def test_two_equal_cells_have_two_ids(write):
    cells = notebook.read_source(write(f"{code('1')}\n{code('1')}")).cells
    assert cells[1].id == f"{cells[0].id}-2"


def test_tidy_source_is_a_fixed_point_and_names_no_version(write):
    path = write("# One\n" + code("1").replace(" ipython3", "") + "\n\n\n\nTwo")
    first = notebook.tidy_source(path)
    path.write_text(first, encoding="utf-8", newline="\n")
    assert notebook.tidy_source(path) == first
    assert first.startswith(HEADER)


def test_running_twice_gives_the_same_file(write):
    body = code("import pandas as pd\n\npd.DataFrame({'a': [1]}).style") + code(
        "import ipywidgets\n\nipywidgets.IntSlider()"
    )
    path = write(body)
    first, second = nbformat.writes(executed(path)), nbformat.writes(executed(path))
    assert first == second
    assert "IntSliderModel" in first and "T_00000" in first


def test_no_trace_of_when_and_with_which_python(write):
    done = executed(write(CHECKED))
    assert "version" not in done.metadata.language_info
    assert done.metadata.kernelspec == notebook.KERNELSPEC
    assert "execution" not in done.cells[0].metadata


def test_alt_text_travels_to_the_output(write):
    plot = "import matplotlib.pyplot as plt\n\nplt.plot([1, 2]);"
    body = f"```{{code-cell}} ipython3\n---\nmystnb:\n  image:\n    alt: A line\n---\n{plot}\n```\n"
    done = executed(write(body + "\n" + CHECKED))
    assert done.cells[0].outputs[0].metadata["image/png"]["alt"] == "A line"
    assert notebook.problems(done) == []


FAULTS = {
    "import sys; print('x', file=sys.stderr)": "it writes to stderr ('x')",
    "import matplotlib.pyplot as plt\n\nplt.plot([1]);": "its figure has no alt text",
    "from IPython.display import HTML\n\nHTML('<img src=\"data:,\">')": "an <img> without alt text",
    "print('read /tmp/ann/pisa.csv')": "a path of this machine (/tmp/ann/pisa.csv)",
    "print(r'C:\\data\\pisa.csv')": "a path of this machine (C:\\data\\pisa.csv)",
    "print('kept in ELSEWHERE')": "a path of this machine (ELSEWHERE)",
    "object()": "a memory address (0x",
}


def test_what_may_not_be_committed_is_said(write):
    body = "\n".join([*map(code, FAULTS), CHECKED])
    found = notebook.problems(executed(write(body)), ("ELSEWHERE",))
    assert len(found) == len(FAULTS)
    for number, (source, said) in enumerate(FAULTS.items()):
        first = source.splitlines()[0][:60]
        assert found[number].startswith(f"code cell {number + 1} ({first}): ")
        assert said in found[number]


def test_ordinary_text_is_no_path(write):
    text = "print('students/teachers, and/or; 1/2; https://example.com/home/x', '<b/>')"
    assert notebook.problems(executed(write(code(text) + "\n" + CHECKED))) == []


def test_the_letters_of_a_picture_are_no_path(write):
    picture = "<img alt='a line' src='data:image/png;base64,iVBO+/tmp/ELSEWHERE0='>"
    text = f'from IPython.display import HTML\n\nHTML("{picture}")'
    done = executed(write(code(text) + "\n" + CHECKED))
    assert notebook.problems(done, ("ELSEWHERE",)) == []


@pytest.mark.parametrize("tag", [notebook.STDERR_ALLOWED, notebook.ERROR_ALLOWED])
def test_a_tag_allows_stderr_and_errors_on_purpose(tag, write):
    source = {
        notebook.STDERR_ALLOWED: "import sys; print('x', file=sys.stderr)",
        notebook.ERROR_ALLOWED: "{}['a']",
    }[tag]
    path = write(code(source, tag) + "\n" + CHECKED)
    found = notebook.problems(executed(path))
    assert not any("stderr" in sentence or "fails" in sentence for sentence in found)


def test_a_checked_cell_must_show_something(write):
    (found,) = notebook.problems(executed(write(code("x = 1", notebook.CHECKED))))
    assert "shows nothing; end it with the value to check" in found


def test_a_notebook_without_a_checked_cell_is_a_problem(write):
    assert "no cell is checked" in notebook.problems(executed(write(code("1"))))[0]


def test_a_cell_that_was_never_run_is_a_problem(write):
    found = notebook.problems(notebook.read_source(write(CHECKED)))
    assert "it was never run; run `hlmteach build`" in found[0]


def test_the_kernel_runs_in_this_environment_without_the_builders_settings(write):
    source = "import os, sys; print(sys.prefix, os.environ['OMP_NUM_THREADS'], sep='|')"
    shown = executed(write(code(source))).cells[0].outputs[0].text
    assert shown.strip() == f"{sys.prefix}|1"
