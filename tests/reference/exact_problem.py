"""A case of ``cases.json`` as columns of 60-digit decimals, group by group, for ``exact.py``.

The numbers are taken from the text of the tables, so nothing is rounded on the way. Formulas are
read by a few lines that know just what the cases use; no code is shared with hlmteach.
"""

import csv
from dataclasses import dataclass
from decimal import Decimal, getcontext
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
FACTORS = {"f", "h"}
getcontext().prec = 60


@dataclass(frozen=True)
class Problem:
    """One model on one table: the blocks of its groups, in decimals.

    names : columns of X, as lme4 names them; p of them
    blocks : for each group (X_j, y_j, Z_j), of shapes (n_j, p), (n_j,), (n_j, q)
    effects : columns of Z; q of them
    unmix : (q, q), Z = Z_centred @ inv(unmix): u = unmix @ u_centred
    free : positions (row, column) of Lambda that the model estimates
    """

    names: list[str]
    blocks: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
    effects: list[str]
    unmix: np.ndarray
    free: list[tuple[int, int]]
    reml: bool

    @property
    def n(self) -> int:
        return sum(len(y) for _, y, _ in self.blocks)


def decimals(values: list) -> np.ndarray:
    return np.array([Decimal(value) for value in values], dtype=object)


def variable(rows: list[dict[str, str]], name: str) -> dict[str, np.ndarray]:
    """The columns of one factor of a term: one for a number, dummies for a text column."""
    if name.startswith("I("):
        base, power = name[2:-1].split("**")
        return {f"I({base}^{power})": decimals([row[base] for row in rows]) ** int(power)}
    if name not in FACTORS:
        return {name: decimals([row[name] for row in rows])}
    levels = sorted({row[name] for row in rows})[1:]
    return {name + level: decimals([int(row[name] == level) for row in rows]) for level in levels}


def term(rows: list[dict[str, str]], text: str) -> list[dict[str, np.ndarray]]:
    """Main effects, then interaction, of ``a`` or ``a * b``, in lme4's order of columns."""
    if text.startswith("I(") or "*" not in text:
        return [variable(rows, text)]
    a, b = (variable(rows, name.strip()) for name in text.split("*"))
    return [a, b, {f"{i}:{j}": a[i] * b[j] for j in b for i in a}]


def columns(rows: list[dict[str, str]], formula: str) -> dict[str, np.ndarray]:
    """The design matrix of ``1 + a + b * c``, column by column."""
    found = {"(Intercept)": decimals([1] * len(rows))}
    for text in (part.strip() for part in formula.split(" + ")):
        if text == "0":
            del found["(Intercept)"]
        elif text != "1":
            for group in term(rows, text):
                found.update(group)
    return found


def centred(z: np.ndarray, correlated: bool, has_intercept: bool) -> tuple[np.ndarray, np.ndarray]:
    """Z with slopes scaled (and centred where the model allows), and what undoes it on u.

    The criterion is the same; the search is easier when x carries a large offset.
    """
    q = z.shape[1]
    unmix = decimals([0] * q * q).reshape(q, q)
    for k in range(q):
        shift = Decimal(0)
        if correlated and has_intercept and k:
            shift = sum(z[:, k]) / len(z)
        spread = (sum((z[:, k] - shift) ** 2) / len(z)).sqrt()
        unmix[k, k] = 1 / spread
        if shift:
            unmix[0, k] = -shift / spread
    return z @ unmix, unmix


def load(case: dict[str, str], reml: bool, dropped: list[str]) -> Problem:
    """The problem of one case; columns that lme4 drops are dropped here too."""
    with (HERE / "data" / f"{case['data']}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    response, right = case["formula"].split(" ~ ")
    fixed, random = right.split(" + (")
    correlated = "||" not in random
    inside = random.split("|")[0].strip()
    used = [response, "g", *[name for name in rows[0] if name in fixed.replace("*", " ").split()]]
    rows = [row for row in rows if all(row[name] != "" for name in used)]
    x = {name: v for name, v in columns(rows, fixed).items() if name not in dropped}
    z = columns(rows, inside)
    z_centred, unmix = centred(np.column_stack(list(z.values())), correlated, "(Intercept)" in z)
    x_matrix, y = np.column_stack(list(x.values())), decimals([row[response] for row in rows])
    groups = np.array([row["g"] for row in rows])
    blocks = [
        (x_matrix[groups == g], y[groups == g], z_centred[groups == g]) for g in np.unique(groups)
    ]
    free = [(i, j) for j in range(len(z)) for i in range(j, len(z)) if correlated or i == j]
    return Problem(list(x), blocks, list(z), unmix, free, reml)
