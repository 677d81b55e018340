"""Evidence read from a stranger's bytes: exactly what `Evidence.of` writes, and nothing else."""

import json
import pickle
import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import hlmteach as hlm
from hlmteach.questions import get, strict
from hlmteach.questions.evidence import FORMS, KINDS, MOST_BYTES, Evidence, parse
from hlmteach.questions.judge import judge

QUICK = settings(max_examples=200)
FITTED = hlm.lmer("math ~ 1 + (1 | school_id)", get("ch04.icc").data("jo"))
TABLE = pd.DataFrame({"a": [1.5, None], "b": ["x", "y"]})
GOOD = [Evidence.of("ch04.icc", v) for v in (0.24, "x", True, ..., FITTED, TABLE, [1, 2], print)]

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
plausible = st.fixed_dictionaries(
    {
        "question": st.text() | anything,
        "kind": st.sampled_from(KINDS) | anything,
        "value": st.text() | anything,
        "fingerprint": st.just("") | anything,
    }
)


def read(raw):
    """The evidence, or None where it is refused; any other error than ValueError is a failure."""
    try:
        return parse(raw)
    except ValueError:
        return None


def sound(one):
    """What the judge may rely on."""
    assert type(one) is Evidence and one.kind in KINDS and FORMS[one.kind](one.value)
    assert all(type(text) is str for text in (one.question, one.fingerprint))
    assert parse(one.to_json()) == one
    json.dumps(one.as_json(), allow_nan=False).encode("utf-8")


@pytest.mark.parametrize("one", GOOD, ids=lambda one: one.kind)
def test_what_is_written_is_read(one):
    assert parse(one.to_json()) == parse(one.to_json().encode()) == one


@QUICK
@given(st.text() | st.floats() | st.integers() | st.lists(st.floats(), min_size=1, max_size=3))
def test_evidence_of_any_answer_is_read_again(value):
    sound(parse(Evidence.of("ch04.icc", value).to_json()))


@QUICK
@given(st.binary())
@example(b"\xff\xfe{}")
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b'{"question": "\\ud800", "kind": "typed", "value": "", "fingerprint": ""}')
@example(b"1" * 10_000)
def test_bytes_of_any_kind_raise_a_value_error_at_most(raw):
    assert read(raw) is None


@QUICK
@given(anything)
def test_json_of_any_other_form_is_refused(value):
    if not (isinstance(value, dict) and "question" in value):
        assert read(json.dumps(value)) is None


@QUICK
@given(plausible)
def test_what_gets_through_is_sound(record):
    one = read(json.dumps(record))
    if one is not None:
        sound(one)


@pytest.mark.parametrize("one", GOOD, ids=lambda one: one.kind)
@pytest.mark.parametrize(
    "poison",
    [True, -1, 1e999, 10**30, 10**400, "x" * 30_000, [], {}, [[]], {"a": {"a": {}}}, "\x00"],
    ids=lambda poison: repr(poison)[:20],
)
def test_one_wrong_value_anywhere_is_refused_or_judged_without_a_point(one, poison):
    for damaged in damage(one.as_json(), poison):
        found = read(json.dumps(damaged))
        if found is not None:
            sound(found)
            assert not judge(get("ch04.icc"), found, "jo").points
            assert judge(get("ch04.empty-model"), found, "jo").status != "fault"


def damage(value, poison):
    """The value with the poison in each of its places, one after another."""
    if isinstance(value, dict):
        for name in value:
            for inner in damage(value[name], poison):
                yield {**value, name: inner}
        yield {**value, "more": poison}
    if isinstance(value, list) and value:
        for inner in damage(value[0], poison):
            yield [inner, *value[1:]]
    yield poison


def test_a_pickle_is_not_opened(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (open, (str(tmp_path / "opened"), "w"))

    for raw in (pickle.dumps(Bomb()), pickle.dumps(Bomb(), protocol=0)):
        assert read(raw) is None
    assert not (tmp_path / "opened").exists()


def test_numbers_that_are_no_numbers_are_refused():
    text = Evidence.of("ch04.icc", FITTED).to_json()
    for bad in ("NaN", "Infinity", "-Infinity", "1e999", "true", '"1"', "9" * 5000):
        damaged = text.replace('"residual": ', f'"residual": {bad}, "was": ')
        assert read(damaged) is None
        assert read(json.dumps({**json.loads(text), "value": {}})) is None


def test_a_name_said_twice_is_refused():
    text = Evidence.of("ch04.icc", 0.24).to_json()
    with pytest.raises(ValueError, match="says one name twice"):
        parse(text[:-1] + ', "question": "ch04.other"}')


def test_too_much_is_not_even_read():
    with pytest.raises(ValueError, match="letters; 400,000 are allowed"):
        parse(b" " * (MOST_BYTES + 1))


def test_half_a_surrogate_pair_becomes_a_question_mark():
    assert parse(Evidence.of("ch04.icc", "a\ud800b").to_json()).value == "a?b"


def test_random_damage_to_real_evidence_never_stops_reader_or_judge():
    random_bytes = random.Random(7)
    for one in GOOD:
        raw = one.to_json().encode()
        for _ in range(250):
            damaged = bytearray(raw)
            for _ in range(random_bytes.randint(1, 6)):
                at = random_bytes.randrange(len(damaged))
                damaged[at : at + random_bytes.randint(0, 3)] = random_bytes.choice(
                    (b"", b'"', b"{", b"]", b",", b"0", b"e9", b"null", b"\xff", b"\\u0000")
                )
            found = read(bytes(damaged))
            if found is not None:
                sound(found)
                for asked in ("ch04.icc", "ch04.empty-model", "ch04.n-groups"):
                    assert judge(get(asked), found, "jo").status != "fault"


def test_forms_refuse_what_only_looks_alike():
    assert strict.number(0.5) and strict.number(-3) and strict.number_or_null(None)
    for odd in (True, np.float64(1.0), "1", float("nan"), float("inf"), 10**301, None, 1j):
        assert not strict.number(odd)
    assert strict.count(0) and not any(map(strict.count, (-1, 1.0, True, 2**53)))
    assert strict.items(strict.count, 2)([1, 2]) and not strict.items(strict.count, 2)([1, 2, 3])
    assert not strict.items(strict.count, 2)((1, 2))
    form = strict.record({"a": strict.count}, {"b": strict.boolean})
    assert form({"a": 1}) and form({"a": 1, "b": True})
    assert not any(map(form, ({}, {"b": True}, {"a": 1, "c": 2}, {"a": 1, "b": 1}, [], None)))
    assert not strict.named(strict.count)({"x" * 121: 1})
