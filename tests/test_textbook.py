"""A textbook's printed tables: Raudenbush & Bryk (2002, chapter 4), High School and Beyond.

lme4's numbers are compared with the printed ones wherever the tests run. Where R is, its package
nlme gives out the rows (MathAchieve, MathAchSchool), and `hlm.lmer` is fitted to them; no row of
them is stored here. The book's numbers come from the HLM program, by REML. `differs` in
textbook.json names what HLM printed short of the REML optimum; reference/textbook.R says why.
"""

import json
import math
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm

REFERENCE = json.loads((Path(__file__).parent / "reference" / "textbook.json").read_text("utf-8"))
MODELS = ["one_way_anova", "means_as_outcomes", "random_coefficient", "intercepts_and_slopes"]
DIGITS = 2  # all of the book's tables
EXPORT = """
students <- as.data.frame(nlme::MathAchieve)[, c("School", "SES", "MathAch")]
schools <- as.data.frame(nlme::MathAchSchool)[, c("School", "Sector", "MEANSES")]
students$School <- as.character(students$School); schools$School <- as.character(schools$School)
data <- merge(students, schools, by = "School")
write.csv(data, commandArgs(TRUE)[1], row.names = FALSE)
"""
each_model = pytest.mark.parametrize("name", MODELS)


def printed(model: dict) -> dict[str, float]:
    """The book's numbers by name: coefficients, their "se of ...", tau00, tau11, sigma2."""
    book, names = model["book"], list(model["reml"]["beta"])
    found = dict(zip(names, book["beta"], strict=True))
    found |= {f"se of {n}": se for n, se in zip(names, book["se"], strict=True)}
    return found | {name: book[name] for name in ("tau00", "tau11", "sigma2") if name in book}


def of_lme4(fit: dict) -> dict[str, float]:
    """The same of a fit in textbook.json."""
    variances = list(fit["varcorr"]["variances"].values())
    return numbers(list(fit["beta"]), fit["beta"].values(), fit["se"].values(), variances) | {
        "sigma2": fit["sigma_e"] ** 2
    }


def numbers(names, beta, se, variances) -> dict[str, float]:
    found = dict(zip(names, map(float, beta), strict=True))
    found |= {f"se of {n}": float(value) for n, value in zip(names, se, strict=True)}
    return found | dict(zip(("tau00", "tau11"), map(float, variances), strict=False))


def agree_when_printed(value: float, in_print: float) -> bool:
    """Whether a value, rounded to the book's digits, is what the book prints."""
    return math.isclose(round(value, DIGITS), in_print, abs_tol=1e-9)


def split(model: dict, values: dict[str, float]) -> tuple[list[str], list[str]]:
    """Names of the book's numbers that agree when printed, and of those that do not."""
    book = printed(model)
    assert set(book) <= set(values)
    same = [name for name, value in book.items() if agree_when_printed(values[name], value)]
    return same, [name for name in book if name not in same]


def test_the_four_models_are_all_there():
    assert [name for name, model in REFERENCE.items() if "book" in model] == MODELS
    assert {name: REFERENCE[name]["book"]["table"] for name in MODELS} == {
        "one_way_anova": "4.2",
        "means_as_outcomes": "4.3",
        "random_coefficient": "4.4",
        "intercepts_and_slopes": "4.5",
    }


@each_model
def test_lme4_by_reml_prints_what_the_book_prints(name):
    model = REFERENCE[name]
    same, other = split(model, of_lme4(model["reml"]))
    assert set(other) == set(model["book"].get("differs", []))
    assert len(same) >= 4


@each_model
def test_the_book_used_reml_and_not_ml(name):
    """The variance between schools tells: by ML it is smaller by more than the printed digits."""
    model = REFERENCE[name]
    assert "tau00" in split(model, of_lme4(model["reml"]))[0]
    assert "tau00" in split(model, of_lme4(model["ml"]))[1]


def test_what_hlm_printed_otherwise_is_near():
    """Where the book and the optimum part, they do in the last digit, or in a variance near 0."""
    for name, entry, printed_value, optimum in (
        ("random_coefficient", "tau11", 0.68, 0.694),
        ("intercepts_and_slopes", "meanses:ses_c", 1.03, 1.039),
        ("intercepts_and_slopes", "sigma2", 36.70, 36.721),
        ("intercepts_and_slopes", "tau11", 0.15, 0.101),
    ):
        model = REFERENCE[name]
        assert printed(model)[entry] == printed_value
        assert of_lme4(model["reml"])[entry] == pytest.approx(optimum, abs=5e-4)
    listed = [entry for name in MODELS for entry in REFERENCE[name]["book"].get("differs", [])]
    assert len(listed) == 4


@pytest.fixture(scope="module")
def rows(tmp_path_factory) -> pd.DataFrame:
    """High School and Beyond, from R's nlme, for as long as the test runs."""
    if not shutil.which("Rscript"):
        pytest.skip("Rscript is not here; R's package nlme holds the rows of these four models")
    folder = tmp_path_factory.mktemp("textbook")
    (folder / "export.R").write_text(EXPORT, encoding="utf-8")
    words = ["Rscript", str(folder / "export.R"), str(folder / "rows.csv")]
    done = subprocess.run(words, capture_output=True, text=True)
    if "no package called" in done.stderr:
        pytest.skip("R is here without its package nlme, which holds the rows of these four models")
    assert done.returncode == 0, done.stderr
    data = pd.read_csv(folder / "rows.csv", dtype={"School": str})
    data.columns = ["school", "ses", "mathach", "sector", "meanses"]
    data["sector"] = (data["sector"] == "Catholic").astype(float)
    data["ses_c"] = data["ses"] - data.groupby("school")["ses"].transform("mean")
    return data


@pytest.fixture(scope="module")
def fits(rows) -> dict[str, hlm.Fit]:
    return {name: hlm.lmer(REFERENCE[name]["formula"], rows) for name in MODELS}


def test_the_rows_are_the_book_s(rows):
    assert (len(rows), rows["school"].nunique()) == (7185, 160)
    assert rows.groupby("school")["sector"].first().sum() == 70  # Catholic schools


@each_model
def test_lmer_agrees_with_lme4(name, fits):
    fit, theirs = fits[name], REFERENCE[name]["reml"]
    names = [n.replace("(Intercept)", "Intercept") for n in theirs["beta"]]
    np.testing.assert_allclose(fit.beta[names], list(theirs["beta"].values()), rtol=1e-6)
    np.testing.assert_allclose(fit.se[names], list(theirs["se"].values()), rtol=1e-5)
    covariance = np.array(theirs["varcorr"]["covariance"])
    # A slope's variance near zero is known less exactly, to lme4 as well.
    rtol = 1e-5 if len(covariance) == 1 else 2e-4
    np.testing.assert_allclose(fit.cov_u, covariance, rtol=rtol)
    assert fit.sigma_e == pytest.approx(theirs["sigma_e"], rel=1e-6)
    assert fit.criterion == pytest.approx(theirs["criterion"], abs=1e-5)


@each_model
def test_lmer_prints_what_the_book_prints(name, fits):
    fit, model = fits[name], REFERENCE[name]
    order = [n.replace("(Intercept)", "Intercept") for n in model["reml"]["beta"]]
    values = numbers(model["reml"]["beta"], fit.beta[order], fit.se[order], np.diag(fit.cov_u))
    _, other = split(model, values | {"sigma2": fit.sigma_e**2})
    assert set(other) == set(model["book"].get("differs", []))
