"""Where a reader of the book can run it: at home, on Binder, on Colab."""

import re
import subprocess
from pathlib import Path

VARIABLE = "HLMTEACH_REPOSITORY"
BINDER, COLAB = "https://mybinder.org", "https://colab.research.google.com"
_GITHUB = re.compile(r"(?:https://|git@|ssh://git@)github\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?")
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
{services}"""
_SERVICES = """
The rocket at the top of each chapter opens it on [Binder]({binder}/v2/gh/{name}/HEAD) or on
[Colab]({colab}/github/{name}). Binder needs a few minutes the first time. On Colab, run this cell
first:

```python
%pip install -q git+https://github.com/{name}
```
"""
_UNKNOWN = """
Binder reads `environment.yml` of the course's public repository, and Colab opens its notebooks.
Type the repository's address there. On Colab, run this cell first, with that address:

```python
%pip install -q git+https://ADDRESS-OF-THE-REPOSITORY
```
"""


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


def page(address: str) -> str:
    """The page that tells where the course runs.

    Examples
    --------
    >>> "pip install -q git+https://github.com/one/two" in page("https://github.com/one/two")
    True
    """
    name = address.removeprefix("https://github.com/")
    services = _SERVICES if address else _UNKNOWN
    return _PAGE.format(services=services.format(name=name, binder=BINDER, colab=COLAB))


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
