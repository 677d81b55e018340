"""A page of each kind in a browser: no error, no other host, no serious fault for anyone."""

from itertools import pairwise

import pytest

from hlmteach.book import vendor

PHONE, ZOOMED = 390, 640  # pixels; a window of 1280 at 200 % is as wide as one of 640
GRAVE = ("serious", "critical")
AXE = """async (rules) => (await axe.run(document, {
    preload: false, resultTypes: ['violations'], ...(rules ? {runOnly: rules} : {})
})).violations"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
IMAGES = "[...document.images].filter(i => !i.hasAttribute('alt')).map(i => i.src.slice(0, 80))"
LEVELS = """[...document.querySelectorAll('main :is(h1,h2,h3,h4,h5,h6)')]
    .filter(h => h.getClientRects().length).map(h => +h.tagName[1])"""
# axe takes seconds for a page; pages of one kind come from one template.
VISITED = [
    "index.html",
    "run.html",
    "search.html",
    "chapters/ch04_icc.html",
    "chapters/glossary.html",
    "chapters/references.html",
    "exercises/ch04_icc.html",
    "exercises/ch09_random_slopes.html",
    "api/index.html",
    "api/generated/hlmteach.lmer.html",
    "api/generated/hlmteach.datasets.pisa.html",
    "api/generated/hlmteach.plots.residuals_against.html",
]


@pytest.fixture(scope="module")
def axe(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("axe")
    vendor.collect((vendor.AXE,), root / "_build" / "vendor", folder)
    return (folder / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def names(site):
    found = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    return [name for name in found if not name.startswith("_static")]


@pytest.fixture(scope="module")
def visits(browser, address, axe):
    """What each page did when it was opened."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(axe)
    page, said, asked = context.new_page(), [], []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    seen = {}
    for name in VISITED:
        said.clear()
        asked.clear()
        page.goto(f"{address}/{name}")
        outside = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
        seen[name] = {**measures(page), "said": list(said), "outside": outside}
    context.close()
    return seen


def measures(page):
    found = {
        "faults": faults(page),
        "unlabelled": page.evaluate(IMAGES),
        "levels": page.evaluate(LEVELS),
    }
    for width in (ZOOMED, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        found[width] = page.evaluate(TOO_WIDE)
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


def faults(page, rules=None):
    return [
        (fault["id"], node["html"][:120])
        for fault in page.evaluate(AXE, rules)
        if fault["impact"] in GRAVE
        for node in fault["nodes"]
    ]


def those_with(visits, what):
    return {name: seen[what] for name, seen in visits.items() if seen[what]}


def test_chapters_exercises_and_reference_are_there(names, root):
    stems = sorted(path.stem for path in (root / "chapters").glob("ch[0-9][0-9]_*.md"))
    assert {f"chapters/{stem}.html" for stem in stems} <= set(names)
    solved = sorted(path.stem for path in (root / "solutions").glob("ch[0-9][0-9]_*.md"))
    assert {f"exercises/{stem}.html" for stem in solved} <= set(names)
    more = {"index", "chapters/glossary", "chapters/references", "api/generated/hlmteach.lmer"}
    assert {f"{name}.html" for name in more} <= set(names)


def test_no_page_asks_another_host(visits):
    assert those_with(visits, "outside") == {}


def test_no_page_has_an_error_in_its_console(visits):
    assert those_with(visits, "said") == {}


def test_axe_finds_no_serious_fault(visits):
    assert those_with(visits, "faults") == {}


def test_every_picture_has_a_text(visits):
    assert those_with(visits, "unlabelled") == {}


def test_headings_go_down_one_level_at_a_time(visits):
    for name, seen in visits.items():
        levels = seen["levels"]
        assert levels[:1] == [1] and levels.count(1) == 1, name
        steps = [after - before for before, after in pairwise(levels)]
        assert max(steps, default=0) <= 1, name


@pytest.mark.parametrize("width", [PHONE, ZOOMED])
def test_no_page_scrolls_sideways_on_a_phone_or_at_200_percent(visits, width):
    assert those_with(visits, width) == {}


SAMPLE = [
    "index.html",
    "chapters/ch04_icc.html",
    "exercises/ch04_icc.html",
    "chapters/glossary.html",
    "api/generated/hlmteach.lmer.html",
]


@pytest.mark.parametrize("name", SAMPLE)
def test_dark_mode_has_contrast(browser, address, axe, name):
    context = browser.new_context(color_scheme="dark", viewport={"width": 1280, "height": 900})
    context.add_init_script(axe)
    page = context.new_page()
    page.goto(f"{address}/{name}")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert faults(page, ["color-contrast"]) == []
    context.close()


@pytest.mark.parametrize("name", SAMPLE)
def test_the_menus_of_a_phone_have_no_serious_fault(browser, address, axe, name):
    context = browser.new_context(viewport={"width": PHONE, "height": 844})
    context.add_init_script(axe)
    page = context.new_page()
    page.goto(f"{address}/{name}")
    assert faults(page) == []
    context.close()
