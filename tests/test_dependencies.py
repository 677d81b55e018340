"""One list of dependencies: pyproject.toml. The pins and the conda file follow it."""

import ast
import re
import runpy
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name


@pytest.fixture(scope="module")
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def pins(root):
    lines = (root / "constraints.txt").read_text(encoding="utf-8").splitlines()
    items = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(item.name): item for item in items}


def direct(project) -> list[Requirement]:
    extras = project["optional-dependencies"].values()
    return [Requirement(text) for group in [project["dependencies"], *extras] for text in group]


def test_every_direct_dependency_is_pinned_within_its_range(project, pins):
    for item in direct(project):
        pin = pins.get(canonicalize_name(item.name))
        assert pin is not None, f"{item.name} has no line in constraints.txt; see CONTRIBUTING.md"
        (only,) = pin.specifier
        assert only.operator == "=="
        assert item.specifier.contains(only.version), f"{item} does not allow {only}"
        assert pin.marker is None, f"{item.name} is pinned on some systems only"


def test_every_pin_is_one_exact_version(pins):
    for pin in pins.values():
        assert [spec.operator for spec in pin.specifier] == ["=="], str(pin)
        assert pin.url is None


def test_what_the_set_up_installs_is_what_is_pinned(root, project):
    commands = runpy.run_path(str(root / "course.py"))["COMMANDS"]
    extras = {name for needed, _ in commands.values() for name in needed.split(",")}
    assert extras <= set(project["optional-dependencies"])


def test_the_conda_file_adds_no_second_list(root, project):
    text = (root / "environment.yml").read_text(encoding="utf-8")
    python, *items = re.findall(r"^\s*- ([^#\n]+?) *(?:#.*)?$", text, flags=re.MULTILINE)
    # One "=" and a minor version is what Binder (repo2docker) looks for.
    minor = re.fullmatch(r"python=(3\.\d+)", python)[1]
    assert SpecifierSet(project["requires-python"]).contains(f"{minor}.0")
    assert items == ["pip", "pip:", "-e ."]


def test_one_oldest_python_everywhere(root, project):
    oldest = re.search(r"\d+\.\d+", project["requires-python"])[0]
    major, minor = oldest.split(".")
    assert f"sys.version_info < ({major}, {minor})" in (root / "course.py").read_text("utf-8")
    assert f"Python >= {oldest}" in (root / ".ci" / "run").read_text("utf-8")
    assert f'target-version = "py{major}{minor}"' in (root / "pyproject.toml").read_text("utf-8")
    assert f"Python {oldest} or newer" in (root / "README.md").read_text("utf-8")
    assert SpecifierSet(project["requires-python"]).contains(f"{oldest}.0")


def test_the_package_imports_only_what_it_declares(root, project):
    declared = {canonicalize_name(item.name) for item in direct(project)} | {"hlmteach"}
    # Met only where another package brought them: pooch's downloader, statsmodels' old formulas.
    declared |= {"requests", "patsy"}
    owners = packages_distributions()
    for path in sorted((root / "hlmteach").rglob("*.py")):
        for name in third_party(path.read_text(encoding="utf-8")):
            wanted = {canonicalize_name(owner) for owner in owners.get(name, [name])}
            assert wanted & declared, f"{path.name} imports {name}; declare it in pyproject.toml"


def third_party(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names)
