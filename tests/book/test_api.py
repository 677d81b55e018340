import inspect
import re
from importlib import import_module

import pytest

import hlmteach
from hlmteach.book import api

NAMES = [name for part in api.PARTS for name in part.full_names]


def test_every_public_name_is_in_one_part():
    whole = {name for name in hlmteach.__all__ if not inspect.ismodule(getattr(hlmteach, name))}
    assert {f"hlmteach.{name}" for name in whole} <= set(NAMES)
    assert len(set(NAMES)) == len(NAMES) > 50


def test_a_part_has_its_names_as_headings_and_the_overview_has_all():
    pages = api.pages()
    listed = re.findall(r"^   ~([\w.]+)$", pages["index.md"], re.MULTILINE)
    assert listed == NAMES
    for part in api.PARTS:
        headings = re.findall(r"^## (.+)$", pages[f"{part.stem}.md"], re.MULTILINE)
        assert headings == [api.short(name) for name in part.full_names]


def test_only_the_package_itself_is_shortened():
    assert api.short("hlmteach.lmer") == "hlm.lmer"
    assert api.short("hlmteachers.lmer") == "hlmteachers.lmer"


def section(*lines, title="Parameters"):
    return [title, "-" * len(title), *lines]


def test_a_type_stays_a_type():
    lines = section("sigma_u : float", "    SD between groups.")
    assert api.with_sentences(lines) == lines


def test_a_sentence_that_goes_on_is_kept_in_one_piece():
    lines = section("data : one row a student. Rows with a gap", "    are left out.")
    told = section("data", "    one row a student. Rows with a gap", "    are left out.")
    assert api.with_sentences(lines) == told


def test_a_line_by_itself_is_a_sentence():
    assert api.with_sentences(section("m0 : a model")) == section("m0", "    a model")


def test_names_that_share_a_sentence_stay_together():
    told = section("m0 / m1", "    two models")
    assert api.with_sentences(section("m0, m1 : two models")) == told


def test_what_is_not_a_list_of_parameters_stays():
    lines = section("students : DataFrame, one row per student", title="Returns")
    assert api.with_sentences(lines) == lines
    assert api.with_sentences(["Note : this."]) == ["Note : this."]


@pytest.mark.parametrize("name", NAMES)
def test_no_docstring_loses_a_word(name):
    module, _, last = name.rpartition(".")
    lines = inspect.getdoc(getattr(import_module(module), last)).split("\n")
    assert letters(api.with_sentences(lines)) == letters(lines)


def letters(lines):
    return re.sub(r"[\s:,/]", "", "".join(lines))
