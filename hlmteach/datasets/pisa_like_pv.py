"""The ten plausible values of mathematics that belong to `pisa_like`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def pisa_like_pv() -> pd.DataFrame:
    """Ten plausible values of mathematics for the students of `pisa_like`. Simulated, not PISA.

    A test of two hours does not fix a student's proficiency; PISA publishes ten draws from what
    the test leaves possible. Here the draws share 87 per cent of the student-level error variance
    and differ in the rest. `math` in `pisa_like` is the first of them.

    Returns
    -------
    DataFrame
        One row per student, in the order of `pisa_like`'s students: ``year``, ``country``,
        ``school_id``, ``student_id`` (together the key), and ``pv1math`` ... ``pv10math`` in score
        points.

    Raises
    ------
    OtherDataError
        If the shipped file is missing or changed.

    Examples
    --------
    >>> pisa_like_pv().shape
    (23838, 14)

    References
    ----------
    OECD (2009). PISA Data Analysis Manual: SPSS (2nd ed.), ch. 6.
    """
    from ._shipped import shipped

    return shipped("pisa_like_pv")
