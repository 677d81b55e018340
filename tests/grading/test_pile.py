import io
import os
import random
import stat
import sys
import zipfile

import pytest

from hlmteach.grading import pile
from hlmteach.grading.pile import CannotRead


def names(found):
    return [file.name for file in found.files]


def archive(path, entries):
    """A zip whose entries are (name, bytes) pairs; names are written as they are."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, raw in entries:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(info, raw)
    return path


def test_a_folder_is_listed_in_order_and_without_an_editors_leavings(tmp_path):
    for name in ["b/x.ipynb", "a/x.ipynb", "a/.ipynb_checkpoints/x.ipynb", "__MACOSX/._x.ipynb"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert names(pile.gather(tmp_path)) == ["a/x.ipynb", "b/x.ipynb"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links and pipes")
def test_links_and_pipes_are_listed_and_never_read(tmp_path):
    outside, root = tmp_path / "outside", tmp_path / "pile"
    outside.mkdir()
    root.mkdir()
    (outside / "key.ipynb").write_text("secret")
    (root / "link.ipynb").symlink_to(outside / "key.ipynb")
    (root / "folder").symlink_to(outside)
    os.mkfifo(root / "pipe.ipynb")
    found = pile.gather(root)
    assert names(found) == ["folder", "link.ipynb", "pipe.ipynb"]
    for file in found.files:
        with pytest.raises(CannotRead, match="it is a link, which is not followed"):
            file.read()


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_a_file_that_became_a_link_since_is_not_followed(tmp_path):
    (tmp_path / "a.ipynb").write_text("{}")
    (tmp_path / "key").write_text("secret")
    found = pile.gather(tmp_path).files[0]
    (tmp_path / "a.ipynb").unlink()
    (tmp_path / "a.ipynb").symlink_to(tmp_path / "key")
    with pytest.raises(CannotRead, match="cannot be read"):
        found.read()


def test_entries_that_climb_out_of_a_zip_are_noted_and_nothing_is_written(tmp_path):
    evil = ["../../evil.ipynb", "/abs/evil.ipynb", "C:\\evil.ipynb", "ok/../../e.ipynb"]
    path = archive(tmp_path / "all.zip", [(name, b"{}") for name in evil])
    before = sorted(tmp_path.rglob("*"))
    found = pile.gather(path)
    assert len(found.problems) == 4 and "points elsewhere" in found.problems[0]
    assert all(".." not in file.parts and file.read() == b"{}" for file in found.files)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_link_in_a_zip_is_not_followed(tmp_path):
    link = zipfile.ZipInfo("ann/x.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    (file,) = pile.gather(archive(tmp_path / "all.zip", [(link, b"/etc/passwd")])).files
    with pytest.raises(CannotRead, match="it is a link"):
        file.read()


def test_a_bomb_is_read_up_to_the_limit(tmp_path):
    path = archive(tmp_path / "all.zip", [("ann/x.ipynb", bytes(pile.MOST_BYTES + 10))])
    assert path.stat().st_size < 100_000
    (file,) = pile.gather(path).files
    with pytest.raises(CannotRead, match="it has more than 50 MB"):
        file.read()


def test_a_zip_in_a_zip_is_looked_into_once(tmp_path):
    deepest, inner = io.BytesIO(), io.BytesIO()
    archive(deepest, [("x.ipynb", b"{}")])
    archive(inner, [("lab/x.ipynb", b"[]"), ("more.zip", deepest.getvalue())])
    path = archive(tmp_path / "all.zip", [("Ann_1/work.zip", inner.getvalue())])
    found = pile.gather(path)
    assert names(found) == ["Ann_1/lab/x.ipynb", "Ann_1/more.zip"]
    assert found.files[0].read() == b"[]"


def test_a_zip_in_a_zip_with_a_great_many_files_is_cut_off_and_said_so(tmp_path):
    inner = io.BytesIO()
    archive(inner, [(f"{number}.ipynb", b"") for number in range(502)])
    found = pile.gather(archive(tmp_path / "all.zip", [("ann/w.zip", inner.getvalue())]))
    assert len(found.files) == 500
    assert found.problems == ["ann/w.zip holds 502 files; 500 were looked at."]


def test_names_of_two_encodings_are_read(tmp_path):
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("Zoë/x.ipynb", b"{}")  # marked as UTF-8
    raw = path.read_bytes().replace(b"\x00\x08", b"\x00\x00")  # the mark taken away
    (tmp_path / "unmarked.zip").write_bytes(raw)
    for name in ("all.zip", "unmarked.zip"):
        assert names(pile.gather(tmp_path / name)) == ["Zoë/x.ipynb"]


def test_a_name_without_end_is_cut_and_keeps_its_ending(tmp_path):
    path = archive(tmp_path / "all.zip", [("a/" * 500 + "ch04_" * 9000 + ".ipynb", b"{}")])
    (file,) = pile.gather(path).files
    assert file.is_notebook and len(file.parts) == 30 and len(file.parts[-1]) == 255


def test_a_damaged_zip_among_others_is_noted(tmp_path):
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04nonsense")
    (tmp_path / "ann.ipynb").write_text("{}")
    found = pile.gather(tmp_path)
    assert names(found) == ["ann.ipynb", "broken.zip"]
    assert found.problems == ["broken.zip is no zip that can be read (BadZipFile)."]


def test_folders_deeper_than_anybody_makes_them_are_not_followed(tmp_path):
    deep = tmp_path / "ann" / "/".join(["d"] * 400)
    deep.mkdir(parents=True)
    (deep / "x.ipynb").write_text("{}")
    (tmp_path / "zoe.ipynb").write_text("{}")
    found = pile.gather(tmp_path)
    assert names(found) == ["zoe.ipynb"]
    assert found.problems == ["Folders lie more than 30 deep in ann."]


def test_a_clock_set_to_no_year_costs_only_the_time(tmp_path, monkeypatch):
    (tmp_path / "ann.ipynb").write_text("{}")
    real = os.lstat(tmp_path / "ann.ipynb")
    odd = os.stat_result((*real[:8], 10**15, real[9]))
    monkeypatch.setattr("pathlib.Path.lstat", lambda path: odd)
    (file,) = pile.gather(tmp_path).files
    assert file.time is None and file.read() == b"{}"


@pytest.mark.parametrize("kind", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_with_any_byte_changed_is_read_or_refused(tmp_path, kind):
    inner, dice = io.BytesIO(), random.Random(kind)
    with zipfile.ZipFile(inner, "w", kind) as made:
        made.writestr("ü/x.ipynb", b"{}" * 50)
        made.writestr("y.ipynb", b"[]" * 50)
    (tmp_path / "bo").mkdir()
    (tmp_path / "zoe.ipynb").write_text("{}")
    for _ in range(80):
        raw = bytearray(inner.getvalue())
        for _ in range(dice.randint(1, 8)):
            raw[dice.randrange(len(raw))] = dice.choice([0, 255, dice.randrange(256)])
        for name in ("ann.zip", "bo/work.zip"):
            (tmp_path / name).write_bytes(raw)
        for file in pile.gather(tmp_path).files:
            try:
                file.read()
            except CannotRead:
                assert file.name != "zoe.ipynb"


def test_zips_that_are_attacks_are_not_looked_into(tmp_path, monkeypatch):
    monkeypatch.setattr(pile, "MOST_ENTRIES", 5)
    monkeypatch.setattr(pile, "MOST_ZIPS", 2)
    (tmp_path / "ann").mkdir()
    archive(tmp_path / "ann" / "a.zip", [(f"{number}.ipynb", b"") for number in range(6)])
    for name in "bc":
        archive(tmp_path / "ann" / f"{name}.zip", [("x.ipynb", b"{}")])
    found = pile.gather(tmp_path)
    assert names(found) == ["ann/a.zip", "ann/c.zip", "ann/x.ipynb"]
    assert found.problems == [
        "ann/a.zip was not looked into: it lists more files than anybody hands in.",
        "ann/c.zip was not looked into: there are too many zips beside it.",
    ]


def test_one_notebook_is_a_pile(tmp_path):
    (tmp_path / "ann.ipynb").write_text("{}")
    assert names(pile.gather(tmp_path / "ann.ipynb")) == ["ann.ipynb"]


def test_one_folder_full_of_files_does_not_crowd_out_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(pile, "MOST_IN_FOLDER", 3)
    for name in [*(f"aaa/{k}.txt" for k in range(9)), "bo/x.ipynb", "c.ipynb", "d.ipynb"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    found = pile.gather(tmp_path)
    assert names(found)[3:] == ["bo/x.ipynb", "c.ipynb", "d.ipynb"]
    assert found.problems == ["aaa holds 9 files; 3 were looked at."]


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes are Linux's")
def test_a_name_that_is_no_text_is_shown_and_the_file_read(tmp_path):
    with open(os.fsencode(tmp_path) + b"/b\xff\n\xe9.ipynb", "wb") as file:
        file.write(b"{}")
    (found,) = pile.gather(tmp_path).files
    assert found.name == "b\ufffd\n\ufffd.ipynb" and found.read() == b"{}"


def test_neither_folder_nor_zip_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is neither a folder nor a zip"):
        pile.gather(tmp_path / "nowhere")
