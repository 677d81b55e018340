"""The book as a reader uses it: with a mouse, with the keyboard alone, on paper."""

import re

import pytest

from hlmteach.book.choices import replies
from hlmteach.questions import get

EXERCISES = "exercises/ch03_random_intercept.html"
ASKED = get("ch03.printout")


@pytest.fixture
def form(page, address):
    page.goto(f"{address}/{EXERCISES}")
    return page.locator("form", has=page.locator(f"input[name='{ASKED.id}']"))


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).replace("&quot;", '"').split())


def test_search_finds_intraclass(page, address):
    page.goto(f"{address}/search.html?q=intraclass")
    found = page.locator("#search-results li a", has_text="The intraclass correlation")
    found.first.wait_for()
    found.first.click()
    page.wait_for_url("**/ch04_icc.html*")


def test_a_folded_answer_opens_with_the_keyboard(page, address):
    page.goto(f"{address}/chapters/ch04_icc.html")
    fold = page.locator("main details", has_text="400 / 2,000 = 0.20")
    assert not fold.locator("p").first.is_visible()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    fold.locator("p").first.wait_for(state="visible")


def test_a_folded_solution_opens(page, address):
    page.goto(f"{address}/{EXERCISES}")
    fold = page.locator("main details.hide", has_text='lmer("read ~ 1 + (1 | school_id)", data)')
    assert not fold.locator("pre").first.is_visible()
    fold.locator("summary").click()
    fold.locator("pre").first.wait_for(state="visible")
    assert "SOLUTION" not in page.locator("main").inner_text()


def test_a_choice_is_answered_wrong_and_then_right(form):
    for key in ("a", "d"):
        form.locator(f"input[value='{key}']").check()
        form.get_by_role("button", name="Check").click()
        said = form.get_by_role("status").inner_text()
        assert plain(replies(ASKED)[key]) in " ".join(said.split())


def test_every_option_has_its_own_reply(form):
    seen = set()
    for key in ASKED.choices:
        form.locator(f"input[value='{key}']").check()
        form.get_by_role("button", name="Check").click()
        seen.add(form.get_by_role("status").inner_text())
    assert len(seen) == len(ASKED.choices)


def test_a_choice_is_answered_with_the_keyboard_alone(form, page):
    assert form.get_by_role("group", name="Question 2: choose one answer").count() == 1
    form.locator("input[value='a']").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    assert "✓ That is the right answer." in form.get_by_role("status").inner_text()


def test_a_choice_without_an_answer_is_told(form):
    form.get_by_role("button", name="Check").click()
    assert form.get_by_role("status").inner_text() == "Choose an answer first."


@pytest.mark.parametrize("name", ["Light", "Dark"])
def test_the_colours_are_chosen_and_kept(page, address, name):
    page.goto(f"{address}/index.html")
    page.locator("button.theme-switch-button:visible").first.click()
    page.locator(".dropdown-menu.show").locator(f"button[data-mode={name.lower()}]").click()
    page.goto(f"{address}/chapters/glossary.html")
    assert page.evaluate("document.documentElement.dataset.theme") == name.lower()


def test_formulas_are_set_and_have_a_spoken_form(page, address):
    page.goto(f"{address}/chapters/ch04_icc.html")
    page.locator("mjx-container").first.wait_for()
    assert page.locator("mjx-assistive-mml").count() >= page.locator("mjx-container").count() > 5


def test_an_explorer_is_a_strip_of_captioned_frames(page, address):
    page.goto(f"{address}/chapters/ch04_icc.html")
    frames = page.locator(".cell_output figure:has(figcaption)")
    assert frames.count() >= 3
    assert all(frames.nth(k).locator("img[alt]").count() == 1 for k in range(frames.count()))


def test_a_chapter_is_launched_on_binder_and_colab(page, address):
    page.goto(f"{address}/chapters/ch04_icc.html")
    links = page.eval_on_selector_all("a[href]", "found => found.map(a => a.href)")
    path = "somebody/course/blob/HEAD/chapters/ch04_icc.ipynb"
    assert any(f"colab.research.google.com/github/{path}" in link for link in links)
    assert any("mybinder.org/v2/gh/somebody/course/HEAD" in link for link in links)


def test_the_first_stop_of_the_keyboard_skips_to_the_text(page, address):
    page.goto(f"{address}/chapters/ch04_icc.html")
    page.keyboard.press("Tab")
    assert "Skip to main content" in page.evaluate("document.activeElement.innerText")


def test_on_paper_folds_are_open_and_menus_gone(page, address):
    page.goto(f"{address}/chapters/ch04_icc.html")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("main details:not([open])").count() == 0
    assert not page.locator(".bd-sidebar-primary").first.is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("main details[open]").count() == 0


def test_terms_lead_to_the_glossary(page, address):
    page.goto(f"{address}/chapters/ch04_icc.html")
    page.locator("a.glossary-link", has_text="design effect").first.click()
    page.wait_for_url("**/glossary.html#term-design-effect")
    assert page.locator("#term-design-effect").count() == 1
