"""nbgrader courses, graded as `hlmteach grade` does it: scores follow from Evidence.

    solutions/chNN_stem.md ── source ──▶ source/chNN/chNN_stem.ipynb ── nbgrader ──▶ release/
    exchange ── collection ──▶ submitted/ ── folder, intake ──▶ cells ──▶ execution (sandbox)
    execution ──▶ Evidence ──▶ scores ──▶ gradebook.db ──▶ exports, feedback

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


def configure(config: Any, secret: str = "", seal: str = "") -> None:
    """Set nbgrader up; called in the course's nbgrader_config.py.

    Parameters
    ----------
    config : what `get_config()` gives there
    secret : for an exam, the file with the secret from which students' data follow
    seal : letters by which the right secret is known; `hlmteach nbgrader` writes them

    Examples
    --------
    >>> from traitlets.config import Config
    >>> c = Config()
    >>> configure(c)
    >>> c.Autograde.exporter_class.__name__
    'Intake'
    """
    from nbgrader import preprocessors as usual

    from .cells import KnownCells, StillKnownCells
    from .collection import Collect
    from .execution import RunInSandbox
    from .feedback import Feedback
    from .folder import hook
    from .intake import Intake
    from .release import Dots, SaveCellsOnly
    from .scores import ScoreEvidence

    root = Path(str(config.CourseDirectory.get("root", ""))).resolve()
    config.Step.folder = str(root)
    config.Step.secret_file, config.Step.seal = str(secret), seal
    own = [usual.LockCells, Dots, usual.ClearOutput, usual.CheckCellMetadata]
    own += [usual.ComputeChecksums, SaveCellsOnly, usual.ClearHiddenTests, usual.ClearMarkScheme]
    own += [usual.ComputeChecksums, usual.CheckCellMetadata]
    config.GenerateAssignment.preprocessors = [usual.IncludeHeaderFooter, *own]
    config.Autograde.pre_convert_hook = hook(root)
    config.Autograde.exporter_class = Intake
    config.Autograde.sanitize_preprocessors = [KnownCells, usual.CheckCellMetadata]
    config.Autograde.autograde_preprocessors = [
        StillKnownCells,
        RunInSandbox,
        usual.LimitOutput,
        ScoreEvidence,
        usual.AssignLatePenalties,
        usual.CheckCellMetadata,
    ]
    config.ExchangeFactory.collect = Collect
    config.GenerateFeedback.exporter_class = Feedback
    config.HTMLExporter.sanitize_html = True
    _find_alembic()


def _find_alembic() -> None:
    """nbgrader starts the program alembic by its name; it lies beside this Python."""
    folder = str(Path(sys.executable).parent)
    if not shutil.which("alembic"):
        os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", os.defpath)])
