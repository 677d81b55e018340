"""Execution: a submission's cells are run in the sandbox; Evidence and plain outputs come out."""

import json
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import nbformat
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute
from traitlets import Integer, default

from hlmteach import notebook
from hlmteach.grading import paper
from hlmteach.questions import Question
from hlmteach.questions.evidence import MIME, Evidence, parse
from hlmteach.questions.parcel import pack
from hlmteach.questions.students import normalise
from hlmteach.sandbox import available

from .kernel import SandboxKernelManager
from .names import question_of
from .outputs import plain
from .step import Step, about

KEY = "hlmteach"  # in nbgrader's resources


@dataclass
class Run:
    """What came out of a run.

    Attributes
    ----------
    asked : ids of the questions of this notebook
    answers : question id -> the last evidence of it
    bad : records that were no evidence
    again : question id -> how often it was answered
    ended : why it was stopped before its end; "" if it was not
    """

    asked: frozenset[str] = frozenset()
    answers: dict[str, Evidence] = field(default_factory=dict)
    bad: int = 0
    again: Counter[str] = field(default_factory=Counter)
    ended: str = ""

    def oddities(self) -> list[str]:
        """What a person may want to look at."""
        notes = [self.ended] if self.ended else []
        notes += [f"{self.bad} record(s) that are no evidence"] if self.bad else []
        strange = sorted(set(self.again) - self.asked)
        notes += [f"it answers {name[:80]!r}, which was not asked" for name in strange[:5]]
        often = sorted(name for name in self.asked if self.again[name] > 1)
        notes += [f"it answers {name} {self.again[name]} times; the last counts" for name in often]
        return notes


class RunInSandbox(Step, Execute):
    """Runs a notebook with the data of the student in whose folder it lies."""

    timeout = Integer(60, help="seconds for a cell").tag(config=True)
    seconds = Integer(300, help="seconds for a notebook").tag(config=True)
    output_mb = Integer(10, help="what a notebook may print and draw").tag(config=True)

    @default("shutdown_kernel")
    def _end_at_once(self) -> str:
        """All that counts has come out; a kernel that is asked to end takes its time."""
        return "immediate"

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        if why := available():
            raise RuntimeError(why)
        whose = about(resources)
        asked = _asked(whose)
        self.run = resources[KEY] = Run(frozenset(question.id for question in asked))
        self._until, self._left = monotonic() + self.seconds, self.output_mb * 1_000_000
        named = _named(nb, whose["student"])
        if any(cell.cell_type == "code" for cell in nb.cells):
            data = pack(whose["student"], {q.chapter for q in asked}, self.secret())
            with tempfile.TemporaryDirectory(prefix="hlmteach-") as folder:
                self._parcel = _written(Path(folder) / "data", data)
                super().preprocess(nb, resources)
        _gather(nb, self.run)
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = plain(cell.outputs)
        nb.metadata = NotebookNode(kernelspec=notebook.KERNELSPEC)
        self.note(whose, f"run of {whose['notebook']}", [*self.run.oddities(), *named])
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


def _asked(whose: dict[str, str]) -> list[Question]:
    """The questions of this notebook."""
    with Gradebook(whose["db_url"]) as gradebook:
        source = gradebook.find_notebook(whose["notebook"], whose["assignment"])
        found = {question_of(cell.name) for cell in source.source_cells}
    return [question for question in found if question]


def _named(nb: NotebookNode, student: str) -> list[str]:
    """Who else the notebook says that it is."""
    said = dict.fromkeys(paper.read(nbformat.writes(nb).encode()).named)
    others = [name for name in said if normalise(name) != normalise(student)]
    return [f"it says that it is {name[:80]!r}" for name in others[:5]]


def _written(path: Path, data: str) -> Path:
    path.write_text(data, "ascii")
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
                run.again[evidence.question] += 1
                run.answers[evidence.question] = evidence
