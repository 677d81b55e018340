"""check_model: run the checks that a model allows."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from hlmteach.adapters import _mixedlm_design, as_fit
from hlmteach.design import DataError
from hlmteach.engine.solution import solve
from hlmteach.fit import Fit

from . import copies, grouping, leverage, missing, optimum, predictors, slopes
from .case import Case, find_rows
from .findings import Finding, Findings
from .regression import check_regression, is_regression

Check = Callable[[Case], Iterator[Finding]]

# What is checked, in words, and by what. The first part needs no estimates.
_ON_DATA: list[tuple[str, Check]] = [
    ("one group, or one row per group", grouping.unidentified),
    ("most groups of one row", grouping.mostly_singletons),
    ("the grouping column", grouping.wrong_column),
    ("labels that start again in each country, year or school", grouping.reused_labels),
    ("rows lost to missing values", missing.lost_rows),
    ("numbers that stand for missing values", missing.coded_missing),
    ("rows that occur more than once, joins that multiply rows", copies.copies),
    ("ids as predictors", grouping.id_as_predictor),
    ("level-2 predictors that vary within a group", predictors.level2_that_varies),
    ("a fixed part without intercept", predictors.no_fixed_intercept),
    ("predictors that others determine", predictors.determined_columns),
    ("slopes that cannot vary", slopes.slope_of_level2),
    ("slopes without their average", slopes.slope_not_fixed),
    ("slopes without an intercept", slopes.slope_without_intercept),
]
_ON_ESTIMATES: list[tuple[str, Check]] = [
    ("whether the optimiser reached the best fit", optimum.stopped_short),
    ("variances of zero, correlations of one", optimum.singular),
    ("few groups", optimum.few_groups),
    ("predictors on an extreme scale", optimum.scale),
    ("extreme groups that carry a coefficient", leverage.extreme_groups),
]
# A cause hides the findings that follow from it.
_HIDES = {
    "join-multiplied": {
        "reused-label",
        "level2-varies",
        "level-left-out",
        "extreme-groups",
        "rows-lost",
    },
    "one-group": {"level-left-out"},
    "one-row-per-group": {"mostly-singletons", "wrong-group", "slope-of-level2"},
    "wrong-group": {"mostly-singletons"},
    "slope-of-level2": {"slope-without-intercept"},
    "id-as-number": {"level2-varies", "scale", "extreme-groups"},
    "missing-code": {"extreme-groups", "level2-varies"},
    "group-dummies": {"singular", "determined-column"},
}


def check_model(model: object, data: pd.DataFrame | None = None) -> Findings:
    """What is wrong with this fit, why it matters, and what to type next.

    Parameters
    ----------
    model : a `Fit`, or the result of statsmodels' `mixedlm(...).fit()`. An ordinary regression
        (`smf.ols(...).fit()`) gets one finding: it has no groups.
    data : the table before incomplete rows were dropped, one row per level-1 unit. Needed only
        where the model does not hold it, as after statsmodels' `missing="drop"`.

    Returns
    -------
    Findings
        A list of `Finding(code, level, what, why, next)`, problems first. An empty one says what
        was checked.

    Raises
    ------
    TypeError
        If `model` is not a fitted two-level model or `data` is not a table.

    Notes
    -----
    A statsmodels fit is compared with the optimum that the engine of `hlm.lmer` finds; a criterion
    more than 0.0001 above it is a finding, whatever `converged` says.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480, "escs": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=12, group_size=20, group="school_id", seed=1)
    >>> found = hlm.check_model(hlm.lmer("y ~ 1 + escs + (1 | school_id)", data))
    >>> found.codes
    ['few-groups']
    >>> print(found[0].next)
    hlm.coefficient_tests(model)  # t-tests with Satterthwaite's degrees of freedom
    """
    if data is not None and not isinstance(data, pd.DataFrame):
        raise TypeError(
            f"data must be the pandas DataFrame of the model, got {type(data).__name__}."
        )
    if is_regression(model):
        return check_regression(model, data)
    try:
        case = _case(model, data)
    except (DataError, np.linalg.LinAlgError) as error:
        return _unreadable(model, error)
    checks = _ON_DATA + (_ON_ESTIMATES if case.identified else [])
    found = [finding for _, check in checks for finding in check(case)]
    hidden = set().union(*(_HIDES.get(finding.code, set()) for finding in found))
    return Findings(
        [finding for finding in found if finding.code not in hidden],
        subject=case.fit.formula,
        checked=[words for words, _ in checks],
    )


def _case(model: object, data: pd.DataFrame | None) -> Case:
    result = getattr(model, "_results", model)
    criterion = None
    try:
        fit = as_fit(model)
    except DataError:
        # The variances statsmodels stopped at are so far off that nothing can be computed there;
        # what the best fit would be can still be said.
        if type(result).__name__ != "MixedLMResults":
            raise
        design, reml = _mixedlm_design(result.model), result.method == "REML"
        converged = bool(result.converged)
        fit = Fit(design, solve(design, reml), reml, converged, "statsmodels")
        criterion = -2 * float(result.llf)
    criterion = fit.criterion if criterion is None else criterion
    frame = fit.design.frame
    table = frame if data is None else data
    rows = find_rows(fit.design, table)
    if rows is None and table is not frame:
        # Another index, or other rows: good for counting, not for looking up rows.
        return Case(fit, frame, find_rows(fit.design, frame), criterion, fit.converged, table)
    return Case(fit, table, rows, criterion, fit.converged, table)


def _unreadable(model: object, error: Exception) -> Findings:
    finding = Finding(
        "cannot-check",
        "problem",
        f"This model cannot be checked: {error}",
        "Where the best fit cannot be computed, the numbers of another program cannot be trusted "
        "either.",
        "data.describe(include='all')",
    )
    return Findings([finding], subject=str(getattr(model.model, "formula", "this model")))
