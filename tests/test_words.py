"""Words for axes and alt texts."""

import pytest

from hlmteach.words import count, group_words, label, member_words, plain, say, term


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (477.14, "477"),
        (1524.0, "1,524"),
        (99.96, "100"),
        (8.774, "8.77"),
        (-30.03, "−30.0"),
        (0.1, "0.10"),
        (0.025, "0.025"),
        (0, "0"),
        (-0.0, "0"),
        (float("nan"), "nan"),
    ],
)
def test_numbers_are_said_with_three_digits(value, text):
    assert say(value) == text


def test_a_plain_number_is_as_typed_with_a_minus_sign():
    assert [plain(value) for value in (-40, 0.2, -0.5)] == ["−40", "0.2", "−0.5"]


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("school_id", ("school", "schools")),
        ("group", ("group", "groups")),
        ("class", ("class", "classes")),
        ("Country", ("country", "countries")),
        ("day", ("day", "days")),
        ("id", ("id", "ids")),
    ],
)
def test_groups_have_a_plural(column, words):
    assert group_words(column) == words


def test_members_are_students_where_groups_are_schools():
    assert (member_words("school_id"), member_words("hospital")) == ("students", "rows")


def test_columns_and_coefficients_have_words():
    assert label("stratio") == "Students per teacher"
    assert label("wage") == "wage"
    assert term("desk[T.yes]") == "desk: yes"
    assert term("desk[T.yes]:escs") == "desk: yes:escs"
    assert (count(1, "school"), count(1204, "school")) == ("1 school", "1,204 schools")
