"""Honest notebooks: what works in JupyterLab works when it is run again."""

import random

import numpy as np
import pytest

from hlmteach import notebook
from hlmteach.questions import get
from hlmteach.questions.judge import judge
from hlmteach.questions.parcel import pack
from hlmteach.sandbox import Limits
from hlmteach.sandbox.outcome import PNG


@pytest.fixture
def run(warm, no_data):
    def run(*cells, parcel=no_data, **limits):
        return warm.run(list(cells), parcel, Limits(**{"seconds": 60, **limits}))

    return run


@pytest.mark.parametrize("stem", ["ch04_icc", "ch06_level2_predictors"])
def test_a_solution_is_right_on_a_students_data(stem, run, root):
    made = notebook.read_source(root / "solutions" / f"{stem}.md")
    cells = [cell.source for cell in made.cells if cell.cell_type == "code"]
    parcel = pack("Zoë", [stem[:4]], secret="s3")
    said = run(*cells, parcel=parcel)
    assert (said.status, said.log, said.problems, said.repeated) == ("ok", "", [], {})
    wrong = {
        name: judge(get(name), evidence, "Zoë", "s3").message
        for name, evidence in said.answers.items()
        if judge(get(name), evidence, "Zoë", "s3").correct is False
    }
    assert not wrong and len(said.answers) > 9


def test_an_error_ends_its_cell_and_not_the_notebook(run):
    said = run(
        "import hlmteach as hlm",
        "hlm.check('ch04.icc', 1)\nhlm.chek('ch04.icc', 2)",
        "this is no python",
        "hlm.check('ch04.other', 3)",
    )
    assert said.status == "ok" and set(said.answers) == {"ch04.icc", "ch04.other"}
    assert [(e.cell, e.name, e.line) for e in said.cell_errors] == [
        (2, "AttributeError", "hlm.chek('ch04.icc', 2)"),
        (3, "SyntaxError", "this is no python"),
    ]
    assert "Cell 2 stopped with AttributeError: module 'hlmteach' has no" in said.log


def test_the_last_answer_counts_and_repeats_are_listed(run):
    said = run("import hlmteach as hlm", *(f"hlm.check('ch04.icc', {k})" for k in (1, 2, 3)))
    assert said.answers["ch04.icc"].value == "3" and said.repeated == {"ch04.icc": 3}


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline",
        "%config InlineBackend.figure_format = 'retina'",
        "display('text')",
        "from IPython.display import Markdown, display; display(Markdown('**b**'))",
        "!ls",
        "files = !ls",
        "%%bash\necho hello",
        "%%capture said\nprint(1)",
        "%time x = 1",
        "import asyncio\nawait asyncio.sleep(0)",
        "print('x' * 10**7)",
        "import sys; sys.stdout.write('x'); sys.stderr.write('y')",
        "?print",
        "exit()",
        "quit()",
        "%reset -f",
        "import hlmteach as hlm; hlm.hint('ch04.icc')",
        "import hlmteach as hlm; hlm.progress()",
        "import warnings; warnings.warn('careful')",
        "from tqdm.auto import tqdm; [k for k in tqdm(range(3))]",
        "import ipywidgets as w; w.interact(lambda k: k, k=(0, 3))",
    ],
)
def test_what_notebooks_contain_runs(cell, run):
    said = run(cell, "import hlmteach as hlm; hlm.check('ch04.icc', 1)")
    assert (said.status, said.log, said.problems) == ("ok", "", [])
    assert said.answers["ch04.icc"].value == "1"


@pytest.mark.parametrize(
    "cell",
    ["input()", "import sys; sys.exit(3)", "%pip install nothing", "raise KeyboardInterrupt"],
)
def test_what_cannot_work_here_costs_nothing_else(cell, run):
    said = run(cell, "import hlmteach as hlm; hlm.check('ch04.icc', 1)")
    assert said.status == "ok" and said.answers["ch04.icc"].value == "1"


def test_pictures_come_out_as_png_and_their_number_is_limited(run):
    draw = "import matplotlib.pyplot as plt\nfor k in range(3): plt.figure(); plt.plot([1, k])"
    said = run(draw, "%matplotlib inline\nplt.plot([1, 2])\nplt.show()", figures=2)
    assert [cell for cell, _ in said.figures] == [1, 1]
    assert all(png.startswith(PNG) for _, png in said.figures)


def test_chance_without_a_seed_falls_alike_in_every_sandbox(run):
    draws = ("np.random.rand()", "random.random()", "np.random.default_rng().random()")
    cells = ["import random, hlmteach as hlm, numpy as np"]
    cells += [f"hlm.check('ch04.{k}', {draw})" for k, draw in enumerate(draws)]
    said = run(*cells, "hlm.check('ch04.hash', hash('text'))")
    seed = random.Random(0).getrandbits(128)
    expected = [np.random.RandomState(0).rand(), random.Random(0).random()]
    expected += [np.random.default_rng(seed).random()]
    assert [one.value for one in said.evidence[:3]] == [str(value) for value in expected]
    assert run(*cells, "hlm.check('ch04.hash', hash('text'))").evidence == said.evidence


def test_an_error_tells_no_address_which_would_be_another_each_time(run):
    (error,) = run("raise ValueError(object(), 0xff)").cell_errors
    assert error.message == "(<object object at 0x...>, 255)"


def test_the_answers_are_not_in_the_sandbox(run):
    parcel = pack("jo", ["ch04"], secret="s3")
    said = run(
        "from hlmteach.questions import get; get('ch04.icc').answer",
        "import hlmteach.questions.ch04_icc as c; c.icc",
        "import hlmteach.grading.roster",
        "import hlmteach, pathlib\n"
        "found = [p for p in pathlib.Path(hlmteach.__file__).parent.rglob('*ch0*') "
        "if p.is_file() and 'def ' in p.read_text(errors='replace')]\nassert not found, found",
        parcel=parcel,
    )
    names = [error.name for error in said.cell_errors]
    assert names == ["QuestionNotFound", "AttributeError", "ModuleNotFoundError"]


def test_the_notebook_finds_the_trusted_data_whoever_it_says_it_is(run):
    parcel = pack("jo", ["ch04"], secret="s3")
    said = run(
        "import hlmteach as hlm, os",
        "os.environ['HLMTEACH_STUDENT'] = 'mallory'; hlm.student('Mallory')",
        f"hlm.dealt({pack('mallory', ['ch04.icc'])!r})",
        "hlm.check('ch04.icc', hlm.data('ch04.icc')['math'].mean())",
        parcel=parcel,
    )
    mine = get("ch04.icc").data("jo", "s3")["math"].mean()
    assert float(said.answers["ch04.icc"].value) == mine
    assert said.named == ["mallory"] and not said.cell_errors
