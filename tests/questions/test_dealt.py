"""Data that were dealt as files are those that the judge draws, to the last digit."""

import json

import pandas as pd
import pytest
from questions_of import DATASETS

import hlmteach as hlm
from hlmteach.questions import dealt, get, interactive

SECRET = "only the instructor knows"
ICC = "ch04.icc"


def as_tuple(data):
    return data if isinstance(data, tuple) else (data,)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder in which Zoë's data for chapter 4 were dealt."""
    dealt.write(tmp_path / dealt.FOLDER, "Zoë", [get(ICC), get("ch04.same-school")], SECRET)
    monkeypatch.chdir(tmp_path)
    interactive._chosen.clear()
    yield tmp_path / dealt.FOLDER
    interactive._chosen.clear()


@pytest.mark.parametrize("questions", DATASETS.values(), ids=DATASETS)
def test_files_hold_the_drawn_tables_exactly(questions, tmp_path):
    if questions[0].recipe is None:
        dealt.write(tmp_path, "jo", questions)
        assert [path.name for path in tmp_path.iterdir()] == [dealt.MANIFEST]
        return
    dealt.write(tmp_path, "jo", questions[:1], SECRET)
    read = as_tuple(dealt.open_folder(tmp_path).data(questions[0].id))
    drawn = as_tuple(questions[0].data("jo", SECRET))
    for one, other in zip(read, drawn, strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
        assert one.attrs == other.attrs


def test_data_and_check_use_the_folder(folder):
    hlm.student("Zoë")
    mine = hlm.data(ICC)
    right = get(ICC).answer(get(ICC).data("Zoë", SECRET))
    assert mine.equals(get(ICC).data("Zoë", SECRET))
    assert not mine.equals(get(ICC).data("Zoë"))
    assert hlm.check(ICC, right).correct
    assert hlm.check(ICC, get(ICC).answer(get(ICC).data("Zoë"))).correct is False
    assert hlm.check("ch04.same-school", "a").correct


def test_the_folder_holds_neither_the_secret_nor_an_answer(folder):
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["ch04.schools.json.gz", dealt.MANIFEST]
    record = json.loads((folder / dealt.MANIFEST).read_text("utf-8"))
    assert set(record) == {"student", "questions"}


def test_another_students_folder_is_named(folder):
    assert "are in the folder" in str(hlm.student("Zoë"))
    assert "are those of zoë. Work in the folder that was made for you" in str(hlm.student("bo"))


def test_another_chapters_question_is_refused_with_the_chapter(folder):
    with pytest.raises(LookupError, match=r"are for ch04; there is nothing for 'ch05\.desk"):
        hlm.data("ch05.desk-slope")
    with pytest.raises(LookupError, match="is about ideas; it has no data"):
        hlm.data("ch04.same-school")


def test_a_damaged_folder_says_what_to_do(folder):
    (folder / dealt.MANIFEST).write_text("{", "utf-8")
    dealt.open_folder.cache_clear()
    with pytest.raises(ValueError, match="Copy the folder that you were given once more"):
        hlm.data(ICC)
    assert "Your data are not there" in str(hlm.check(ICC, 0.2))


def test_writing_again_gives_the_same_bytes_and_another_secret_other_ones(folder):
    path = folder / "ch04.schools.json.gz"
    before = path.read_bytes()
    dealt.write(folder, "Zoë", [get(ICC)], SECRET)
    assert path.read_bytes() == before
    dealt.write(folder, "Zoë", [get(ICC)], "another")
    assert path.read_bytes() != before
