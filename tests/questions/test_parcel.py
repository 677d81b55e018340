"""A parcel holds a student's data to the last digit, and nothing else."""

import base64
import json
import zlib

import pandas as pd
import pytest
from questions_of import DATASETS

from hlmteach.questions import get, parcel

SECRET = "only the instructor knows"
ICC = "ch04.icc"


def as_tuple(data):
    return data if isinstance(data, tuple) else (data,)


@pytest.mark.parametrize("questions", DATASETS.values(), ids=DATASETS)
def test_a_parcel_holds_the_drawn_tables_exactly(questions):
    made = parcel.unpack(parcel.pack("jo", [questions[0].id], SECRET))
    if questions[0].recipe is None:
        with pytest.raises(LookupError, match="is about ideas; it has no data"):
            made.data(questions[0].id)
        return
    dealt, drawn = made.data(questions[0].id), questions[0].data("jo", SECRET)
    for one, other in zip(as_tuple(dealt), as_tuple(drawn), strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
        assert one.attrs == other.attrs


def test_it_holds_neither_the_secret_nor_an_answer():
    text = parcel.pack("Zoë", [ICC], SECRET)
    record = json.loads(zlib.decompress(base64.b64decode(text.removeprefix(parcel.FIRST))))
    assert set(record) == {"student", "datasets", "tables", "judged"}
    assert record["student"] == "zoë" and record["judged"] is False
    assert SECRET not in json.dumps(record)
    assert text.isascii() and not set(text) & set("\"'\\\n ")


def test_packing_again_gives_the_same_text_and_another_secret_another():
    again = [parcel.pack("Zoë", [ICC], secret) for secret in (SECRET, SECRET, "another")]
    assert again[0] == again[1] != again[2]


def test_what_it_does_not_hold_is_refused_with_what_it_holds():
    made = parcel.unpack(parcel.pack("jo", [ICC], SECRET))
    with pytest.raises(LookupError, match=r"no data for 'ch05.x'.* dealt to jo.* ch04.icc"):
        made.data("ch05.x")


def test_changing_served_data_changes_nothing_for_the_next():
    made = parcel.unpack(parcel.pack("jo", [ICC]))
    table = made.data(ICC)
    table["math"] = 0
    assert made.data(ICC).equals(get(ICC).data("jo"))


def test_a_damaged_parcel_says_what_to_do(tmp_path):
    text = parcel.pack("jo", [ICC])
    with pytest.raises(ValueError, match="no parcel of data: it begins with 'hello'"):
        parcel.unpack("hello")
    for cut in (text[:-500], text[:20], text.replace("A", "!")):
        with pytest.raises(ValueError, match=r"is damaged .* as a whole"):
            parcel.unpack(cut)
    with pytest.raises(ValueError, match=r"no file .gone\.txt. beside the notebook"):
        parcel.opened("gone.txt")


def test_a_parcel_may_be_broken_over_lines_or_lie_in_a_file(tmp_path):
    text = parcel.pack("jo", [ICC])
    lines = "\n".join(text[at : at + 80] for at in range(0, len(text), 80))
    (tmp_path / "data.txt").write_text(lines + "\n")
    for form in (lines, str(tmp_path / "data.txt")):
        assert parcel.opened(form).data(ICC).equals(get(ICC).data("jo"))
