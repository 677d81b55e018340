"""The shipped ICCs."""

import numpy as np
import pytest

import hlmteach as hlm


def test_the_columns_agree_with_one_another():
    table = hlm.datasets.icc_by_country()
    assert table.groupby("year").size().to_dict() == {2000: 42, 2003: 41}
    share = table["var_school"] / (table["var_school"] + table["var_residual"])
    np.testing.assert_allclose(table["icc"], share, atol=6e-5)
    assert not table.isna().any(axis=None)
    assert not table.duplicated(["year", "country"]).any()
    assert table.groupby("country")["name"].nunique().eq(1).all()


def test_one_year():
    usa = hlm.datasets.icc_by_country(2003).set_index("country").loc["USA"]
    assert (usa["n_students"], usa["n_schools"], usa["icc"]) == (5456, 274, 0.2572)
    with pytest.raises(ValueError, match="year names '2018', which I do not know; I know: '2000'"):
        hlm.datasets.icc_by_country(2018)
