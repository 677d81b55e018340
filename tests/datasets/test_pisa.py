"""The real PISA: its known numbers where the files are at hand, its rules on made-up rows."""

import shutil
import sys

import numpy as np
import pandas as pd
import pyreadr
import pytest

import hlmteach as hlm
from hlmteach.datasets import pisa

KEY = ["year", "country", "school_id"]
FACTORS = (
    "mother_educ father_educ gender computer internet desk room dishwasher "
    "television computer_n car book"
).split()
STUDENT_NUMBERS = ["math", "read", "science", "stu_wgt", "wealth", "escs"]
SCHOOL_NUMBERS = (
    "fund_gov fund_fees fund_donation enrol_boys enrol_girls stratio "
    "staff_shortage sch_wgt school_size"
).split()


# -- the real files, in a folder ----------------------------------------------------------------


@pytest.fixture(scope="module")
def world_2003(real_data):
    return pisa(2003, path=real_data)


@pytest.fixture(scope="module")
def usa_2003(real_data):
    return pisa(2003, country="USA", path=real_data)


def test_the_name_is_a_function():
    import hlmteach.datasets.pisa  # noqa: F401  (must not replace the function by the module)

    assert callable(hlm.datasets.pisa)


def test_sizes(world_2003, usa_2003):
    assert [table.shape for table in world_2003] == [(276_165, 22), (10_274, 13)]
    assert [table.shape for table in usa_2003] == [(5_456, 22), (274, 13)]
    assert usa_2003[0]["school_id"].nunique() == 274


def test_the_join_of_the_docstring(usa_2003):
    students, schools = usa_2003
    data = students.merge(schools, on=KEY, how="left", validate="m:1")
    data = data[["school_id", "math", "desk", "escs", "stratio"]].dropna()
    assert (len(data), data["school_id"].nunique()) == (4_311, 219)
    # Without escs 17 more rows stay: choose the columns once, before the first model.
    everything = students.merge(schools, on=KEY, how="left", validate="m:1")
    assert len(everything[["math", "desk", "stratio"]].dropna()) == 4_328


def test_the_school_id_alone_is_not_a_key(world_2003, usa_2003):
    schools = world_2003[1]
    assert (schools["school_id"].nunique(), len(schools)) == (1_124, 10_274)
    assert len(usa_2003[0].merge(schools, on="school_id")) == 159_201


def test_every_student_finds_the_school(world_2003, real_data):
    for students, schools in (world_2003, pisa(2000, path=real_data)):
        found = students.merge(schools, on=KEY, how="left", validate="m:1", indicator=True)
        assert (found["_merge"] == "both").all()
        assert not students.duplicated([*KEY, "student_id"]).any()


def test_types(world_2003):
    students, schools = world_2003
    assert list(students.dtypes[FACTORS].astype(str).unique()) == ["category"]
    assert list(students.dtypes[STUDENT_NUMBERS].unique()) == [np.float64]
    assert list(schools.dtypes[SCHOOL_NUMBERS].unique()) == [np.float64]
    for table in world_2003:
        assert table["year"].dtype == np.int64
        assert table["country"].dtype == "category"
        assert isinstance(table.index, pd.RangeIndex)
        assert set(table["school_id"].map(type)) == {str}
    assert students["school_id"].iloc[0] == "00001"
    assert set(students["student_id"].map(type)) == {str}
    assert students["country"].dtype == schools["country"].dtype


def test_levels_are_r_s(usa_2003):
    # levels(readRDS("student_2003.rds")$book) and so on, printed by R 4.2
    students, schools = usa_2003
    levels = {c: list(students[c].cat.categories) for c in FACTORS}
    assert levels["desk"] == ["no", "yes"]
    assert levels["gender"] == ["female", "male"]
    assert levels["book"] == ["0-10", "101-200", "11-25", "201-500", "26-100", "more than 500"]
    schooling = ["ISCED 1", "ISCED 2", "ISCED 3A", "ISCED 3B, C", "less than ISCED1"]
    assert levels["mother_educ"] == levels["father_educ"] == schooling
    assert levels["car"] == levels["television"] == levels["computer_n"] == []
    assert list(schools["public_private"].cat.categories) == ["private", "public"]
    assert list(students["country"].cat.categories) == ["USA"]


def test_missing_stays_missing(world_2003):
    # colSums(is.na(readRDS("student_2003.rds"))), printed by R 4.2
    missing = world_2003[0].isna().sum()
    assert missing[["gender", "desk", "escs", "math"]].to_list() == [796, 3_077, 4_027, 0]
    assert (missing[["television", "computer_n", "car", "wealth"]] == 276_165).all()


