import numpy as np
import pytest

from hlmteach.datasets import study_hours


def test_two_hundred_students_by_default():
    data = study_hours()
    assert list(data) == ["hours", "gpa"]
    assert len(data) == 200
    assert data.attrs["source"].startswith("simulated")


def test_the_slope_is_a_tenth():
    data = study_hours(400_000, seed=3)
    slope, intercept = np.polyfit(data["hours"], data["gpa"], 1)
    # The standard error is 0.25 / (1.6 * sqrt(400000)) = 0.00025.
    assert slope == pytest.approx(0.1, abs=0.00125)
    assert intercept == pytest.approx(2.3, abs=0.005)


def test_no_value_is_impossible_and_none_was_clipped():
    data = study_hours(400_000, seed=4)
    assert 0 <= data["hours"].min() < data["hours"].max() <= 8
    assert 0 < data["gpa"].min() < data["gpa"].max() < 4


def test_the_numbers_never_change():
    assert study_hours().head(3).to_numpy().tolist() == FIRST


FIRST = [[3.1, 2.65], [6.0, 2.83], [1.4, 2.64]]


def test_a_seed_is_a_class():
    assert study_hours(seed=7).equals(study_hours(seed=7))
    assert not study_hours(seed=7).equals(study_hours(seed=8))


@pytest.mark.parametrize(
    "arguments, text",
    [
        (dict(n=0), "n is 0; it must be at least 1."),
        (dict(n=2.5), "n is 2.5; it must be a whole number."),
        (dict(seed=-1), "seed is -1; it must be at least 0."),
    ],
)
def test_impossible_arguments_are_named(arguments, text):
    with pytest.raises(ValueError, match=text):
        study_hours(**arguments)


def test_seed_is_keyword_only():
    with pytest.raises(TypeError):
        study_hours(20, 1)
