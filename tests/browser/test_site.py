"""The book as a reader uses it: with a mouse, with the keyboard alone, on paper."""

import json
import re
import shutil
import subprocess

import pytest

from hlmteach.book.choices import replies
from hlmteach.questions import get

CHAPTER, EXERCISES = "chapters/ch04_icc.html", "exercises/ch03_random_intercept.html"
ASKED = get("ch03.printout")
SOLUTION = 'lmer("read ~ 1 + (1 | school_id)", data)'


@pytest.fixture(scope="module")
def opened(context, address):
    """A function: a page of the book, opened once for all tests that change nothing for good."""
    pages = {}

    def page(name):
        if name not in pages:
            pages[name] = context.new_page()
            pages[name].goto(f"{address}/{name}")
        return pages[name]

    yield page
    for page in pages.values():
        page.close()


@pytest.fixture
def chapter(opened):
    return opened(CHAPTER)


@pytest.fixture
def exercises(opened):
    return opened(EXERCISES)


@pytest.fixture
def form(exercises):
    form = exercises.locator("form", has=exercises.locator(f"input[name='{ASKED.id}']"))
    form.evaluate("form => { form.reset(); form.dispatchEvent(new Event('change')); }")
    return form


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).replace("&quot;", '"').split())


def test_search_finds_intraclass(page, address):
    page.goto(f"{address}/index.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("intraclass")
    page.keyboard.press("Enter")
    found = page.locator("#search-results li a", has_text="The intraclass correlation")
    found.first.wait_for()
    found.first.click()
    page.wait_for_url("**/ch04_icc.html*")


def test_a_folded_answer_opens_with_the_keyboard(chapter):
    fold = chapter.locator("main details", has_text="400 / 2,000 = 0.20")
    assert not fold.locator("p").first.is_visible()
    fold.locator("summary").focus()
    chapter.keyboard.press("Enter")
    fold.locator("p").first.wait_for(state="visible")


def test_a_folded_solution_opens(exercises):
    fold = exercises.locator("main details.hide", has_text=SOLUTION)
    assert not fold.locator("pre").first.is_visible()
    fold.locator("summary").click()
    fold.locator("pre").first.wait_for(state="visible")
    assert "SOLUTION" not in exercises.locator("main").inner_text()


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


def test_a_choice_is_answered_with_the_keyboard_alone(form, exercises):
    assert form.get_by_role("group", name="Question 2: choose one answer").count() == 1
    form.locator("input[value='a']").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "Enter"):
        exercises.keyboard.press(key)
    assert "✓ That is the right answer." in form.get_by_role("status").inner_text()


def test_another_choice_takes_the_reply_away(form):
    form.locator("input[value='a']").check()
    form.get_by_role("button", name="Check").click()
    form.locator("input[value='b']").check()
    assert form.get_by_role("status").inner_text() == ""


def test_a_choice_without_an_answer_is_told(form):
    form.get_by_role("button", name="Check").click()
    assert form.get_by_role("status").inner_text() == "Choose an answer first."


@pytest.mark.parametrize("name", ["Light", "Dark"])
def test_the_colours_are_chosen_and_kept(page, address, name):
    page.goto(f"{address}/index.html")
    page.locator("button.theme-switch-button:visible").first.click()
    page.locator(".dropdown-menu.show").locator(f"button[data-mode={name.lower()}]").click()
    page.goto(f"{address}/run.html")
    assert page.evaluate("document.documentElement.dataset.theme") == name.lower()


def test_formulas_are_set_and_have_a_spoken_form(chapter):
    chapter.locator("mjx-container").first.wait_for()
    formulas = chapter.locator("mjx-container").count()
    assert chapter.locator("mjx-assistive-mml").count() >= formulas > 5
    assert chapter.locator("mjx-container[tabindex]").count() == 0  # no stop of the keyboard


def test_a_formula_in_a_line_has_no_scroll_bar_and_keeps_its_full_stop(chapter):
    scrolls = "found => found.filter(box => getComputedStyle(box).overflowX !== 'visible').length"
    assert chapter.eval_on_selector_all("main span.math", scrolls) == 0
    after = "found => found.filter(box => /^[.,;:]/.test(box.nextSibling?.data ?? '')).length"
    assert chapter.eval_on_selector_all("main p > span.math", after) == 0


def test_an_explorer_is_a_strip_of_captioned_frames(chapter):
    frames = chapter.locator(".cell_output figure:has(figcaption)")
    assert frames.count() >= 3
    assert all(frames.nth(k).locator("img[alt]").count() == 1 for k in range(frames.count()))
    widths = frames.locator("img").evaluate_all("found => found.map(image => image.clientWidth)")
    assert min(widths) == max(widths) > 300


def test_printed_sentences_wrap_and_columns_scroll(opened):
    page = opened("chapters/ch03_random_intercept.html")
    space = "found => getComputedStyle(found).whiteSpace"
    sentence = page.locator(".cell_output pre", has_text="The average school has a mean")
    assert sentence.evaluate(space) == "pre-wrap"
    columns = page.locator(".cell_output pre", has_text="Mixed Linear Model Regression")
    assert columns.evaluate(space) == "pre"


