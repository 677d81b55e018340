"""Step: what the steps of grading share: where the course lies, and the secret of an exam."""

from pathlib import Path
from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from hlmteach.assignment import Stop, read_secret
from hlmteach.grading.handout import seal

from . import look


class Step(NbGraderPreprocessor):
    """A step of grading; `configure` sets the traits for all of them."""

    folder = Unicode("", help="the course's folder").tag(config=True)
    secret_file = Unicode("", help="the file with an exam's secret").tag(config=True)
    seal = Unicode("", help="letters by which the right secret is known").tag(config=True)

    def secret(self) -> str:
        """The secret that the data were drawn with; "" where there is none.

        Raises
        ------
        Stop
            If its file is not there any more, or holds another secret.
        """
        if not self.secret_file:
            return ""
        secret = read_secret(Path(self.secret_file))
        if seal(secret) != self.seal:
            raise Stop(
                f"{self.secret_file} holds another secret than the one this exam's data were drawn "
                "with: every answer would be wrong. Bring the old file back."
            )
        return secret

    def note(self, about: dict[str, str], step: str, notes: list[str]) -> None:
        """Say what a person may want to look at, in the log and in the course's list."""
        for one in notes:
            self.log.warning("%s: %s", about["student"], one)
        if self.folder:
            look.keep(Path(self.folder), about["assignment"], about["student"], step, notes)


def about(resources: Any) -> dict[str, str]:
    """Whose submission it is, and where its marks are kept."""
    return resources["nbgrader"]
