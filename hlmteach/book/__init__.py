"""Make the course a web site that is complete offline.

The chapters with what they show, the exercises with their solutions folded, the glossary, the
references and a page for each function. Open `index.html` of the folder that is named at the end.
No page asks another host for anything.
"""

import argparse
import sys
import time
from pathlib import Path

from hlmteach.project import find_root

WORK = "_build"  # git-ignored


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may follow `hlmteach book`."""
    parser.add_argument("--out", type=Path, help=f"the site's folder (default: {WORK}/book)")
    parser.add_argument("--repository", default="", help="https://github.com/OWNER/NAME to launch")
    parser.add_argument("--branch", default="", help="its branch that will hold the site, if any")
    parser.add_argument("--fresh", action="store_true", help="run every notebook again")
    parser.add_argument("--strict", action="store_true", help="a warning is a fault")
    parser.add_argument("--root", type=Path, help="the project's folder (found by default)")


def run(args: argparse.Namespace) -> int:
    """Make the site; 1 if it has a fault."""
    from nbclient.exceptions import CellExecutionError

    from hlmteach.book.vendor import VendorError

    root = args.root.resolve() if args.root else find_root()
    out = args.out.resolve() if args.out else root / WORK / "book"
    try:
        return make(root, out, args.repository, args.branch, args.fresh, args.strict)
    except CellExecutionError as error:
        print(f"hlmteach book: a cell failed:\n{error}", file=sys.stderr)
    except (ValueError, VendorError) as error:
        print(f"hlmteach book: {error}", file=sys.stderr)
    except ModuleNotFoundError as error:
        print(
            f"hlmteach book: the package {error.name} is missing. Run python3 course.py book, "
            "which installs what the book needs.",
            file=sys.stderr,
        )
    return 1


def make(
    root: Path,
    out: Path,
    repository: str = "",
    branch: str = "",
    fresh: bool = False,
    strict: bool = False,
) -> int:
    """Make the site of the course in `root` in the folder `out`.

    Raises
    ------
    hlmteach.book.vendor.VendorError
        If the JavaScript that the site needs cannot be fetched.
    """
    from hlmteach.book import handout, launch, site, sources, vendor

    start = time.perf_counter()
    work = root / WORK
    address = launch.repository(root, repository)
    vendor.collect(vendor.BOOK, work / "vendor", work / "static" / "vendor")
    count = sources.make(root, work / "source", address, branch, fresh)
    conf = site.settings(work / "static", address)
    if site.build(work / "source", out, work / "doctrees", conf, strict, branch):
        print("hlmteach book: Sphinx found a fault; see above.", file=sys.stderr)
        return 1
    handout.write(root, out / launch.HANDED_OUT, address)
    print(f"{count} notebooks in {time.perf_counter() - start:.0f} s. Open {out / 'index.html'}")
    return 0
