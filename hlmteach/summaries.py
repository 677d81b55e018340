"""`summary`: lme4's layout, data first; the text and the HTML are renderings of its tables."""

from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd

from .adapters import as_fit
from .fit import Fit
from .inference import coefficient_tests
from .measures import scaled_residuals

_TESTS = {
    "satterthwaite": "t-tests use Satterthwaite's degrees of freedom (as lmerTest)",
    "normal": "z-tests from the normal distribution",
}
_HEADS = {
    "estimate": "Estimate",
    "se": "Std. Error",
    "df": "df",
    "t": "t value",
    "z": "z value",
    "p": "Pr(>|t|)",
    "group": "Groups",
    "name": "Name",
    "variance": "Variance",
    "sd": "Std.Dev.",
}
_PLACES = {"t": 3, "z": 3, "df": 1}


@dataclass(frozen=True, eq=False)
class Summary:
    """What `summary` returns.

    Attributes
    ----------
    random : DataFrame: variance and SD of each random effect and of the residual (and their
        correlations, where slopes vary)
    fixed : DataFrame by coefficient: estimate, se, and df, t, p where tests were asked for
    corr : DataFrame: correlation of the fixed effects' estimates
    residuals : Series: five numbers of the scaled residuals
    fit : the Fit it describes
    tests : how the tests were made
    """

    fit: Fit
    random: pd.DataFrame
    fixed: pd.DataFrame
    corr: pd.DataFrame
    residuals: pd.Series
    tests: str

    @property
    def title(self) -> str:
        how = "REML" if self.fit.reml else "maximum likelihood"
        by = "" if self.fit.source == "hlmteach" else f" by {self.fit.source}"
        return f"Linear mixed model fit by {how}{by}"

    @property
    def criterion(self) -> pd.Series:
        fit = self.fit
        if fit.reml:
            return pd.Series({"REML criterion": fit.criterion})
        return pd.Series(
            {
                "AIC": fit.aic,
                "BIC": fit.bic,
                "logLik": fit.loglik,
                "deviance": fit.criterion,
                "df.resid": fit.n - fit.n_params,
            }
        )

    @property
    def notes(self) -> list[str]:
        fit = self.fit
        out = [_TESTS[self.tests]] if self.tests in _TESTS else []
        out += [f"Reference of {name}: {level}" for name, level in fit.design.references.items()]
        if fit.dropped_columns:
            out.append(f"Dropped, determined by other columns: {', '.join(fit.dropped_columns)}")
        if fit.dropped:
            out.append(str(fit.dropped))
        if fit.singular:
            out.append("Boundary (singular) fit: a variance is zero or a correlation is 1 or -1")
        if not fit.converged:
            out.append("The optimiser did not converge; see check_model")
        return out

    @property
    def _lower(self) -> pd.DataFrame:
        """The correlations below the diagonal."""
        lower = self.corr.where(np.tril(np.ones(self.corr.shape), -1) > 0)
        return lower.iloc[1:, :-1]

    def __str__(self) -> str:
        fit = self.fit
        parts = [
            f"{self.title}\nFormula: {fit.formula}",
            _criterion_text(self.criterion),
            f"Scaled residuals:\n{_text(_rounded(self.residuals.to_frame().T, 4), index=False)}",
            f"Random effects:\n{_text(_shown(self.random), index=False)}\n"
            f"Number of obs: {fit.n}, groups: {fit.group_name}, {fit.n_groups}",
            f"Fixed effects:\n{_text(_shown(self.fixed))}",
        ]
        if len(self.corr) > 1:
            parts.append(f"Correlation of Fixed Effects:\n{_text(_rounded(self._lower, 3))}")
        if self.notes:
            parts.append("\n".join(self.notes))
        return "\n\n".join(parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        fit = self.fit
        random = _shown(self.random)
        counts = f"{fit.n:,} observations, {fit.n_groups:,} groups ({escape(fit.group_name)})"
        criterion = ", ".join(f"{name} {value:.1f}" for name, value in self.criterion.items())
        parts = [
            f"<p><strong>{escape(self.title)}</strong><br><code>{escape(fit.formula)}</code></p>",
            f"<p>{counts}; {criterion}</p>",
            _html(random, "Random effects", index=False),
            _html(_shown(self.fixed), "Fixed effects"),
        ]
        rest = _html(_rounded(self.residuals.to_frame().T, 4), "Scaled residuals", index=False)
        if len(self.corr) > 1:
            rest += _html(_rounded(self._lower, 3), "Correlation of fixed effects")
        parts.append(f"<details><summary>More</summary>{rest}</details>")
        if self.notes:
            parts.append("<p>" + "<br>".join(escape(n) for n in self.notes) + "</p>")
        return '<div class="hlm-summary">' + "".join(parts) + "</div>"


def summary(model: object, tests: str = "satterthwaite") -> Summary:
    """Summarise a fitted model in lme4's layout.

    Parameters
    ----------
    model : a Fit or a statsmodels MixedLM result
    tests : "satterthwaite" for t-tests with Satterthwaite's degrees of freedom (what R's lmerTest
        adds), "normal" for z-tests (what statsmodels prints), "none" for t values alone (what
        lme4 prints)

    Returns
    -------
    Summary
        With the tables `.random`, `.fixed`, `.corr`, `.residuals` as DataFrames; it prints as
        text, and as HTML tables in a notebook.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> truth = hlm.Params(beta={"Intercept": 480}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(truth, n_groups=50, group_size=25, seed=1)
    >>> fit = hlm.lmer("y ~ 1 + (1 | group)", data)
    >>> hlm.summary(fit).random.columns.tolist()
    ['group', 'name', 'variance', 'sd']
    """
    fit = as_fit(model)
    se = fit.se.to_numpy()
    corr = fit.cov_beta / np.outer(se, se)
    return Summary(
        fit=fit,
        random=fit.varcorr,
        fixed=coefficient_tests(fit, tests),
        corr=corr,
        residuals=scaled_residuals(fit),
        tests=tests,
    )


# ---------------------------------------------------------------- rendering


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Every number as text, with the digits that lme4 prints."""
    out = pd.DataFrame(index=table.index)
    tests = {"p": "Pr(>|z|)"} if "z" in table else {}
    for name in table.columns:
        head = tests.get(name) or _HEADS.get(name)
        if name.startswith("corr_"):
            head = "Corr" if name == "corr_Intercept" else name.removeprefix("corr_")
            out[head] = ["" if np.isnan(v) else f"{v:.2f}" for v in table[name]]
        elif name == "p":
            out[head] = ["<0.001" if v < 0.001 else f"{v:.3f}" for v in table[name]]
        elif name in _PLACES:
            out[head] = _fixed(table[name], _PLACES[name])
        elif name in ("estimate", "se"):  # the same places, so that they can be compared
            out[head] = _fixed(table[name], _places(table["se"]))
        elif name == "group":
            repeated = table[name].eq(table[name].shift())
            out[head] = table[name].astype(str).mask(repeated, "")
        elif table[name].dtype == float:
            out[head] = _fixed(table[name], _places(table[name]))
        else:
            out[head] = table[name].astype(str)
    return out


def _places(values: pd.Series) -> int:
    """Decimals that show four digits of the smallest number."""
    size = np.abs(values[np.isfinite(values) & (values != 0)])
    return int(np.clip(3 - np.floor(np.log10(size.min())), 0, 20)) if len(size) else 3


def _fixed(values: pd.Series, places: int) -> list[str]:
    """The numbers with so many decimals, or with five digits each where that would be too wide."""
    wide = max((len(f"{v:.{places}f}") for v in values), default=0) > 12
    return [f"{v:.5g}" if wide else f"{v:.{places}f}" for v in values]


def _rounded(table: pd.DataFrame, places: int) -> pd.DataFrame:
    """Every number as text with so many decimals, nothing where there is none."""
    return table.map(lambda v: "" if np.isnan(v) else f"{v:.{places}f}")


def _text(cells: pd.DataFrame, index: bool = True) -> str:
    """A table of text, right-aligned; names to the left."""
    rows = [[*([""] if index else []), *map(str, cells.columns)]]
    for label, row in zip(cells.index, cells.to_numpy(dtype=object), strict=True):
        rows.append([*([str(label)] if index else []), *row])
    widths = [max(len(r[k]) for r in rows) for k in range(len(rows[0]))]
    left = {0, 1} if "Groups" in cells.columns else {0} if index else set()
    lines = []
    for row in rows:
        line = [
            c.ljust(w) if k in left else c.rjust(w)
            for k, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append((" " + "  ".join(line)).rstrip())
    return "\n".join(lines)


def _criterion_text(values: pd.Series) -> str:
    if len(values) == 1:
        return f"REML criterion at convergence: {values.iloc[0]:.1f}"
    shown = {name: f"{v:.0f}" if name == "df.resid" else f"{v:.1f}" for name, v in values.items()}
    return _text(pd.DataFrame([shown]), index=False)


def _html(table: pd.DataFrame, caption: str, index: bool = True) -> str:
    head = "".join(
        f'<th scope="col">{escape(str(c))}</th>' for c in [*([""] if index else []), *table.columns]
    )
    if index:
        head = head.replace('<th scope="col"></th>', "<td></td>", 1)
    body = []
    for label, row in zip(table.index, table.to_numpy(dtype=object), strict=True):
        first = f'<th scope="row">{escape(str(label))}</th>' if index else ""
        cells = "".join(f"<td>{escape(str(v))}</td>" for v in row)
        body.append(f"<tr>{first}{cells}</tr>")
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody></table>"
    )
