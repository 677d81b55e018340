"""What a fit takes in memory, over the columns that it uses."""

import tracemalloc

import numpy as np
import pandas as pd

import hlmteach as hlm


def peak_over_columns(formula: str, data: pd.DataFrame, columns: list[str]) -> tuple[float, float]:
    """(ratio, megabytes): the most that was allocated during a fit, over the columns it uses.

    A column of text counts as its 64-bit codes would, 8 bytes a row, as a number does: as Python's
    strings it is many times larger, which would flatter the ratio.
    """
    hlm.lmer(formula, data.head(1000))  # what is imported on first use is not the fit's
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    fit = hlm.lmer(formula, data)
    _ = fit.se
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    return peak / (np.dtype(float).itemsize * len(data) * len(columns)), peak / 1e6
