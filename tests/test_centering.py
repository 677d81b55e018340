"""Centring: means of the right rows under the right names, and refusals that help."""

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.columns import DataError


@pytest.fixture
def data() -> pd.DataFrame:
    """Three groups of 3, 1 and 2 rows, not sorted, under an index that repeats."""
    return pd.DataFrame(
        {
            "school_id": ["b", "a", "b", "c", "a", "a"],
            "escs": [1.0, 2.0, 3.0, 9.0, 4.0, 6.0],
            "books": [10, 20, 30, 40, 50, 60],
            "stratio": [15.0, 20.0, 15.0, 40.0, 20.0, 20.0],
            "desk": ["yes", "no", "yes", "yes", "no", "yes"],
        },
        index=[0, 1, 0, 7, 1, 5],
    )


def test_without_a_group_one_number_is_subtracted(data):
    centred = hlm.center(data, "escs")
    assert list(centred.columns) == [*data.columns, "escs_c"]
    np.testing.assert_allclose(centred["escs_c"], data["escs"] - 25 / 6)


def test_with_a_group_each_row_loses_the_mean_of_its_own_group(data):
    centred = hlm.center(data, "escs", "school_id")
    assert list(centred.columns[-2:]) == ["escs_within", "escs_mean"]
    assert centred["escs_mean"].tolist() == [2, 4, 2, 9, 4, 4]
    assert centred["escs_within"].tolist() == [-1, -2, 1, 0, 0, 2]
    pd.testing.assert_index_equal(centred.index, data.index)


def test_it_is_the_groupby_that_people_write():
    students, _ = hlm.datasets.pisa_like()
    usa = students[students["country"] == "USA"].dropna(subset=["escs"])
    centred = hlm.center(usa, "escs", "school_id")
    means = usa.groupby("school_id")["escs"].transform("mean")
    np.testing.assert_allclose(centred["escs_mean"], means, atol=1e-12)
    np.testing.assert_allclose(centred["escs_within"], usa["escs"] - means, atol=1e-12)


def test_the_grand_mean_of_rows_and_of_groups(data):
    rows = hlm.center(data, "escs", "school_id", grand="rows")
    groups = hlm.center(data, "escs", "school_id", grand="groups")
    np.testing.assert_allclose(data["escs"] - rows["escs_c"], 25 / 6)
    np.testing.assert_allclose(data["escs"] - groups["escs_c"], (2 + 4 + 9) / 3)
    assert "escs_within" not in groups and "escs_mean" not in groups


def test_a_level_2_predictor_is_centred_over_groups(data):
    centred = hlm.center(data, "stratio", "school_id", grand="groups")
    assert centred["stratio_c"].tolist() == [-10, -5, -10, 15, -5, -5]
    with pytest.raises(DataError, match=r"'stratio' has one value .*grand='groups'\)"):
        hlm.center(data, "stratio", "school_id")


def test_several_columns_and_no_means(data):
    centred = hlm.center(data, ["escs", "books"], "school_id", keep_means=False)
    assert list(centred.columns[-2:]) == ["escs_within", "books_within"]
    assert centred["books_within"].sum() == pytest.approx(0)


def test_the_table_given_is_not_changed(data):
    before = data.copy()
    centred = hlm.center(data, "escs")
    centred.loc[:, "escs"] = 0
    pd.testing.assert_frame_equal(data, before)


def test_a_large_offset_loses_no_digits(data):
    far = data.assign(escs=data["escs"] + 1e9)
    near = hlm.center(data, "escs", "school_id")["escs_within"]
    np.testing.assert_allclose(hlm.center(far, "escs", "school_id")["escs_within"], near, atol=1e-6)


def test_truth_values_become_shares(data):
    centred = hlm.center(data.assign(desk=data["desk"].eq("yes")), "desk", "school_id")
    np.testing.assert_allclose(centred["desk_mean"], [1, 1 / 3, 1, 1, 1 / 3, 1 / 3])


