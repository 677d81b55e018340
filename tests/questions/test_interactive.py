import subprocess
import sys

import pytest

import hlmteach as hlm
from hlmteach.questions import interactive, registry
from hlmteach.questions.question import question

JO = "student-017@example.org"


@pytest.fixture(autouse=True)
def learner(tmp_path, monkeypatch):
    monkeypatch.setenv("HLMTEACH_HOME", str(tmp_path))
    monkeypatch.setattr(interactive, "_chosen", [])
    monkeypatch.setattr(interactive, "_hints", {})


def right_icc():
    return hlm.lmer("math ~ 1 + (1 | school_id)", hlm.data("ch04.icc")).icc


def test_the_whole_way_of_a_learner():
    assert "You are student-017@example.org" in str(hlm.student("Student-017@Example.org"))
    assert hlm.check("ch04.icc", ...).status == "unreadable"
    said = hlm.check("ch04.icc", 1 - right_icc())
    assert said.diagnosis == ("icc-inverted",) and "share between them" in said.message
    assert hlm.hint("ch04.icc").heading == "Hint 1 of 3 (ch04.icc)"
    assert hlm.check("CH04.ICC ", right_icc()).correct is True
    assert hlm.progress().table.loc["ch04", "points"] == 2
    row = hlm.progress("ch04").table.loc["ch04.icc"]
    assert (row["done"], row["tries"], row["hints"]) == ("right", 2, 1)


def test_another_student_has_other_data_and_another_answer():
    hlm.student(JO)
    mine, answer = hlm.data("ch04.icc"), right_icc()
    hlm.student("somebody else")
    assert not mine.equals(hlm.data("ch04.icc"))
    assert hlm.check("ch04.icc", answer).correct is False


def test_the_guests_answer_is_told_from_a_mistake():
    answer = right_icc()
    hlm.student(JO)
    said = hlm.check("ch04.icc", answer)
    assert said.status == "other-data" and "right answer for the guest's data" in said.message


def test_the_student_may_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("HLMTEACH_STUDENT", JO)
    assert JO in str(hlm.student())


def test_without_an_id_one_is_the_guest_and_told_so():
    assert "You are the guest" in str(hlm.student())
    assert "For your own, run" in str(hlm.student())


def test_what_is_no_id_is_explained_and_changes_nothing():
    hlm.student(JO)
    assert "A student id is a text" in str(hlm.student(["jo"]))
    assert interactive.current() == JO


def test_hints_climb_and_stay_at_the_last():
    heads = [hlm.hint("ch04.icc").heading for _ in range(5)]
    assert heads == [f"Hint {k} of 3 (ch04.icc)" for k in (1, 2, 3, 3, 3)]
    assert "That was the last hint." in str(hlm.hint("ch04.icc"))
    assert hlm.progress("ch04").table.loc["ch04.icc", "hints"] == 3


def test_hints_climb_where_nothing_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HLMTEACH_HOME", str(tmp_path / "file"))
    assert [hlm.hint("ch04.icc").heading[5] for _ in range(3)] == ["1", "2", "3"]
    assert hlm.check("ch04.icc", right_icc()).correct is True


def test_progress_survives_a_restart():
    hlm.student(JO)
    hlm.check("ch04.small-icc", "no")
    code = f"import hlmteach as hlm; hlm.student({JO!r}); print(hlm.progress())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert f"Progress of {JO}: 1 of" in done.stdout


@pytest.mark.parametrize("ask", [hlm.check, hlm.hint])
def test_an_unknown_question_gets_close_ones(ask):
    said = str(ask("ch04.icd"))
    assert "No question is called 'ch04.icd'" in said and "ch04.icc" in said


def test_data_of_an_unknown_question_or_of_none():
    with pytest.raises(LookupError, match=r"Did you mean ch04\.icc"):
        hlm.data("ch4.icc")
    with pytest.raises(ValueError, match="it has no data"):
        hlm.data("ch04.small-icc")


@pytest.mark.parametrize("id", [None, 3, "", "ch99", object()])
def test_a_strange_id_raises_nothing(id):
    assert "No question is called" in str(hlm.check(id, 3))
    assert "No question is called" in str(hlm.hint(id))


def test_a_chapter_that_cannot_be_loaded_is_the_courses_fault(monkeypatch):
    def broken(chapter):
        raise SyntaxError("oops")

    monkeypatch.setattr(registry, "_load", broken)
    monkeypatch.setattr(registry, "_QUESTIONS", {})
    assert "The course's fault, not yours" in str(hlm.check("ch04.icc", 3))
    assert "The course's fault, not yours" in str(hlm.hint("ch04.icc"))


def test_a_fault_is_not_recorded_as_a_try():
    @question("ch99.fault", hints=("one", "two", "three"))
    def fault(data):
        """How much?"""
        raise OSError

    try:
        assert hlm.check("ch99.fault", 3).status == "fault"
        assert hlm.progress("ch99").table.loc["ch99.fault", "tries"] == 0
    finally:
        registry.forget("ch99.fault")


def test_replies_are_accessible_html_with_a_plain_twin():
    for shown in (hlm.student(), hlm.hint("ch04.icc"), hlm.check("ch04.icc", 1), hlm.progress()):
        assert 'role="status"' in shown._repr_html_()
        assert "<" not in str(shown).replace("<br", "")
