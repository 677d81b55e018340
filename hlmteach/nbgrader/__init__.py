"""nbgrader courses, graded as `hlmteach grade` does it: scores follow from Evidence.

    solutions/chNN_stem.md ── source ──▶ source/chNN/chNN_stem.ipynb ── nbgrader ──▶ release/
    submitted/ ── intake ──▶ cells ──▶ execution (sandbox) ──▶ Evidence ──▶ scores ──▶ gradebook.db

nbgrader itself runs what students wrote with the teacher's rights, and takes what the outputs of a
cell look like for a score. With `configure` it reads submissions as data, runs them in
`hlmteach.sandbox`, and judges what they report in nbgrader's own process. Release, collection, the
formgrader, feedback and late penalties are nbgrader's own.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Any


def configure(config: Any) -> None:
    """Set nbgrader up; called in the course's nbgrader_config.py.

    Parameters
    ----------
    config : what `get_config()` gives there

    Examples
    --------
    >>> from traitlets.config import Config
    >>> c = Config()
    >>> configure(c)
    >>> c.Autograde.exporter_class.__name__
    'Intake'
    """
    from nbgrader import preprocessors as usual

    from .cells import KnownCells
    from .collection import Collect
    from .execution import RunInSandbox
    from .intake import Intake, refuse_links
    from .release import Dots
    from .scores import ScoreEvidence

    own = [usual.LockCells, Dots, usual.ClearOutput, usual.CheckCellMetadata]
    own += [usual.ComputeChecksums, usual.SaveCells, usual.ClearHiddenTests, usual.ClearMarkScheme]
    own += [usual.ComputeChecksums, usual.CheckCellMetadata]
    config.GenerateAssignment.preprocessors = [usual.IncludeHeaderFooter, *own]
    config.Autograde.pre_convert_hook = refuse_links
    config.Autograde.exporter_class = Intake
    config.Autograde.sanitize_preprocessors = [KnownCells, usual.CheckCellMetadata]
    config.Autograde.autograde_preprocessors = [
        KnownCells,  # once more: the intake reads what the first pass has written
        RunInSandbox,
        usual.LimitOutput,
        ScoreEvidence,
        usual.AssignLatePenalties,
        usual.CheckCellMetadata,
    ]
    config.ExchangeFactory.collect = Collect
    config.HTMLExporter.sanitize_html = True
    _find_alembic()


def _find_alembic() -> None:
    """nbgrader starts the program alembic by its name; it lies beside this Python."""
    folder = str(Path(sys.executable).parent)
    if not shutil.which("alembic"):
        os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", os.defpath)])
