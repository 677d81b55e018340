import pytest

from hlmteach.assignment import Stop, chapter_ids, handed_out, read_secret


@pytest.mark.parametrize("asked", ["ch04", "CH04", "ch04_icc", "4", "04"])
def test_a_chapter_may_be_called_in_many_ways(asked, tmp_path):
    assert chapter_ids([asked], tmp_path) == ["ch04"]


def test_no_chapter_or_an_unknown_one_is_refused(tmp_path):
    with pytest.raises(Stop, match="There is no chapter 'ch4' with questions; there are ch01"):
        chapter_ids(["ch4"], tmp_path)
    with pytest.raises(Stop, match="so I cannot tell the chapter"):
        chapter_ids([], tmp_path)


def test_a_secret_is_read_without_its_lines_end(tmp_path):
    (tmp_path / "s.txt").write_bytes(b"\xef\xbb\xbfseven blue bicycles\r\n")
    assert read_secret(tmp_path / "s.txt") == "seven blue bicycles"
    assert read_secret(None) == ""


def test_what_was_handed_out_is_known_by_its_lines(root):
    lines, order = handed_out(root, ["ch04"])
    assert 'hlm.check("ch04.icc",icc)' in lines and "" not in lines
    assert order[0] == "ch04.read-output" and order[-1] == "ch04.report"


def test_a_folder_without_exercises_hands_out_nothing(tmp_path):
    assert handed_out(tmp_path, ["ch04"]) == (set(), [])
