"""Coefficients of several models, with intervals."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy import stats

from ..fit import Fit
from ..inference import coefficient_tests
from ..named_fits import named_fits
from ..words import percent, say, term, units
from .canvas import canvas, legend_above
from .palette import MUTED, marks


def coefficients(
    models: object | Sequence[object] | Mapping[str, object],
    ax: Axes | None = None,
    *,
    names: Sequence[str] | None = None,
    terms: Sequence[str] | None = None,
    level: float = 0.95,
) -> Axes:
    """Each fixed effect with its interval, in each model.

    Parameters
    ----------
    models : one model, a list, or a mapping from name to model; Fits or MixedLM results
    ax : Axes to draw on; None makes a figure
    names : names of the models; None takes the mapping's, or "Model 1", ...
    terms : coefficients to draw; None draws all but the intercept
    level : coverage of the intervals, from t with Satterthwaite's degrees of freedom

    Raises
    ------
    ValueError
        If no model has a term, or there is nothing but intercepts.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480, "x": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=50, group_size=20, seed=1)
    >>> ax = coefficients(hlm.lmer("y ~ x + (1 | group)", data))
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['x']
    """
    fits = named_fits(models, names)
    terms = _terms(fits, terms)
    fits = {name: fit for name, fit in fits.items() if set(fit.names) & set(terms)}
    step = 0.7 / len(fits)
    parts = []
    with canvas(ax, size=(7, 1.3 + 0.35 * len(terms) * (1 + 0.5 * len(fits))), grid="x") as ax:
        ax.axvline(0, color=MUTED, linewidth=1.2)
        for k, (fit, mark) in enumerate(zip(fits.values(), marks(), strict=False)):
            table = intervals(fit, level)
            table = table.loc[[t for t in terms if t in table.index]]
            at = np.array([terms.index(t) for t in table.index]) + step * (k - (len(fits) - 1) / 2)
            arms = [table["estimate"] - table["lower"], table["upper"] - table["estimate"]]
            mark = {**mark, "linestyle": "none"}
            ax.errorbar(table["estimate"], at, xerr=arms, label=list(fits)[k], markersize=7, **mark)
            parts += [_spoken(list(fits)[k], table)]
        ax.set_yticks(range(len(terms)), [term(name) for name in terms])
        ax.set_ylim(len(terms) - 0.4, -0.6)
        response = next(iter(fits.values())).design.response
        ax.set_xlabel(f"Coefficient ({units(response)} per unit of the predictor)")
        if len(fits) > 1:
            legend_above(ax)
    ax.hlm_alt = (
        f"Coefficients on {response} with {percent(level)} intervals. {' '.join(p for p in parts)}"
    )
    return ax


def intervals(fit: Fit, level: float) -> pd.DataFrame:
    """`estimate, lower, upper` by coefficient, from t with Satterthwaite's degrees of freedom."""
    if not 0 < level < 1:
        raise ValueError(f"level is {level!r}; give a share between 0 and 1, such as 0.95.")
    table = coefficient_tests(fit)
    reach = stats.t.ppf(0.5 + level / 2, table["df"]) * table["se"]
    return table.assign(lower=table["estimate"] - reach, upper=table["estimate"] + reach)


def _terms(fits: Mapping[str, Fit], terms: Sequence[str] | None) -> list[str]:
    there = list(dict.fromkeys(name for fit in fits.values() for name in fit.names))
    if terms is None:
        terms = [name for name in there if name != "Intercept"]
        if not terms:
            raise ValueError('The models have an intercept only. Draw it with terms=["Intercept"].')
    terms = [terms] if isinstance(terms, str) else list(terms)
    for name in terms:
        if name not in there:
            raise ValueError(f"No model has a coefficient {name!r}; they have: {', '.join(there)}.")
    return terms


def _spoken(model: str, table: pd.DataFrame) -> str:
    each = [
        f"{term(name)} {say(row.estimate)} ({say(row.lower)} to {say(row.upper)})"
        for name, row in table.iterrows()
    ]
    return f"{model}: {', '.join(each) or 'none of these'}."
