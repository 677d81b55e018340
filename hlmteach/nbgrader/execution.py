"""Execution: a submission's cells are run in the sandbox; Evidence and plain outputs come out."""

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute
from traitlets import Integer

from hlmteach import notebook
from hlmteach.questions.evidence import MIME, Evidence, parse
from hlmteach.questions.parcel import pack
from hlmteach.sandbox import available

from .kernel import SandboxKernelManager
from .names import question_of
from .outputs import plain

KEY = "hlmteach"  # in nbgrader's resources


@dataclass
class Run:
    """What came out of a run.

    Attributes
    ----------
    answers : question id -> the last evidence of it
    bad : records that were no evidence
    ended : why it was stopped before its end; "" if it was not
    """

    answers: dict[str, Evidence] = field(default_factory=dict)
    bad: int = 0
    ended: str = ""


class RunInSandbox(Execute):
    """Runs a notebook with the data of the student in whose folder it lies."""

    timeout = Integer(60, help="seconds for a cell").tag(config=True)
    seconds = Integer(300, help="seconds for a notebook").tag(config=True)
    output_mb = Integer(10, help="what a notebook may print and draw").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        if why := available():
            raise RuntimeError(why)
        self.run = resources[KEY] = Run()
        self._until, self._left = monotonic() + self.seconds, self.output_mb * 1_000_000
        if any(cell.cell_type == "code" for cell in nb.cells):
            with tempfile.TemporaryDirectory(prefix="hlmteach-") as folder:
                self._parcel = _parcel(Path(folder) / "data", resources["nbgrader"])
                super().preprocess(nb, resources)
        _gather(nb, self.run)
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = plain(cell.outputs)
        nb.metadata = NotebookNode(kernelspec=notebook.KERNELSPEC)
        if self.run.ended or self.run.bad:
            said = self.run.ended or f"{self.run.bad} record(s) that are no evidence"
            self.log.warning("%s: %s", resources["nbgrader"]["student"], said)
        return nb, resources

    def create_kernel_manager(self) -> SandboxKernelManager:
        self.km = SandboxKernelManager(parcel=str(self._parcel), config=self.config)
        return self.km

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> Any:
        left = self._until - monotonic()
        if left <= 0 and not self.run.ended:
            self.run.ended = "The notebook was stopped: its time was up."
        if self.run.ended:
            return cell, resources
        self.timeout = max(1, min(self.timeout, int(left)))
        try:
            super().preprocess_cell(cell, resources, index)
        except Exception as error:  # nothing that a kernel says may stop the rest of the class
            self.run.ended = self.run.ended or _why(error, index)
            self.km.end()
        return cell, resources

    def process_message(self, msg: Any, cell: NotebookNode, cell_index: int) -> Any:
        self._left -= _size(msg["content"])
        if self._left < 0:
            self.run.ended = self.run.ended or "The notebook was stopped: it printed too much."
            self.km.end()  # it is noticed within a second
            return None
        return super().process_message(msg, cell, cell_index)

    def set_widgets_metadata(self) -> None:
        """What widgets say about themselves is not kept."""


def _why(error: Exception, index: int) -> str:
    if isinstance(error, DeadKernelError):
        return f"The notebook's program ended in its cell {index + 1}."
    if isinstance(error, TimeoutError):
        return f"The notebook was stopped: its cell {index + 1} would not end."
    return f"The notebook was stopped in its cell {index + 1} ({type(error).__name__})."


def _size(content: Any) -> int:
    """About how much a message holds; every message counts for something."""
    return 100 + len(repr(content))


def _parcel(path: Path, about: dict[str, str]) -> Path:
    """Write the student's data for the chapters of this notebook."""
    with Gradebook(about["db_url"]) as gradebook:
        source = gradebook.find_notebook(about["notebook"], about["assignment"])
        questions = [question_of(cell.name) for cell in source.source_cells]
    chapters = {question.chapter for question in questions if question}
    path.write_text(pack(about["student"], chapters), "ascii")
    path.chmod(0o644)  # in a folder that is private
    return path


def _gather(nb: NotebookNode, run: Run) -> None:
    """The evidence in the outputs. Whoever printed it: it is a claim, and is judged."""
    for cell in nb.cells:
        for output in cell.get("outputs", []):
            found = output.get("data", {}).get(MIME)
            if found is None:
                continue
            try:
                evidence = parse(json.dumps(found))
            except (ValueError, TypeError, RecursionError):
                run.bad += 1
            else:
                run.answers.pop(evidence.question, None)
                run.answers[evidence.question] = evidence
