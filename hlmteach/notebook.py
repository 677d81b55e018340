"""A notebook of the course: written as MyST Markdown, executed into .ipynb, the same everywhere.

`read_source` and `execute` go from the written file to the executed notebook; `problems` says what
keeps a notebook from being committed. The tests and `hlmteach build` share them.
"""

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
from jupytext.config import load_jupytext_config
from nbformat import NotebookNode

CHECKED = "nbval-check-output"
STDERR_ALLOWED = "allow-stderr"
ERROR_ALLOWED = "raises-exception"
WIDGETS = "application/vnd.jupyter.widget-state+json"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# What ipykernel reports, without the version: a newer Python is no reason for a new commit.
LANGUAGE_INFO = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
_PATH = re.compile(
    r"""(?<![\w.:/~<])(?:/(?:home|Users|root|tmp|private|work|usr|opt|var|mnt|srv)/|[A-Za-z]:\\)"""
)
_PICTURE = re.compile(r"(?<=;base64,)[A-Za-z0-9+/=]+")  # letters that mean no text
_SILENT_IMAGE = re.compile(r"<img(?![^>]*\balt=[\"'][^\"'])")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
_STYLER_ID = re.compile(r"\bT_[0-9a-f]{5}(?![0-9a-zA-Z])")


def read_source(path: Path) -> NotebookNode:
    """Read a written chapter as a notebook without outputs, with settled ids and metadata.

    Parameters
    ----------
    path : Path
        A MyST Markdown notebook, `chNN_stem.md`.

    Returns
    -------
    NotebookNode
        The same cells every time; an id depends on the cell's text only, so that a new cell
        changes no other.
    """
    notebook = _parse(path)
    notebook.metadata["language_info"] = dict(LANGUAGE_INFO)
    seen: dict[str, int] = {}
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:8]
        seen[digest] = seen.get(digest, 0) + 1
        cell["id"] = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"
    return notebook


def tidy_source(path: Path) -> str:
    """The text of a written chapter as Jupytext (and so JupyterLab, on saving) would write it."""
    return jupytext.writes(_parse(path), fmt="md:myst", config=load_jupytext_config(str(path)))


def _parse(path: Path) -> NotebookNode:
    text = path.read_text(encoding="utf-8")
    notebook = jupytext.reads(text, fmt="md:myst", config=load_jupytext_config(str(path)))
    notebook.nbformat_minor = 5
    kept = {key: value for key, value in notebook.metadata.items() if key == "mystnb"}
    # Just what JupyterLab keeps when it saves the pair, so that a reader's saving leaves no diff.
    jupytext_metadata = {"default_lexer": "ipython3"}
    notebook.metadata = nbformat.from_dict(
        {"jupytext": jupytext_metadata, "kernelspec": KERNELSPEC, **kept}
    )
    return notebook


def cells_of(notebook: NotebookNode) -> list[tuple]:
    """What a person wrote in each cell: id, type, text, metadata."""
    return [(c.get("id"), c.cell_type, c.source, dict(c.metadata)) for c in notebook.cells]


def execute(notebook: NotebookNode, folder: Path, timeout: int = 120) -> NotebookNode:
    """Run every cell in this environment's kernel and make what it shows the same on all machines.

    Parameters
    ----------
    notebook : NotebookNode
        As `read_source` gives it; changed in place.
    folder : Path
        The working folder of the kernel.
    timeout : int, default 120
        Seconds that one cell may take.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        A cell failed and is not tagged `raises-exception`.
    """
    from nbclient import NotebookClient
    from traitlets.config import Config

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        client = NotebookClient(
            notebook,
            timeout=timeout,
            kernel_name=KERNELSPEC["name"],
            resources={"metadata": {"path": str(folder)}},
            record_timing=False,
            coalesce_streams=True,
            config=Config({"KernelManager": _transport(scratch)}),
        )
        client.execute(env=_environment(scratch))
    notebook.metadata["language_info"] = dict(LANGUAGE_INFO)
    notebook.metadata["kernelspec"] = dict(KERNELSPEC)
    return _settle(notebook)


def _transport(scratch: str) -> dict[str, str]:
    """Sockets in a folder of their own where there are any: two kernels cannot pick one port."""
    return {} if os.name == "nt" else {"transport": "ipc", "ip": os.path.join(scratch, "kernel")}


