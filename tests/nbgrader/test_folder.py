import os

import pytest

pytest.importorskip(
    "nbgrader", reason="NOT INSTALLED: nbgrader, so that no nbgrader course is tested"
)

from hlmteach.nbgrader import folder, look

LAB = ["lab"]


@pytest.fixture
def place(tmp_path):
    made = tmp_path / "submitted" / "jo" / "ch04"
    made.mkdir(parents=True)
    return made


def put(place, name, text="{}", time=1000):
    path = place / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text)
    os.utime(path, (time, time))
    return path


def names(place):
    return sorted(p.relative_to(place).as_posix() for p in place.rglob("*") if not p.is_dir())


def test_a_submission_as_it_should_be_is_left_alone(place):
    put(place, "lab.ipynb", "mine")
    put(place, "data.csv")
    put(place, "timestamp.txt", "2026-11-22 15:58:23.948203 UTC\n")
    assert folder.tidy(place, LAB) == []
    assert names(place) == ["data.csv", "lab.ipynb", "timestamp.txt"]


def test_links_and_pipes_are_taken_out(place):
    put(place, "lab.ipynb")
    put(place, "sub/data.csv")
    (place / "sub" / "link").symlink_to("/etc/passwd")
    (place / "all").symlink_to("/")
    os.mkfifo(place / "pipe")
    (place / "sub").chmod(0o555)
    notes = folder.tidy(place, LAB)
    assert [note.split()[0] for note in notes] == ["all", "pipe", "sub/link"]
    assert names(place) == ["lab.ipynb", "sub/data.csv"]


@pytest.mark.parametrize("name", ["lab-Copy1.ipynb", "my work.ipynb", "lab/lab.ipynb"])
def test_a_notebook_of_another_name_is_taken(place, name):
    put(place, name, "mine")
    put(place, ".ipynb_checkpoints/lab-checkpoint.ipynb", "older", 2000)
    notes = folder.tidy(place, LAB)
    assert notes == [f"there is no lab.ipynb; {name} was taken for it"]
    assert (place / "lab.ipynb").read_text() == (place / name).read_text() == "mine"


def test_of_several_the_one_with_the_name_and_then_the_newest_is_taken(place):
    put(place, "scratch.ipynb", "no", 3000)
    put(place, "lab (1).ipynb", "no", 1000)
    put(place, "lab (2).ipynb", "mine", 2000)
    assert "lab (2).ipynb was taken for it, the likeliest of 2" in folder.tidy(place, LAB)[0]
    assert (place / "lab.ipynb").read_text() == "mine"


def test_of_an_assignment_with_two_notebooks_no_other_is_guessed(place):
    put(place, "one.ipynb", "mine")
    put(place, "scratch.ipynb", "no")
    notes = folder.tidy(place, ["one", "two"])
    assert notes == ["there is no two.ipynb, and nothing that could be it"]
    assert (place / "two.ipynb").read_bytes() == b""


def test_where_there_is_no_notebook_an_empty_one_says_so(place):
    put(place, "report.docx")
    put(place, "empty.ipynb", "")
    assert "nothing that could be it" in folder.tidy(place, LAB)[0]
    assert (place / "lab.ipynb").read_bytes() == b""


@pytest.mark.parametrize("text", ["", "never", "9" * 400, "2026-99-99 1:2:3 UTC", "ü", "a b c"])
def test_a_time_that_is_none_stops_nobody(place, text):
    put(place, "lab.ipynb")
    put(place, "timestamp.txt", text)
    assert folder.tidy(place, LAB) == ["timestamp.txt is no time; the submission counts as in time"]
    assert names(place) == ["lab.ipynb"]


def test_nbgraders_hook_puts_it_in_order_and_lists_it(place, tmp_path):
    (tmp_path / "source" / "ch04").mkdir(parents=True)
    (tmp_path / "source" / "ch04" / "lab.ipynb").write_text("{}")
    asked = [str(put(place, "mine.ipynb"))]
    folder.hook(tmp_path)(notebooks=asked, assignment="ch04", student="*")
    assert str(place / "lab.ipynb") in asked
    said = (tmp_path / look.FILE).read_text("utf-8").splitlines()[1]
    assert said.startswith("ch04,jo,files,") and "mine.ipynb was taken for it" in said
