"""A shipped file that is not what was shipped is refused."""

import gzip
from pathlib import Path

import pytest

from hlmteach.datasets import _shipped


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The package's data in a folder that a test may spoil."""
    data = tmp_path / "data"
    data.mkdir()
    for path in Path(_shipped.__file__).parents[1].joinpath("data").iterdir():
        (data / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(_shipped, "files", lambda package: tmp_path)
    return data / "pisa_like_schools.csv.gz"


def test_other_data_is_refused(copied):
    text = gzip.decompress(copied.read_bytes()).replace(b",USA,00001,", b",USA,00009,", 1)
    copied.write_bytes(gzip.compress(text))
    with pytest.raises(
        _shipped.OtherDataError, match=r"holds other data than was shipped \(sha256"
    ):
        _shipped.content("pisa_like_schools")


def test_a_truncated_file_is_refused(copied):
    copied.write_bytes(copied.read_bytes()[:2000])
    text = r"pisa_like_schools.csv.gz cannot be read \(.*\). .*Install hlmteach again"
    with pytest.raises(_shipped.OtherDataError, match=text):
        _shipped.content("pisa_like_schools")


def test_a_missing_file_is_refused(copied):
    copied.unlink()
    with pytest.raises(_shipped.OtherDataError, match="cannot be read"):
        _shipped.content("pisa_like_schools")


def test_the_files_are_small(root):
    assert sum(path.stat().st_size for path in (root / "hlmteach/data").iterdir()) < 2.5e6
