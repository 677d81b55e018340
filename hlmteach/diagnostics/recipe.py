"""The call that fits a model, as text: what a learner pastes after a change."""

import re
from dataclasses import dataclass, replace

from hlmteach.fit import Fit
from hlmteach.formula import _signed_terms, parse


@dataclass(frozen=True)
class Recipe:
    """A call of `smf.mixedlm` or `hlm.lmer`.

    Attributes
    ----------
    tool : "statsmodels" or "hlmteach"
    response, fixed : left and right of the tilde, without the random terms
    intercept, slopes : what varies between the groups
    group : name of the grouping column; `a:b` for two columns together
    reml : REML or ML
    data : the expression for the table
    method : statsmodels' optimiser, or None
    correlated : False for lme4's double bar
    """

    tool: str
    response: str
    fixed: str
    intercept: bool
    slopes: tuple[str, ...]
    group: str
    reml: bool
    data: str = "data"
    method: str | None = None
    correlated: bool = True

    @classmethod
    def of(cls, fit: Fit) -> "Recipe":
        """The call that made this fit."""
        names = fit.random_names
        slopes = tuple(name for name in names if name != "Intercept")
        if fit.source == "statsmodels":
            left, _, fixed = fit.formula.rsplit(" + (", 1)[0].partition("~")
            response, correlated = left.strip(), True
        else:
            formula = parse(fit.formula)
            response, fixed = formula.response, formula.fixed
            correlated = all(term.correlated for term in formula.random)
        return cls(
            tool=fit.source,
            response=response,
            fixed=" ".join(fixed.split()),
            intercept="Intercept" in names,
            slopes=slopes,
            group=fit.group_name,
            reml=fit.reml,
            correlated=correlated,
        )

    def with_(self, **changes: object) -> "Recipe":
        return replace(self, **changes)

    def plus(self, term: str) -> "Recipe":
        return replace(self, fixed=term if self.fixed == "1" else f"{self.fixed} + {term}")

    def without(self, *terms: str) -> "Recipe":
        """The fixed part without these terms."""
        signed = _signed_terms(self.fixed)
        left = [(sign, term) for sign, term in signed if term not in terms]
        if len(left) == len(signed):
            return replace(self, fixed=" - ".join([self.fixed, *terms]))
        text = " ".join(f"{sign} {term}" for sign, term in left).removeprefix("+ ")
        return replace(self, fixed=text or "1")

    def with_intercept(self) -> "Recipe":
        left = [(s, t) for s, t in _signed_terms(self.fixed) if t not in ("0", "1")]
        text = " ".join(["1", *(f"{sign} {term}" for sign, term in left)])
        return replace(self, fixed=text)

    def __str__(self) -> str:
        return self._mixedlm() if self.tool == "statsmodels" else self._lmer()

    @property
    def formula(self) -> str:
        return f"{self.response} ~ {self.fixed}"

    @property
    def formula_text(self) -> str:
        """The fixed part as a Python string."""
        return quoted(self.formula)

    def _mixedlm(self) -> str:
        slopes = ""
        if self.slopes or not self.intercept:
            terms = [*([] if self.intercept else ["0"]), *self.slopes]
            slopes = f", re_formula={quoted('~ ' + ' + '.join(terms))}"
        options = [] if self.reml else ["reml=False"]
        options += [f"method={quoted(self.method)}"] if self.method else []
        return (
            f"smf.mixedlm({self.formula_text}, {self.data}, groups={quoted(self.group)}{slopes})"
            f".fit({', '.join(options)})"
        )

    def _lmer(self) -> str:
        inside = " + ".join(["1" if self.intercept else "0", *map(ticked, self.slopes)])
        bar = "|" if self.correlated else "||"
        group = ":".join(map(ticked, self.group.split(":")))
        formula = f"{self.formula} + ({inside} {bar} {group})"
        return f"hlm.lmer({quoted(formula)}, {self.data}{'' if self.reml else ', reml=False'})"


def ticked(name: str) -> str:
    return name if re.fullmatch(r"[^\W\d][\w.]*", name) else f"`{name}`"


def quoted(text: str) -> str:
    """Text as a Python string, with the quotes that it does not hold itself."""
    return f"'{text}'" if '"' in text else f'"{text}"'
