"""Checks on the estimates themselves: the optimum, its edge, and how many groups carry it."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from hlmteach.engine.intercept import saturated
from hlmteach.fit import Fit

from .case import Case
from .findings import Finding
from .recipe import Recipe, ticked

# Two criteria closer than this are the same number for every practical purpose.
_GAP = 1e-4
# lme4's tolerance on relative standard deviations, and the correlation it amounts to.
_ZERO_SD = 1e-4
_FULL_CORRELATION = 0.999


def stopped_short(case: Case) -> Iterator[Finding]:
    """Did the optimiser stop before the lowest criterion, or complain without reason?"""
    gap = case.criterion - case.best.criterion
    if not np.isfinite(gap):
        yield _broken(case)
    elif gap > _GAP:
        yield _short(case, gap)
    elif not case.converged and not case.by_statsmodels:
        yield _still_falling(case)
    elif not case.converged:
        yield Finding(
            "not-converged",
            "note",
            f"The optimiser says that it did not converge, yet its criterion {case.criterion:.3f} "
            "is the lowest there is.",
            "A warning like this is right to make you stop. Here the estimates are at the best "
            "fit, so you can use them; fitting once more in another way shows the same numbers.",
            str(case.recipe.with_(tool="hlmteach", method=None)),
        )


def _says(case: Case) -> str:
    return "says converged=True" if case.converged else "warns that it did not converge"


def _broken(case: Case) -> Finding:
    return Finding(
        "stopped-short",
        "problem",
        f"statsmodels broke down and {_says(case)}: the log-likelihood of its result is "
        f"{-case.criterion / 2:g}.",
        "No data have such a likelihood, so none of its estimates and standard errors can be used.",
        str(case.recipe.with_(tool="hlmteach", method=None)),
    )


def _still_falling(case: Case) -> Finding:
    sd = np.sqrt(np.diag(case.fit.solution.D)).max()
    return Finding(
        "stopped-short",
        "problem",
        f"The search ended at the criterion {case.criterion:.3f} while it was still falling; the "
        f"largest SD of a random effect is {sd:,.3g} times that of the error.",
        "Random effects scatter around zero. Where the fixed part lacks an intercept or a slope "
        "that varies, or the zero of a predictor lies far from its values, they must be huge, and "
        "their SDs and correlations lose their digits.",
        str(_around_zero(case)),
    )


def _around_zero(case: Case) -> Recipe:
    """A call in which every effect that varies has a mean; if it has, the slopes' zero moves."""
    recipe = case.recipe if case.design.has_intercept else case.recipe.with_intercept()
    for slope in case.recipe.slopes:
        recipe = recipe if slope in case.design.names else recipe.plus(ticked(slope))
    if recipe.fixed != case.recipe.fixed:
        return recipe
    slopes = case.recipe.slopes
    moved = f"hlm.center(data, {list(slopes)})"
    return recipe.with_(data=moved, slopes=tuple(f"{slope}_c" for slope in slopes))


def _short(case: Case, gap: float) -> Finding:
    digits = max(2, int(np.ceil(-np.log10(gap))) + 1)
    says = _says(case)
    moves = _moved(case.fit, case.best)
    again = case.recipe.with_(tool="hlmteach", method=None)
    if not case.slopes:
        # Derivative-free search with one variance: it reached the optimum wherever it was tried.
        again = case.recipe.with_(method="powell")
    return Finding(
        "stopped-short",
        "problem" if _matters(case) else "note",
        f"statsmodels stopped short of the best fit and {says}: its criterion is "
        f"{case.criterion:.{digits}f}, the lowest is {case.best.criterion:.{digits}f}. "
        f"Variances it gives, and those at the best fit: {moves}.",
        "The estimates are those of a model that fits worse than it could, so variances, ICC and "
        "standard errors are not the ones that REML or ML defines, nor those that R prints. "
        "(The criterion is -2 times the log-likelihood; the lower, the better the fit.)",
        str(again),
    )


