"""`lmer` against lme4 on the real PISA 2003: the United States, every country, the whole file.

The rows are the OECD's and are not stored here; put student_2003.rds and school.rda into a folder
`shared/data` beside the project, or name their folder in HLMTEACH_REAL_DATA.
"""

import json
import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.columns import MissingRowsWarning

REFERENCE = Path(__file__).parent / "reference" / "pisa2003"
FOLDER = Path(
    os.environ.get("HLMTEACH_REAL_DATA") or REFERENCE.parents[3].joinpath("shared", "data")
)
pytestmark = pytest.mark.skipif(
    not (FOLDER / "student_2003.rds").exists(),
    reason="the real PISA 2003 files are not there: see the first lines of this file",
)
KEY = ["year", "country", "school_id"]
USA_MODELS = ["rim0", "rim1", "rim2", "slope1", "slope1_uncorrelated", "slope2"]


def reference(name: str) -> dict:
    return json.loads((REFERENCE / f"{name}.json").read_text())


@pytest.fixture(scope="module")
def pisa() -> tuple[pd.DataFrame, pd.DataFrame]:
    return hlm.datasets.pisa(2003, path=FOLDER)


@pytest.fixture(scope="module")
def usa(pisa) -> pd.DataFrame:
    students, schools = pisa
    rows = students[students.country == "USA"].merge(schools[[*KEY, "stratio"]], on=KEY)
    return rows[[*KEY, "math", "desk", "escs", "stratio"]].dropna()


def assert_agrees(fit: hlm.Fit, theirs: dict) -> None:
    """A random slope's variances: the looser bound, as lme4 itself is looser there."""
    np.testing.assert_allclose(fit.beta, list(theirs["beta"].values()), rtol=1e-6)
    np.testing.assert_allclose(fit.se, list(theirs["se"].values()), rtol=1e-6)
    covariance = np.array(theirs["varcorr"]["covariance"])
    rtol = 1e-5 if len(covariance) == 1 else 1e-4
    np.testing.assert_allclose(fit.cov_u, covariance, rtol=rtol, atol=1e-8 * covariance.max())
    assert fit.sigma_e**2 == pytest.approx(theirs["sigma_e"] ** 2, rel=1e-5)
    assert fit.criterion <= theirs["criterion"] + 1e-6
    counts = (fit.n, fit.n_groups, fit.singular)
    assert counts == (theirs["n"], theirs["n_groups"], theirs["singular"])


@pytest.mark.parametrize("estimator", ["reml", "ml"])
@pytest.mark.parametrize("model", USA_MODELS)
def test_united_states(usa: pd.DataFrame, model: str, estimator: str) -> None:
    theirs = reference("usa")[model][estimator]
    fit = hlm.lmer(theirs["formula"], usa, reml=estimator == "reml")
    assert_agrees(fit, theirs)
    assert fit.aic == pytest.approx(theirs["aic"], abs=2e-6, rel=0)
    assert fit.bic == pytest.approx(theirs["bic"], abs=2e-6, rel=0)


def test_every_country(pisa) -> None:
    students, _ = pisa
    countries = reference("countries")["countries"]
    assert len(countries) == students.country.nunique()
    for code, rows in students.groupby("country", observed=True):
        for model in countries[code].values():
            for estimator, theirs in model.items():
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", MissingRowsWarning)
                    fit = hlm.lmer(theirs["formula"], rows, reml=estimator == "reml")
                assert_agrees(fit, theirs)


@pytest.mark.parametrize("estimator", ["reml", "ml"])
@pytest.mark.parametrize("model", ["null", "desk_escs"])
def test_whole_file(pisa, model: str, estimator: str) -> None:
    students, _ = pisa
    theirs = reference("whole")[model][estimator]
    formula = theirs["formula"].replace("| group", "| country:school_id")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MissingRowsWarning)
        fit = hlm.lmer(formula, students, reml=estimator == "reml")
    assert_agrees(fit, theirs)
