"""Feedback, report and marking sheet: whole, escaped, readable without colours and pictures."""

import base64
from html.parser import HTMLParser

import pytest
from pieces import ASKED, ICC, OPEN, RIGHT, WRONG, answer, attempt, entry, record

from hlmteach.grading.feedback import feedback
from hlmteach.grading.page import text
from hlmteach.grading.pictures import distribution, school_means
from hlmteach.grading.policy import Policy
from hlmteach.grading.report import report
from hlmteach.grading.roster import Student
from hlmteach.grading.sheet import Sheet
from hlmteach.grading.sheet_page import open_answers, sheet_page
from hlmteach.grading.statistics import items
from hlmteach.sandbox.outcome import PNG as FIRST

EVIL = '<script>alert(1)</script><img src=x onerror="alert(2)">'
STUDENT = Student("evil", EVIL)
BAD = answer("unknown", given=EVIL, message=f"{EVIL} `{EVIL}`")
TEXT = answer("recorded", text=EVIL * 3, given=EVIL)
PNG = base64.b64encode(FIRST + b"\0\0\1\0" * 2 + b"rest").decode()
RECORD = {
    **record("timeout", icc=BAD, report=TEXT),
    "log": EVIL,
    "notes": [EVIL],
    "file": EVIL,
    "school_means": [480.1, 502.3, 477.0],
}
PICTURES = [[3, PNG], [4, "<svg onload=alert(3)>"], [5, base64.b64encode(b"GIF").decode()]]
PICTURES += [[6, base64.b64encode(FIRST + b"\0\1\0\0" * 2 + b"huge").decode()]]
ENTRIES = [entry([attempt()], [RECORD], student=STUDENT)]
ENTRIES += [entry([attempt()], [record(read=RIGHT, icc=WRONG, report=OPEN)])]
PAGES = {
    "feedback": feedback(ENTRIES[0], EVIL, Policy(), PICTURES),
    "report": report(ENTRIES, items(ENTRIES), EVIL, [(EVIL, EVIL)], [EVIL], [EVIL]),
    "sheet": sheet_page(open_answers(ENTRIES, ASKED), Sheet(), ASKED, EVIL),
}
ALLOWED = set(
    "html head meta title style body main div h1 h2 p section ul li span code em pre table caption "
    "thead tbody tr th td figure figcaption svg rect circle text img".split()
)


class Reader(HTMLParser):
    """Collects tags; checks that they are closed in order."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.open = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_is_whole_and_nothing_of_a_students_is_in_its_tags(page):
    found = Reader(page)
    assert not found.open
    assert {tag for tag, _ in found.tags} <= ALLOWED
    for tag, attrs in found.tags:
        assert not any(name.startswith("on") for name in attrs)
        assert "href" not in attrs
        assert tag != "img" or attrs["src"].startswith("data:image/png;base64,")
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_needs_nothing_but_itself_and_says_its_language(page):
    assert '<html lang="en">' in page and "default-src 'none'" in page
    assert "http://" not in page and "https://" not in page


def test_every_picture_has_words():
    for tag, attrs in Reader(PAGES["feedback"]).tags + Reader(PAGES["report"]).tags:
        if tag == "img":
            assert attrs["alt"] == "A figure that your notebook drew in code cell 3"
        if tag == "svg":
            assert attrs["role"] == "img" and len(attrs["aria-label"]) > 30


def test_only_pictures_that_are_pngs_are_shown():
    assert PAGES["feedback"].count("<img") == 1


def test_feedback_says_the_mistake_and_hints_and_never_the_last_hint():
    page = feedback(ENTRIES[1], "Lab 4", Policy(), [])
    assert "Not right: ch04.icc (0 of 2)" in page and "(wrong)" in page
    assert text(ICC.hints[0]) in page.replace("<code>", "`").replace("</code>", "`")
    assert ICC.hints[2].split("`")[0] not in page
    assert "Not final: an answer of yours is still to be marked." in page


def test_signs_that_turn_the_writing_round_are_shown_as_numbers():
    assert text("a\u202eb\x07\x1c") == "a\\u202eb\\u0007\\u001c"
    assert text("l\u00a0m\u200cn") == "l\u00a0m\u200cn"


def test_the_report_counts_mistakes_and_lists_what_is_to_do():
    page = PAGES["report"]
    assert "icc-sd" in page and "The commonest mistakes" in page
    assert "2 answers to open questions are still to be marked" in page
    assert "stopped: it took too long" in page


def test_the_distribution_is_said_in_words():
    assert "30-40 % 1; 90-100 % 2." in distribution([0.35, 0.95, 1.2])
    assert "from 477 to 502 points" in school_means([480.1, 502.3, 477.0])
    assert school_means([]) == ""