def _matters(case: Case) -> bool:
    """Does a standard deviation move by 1 %, or a coefficient by a tenth of its standard error?"""
    fit, best = case.fit, case.best
    if fit.names != best.names:
        return True
    sd, sd_best = (np.sqrt(f.varcorr["variance"].to_numpy()) for f in (fit, best))
    moved = np.abs(fit.beta - best.beta) > 0.1 * best.se
    return bool(moved.any() or (np.abs(sd - sd_best) > 0.01 * np.maximum(sd, sd_best)).any())


def _moved(fit: Fit, best: Fit) -> str:
    names = [*map(_effect, fit.random_names), "the residual"]
    pairs = zip(names, fit.varcorr["variance"], best.varcorr["variance"], strict=True)
    return ", ".join(f"{name} {plain(a)} and {plain(b)}" for name, a, b in pairs)


def plain(value: float) -> str:
    """Four digits, without an exponent where it can be avoided."""
    if value != 0 and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _effect(name: str) -> str:
    return "the intercept" if name == "Intercept" else f"the slope of {name}"


# ---------------------------------------------------------------- the edge


def singular(case: Case) -> Iterator[Finding]:
    """Is a variance at the best fit zero, or a correlation plus or minus one?"""
    if not case.best.singular:
        return
    if case.best.random_names == ["Intercept"] and saturated(case.best.solution.model.s):
        yield _nothing_between(case)
        return
    zero = _zero_effects(case.best)
    yield _no_variance(case, zero) if zero else _full_correlation(case)


def _nothing_between(case: Case) -> Finding:
    J = case.fit.n_groups
    return Finding(
        "singular",
        "problem",
        f"The predictors can give each of the {J:,} groups of '{case.group}' any mean, so nothing "
        "is left from which to estimate the variance between groups; 0 is a stand-in.",
        "Coefficients of what is the same for a whole group and the differences between groups are "
        "one and the same here, so standard errors and p-values of such coefficients mean nothing. "
        "It takes more groups, or fewer predictors of that kind.",
        f"smf.ols({case.recipe.formula_text}, data).fit()  # says the same about these groups only",
    )


def _zero_effects(best: Fit) -> list[str]:
    size = np.sqrt((best.design.exog_random**2).mean(axis=0))
    relative = np.sqrt(np.diag(best.cov_u)) * size / best.sigma_e
    return [n for n, sd in zip(best.random_names, relative, strict=True) if sd < _ZERO_SD]


def _no_variance(case: Case, zero: list[str]) -> Finding:
    named = " and ".join(map(_effect, zero))
    slopes = tuple(name for name in case.recipe.slopes if name not in zero)
    simpler = case.recipe.with_(slopes=slopes)
    code = str(simpler)
    if not slopes and ("Intercept" in zero or not case.recipe.intercept):
        code = f"smf.ols({case.recipe.formula_text}, data).fit()  # the same coefficients"
    elif "Intercept" in zero:
        code = str(case.recipe.with_(tool="hlmteach", correlated=False, method=None))
    return Finding(
        "singular",
        "note",
        f"The variance of {named} between the {case.fit.n_groups:,} groups of '{case.group}' is "
        "estimated as 0. R calls this a singular fit.",
        "Zero is the edge of what a variance can be: the groups differ no more than chance alone "
        "would make them. It is an estimate, not proof that the groups are alike; with few or "
        "small groups a real difference is easily missed.",
        code,
    )


def _full_correlation(case: Case) -> Finding:
    pair = _tied_pair(case.best)
    simpler = case.recipe.with_(slopes=case.recipe.slopes[:-1])
    if pair is None:
        what = "One random effect is a sum of the others at the best fit"
    else:
        first, second, sign = pair
        what = (
            f"The correlation between {_effect(first)} and {_effect(second)} is estimated "
            f"as {sign}1"
        )
        dropped = second if second != "Intercept" else first
        left = tuple(name for name in case.recipe.slopes if name != dropped)
        simpler = case.recipe.with_(slopes=left)
    return Finding(
        "singular",
        "problem",
        f"{what}. R calls this a singular fit.",
        f"The data of {case.fit.n_groups:,} groups cannot tell these effects apart: the model "
        "asks for more than they hold. Variances and correlations at this edge are not to be "
        "interpreted. Compare with a simpler model; centring the predictor may help too.",
        str(simpler),
    )