def test_2000_has_its_zeros_back(real_data):
    students, schools = pisa(2000, country="ALB", path=real_data)
    assert set(students["school_id"].str.len()) == {5}
    assert set(students["school_id"]) <= set(schools["school_id"])
    assert students["computer"].dtype == "category" and students["computer"].isna().all()


def test_schools_of_2018(real_data):
    # The students of 2018 are not at hand: look at the school file as pisa() prepares it.
    module = sys.modules["hlmteach.datasets.pisa"]
    raw = pyreadr.read_r(str(real_data / "school.rda"))["school"]
    schools = module._schools(module._select(raw, 2018, ["USA"], "PISA 2018"))
    assert (len(schools), schools["stratio"].isna().sum()) == (164, 27)
    assert schools["stratio"].max() == 100


def test_private_and_public_in_2022(real_data):
    module = sys.modules["hlmteach.datasets.pisa"]
    raw = pyreadr.read_r(str(real_data / "school.rda"))["school"]
    shares = {}
    for year in (2018, 2022):
        schools = module._schools(module._select(raw, year, None, ""))
        private = schools.dropna(subset="public_private")
        private = private.assign(private=private["public_private"] == "private")
        shares[year] = private.groupby("country", observed=True)["private"].mean()
    shares = pd.DataFrame(shares).dropna()
    assert shares[2018].corr(shares[2022]) > 0.98
    assert (shares[2018] - shares[2022]).abs().mean() < 0.03


def test_several_countries_in_any_case(real_data, usa_2003):
    students, schools = pisa(2003, country=["usa", " Fin ", "USA"], path=str(real_data))
    assert list(students["country"].cat.categories) == ["FIN", "USA"]
    assert (students["country"] == "USA").sum() == len(usa_2003[0])
    assert set(schools["country"]) == {"FIN", "USA"}


@pytest.mark.parametrize(
    ("country", "message"),
    [
        ("US", "PISA 2003 has no country 'US'. Did you mean USA. Its 41 three-letter codes are"),
        ("Finland", "no country 'FINLAND'. Did you mean FIN"),
        ("GRB", "Did you mean GRC or GBR"),
        (["USA", "XQX"], "no country 'XQX'. Its 41 three-letter codes are: AUS, AUT, BEL"),
        ("CHN", "no country 'CHN'"),
        ("", "no country ''. Its 41"),
    ],
)
def test_an_unknown_country(real_data, country, message):
    with pytest.raises(ValueError, match=message):
        pisa(2003, country=country, path=real_data)


def test_a_year_that_is_not_in_the_folder(real_data):
    with pytest.raises(FileNotFoundError, match=r"holds no student_2006.rds; it holds .*school"):
        pisa(2006, path=real_data)


# -- the real files, from a server --------------------------------------------------------------


@pytest.fixture
def learningtower(server, real_data):
    """A server with learningtower's folders and its files of 2003."""
    place = "student_full_data/student_2003.rds"
    server.files[place] = (real_data / "student_2003.rds").read_bytes()
    server.files["data/school.rda"] = (real_data / "school.rda").read_bytes()
    return server


def test_downloaded_once(learningtower, cache, usa_2003):
    first = pisa(2003, country="USA")
    learningtower.shutdown()
    learningtower.server_close()
    second = pisa(2003, country="USA")
    for table, again, expected in zip(first, second, usa_2003, strict=True):
        pd.testing.assert_frame_equal(table, expected)
        pd.testing.assert_frame_equal(again, expected)
    assert sorted(p.name for p in cache.iterdir()) == ["school.rda", "student_2003.rds"]
    assert learningtower.hits.total() == 2


def test_a_mistyped_country_downloads_no_students(learningtower, cache):
    with pytest.raises(ValueError, match="Did you mean USA"):
        pisa(2003, country="UAS")
    assert [p.name for p in cache.iterdir()] == ["school.rda"]


def test_a_cut_download_is_told_and_mended(learningtower, cache):
    learningtower.manner = "short"
    with pytest.raises(OSError, match=r"school.rda: what .* sent is cut short"):
        pisa(2003)
    learningtower.manner = "whole"
    assert len(pisa(2003)[0]) == 276_165


# -- arguments ----------------------------------------------------------------------------------


@pytest.mark.parametrize("year", ["2003", 2003.0, " 2003 "])
def test_a_year_that_is_not_a_whole_number(year):
    with pytest.raises(TypeError, match=r"is not a whole number but a .*: pisa\(2003\)"):
        pisa(year)


