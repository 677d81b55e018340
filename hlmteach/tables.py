"""`table`: several models side by side, as journals print them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd
from scipy import stats

from .arguments import known, whole_number
from .fit import Fit
from .inference import coefficient_tests
from .named_fits import named_fits
from .words import group_words, member_words, term

_FIXED, _RANDOM, _SIZE = "Fixed effects", "Random effects (variances)", "Size and fit"
_BESIDE = {"se": "(SE)", "ci": "[95 % CI]", "p": "(p)"}
Cell = tuple[str, str]  # the number, and what stands beside it in brackets


@dataclass(frozen=True, eq=False)
class PublicationTable:
    """What `table` returns; a notebook shows it as HTML.

    Attributes
    ----------
    numbers : DataFrame by part and row; columns (model, "value"), and for fixed effects
        (model, "se" | "df" | "p" | "lower" | "upper")
    cells : the same as texts: (part, row) -> one (number, bracket) a model
    names : the models' names
    notes : sentences below the table
    caption : what the table is
    """

    numbers: pd.DataFrame
    cells: dict[tuple[str, str], list[Cell]]
    names: list[str]
    notes: list[str]
    caption: str

    @property
    def frame(self) -> pd.DataFrame:
        """The table as text: one column a model, "8.77 (2.12)" in a cell."""
        index = pd.MultiIndex.from_tuples(self.cells, names=["part", "row"])
        rows = [[" ".join(filter(None, cell)) for cell in row] for row in self.cells.values()]
        return pd.DataFrame(rows, index, self.names)

    def __str__(self) -> str:
        return _text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_html(self) -> str:
        """An accessible table. Copied into a word processor it keeps its lines and columns."""
        return _html(self)

    def to_latex(self) -> str:
        r"""A `tabular` and its note, for booktabs: `\usepackage{booktabs}` in the preamble."""
        return _latex(self)


def table(
    models: object | Sequence[object] | Mapping[str, object],
    names: Sequence[str] | None = None,
    *,
    beside: str = "se",
    digits: int = 2,
) -> PublicationTable:
    """Several models side by side, as journals print them.

    Parameters
    ----------
    models : one model, a list, or a mapping from name to model; Fits or statsmodels results
    names : names of the models; None takes the mapping's, or "Model 1", ...
    beside : what stands in brackets beside a coefficient: "se", its standard error; "ci", its
        95 % interval; "p", its p-value; the last two with Satterthwaite's degrees of freedom
    digits : decimals of coefficients and variances

    Returns
    -------
    PublicationTable
        `.frame`, `.numbers`, `.to_html()`, `.to_latex()`; `print` gives text.

    Raises
    ------
    ValueError
        If there are no models, names do not fit, or `beside` is something else.

    Examples
    --------
    >>> import hlmteach as hlm
    >>> world = hlm.Params(beta={"Intercept": 480, "x": 30}, sigma_u=40, sigma_e=80)
    >>> data = hlm.simulate(world, n_groups=50, group_size=20, seed=1)
    >>> m0, m1 = (hlm.lmer(f"y ~ {x} + (1 | group)", data) for x in ("1", "x"))
    >>> printed = table([m0, m1], names=["empty", "with x"])
    >>> printed.frame.loc[("Size and fit", "Groups"), "with x"]
    '50'
    """
    known("beside", beside, _BESIDE)
    whole_number("digits", digits, 0)
    fits = named_fits(models, names)
    columns = {name: _column(fit) for name, fit in fits.items()}
    rows = _row_order(columns)
    numbers = _numbers(columns, rows)
    cells = {
        row: [_cell(row, columns[name].get(row), beside, digits) for name in fits] for row in rows
    }
    outcomes = list(dict.fromkeys(fit.design.response for fit in fits.values()))
    caption = f"Multilevel models of {', '.join(outcomes)}"
    return PublicationTable(numbers, cells, list(fits), _notes(fits, beside), caption)


# ---------------------------------------------------------------- data


def _column(fit: Fit) -> dict[tuple[str, str], dict[str, float]]:
    """One model: (part, row) -> its numbers."""
    tests = coefficient_tests(fit)
    reach = stats.t.ppf(0.975, tests["df"]) * tests["se"]
    tests = tests.assign(lower=tests["estimate"] - reach, upper=tests["estimate"] + reach)
    column = {
        (_FIXED, term(str(name))): {
            "value": row["estimate"],
            **row[["se", "df", "p", "lower", "upper"]].to_dict(),
        }
        for name, row in tests.iterrows()
    }
    for name, value in {**_random_part(fit), **_size_part(fit)}.items():
        column[name] = {"value": float(value)}
    return column


def _random_part(fit: Fit) -> dict[tuple[str, str], float]:
    many = group_words(fit.group_name)[1]
    cov, part = fit.cov_u.to_numpy(), {}
    for k, name in enumerate(fit.random_names):
        what = f"Between {many}" if name == "Intercept" else f"Slope of {name} between {many}"
        part[_RANDOM, what] = cov[k, k]
    sd = np.sqrt(np.diag(cov))
    for block in fit.design.blocks:
        for a, i in enumerate(block):
            for k in block[a + 1 :]:
                names = f"{fit.random_names[i]}, {fit.random_names[k]}"
                both = sd[i] * sd[k]
                part[_RANDOM, f"Correlation ({names})"] = cov[i, k] / both if both else np.nan
    part[_RANDOM, f"Within {many} (residual)"] = fit.sigma_e**2
    if "Intercept" in fit.random_names:
        part[_RANDOM, "ICC"] = fit.icc
    return part


def _size_part(fit: Fit) -> dict[tuple[str, str], float]:
    many = group_words(fit.group_name)[1].capitalize()
    return {
        (_SIZE, member_words(fit.group_name).capitalize()): fit.n,
        (_SIZE, many): fit.n_groups,
        (_SIZE, "REML criterion" if fit.reml else "Deviance"): fit.criterion,
        (_SIZE, "AIC"): fit.aic,
    }


def _row_order(columns: Mapping[str, dict]) -> list[tuple[str, str]]:
    """Every row once, part by part; what closes a part in any model closes it in the table."""
    last = ("Within", "ICC", "AIC")
    seen = dict.fromkeys(row for column in columns.values() for row in column)
    parts = [_FIXED, _RANDOM, _SIZE]

    def place(row: tuple[str, str]) -> tuple[int, int]:
        closing = [k for k, word in enumerate(last) if row[1].startswith(word)]
        return parts.index(row[0]), closing[0] + 1 if closing and row[0] != _FIXED else 0

    return sorted(seen, key=place)


def _numbers(columns: Mapping[str, dict], rows: list[tuple[str, str]]) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples(rows, names=["part", "row"])
    quantities = ["value", "se", "df", "p", "lower", "upper"]
    data = {
        (name, q): [column.get(row, {}).get(q, np.nan) for row in rows]
        for name, column in columns.items()
        for q in quantities
    }
    return pd.DataFrame(data, index)


def _cell(row: tuple[str, str], numbers: dict | None, beside: str, digits: int) -> Cell:
    if numbers is None or np.isnan(numbers["value"]):
        return "", ""
    part, name = row
    value = numbers["value"]
    if part == _SIZE:
        return (
            f"{value:,.1f}" if name in ("AIC", "Deviance", "REML criterion") else f"{value:,.0f}",
            "",
        )
    if part == _RANDOM:
        return f"{value:,.{2 if name == 'ICC' or name.startswith('Corr') else digits}f}", ""
    return _rounded(value, digits), _bracket(numbers, beside, digits)


def _rounded(value: float, digits: int) -> str:
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if round(value, digits) == 0 else text  # no "-0.00"


def _bracket(numbers: dict, beside: str, digits: int) -> str:
    if beside == "se":
        return f"({numbers['se']:.{digits}f})"
    if beside == "ci":
        return f"[{_rounded(numbers['lower'], digits)}, {_rounded(numbers['upper'], digits)}]"
    p = numbers["p"]
    return "(<.001)" if p < 0.001 else f"({f'{p:.3f}'.removeprefix('0')})"


def _notes(fits: Mapping[str, Fit], beside: str) -> list[str]:
    ways = {name: "REML" if fit.reml else "maximum likelihood" for name, fit in fits.items()}
    if len(set(ways.values())) == 1:
        how = f"Estimated by {next(iter(ways.values()))}."
    else:
        how = "Estimated by " + ", ".join(f"{way} ({name})" for name, way in ways.items()) + "."
    inside = {
        "se": "Standard errors in brackets.",
        "ci": "95 % intervals in brackets, from t with Satterthwaite's degrees of freedom.",
        "p": "p-values in brackets, from t with Satterthwaite's degrees of freedom.",
    }
    notes = [how, inside[beside], *_warnings(fits)]
    return notes


def _warnings(fits: Mapping[str, Fit]) -> list[str]:
    """What a reader could compare wrongly."""
    notes = []
    reml = [fit for fit in fits.values() if fit.reml]
    if len({tuple(fit.names) for fit in reml}) > 1:
        notes.append(
            "REML criteria and the AIC from them compare only models with the same fixed effects."
        )
    indexes = [fit.design.index for fit in fits.values()]
    if not all(index.equals(indexes[0]) for index in indexes):
        notes.append("The models use different rows, so their fit cannot be compared.")
    for name, fit in fits.items():
        if fit.singular:
            notes.append(f"{name} is singular: a variance is zero or a correlation is one.")
    return notes


# ---------------------------------------------------------------- renderings


def _text(printed: PublicationTable) -> str:
    indent = [f"  {row}" for _, row in printed.cells]
    head = max(map(len, indent))
    widths = [
        _widths([row[k] for row in printed.cells.values()]) for k in range(len(printed.names))
    ]
    spans = [max(a + b + 1, len(n)) for (a, b), n in zip(widths, printed.names, strict=True)]
    line = "-" * (head + sum(spans) + 3 * len(spans))
    title = " " * head + "".join(f"   {n:>{w}}" for n, w in zip(printed.names, spans, strict=True))
    lines, part = [printed.caption, line, title, line], None
    for (here, name), row in printed.cells.items():
        if here != part:
            lines.append(here)
            part = here
        shown = [f"{v:>{a}} {b:<{w}}" for (v, b), (a, w) in zip(row, widths, strict=True)]
        cells = "".join(f"   {text:>{w}}" for text, w in zip(shown, spans, strict=True))
        lines.append((f"  {name}".ljust(head) + cells).rstrip())
    return "\n".join([*lines, line, *printed.notes])


def _widths(column: list[Cell]) -> tuple[int, int]:
    return max(len(value) for value, _ in column), max(len(bracket) for _, bracket in column)


_CELL = "padding: 2px 0 2px 14px; text-align: right; white-space: nowrap"
_BESIDE_CELL = "padding: 2px 0 2px 0; text-align: left; white-space: nowrap"
_HEAD = "padding: 2px 4px 2px 14px; text-align: center; white-space: nowrap"
_NAME = "padding: 2px 12px; text-align: left; font-weight: normal; white-space: nowrap"
_BELOW = "border-bottom: 1.5px solid #000; border-bottom-color: currentColor"
_ABOVE = _BELOW.replace("bottom", "top")  # a word processor knows no currentColor


def _html(printed: PublicationTable) -> str:
    count = len(printed.names)
    # Styles and lines sit on the cells: word processors drop style sheets and a table's own lines,
    # and notebooks may drop the first.
    rows = [
        '<table style="border-collapse: collapse; font-variant-numeric: tabular-nums">',
        f'<caption style="text-align: left">{escape(printed.caption)}</caption>',
        f'<thead><tr><th scope="col" style="{_NAME}; {_ABOVE}; {_BELOW}">Term</th>',
        *(
            f'<th scope="col" colspan="2" style="{_HEAD}; {_ABOVE}; {_BELOW}">{escape(name)}</th>'
            for name in printed.names
        ),
        "</tr></thead>",
    ]
    part, last = None, list(printed.cells)[-1]
    for (here, name), row in printed.cells.items():
        line = f"; {_BELOW}" if (here, name) == last else ""
        if here != part:
            rows += ["</tbody>"] * (part is not None)
            rows.append(
                f'<tbody><tr><th scope="rowgroup" colspan="{1 + 2 * count}" '
                f'style="padding: 6px 0 2px 0; text-align: left">{escape(here)}</th></tr>'
            )
            part = here
        cells = "".join(
            f'<td style="{_CELL}{line}">{_minus(value)}</td>'
            f'<td style="{_BESIDE_CELL}{line}">{"&nbsp;" if b else ""}{_minus(b)}</td>'
            for value, b in row
        )
        rows.append(f'<tr><th scope="row" style="{_NAME}{line}">{escape(name)}</th>{cells}</tr>')
    notes = escape(" ".join(printed.notes))
    # Outside the table: a long note would stretch the columns.
    rows.append(f'</tbody></table>\n<p style="font-size: 90%">Note. {notes}</p>')
    return "\n".join(rows)


def _minus(text: str) -> str:
    return escape(text).replace("-", "−")


def _latex(printed: PublicationTable) -> str:
    count = len(printed.names)
    names = "".join(rf" & \multicolumn{{2}}{{c}}{{{_tex(name)}}}" for name in printed.names)
    lines = [rf"\begin{{tabular}}{{l{'r@{ }l' * count}}}", r"\toprule", rf"{names} \\"]
    part = None
    for (here, name), row in printed.cells.items():
        if here != part:
            lines += [r"\midrule", rf"\multicolumn{{{1 + 2 * count}}}{{l}}{{\textbf{{{here}}}}} \\"]
            part = here
        cells = "".join(f" & {_tex_number(value)} & {_tex_number(b)}" for value, b in row)
        lines.append(rf"\quad {_tex(name)}{cells} \\")
    notes = _tex(" ".join(printed.notes))
    # Outside the tabular: a long note would stretch the columns.
    below = rf"\par\smallskip{{\footnotesize Note. {notes}\par}}"
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", below])


_TEX = str.maketrans(
    {
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "\\": r"\textbackslash{}",
        "<": r"$<$",
    }
)


def _tex(text: str) -> str:
    return text.translate(_TEX)


def _tex_number(text: str) -> str:
    return _tex(text).replace("-", "$-$").replace("[", "{[}").replace("]", "{]}")
