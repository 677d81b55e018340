"""Collection: what is copied from nbgrader's exchange with the teacher's rights is plain files."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect

from .intake import drop_links


class Collect(ExchangeCollect):
    """Collects without following links, and goes on where one submission cannot be copied.

    A link in the exchange may lead to any file of the teacher's, which would then lie where the
    student's program can read it.
    """

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        try:
            if Path(src).is_symlink():
                raise OSError("it is a link")
            if self.get_size(src) > 1000 * self.coursedir.max_dir_size:
                raise OSError("it is too large")
            with tempfile.TemporaryDirectory(prefix="hlmteach-") as folder:
                plain = Path(folder) / "plain"
                shutil.copytree(src, plain, symlinks=True, ignore=_odd)
                drop_links(plain)
                super().do_copy(str(plain), dest, log)
        except (OSError, shutil.Error, RuntimeError) as error:
            self.log.error("%s is not collected: %s", src, error)
            shutil.rmtree(dest, ignore_errors=True)


def _odd(folder: str, names: list[str]) -> list[str]:
    """What is neither a plain file nor a folder."""
    paths = {name: Path(folder, name) for name in names}
    return [n for n, p in paths.items() if p.is_symlink() or not (p.is_file() or p.is_dir())]
