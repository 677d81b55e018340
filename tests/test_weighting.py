"""Scaling of weights within groups, and what is refused as a weight."""

import numpy as np
import pandas as pd
import pytest

import hlmteach as hlm
from hlmteach.columns import DataError

GROUPS = np.array(["a", "a", "a", "b", "b"])
W = pd.Series([2.0, 3.0, 5.0, 4.0, 4.0], index=[9, 8, 7, 6, 5], name="w")


def test_size_sums_to_the_rows():
    scaled = hlm.scale_weights(W, GROUPS)
    np.testing.assert_allclose(scaled, [0.6, 0.9, 1.5, 1, 1])
    assert scaled.index.tolist() == [9, 8, 7, 6, 5] and scaled.name == "w"


def test_effective_sums_to_the_effective_rows():
    scaled = hlm.scale_weights(W, GROUPS, "effective")
    np.testing.assert_allclose(scaled.iloc[:3].sum(), 10**2 / 38)
    np.testing.assert_allclose(scaled.iloc[3:], 1)


def test_none_leaves_them():
    pd.testing.assert_series_equal(hlm.scale_weights(W, GROUPS, None), W)


@pytest.mark.parametrize("scaling", ["size", "effective"])
def test_what_a_group_shares_cancels(scaling):
    total = W * np.where(GROUPS == "a", 7.0, 0.2)
    pd.testing.assert_series_equal(
        hlm.scale_weights(total, GROUPS, scaling), hlm.scale_weights(W, GROUPS, scaling)
    )


@pytest.mark.parametrize(
    "weights, message",
    [
        (W.replace(3.0, np.nan), "The weight 'w' is missing in 1 of 5 rows"),
        (W.replace(3.0, -3.0), r"The weight 'w' is negative in 1 rows \(smallest: -3\)"),
        (W.replace(3.0, np.inf), "The weight 'w' is infinite in 1 rows"),
        (W.replace(4.0, 0.0), "'w' is zero in every row of 1 groups .the first is 'b'"),
        (W.iloc[:4], "4 weights for 5 rows of groups"),
    ],
)
def test_what_is_no_weight(weights, message):
    with pytest.raises(DataError, match=message):
        hlm.scale_weights(weights, GROUPS)


def test_groups_and_scaling_are_checked():
    with pytest.raises(DataError, match="scale_weights takes the columns themselves"):
        hlm.scale_weights("w", GROUPS)
    with pytest.raises(DataError, match="The group is missing in 1 rows"):
        hlm.scale_weights(W, ["a", None, "a", "b", "b"])
    with pytest.raises(ValueError, match="scaling names 'cluster', which I do not know; I know"):
        hlm.scale_weights(W, GROUPS, "cluster")
