"""Where the course's own files lie: the folder that holds chapters/ and course.py."""

from pathlib import Path


def find_root(start: Path | None = None) -> Path:
    """The folder of the course.

    Parameters
    ----------
    start : Path, optional
        Look here and in the folders above first; the working folder by default.

    Returns
    -------
    Path
        The first folder that holds both `course.py` and `chapters/`; the one the package was
        installed from if there is none, which is also the answer in an empty folder.

    Examples
    --------
    >>> find_root().is_dir()
    True
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "course.py").is_file() and (folder / "chapters").is_dir():
            return folder
    return Path(__file__).resolve().parent.parent
