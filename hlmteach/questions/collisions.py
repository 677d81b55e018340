"""What collides: python -m hlmteach.questions.collisions ch05.desk [DRAWS]

For authors: in how many draws a wrong answer can be taken for the right one, or for another wrong
one, over all questions that share the data set.
"""

import sys
import time
from collections import Counter

import pandas as pd

from . import cases
from .question import Question
from .registry import get, sharing
from .students import random_state


def collisions(question: Question, draws: int = 40) -> pd.DataFrame:
    """Pairs of answers that lie too near each other, and in what share of the draws.

    Examples
    --------
    >>> from hlmteach.questions import get
    >>> list(collisions(get("ch04.icc"), draws=1).columns)
    ['share', 'kind']
    """
    found: Counter = Counter()
    for number in range(draws):
        data = question.recipe(random_state("author", question.dataset, number))
        for member in sharing(question):
            made = cases.make(member, data)
            for misconception, error in made.failed:
                found[f"{member.id}: {misconception.id} fails, {error}", "FAILS"] += 1
            if cases.awkward(member, data):
                found[f"{member.id}: the third digit is zero", "zero"] += 1
            for one, other in cases.meetings(made):
                kind = "RIGHT" if one == "(right)" else "wrong"
                found[f"{member.id}: {one} and {other}", kind] += 1
    rows = [(pair, count / draws, kind) for (pair, kind), count in found.most_common()]
    return pd.DataFrame(rows, columns=["pair", "share", "kind"]).set_index("pair")


def main(words: list[str]) -> None:
    """Print the table and the time that a draw takes."""
    question, draws = get(words[0]), int(words[1]) if len(words) > 1 else 40
    start = time.perf_counter()
    table = collisions(question, draws)
    each = 1000 * (time.perf_counter() - start) / draws
    print(table.sort_values(["kind", "share"], ascending=[True, False]).to_string())
    print(f"{each:.0f} ms a draw, for {len(sharing(question))} questions")


if __name__ == "__main__":
    main(sys.argv[1:])
