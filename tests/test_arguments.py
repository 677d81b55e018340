import re

import numpy as np
import pytest

from hlmteach.arguments import coverage, known, number, whole_number


def test_numpy_numbers_are_numbers():
    assert number("sd", np.float32(2)) == 2.0
    assert type(number("sd", np.int64(2))) is float
    assert type(whole_number("n", np.int64(2), 1)) is int


@pytest.mark.parametrize(
    "call, text",
    [
        (lambda: number("sd", "2"), "sd is '2'; it must be a number."),
        (lambda: number("sd", True), "sd is True; it must be a number."),
        (lambda: number("sd", np.inf, "the SD"), "sd is inf; it must be a finite number; the SD."),
        (lambda: number("sd", 2j), "sd is 2j; it must be a number."),
        (lambda: coverage("0.95"), "level is '0.95'; it must be a number."),
        (lambda: coverage(1), "level is 1; give a coverage between 0 and 1, such as 0.95."),
        (lambda: whole_number("n", 2.0, 1), "n is 2.0; it must be a whole number."),
        (lambda: whole_number("n", 0, 1), "n is 0; it must be at least 1."),
        (
            lambda: known("beta", "ecsc", ["escs"], " Fix it."),
            "beta names 'ecsc', which I do not know; I know: 'escs'. Fix it.",
        ),
        (lambda: known("beta", "x", []), "beta names 'x', which I do not know; I know: nothing."),
    ],
)
def test_what_cannot_be_is_named(call, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        call()
