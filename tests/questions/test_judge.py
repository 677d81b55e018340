"""How answers are judged: digits, units, kinds, faults."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.questions import registry
from hlmteach.questions.evidence import Evidence
from hlmteach.questions.judge import judge
from hlmteach.questions.question import question

HINTS = ("Look at the rows.", "two", "three")


@pytest.fixture
def share():
    """Right: 0.2398. Mistakes: 0.3596 (sd), 0.7602 (inverted), 0.2387 (near), 0.3604 (twin)."""

    @question("ch99.share", unit="share", hints=HINTS)
    def made(data):
        """Which share?"""
        return 0.2398

    values = {"sd": 0.3596, "inverted": 0.7602, "near": 0.2387, "twin": 0.3601}
    for name, value in values.items():

        def wrong(data, value=value):
            """You did it wrong."""
            return value

        made.misconception(name)(wrong)
    yield made
    registry.forget("ch99.share")


def a_question(value, mistakes=(), **more):
    @question("ch99.any", hints=HINTS, **more)
    def made(data):
        """How much?"""
        return value

    registry.forget("ch99.any")
    for name, wrong in dict(mistakes).items():
        made.misconception(name)(_returns(wrong))
    return made


def _returns(value):
    def function(data):
        """You did it wrong."""
        return value

    return function


RIGHT = [0.2398, "0.240", "0,240", ".2398", "24.0 %", "24,0%", "23.98 %", "ICC = 0.240", "2.40e-1"]
RIGHT += [np.float64(0.2398), np.float32(0.2398), np.array([0.2398]), pd.Series([0.2398])]
RIGHT += [Fraction(2398, 10_000), pd.array([0.2398], dtype="Float64")]
RIGHT += [pd.DataFrame({"icc": [0.2398]}), [0.2398], (0.2398,), np.array(0.2398), {"icc": 0.2398}]
RIGHT += [0.23985, 0.2397, pd.Series({"icc": "0,240"})]


@pytest.mark.parametrize("value", RIGHT, ids=repr)
def test_right_however_it_is_typed(share, value):
    said = share.check(value)
    assert said.correct is True and said.points == 1 and said.status == "right", said


@pytest.mark.parametrize("value", [0.3596, "0.3596", "35.96 %", np.float64(0.3596)], ids=repr)
def test_a_mistake_however_it_is_typed(share, value):
    assert share.check(value).diagnosis == ("sd",)


def test_two_mistakes_that_round_to_the_same_are_both_named(share):
    said = share.check("0.360")
    assert said.diagnosis == ("sd", "twin")
    assert said.message.startswith("Two mistakes give this number. Either:")


def test_few_digits_are_accepted_where_no_mistake_rounds_to_them():
    assert a_question(0.3512, {"far": 0.9}).check("0.35").correct is True
    assert a_question(0.3512, {"far": 0.9}).check("0.4").correct is True


def test_a_number_whose_rounding_leaves_little_of_it_is_not_enough():
    """Who types 1 for every share would be right wherever it is above a half."""
    said = a_question(0.7174, {"far": 0.1}).check("1")
    assert said.correct is None and "rounded too far. Give one more digit" in said.message
    assert a_question(0.7174, {"far": 0.1}).check("0.7").correct is True


def test_few_digits_are_not_enough_where_a_mistake_rounds_to_them(share):
    said = share.check("0.24")
    assert said.status == "coarse" and said.correct is None and said.points == 0
    assert "right as far as it goes" in said.message


def test_few_digits_of_a_mistake_are_diagnosed(share):
    assert share.check("0.76").diagnosis == ("inverted",)


def test_one_digit_is_too_little_to_say_which_mistake(share):
    assert "One digit is too little" in share.check("0.8").message


def test_per_cent_for_a_share_is_named_and_the_mistake_too(share):
    said = share.check(23.98)
    assert said.diagnosis == ("percent-for-share",) and said.correct is False
    assert "Divide by 100" in said.message
    said = share.check(35.96)
    assert said.diagnosis == ("sd",) and "Divide by 100" in said.message


def test_a_share_for_per_cent_is_named():
    asked = a_question(23.98, unit="percent")
    assert asked.check(0.2398).diagnosis == ("share-for-percent",)
    assert asked.check("24.0 %").correct is True and asked.check(23.98).correct is True


def test_cut_off_in_place_of_rounded_is_nearly_right():
    asked = a_question(0.2398)
    said = asked.check("0.239")
    assert said.status == "coarse" and "cut off" in said.message


def test_a_mistake_is_not_taken_for_a_cut_off_answer(share):
    assert share.check("0.239").diagnosis == ("near",)


def test_zeros_at_the_end_may_mean_rounding_too_far():
    said = a_question(483.19).check(480)
    assert said.status == "coarse" and "one more digit" in said.message


@pytest.mark.parametrize("value", [1490, 1490.0, np.float64(1490), "1490", "1.49e3", 1488.0])
def test_three_digits_of_a_large_number(value):
    assert a_question(1488.3).check(value).correct is True


@pytest.mark.parametrize(("right", "typed"), [(476.2, "480"), (47.6, 48.0), (1544.0, 1500)])
def test_zeros_that_fill_the_places_are_never_called_a_mistake_unknown(right, typed):
    said = a_question(right, {"far": 9.0}).check(typed)
    assert said.status == "coarse" and "one more digit" in said.message


def test_a_mistake_whose_zeros_only_fill_the_places_is_named():
    asked = a_question(300.0, {"one": 476.2, "two": 482.0, "three": 478.0})
    said = asked.check("480")
    assert said.diagnosis == ("one", "two") and "Several mistakes round to" in said.message
    assert a_question(30.0, {"one": 47.6}).check(48.0).diagnosis == ("one",)


def test_a_mistake_that_may_be_the_right_answer_rounded_asks_for_a_digit():
    said = a_question(483.2, {"near": 480.1}).check("480")
    assert (
        said.diagnosis == ("near",) and "If you have rounded, give one more digit" in said.message
    )
    assert a_question(483.2, {"far": 475.5}).check("480").status == "coarse"


def test_three_digits_that_end_in_zeros_are_three_digits():
    assert a_question(480.2, {"near": 475.5}).check("480").correct is True
    assert a_question(2105.6, {"near": 2060.0}).check("2100").correct is None


def test_mistakes_that_round_to_the_same_two_digits_say_so(share):
    assert "Two mistakes round to this number; one more digit" in share.check("0.36").message


def test_a_zero_is_a_rounded_number():
    tiny = a_question(0.24, {"tiny": 0.0000481, "other": 0.5})
    assert tiny.check("0.000").diagnosis == ("tiny",) == tiny.check("0,00").diagnosis
    assert tiny.check("0.0").diagnosis == ()
    said = a_question(-0.0012, {"tiny": 0.0000481}).check("0.00")
    assert said.status == "coarse" and "rounded away" in said.message
    assert a_question(0.0).check("0.00").correct is True


def test_a_variance_may_be_divided_by_n_or_by_n_minus_1():
    asked = a_question(0.12448, {"far": 0.13})
    assert asked.check(0.12448 * 1.0015).correct is True
    assert asked.check(0.12448 * 1.003).correct is None
    assert a_question(0.12448, quantity="fixed").check(0.12448 * 1.0015).correct is None


def test_without_data_nothing_is_said_about_your_data():
    asked = a_question("b", {"never": "a"}, choices={"a": "one", "b": "two"})
    assert asked.check("b").message == "That is right."


def test_another_kind_of_model_is_called_a_model():
    class GLMResultsWrapper:
        pass

    said = a_question(1.0, kind="model").check(GLMResultsWrapper())
    assert "not this kind of model" in said.message and said.status == "unreadable"


def test_computed_from_rounded_numbers_is_nearly_right():
    said = a_question(0.239800).check(0.240312345)
    assert said.status == "coarse" and "within half a per cent" in said.message


def test_digits_typed_never_buy_more_than_half_a_per_cent():
    assert a_question(0.1003).check("0.101").correct is not True


def test_one_number_may_be_read_in_two_ways():
    asked = a_question(1234.0, {"decimals": 1.234})
    assert asked.check("1,234").correct is True
    assert a_question(1.234).check("1,234").correct is True


@pytest.mark.parametrize("value", [-0.2398, 0.5551, 1e300, -1e-300, 10**400, "1e400", 0, 0.0])
def test_anything_else_is_no_mistake_i_know(share, value):
    said = share.check(value)
    assert said.correct is False and said.diagnosis == ()
    if said.status == "unknown":
        assert "not one of the mistakes I know" in said.message or "One digit" in said.message
        assert said.hint.startswith("What to look at next: Look at the rows.")


def test_a_standard_error_of_either_engine_is_right():
    asked = a_question(1.561, {"ols": 1.2, "close": 1.60}, quantity="se")
    assert asked.check(1.592).correct is False  # nearer to the known mistake
    assert asked.check(1.573).correct is True
    assert asked.check("1.53").correct is True
    assert asked.check(1.2).diagnosis == ("ols",)
    assert a_question(1.561, quantity="se").check(1.592).correct is True


def test_a_count_is_exact():
    asked = a_question(219, {"students": 4311}, kind="count")
    assert asked.check(219).correct is True and asked.check("219.0").correct is True
    assert asked.check("219 schools").correct is True
    assert asked.check(4311).diagnosis == ("students",) == asked.check("4,311").diagnosis
    assert asked.check(220).correct is False
    assert "whole number" in asked.check(219.4).message


SAYS = {
    "dots": (..., "Replace the dots by your answer"),
    "none": (None, "Your answer is None"),
    "nan": (float("nan"), "NaN or infinite"),
    "pandas": (pd.NA, "NaN or infinite"),
    "infinite": (-np.inf, "NaN or infinite"),
    "true": (True, "You passed True or False"),
    "list": ([1, 2], "You passed 2 values (list)"),
    "array": (np.arange(3), "You passed 3 values (ndarray)"),
    "empty": ([], "You passed 0 values (list)"),
    "function": (np.mean, "You passed the function `mean` itself"),
    "method": ("x".upper, "You passed the function `upper` itself"),
    "class": (int, "You passed the function `int` itself"),
    "series": (pd.Series([1.0, 2.0]), "You passed a table of 2 rows"),
    "word": ("a quarter", 'I find no number in "a quarter"'),
    "text": ("x" * 100_000, "I find no number in"),
    "two": ("0.2 or 0.3", "I see 2 numbers"),
    "object": (object(), "You passed a object"),
    "complex": (1 + 2j, "complex number"),
    "module": (np, "You passed a module"),
}


@pytest.mark.parametrize("name", SAYS)
def test_what_is_no_number_gets_a_helpful_reply(share, name):
    value, says = SAYS[name]
    said = share.check(value)
    assert said.status == "unreadable" and said.correct is False
    assert says in said.message


def test_a_model_where_a_number_was_asked(share):
    data = a_table()
    said = share.check(hlm.lmer("y ~ 1 + (1 | group)", data))
    assert "You passed a fitted model; the question asks for a number" in said.message


def a_table():
    random = np.random.RandomState(1)
    group = np.repeat(np.arange(20), 10)
    return pd.DataFrame(
        {"y": random.normal(size=200) + random.normal(size=20)[group], "group": group}
    )


class Hostile:
    """Nothing that can be done to this object works."""

    def __getattribute__(self, name):
        raise RuntimeError("no")


def test_an_object_that_cannot_be_looked_at_raises_nothing(share):
    assert share.check(Hostile()).status == "unreadable"


def test_a_fault_of_the_question_is_the_courses_fault():
    @question("ch99.broken", hints=HINTS)
    def broken(data):
        """How much?"""
        return {}["missing"]

    registry.forget("ch99.broken")
    said = broken.check(3)
    assert said.status == "fault" and said.correct is None and said.points == 0
    assert "ch99.broken could not be judged" in said.message and "KeyError" in said.message
    assert "not counted as wrong" in said.message


def test_a_fault_of_one_mistake_does_not_spoil_the_right_answer():
    asked = a_question(2.5)

    @asked.misconception("broken")
    def _(data):
        """You did it wrong."""
        raise ZeroDivisionError

    assert asked.check(2.5).correct is True
    assert asked.check(7.123).status == "fault"


def test_tables_in_any_order_and_with_known_mistakes():
    right = pd.DataFrame({"b": [1.0, 2.0], "se": [0.1, 0.2]}, index=["escs", "desk"])
    asked = a_question(
        right, {"swapped": right.iloc[:, ::-1].set_axis(["b", "se"], axis=1)}, kind="table"
    )
    assert asked.check(right.iloc[::-1, ::-1]).correct is True
    assert asked.check(right * 1.001).correct is True
    assert asked.check(right.iloc[:, ::-1].set_axis(["b", "se"], axis=1)).diagnosis == ("swapped",)
    short = asked.check(right.iloc[:1]).message
    assert "1 rows; 2 are needed" in short and "mistakes I know" not in short
    assert "columns" in asked.check(right.rename(columns={"b": "t"})).message
    assert "labelled" in asked.check(right.rename(index={"escs": "x"})).message
    assert "not one of the mistakes I know" in asked.check(right * 2).message
    assert "DataFrame or Series" in asked.check(3).message
    series = a_question(right["b"], kind="table")
    assert series.check(right["b"].rename("other")).correct is True
    assert series.check({"escs": 1, "desk": np.float64(2)}).correct is True
    assert series.check({"escs": 2.0, "desk": 1.0}).correct is False
    for several in ([1.0, 2.0], (1, 2), {}, {"escs": [1.0], "desk": [2.0]}):
        said = series.check(several)
        assert said.status == "unreadable" and "Series or DataFrame" in said.message


def test_a_choice_by_letter_text_and_truth():
    asked = a_question("yes", {"never": "no"}, choices={"yes": "it does", "no": "it does not"})
    for value in ("yes", "Yes", "y", True, np.True_, "it does", "It does.", "Answer: yes"):
        assert asked.check(value).correct is True, value
    assert asked.check(False).diagnosis == ("never",)
    assert "Choose one of yes, no" in asked.check("maybe").message
    assert asked.check(3).status == "unreadable"


def test_a_text_is_recorded_for_a_person():
    asked = a_question("", rubric=("names the model (1 point)",))
    said = asked.check("Schools differ: the ICC of the empty model is 0.24.")
    assert said.status == "recorded" and said.correct is None
    assert "names the model (1 point)" in said.message
    assert asked.check(" . ").status == "unreadable"


def test_the_verdict_is_accessible_and_escaped(share):
    said = share.check("<script>alert(1)</script> 0.36")
    html = share.check("<b>x</b>")._repr_html_()
    assert 'role="status"' in html and "<b>" not in html and "&lt;b&gt;" in html
    assert "<strong>I cannot read this as an answer" in html
    assert "alert" not in said._repr_html_()
    assert str(share.check(0.2398)).startswith("Right (ch99.share, 1 of 1 points)")
    assert "Not yet" in share.check(0.3596)._repr_html_()


def test_evidence_survives_json_and_nothing_else_gets_in(share):
    for value in (0.24, "x", ..., [1, 2], pd.DataFrame({"a": [1, None]}), Hostile()):
        one = Evidence.of("ch99.share", value)
        assert Evidence.from_json(one.to_json()) == one
    good = Evidence.of("ch99.share", 0.24).to_json()
    for bad in (
        "",
        "[]",
        "{}",
        good.replace('"typed"', '"pickle"'),
        good.replace('"0.24"', "NaN"),
        good.replace('"0.24"', "[1]"),
        good[:-1] + ', "points": 9}',
        good.replace("ch99.share", "x" * 500_000),
    ):
        with pytest.raises(ValueError):
            Evidence.from_json(bad)


@pytest.mark.parametrize("kind", ["number", "count", "choice", "model", "table", "text"])
@pytest.mark.parametrize("value", [{}, {"seen": []}, {"seen": "dots", "n": {}}, {"n": 3}])
def test_made_up_evidence_is_never_right(kind, value):
    asked = a_question(1.0, choices={"a": "x"} if kind == "choice" else None, kind=kind,
                       rubric=("x",) if kind == "text" else ())  # fmt: skip
    for sort in ("nothing", "model", "table"):
        said = judge(asked, Evidence("ch99.any", sort, value))
        assert said.correct is not True and said.points == 0


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"hints": ("one",)}, "has 1 hints; write three"),
        ({"kind": "guess"}, "kind is 'guess'"),
        ({"quantity": "big"}, "quantity is 'big'"),
        ({"kind": "choice"}, "a choice needs choices"),
        ({"kind": "text"}, "a text needs rubric"),
    ],
)
def test_an_author_who_forgets_something_is_told(more, says):
    with pytest.raises(ValueError, match=says):
        question("ch99.bad", **{"hints": HINTS, **more})(_returns(1))


def test_a_question_needs_a_prompt_an_id_and_mistakes_of_different_names():
    with pytest.raises(ValueError, match="has no docstring"):
        question("ch99.bad", hints=HINTS)(lambda data: 1)
    with pytest.raises(ValueError, match="must look like"):
        question("Chapter 4", hints=HINTS)(_returns(1))
    with pytest.raises(ValueError, match="two mistakes called 'one'"):
        a_question(1.0, {"one": 2.0}).misconception("one")(_returns(3))
