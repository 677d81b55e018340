"""Release: what learners get, and what the gradebook remembers of it."""

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor, SaveCells

from hlmteach import exercises

# nbgrader goes on with its own settings where it cannot read a configuration file, and would run
# submissions with the teacher's rights. It runs them in the kernel that the gradebook remembers:
# this one does not exist, so that it stops instead, and names the file to look at.
NO_KERNEL = "hlmteach-needs-nbgrader_config.py"


class Dots(NbGraderPreprocessor):
    """Leaves solutions out as `hlmteach build` does; stands where nbgrader has ClearSolutions."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        nb.cells = exercises.bare(nb.cells)
        return nb, resources


class SaveCellsOnly(SaveCells):
    """Saves the cells, and a kernel that only the sandbox stands in for."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        released = nb.metadata.get("kernelspec")
        nb.metadata["kernelspec"] = {"name": NO_KERNEL, "display_name": NO_KERNEL}
        nb, resources = super().preprocess(nb, resources)
        nb.metadata["kernelspec"] = released
        return nb, resources