def _environment(scratch: str) -> dict[str, str]:
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # this environment's kernel, not the user's own
    return {
        # No real PISA, so that the notebook is the same on every machine, unless the person who
        # builds names the folder.
        "HLMTEACH_DATA": os.path.join(scratch, "data"),
        **os.environ,
        "IPYTHONDIR": scratch,  # no start-up files of the person who builds
        "HLMTEACH_HOME": scratch,  # nor their progress, nor their data
        "HLMTEACH_STUDENT": "",
        "HLMTEACH_STATIC": "1",  # explorers as frames: nobody is there to move a slider
        "HLMTEACH_QUIET": "1",  # and no bar of progress, however long a busy machine takes
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",  # sums come out the same whatever the number of cores
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


def _settle(notebook: NotebookNode) -> NotebookNode:
    """Replace what differs from run to run: ids of widgets and of styled tables; add alt texts."""
    for number, cell in enumerate(_code_cells(notebook)):
        alt = alt_text(cell)
        for output in cell.outputs:
            data = output.get("data", {})
            if "text/html" in data:
                data["text/html"] = _STYLER_ID.sub(f"T_{number:05d}", data["text/html"])
                data["text/plain"] = _ADDRESS.sub("0x...", data.get("text/plain", ""))
            if "image/png" in data and alt:
                output.metadata.setdefault("image/png", {})["alt"] = alt
    state = notebook.metadata.get("widgets", {}).get(WIDGETS, {}).get("state", {})
    text = nbformat.writes(notebook)
    for number, model_id in enumerate(list(state)):
        text = text.replace(model_id, f"{number:032x}")
    return nbformat.reads(text, as_version=4)


def alt_text(cell: NotebookNode) -> str:
    """The text that stands for the cell's figure: the metadata that MyST-NB reads."""
    return cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "").strip()


def is_checked(cell: NotebookNode) -> bool:
    """Whether nbval compares this cell's output."""
    return CHECKED in cell.metadata.get("tags", [])


def problems(notebook: NotebookNode, private: tuple[str, ...] = ()) -> list[str]:
    """What keeps an executed notebook from being committed; an empty list when nothing does.

    Parameters
    ----------
    notebook : NotebookNode
        An executed notebook.
    private : tuple of str
        Further texts that no output may show, such as the folder of the project.

    Returns
    -------
    list of str
        One sentence a problem, with the cell's number (code cells, from 1) and what to do.
    """
    found = []
    for number, cell in enumerate(_code_cells(notebook), start=1):
        first = cell.source.strip().split("\n")[0][:60]
        for sentence in _cell_problems(cell, private):
            found.append(f"code cell {number} ({first}): {sentence}")
    if not any(is_checked(cell) for cell in _code_cells(notebook)):
        found.append(f"no cell is checked: tag one that ends in a rounded table `{CHECKED}`")
    return found


def _cell_problems(cell: NotebookNode, private: tuple[str, ...]) -> Iterator[str]:
    tags = cell.metadata.get("tags", [])
    if cell.source.strip() and cell.execution_count is None:
        yield "it was never run; run `hlmteach build`"
    if is_checked(cell) and not cell.outputs:
        yield f"it is tagged `{CHECKED}` and shows nothing; end it with the value to check"
    for output in cell.outputs:
        if output.output_type == "error" and ERROR_ALLOWED not in tags:
            yield f"it fails with {output.ename}; tag a failure on purpose `{ERROR_ALLOWED}`"
        if output.get("name") == "stderr" and STDERR_ALLOWED not in tags:
            yield (
                f"it writes to stderr ({output.text.strip()[:80]!r}); "
                f"silence it, or tag the cell `{STDERR_ALLOWED}`"
            )
        if "image/png" in output.get("data", {}) and not alt_text(cell):
            yield "its figure has no alt text; give the cell `mystnb: {image: {alt: ...}}`"
        if _SILENT_IMAGE.search("".join(output.get("data", {}).get("text/html", ""))):
            yield "it shows an <img> without alt text"
        yield from _text_problems("\n".join(_texts(output)), private)


def _text_problems(text: str, private: tuple[str, ...]) -> Iterator[str]:
    hit = _PATH.search(text)
    words = [word for word in private if len(word) > 3 and word in text]
    if hit or words:
        seen = words[0] if words else text[hit.start() : hit.start() + 40].split("\n")[0]
        yield f"its output shows a path of this machine ({seen}); do not print it"
    if address := _ADDRESS.search(text):
        yield (
            f"its output shows a memory address ({address[0]}), new on every run; "
            "end the last line with `;` or assign it"
        )


def _texts(output: NotebookNode) -> Iterator[str]:
    yield output.get("text", "")
    yield from output.get("traceback", [])
    for mime, value in output.get("data", {}).items():
        if mime.startswith("text/") and isinstance(value, str):
            yield _PICTURE.sub("", value)


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def private_words(root: Path) -> tuple[str, ...]:
    """Folders of this machine that no output may show."""
    return (str(root), str(Path.home()), sys.prefix, tempfile.gettempdir())
