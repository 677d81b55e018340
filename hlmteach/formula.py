"""lme4's formula, taken apart: response, fixed part and random terms, still as text."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

_NAME = re.compile(r"[^\W\d]\w*(\.\w+)*\Z")
_TICKED = re.compile(r"`([^`]+)`\Z")


class FormulaError(ValueError):
    """The formula cannot be read or does not describe a model that this package fits."""


@dataclass(frozen=True)
class RandomTerm:
    """One random term, such as `(1 + escs | school_id)`.

    Attributes
    ----------
    intercept : does the intercept vary between the groups?
    slopes : names of the columns whose slope varies between the groups
    group : the grouping columns; more than one for `country:school_id`
    correlated : False for lme4's double bar `||`
    """

    intercept: bool
    slopes: tuple[str, ...]
    group: tuple[str, ...]
    correlated: bool = True

    @property
    def names(self) -> list[str]:
        return ["Intercept"] * self.intercept + list(self.slopes)

    def __str__(self) -> str:
        left = " + ".join(["1" if self.intercept else "0", *map(_written, self.slopes)])
        bar = "|" if self.correlated else "||"
        return f"({left} {bar} {':'.join(map(_written, self.group))})"


@dataclass(frozen=True)
class Formula:
    """A parsed formula.

    Attributes
    ----------
    text : the formula as it was typed
    response : left of the tilde
    fixed : the fixed part, right of the tilde, without the random terms
    random : the random terms, all on one grouping factor

    Examples
    --------
    >>> f = parse("math ~ 1 + escs + (1 | school_id)")
    >>> f.response, f.fixed, str(f.random[0])
    ('math', '1 + escs', '(1 | school_id)')
    """

    text: str
    response: str
    fixed: str
    random: tuple[RandomTerm, ...]

    @property
    def group(self) -> tuple[str, ...]:
        return self.random[0].group

    @cached_property
    def plain_terms(self) -> tuple[bool, list[str]] | None:
        """(has intercept, columns) where the fixed part is a sum of bare columns, else None."""
        intercept, columns = True, []
        for sign, term in _signed_terms(self.fixed):
            name = column_name(term)
            if term in ("0", "1"):
                intercept = (term == "1") == (sign == "+")
            elif sign == "-" or name is None:
                return None
            elif name not in columns:
                columns.append(name)
        return intercept, columns


def parse(text: str) -> Formula:
    """Take a formula in lme4's notation apart.

    Parameters
    ----------
    text : for example `"math ~ 1 + desk + escs + (1 | school_id)"`

    Raises
    ------
    FormulaError
        If there is no tilde, no random term, a bracket is open, or the random terms name more
        than one grouping factor.
    """
    if not isinstance(text, str):
        raise FormulaError(
            f"A formula is text such as 'math ~ 1 + (1 | school_id)'; got {type(text).__name__}."
        )
    return _parsed(text)


@lru_cache(maxsize=256)
def _parsed(text: str) -> Formula:
    left, tilde, right = text.partition("~")
    if not tilde or not left.strip() or "~" in right:
        raise FormulaError(
            f"No model in {text!r}: write the outcome, one tilde and the predictors, "
            "as in 'math ~ 1 + (1 | school_id)'."
        )
    fixed, random = [], []
    for sign, term in _signed_terms(right):
        inner = _bar_term(term)
        if inner is None:
            fixed.append((sign, term))
        elif sign == "-":
            raise FormulaError(f"{term} is subtracted in {text!r}: leave it out instead.")
        else:
            random.extend(_random_terms(*inner))
    _check_random(text, random)
    if any(term == "." for _, term in fixed):
        raise FormulaError(f"The dot in {text!r} is R's; here, name the predictors one by one.")
    shown = " ".join(f"{sign} {term}" for sign, term in fixed).removeprefix("+ ")
    response = column_name(left.strip()) or left.strip()
    return Formula(text.strip(), response, shown or "1", tuple(random))


def column_name(term: str) -> str | None:
    """The column that a bare term names, in back ticks or not; None for any other term."""
    ticked = _TICKED.match(term)
    return ticked[1] if ticked else term if _NAME.match(term) else None


def _written(name: str) -> str:
    return name if _NAME.match(name) else f"`{name}`"


def _signed_terms(text: str) -> list[tuple[str, str]]:
    """Split at the plus and minus signs that stand outside brackets, quotes and back ticks."""
    cuts, depth, quote = [0], 0, ""
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char in "+-" and depth == 0:
            cuts.append(at)
        if depth < 0:
            break
    if depth or quote:
        raise FormulaError(f"A bracket or quote is left open in {text.strip()!r}.")
    pieces = [text[a:b].strip() for a, b in pairwise([*cuts, len(text)])]
    signed = [("-" if p.startswith("-") else "+", p.lstrip("+-").strip()) for p in pieces]
    return [(sign, term) for sign, term in signed if term]


def _bar_term(term: str) -> tuple[str, str, bool] | None:
    """(left, group, correlated) of a bracketed term with a bar; None for any other term."""
    while term.startswith("((") and term.endswith("))"):
        term = term[1:-1]
    bracketed = term.startswith("(") and term.endswith(")")
    if "|" not in term or (not bracketed and re.search("['\"`]", term)):
        return None
    if not bracketed:
        raise FormulaError(
            f"The bar in {term!r} belongs inside brackets: write '(1 | school_id)', "
            "with a plus before it."
        )
    left, bar, group = re.split(r"(\|\|?)", term[1:-1], maxsplit=1)
    return left.strip(), group.strip(), bar == "|"


def _random_terms(left: str, group: str, correlated: bool) -> list[RandomTerm]:
    parts = re.findall("`[^`]*`|[^:]+", group) or [group]
    columns = tuple(column_name(part.strip()) for part in parts)
    if "/" in group and "`" not in group:
        raise FormulaError(
            f"'{group}' asks for nested groups, that is three levels. This engine fits one "
            "grouping factor; statsmodels' vc_formula fits nested ones."
        )
    if None in columns:
        raise FormulaError(
            f"Right of the bar stands {group!r}; it takes the name of the grouping column, "
            "as in '(1 | school_id)' or, where the name holds a space, '(1 | `school id`)'."
        )
    intercept, slopes = True, []
    for sign, term in _signed_terms(left):
        if term in ("0", "1"):
            intercept = (term == "1") == (sign == "+")
        elif sign == "+" and column_name(term):
            slopes.append(column_name(term))
        else:
            raise FormulaError(
                f"Left of the bar stands {term!r}; a random slope takes the name of a numeric "
                "column. Make the column first, for example with data.assign(...)."
            )
    if not intercept and not slopes:
        raise FormulaError(f"({left} | {group}) lets nothing vary between the groups.")
    return [RandomTerm(intercept, tuple(slopes), columns, correlated)]


def _check_random(text: str, random: list[RandomTerm]) -> None:
    if not random:
        raise FormulaError(
            f"{text.strip()!r} has no random term, so it is an ordinary regression. "
            "Add one, as in '+ (1 | school_id)', or use smf.ols."
        )
    if len({term.group for term in random}) > 1:
        named = ", ".join(":".join(term.group) for term in random)
        raise FormulaError(
            f"{text.strip()!r} names more than one grouping factor ({named}). This engine fits "
            "one; statsmodels' vc_formula fits crossed and nested ones."
        )
    names = [name for term in random for name in term.names]
    if len(set(names)) < len(names):
        raise FormulaError(
            f"{text.strip()!r} lets the same effect vary twice: {', '.join(names)}. "
            "Write one random term, as in '(1 + escs | school_id)'."
        )
