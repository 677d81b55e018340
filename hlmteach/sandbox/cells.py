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

Report = Callable[[str, Any], None]


def run(cells: list[str], parcel: str, report: Report, figure: Report, most_figures: int) -> None:
    """Run cells one after another; an error ends its cell and not the notebook."""
    if not cells:
        report("done", 0)
        return
    shell = make_shell()
    _record_answers(parcel, report)
    for number, source in enumerate(cells, start=1):
        error = _run(shell, source)
        if error is not None:
            report("error", _describe(number, source, error))
        most_figures -= _figures(number, figure, most_figures)
    report("done", len(cells))


def _run(shell: Any, source: str) -> BaseException | None:
    """Run one cell; the error that ended it, if any."""
    try:
        result = shell.run_cell(source, store_history=False)
    except BaseException as error:  # what even IPython does not stand, such as half a character
        return error
    return result.error_before_exec or result.error_in_exec


def reporter(fd: int) -> Report:
    """A function that writes a line of JSON, {kind: value}, to a file descriptor."""

    def report(kind: str, value: Any) -> None:
        line = json.dumps({kind: value}, ensure_ascii=True) + "\n"
        raw = memoryview(line.encode("ascii"))
        while raw:
            raw = raw[os.write(fd, raw) :]

    return report


def _record_answers(parcel: str, report: Report) -> None:
    from hlmteach.questions import parcel as parcels
    from hlmteach.questions import recorder

    def evidence(one: Any) -> None:
        report("evidence", one.to_json())

    def student(name: str) -> None:
        report("student", name.encode("utf-8", "replace").decode()[:500])

    recorder.install(recorder.Recorder(parcels.unpack(parcel), evidence, True, student))


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
    line = _line(source, error).encode("utf-8", "replace").decode()
    return {
        "cell": number,
        "name": type(error).__name__[:200],
        "message": clean[:1000],
        "line": line[:300],
    }


def _line(source: str, error: BaseException) -> str:
    """The line of the cell that was being run, as far as it is known."""
    lines = source.splitlines()
    at = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while at is None and trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith("<ipython-input-"):
            at = trace.tb_lineno
        trace = trace.tb_next
    return lines[at - 1].strip() if isinstance(at, int) and 0 < at <= len(lines) else ""


def _figures(number: int, figure: Report, most: int) -> int:
    """Hand on the cell's open figures and close them; how many there were."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return 0
    made = 0
    try:
        for which in pyplot.get_fignums()[: max(most, 0)]:
            buffer = io.BytesIO()
            pyplot.figure(which).savefig(buffer, format="png", dpi=60)
            png = base64.b64encode(buffer.getvalue()).decode("ascii")
            figure("figure", {"cell": number, "png": png})
            made += 1
        pyplot.close("all")
    except Exception:  # a figure that cannot be drawn costs no mark
        return made
    return made
