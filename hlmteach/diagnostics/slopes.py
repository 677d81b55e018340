"""Checks on random slopes: can this slope vary, and is the model around it complete?"""

from collections.abc import Iterator

import numpy as np

from .case import Case
from .findings import Finding
from .predictors import _spans


def slope_of_level2(case: Case) -> Iterator[Finding]:
    """Is a slope asked to vary between groups although its variable has one value in each?"""
    for name, column in case.slopes.items():
        if case.is_level2(column):
            yield _level2(case, name)


def _level2(case: Case, name: str) -> Finding:
    left = tuple(n for n in case.recipe.slopes if n != name)
    return Finding(
        "slope-of-level2",
        "problem",
        f"'{name}' has one value in every group of '{case.group}', and its slope is asked to vary "
        "between the groups.",
        "A slope is a difference between rows of one group that differ in the predictor. Here no "
        "two rows of a group do, so no group has a slope of its own. What the model fits instead "
        f"is a variance between groups that depends on '{name}'.",
        str(case.recipe.with_(slopes=left, intercept=True)),
    )


def slope_not_fixed(case: Case) -> Iterator[Finding]:
    """Is the average of a random slope missing from the fixed part?"""
    for name, column in case.slopes.items():
        if not _spans(case.design.exog, column):
            yield Finding(
                "slope-not-fixed",
                "problem",
                f"The slope of '{name}' varies between groups, but '{name}' is not in the fixed "
                "part.",
                "The slopes are then taken to vary around 0, not around their average. If that "
                "average is not 0, it is counted as variance between groups.",
                str(case.recipe.plus(name)),
            )


def slope_without_intercept(case: Case) -> Iterator[Finding]:
    """Do slopes vary while all groups are held to one intercept?"""
    if not case.slopes or _spans(case.design.exog_random, np.ones(case.design.n)):
        return
    names = " and ".join(f"'{name}'" for name in case.slopes)
    yield Finding(
        "slope-without-intercept",
        "problem",
        f"The slope of {names} varies between groups, but the intercept does not.",
        f"All groups are held to the same level where {names} is 0, so differences between group "
        "means are forced into the slopes. The intercept should vary too.",
        str(case.recipe.with_(intercept=True)),
    )
