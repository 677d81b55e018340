"""What check_model says of an ordinary regression."""

import re

import pandas as pd

from hlmteach.fitting import lmer

from .case import likely_group
from .findings import Finding, Findings
from .recipe import quoted

_KINDS = {"OLSResults", "RegressionResults"}


def is_regression(model: object) -> bool:
    return type(getattr(model, "_results", model)).__name__ in _KINDS


def check_regression(model: object, data: pd.DataFrame | None) -> Findings:
    """One finding: there are no groups, or they are in the model in another way."""
    inner = model.model
    table = data if data is not None else getattr(inner.data, "frame", None)
    formula = str(getattr(inner, "formula", "") or f"{inner.endog_names} ~ ...")
    group = likely_group(table)
    if group and re.search(rf"\b{re.escape(group)}\b", formula):
        finding = _fixed_effects(formula, group)
    elif getattr(model, "cov_type", "") == "cluster":
        finding = _robust(formula, group or "school_id")
    else:
        finding = _no_groups(formula, group, table)
    return Findings([finding], subject=formula)


def _no_groups(formula: str, group: str | None, table: pd.DataFrame | None) -> Finding:
    alike = _alike(formula, group, table)
    return Finding(
        "no-groups",
        "problem" if group else "note",
        f"This is an ordinary regression: it has no groups.{alike}",
        "It takes every row for independent of the others. Where rows of a group are alike, its "
        "standard errors are wrong, most of all (far too small) for predictors with one value per "
        "group.",
        f"smf.mixedlm({quoted(formula)}, data, groups={quoted(group or 'school_id')}).fit()",
    )


def _alike(formula: str, group: str | None, table: pd.DataFrame | None) -> str:
    response = formula.partition("~")[0].strip()
    if group is None or table is None or response not in table:
        return ""
    rows = table[[response, group]].dropna()
    try:
        icc = lmer(f"{response} ~ 1 + (1 | {group})", rows).icc
    except ValueError:
        return ""
    return f" Groups of '{group}' hold {icc:.0%} of the variance of '{response}' (its ICC)."


def _fixed_effects(formula: str, group: str) -> Finding:
    return Finding(
        "no-groups",
        "note",
        f"This is an ordinary regression with '{group}' among its predictors: each group has a "
        "coefficient of its own, or, if the column is a number, the id is read as a measurement.",
        "Coefficients for the groups are a valid model of its own: it compares rows within groups. "
        "It cannot estimate a predictor with one value per group, and it has no variance between "
        "groups and no ICC. An id read as a number is a mistake.",
        f"hlm.lmer({quoted(f'{_without(formula, group)} + (1 | {group})')}, data)",
    )


def _without(formula: str, group: str) -> str:
    left, _, right = formula.partition("~")
    name = re.escape(group)
    right = re.sub(rf"[+*:]?\s*(C\(\s*{name}\s*\)|\b{name}\b)", "", right).strip().lstrip("+ ")
    return f"{left.strip()} ~ {right or '1'}"


def _robust(formula: str, group: str) -> Finding:
    return Finding(
        "no-groups",
        "note",
        "This is an ordinary regression with cluster-robust standard errors: it has no variance "
        "between groups.",
        "Its standard errors are valid if there are enough groups (about 40 or more). Its "
        "coefficients answer the same question with other weights, and it has no ICC and no group "
        "effects.",
        f"smf.mixedlm({quoted(formula)}, data, groups={quoted(group)}).fit()",
    )
