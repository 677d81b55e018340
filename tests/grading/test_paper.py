import json

import pytest
from classroom import notebook
from hypothesis import given, settings
from hypothesis import strategies as st

from hlmteach.grading import paper
from hlmteach.grading.paper import Unreadable

CELL = 'import hlmteach as hlm\nhlm.student("Zoë")\nhlm.check("ch04.icc", 0.2)'
NAMES = st.sampled_from("cells worksheets cell_type source input metadata hlmteach code".split())
WHOLE = notebook([CELL], {"hlmteach": {"student": "zoë"}})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_every_encoding_of_a_notebook_is_read(encoding):
    found = paper.read(WHOLE.decode().encode(encoding))
    assert found.cells == [CELL]
    assert (found.checked, found.named) == (["ch04.icc"], ["Zoë"])
    assert found.metadata == {"student": "zoë"}


def test_version_three_is_read_and_noted():
    cells = [{"cell_type": "code", "input": ["x = 1\n", "y = 2"]}, {"cell_type": "heading"}]
    old = json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}).encode()
    found = paper.read(old)
    assert found.cells == ["x = 1\ny = 2"]
    assert "old format" in found.oddities[0]


def test_damaged_cells_are_left_out_and_noted():
    cells = [
        None,
        {"cell_type": 3},
        {"cell_type": "code", "source": 7},
        {"cell_type": "code", "source": ["a", None]},
        {"cell_type": "code"},
    ]
    found = paper.read(json.dumps({"cells": cells, "metadata": 5}).encode())
    assert found.cells == ["", "a", ""]
    assert found.oddities == ["Some of its cells are damaged."]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)


@settings(max_examples=100)
@given(st.dictionaries(NAMES, JSON))
def test_json_of_any_form_is_read_or_refused(found):
    raw = json.dumps(found).encode()
    for read in (paper.read, paper.all_cells):
        try:
            assert read(raw) is not None
        except Unreadable as error:
            assert str(error)


def test_half_characters_become_question_marks():
    raw = b'{"cells": [{"cell_type": "code", "source": "x = 1 # \\ud800"}]}'
    assert paper.read(raw).cells == ["x = 1 # ?"]


def test_comments_check_nothing():
    found = paper.read(notebook(['# hlm.check("ch04.icc", 1)\nhlm.student(17)']))
    assert (found.checked, found.named) == ([], ["17"])


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "it is empty"),
        (b"\0" * 100, "it is empty"),
        (b"   \n", "it is empty"),
        (b"<!DOCTYPE html><html>", "it is a web page; was the page saved"),
        (b"%PDF-1.7", "it is a PDF or an archive"),
        (b"import pandas", "it does not begin with a brace"),
        (WHOLE[:-40], "it is a damaged notebook: the JSON breaks off at line 1"),
        (b'{"cells": [\n<<<<<<< HEAD\n', "the marks of an unfinished git merge"),
        (b"[" * 100_000, "nested deeper than any notebook"),
        (b'{"a":' * 100_000, "nested deeper than any notebook"),
        (b"[" + b"[]," * 1_100_000 + b"[]]", "more parts than any notebook"),
        (b"[]", "it is JSON, but no notebook"),
        (b'{"cells": {}}', "it is JSON without cells"),
        (b"{}", "it is JSON without cells"),
        (b'{"cells": [' + b"1" * 5000 + b"]}", "it is a damaged notebook"),
        (json.dumps({"cells": [{}] * 3000}).encode(), "it has 3,000 cells; 2,000 are read"),
        (notebook(["x" * 2_100_000]), "its code has more than 2,000,000 letters"),
    ],
)
def test_what_is_no_notebook_says_why(raw, words):
    with pytest.raises(Unreadable, match=words):
        paper.read(raw)
