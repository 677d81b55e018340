"""`check_model` on the real PISA 2003: sound models are left in peace, known faults are found.

The rows are the OECD's and are not stored here; put student_2003.rds and school.rda into a folder
`shared/data` beside the project, or name their folder in HLMTEACH_REAL_DATA.
"""

import os
from pathlib import Path

import pandas as pd
import pytest
import statsmodels.formula.api as smf

import hlmteach as hlm

FOLDER = Path(
    os.environ.get("HLMTEACH_REAL_DATA") or Path(__file__).parents[2].joinpath("shared", "data")
)
pytestmark = [
    pytest.mark.skipif(
        not (FOLDER / "student_2003.rds").exists(),
        reason="the real PISA 2003 files are not there: see the first lines of this file",
    ),
    pytest.mark.filterwarnings("ignore"),
]
KEY = ["year", "country", "school_id"]
# What is true of some countries: missing values, few schools, a zero variance, far-out schools.
TRUE_OF_SOME = {"rows-lost", "few-groups", "singular", "extreme-groups"}


@pytest.fixture(scope="module")
def pisa() -> tuple[pd.DataFrame, pd.DataFrame]:
    return hlm.datasets.pisa(2003, path=FOLDER)


@pytest.fixture(scope="module")
def joined(pisa) -> pd.DataFrame:
    students, schools = pisa
    return students.merge(schools, on=KEY, how="left", validate="m:1")


@pytest.fixture(scope="module")
def usa(joined) -> pd.DataFrame:
    return joined[joined["country"] == "USA"]


def test_no_false_alarm_in_any_country(joined):
    for country, data in joined.groupby("country", observed=True):
        empty = hlm.check_model(hlm.lmer("math ~ 1 + (1 | school_id)", data)).codes
        assert set(empty) <= {"few-groups"}, country
        formula = "math ~ gender + escs + school_size + (1 + escs | school_id)"
        if data[["escs", "school_size"]].dropna().empty:
            continue
        found = hlm.check_model(hlm.lmer(formula, data))
        assert set(found.codes) <= TRUE_OF_SOME, f"{country}: {found}"


def test_the_stratio_slope_of_the_united_states_hangs_on_a_few_schools(usa):
    found = hlm.check_model(hlm.lmer("math ~ desk + escs + stratio + (1 | school_id)", usa))
    assert found.codes == ["rows-lost", "extreme-groups"]
    assert "1,145 of 5,456 rows (21%) and 55 of 274 groups (20%)" in found[0].what
    assert "changes its sign, from -0.472 (SE 0.49)" in found[1].what


def test_grouped_by_stratio_in_the_united_states(usa):
    complete = usa.dropna(subset=["math", "desk", "escs", "stratio"])
    found = hlm.check_model(smf.mixedlm("math ~ 1", complete, groups="stratio").fit())
    assert found.codes == ["wrong-group"]
    assert "215 groups; 'school_id' has 219" in found[0].what


def test_ids_that_repeat_across_countries(pisa, joined):
    four = joined[joined["country"].isin(["USA", "FIN", "NLD", "BRA"])]
    assert "reused-label" in hlm.check_model(hlm.lmer("math ~ escs + (1 | school_id)", four)).codes
    students, schools = pisa
    american = students[students["country"] == "USA"].merge(schools, on="school_id")
    found = hlm.check_model(hlm.lmer("math ~ escs + (1 | school_id)", american))
    assert found.codes == ["join-multiplied"]
