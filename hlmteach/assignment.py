"""Assignment: what a class was asked and with which secret; `deal` and `grade` share it."""

from collections.abc import Iterable
from pathlib import Path

from hlmteach.project import find_root


class Stop(Exception):
    """What keeps the command from going on; the message says what to do."""


def read_secret(path: Path | None) -> str:
    """The text of a secret file, without the line's end; "" without a file.

    Raises
    ------
    Stop
        If it is not there, or too short to be one.
    """
    if path is None:
        return ""
    try:
        secret = path.read_text("utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Stop(f"The secret file {path} cannot be read: {error}.") from error
    if len(secret) < 8:
        raise Stop(
            f"The secret in {path.name} has {len(secret)} letters; that can be guessed. Write 8 "
            "or more, such as a few random words, and keep the file: grading needs the same one."
        )
    return secret


def chapter_ids(asked: list[str], place: Path) -> list[str]:
    """Chapters as the questions call them: "ch04" for "ch04_icc" and for "4".

    Raises
    ------
    Stop
        If there are none, or a chapter has no questions.
    """
    from hlmteach.questions import chapters

    known = chapters()
    if not asked:
        raise Stop(
            f"No notebook in {place} that belongs to somebody in the roster checks a question, so "
            "I cannot tell the chapter. Is it the right folder, and the right roster? If so, name "
            "the chapter: --chapter ch04"
        )
    found = []
    for word in asked:
        plain = word.lower().partition("_")[0]
        chapter = f"ch{int(plain):02d}" if plain.isdecimal() else plain
        if chapter not in known:
            raise Stop(
                f"There is no chapter {word!r} with questions; there are {', '.join(known)}."
            )
        found.append(chapter)
    return sorted(set(found))


def handed_out(root: Path | None, chapters: Iterable[str]) -> tuple[set[str], list[str]]:
    """The lines of code in the exercises of some chapters, and their questions in order."""
    from hlmteach.grading.paper import Unreadable, read
    from hlmteach.grading.submissions import plain_line

    lines: set[str] = set()
    order: list[str] = []
    folder = (root or find_root()) / "exercises"
    for chapter in chapters:
        for path in sorted(folder.glob(f"{chapter}_*.ipynb")):
            try:
                exercise = read(path.read_bytes())
            except (Unreadable, OSError):
                continue
            lines.update(map(plain_line, exercise.code.splitlines()))
            order += exercise.checked
    return lines - {""}, order