def test_after_its_exercises_comes_the_next_chapter(exercises):
    assert (
        exercises.locator("a.left-prev")
        .get_attribute("href")
        .endswith("ch03_random_intercept.html")
    )
    assert exercises.locator("a.right-next").get_attribute("href").endswith("ch04_icc.html")


def test_code_is_copied_without_what_the_computer_wrote(context, opened):
    page = opened("api/fit.html")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    code = page.locator("div.highlight", has_text='>>> fit = hlm.lmer("math ~ 1 + (1 | school_id)"')
    assert ">>> fit.n_groups\n164" in code.inner_text()
    code.locator("button.copybtn").focus()
    page.keyboard.press("Enter")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines()[-1] == "fit.n_groups"
    assert ">>>" not in copied


def test_what_came_out_has_no_button_to_copy_it(chapter):
    assert chapter.locator(".cell_input button.copybtn").count() > 5
    assert chapter.locator(".cell_output button.copybtn").count() == 0


def links(page):
    return page.eval_on_selector_all("a[href]", "found => found.map(a => a.href)")


@pytest.mark.parametrize("name", [CHAPTER, EXERCISES])
def test_a_page_is_launched_on_binder_and_colab(opened, name):
    file = name.removesuffix("html") + "ipynb"
    found = links(opened(name))
    assert f"https://mybinder.org/v2/gh/somebody/course/HEAD?urlpath=lab/tree/{file}" in found
    colab = "https://colab.research.google.com/github/somebody/course/blob"
    assert f"{colab}/gh-pages/_sources/{file}" in found


def test_the_exercise_to_download_has_dots_for_solutions(exercises, address):
    (link,) = (url for url in links(exercises) if url.endswith(".ipynb") and address in url)
    cells = json.loads(exercises.request.get(link).text())["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert "git+https://github.com/somebody/course" in code[0]
    assert any("reading = ..." in source for source in code)
    assert SOLUTION not in "\n".join(code)


def test_the_first_stop_of_the_keyboard_skips_to_the_text(page, address):
    page.goto(f"{address}/run.html")
    page.keyboard.press("Tab")
    assert "Skip to main content" in page.evaluate("document.activeElement.innerText")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_menu_of_a_phone_opens_and_closes_with_the_keyboard(page, address):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/run.html")
    chapters = page.get_by_role("link", name="4 · The intraclass correlation")
    assert chapters.count() == 0
    page.locator("button.primary-toggle").focus()
    page.keyboard.press("Enter")
    chapters.first.wait_for()
    page.keyboard.press("Escape")
    chapters.first.wait_for(state="hidden")


def test_terms_lead_to_the_glossary(page, address):
    page.goto(f"{address}/{CHAPTER}")
    page.locator("a.glossary-link", has_text="design effect").first.click()
    page.wait_for_url("**/glossary.html#term-design-effect")
    assert page.locator("#term-design-effect").count() == 1


def test_a_page_of_the_dark_mode_is_printed_in_light_letters_for_nobody(exercises):
    exercises.evaluate("document.documentElement.dataset.theme = 'dark'")
    exercises.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert exercises.evaluate("document.documentElement.dataset.theme") == "light"
    exercises.evaluate("dispatchEvent(new Event('afterprint'))")
    assert exercises.evaluate("document.documentElement.dataset.theme") == "dark"
    exercises.evaluate("document.documentElement.dataset.theme = 'light'")


PARAGRAPHS = """found => found
    .filter(text => !text.querySelector('.math') && text.checkVisibility())
    .map(text => text.innerText)"""


@pytest.fixture
def printed(tmp_path):
    """A function: the text of a page on paper, without spaces."""
    if shutil.which("pdftotext") is None:
        pytest.skip("there is no pdftotext; on Debian and Ubuntu: sudo apt install poppler-utils")

    def text(page):
        path = tmp_path / "page.pdf"
        page.pdf(path=path, format="A4")
        words = ["pdftotext", "-raw", "-enc", "UTF-8", path, "-"]
        made = subprocess.run(words, capture_output=True, check=True).stdout.decode()
        return squeezed(made)

    return text


def squeezed(text):
    return re.sub(r"\s", "", text)


def test_on_paper_a_chapter_is_whole_and_alone(opened, printed):
    page = opened("chapters/ch03_random_intercept.html")
    whole = page.locator("main").locator("article p, article pre, article h2")
    texts = whole.evaluate_all(PARAGRAPHS)
    paper = printed(page)
    assert len(texts) > 100
    assert [text for text in texts if squeezed(text.removesuffix("#")) not in paper] == []
    for menu in ("Skip to main content", "Exercises 5 · Level-1", "Previous", "By hlmteach"):
        assert squeezed(menu) not in paper


def test_on_paper_a_solution_is_folded_unless_the_reader_opened_it(page, address, printed):
    page.goto(f"{address}/{EXERCISES}")
    assert squeezed(SOLUTION) not in printed(page)
    page.locator("main details.hide", has_text=SOLUTION).locator("summary").click()
    page.wait_for_function("document.getAnimations().length === 0")  # it fades in
    assert squeezed(SOLUTION) in printed(page)
