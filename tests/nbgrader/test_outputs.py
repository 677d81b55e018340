import base64

from nbformat.v4 import new_output

from hlmteach.nbgrader.outputs import MOST_OUTPUTS, MOST_TEXT, plain
from hlmteach.sandbox.outcome import PNG as FIRST

PNG = base64.b64encode(FIRST + b"\0\0\1\0" * 2 + b"rest").decode()


def test_pictures_and_text_stay_and_everything_else_goes():
    kinds = ("text/html", "image/svg+xml", "application/javascript", "text/markdown", "text/latex")
    data = {"text/plain": "1", "image/png": PNG, **dict.fromkeys(kinds, "<script>")}
    (made,) = plain([new_output("execute_result", data, metadata={"width": "x"})])
    assert made == new_output("display_data", {"text/plain": "1", "image/png": PNG})
    assert plain([new_output("display_data", {"text/html": "<b>"})]) == []


def test_a_picture_that_is_none_goes():
    for bad in ('" onerror="x', base64.b64encode(b"GIF89a").decode(), "é"):
        assert plain([new_output("display_data", {"image/png": bad})]) == []


def test_errors_and_streams_are_text_of_bounded_length():
    error = {"output_type": "error", "ename": "E", "evalue": "v" * 10 * MOST_TEXT}
    error["traceback"] = ["a", 5]
    stream = {"output_type": "stream", "name": "odd", "text": "x" * 2 * MOST_TEXT}
    first, second = plain([error, stream])
    assert first.traceback == ["a", "5"] and len(first.evalue) < MOST_TEXT + 50
    assert second.name == "stdout" and second.text.endswith("20,000 letters more")
    assert len(plain([stream] * 5 * MOST_OUTPUTS)) == MOST_OUTPUTS
