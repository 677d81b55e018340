"""Two or more models of the same rows, compared by their likelihoods."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import stats

from .adapters import as_fit
from .fit import Fit
from .nesting import check_nested, check_same_rows, same_fixed_part
from .ordinary import is_ordinary, ordinary_fit

_REFITTED = "Refitted by ML: REML criteria of models with different fixed parts are not comparable."
_MIXED = "Refitted by ML: Some models were fitted by REML and others by ML."
_BOUNDARY = (
    "A random effect is added in {label}: its variance cannot be below zero, so p is that of a "
    "50:50 mixture of chi2({low}) and chi2({high}) (Self & Liang 1987; Stram & Lee 1994). "
    "From chi2({high}) alone it would be {p:.4g}."
)
_SEVERAL = " With several random effects added at once, the mixture's p is an upper bound."
_STOPPED = (
    "{label} fits worse than a model inside it, which cannot be at its optimum: the optimiser of "
    "one of them stopped short. Fit it again with hlm.lmer; see hlm.check_model."
)


@dataclass(frozen=True, eq=False)
class Comparison:
    """What a comparison found.

    Attributes
    ----------
    table : DataFrame, one row per model from the fewest parameters to the most, as R's `anova`:
        `npar` parameters, `AIC, BIC, loglik, deviance` (the REML criterion where `reml`), and
        against the row above `chi2`, `df`, `p` and `p_unhalved` (from chi2(df) alone)
    models : label -> formula
    reml : were the models compared by REML criteria?
    notes : what the reader must know: refits, tests on the boundary
    chi2, df, p, p_unhalved : of the last row
    """

    table: pd.DataFrame
    models: dict[str, str]
    reml: bool
    notes: tuple[str, ...] = ()

    @property
    def chi2(self) -> float:
        return float(self.table.chi2.iloc[-1])

    @property
    def df(self) -> int:
        return int(self.table.df.iloc[-1])

    @property
    def p(self) -> float:
        return float(self.table.p.iloc[-1])

    @property
    def p_unhalved(self) -> float:
        return float(self.table.p_unhalved.iloc[-1])

    def __str__(self) -> str:
        head = [f"Likelihood-ratio test by {'REML' if self.reml else 'ML'}"]
        head += [f"{label}: {formula}" for label, formula in self.models.items()]
        rows = self._shown().to_string()
        return "\n".join([*head, rows, *self.notes])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        title = f"<b>Likelihood-ratio test by {'REML' if self.reml else 'ML'}</b>"
        lines = [f"{label}: <code>{escape(text)}</code>" for label, text in self.models.items()]
        notes = "".join(f"<p><small>{escape(note)}</small></p>" for note in self.notes)
        return f"<p>{'<br>'.join([title, *lines])}</p>{self._shown().to_html()}{notes}"

    def _shown(self) -> pd.DataFrame:
        """The table as text: one digit for criteria, what a reader needs for the rest."""
        out = self.table.drop(columns="p_unhalved").astype(object)
        for name in ("AIC", "BIC", "loglik", "deviance"):
            out[name] = [f"{value:.1f}" for value in self.table[name]]
        out["chi2"] = ["" if np.isnan(v) else f"{v:.3f}" for v in self.table.chi2]
        out["df"] = ["" if np.isnan(v) else f"{v:.0f}" for v in self.table.df]
        out["p"] = ["" if np.isnan(v) else _p_text(v) for v in self.table.p]
        return out


def _p_text(p: float) -> str:
    return "<.0001" if p < 1e-4 else f"{p:.4f}"


def lrt(m0: object, m1: object, *, refit: bool = True) -> Comparison:
    """Likelihood-ratio test of one model against another that contains it.

    Parameters
    ----------
    m0, m1 : two models of the same rows, in either order: a Fit or a statsmodels MixedLM result.
        One may be an ordinary regression, `smf.ols(...).fit()`, or the text `"no groups"` for the
        other model without its groups: then the test is whether groups vary at all.
    refit : refit REML fits by ML where their fixed parts differ? False refuses instead.

    Returns
    -------
    Comparison
        `.chi2`, `.df`, `.p`, and `.table`; it prints itself.

    Raises
    ------
    ValueError
        If the models were fitted to different rows, neither contains the other, or a refit is
        needed and `refit` is False.
    TypeError
        If something is not a fitted model.

    Notes
    -----
    REML fits are compared by their REML criteria where only the random parts differ; where the
    fixed parts differ they are refitted by ML. A random effect's variance is tested on the edge
    of what is possible: chi2 is then zero half of the time (one degree of freedom too few), and p
    comes from the 50:50 mixture of chi2(df - 1) and chi2(df): Self & Liang (1987), J. Am. Stat.
    Assoc. 82, 605-610, case 5; Stram & Lee (1994), Biometrics 50, 1171-1177, case 3.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> params = hlm.Params(beta={"Intercept": 480, "x": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(params, n_groups=50, group_size=20, seed=1)
    >>> test = lrt(hlm.lmer("y ~ 1 + (1 | group)", data), hlm.lmer("y ~ x + (1 | group)", data))
    >>> test.df, test.notes[0][:16]
    (1, 'Refitted by ML: ')
    """
    return compare(m0, m1, refit=refit)


def compare(*models: object, refit: bool = True) -> Comparison:
    """Compare several models of the same rows, each nested in the next, as R's `anova`.

    Parameters
    ----------
    *models : two or more, as in `lrt`; they are put in order of their number of parameters
    refit : as in `lrt`

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError, TypeError
        As `lrt`.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> params = hlm.Params(beta={"Intercept": 480, "x": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(params, n_groups=50, group_size=20, seed=1)
    >>> fits = [hlm.lmer(f"y ~ {x} + (1 | group)", data, reml=False) for x in ("1", "x")]
    >>> list(compare(*fits).table.npar)
    [3, 4]
    """
    if len(models) < 2:
        raise ValueError(f"A comparison needs two models or more; got {len(models)}.")
    fits = sorted(_read(models), key=lambda fit: fit.n_params)
    for fit in fits[1:]:
        check_same_rows(fits[0], fit)
    for small, large in pairwise(fits):
        check_nested(small, large)
    fits, notes = _one_criterion(fits, refit)
    return _tabulate(fits, notes)


def _read(models: Sequence[object]) -> list[Fit]:
    """Every model as a Fit; ordinary regressions borrow the groups of the first that has any."""
    grouped = [as_fit(m) for m in models if not _has_no_groups(m)]
    if not grouped:
        raise ValueError(
            "None of these models has groups. Compare ordinary regressions with statsmodels' "
            "anova_lm, or fit one by hlm.lmer('... + (1 | group)', data)."
        )
    for fit in grouped:
        check_same_rows(grouped[0], fit)
    return [ordinary_fit(m, grouped[0]) if _has_no_groups(m) else as_fit(m) for m in models]


def _has_no_groups(model: object) -> bool:
    if isinstance(model, str) and model != "no groups":
        raise TypeError(
            f"Got the text {model!r}; pass a fitted model, or 'no groups' for the other model "
            "without its groups."
        )
    return isinstance(model, str) or is_ordinary(model)


def _one_criterion(fits: list[Fit], refit: bool) -> tuple[list[Fit], list[str]]:
    """All fits by ML, or all by REML with the same fixed part; refitted where they must be."""
    reml = {fit.reml for fit in fits}
    if reml == {False}:
        return fits, []
    same = all(same_fixed_part(fits[0], fit) for fit in fits)
    if reml == {True} and same:
        return fits, []
    note = _MIXED if same or len(reml) > 1 else _REFITTED
    if not refit:
        raise ValueError(
            f"{note.removeprefix('Refitted by ML: ')} Fit them by ML, with lmer(..., reml=False) "
            "or .fit(reml=False), or allow the refit with refit=True."
        )
    return [_by_ml(fit) for fit in fits], [note]


def _by_ml(fit: Fit) -> Fit:
    return fit.refit(reml=False) if fit.reml else fit


def _tabulate(fits: list[Fit], notes: list[str]) -> Comparison:
    labels = [f"m{k}" for k in range(len(fits))]
    table = pd.DataFrame(
        {
            "npar": [fit.n_params for fit in fits],
            "AIC": [fit.aic for fit in fits],
            "BIC": [fit.bic for fit in fits],
            "loglik": [fit.loglik for fit in fits],
            "deviance": [fit.criterion for fit in fits],
        },
        labels,
    )
    tests = [_test(a, b, label) for (a, b), label in zip(pairwise(fits), labels[1:], strict=True)]
    for column in ("chi2", "df", "p", "p_unhalved"):
        table[column] = [np.nan, *(test[column] for test in tests)]
    notes = [*notes, *(note for test in tests for note in test["notes"])]
    models = dict(zip(labels, (fit.formula for fit in fits), strict=True))
    return Comparison(table, models, fits[0].reml, tuple(notes))


def _test(small: Fit, large: Fit, label: str) -> dict:
    """The likelihood-ratio test of one pair."""
    fall = small.criterion - large.criterion
    notes = [_STOPPED.format(label=label)] if fall < -1e-4 else []
    chi2 = fall if fall > 1e-8 else 0.0
    df = large.n_params - small.n_params
    added = len(large.random_names) - len(small.random_names)
    unhalved = float(stats.chi2.sf(chi2, df))
    p = unhalved
    if added > 0:
        p = boundary_p(chi2, df)
        note = _BOUNDARY.format(label=label, low=df - 1, high=df, p=unhalved)
        notes.append(note + (_SEVERAL if added > 1 else ""))
    return {"chi2": chi2, "df": df, "p": p, "p_unhalved": unhalved, "notes": notes}


def boundary_p(chi2: float, df: int) -> float:
    """P(X >= chi2) where X is chi2(df - 1) or chi2(df), with equal chances; chi2(0) is zero."""
    lower = float(stats.chi2.sf(chi2, df - 1)) if df > 1 else float(chi2 <= 0)
    return (lower + float(stats.chi2.sf(chi2, df))) / 2
