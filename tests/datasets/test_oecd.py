"""The OECD's SPSS files, as small ones that are written here."""

import sys

import numpy as np
import pandas as pd
import pyreadstat
import pytest

import hlmteach as hlm


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(4)
    country = np.repeat(["ALB", "FIN", "USA"], [5, 7, 6])
    return pd.DataFrame(
        {
            "CNT": country,
            "CNTSCHID": np.arange(18.0) // 2 + 800001,
            "ST004D01T": np.resize([1.0, 2.0, 97.0], 18),
            "ESCS": np.append(rng.normal(size=16), [99.0, np.nan]),
            "GRADE": np.resize([-1.0, 0.0, 1.0], 18),
            "AGE": rng.uniform(15, 16, 18),
            "LANGN": np.append(["313"] * 17, ""),
            "PV1MATH": rng.normal(500, 100, 18),
            "PV2MATH": rng.normal(500, 100, 18),
            "W_FSTUWT": rng.uniform(1, 9, 18),
            "W_FSTURWT1": rng.uniform(1, 9, 18),
        }
    )


def write(table, path):
    pyreadstat.write_sav(
        table,
        str(path),
        column_labels={"ESCS": "Index of economic, social and cultural status"},
        variable_value_labels={
            "CNT": {"ALB": "Albania", "FIN": "Finland", "USA": "United States"},
            "ST004D01T": {1.0: "Female", 2.0: "Male", 97.0: "Not Applicable"},
            "ESCS": {95.0: "Valid Skip", 99.0: "No Response"},
            "GRADE": {0.0: "Modal grade"},
        },
        missing_ranges={"ST004D01T": [{"lo": 95, "hi": 99}], "ESCS": [{"lo": 95, "hi": 99}]},
        variable_format={"CNTSCHID": "F8.0", "GRADE": "F2.0", "ST004D01T": "F2.0"},
    )


@pytest.fixture(scope="module")
def path(table, tmp_path_factory):
    path = tmp_path_factory.mktemp("oecd") / "CY08MSP_STU_QQQ.SAV"
    write(table, path)
    return path


def test_everything(path, table):
    data = hlm.datasets.oecd(path)
    assert list(data.columns) == list(table.columns) and len(data) == 18
    np.testing.assert_array_equal(data["AGE"], table["AGE"])
    assert data["CNT"].tolist() == table["CNT"].tolist()  # the code, not its label


def test_labels_and_missing_codes(path):
    data = hlm.datasets.oecd(path)
    sex = data["ST004D01T"]
    assert sex.cat.categories.tolist() == ["Female", "Male"] and sex.isna().sum() == 6
    assert sex.iloc[:2].tolist() == ["Female", "Male"]
    assert data["ESCS"].isna().tolist() == [False] * 16 + [True, True]  # 99 and a gap
    assert data["ESCS"].dtype == float and data["ESCS"].max() < 90
    assert data["GRADE"].tolist()[:3] == [-1, 0, 1]  # one of three codes has a label
    assert data["CNTSCHID"].dtype == np.int64 and data["CNTSCHID"].iloc[-1] == 800009
    assert data["LANGN"].isna().tolist() == [False] * 17 + [True]


def test_columns_in_any_case_and_by_pattern(path):
    data = hlm.datasets.oecd(path, columns=["escs", "PV*MATH", "cnt"])
    assert list(data.columns) == ["ESCS", "PV1MATH", "PV2MATH", "CNT"]
    assert list(hlm.datasets.oecd(path, columns="W_FSTURWT*").columns) == ["W_FSTURWT1"]


@pytest.mark.parametrize("country, rows", [("FIN", [*range(5, 12)]), (["usa", "alb"], None)])
def test_countries(path, table, country, rows):
    data = hlm.datasets.oecd(path, columns=["PV1MATH", "AGE"], country=country)
    rows = [*range(5), *range(12, 18)] if rows is None else rows
    pd.testing.assert_frame_equal(
        data, table.loc[rows, ["PV1MATH", "AGE"]].reset_index(drop=True), check_exact=True
    )


def test_only_the_countrys_rows_and_columns_are_read(path, monkeypatch):
    calls = []
    read = pyreadstat.read_sav

    def spy(*args, **how):
        calls.append(how)
        return read(*args, **how)

    monkeypatch.setattr(pyreadstat, "read_sav", spy)
    hlm.datasets.oecd(path, columns=["AGE"], country="FIN")
    assert [call.get("metadataonly", False) for call in calls] == [True, False, False]
    assert calls[1] == {"usecols": ["CNT"]}
    assert calls[2] == {"usecols": ["AGE"], "row_offset": 5, "row_limit": 7}


def test_a_file_that_is_not_sorted(table, tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules["hlmteach.datasets.oecd"], "_MANY", 3)
    mixed = table.iloc[[0, 6, 1, 7, 2, 13, 8, 3, 9]].reset_index(drop=True)
    write(mixed, tmp_path / "mixed.sav")
    data = hlm.datasets.oecd(tmp_path / "mixed.sav", ["CNT", "AGE"], "ALB")
    np.testing.assert_array_equal(data["AGE"], table["AGE"].iloc[:4])


def test_what_cannot_be_read_says_what_to_do(path, tmp_path, monkeypatch):
    def refused(kind, message, where=path, **how):
        with pytest.raises(kind, match=message):
            hlm.datasets.oecd(where, **how)

    refused(
        FileNotFoundError, "does not exist .looked in .*Download the SPSS file", tmp_path / "a.sav"
    )
    refused(IsADirectoryError, "is a folder. It holds CY08MSP_STU_QQQ.SAV; add", path.parent)
    (tmp_path / "a.zip").write_bytes(b"")
    refused(ValueError, r"'a.zip' is not an SPSS file.*\.sav. Unpack it first", tmp_path / "a.zip")
    (tmp_path / "b.sav").write_bytes(path.read_bytes()[:100])
    refused(OSError, "cannot be read as an SPSS file .* It may be cut short", tmp_path / "b.sav")
    refused(ValueError, "no column 'PV1MAHT'. Names like it: PV1MATH", columns=["PV1MAHT"])
    refused(ValueError, "It has 11 columns; hlm.datasets.oecd_codebook", columns=["qqq"])
    refused(ValueError, "no country 'FRA'.* It has 3: ALB, FIN, USA", country="FRA")
    refused(ValueError, "columns or country is empty", columns=[])
    refused(ValueError, "columns or country is empty", country=[])
    monkeypatch.setattr(sys.modules["hlmteach.datasets.oecd"], "_LARGE", 1000.0)
    refused(ValueError, "18 rows and 11 columns take about 0 GB of memory. Name the columns")


def test_without_pyreadstat(path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    with pytest.raises(ImportError, match=r'Type: pip install "hlmteach\[oecd\]"'):
        hlm.datasets.oecd(path)


def test_codebook(path, table):
    book = hlm.datasets.oecd_codebook(path)
    assert book.index.tolist() == list(table.columns)
    assert book.loc["ESCS", "label"] == "Index of economic, social and cultural status"
    assert book.loc["ST004D01T", "values"] == {1.0: "Female", 2.0: "Male", 97.0: "Not Applicable"}
    assert book.loc["ST004D01T", "missing"] == [97.0] and book.loc["AGE", "missing"] == []
