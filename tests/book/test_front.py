import re

import pytest
from tiny_course import write

from hlmteach.book import front

README = "| | | |\n|---|---|---|\n| 04 | ICC | how much lies between |\n"


@pytest.fixture
def course(tmp_path):
    (tmp_path / "README.md").write_text(README, encoding="utf-8")
    write(tmp_path, "# 4 · The ICC\n\n*About 60 minutes. With a break.*\n", "ch04_icc")
    write(tmp_path, "# 5 · Without a time\n", "ch05_bare")
    (tmp_path / "solutions").mkdir()
    solved = tmp_path / "solutions" / "ch04_icc.md"
    solved.write_text("# Exercises 4\n\n*About 40 minutes.*\n", encoding="utf-8")
    return tmp_path


def test_a_chapter_has_its_title_its_words_and_its_times(course):
    assert front.chapters(course).split("\n")[0] == (
        "- [4 · The ICC](chapters/ch04_icc.ipynb): how much lies between. "
        "*60 minutes; [exercises](exercises/ch04_icc.ipynb), 40 minutes.*"
    )


def test_what_a_chapter_lacks_is_left_out(course):
    assert front.chapters(course).split("\n")[1] == (
        "- [5 · Without a time](chapters/ch05_bare.ipynb)."
    )


def test_exercises_are_read_after_their_chapter(course):
    assert front.order(course).split("\n") == [
        "chapters/ch04_icc",
        "Exercises 4 <exercises/ch04_icc>",
        "chapters/ch05_bare",
    ]


def test_every_chapter_of_the_course_has_words_and_times(root):
    lines = front.chapters(root).split("\n")
    assert len(lines) == len(list((root / "chapters").glob("ch[0-9][0-9]_*.md")))
    for line in lines:
        assert re.search(r"\.ipynb\): .+\. \*\d+ minutes", line), line
    for line in lines[1:]:  # chapter 0 has no exercises
        assert re.search(r"\[exercises\]\(exercises/\w+\.ipynb\), \d+ minutes\.\*$", line), line


def test_the_page_holds_them(root):
    page = front.page(root, "![lines](cover.svg)")
    assert "<!--" not in page and "![lines](cover.svg)" in page
    assert front.chapters(root) in page and front.order(root) in page
