"""Outputs: what a teacher's browser is shown of a stranger's notebook: text, and pictures."""

import base64
import binascii
from typing import Any

import nbformat
from nbformat import NotebookNode

from hlmteach.sandbox.outcome import is_picture

MOST_TEXT, MOST_OUTPUTS, MOST_PICTURE = 20_000, 100, 1_000_000


def plain(outputs: list[Any]) -> list[NotebookNode]:
    """Outputs without HTML, scripts, vector graphics and metadata.

    Examples
    --------
    >>> from nbformat.v4 import new_output
    >>> data = {"text/plain": "1", "text/html": "<script>alert(1)</script>"}
    >>> plain([new_output("display_data", data)])[0].data
    {'text/plain': '1'}
    """
    return [made for output in outputs[:MOST_OUTPUTS] if (made := _plain(output)) is not None]


def _plain(output: Any) -> NotebookNode | None:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return nbformat.v4.new_output("stream", name=name, text=_text(output.get("text")))
    if kind == "error":
        said = {name: _text(output.get(name)) for name in ("ename", "evalue")}
        lines = [_text(line) for line in list(output.get("traceback") or [])[:200]]
        return nbformat.v4.new_output("error", traceback=lines, **said)
    data = output.get("data", {})
    kept = {"text/plain": _text(data["text/plain"])} if "text/plain" in data else {}
    if "image/png" in data and (picture := _picture(data["image/png"])):
        kept["image/png"] = picture
    return nbformat.v4.new_output("display_data", kept) if kept else None


def _text(value: Any) -> str:
    text = "".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    if len(text) > MOST_TEXT:
        text = f"{text[:MOST_TEXT]}\n... and {len(text) - MOST_TEXT:,} letters more"
    return text.encode("utf-8", "replace").decode()


def _picture(value: Any) -> str:
    """The picture anew from its bytes, or nothing."""
    try:
        png = base64.b64decode("".join(str(value).split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    fine = is_picture(png) and len(png) <= MOST_PICTURE
    return base64.b64encode(png).decode() if fine else ""
