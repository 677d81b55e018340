import json
import re

import pytest

from hlmteach.book import choices
from hlmteach.questions import all_questions, get

ASKED = get("ch03.printout")
PROMPT = "**2.** Which printout can it be?\n\n"
OPTIONS = "\n".join(f"- **{key}** option {key}" for key in ASKED.choices)
SAME_FOR_ALL = [
    question
    for question in all_questions()
    if question.kind == "choice" and question.recipe is None
]


def script(text):
    return json.loads(re.search(r"<script[^>]*>(.*)</script>", text)[1])


def test_the_question_of_a_cell():
    assert choices.question_of('x = "a"\nhlm.check("ch03.printout", x)') is ASKED
    assert choices.question_of("hlm.check('ch03.printout', x)") is ASKED


@pytest.mark.parametrize(
    "code",
    [
        'hlm.check("ch04.icc", 0.2)',  # a number
        'hlm.check("ch99.unknown", 1)',
        'print("ch03.printout")',
        "",
    ],
)
def test_a_cell_without_a_choice_that_has_one_key_for_all(code):
    assert choices.question_of(code) is None


def test_the_options_become_a_form_with_its_data():
    made = choices.page_text(PROMPT + OPTIONS + "\n\nThen go on.", ASKED)
    assert made.startswith(PROMPT + "````{container} hlm-choice\n" + OPTIONS)
    assert made.endswith("````\n\nThen go on.") or made.endswith("````\nThen go on.")
    data = script(made)
    assert data["id"] == ASKED.id
    assert data["legend"] == "Question 2: choose one answer"
    assert data["right"] == ASKED.answer(None)
    assert list(data["replies"]) == list(ASKED.choices)


def test_an_option_of_two_lines_is_kept_whole():
    long = OPTIONS.replace("option b", "option b,\n  which goes on")
    made = choices.page_text(PROMPT + long, ASKED)
    assert long in made


def test_a_question_without_a_number_has_a_legend_too():
    assert script(choices.page_text(OPTIONS, ASKED))["legend"] == "Choose one answer"


def test_nothing_ends_the_script_early(monkeypatch):
    monkeypatch.setattr(choices, "replies", lambda asked: {"a": "</script><b>bold</b>"})
    made = choices.page_text(OPTIONS, ASKED)
    assert made.count("</script>") == 1
    assert script(made)["replies"] == {"a": "</script><b>bold</b>"}


@pytest.mark.parametrize("text", ["no list at all", "- **a** one", OPTIONS + "\n- **z** another"])
def test_other_options_than_the_questions_are_refused(text):
    with pytest.raises(ValueError, match=r"ch03\.printout has the options a, b, c, d, e"):
        choices.page_text(text, ASKED)


@pytest.mark.parametrize("asked", SAME_FOR_ALL, ids=lambda asked: asked.id)
def test_every_option_has_a_reply_and_only_the_right_one_is_praised(asked):
    said = choices.replies(asked)
    assert list(said) == list(asked.choices)
    praised = [key for key, reply in said.items() if reply == choices.RIGHT]
    assert praised == [asked.answer(None)]
    assert len(set(said.values())) == len(said)
    assert all(reply.strip() for reply in said.values())
