"""Imports point one way, and `import hlmteach` costs next to nothing."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "hlmteach"
# A module may import from its own layer and from those above it in this list.
LAYERS = [
    {"arguments", "words", "replicates"},
    {"params"},
    {"predictors", "group_sizes", "simulation", "datasets"},
    {"formula", "columns", "coding", "centering", "design", "new_rows", "engine", "profiling"},
    {"fit", "fitting", "adapters", "nesting", "ordinary", "named_fits"},
    {"inference", "measures", "summaries", "comparison", "diagnostics", "plots"}
    | {"bootstrap", "worldwide", "intervals", "explained", "prediction", "influence", "tables"}
    | {"residuals", "sandwich"}
    | {"pooling", "pool_inputs", "weighting", "pseudolikelihood", "hadamard", "brr"}
    | {"pooled", "weighted_fit", "replication"}
    | {"studies", "recovery", "montecarlo", "power_table", "planning"},
    {"questions", "explore"},
    {"sandbox", "grading"},
    {
        "project",
        "notebook",
        "lab",
        "fetch",
        "doctor",
        "exercises",
        "bibliography",
        "book",
        "build",
        "new",
        "assignment",
        "deal",
        "grade",
        "nbgrader",
        "cli",
        "__main__",
    },
]
RANK = {name: number for number, layer in enumerate(LAYERS) for name in layer}
TOP = len(LAYERS) - 1
FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]
# A Fit prints itself as its summary, which it looks up when it is printed and not before.
PRINTING = ("fit", "summaries")


def unit(path: Path) -> str:
    """The module or sub-package of hlmteach that a file belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


UNITS = {unit(path) for path in FILES}


def imports(path: Path) -> set[str]:
    """Units of hlmteach that a file imports, at its top or inside a function; "" is the package."""
    found = set()
    inside = ["hlmteach", *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = inside[: len(inside) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        words = [name.split(".") for name in names]
        found |= {(word[1:] or [""])[0] for word in words if word[0] == "hlmteach"}
    return {name if name in UNITS else "" for name in found}


def test_every_module_has_a_layer():
    without = UNITS - set(RANK)
    assert not without, f"give {sorted(without)} a layer in {Path(__file__).name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path):
    rank = RANK.get(unit(path), TOP)
    wrong = {name for name in imports(path) if RANK.get(name, TOP) > rank}
    wrong -= {name for name in wrong if (unit(path), name) == PRINTING}
    assert not wrong, f"{unit(path)} is below {sorted(wrong)} and may not import it"


def test_a_fit_looks_up_its_summary_only_when_it_is_printed():
    assert "hlmteach.summaries" not in loaded_by("import hlmteach.fit")


def test_no_two_modules_import_each_other():
    graph: dict[str, set[str]] = {}
    for path in FILES:
        graph.setdefault(unit(path), set()).update(imports(path) - {"", unit(path)})
    graph[PRINTING[0]].discard(PRINTING[1])
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def loaded_by(code: str) -> set[str]:
    words = [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules, sep='\\n')"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_hlmteach_loads_nothing_heavy():
    heavy = {"numpy", "pandas", "scipy", "statsmodels", "matplotlib", "formulaic", "ipywidgets"}
    assert not heavy & loaded_by("import hlmteach")


def test_lmer_loads_neither_plots_nor_statsmodels():
    assert not {"statsmodels", "matplotlib"} & loaded_by("import hlmteach; hlmteach.lmer")


def test_grading_a_chapter_loads_no_other_chapters_questions():
    code = "from hlmteach.grading import grader, marking\nfrom hlmteach.questions import *\n"
    loaded = loaded_by(f"{code}all_questions(['ch04']); chapters()")
    assert "hlmteach.questions.ch04_icc" in loaded and "statsmodels" not in loaded
    assert not any("questions.ch0" in name and "ch04" not in name for name in loaded)


def test_every_public_name_is_there():
    code = "import hlmteach\nfor name in hlmteach.__all__: getattr(hlmteach, name)"
    assert "hlmteach.fitting" in loaded_by(code)
