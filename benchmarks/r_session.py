"""One R process for the whole run, so that its start is in nobody's time."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from .race import Numbers

_SCRIPT = Path(__file__).with_name("r_side.R")


class RSession:
    """Talks to `r_side.R`: a command a line, an answer a line."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            ["Rscript", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.versions = dict(part.split("=") for part in self._ask("versions")[1:])

    def load(self, name: str, table: pd.DataFrame) -> None:
        path = Path(self._folder.name) / f"{name}.csv"
        table.to_csv(path, index=False, float_format="%.17g")
        self._ask(f"load {name} {path}")

    def run(self, command: str) -> tuple[float, Numbers]:
        seconds, *parts = self._ask(command)
        pairs = (part.split("=") for part in parts)
        return float(seconds), {key: np.array(v.split(","), dtype=float) for key, v in pairs}

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()
        self._folder.cleanup()

    def _ask(self, command: str) -> list[str]:
        try:
            print(command, file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise RuntimeError("R has stopped; is the package lme4 there?") from None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"R did not answer to {command!r}.")
        return line.split()


def r_session() -> RSession | None:
    """R with lme4, or None where they are not there."""
    if shutil.which("Rscript") is None:
        return None
    try:
        return RSession()
    except RuntimeError:
        return None
