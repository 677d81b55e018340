"""Standard errors from replicate weights, alone and with plausible values."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from .columns import DataError, find_column
from .weighting import Weights, check_fay, checked, read_weights

Estimator = Callable[..., object]


def replicate_se(
    estimator: Estimator,
    data: pd.DataFrame,
    weights: Weights,
    replicates: pd.DataFrame | Sequence[str],
    *,
    fay: float = 0.5,
) -> pd.DataFrame:
    """Standard errors from replicate weights, for anything that takes a weight.

    Parameters
    ----------
    estimator : called as `estimator(data, weight)` with a Series of weights, one for each row;
        returns a number, or several as a Series, mapping or list. For one statistic:
        `lambda data, weight: np.average(data["math"], weights=weight)`.
    data : the table
    weights : the full-sample weights, a column or (N,) numbers
    replicates : replicate weights: the table of `brr_weights`, or names of columns of `data`
        (`[f"W_FSTURWT{r}" for r in range(1, 81)]` in the OECD's files)
    fay : Fay's k with which the replicates were made; PISA's is 0.5

    Returns
    -------
    DataFrame
        By statistic: `estimate` with the full weights, `se`.

    Notes
    -----
    The sampling variance is sum_r (estimate_r - estimate)^2 / (R (1 - k)^2), so 1/20 of the sum in
    PISA: OECD (2009), PISA Data Analysis Manual: SPSS, 2nd ed., chapter 7.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> students, schools = hlm.datasets.pisa_like()
    >>> data = students.merge(schools, on=["year", "country", "school_id"])
    >>> finland = data[data.country == "FIN"]
    >>> replicates = hlm.brr_weights(finland, "stu_wgt")
    >>> mean = lambda data, weight: np.average(data["math"], weights=weight)
    >>> table = replicate_se(mean, finland, "stu_wgt", replicates)
    >>> table.columns.tolist()
    ['estimate', 'se']
    """
    full, table = _all_weights(data, weights, replicates)
    estimates, variance = _replicated(lambda w: estimator(data, w), full, table, fay)
    return pd.DataFrame({"estimate": estimates, "se": np.sqrt(variance)})


def pv_estimate(
    estimator: Estimator,
    data: pd.DataFrame,
    pvs: Iterable[str],
    weights: Weights,
    replicates: pd.DataFrame | Sequence[str],
    *,
    fay: float = 0.5,
    shortcut: bool = False,
) -> pd.DataFrame:
    """PISA's full recipe: plausible values and replicate weights together.

    Parameters
    ----------
    estimator : called as `estimator(data, pv, weight)` with the name of a plausible value and a
        Series of weights; returns a number, or several as a Series, mapping or list
    data, weights, replicates, fay : as in `replicate_se`
    pvs : names of the plausible values, two or more
    shortcut : take the sampling variance of the first plausible value alone, in 1/M of the time;
        OECD's manual calls it an unbiased shortcut

    Returns
    -------
    DataFrame
        By statistic: `estimate`, `se`, `lower` and `upper` (estimate -/+ 1.96 se, as OECD),
        `sampling` and `imputation` (the two parts of the variance, which add up to se^2), `fmi`
        (imputation's share of the variance).

    Notes
    -----
    With M plausible values, se^2 = U + (1 + 1/M) B: U is the mean of the M sampling variances, B
    the variance of the M estimates. OECD (2009), PISA Data Analysis Manual: SPSS, 2nd ed., chapter
    8. The estimator runs M (R + 1) times: 810 for PISA's ten values and 80 replicates.

    Where school weights enter a model, replicate those and hold the students' weights given the
    school: a school's factor cancels when its students' weights are scaled within it.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> students, schools = hlm.datasets.pisa_like()
    >>> data = hlm.datasets.pisa_like_pv().merge(students, how="left").merge(
    ...     schools, on=["year", "country", "school_id"])
    >>> finland = data[data.country == "FIN"]
    >>> replicates = hlm.brr_weights(finland, "stu_wgt")
    >>> mean = lambda data, pv, weight: np.average(data[pv], weights=weight)
    >>> pvs = [f"pv{k}math" for k in range(1, 11)]
    >>> result = pv_estimate(mean, finland, pvs, "stu_wgt", replicates)
    >>> list(result.columns)
    ['estimate', 'se', 'lower', 'upper', 'sampling', 'imputation', 'fmi']
    """
    pvs = [pvs] if isinstance(pvs, str) else list(pvs)
    if len(pvs) < 2:
        raise ValueError(
            f"{len(pvs)} plausible value: their variance cannot be told from fewer than two. "
            "For one outcome use replicate_se."
        )
    for pv in pvs:
        find_column(pv, data)
    full, table = _all_weights(data, weights, replicates)
    estimates, variances = [], []
    for pv in pvs:
        once = shortcut and len(estimates) > 0
        estimate, variance = _replicated(
            lambda w, pv=pv: estimator(data, pv, w), full, table.iloc[:, :0] if once else table, fay
        )
        estimates.append(estimate)
        variances += [] if once else [variance]
    each = pd.DataFrame(estimates)
    sampling = pd.DataFrame(variances).mean()
    imputation = (1 + 1 / len(pvs)) * each.var(ddof=1)
    total = sampling + imputation
    se = np.sqrt(total)
    mean = each.mean()
    return pd.DataFrame(
        {
            "estimate": mean,
            "se": se,
            "lower": mean - 1.96 * se,
            "upper": mean + 1.96 * se,
            "sampling": sampling,
            "imputation": imputation,
            "fmi": imputation / total,
        }
    )


def _all_weights(
    data: pd.DataFrame, weights: Weights, replicates: pd.DataFrame | Sequence[str]
) -> tuple[pd.Series, pd.DataFrame]:
    """The full-sample weights and the replicates, each with the data's rows."""
    name, w = read_weights("weights", weights, data)
    full = pd.Series(checked(name, w), data.index, name=name)
    if not isinstance(replicates, pd.DataFrame):
        replicates = pd.DataFrame({column: find_column(column, data) for column in replicates})
    if not replicates.index.equals(data.index):
        raise DataError(
            f"The replicate weights have {len(replicates):,} rows and the data {len(data):,}, or "
            "other row labels. Choose the same rows of both: replicates.loc[data.index]."
        )
    if replicates.shape[1] < 2:
        raise DataError(f"{replicates.shape[1]} replicate weights; there must be two or more.")
    return full, replicates


def _replicated(
    estimate: Callable[[pd.Series], object], full: pd.Series, replicates: pd.DataFrame, fay: float
) -> tuple[pd.Series, pd.Series]:
    """(estimates, sampling variances), the latter zero without replicates."""
    check_fay(fay)
    centre = _numbers(estimate(full), "the full weights")
    total = centre * 0.0
    for name in replicates.columns:
        again = _numbers(estimate(replicates[name]), f"the replicate {name}")
        if not again.index.equals(centre.index):
            raise ValueError(
                f"With {name} the estimator returned {', '.join(map(str, again.index))}; with the "
                f"full weights {', '.join(map(str, centre.index))}. Return the same statistics."
            )
        total += (again - centre) ** 2
    return centre, total / (max(replicates.shape[1], 1) * (1 - fay) ** 2)


def _numbers(value: object, where: str) -> pd.Series:
    """What an estimator returned, as a Series of numbers."""
    if isinstance(value, Mapping):
        value = pd.Series(dict(value))
    if not isinstance(value, pd.Series):
        value = np.atleast_1d(np.asarray(value))
        names = (
            ["estimate"] if len(value) == 1 else [f"estimate {k + 1}" for k in range(len(value))]
        )
        value = pd.Series(value, names)
    try:
        value = value.astype(float)
    except (TypeError, ValueError):
        raise TypeError(
            f"With {where} the estimator returned {value.iloc[0]!r}; it must return a number, or "
            "several as a Series, mapping or list."
        ) from None
    if not np.isfinite(value).all():
        name = value.index[int(np.argmin(np.isfinite(value)))]
        raise ValueError(
            f"With {where} the estimator returned {value[name]} for {name!r}. Does the data hold "
            "missing values? Drop those rows from the data and the replicates first."
        )
    return value