@pytest.mark.parametrize("year", [None, True, [2003], "last"])
def test_a_year_that_is_no_year(year):
    with pytest.raises(TypeError, match=r"Write one year without quotes: pisa\(2018\)"):
        pisa(year)


def test_a_year_without_pisa():
    with pytest.raises(ValueError, match=r"no PISA of 2004. The years are 2000, 2003, .*, 2022"):
        pisa(2004)


def test_a_country_that_is_no_text():
    with pytest.raises(TypeError, match=r"country=840 is not text. Write three-letter codes"):
        pisa(2003, country=840)
    with pytest.raises(TypeError, match="country=None is not text"):
        pisa(2003, country=["USA", None])
    with pytest.raises(ValueError, match=r"country is an empty list. Name a country"):
        pisa(2003, country=[])


def test_a_path_that_is_no_text():
    with pytest.raises(TypeError, match="path=3 is not a folder's name"):
        pisa(2003, path=3)


def test_unverified_needs_a_path():
    with pytest.raises(ValueError, match="verify=False is for files of your own"):
        pisa(2003, verify=False)


def test_without_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyreadr", None)
    with pytest.raises(ImportError, match=r'pyreadr, which .*: pip install "hlmteach\[pisa\]"'):
        pisa(2003, path=tmp_path)


# -- made-up rows, unverified -------------------------------------------------------------------


def made_up_students(**changes) -> pd.DataFrame:
    rows = {"year": 2000, "country": ["AAA", "AAA", "BBB"], "school_id": ["1", "12", "1"]}
    rows |= {"student_id": ["1", "2", "1"]}
    rows |= {c: ["yes", None, "no"] for c in FACTORS} | {c: 1.5 for c in STUDENT_NUMBERS}
    return pd.DataFrame(rows | changes)


def made_up_schools(**changes) -> pd.DataFrame:
    rows = {"year": [2000, 2000, 2000, 2003], "country": ["AAA", "AAA", "BBB", "AAA"]}
    rows |= {"school_id": ["01", "12", "1", "01"], "public_private": ["1", "2", "private", None]}
    return pd.DataFrame(rows | {c: 2.5 for c in SCHOOL_NUMBERS} | changes)


@pytest.fixture
def folder(tmp_path):
    """A folder with two small files that look like learningtower's."""
    pyreadr.write_rds(str(tmp_path / "student_2000.rds"), made_up_students())
    pyreadr.write_rdata(str(tmp_path / "school.rda"), made_up_schools(), df_name="school")
    return tmp_path


def test_made_up_rows(folder):
    students, schools = pisa(2000, path=folder, verify=False)
    assert schools["public_private"].to_list() == ["private", "public", "private"]
    assert students["school_id"].to_list() == ["01", "12", "1"]  # as wide as in the own country
    assert students["student_id"].to_list() == ["1", "2", "1"]
    assert students["desk"].isna().to_list() == [False, True, False]
    assert list(schools["country"]) == ["AAA", "AAA", "BBB"]  # 2003 is not there


def test_made_up_rows_are_not_pisa(folder):
    with pytest.raises(OSError, match=r"school.rda' has changed .*pass verify=False"):
        pisa(2000, path=folder)


def test_a_table_that_is_not_learningtower_s(folder):
    lacking = made_up_students().drop(columns=["desk", "escs"])
    pyreadr.write_rds(str(folder / "student_2000.rds"), lacking)
    with pytest.raises(OSError, match=r"is not learningtower's student_2000.rds: it lacks .'desk'"):
        pisa(2000, path=folder, verify=False)


def test_a_country_without_students(folder):
    pyreadr.write_rds(str(folder / "student_2000.rds"), made_up_students(country="AAA"))
    with pytest.raises(ValueError, match=r"student_2000.rds has no country 'BBB'"):
        pisa(2000, country="BBB", path=folder, verify=False)


def test_not_a_file_of_r(folder):
    (folder / "school.rda").write_text("year,country,school_id")
    with pytest.raises(OSError, match=r"school.rda' cannot be read as a file saved by R"):
        pisa(2000, path=folder, verify=False)


def test_the_file_of_another_year_under_this_name(folder):
    shutil.copy(folder / "student_2000.rds", folder / "student_2003.rds")
    with pytest.raises(ValueError, match=r"student_2003.rds has no rows of the year 2003"):
        pisa(2003, path=folder, verify=False)
