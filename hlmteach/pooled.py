"""Several fits that became one: the record that `pool` returns, as tables, text and HTML."""

from dataclasses import dataclass
from functools import cached_property
from html import escape

import pandas as pd

from .summaries import _html, _shown, _text


@dataclass(frozen=True, eq=False)
class Pooled:
    """What `pool` returns; it prints as text, and as HTML in a notebook.

    Attributes
    ----------
    fixed : DataFrame by coefficient: `estimate, se, df, t, p, lower, upper` (95 % interval),
        `within` and `between` (variances within and between the fits), `riv` (relative increase in
        variance), `fmi` (fraction of missing information)
    random : DataFrame of the random part, or None without one: variance and SD of each random
        effect and of the residual, correlations, and the `lowest` and `highest` variance of the
        fits. Variances (and covariances) are means over the fits; SDs are their square roots.
    icc : mean of the fits' ICCs; None without a random intercept
    cov_beta : DataFrame, total covariance of the pooled coefficients
    m : number of fits
    n, n_groups : rows and groups of each fit; None where the fits do not tell
    kind : how each fit was made
    df_rule : where the degrees of freedom come from, in words
    formulas : the fits' formulas
    """

    fixed: pd.DataFrame
    random: pd.DataFrame | None
    icc: float | None
    cov_beta: pd.DataFrame
    m: int
    n: int | None
    n_groups: int | None
    kind: str
    df_rule: str
    formulas: list[str]
    notes: list[str]

    @property
    def beta(self) -> pd.Series:
        return self.fixed["estimate"].rename("beta")

    @property
    def se(self) -> pd.Series:
        return self.fixed["se"]

    @property
    def sigma_e(self) -> float:
        return float(self._random["sd"].iloc[-1])

    @property
    def sigma_u(self) -> float:
        row = self._random[self._random["name"] == "Intercept"]
        if row.empty:
            raise ValueError("These fits have no random intercept; see .random instead.")
        return float(row["sd"].iloc[0])

    @property
    def _random(self) -> pd.DataFrame:
        if self.random is None:
            raise ValueError(f"Fits by {self.kind} have no random part.")
        return self.random

    @property
    def title(self) -> str:
        return f"{self.m} fits pooled by Rubin's rules ({self.kind})"

    @cached_property
    def _lines(self) -> list[str]:
        lines = [f"df: {self.df_rule}", *self.notes]
        if self.icc is not None:
            lines.insert(0, f"ICC {self.icc:.3f}, the mean over the fits")
        return lines

    @cached_property
    def _shown_fixed(self) -> pd.DataFrame:
        shown = _shown(self.fixed[["estimate", "se", "df", "t", "p"]])
        return shown.assign(
            RIV=[f"{v:.3f}" for v in self.fixed["riv"]], FMI=[f"{v:.3f}" for v in self.fixed["fmi"]]
        )

    @cached_property
    def _shown_random(self) -> pd.DataFrame:
        return _shown(self._random.drop(columns=["lowest", "highest"]))

    @property
    def _formula(self) -> str:
        rest = f"   (and {self.m - 1} more)" if len(set(self.formulas)) > 1 else ""
        return self.formulas[0] + rest if self.formulas else ""

    @property
    def _size(self) -> str:
        parts = [f"Number of obs: {self.n}"] if self.n else []
        groups = f"groups: {self.random['group'].iloc[0]}, {self.n_groups}" if self.n_groups else ""
        return ", ".join([*parts, *filter(None, [groups])])

    def __str__(self) -> str:
        parts = [self.title + (f"\nFormula: {self._formula}" if self._formula else "")]
        if self.random is not None:
            head = "Random effects (variances are means over the fits):"
            parts.append(f"{head}\n{_text(self._shown_random, index=False)}\n{self._size}")
        elif self._size:
            parts.append(self._size)
        parts.append(f"Fixed effects:\n{_text(self._shown_fixed)}")
        return "\n\n".join([*parts, "\n".join(self._lines)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        formula = f"<br><code>{escape(self._formula)}</code>" if self._formula else ""
        parts = [f"<p><strong>{escape(self.title)}</strong>{formula}</p>"]
        if self._size:
            parts.append(f"<p>{escape(self._size)}</p>")
        if self.random is not None:
            caption = "Random effects (variances are means over the fits)"
            parts.append(_html(self._shown_random, caption, index=False))
        parts.append(_html(self._shown_fixed, "Fixed effects"))
        parts.append("<p>" + "<br>".join(map(escape, self._lines)) + "</p>")
        return '<div class="hlm-summary">' + "".join(parts) + "</div>"
