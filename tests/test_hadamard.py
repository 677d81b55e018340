"""Hadamard matrices: orthogonal columns, whatever the construction."""

import numpy as np
import pytest

from hlmteach.hadamard import hadamard_matrix


@pytest.mark.parametrize("order", [1, 2, 4, 8, 12, 16, 20, 24, 32, 40, 60, 80, 160])
def test_columns_are_orthogonal_and_the_last_is_ones(order):
    H = hadamard_matrix(order)
    np.testing.assert_array_equal(H.T @ H, order * np.eye(order))
    np.testing.assert_array_equal(H[:, -1], 1)
    assert set(np.unique(H)) <= {-1.0, 1.0}


@pytest.mark.parametrize("order", [0, 3, 6, 81, -4, 80.0])
def test_orders_that_do_not_exist(order):
    with pytest.raises(ValueError, match=f"{order!r} replicates: balanced repeated replication"):
        hadamard_matrix(order)
