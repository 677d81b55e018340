"""The tables of chapter 14, as its cells make them:  python tests/reference/where_next.py FOLDER

Writes nested.csv, crossed.csv and usa.csv, which where_next.R reads.
"""

import sys
from pathlib import Path

from hlmteach import notebook

CHAPTER = Path(__file__).resolve().parents[2] / "chapters" / "ch14_where_next.md"
# How the cells begin, or what they make, that make the tables and our own maximum likelihood.
TABLES = ("import warnings", "nested = pd.DataFrame", "crossed = pd.DataFrame", 'usa["low"]')


def run(*texts: str) -> dict:
    """Names after those cells of the chapter that hold one of the texts, in order."""
    names: dict = {}
    for cell in notebook.read_source(CHAPTER).cells:
        if cell.cell_type == "code" and any(text in cell.source for text in texts):
            exec(cell.source, names)  # our own chapter, not a stranger's
    return names


if __name__ == "__main__":
    names = run(*TABLES)
    for name in ("nested", "crossed", "usa"):
        names[name].to_csv(Path(sys.argv[1]) / f"{name}.csv", index=False)
