import numpy as np
import pandas as pd
import pytest

from hlmteach.questions import cases, get, judge_other, registry
from hlmteach.questions.evidence import Evidence
from hlmteach.questions.question import question
from hlmteach.questions.recipes import countries, study_hours, usa_raw, usa_schools
from hlmteach.questions.students import random_state

HINTS = ("one", "two", "three")
RECIPES = [usa_schools, usa_raw, countries, study_hours]


def tables(data):
    return data if isinstance(data, tuple) else (data,)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.__name__)
def test_a_recipe_gives_the_data_that_were_published(recipe):
    """The same on every machine: only a change of the recipe may change these."""
    found = [cases.fingerprint(table) for table in tables(recipe(random_state("jo", "test", 0)))]
    assert found == PUBLISHED[recipe.__name__]


PUBLISHED = {
    "usa_schools": ["73c4132207ee1d1c"],
    "usa_raw": ["e28d327ff4cb1654", "f44f73045adc5a68"],
    "countries": ["6d4005a139b70d1a"],
    "study_hours": ["285be642e0908a25"],
}


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.__name__)
def test_another_student_has_other_data(recipe):
    one, other = (tables(recipe(random_state(name, "test", 0)))[0] for name in ("jo", "ann"))
    assert cases.fingerprint(one) != cases.fingerprint(other)


def test_the_analysis_table_is_complete_and_nested():
    data = usa_schools(random_state("jo", "test", 0))
    assert not data.isna().any().any() and data["school_id"].nunique() == 60
    assert data.groupby("school_id")["stratio"].nunique().max() == 1
    assert data["stratio"].nunique() < 60  # else grouping by it would be no mistake
    assert data.groupby("school_id").size().max() > 3 * data.groupby("school_id").size().min()


def test_the_raw_tables_hold_the_traps():
    students, schools = usa_raw(random_state("jo", "test", 0))
    assert students["escs"].isna().any() and students["desk"].isna().any()
    own = schools[schools["country"] == "USA"]
    assert len(own) == students["school_id"].nunique() == 60
    assert own["stratio"].isna().sum() == 10
    assert len(students.merge(schools, on="school_id")) > 2 * len(students)


def test_a_learner_may_change_the_data(data_id="ch04.icc"):
    first = get(data_id).data("jo")
    first["math"] = 0.0
    assert get(data_id).data("jo")["math"].std() > 0


def test_questions_of_one_data_set_share_the_data():
    assert get("ch04.icc").data("jo").equals(get("ch04.var-between").data("jo"))


def test_a_secret_changes_data_and_key():
    icc = get("ch04.icc")
    open_, exam = cases.case(icc, "jo"), cases.case(icc, "jo", "exam 2026")
    assert not open_.data.equals(exam.data) and open_.answer != exam.answer


def test_data_carry_their_fingerprint():
    data = get("ch04.icc").data("jo")
    assert data.attrs["hlmteach"]["fingerprint"] == cases.fingerprint(data)
    assert cases.fingerprint(data.assign(math=data["math"] + 1)) != cases.fingerprint(data)


@pytest.fixture
def hopeless():
    @question("ch99.hopeless", data=study_hours, hints=HINTS)
    def made(data):
        """The same number by another name."""
        return float(data["gpa"].mean())

    @made.misconception("the-same")
    def _(data):
        """It is the same."""
        return float(data["gpa"].mean()) * 1.0001

    yield made
    registry.forget("ch99.hopeless")


def test_a_mistake_that_is_always_right_is_the_authors_to_mend(hopeless):
    with pytest.raises(cases.NoCleanDraw, match=r"ch99.hopeless: in 60 draws a wrong answer"):
        hopeless.data("jo")


def test_the_learner_is_told_that_it_is_the_courses_fault(hopeless):
    said = hopeless.check(3.0, student="jo")
    assert said.status == "fault" and said.correct is None
    assert "Question ch99.hopeless could not be judged" in said.message


def test_a_draw_is_taken_in_which_nothing_meets():
    drawn = []

    def recipe(random):
        data = study_hours(random)
        drawn.append(data)
        return data

    @question("ch99.picky", data=recipe, hints=HINTS)
    def picky(data):
        """A number whose mistake is right every other time."""
        return float(data["gpa"].mean())

    @picky.misconception("sometimes-right")
    def _(data):
        """Sometimes."""
        right = float(data["gpa"].mean())
        return right if int(right * 1000) % 2 else 2 * right

    try:
        for student in range(8):
            drawn.clear()
            made = cases.case(picky, student)
            assert made.data is drawn[-1] and int(made.answer * 1000) % 2 == 0
    finally:
        registry.forget("ch99.picky")


def test_tolerance_is_half_a_unit_in_the_third_digit_and_the_optimisers_share():
    assert cases.tolerance(0.24, 0.0) == pytest.approx(0.0005)
    assert cases.tolerance(483.19, 1e-4) == pytest.approx(0.5 + 0.048319)
    assert np.isfinite(cases.tolerance(0.0, 1e-3))


def test_variants_of_one_mistake_share_a_message_and_may_meet():
    @question("ch99.variants", data=study_hours, hints=HINTS)
    def asked(data):
        """How much?"""
        return 2.53

    registry.forget("ch99.variants")

    @asked.misconception("filled")
    def _(data):
        """The gaps were filled."""
        return 3.71

    asked.variant("filled")(lambda data: 3.712)
    asked.variant("filled")(lambda data: 4.68)
    assert asked.known == ["filled"]
    assert cases.meetings(cases.case(asked, "jo")) == []
    for typed in (3.71, 4.68):
        said = asked.check(typed, student="jo")
        assert said.diagnosis == ("filled",) and said.message == "The gaps were filled."
    with pytest.raises(ValueError, match="no mistake called 'other'"):
        asked.variant("other")


def test_the_guests_answers_are_ready_once_data_were_given(monkeypatch):
    asked = get("ch04.icc")
    get("ch04.empty-model").data("somebody-else@example.org")  # of the same data set
    monkeypatch.setattr(cases, "_draw", lambda *_: pytest.fail("drawn at the check"))
    assert asked.check(0.4711, student="somebody-else@example.org").status == "unknown"


def test_a_table_is_read_as_a_learners_is():
    for table in (
        pd.DataFrame({"b": [1.0, np.nan], ("a", 2): [np.inf, 0.1]}, index=[("x", 1), "y"]),
        pd.Series([1.5, 2.0], ["no", "yes"]),
        pd.DataFrame({"n": [1, 2], "w": ["a", None]}),
    ):
        assert judge_other._cells(table) == judge_other._cells_of(Evidence.of("", table).value)


def test_a_late_mistake_changes_nobodys_data():
    @question("ch99.late", hints=HINTS, data=usa_schools)
    def asked(data):
        """How much?"""
        return data["math"].mean()

    @asked.misconception("double")
    def _(data):
        """Twice as much."""
        return 2 * data["math"].mean()

    try:
        before = [cases.fingerprint(asked.data(name)) for name in range(4)]
        asked.variant("double", late=True)(lambda data: 3 * data["math"].mean())
        asked.variant("double", late=True)(lambda data: 1.0001 * data["math"].mean())
        cases._cases.clear()
        cases._guests.clear()
        assert before == [cases.fingerprint(asked.data(name)) for name in range(4)]
        right = cases.case(asked, 0).answer
        assert asked.check(3 * right, student=0).diagnosis == ("double",)
        assert asked.check(1.0001 * right, student=0).correct is True  # too near to be told
    finally:
        registry.forget("ch99.late")
