"""Chapter 11's recipes hold what its questions are about."""

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.questions import get

STUDENTS = ["jo", "ann@example.org", "1234", "Zoë"]


@pytest.mark.parametrize("student", STUDENTS)
def test_two_schools_lie_far_out_and_hold_half_of_the_spread(student):
    data = get("ch11.without-school").data(student)
    ratio = data.groupby("school_id")["stratio"].agg(["first", "nunique"])
    assert (ratio["nunique"] == 1).all()
    largest = ratio["first"].nlargest(3).to_list()
    assert largest[0] >= 70 > 56 > largest[1] >= 45 > 30 >= largest[2]
    spread = (ratio["first"] - ratio["first"].mean()) ** 2
    assert spread.max() / spread.sum() > 0.4


@pytest.mark.parametrize("student", STUDENTS)
def test_the_school_matters_and_none_of_its_students(student):
    question = get("ch11.change-in-se")
    data = question.data(student)
    fit = hlm.lmer("math ~ escs + stratio + (1 | school_id)", data)
    farthest = data.loc[data["stratio"].idxmax(), "school_id"]
    left = hlm.without_each_group(fit)["stratio"]
    by_refits = (left[farthest] - fit.beta["stratio"]) / fit.se["stratio"]
    assert question.check(by_refits, student=student).correct
    first = data.index[data["school_id"] == farthest][0]
    moved = hlm.lmer(fit.formula, data.drop(first)).beta["stratio"] - fit.beta["stratio"]
    assert abs(moved) < abs(left[farthest] - fit.beta["stratio"]) / 2


@pytest.mark.parametrize("student", STUDENTS)
def test_the_slopes_vary(student):
    fit = hlm.lmer("math ~ escs + (1 | school_id)", get("ch11.robust").data(student))
    assert hlm.robust_se(fit).loc["escs", "robust / model"] > 1.1


def test_a_logarithm_of_any_base_leads_to_the_doubling():
    data = get("ch11.doubling").data("jo")
    for base in (2, np.e, 10):
        logged = data.assign(log=np.log(data["stratio"]) / np.log(base))
        slope = hlm.lmer("math ~ escs + log + (1 | school_id)", logged).beta["log"]
        value = slope * np.log(2) / np.log(base)
        assert get("ch11.doubling").check(value, student="jo").correct
