"""How people type numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hlmteach.questions.numbers import read

TYPED = {
    "0.24": (0.24, 2),
    "0,24": (0.24, 2),
    " .24 ": (0.24, 2),
    ",240": (0.24, 3),
    "0.240": (0.24, 3),
    "1.234,5": (1234.5, 5),
    "1,234.5": (1234.5, 5),
    "1.234.567": (1234567, 7),
    "12'345.6": (12345.6, 6),
    "12 345": (12345, 5),
    "1e-2": (0.01, 1),
    "4.81E-05": (4.81e-05, 3),
    "5e1": (50, 2),
    "4.81e+2": (481, 3),
    "1e1e1": (1, 1),
    "+3": (3, 1),
    "-0.472": (-0.472, 3),
    "−0,472": (-0.472, 3),
    "- 0.472": (-0.472, 3),
    "ICC = 0.24": (0.24, 2),
    "ca. 483 points": (483, 3),
    "≈ 483.2": (483.2, 4),
    "٠٫٢٤": (0.24, 2),
    "０.２４": (0.24, 2),
    "－０．２４": (-0.24, 2),
    "R2: 0.31": (0.31, 2),
    "0.24.": (0.24, 2),
    "np.float64(0.24)": (0.24, 2),
}


@pytest.mark.parametrize("typed", TYPED)
def test_a_number_is_read_as_it_was_meant(typed):
    first = read(typed)[0]
    assert (first.value, first.digits) == pytest.approx(TYPED[typed])
    assert not first.percent


@pytest.mark.parametrize("typed", ["24 %", "24%", "24 percent", "24 Prozent", "٢٤٪", "２４％"])
def test_per_cent_is_noted(typed):
    (reading,) = read(typed)
    assert (reading.value, reading.percent) == (24, True)


def test_a_comma_before_three_digits_may_be_either():
    assert [reading.value for reading in read("1,234")] == [1.234, 1234]
    assert [reading.value for reading in read("0,234")] == [0.234]


def test_half_a_unit_in_the_last_place():
    assert read("0.24")[0].half == pytest.approx(0.005)
    assert read("483")[0].half == pytest.approx(0.5)
    assert read("1490")[0].half == pytest.approx(5)
    assert read("1490.0")[0].half == pytest.approx(0.05)
    assert read("2.40e3")[0].half == pytest.approx(5)
    assert read("5e1")[0].half == read("50")[0].half == pytest.approx(0.5)


@pytest.mark.parametrize("typed", ["", "no idea", "R2", "x1", "%", "-", "...", "nan", "--", "e5"])
def test_no_number_is_no_reading(typed):
    assert read(typed) == []


def test_several_numbers_are_named():
    with pytest.raises(ValueError, match=r"I see 2 numbers \(0.2, 0.3\); give one"):
        read("0.2 or 0.3")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        read(text)
    except ValueError as error:
        assert "give one" in str(error)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_float_is_read_back(value):
    assert read(str(value))[0].value == value
