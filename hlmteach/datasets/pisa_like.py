"""The course's PISA-like data: simulated, shipped, with the traps of real data.

For instructors: what was planted, and where it bites
-----------------------------------------------------
School ids repeat in every country ("00001", ...): 170 different ids for 894 schools. Joining on
    `school_id` alone turns the 4,838 American students into 26,069 rows if the schools were not
    filtered too, and all 23,838 students into 135,272. Join on year, country and school_id.
Ids are text with leading zeros. Read as numbers they become 1, 2, ..., and a model takes them for a
    predictor without a word.
27 of the 164 American schools report no student-teacher ratio. Most are large and do somewhat
    worse; dropping them moves the ICC from .201 to .187. Small shares of desk and escs are missing
    too, more often where scores are lower: the article's models keep 3,845 of 4,838 students.
Four American schools report more than 40 students a teacher, one exactly 100. They do well. With
    them the slope of stratio is 0.55 (SE 0.27); without them it is -0.49 (SE 0.51). Ordinary
    regression on all gives 0.65 an SE of 0.12.
desk is one of the items behind escs, as in PISA: its slope is 34.4 without escs, 8.77 with.
escs has other slopes within (29.7) and between schools (62.5); entered raw it blends them (31.5).
    The slope within differs between American schools: its SD is 11.
Nine American schools of the analysis table have fewer than eight students, two of them one.
Weights matter a little: the American mean is 472.4 without and 469.4 with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def pisa_like() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Students and schools of six countries, in the shape of PISA 2018. Simulated, not PISA.

    The United States are calibrated: put through the pipeline of the course's article, the three
    models print the article's numbers. In every other country the empty model of all rows gives
    the variances of PISA 2003, from an ICC of .05 (FIN) to .63 (NLD). Names and codes are those of
    learningtower's files, so that what works here works on the real data. No row is a real student.

    Returns
    -------
    students : DataFrame, one row per student
        year
            2018, in every row.
        country
            BRA, CAN, FIN, JPN, NLD or USA.
        school_id
            Text such as "00001"; unique within a country only.
        student_id
            Running number; unique within a country only.
        gender
            female or male.
        math, read, science
            First plausible value in each subject, in score points. `pisa_like_pv` has ten for
            mathematics.
        stu_wgt
            Final student weight: how many students of the country this one stands for.
        desk
            Does the student have a desk to study at home? no (the reference level) or yes.
        escs
            Index of economic, social and cultural status; 0 and 1 are near the mean and the SD of
            students in OECD countries.
    schools : DataFrame, one row per school
        year, country, school_id
            The key: join on all three.
        stratio
            Students per teacher.
        public_private
            private (the reference level) or public.
        sch_wgt
            School weight: how many schools of the country this one stands for.
        school_size
            Students enrolled.
        stratum
            Sampling stratum.
        var_stratum, var_unit
            Variance zone (1 to 80) and half of it (1 or 2): replicate weights for Fay's balanced
            repeated replication follow from these. They play the part of WVARSTRR and VARUNIT in
            the files of the OECD.

    Raises
    ------
    OtherDataError
        If the shipped files are missing or changed.

    Notes
    -----
    desk, escs, stratio, public_private and school_size have missing values. Made by
    ``tools/make_pisa_like.py``; both tables carry ``attrs["source"]``.

    Examples
    --------
    >>> students, schools = pisa_like()
    >>> len(students), len(schools)
    (23838, 894)
    >>> students.attrs["source"]
    "simulated for this course (hlmteach.datasets.pisa_like); these are not PISA's data"

    References
    ----------
    Wang, K., Yacobellis, P., Siregar, E., et al. (2024). learningtower: OECD PISA Datasets from
    2000-2022 in an Easy-to-Use Format. R package 1.1.0. (Its column names are used here.)
    """
    from ._shipped import shipped

    return shipped("pisa_like_students"), shipped("pisa_like_schools")
