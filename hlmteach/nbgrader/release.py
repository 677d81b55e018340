"""Release: what learners get; the course's dots in place of nbgrader's `raise`."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from hlmteach import exercises


class Dots(NbGraderPreprocessor):
    """Leaves solutions out as `hlmteach build` does; stands where nbgrader has ClearSolutions."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        nb.cells = exercises.bare(nb.cells)
        return nb, resources
