"""Finding and Findings: what a check says, as data, as text and as HTML."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Literal

_WIDTH = 92
_LEGEND = (
    "In the code, data stands for your table and model for this fit. "
    "Run check_model again after each change."
)
_LIMITS = (
    "These checks do not see everything: look at the residuals, and ask whether the model fits "
    "your question."
)


@dataclass(frozen=True)
class Finding:
    """One thing to look at in a fitted model.

    Attributes
    ----------
    code : short name of the finding, such as "stopped-short"
    level : "problem" (the numbers cannot be used as they are) or "note" (know this)
    what : what was seen, with its numbers
    why : why it matters
    next : what to type next, as Python that can be pasted
    """

    code: str
    level: Literal["problem", "note"]
    what: str
    why: str
    next: str

    def __str__(self) -> str:
        head = f"{self.level.upper()}: {self.code}"
        parts = [_labelled("What", self.what), _labelled("Why", self.why)]
        return "\n".join([head, *parts, _code(self.next)])

    def _repr_html_(self) -> str:
        return (
            f"<p><strong>{self.level.capitalize()}: {escape(self.code)}</strong></p>"
            f"<dl><dt>What</dt><dd>{escape(self.what)}</dd><dt>Why</dt><dd>{escape(self.why)}</dd>"
            f"<dt>Next</dt><dd><pre><code>{escape(self.next)}</code></pre></dd></dl>"
        )


def _labelled(label: str, text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent=f"  {label:<6}", subsequent_indent=" " * 8)


def _code(text: str) -> str:
    first, *rest = text.splitlines()
    return "\n".join([f"  {'Next':<6}{first}", *(" " * 8 + line for line in rest)])


class Findings(list):
    """A list of `Finding`, problems first. It prints as text, and as HTML in a notebook.

    Attributes
    ----------
    subject : the model that was checked
    checked : what was looked at, in words
    codes : the codes of the findings, in order

    Examples
    --------
    >>> print(Findings([], subject="math ~ 1 + (1 | school_id)", checked=["one row per group"]))
    Nothing found in math ~ 1 + (1 | school_id).
    Checked: one row per group.
    These checks do not see everything: look at the residuals, and ask whether the model fits
    your question.
    """

    def __init__(
        self, found: Iterable[Finding] = (), *, subject: str = "", checked: Iterable[str] = ()
    ) -> None:
        super().__init__(sorted(found, key=lambda finding: finding.level != "problem"))
        self.subject = subject
        self.checked = list(checked)

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self]

    @property
    def headline(self) -> str:
        if not self:
            return f"Nothing found in {self.subject}."
        counts = [
            f"{count} {level}{'s' * (count != 1)}"
            for level in ("problem", "note")
            if (count := sum(finding.level == level for finding in self))
        ]
        return f"{' and '.join(counts)} in {self.subject}"

    @property
    def _closing(self) -> list[str]:
        return [_LEGEND] if self else [f"Checked: {'; '.join(self.checked)}.", _LIMITS]

    def __str__(self) -> str:
        blocks = [f"{k}. {finding}" for k, finding in enumerate(self, 1)]
        closing = "\n".join(textwrap.fill(line, _WIDTH) for line in self._closing)
        return ("\n\n" if self else "\n").join([self.headline, *blocks, closing])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{finding._repr_html_()}</li>" for finding in self)
        closing = "".join(f"<p>{escape(line)}</p>" for line in self._closing)
        return (
            '<div role="group" aria-label="Model check">'
            f"<p><strong>{escape(self.headline)}</strong></p>"
            f"{f'<ol>{items}</ol>' if items else ''}{closing}</div>"
        )
