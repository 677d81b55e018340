"""What a notebook reports is read strictly, line by line."""

import base64
import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hlmteach.questions.evidence import Evidence
from hlmteach.sandbox.outcome import (
    MOST_RECORDS,
    PNG,
    STATUSES,
    CellError,
    Outcome,
    read,
    read_figures,
)


def line(kind, value):
    return json.dumps({kind: value}).encode() + b"\n"


ONE = Evidence.of("ch04.icc", 0.24)
HONEST = line("evidence", ONE.to_json())


@pytest.mark.parametrize(
    "garbage",
    [
        b"garbage\n",
        b"\x80\x04pickle\n",
        pickle.dumps(print).replace(b"\n", b"") + b"\n",
        b"[" * 100_000 + b"\n",
        line("evidence", "NaN"),
        line("evidence", {"question": "x"}),
        line("evidence", ONE.to_json().replace('"0.24"', "1e999")),
        line("points", 100),
        line("done", True),
        line("done", -1),
        line("error", {"cell": 1}),
        line("error", {"cell": "1", "name": "", "message": "", "line": ""}),
        b'{"done": 1, "done": 2}\n',
        b'{"done": 1, "student": "jo"}\n',
        b'{"student": "\\ud800"}\n',
        b'{"student": 1e999}\n',
        b"null\n",
    ],
    ids=lambda raw: repr(raw[:30]),
)
def test_garbage_is_noted_and_honest_lines_around_it_are_read(garbage):
    found, problems = read(HONEST + garbage + HONEST)
    assert found["evidence"] == [ONE, ONE] and not found["done"] and not found["student"]
    assert problems == ["1 line(s) of the report cannot be read"]


@settings(max_examples=300)
@given(st.binary())
def test_bytes_of_any_kind_give_records_or_problems(raw):
    found, problems = read(raw + b"\n" + HONEST)
    assert found["evidence"] == [ONE]
    assert bool(problems) == bool(raw.strip(b"\n \t\r\x0b\x0c"))


def test_too_many_lines_are_noted():
    found, problems = read(line("done", 1) * (MOST_RECORDS + 5))
    assert len(found["done"]) == MOST_RECORDS and "1,005 lines; 1,000 were read" in problems[0]


def test_what_was_cut_off_is_noted():
    found, problems = read(HONEST + HONEST[:-20])
    assert found["evidence"] == [ONE] and len(problems) == 1


def test_only_pictures_are_pictures():
    def figure(raw, **more):
        text = base64.b64encode(raw).decode()
        return line("figure", {"cell": 1, "png": text, **more})

    good, side = PNG + b"\0\0\1\0" * 2 + b"...", (40_000).to_bytes(4, "big")
    raw = figure(b"<svg onload=alert(1)>") + figure(good, evil=1) + b"x\n" + figure(good)
    assert read_figures(raw, 9) == [(1, good)]
    assert read_figures(figure(PNG + side * 2), 9) == []  # gigabytes, once it is shown
    assert read_figures(figure(good) * 5, 2) == [(1, good)] * 2
    assert read_figures(figure(good)[:-1], 9) == []  # cut off
    assert read_figures(line("figure", {"cell": 1, "png": "%%%"}), 9) == []


@pytest.mark.parametrize("status", STATUSES)
def test_the_log_says_why_it_stopped(status):
    error = CellError(3, "NameError", "name 'x' is not defined", "x + 1")
    log = Outcome(status, cell_errors=[error], reason="no bwrap").log
    assert "Cell 3 stopped with NameError: name 'x' is not defined in the line `x + 1`" in log
    assert "no bwrap" in log
    assert ("stopped because" in log) == (status in ("timeout", "memory", "output"))


def test_a_long_log_is_cut():
    errors = [CellError(k, "E", "x" * 1000) for k in range(100)]
    assert len(Outcome("ok", cell_errors=errors).log) == 6000
