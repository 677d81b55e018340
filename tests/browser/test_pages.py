"""Every page of the book in a browser: nothing that would stop any reader.

One browser visits each page once, at the width of a desktop and of a phone, in light and in dark,
and with letters of twice the size. `checks.js` says what is looked at; folds are open.
"""

from pathlib import Path

import pytest

from hlmteach.book import vendor

CHECKS = Path(__file__).with_name("checks.js")
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def names(site):
    found = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    return [name for name in found if not name.startswith("_static")]


@pytest.fixture(scope="module")
def prepared(context, root, tmp_path_factory):
    """A page that has axe and the checks in it, whatever it shows."""
    folder = tmp_path_factory.mktemp("axe")
    vendor.collect((vendor.AXE,), root / "_build" / "vendor", folder)
    page = context.new_page()
    page.add_init_script(path=folder / "axe.min.js")
    page.add_init_script(path=CHECKS)
    yield page
    page.close()


@pytest.fixture(scope="module")
def visits(prepared, address, names):
    """What was found on each page."""
    visitor = Visitor(prepared, address)
    return {name: visitor.visit(name) for name in names}


class Visitor:
    """One page that goes through the book, and what it knows from the pages before."""

    def __init__(self, page, address):
        self.page, self.address = page, address
        self.said, self.asked = [], []
        self.texts, self.stops = [], []
        self.size = DESKTOP
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))

    def hear(self, line):
        if line.type == "error":
            self.said.append(line.text)

    def visit(self, name):
        self.said.clear()
        self.asked.clear()
        self.page.goto(f"{self.address}/{name}")
        self.page.evaluate("hlm.settle()")
        seen = {"structure": self.page.evaluate("hlm.structure()"), "focus": self.focus()}
        # A page begins and ends at the width at which the last one ended, which saves a layout.
        first, other = (DESKTOP, PHONE) if self.size is DESKTOP else (PHONE, DESKTOP)
        seen |= self.measure(first) | self.measure(other)
        judged = [self.judge(other), self.judge(first)]
        seen |= {theme: judged[0][theme] + judged[1][theme] for theme in ("light", "dark")}
        own = (self.address, "data:", "blob:")
        outside = [url for url in self.asked if not url.startswith(own)]
        return seen | {"said": list(self.said), "outside": outside}

    def judge(self, size):
        self.resize(size)
        found = self.page.evaluate("known => hlm.judge(known)", self.texts)
        self.texts = found.pop("known")
        return {theme: [f"{size['width']}: {fault}" for fault in found[theme]] for theme in found}

    def resize(self, size):
        if self.size is not size:
            self.page.set_viewport_size(size)
            self.size = size

    def measure(self, size):
        self.resize(size)
        if size is PHONE:
            return {"phone": self.page.evaluate("hlm.overflow()")}
        return self.page.evaluate("({ desktop: hlm.overflow(), zoomed: hlm.zoomed(200) })")

    def focus(self):
        if not self.page.evaluate("known => hlm.stops(known).size", self.stops):
            return []
        self.page.keyboard.press("Tab")  # a ring is drawn for those who use the keyboard
        found = self.page.evaluate("known => hlm.unseenFocus(known)", self.stops)
        self.stops += found["kinds"]
        return found["faults"]


def those_with(visits, what):
    return {name: seen[what] for name, seen in visits.items() if seen[what]}


def test_chapters_exercises_and_reference_are_there(names, root):
    stems = sorted(path.stem for path in (root / "chapters").glob("ch[0-9][0-9]_*.md"))
    assert {f"chapters/{stem}.html" for stem in stems} <= set(names)
    solved = sorted(path.stem for path in (root / "solutions").glob("ch[0-9][0-9]_*.md"))
    assert {f"exercises/{stem}.html" for stem in solved} <= set(names)
    more = {"index", "search", "run", "chapters/glossary", "chapters/references"}
    more |= {"chapters/instructors", "api/index", "api/fit", "genindex"}
    assert {f"{name}.html" for name in more} <= set(names)


def test_no_page_asks_another_host(visits):
    assert those_with(visits, "outside") == {}


def test_no_page_has_an_error_in_its_console(visits):
    assert those_with(visits, "said") == {}


def test_axe_finds_no_fault(visits):
    assert those_with(visits, "light") == {}


def test_dark_mode_has_contrast(visits):
    assert those_with(visits, "dark") == {}


def test_pictures_have_a_text_and_headings_go_down_one_level_at_a_time(visits):
    assert those_with(visits, "structure") == {}


def test_the_keyboard_is_seen_wherever_it_is(visits):
    assert those_with(visits, "focus") == {}


@pytest.mark.parametrize("where", ["desktop", "phone", "zoomed"])
def test_nothing_is_too_wide_or_cut(visits, where):
    assert those_with(visits, where) == {}


FAULTS = """
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
<h2 style="color: #999">Pale</h2><p style="color: #333">Dim</p><h4 tabindex="3">Deep</h4>
<a href="#" style="outline: none; box-shadow: none" class="hidden-ring">link</a>
<p style="width: 3000px">wide</p>
<div style="overflow: hidden; width: 3rem; white-space: nowrap">cut off by its box</div>
"""


def test_the_checks_find_what_they_look_for(prepared, address):
    prepared.set_viewport_size(DESKTOP)
    prepared.goto(f"{address}/run.html")
    prepared.evaluate("hlm.settle()")
    prepared.evaluate("html => { document.querySelector('main').innerHTML = html; }", FAULTS)
    prepared.keyboard.press("Tab")
    assert prepared.evaluate("hlm.unseenFocus([]).faults") == ["a.hidden-ring link"]
    assert len(prepared.evaluate("hlm.structure()")) == 3
    for found in (prepared.evaluate("hlm.overflow()"), prepared.evaluate("hlm.zoomed(200)")):
        assert any("too wide" in fault for fault in found)
        assert any("cut off by its box" in fault for fault in found)
    found = prepared.evaluate("hlm.judge([])")
    assert {fault.split(":")[0] for fault in found["light"]} >= {"color-contrast", "image-alt"}
    assert any("Dim" in fault for fault in found["dark"])
