import pytest

from hlmteach.grading.filenames import LONGEST, file_name
from hlmteach.questions.students import normalise

PLAIN = ["jo@example.org", "s1234567", "a.b-c_d+e", "17"]
AWKWARD = [
    "../../etc/passwd",
    "/",
    "..",
    ".",
    "a/b",
    "a\\b",
    "C:evil",
    "con",
    "NUL.txt",
    "a.",
    "-rf",
]
AWKWARD += [
    "Zoë",
    "学生",
    "😀",
    "a b",
    'x"y',
    "a\nb",
    "a\x00b",
    "x" * 300,
    "~root",
    "*",
    "a..b",
    "'",
]
AWKWARD += ["\ud800"]


@pytest.mark.parametrize("id", PLAIN)
def test_plain_ids_are_kept(id):
    assert file_name(id) == id


@pytest.mark.parametrize("id", AWKWARD)
def test_any_id_becomes_a_file_that_can_be_made_where_it_belongs(id, tmp_path):
    name = file_name(id)
    assert name.isascii() and len(name) <= LONGEST and name[0] not in ".-~"
    (tmp_path / name).write_text("x")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_different_ids_have_different_names_and_one_id_has_one():
    ids = {normalise(id) for id in [*PLAIN, *AWKWARD]}
    assert len({file_name(id) for id in ids}) == len(ids)
    assert file_name(" Jo@Example.ORG") == file_name("jo@example.org")
