"""Show where the real PISA files are kept, or download those of the years you name.

`hlmteach data` lists what is there; `hlmteach data 2018` fetches one year. The files are checked
against known fingerprints. They are the OECD's, prepared by the R package learningtower.
"""

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may follow `hlmteach data`."""
    parser.add_argument("years", nargs="*", type=int, help="years to fetch, such as 2003 2018")


def run(args: argparse.Namespace) -> int:
    """List the cache, or fill it; 1 if a year could not be had."""
    try:
        return _fetch(args.years) if args.years else _show()
    except ImportError as error:
        print(error, file=sys.stderr)
        return 1


def _show() -> int:
    from hlmteach.datasets._download import CACHE_VARIABLE, cache_folder
    from hlmteach.datasets._files import SCHOOL_FILE, YEARS, student_file

    folder = cache_folder()
    print(f"Real PISA files are kept in {folder}")
    print(f"(set {CACHE_VARIABLE} to keep them elsewhere).")
    for file in (SCHOOL_FILE, *map(student_file, YEARS)):
        place = folder / file.name
        state = f"{place.stat().st_size / 1e6:.1f} MB" if place.is_file() else "not fetched"
        print(f"  {file.name:<18} {state}")
    print("`hlmteach data 2018` fetches a year. The course also works without: pisa_like() ships.")
    return 0


def _fetch(years: list[int]) -> int:
    from hlmteach.datasets import pisa

    failed = 0
    for year in years:
        try:
            students, schools = pisa(year)
        except (OSError, ValueError) as error:
            print(f"{year}: {error}", file=sys.stderr)
            failed += 1
        else:
            print(f"{year}: {len(students):,} students, {len(schools):,} schools")
    return 1 if failed else 0
