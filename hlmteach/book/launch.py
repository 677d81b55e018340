"""Where a reader of the book can run it: at home, on Binder, on Colab."""

import re
import subprocess
from pathlib import Path
from typing import Any

BINDER, COLAB = "https://mybinder.org", "https://colab.research.google.com"
HANDED_OUT = "_sources"  # the folder of the site that holds the notebooks to download
TABLE, COLUMNS = "usa.csv", ["school_id", "math", "desk", "escs", "stratio"]
SOURCE_BUTTON = "download-source-button"  # the theme's name for it
_GITHUB = re.compile(r"(?:https://|git@|ssh://git@)github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?")
# Colab brings its own IPython and most of what the course needs. pip must not replace them while
# they run, so it installs the course without its dependencies, and the one that Colab lacks.
_INSTALL = """%pip install -q formulaic
%pip install -q --no-deps git+{address}"""
_CELL = """# On Colab, run this first: it installs the course. Elsewhere it does nothing.
import sys

if "google.colab" in sys.modules:
{install}"""
_PAGE = """# Run the chapters

This book is for reading: its choice questions and its search work without Python. To change a
number, move a slider or have your own answers marked, run the chapters.

## On your computer

You need Python 3.11 or newer and the folder of the course. In that folder, type

    python3 course.py lab

and JupyterLab opens at chapter 0. Once it is set up, it works without a network.

## On Binder and on Colab

Both lend you a computer for an hour. Nothing is installed on yours, and nothing is kept: download
what you want to keep.
{services}
## In R, or in another program

<a href="{table}" download>usa.csv</a> holds the rows of chapters 3 to 8, the simulated students of
the United States. In R the course's lines under "How R says it" follow after

```r
dt_usa <- read.csv("usa.csv", colClasses = c(school_id = "character"))
```
"""
_SERVICES = """
The rocket at the top of each chapter opens it on [Binder]({binder}/v2/gh/{name}/HEAD) or on
[Colab]({colab}/github/{name}). Binder needs a few minutes the first time.
"""
_UNKNOWN = """
Binder reads `environment.yml` of the course's public repository, and Colab opens its notebooks.
Type the repository's address there.
"""
_PASTE = """
On Colab, add this cell above the first one and run it{where}:

```python
{install}
```
"""
_READY = "On Colab, run the first cell first: it installs the course.\n"


def repository(root: Path, given: str = "") -> str:
    """The public address of the course: given, or where its git repository came from.

    Returns
    -------
    str
        `https://github.com/OWNER/NAME`, or an empty text if there is no such address; then the
        book has no launch buttons.
    """
    words = ["git", "-C", str(root), "config", "--get", "remote.origin.url"]
    try:
        said = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:  # no git here
        said = ""
    found = _GITHUB.fullmatch(given or said)
    if given and not found:
        raise ValueError(
            f"{given!r} is no address that Binder and Colab know; give one like "
            "https://github.com/OWNER/NAME."
        )
    return f"https://github.com/{found[1]}" if found else ""


def install_cell(address: str) -> str:
    """The first cell of a notebook that is opened on Colab.

    Examples
    --------
    >>> print(install_cell("https://github.com/one/two").splitlines()[-1])
        %pip install -q --no-deps git+https://github.com/one/two
    """
    lines = _INSTALL.format(address=address).splitlines()
    return _CELL.format(install="\n".join(f"    {line}" for line in lines))


def page(address: str, branch: str = "") -> str:
    """The page that tells where the course runs.

    Parameters
    ----------
    address : str
        From `repository`; may be empty.
    branch : str
        The branch of the repository that holds the site, if there is one.

    Examples
    --------
    >>> "pip install -q --no-deps git+https://github.com/o/n" in page("https://github.com/o/n")
    True
    """
    name = address.removeprefix("https://github.com/")
    services = _SERVICES.format(name=name, binder=BINDER, colab=COLAB) if address else _UNKNOWN
    where = "" if address else ", with that address"
    install = _INSTALL.format(address=address or "https://github.com/OWNER/NAME")
    told = _READY if address and branch else _PASTE.format(install=install, where=where)
    return _PAGE.format(services=services + told, table=f"{HANDED_OUT}/{TABLE}")


def theme_options(address: str) -> dict:
    """What the theme needs for its buttons; nothing without an address."""
    if not address:
        return {}
    return {
        "repository_url": address,
        "repository_branch": "HEAD",
        "path_to_docs": "",
        "use_repository_button": True,
        "launch_buttons": {
            "binderhub_url": BINDER,
            "colab_url": COLAB,
            "notebook_interface": "jupyterlab",
        },
    }


def settle(buttons: list[dict[str, Any]], file: str, branch: str, help_page: str) -> None:
    """Make the theme's buttons lead to what is there.

    Parameters
    ----------
    buttons : list of dict
        The theme's groups of buttons of a page; changed in place.
    file : str
        The notebook of the page, as seen from it; empty if the page is made of none. Then it has
        nothing to download.
    branch : str
        The branch that holds the site: Colab then opens the notebook with the install cell.
    help_page : str
        Where the install cell is told, as seen from the page.
    """
    for group in buttons:
        items = group.get("buttons", [])
        source = next((item for item in items if item.get("label") == SOURCE_BUTTON), None)
        if source and file:
            source |= {"url": file, "tooltip": "Download this notebook"}
        elif source:
            items.remove(source)
        colab = next((item for item in items if item["text"] == "Colab"), None)
        if colab and branch:
            colab["url"] = colab["url"].replace("/blob/HEAD/", f"/blob/{branch}/{HANDED_OUT}/")
        elif colab:
            told = {"text": "Colab: what to run first", "url": help_page, "icon": "fas fa-question"}
            items.append({"type": "link", "tooltip": "The cell that installs the course", **told})
