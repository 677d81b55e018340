"""New rows: the columns and the groups of another table, as a fitted model's design has them."""

import numpy as np
import pandas as pd

from .columns import find_column, read, slope_numbers
from .design import Design, filled


def fixed_columns(design: Design, data: pd.DataFrame) -> np.ndarray:
    """X of the table, (n, p)."""
    if design.rebuild is None:
        raise ValueError("This fit came from arrays, so it cannot predict from a table.")
    return filled(design.rebuild(data), len(data))


def random_columns(design: Design, data: pd.DataFrame) -> np.ndarray:
    """Z of the table, (n, q)."""
    Z = np.ones((len(data), len(design.random_names)))
    for k, name in enumerate(design.random_names):
        if name != "Intercept":
            Z[:, k] = slope_numbers(name, read(find_column(name, data)))
    return Z


def positions(design: Design, data: pd.DataFrame, new_groups: str = "error") -> np.ndarray:
    """Position of each row's group in the design's groups, (n,); -1 for one that is not there.

    Raises
    ------
    ValueError
        If the grouping column is missing, or a group is unknown and `new_groups` is "error".
    """
    columns = design.group_name.split(":")
    for name in columns:
        if name not in data.columns:
            raise ValueError(
                f"The grouping column '{name}' is not in the table, so its rows have no group. "
                "Add it, or use group_effects=False for the line of the average group."
            )
    label = data[columns[0]]
    if len(columns) > 1:
        label = data[columns].astype(str).agg(":".join, axis=1)
    codes = pd.Index(design.groups).get_indexer(label)
    unknown = pd.unique(label[codes < 0])
    if len(unknown) and new_groups == "error":
        raise ValueError(
            f"{len(unknown)} groups are not in the fit, '{unknown[0]}' among them. Use "
            "new_groups='zero' for a group that is not known, or group_effects=False."
        )
    return codes
