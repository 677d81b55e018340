"""Fay's BRR is exact for totals of stratified pairs, and unbiased for zones of three."""

import numpy as np
import pandas as pd
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


@pytest.mark.parametrize("n_zones, n_replicates", [(3, 4), (7, 8), (20, 20), (31, 80), (80, 80)])
@pytest.mark.parametrize("fay", [0.0, 0.5, 0.7])
def test_totals_of_pairs_have_the_textbook_variance(n_zones, n_replicates, fay):
    rng = np.random.default_rng(n_zones)
    zone, half = np.divmod(np.arange(2 * n_zones), 2)
    data = pd.DataFrame(
        {"var_stratum": zone, "var_unit": half + 1, "w": rng.uniform(1, 9, len(zone))}
    )
    data["y"] = rng.normal(50, 10, len(zone))
    replicates = hlm.brr_weights(data, "w", n_replicates=n_replicates, fay=fay)
    se = hlm.replicate_se(total("y"), data, "w", replicates, fay=fay).loc["estimate", "se"]
    parts = (data["w"] * data["y"]).to_numpy().reshape(-1, 2)
    exact = ((parts[:, 0] - parts[:, 1]) ** 2).sum()
    assert se**2 == pytest.approx(exact, rel=1e-11)


def test_pisa_schools(usa):
    replicates = hlm.brr_weights(usa, "stu_wgt")
    assert replicates.shape == (len(usa), 80) and replicates.columns[79] == "stu_wgt_80"
    ratio = replicates.div(usa["stu_wgt"], axis=0)
    np.testing.assert_allclose(np.unique(ratio.round(9)), [0.5, 1.5])
    units = ratio.groupby([usa["var_stratum"], usa["var_unit"]])
    np.testing.assert_allclose(units.max() - units.min(), 0, atol=1e-12)
    np.testing.assert_allclose(units.first().groupby(level=0).sum(), 2)
    parts = (usa["stu_wgt"] * usa["math"]).groupby([usa["var_stratum"], usa["var_unit"]]).sum()
    se = hlm.replicate_se(total("math"), usa, "stu_wgt", replicates)["se"].iloc[0]
    assert se == pytest.approx(
        np.sqrt(((parts.xs(1, level=1) - parts.xs(2, level=1)) ** 2).sum()), rel=1e-10
    )


def test_zones_of_three():
    data = pd.DataFrame({"var_stratum": [1, 1, 1, 2, 2], "var_unit": [1, 2, 3, 1, 2], "w": 1.0})
    seen = np.unique(hlm.brr_weights(data, "w", n_replicates=4).iloc[:3].round(4))
    np.testing.assert_allclose(seen, [0.2929, 0.6464, 1.3536, 1.7071])
    y = np.array([3.0, 5.0, 10.0, 4.0, 7.0])
    replicates = hlm.brr_weights(data, "w", n_replicates=4)
    se = hlm.replicate_se(total("y"), data.assign(y=y), "w", replicates)["se"].iloc[0]
    assert se**2 == pytest.approx(2 * (3 - (5 + 10) / 2) ** 2 + (4 - 7) ** 2)


def test_zones_of_three_are_right_on_average():
    """Over all orders of the units the variance is 3 times their variance, the textbook's."""
    data = pd.DataFrame({"var_stratum": 1, "var_unit": [1, 2, 3], "w": 1.0})
    replicates = hlm.brr_weights(data, "w", n_replicates=2)
    y = np.array([3.0, 5.0, 10.0])
    squares = [
        hlm.replicate_se(total("y"), data.assign(y=np.roll(y, k)), "w", replicates)["se"].iloc[0]
        ** 2
        for k in range(3)
    ]
    assert np.mean(squares) == pytest.approx(3 * y.var(ddof=1))


def test_what_cannot_be_is_refused(usa):
    few = pd.DataFrame({"var_stratum": [1, 1, 2], "var_unit": [1, 2, 1], "w": 1.0})
    with pytest.raises(DataError, match="Zone 2 of 'var_stratum' has 1 different values of 'var_u"):
        hlm.brr_weights(few, "w")
    with pytest.raises(DataError, match="'var_stratum' has 80 zones for 40 replicates"):
        hlm.brr_weights(usa, "stu_wgt", n_replicates=40)
    with pytest.raises(ValueError, match="78 replicates: balanced repeated replication needs the"):
        hlm.brr_weights(usa, "stu_wgt", n_replicates=78)
    with pytest.raises(ValueError, match="fay is 1; it is at least 0 and below 1"):
        hlm.brr_weights(usa, "stu_wgt", fay=1)
    with pytest.raises(DataError, match="The column 'VARUNIT' is not in the table"):
        hlm.brr_weights(usa, "stu_wgt", unit="VARUNIT")
    with pytest.raises(DataError, match=r"'var_unit' is missing in 1 rows. Join the schools"):
        hlm.brr_weights(few.assign(var_unit=[1, 2, np.nan]), "w")