def _tied_pair(best: Fit) -> tuple[str, str, str] | None:
    cov = best.cov_u.to_numpy()
    names = best.random_names
    for i in range(len(names)):
        for k in range(i + 1, len(names)):
            corr = cov[i, k] / np.sqrt(cov[i, i] * cov[k, k])
            if abs(corr) > _FULL_CORRELATION:
                return names[i], names[k], "+" if corr > 0 else "-"
    return None


# ---------------------------------------------------------------- few groups


def few_groups(case: Case) -> Iterator[Finding]:
    """Are there enough groups to learn how groups differ?"""
    from scipy import stats

    J = case.fit.n_groups
    if J >= 30:
        return
    df = max(J - 1 - len(case.level2), 1)
    low, high = (J - 1) / stats.chi2.ppf([0.975, 0.025], J - 1)
    t = stats.t.ppf(0.975, df)
    about = f"level-2 predictors ({', '.join(case.level2)})" if case.level2 else "the intercept"
    yield Finding(
        "few-groups",
        "problem" if J < 10 else "note",
        f"'{case.group}' has {J} groups only, so the variance between groups rests on {J} units.",
        f"Even if each group's mean were known exactly, the true variance could be {low:.2g} to "
        f"{high:.2g} times the estimate (95 % range). And for {about} the limit 1.96 is too small: "
        f"with about {df} degrees of freedom it is {t:.2f}"
        + (". Below ten groups, a coefficient for each group is often the safer model." * (J < 10)),
        "hlm.coefficient_tests(model)  # t-tests with Satterthwaite's degrees of freedom",
    )


# ---------------------------------------------------------------- scale

# statsmodels starts every random effect with the same variance, so what matters is whether a unit
# of the slope's column is of the order of 1; measured on 60 groups of 10-25: at an SD of 1,000 or
# 0.001, or a mean 100 SDs from 0, every fit stopped short, most with converged=True.
_LARGE, _SMALL, _FAR = 100, 0.01, 50
_UNREADABLE = 1e5


def scale(case: Case) -> Iterator[Finding]:
    """Is a predictor on a scale that hurts the optimiser or the reader?"""
    if case.by_statsmodels:
        for name, column in case.slopes.items():
            mean, sd = float(column.mean()), float(column.std())
            if sd > 0 and (sd > _LARGE or sd < _SMALL or abs(mean) > _FAR * sd):
                yield _bad_scale(case, name, mean, sd)
    for name, column in case.predictors.items():
        sd = float(column.std())
        if sd > _UNREADABLE or 0 < sd < 1 / _UNREADABLE:
            yield _unreadable(case, name, sd)


def _bad_scale(case: Case, name: str, mean: float, sd: float) -> Finding:
    return Finding(
        "scale",
        "note",
        f"The random slope '{name}' has mean {plain(mean)} and SD {plain(sd)}.",
        "statsmodels searches well where the SD is about 1 and the mean about 0; far from that it "
        "often stops short of the best fit without a warning. Standardise the column; its "
        "coefficient is then the difference per SD.",
        _standardise(case, name),
    )


def _unreadable(case: Case, name: str, sd: float) -> Finding:
    beta = case.best.beta.get(name, np.nan)
    shown = "" if pd.isna(beta) else f", so that its coefficient is {beta:.2g} per unit"
    return Finding(
        "scale",
        "note",
        f"'{name}' has an SD of {plain(sd)}{shown}.",
        "A coefficient of so odd a size is hard to read and easy to lose in rounding. Use another "
        "unit (thousands instead of ones) or standardise the column.",
        _standardise(case, name),
    )


def _standardise(case: Case, name: str) -> str:
    column = f'data["{name}"]'
    new = f'data["{name}_z"] = ({column} - {column}.mean()) / {column}.std()'
    recipe = case.recipe
    slopes = tuple(f"{n}_z" if n == name else n for n in recipe.slopes)
    recipe = recipe.without(name).plus(f"{name}_z").with_(slopes=slopes)
    return f"{new}\n{recipe}"
