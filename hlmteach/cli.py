"""The `hlmteach` command: a list of sub-commands, each loaded only when it is asked for.

To add a command, write a module with `add_arguments(parser)` and `run(args) -> int` (the exit
code), give it a docstring whose text is the command's help, and add one line to `COMMANDS`. A
module with `TAKES_MORE = True` gets the words that its parser does not know in `args.rest`.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = {
    "lab": ("hlmteach.lab", "open the course in JupyterLab at chapter 00"),
    "doctor": ("hlmteach.doctor", "check this installation and say what to do"),
    "data": ("hlmteach.fetch", "show or fill the cache of real PISA files"),
    "build": ("hlmteach.build", "run the written chapters and store what they show"),
    "deal": ("hlmteach.deal", "deal a chapter's exercises to a class, a notebook each"),
    "grade": ("hlmteach.grade", "grade what a class handed in"),
    "nbgrader": ("hlmteach.nbgrader.course", "make an nbgrader course of chapters' exercises"),
    "book": ("hlmteach.book", "make the web book, complete offline"),
    "new": ("hlmteach.new", "begin a new question: its function and its cells"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one sub-command.

    Parameters
    ----------
    argv : sequence of str, optional
        The words after `hlmteach`; those of the command line by default.

    Returns
    -------
    int
        The exit code: 0 when all is well, 1 when the command found a problem, 2 when the words
        made no sense.

    Examples
    --------
    >>> main(["--version"])  # doctest: +ELLIPSIS
    hlmteach ...
    0
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if hasattr(sys.stdout, "reconfigure"):
        # Written to a file on Windows, text is in the system's old encoding: a name or a Greek
        # letter that it lacks is spelled out and does not end the command.
        sys.stdout.reconfigure(errors="backslashreplace")
    if words[:1] == ["--version"]:
        from hlmteach import __version__

        print(f"hlmteach {__version__}")
        return 0
    if not words or words[0] in ("-h", "--help"):
        print(_overview())
        return 0
    if words[0] not in COMMANDS:
        print(f"hlmteach: there is no command {words[0]!r}.\n\n{_overview()}", file=sys.stderr)
        return 2
    return _run(words[0], words[1:])


def _run(name: str, words: list[str]) -> int:
    module = import_module(COMMANDS[name][0])
    parser = argparse.ArgumentParser(
        prog=f"hlmteach {name}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    args, rest = parser.parse_known_args(words)
    if rest and not getattr(module, "TAKES_MORE", False):
        parser.error(f"I do not understand {' '.join(rest)}")
    args.rest = rest
    try:
        return module.run(args)
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {summary}" for name, (_, summary) in COMMANDS.items()]
    return "\n".join(
        [
            "usage: hlmteach COMMAND ...",
            "",
            "The command line of the course on hierarchical linear models.",
            "",
            *lines,
            "",
            "`hlmteach COMMAND --help` explains one command.",
        ]
    )
