"""The command: runs the races, prints the table, says what failed."""

import argparse
import json
import sys
import warnings
from pathlib import Path

from . import __doc__ as words
from .cases import wanted
from .grading import large_class
from .machine import machine, versions
from .memory import peak_over_columns
from .r_session import RSession, r_session
from .race import race
from .tables import pisa_2003, school_study

RESULTS = Path(__file__).with_name("results") / "latest.json"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="course.py bench", description=words, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="tiny data, two rounds")
    parser.add_argument("--only", default="", help="the cases whose name contains this")
    parser.add_argument("--save", action="store_true", help="store the results in the project")
    options = parser.parse_args(arguments)
    r = r_session()
    if r is None:
        print("Rscript with lme4 is not here, so nothing is compared with lme4 and lmerTest.\n")
    try:
        rows = run(r, options.quick, options.only)
    finally:
        if r:
            r.close()
    found = {"machine": machine(), "versions": versions(r.versions if r else {}), "rows": rows}
    print(f"\n{_line(found['machine'])}\n{_line(found['versions'])}")
    if options.save:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    failed = [f"{row['case']}: {row['contender']}" for row in rows if "FAIL" in row["check"]]
    if failed:
        print(f"\nNumbers disagree in {', '.join(failed)}.")
    return 1 if failed else 0


def run(r: RSession | None, quick: bool, only: str) -> list[dict]:
    """Race every case, printing as it goes; the rows of the table."""
    rounds, budget = (2, 5.0) if quick else (9, 40.0)
    rows = []
    print(f"{'':<22}{'median':>11}{'ratio':>9}  {'goal':<14}{'runs':>5}  numbers")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in wanted(r, quick, only):
            print(f"{case.name}: {case.work}")
            for row in race(case, rounds, budget).rows():
                rows.append(row)
                print(_row(row), flush=True)
    if only in "grading":
        rows += large_class(quick)
    if only in "memory":
        rows.append(memory(quick))
    return rows


def memory(quick: bool) -> dict:
    data, group, y, x = pisa_2003(), "country:school_id", "math", "escs"
    if data is None or quick:
        data = school_study(*((40, 4000) if quick else (10_000, 276_000)))
        group, y, x = "school", "achievement", "ses"
    data, columns = data.dropna(), [y, x, *group.split(":")]
    ratio, megabytes = peak_over_columns(f"{y} ~ {x} + (1 | {group})", data, columns)
    work = f"peak of a fit of {len(data):,} rows: {megabytes:.0f} MB"
    print(f"memory: {work}\n  {ratio:.1f} times the {len(columns)} columns used; goal: below 3")
    return {"case": "memory", "work": work, "contender": "hlmteach", "ratio": ratio, "goal": 3,
            "met": bool(ratio < 3), "check": ""}  # fmt: skip


def _row(row: dict) -> str:
    seconds, goal = row["seconds"], row["goal"]
    time = f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"
    if goal is not None:
        target = f"{goal:g}x" if row["ratio"] > 1 or goal >= 1 else f"{1000 * goal:g} ms"
        goal = f"{target} {'met' if row['met'] else 'NOT MET'}"
    name, times = f"  {row['contender']}", row["ratio"]
    ratio = f"{times:,.0f}x" if times >= 100 else f"{times:.3g}x"
    return f"{name:<22}{time:>11}{ratio:>9}  {goal or '':<14}{row['runs']:>5}  {row['check']}"


def _line(pairs: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in pairs.items())


if __name__ == "__main__":
    sys.exit(main())
