"""Standard errors from replicates by their formula; PISA's recipe from its parts."""

import numpy as np
import pytest

import hlmteach as hlm
from hlmteach.columns import DataError


@pytest.fixture(scope="module")
def usa():
    students, schools = hlm.datasets.pisa_like()
    key = ["year", "country", "school_id"]
    data = students.merge(schools, on=key)
    data = data.merge(hlm.datasets.pisa_like_pv(), on=[*key, "student_id"])
    return data[data["country"] == "USA"].reset_index(drop=True)


def total(column):
    return lambda data, weight: (data[column] * weight).sum()


def test_the_formula_written_out(usa):
    replicates = hlm.brr_weights(usa, "stu_wgt")
    means = [np.average(usa["math"], weights=replicates[c]) for c in replicates]
    full = np.average(usa["math"], weights=usa["stu_wgt"])
    both = hlm.replicate_se(
        lambda d, w: {"mean": np.average(d["math"], weights=w), "total": w.sum()},
        usa, "stu_wgt", replicates,
    )  # fmt: skip
    assert both.loc["mean", "estimate"] == pytest.approx(full)
    assert both.loc["mean", "se"] == pytest.approx(np.sqrt(((means - full) ** 2).sum() / 20))
    columns = usa.join(replicates)
    named = hlm.replicate_se(
        lambda d, w: np.average(d["math"], weights=w), columns, "stu_wgt", list(replicates)
    )
    assert named["se"].iloc[0] == pytest.approx(both.loc["mean", "se"])


PVS = ["pv1math", "pv2math", "pv3math", "pv4math"]


@pytest.mark.parametrize("shortcut", [False, True])
def test_pisas_recipe_from_its_parts(usa, shortcut):
    replicates = hlm.brr_weights(usa, "stu_wgt")

    def mean(data, pv, weight):
        return np.average(data[pv], weights=weight)

    row = hlm.pv_estimate(mean, usa, PVS, "stu_wgt", replicates, shortcut=shortcut).iloc[0]
    parts = [
        hlm.replicate_se(lambda d, w, pv=pv: mean(d, pv, w), usa, "stu_wgt", replicates).iloc[0]
        for pv in PVS
    ]
    U = parts[0]["se"] ** 2 if shortcut else np.mean([part["se"] ** 2 for part in parts])
    B = np.var([part["estimate"] for part in parts], ddof=1)
    assert row["estimate"] == pytest.approx(np.mean([part["estimate"] for part in parts]))
    assert row["sampling"] == pytest.approx(U) and row["imputation"] == pytest.approx(1.25 * B)
    assert row["se"] == pytest.approx(np.sqrt(U + 1.25 * B))
    assert row["upper"] - row["lower"] == pytest.approx(2 * 1.96 * row["se"])
    if not shortcut:  # the same by Rubin's rules
        pooled = hlm.pool([(part["estimate"], part["se"]) for part in parts])
        assert row["se"] == pytest.approx(pooled.se["estimate"])


def test_a_weighted_model_and_school_weights_that_are_replicated(usa):
    replicates = hlm.brr_weights(usa, "sch_wgt")

    def slopes(data, weight):
        formula = "math ~ gender + (1 | school_id)"
        return hlm.weighted(formula, data, weights="stu_wgt", group_weights=weight).beta

    table = hlm.replicate_se(slopes, usa, "sch_wgt", replicates)
    fit = hlm.weighted(
        "math ~ gender + (1 | school_id)", usa, weights="stu_wgt", group_weights="sch_wgt"
    )
    np.testing.assert_allclose(table["estimate"], fit.beta)
    ratio = table["se"] / fit.se  # two estimates of one number, each with an error of a tenth or so
    assert ratio.between(0.7, 1.4).all()


def test_what_cannot_be_is_refused(usa):
    one = usa[usa["school_id"] != "00001"]
    replicates = hlm.brr_weights(usa, "stu_wgt")
    with pytest.raises(DataError, match=r"other row labels. Choose the same rows of both: replic"):
        hlm.replicate_se(total("math"), one, "stu_wgt", replicates)
    with pytest.raises(
        ValueError, match=r"returned nan for 'estimate'. Does the data hold missing"
    ):
        hlm.replicate_se(lambda d, w: np.average(d["escs"], weights=w), usa, "stu_wgt", replicates)
    with pytest.raises(TypeError, match="it must return a number, or several"):
        hlm.replicate_se(lambda d, w: "a", usa, "stu_wgt", replicates)
    with pytest.raises(ValueError, match="1 plausible value: their variance cannot be told"):
        hlm.pv_estimate(lambda d, pv, w: 1.0, usa, "pv1math", "stu_wgt", replicates)
    with pytest.raises(DataError, match=r"The column 'pv11math' is not in the table. Did you mean"):
        hlm.pv_estimate(lambda d, pv, w: 1.0, usa, [*PVS, "pv11math"], "stu_wgt", replicates)
    changing = iter([{"a": 1.0}, {"b": 1.0}])
    with pytest.raises(
        ValueError, match="With stu_wgt_1 the estimator returned b; with the full w"
    ):
        hlm.replicate_se(lambda d, w: next(changing), usa, "stu_wgt", replicates)
