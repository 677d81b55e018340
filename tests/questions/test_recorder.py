"""Dealt notebooks and graded ones: answers are recorded, and the reply tells nothing."""

import pytest

import hlmteach as hlm
from hlmteach.questions import get, interactive, parcel, recorder
from hlmteach.questions.evidence import MIME, parse

SECRET = "only the instructor knows"
ICC = "ch04.icc"


@pytest.fixture(autouse=True)
def clean(tmp_path, monkeypatch):
    monkeypatch.setenv("HLMTEACH_HOME", str(tmp_path))
    monkeypatch.setattr(interactive, "_chosen", [])
    monkeypatch.setattr(interactive, "_unopened", [])
    yield
    recorder.remove()


def the_answer():
    return get(ICC).answer(get(ICC).data("Zoë", SECRET))


def test_dealt_data_are_served_and_answers_recorded():
    said = str(hlm.dealt(parcel.pack("Zoë", [ICC], SECRET)))
    assert "You are zoë" in said and "records your answers without judging" in said
    assert hlm.data(ICC.upper()).equals(get(ICC).data("Zoë", SECRET))
    replies = [hlm.check(ICC, value) for value in (the_answer(), 0.5)]
    assert str(replies[0]) == str(replies[1]) and "marked after you have handed in" in str(
        replies[0]
    )
    assert replies[0].correct is None


def test_a_receipt_carries_the_evidence_for_a_grader():
    hlm.dealt(parcel.pack("Zoë", [ICC], SECRET))
    bundle = hlm.check(ICC, 0.5)._repr_mimebundle_()
    assert bundle[MIME]["value"] == "0.5" and "Recorded" in bundle["text/html"]
    assert "no answer yet" in str(hlm.check(ICC, ...))
    assert "check the id" in str(hlm.check("ch04.<b>", 1))


def test_a_parcel_for_practice_is_judged_with_its_own_data():
    assert "without judging" not in str(hlm.dealt(parcel.pack("Zoë", [ICC], SECRET, judged=True)))
    assert hlm.check(ICC, the_answer()).correct is True
    assert hlm.check(ICC, get(ICC).answer(get(ICC).data("Zoë"))).correct is False
    assert hlm.hint(ICC).heading == "Hint 1 of 3 (ch04.icc)"


def test_another_id_or_another_parcel_changes_nothing_while_grading():
    emitted, named = [], []
    trusted = parcel.unpack(parcel.pack("Zoë", [ICC], SECRET))
    recorder.install(recorder.Recorder(trusted, emitted.append, True, named.append))
    hlm.dealt(parcel.pack("Mallory", [ICC], judged=True))
    hlm.student("Mallory")
    assert "cannot be changed" in str(hlm.student()) and interactive.current() == "zoë"
    assert hlm.data(ICC).equals(get(ICC).data("Zoë", SECRET))
    hlm.check(ICC, 0.5)
    assert [e.value for e in emitted] == ["0.5"] and named == ["mallory"]
    assert parse(emitted[0].to_json().encode()) == emitted[0]


def test_hints_and_progress_are_for_practice():
    hlm.dealt(parcel.pack("Zoë", [ICC], SECRET))
    assert "Hints are for practice" in str(hlm.hint(ICC))
    assert "marked after you hand it in" in str(hlm.progress())


def test_a_wrong_file_is_explained_and_nobody_works_on_other_data_meanwhile(tmp_path):
    assert "Copy it there from what you were given" in str(hlm.dealt("gone.txt"))
    assert recorder.current() is None
    said = str(hlm.student("Zoë"))  # the last of the cell: only its reply is shown
    assert "I cannot open your data" in said and "Copy it there from what you were given" in said
    with pytest.raises(LookupError, match="Your data are not open yet: the cell with"):
        hlm.data(ICC)
    path = tmp_path / "found.txt"
    path.write_text(parcel.pack("Zoë", [ICC], SECRET))
    hlm.dealt(str(path))
    assert hlm.data(ICC).equals(get(ICC).data("Zoë", SECRET))


def test_another_students_file_beside_ones_notebook_is_noticed():
    hlm.dealt(parcel.pack("Zoë", [ICC], SECRET))
    said = str(hlm.student("Ann"))
    assert "These are the data of zoë" in said and "The notebook says that you are ann." in said
    assert "put the file that came with your own notebook beside it" in said
    for said in (str(hlm.student(" ZOË ")), str(hlm.student())):
        assert "You are zoë" in said and "records your answers without judging" in said


def test_a_verdict_carries_its_evidence_only_where_a_grader_asks(monkeypatch):
    assert hlm.check(ICC, 0.5)._repr_mimebundle_() == {}
    monkeypatch.setenv("HLMTEACH_EVIDENCE", "1")
    assert hlm.check(ICC, 0.5)._repr_mimebundle_()[MIME]["value"] == "0.5"