def test_groups_that_no_row_is_of_do_not_count(data):
    coded = data.assign(school_id=pd.Categorical(data["school_id"], ["x", "a", "b", "c"]))
    centred = hlm.center(coded, "escs", "school_id", grand="groups")
    np.testing.assert_allclose(data["escs"] - centred["escs_c"], 5)


def test_text_is_refused_with_a_way_out(data):
    with pytest.raises(DataError, match=r"'desk' holds text .*'no', 'yes'.*eq\('yes'\)"):
        hlm.center(data, "desk", "school_id")
    with pytest.raises(DataError, match=r"look like numbers: pd.to_numeric\(data\['books'\]\)"):
        hlm.center(data.astype({"books": str}), "books")


def test_an_unknown_column_is_named(data):
    with pytest.raises(DataError, match=r"'ecsc' is not in the table. Did you mean 'escs'\?"):
        hlm.center(data, "ecsc")
    with pytest.raises(DataError, match="'school' is not in the table"):
        hlm.center(data, "escs", "school")


def test_missing_values_come_first(data):
    gap = data.assign(escs=[np.nan, *data["escs"][1:]])
    with pytest.raises(DataError, match=r"missing in 1 of 6 rows.*complete in all columns"):
        hlm.center(gap, "escs", "school_id")
    lost = data.assign(school_id=[None, *data["school_id"][1:]])
    with pytest.raises(DataError, match="'school_id' is missing in 1 of 6 rows"):
        hlm.center(lost, "escs", "school_id")
    with pytest.raises(DataError, match="infinite in 1 rows"):
        hlm.center(data.assign(escs=[np.inf, *data["escs"][1:]]), "escs")


def test_groups_must_be_groups(data):
    with pytest.raises(DataError, match="Each of the 6 rows has a 'row' of its own"):
        hlm.center(data.assign(row=range(6)), "escs", "row")
    with pytest.raises(DataError, match="All 6 rows are of one 'country'"):
        hlm.center(data.assign(country="USA"), "escs", "country")


def test_what_is_asked_must_make_sense(data):
    with pytest.raises(DataError, match="'school_id' is the group"):
        hlm.center(data, ["escs", "school_id"], "school_id")
    with pytest.raises(DataError, match="named twice"):
        hlm.center(data, ["escs", "escs"])
    with pytest.raises(DataError, match="No column is named"):
        hlm.center(data, [])
    with pytest.raises(DataError, match="name the group, too"):
        hlm.center(data, "escs", grand="groups")
    with pytest.raises(ValueError, match="grand names 'schools', which I do not know"):
        hlm.center(data, "escs", "school_id", grand="schools")
    with pytest.raises(DataError, match="must be a pandas DataFrame"):
        hlm.center({"escs": [1]}, "escs")


def test_old_columns_are_not_overwritten(data):
    with pytest.raises(DataError, match=r"'escs_within', 'escs_mean' already.*drop\(columns="):
        hlm.center(hlm.center(data, "escs", "school_id"), "escs", "school_id")


def test_grand_mean_centring_moves_the_intercept_only():
    params = hlm.Params(beta={"Intercept": 480, "escs": 30}, sigma_u=40, sigma_e=80)
    world = hlm.simulate(params, n_groups=40, group_size=(2, 30), seed=2).assign(
        escs=lambda table: table["escs"] + 3
    )
    raw = hlm.lmer("y ~ escs + (1 | group)", world)
    centred = hlm.lmer("y ~ escs_c + (1 | group)", hlm.center(world, "escs"))
    assert centred.beta["escs_c"] == pytest.approx(raw.beta["escs"], rel=1e-8)
    assert centred.criterion == pytest.approx(raw.criterion, rel=1e-10)
    moved = raw.beta["Intercept"] + raw.beta["escs"] * world["escs"].mean()
    assert centred.beta["Intercept"] == pytest.approx(moved, rel=1e-8)
