"""The columns and groups of another table."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.new_rows import fixed_columns, positions, random_columns

DATA = pd.read_csv(Path(__file__).parent / "reference" / "data" / "slopes.csv")


@pytest.fixture(scope="module")
def design():
    return hlm.lmer("y ~ x + z + (1 + x | g)", DATA).design


def test_the_rows_of_the_fit_have_its_own_columns_and_groups(design):
    order = np.random.default_rng(1).permutation(len(DATA))
    table = DATA.iloc[order]
    np.testing.assert_array_equal(fixed_columns(design, table), design.exog[order])
    np.testing.assert_array_equal(random_columns(design, table), design.exog_random[order])
    np.testing.assert_array_equal(positions(design, table), design.codes[order])


def test_a_group_that_the_fit_has_not_seen(design):
    table = DATA.head(3).assign(g=["nobody", *DATA["g"][1:3]])
    assert positions(design, table, "zero").tolist() == [-1, *design.codes[1:3]]
    with pytest.raises(ValueError, match="1 groups are not in the fit, 'nobody' among them"):
        positions(design, table)
