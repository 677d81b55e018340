import pandas as pd
import pytest

from hlmteach import datasets
from hlmteach.cli import main


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HLMTEACH_DATA", str(tmp_path))
    return tmp_path


def test_shows_what_is_in_the_cache_and_what_is_not(cache, capsys):
    (cache / "student_2003.rds").write_bytes(b"x" * 2_500_000)
    assert main(["data"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["student_2003.rds", "2.5", "MB"] in lines
    assert ["student_2018.rds", "not", "fetched"] in lines


def test_says_where_the_files_go(cache, capsys):
    main(["data"])
    assert f"kept in {cache}" in capsys.readouterr().out


def test_fetches_the_years_named(monkeypatch, capsys):
    tables = pd.DataFrame({"a": range(1200)}), pd.DataFrame({"a": range(3)})
    asked = []
    monkeypatch.setattr(datasets, "pisa", lambda year: asked.append(year) or tables)
    assert main(["data", "2003", "2018"]) == 0
    assert asked == [2003, 2018]
    assert "2018: 1,200 students, 3 schools" in capsys.readouterr().out


def test_a_year_that_does_not_exist_is_said_and_the_others_are_fetched(monkeypatch, capsys):
    real = datasets.pisa
    tables = pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1]})
    monkeypatch.setattr(datasets, "pisa", lambda year: real(year) if year == 1999 else tables)
    assert main(["data", "1999", "2018"]) == 1
    said = capsys.readouterr()
    assert "There is no PISA of 1999" in said.err and "2018: 1 students" in said.out


def test_a_missing_library_is_named(monkeypatch, capsys):
    def pisa(year):
        raise ImportError("Real PISA data need the library pooch")

    monkeypatch.setattr(datasets, "pisa", pisa)
    assert main(["data", "2018"]) == 1
    assert "need the library pooch" in capsys.readouterr().err
