"""One cell's turn: a slip in it costs no more than it must; on the stranger's side of the wall.

An import of a package that is not there ends its line and not its cell, and a cell that never ends
is interrupted, so that the cells below it are run.
"""

import ast
import os
import signal
import time
from typing import Any

from hlmteach.sandbox import usage


class TookTooLong(KeyboardInterrupt):
    """A cell has had its time; no Exception, so that few cells catch it."""


def take(shell: Any, source: str, seconds: float) -> list[BaseException]:
    """Run one cell; what went wrong: nothing, one error, or imports that failed and perhaps one.

    Parameters
    ----------
    shell : IPython's
    source : the cell's
    seconds : after which it is interrupted, again and again if it goes on; those in which it had to
        wait for a processor do not count
    """
    errors: list[BaseException] = []
    while source:
        error = _run(shell, source, seconds)
        if error is None:
            break
        errors.append(error)
        source = _below(shell, source, error)
    return errors


def line(error: BaseException) -> int:
    """Number of the cell's line in which an error was raised; 0 if that is not known."""
    if isinstance(error, SyntaxError) and isinstance(error.lineno, int):
        return error.lineno
    found, trace = 0, error.__traceback__
    while trace is not None and not found:
        if trace.tb_frame.f_code.co_filename.startswith("<ipython-input-"):
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _run(shell: Any, source: str, seconds: float) -> BaseException | None:
    began, waited = time.monotonic(), usage.waited(os.getpid())

    def ring(*_: object) -> None:
        left = began + seconds + usage.waited(os.getpid()) - waited - time.monotonic()
        if left > 0:  # it had no processor for so long
            signal.setitimer(signal.ITIMER_REAL, max(left, 0.1), 1.0)
            return
        raise TookTooLong(f"it was interrupted after {seconds:g} s. Is it an endless loop?")

    try:
        signal.signal(signal.SIGALRM, ring)
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
            result = shell.run_cell(source, store_history=False)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except BaseException as error:  # what even IPython does not stand, such as half a character
        return error
    return result.error_before_exec or result.error_in_exec


def _below(shell: Any, source: str, error: BaseException) -> str:
    """What stands below an import that failed, at its place; "" after any other error."""
    if not isinstance(error, ImportError):
        return ""
    try:
        plain, at = shell.transform_cell(source), line(error)
        body = ast.parse(plain).body
    except Exception:  # it ran, but who knows what the cell has done to the shell
        return ""
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    ends = [node.end_lineno for node in imports if node.lineno <= at <= (node.end_lineno or 0)]
    rest = plain.splitlines()[ends[0] :] if ends else []
    # Comments in place of the lines above keep the numbers of the lines below.
    return "#\n" * ends[0] + "\n".join(rest) if any(map(str.strip, rest)) else ""
