"""Runs the cells of a notebook and reports answers and errors; on the stranger's side of the wall.

Everything that happens here can be forged by the notebook itself, so that nothing in here judges.
"""

import base64
import io
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from hlmteach.sandbox import turn
from hlmteach.sandbox.limits import Limits

Report = Callable[[str, Any], None]


def run(cells: list[str], parcel: str, report: Report, figure: Report, limits: Limits) -> None:
    """Run cells one after another; an error ends its cell and not the notebook.

    A cell that lacked a name is run once more at the end: in Jupyter it had been run after the one
    that makes the name. It answers what was not answered before.
    """
    if not cells:
        report("done", 0)
        return
    shell, answers, figures = make_shell(), _Answers(report), _Figures(figure, limits.figures)
    _record_answers(parcel, answers, report)
    _settle_chance()
    seconds = limits.seconds / 2  # one endless cell leaves time for those below it
    lacking = {}
    for number, source in enumerate(cells, start=1):
        errors = turn.take(shell, source, seconds)
        for error in errors:
            report("error", _describe(number, source, error))
        if errors and isinstance(errors[-1], NameError):
            lacking[number] = source
        figures.hand_on(number)
    answers.all_told = False
    while lacking:
        mended = [n for n, source in lacking.items() if _works(turn.take(shell, source, seconds))]
        for number in mended:
            report("late", number)
            del lacking[number]
        if not mended:
            break
    report("done", len(cells))


def _works(errors: list[BaseException]) -> bool:
    return all(isinstance(error, ImportError) for error in errors)


class _Answers:
    """Reports answers; if not `all_told`, only those to questions without one."""

    def __init__(self, report: Report) -> None:
        self.report, self.all_told, self.seen = report, True, set()

    def __call__(self, one: Any) -> None:
        if self.all_told or one.question not in self.seen:
            self.report("evidence", one.to_json())
        self.seen.add(one.question)


def reporter(fd: int) -> Report:
    """A function that writes a line of JSON, {kind: value}, to a file descriptor."""

    def report(kind: str, value: Any) -> None:
        line = json.dumps({kind: value}, ensure_ascii=True) + "\n"
        raw = memoryview(line.encode("ascii"))
        while raw:
            raw = raw[os.write(fd, raw) :]

    return report


def _record_answers(parcel: str, answers: _Answers, report: Report) -> None:
    from hlmteach.questions import parcel as parcels
    from hlmteach.questions import recorder

    def student(name: str) -> None:
        report("student", name.encode("utf-8", "replace").decode()[:500])

    recorder.install(recorder.Recorder(parcels.unpack(parcel), answers, True, student))


def _settle_chance() -> None:
    """Let chance without a seed fall alike in every run: graded again, a mark is the same."""
    import random

    import numpy as np

    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - the one that notebooks use
    np.random.bit_generator.randbits = random.Random(0).getrandbits  # of every new Generator


def make_shell() -> Any:
    """IPython without a terminal, a history or a screen; the one that there is, once made."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    if InteractiveShell.initialized():
        return InteractiveShell.instance()
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    shell.showtraceback = lambda *args, **kwargs: None  # it is reported instead
    shell.showsyntaxerror = lambda *args, **kwargs: None
    shell.system = shell.system_raw  # without a pseudo-terminal
    shell.enable_matplotlib = lambda gui=None: ("agg", "agg")  # for %matplotlib inline
    shell.enable_gui = lambda gui=None: None
    shell.ask_exit = lambda: None
    return shell


def _describe(number: int, source: str, error: BaseException) -> dict[str, Any]:
    try:
        message = str(error)
    except Exception:
        message = "(its message cannot be shown)"
    clean = " ".join(message.encode("utf-8", "replace").decode().split())
    lines, at = source.splitlines(), turn.line(error)
    line = lines[at - 1].strip() if 0 < at <= len(lines) else ""
    return {
        "cell": number,
        "name": type(error).__name__[:200],
        "message": clean[:1000],
        "line": line.encode("utf-8", "replace").decode()[:300],
    }


class _Figures:
    """Hands on figures, up to a number."""

    def __init__(self, report: Report, most: int) -> None:
        self.report, self.left = report, most

    def hand_on(self, number: int) -> None:
        """The open figures of a cell; they are closed."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is None:
            return
        try:
            for which in pyplot.get_fignums()[: self.left]:
                buffer = io.BytesIO()
                pyplot.figure(which).savefig(buffer, format="png", dpi=60)
                png = base64.b64encode(buffer.getvalue()).decode("ascii")
                self.report("figure", {"cell": number, "png": png})
                self.left -= 1
            pyplot.close("all")
        except Exception:  # a figure that cannot be drawn costs no mark
            return
