"""Choice questions that answer in the page: each option's reply, read from the questions."""

import json
import re

from markdown_it import MarkdownIt

from hlmteach.questions import Question, QuestionNotFound, get

RIGHT = "That is the right answer."
_CHECK = re.compile(r"""^hlm\.check\(\s*["'](ch\d\d\.[\w-]+)["']""", re.MULTILINE)
_OPTION = re.compile(r"^- \*\*(\w+)\*\* ")
_NUMBER = re.compile(r"^\*\*(\d+)\.\*\*", re.MULTILINE)


def question_of(code: str) -> Question | None:
    """The choice question that a code cell checks, if its key is the same for everybody.

    Examples
    --------
    >>> question_of('hlm.check("ch03.printout", printout)').id
    'ch03.printout'
    >>> question_of('hlm.check("ch04.icc", 0.2)') is None
    True
    """
    found = _CHECK.search(code)
    try:
        asked = get(found[1]) if found else None
    except QuestionNotFound:
        return None
    # A question with data may have another key for another student.
    return asked if asked and asked.kind == "choice" and asked.recipe is None else None


def page_text(text: str, asked: Question) -> str:
    """The text of a question whose list of options becomes a form, where there is JavaScript.

    Parameters
    ----------
    text : str
        MyST Markdown: the prompt, and a list item `- **key** option` for each option.
    asked : Question
        The choice question.

    Raises
    ------
    ValueError
        If the options of the text are not those of the question.
    """
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if _OPTION.match(line)]
    keys = [_OPTION.match(lines[number])[1] for number in starts]
    if keys != list(asked.choices):
        raise ValueError(
            f"{asked.id} has the options {', '.join(asked.choices)}, and the page lists "
            f"{', '.join(keys) or 'none'}. Write them as a list: - **a** text."
        )
    end = next((n for n in range(starts[-1] + 1, len(lines)) if not lines[n][:1].isspace()), None)
    end = len(lines) if end is None else end
    options = lines[starts[0] : end]
    form = ["````{container} hlm-choice", *options, "", _script(text, asked), "````"]
    return "\n".join([*lines[: starts[0]], *form, *lines[end:]])


def replies(asked: Question) -> dict[str, str]:
    """Each key's reply, as HTML: the misconception's own, or that the answer is right."""
    right = asked.answer(None)
    said = {mistake.wrong(None): mistake.message for mistake in reversed(asked.misconceptions)}
    inline = MarkdownIt().renderInline
    return {key: inline(RIGHT if key == right else said[key]) for key in asked.choices}


def _script(text: str, asked: Question) -> str:
    number = _NUMBER.search(text)
    legend = f"Question {number[1]}: choose one answer" if number else "Choose one answer"
    known = {"id": asked.id, "legend": legend, "right": asked.answer(None)}
    data = json.dumps({**known, "replies": replies(asked)}).replace("<", "\\u003c")
    return f'<script type="application/json">{data}</script>'
