"""The first page: what the course is, and its chapters with the time that each takes."""

import re
from pathlib import Path

from hlmteach import build

TEMPLATE = Path(__file__).parent / "pages" / "index.md"
PLACE, ORDER, COVER = "<!-- chapters -->", "<!-- order -->", "<!-- cover -->"
_ROW = re.compile(r"^\| (\d\d) \| [^|]+ \| ([^|]+) \|$", re.MULTILINE)
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_TIME = re.compile(r"^\*About (\d+) minutes\b", re.MULTILINE)


def page(root: Path, cover: str) -> str:
    """The first page, as MyST Markdown, with the words that show its picture."""
    text = TEMPLATE.read_text(encoding="utf-8").replace(COVER, cover)
    return text.replace(PLACE, chapters(root)).replace(ORDER, order(root))


def order(root: Path) -> str:
    """The pages in the order in which they are read: a chapter, its exercises, the next chapter.

    Parameters
    ----------
    root : Path
        The folder of the course.
    """
    lines = []
    for stem in _stems(root):
        lines.append(f"chapters/{stem}")
        if (root / "solutions" / f"{stem}.md").exists():
            lines.append(f"Exercises {int(stem[2:4])} <exercises/{stem}>")
    return "\n".join(lines)


def chapters(root: Path) -> str:
    """A list of the chapters: title, what it is about (as in README.md), minutes.

    Parameters
    ----------
    root : Path
        The folder of the course.
    """
    readme = (root / "README.md").read_text(encoding="utf-8")
    about = {number: text for number, text in _ROW.findall(readme)}
    return "\n".join(_item(root, stem, about.get(stem[2:4], "")) for stem in _stems(root))


def _stems(root: Path) -> list[str]:
    return sorted(path.stem for path in (root / "chapters").glob(f"{build.PATTERN}.md"))


def _item(root: Path, stem: str, about: str) -> str:
    text = (root / "chapters" / f"{stem}.md").read_text(encoding="utf-8")
    title = _TITLE.search(text)
    item = f"- [{title[1] if title else stem}](chapters/{stem}.ipynb): {about}".rstrip(": ")
    times = [_minutes(text)]
    solved = root / "solutions" / f"{stem}.md"
    if solved.exists():
        minutes = _minutes(solved.read_text(encoding="utf-8"))
        times.append(f"[exercises](exercises/{stem}.ipynb), {minutes}" if minutes else "")
    said = "; ".join(filter(None, times))
    return f"{item}. *{said}.*" if said else f"{item}."


def _minutes(text: str) -> str:
    found = _TIME.search(text)
    return f"{found[1]} minutes" if found else ""
