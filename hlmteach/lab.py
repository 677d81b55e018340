"""Open the course in JupyterLab at chapter 00.

Whatever else you write after `lab` goes to JupyterLab: `hlmteach lab --port 8899`,
`hlmteach lab --no-browser`. Without a screen it opens no browser and prints the address.
"""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from hlmteach.project import find_root

TAKES_MORE = True
FIRST = "chapters/ch00_start_here.ipynb"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what may follow `hlmteach lab`: anything JupyterLab knows."""
    parser.set_defaults(rest=[])


def run(args: argparse.Namespace) -> int:
    """Serve JupyterLab until it is stopped."""
    # The course's settings (text notebooks open as notebooks, no news pop-up) live in a folder of
    # the package that only this process is told about: nothing is written into anybody's home.
    os.environ.update(settings(os.environ))
    from jupyterlab.labapp import LabApp

    words = arguments(find_root(), args.rest, os.environ)
    if "--no-browser" in words:
        print("Open the address below in a browser; Ctrl-C stops the server.", flush=True)
    LabApp.launch_instance(words)
    return 0


def arguments(root: Path, rest: list[str], env: Mapping[str, str]) -> list[str]:
    """JupyterLab's arguments: the course's own, then the learner's, which therefore win."""
    first = f"/lab/tree/{FIRST}" if (root / FIRST).is_file() else "/lab"
    words = [f"--ServerApp.root_dir={root}", f"--LabApp.default_url={first}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.append("--allow-root")  # JupyterLab refuses to run as root otherwise
    if is_headless(env, sys.platform) and "--no-browser" not in rest:
        words.append("--no-browser")
    return words + rest


def is_headless(env: Mapping[str, str], platform: str) -> bool:
    """Whether a browser opened here could not be seen.

    Examples
    --------
    >>> is_headless({}, "linux"), is_headless({"DISPLAY": ":0"}, "linux")
    (True, False)
    >>> is_headless({}, "win32")
    False
    """
    if env.get("SSH_CONNECTION") and not env.get("DISPLAY"):
        return True
    screen = env.get("DISPLAY") or env.get("WAYLAND_DISPLAY")
    return platform.startswith("linux") and not screen


def settings(env: Mapping[str, str]) -> dict[str, str]:
    """Variables that point Jupyter to the course's settings and to this environment's kernel."""
    own = str(Path(__file__).parent / "jupyter")
    paths = [own, *filter(None, [env.get("JUPYTER_CONFIG_PATH")])]
    return {"JUPYTER_CONFIG_PATH": os.pathsep.join(paths), "JUPYTER_PREFER_ENV_PATH": "1"}
