"""Recovery: what `recover` found, as tables, text, HTML and a plot."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd

from .arguments import known
from .params import Params
from .studies import MULTILEVEL, ORDINARY, ROBUST
from .words import count, on_any_console, say, term

METHODS = (MULTILEVEL, ORDINARY, ROBUST)
_WORDS = {
    MULTILEVEL: "multilevel model",
    ORDINARY: "ordinary regression",
    ROBUST: "ordinary regression, cluster-robust errors",
}
HEADS = {
    "truth": "Truth",
    "mean": "Mean",
    "bias": "Bias",
    "bias_error": "(MC error)",
    "sd": "SD",
    "se": "Mean SE",
    "se_over_sd": "SE / SD",
    "coverage": "Coverage",
    "coverage_error": "(MC error)",
}


@dataclass(frozen=True, eq=False)
class Recovery:
    """What `recover` returns; a notebook shows it as HTML.

    Attributes
    ----------
    table : DataFrame by coefficient and method ("multilevel", "ordinary", "cluster-robust"):
        `truth`; `mean` of the estimates; `bias` and its Monte-Carlo error; `sd` of the estimates,
        which is their real standard error; `se`, the mean of the reported ones; `se_over_sd`, which
        is 1 for honest ones; `coverage` of the intervals and its Monte-Carlo error
    variances : DataFrame by parameter, named as in `confint`: `truth`, `mean`, `bias`,
        `bias_error`, `sd`, and `variance_over_truth`, the mean estimated variance over the true one
    singular : share of the multilevel fits that are singular
    estimates : DataFrame, one row per simulated study; columns (method, quantity, name)
    params : the truth
    level : of the intervals
    study : words for the design
    failed : studies that could not be fitted; they are in no number
    """

    table: pd.DataFrame
    variances: pd.DataFrame
    singular: float
    estimates: pd.DataFrame
    params: Params
    level: float
    study: str
    failed: int

    @property
    def n_sims(self) -> int:
        """Simulated studies that were fitted."""
        return len(self.estimates)

    @property
    def title(self) -> str:
        return f"{count(self.n_sims, 'simulated study', 'simulated studies')} of {self.study}"

    @property
    def notes(self) -> list[str]:
        """Sentences below the table."""
        out = [
            "SE / SD is 1 where the reported standard error is honest; below 1 it is too small.",
            f"Coverage should be {self.level:g}.",
            f"Singular multilevel fits: {100 * self.singular:.1f} %.",
        ]
        if self.failed:
            out.append(f"Not fitted, and in no number: {count(self.failed, 'study', 'studies')}.")
        return out

    def plot(self, coefficient: str | None = None, *, ax: "Sequence | None" = None) -> "Sequence":
        """Histograms of one coefficient's estimates, with what each method's SE promised.

        Parameters
        ----------
        coefficient : its name; None takes the one whose ordinary standard error is furthest off
        ax : three Axes to draw on; None makes a figure

        Raises
        ------
        ValueError
            If there is no such coefficient.
        """
        from .plots import sampling_distribution

        names = list(self.params.beta)
        if coefficient is None:
            ordinary = self.table["se_over_sd"].xs(ORDINARY, level="method")
            coefficient = np.abs(np.log(ordinary)).idxmax()
        known("coefficient", coefficient, names)
        parts = {
            words: parts_of(self.estimates, method, coefficient) for method, words in _WORDS.items()
        }
        return sampling_distribution(
            {name: values for name, (values, _) in parts.items()},
            ax,
            se={name: se.mean() for name, (_, se) in parts.items()},
            truth=self.params.beta[coefficient],
            xlabel=f"Estimated coefficient of {term(coefficient)}",
        )

    def __str__(self) -> str:
        return _text(self)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return _html(self)


def parts_of(estimates: pd.DataFrame, method: str, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(estimates, standard errors) of a method; robust errors belong to ordinary estimates."""
    values = estimates[ORDINARY if method == ROBUST else method, "estimate", name].to_numpy()
    return values, estimates[method, "se", name].to_numpy()


# ---------------------------------------------------------------- renderings


def _cells(found: Recovery) -> list[tuple[str, list[str]]]:
    """(coefficient, texts) of each row of the table."""
    return [
        (term(str(name)), [method, *_texts(row)]) for (name, method), row in found.table.iterrows()
    ]


def _texts(row: pd.Series) -> list[str]:
    return [
        *_amounts(row),
        say(row["sd"]),
        say(row["se"]),
        f"{row['se_over_sd']:.2f}",
        f"{row['coverage']:.3f}",
        f"({row['coverage_error']:.3f})",
    ]


def _amounts(row: pd.Series) -> list[str]:
    return [*(say(row[key]) for key in ("truth", "mean", "bias")), f"({say(row['bias_error'])})"]


def _variance_cells(found: Recovery) -> list[list[str]]:
    return [[str(name), *_amounts(row), say(row["sd"])] for name, row in found.variances.iterrows()]


def _text(found: Recovery) -> str:
    heads = ["", *HEADS.values()]
    body, last = [heads], None
    for name, cells in _cells(found):
        if name != last:
            body.append([name])
            last = name
        body.append([f"  {cells[0]}", *cells[1:]])
    body += [["SDs"], *([f"  {cells[0]}", *cells[1:]] for cells in _variance_cells(found))]
    widths = [max(len(r[k]) for r in body if len(r) > k) for k in range(len(heads))]
    lines = [_line(row, widths) for row in body]
    rule = "-" * max(map(len, lines))
    text = "\n".join([found.title, rule, lines[0], rule, *lines[1:], rule, *found.notes])
    return on_any_console(text)


def _line(row: list[str], widths: list[int]) -> str:
    first = row[0].ljust(widths[0])
    rest = (f"{text:>{width}}" for text, width in zip(row[1:], widths[1:], strict=False))
    return "  ".join([first, *rest]).rstrip()


_CELL = "padding: 2px 8px; text-align: right; white-space: nowrap"
_NAME = "padding: 2px 12px; text-align: left; font-weight: normal; white-space: nowrap"
_RULE = "1.5px solid currentColor"


def _html(found: Recovery) -> str:
    heads = "".join(f'<th scope="col" style="{_CELL}">{h}</th>' for h in HEADS.values())
    rows = [
        '<table style="border-collapse: collapse; font-variant-numeric: tabular-nums; '
        f'border-top: {_RULE}; border-bottom: {_RULE}">',
        f'<caption style="text-align: left">{escape(found.title)}</caption>',
        f'<thead><tr style="border-bottom: {_RULE}"><th scope="col" style="{_NAME}">Method</th>'
        f"{heads}</tr></thead>",
    ]
    last = None
    for name, cells in _cells(found):
        if name != last:
            rows += ["</tbody>"] * (last is not None) + [_group(name)]
            last = name
        rows.append(_html_row(cells))
    rows += ["</tbody>", _group("SDs"), *map(_html_row, _variance_cells(found)), "</tbody></table>"]
    return "\n".join([*rows, f'<p style="font-size: 90%">{escape(" ".join(found.notes))}</p>'])


def _group(name: str) -> str:
    return (
        f'<tbody><tr><th scope="rowgroup" colspan="{1 + len(HEADS)}" '
        f'style="padding: 6px 0 2px 0; text-align: left">{escape(name)}</th></tr>'
    )


def _html_row(cells: list[str]) -> str:
    numbers = "".join(f'<td style="{_CELL}">{escape(text)}</td>' for text in cells[1:])
    return f'<tr><th scope="row" style="{_NAME}">{escape(cells[0])}</th>{numbers}</tr>'
