"""Words for axes and alt texts: what a column is called, and how a number is said."""

import re

import numpy as np

_LABELS = {
    "math": "Mathematics score (points)",
    "read": "Reading score (points)",
    "science": "Science score (points)",
    "escs": "Economic, social and cultural status (ESCS, in SDs)",
    "desk": "Has a desk to study at",
    "stratio": "Students per teacher",
    "hours": "Hours of study a day",
    "gpa": "Grade point average",
    "school_id": "School",
    "y": "Outcome y",
}


def label(name: str) -> str:
    """The words for a column on an axis: those of the course's data, or its own name."""
    return _LABELS.get(name, name)


def term(name: str) -> str:
    """A coefficient for people: "desk[T.yes]" becomes "desk: yes"."""
    return re.sub(r"\[(?:T\.)?([^\]]*)\]", r": \1", name)


def units(name: str) -> str:
    """What an effect on this outcome is measured in."""
    return "points" if name in ("math", "read", "science") else f"units of {name}"


def group_words(name: str) -> tuple[str, str]:
    """One and many of a grouping column: "school_id" gives ("school", "schools")."""
    word = name.lower().removesuffix("id").rstrip("_. ") or name
    if word.endswith(("s", "x", "ch", "sh")):
        return word, f"{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word, f"{word[:-1]}ies"
    return word, f"{word}s"


def member_words(name: str) -> str:
    """What the rows of a group are called: students, where the groups are schools."""
    return "students" if group_words(name)[0] in ("school", "class", "classroom") else "rows"


def say(value: float) -> str:
    """A number for a sentence: about three digits, a real minus sign."""
    size = abs(value)
    if not np.isfinite(value):
        text = str(value)
    elif size >= 99.95:
        text = f"{value:,.0f}"
    elif size >= 9.995:
        text = f"{value:.1f}"
    elif size >= 0.0995:
        text = f"{value:.2f}"
    else:
        text = f"{value:.2g}" if size else "0"
    return text.replace("-", "−")


def plain(value: float) -> str:
    """A number as it was typed, with a real minus sign."""
    return f"{value:g}".replace("-", "−")


def on_any_console(text: str) -> str:
    """A text for print: Windows' files and consoles often know no real minus sign."""
    return text.replace("−", "-")


def count(number: int, one: str, many: str | None = None) -> str:
    """ "1 school", "1,204 schools"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"
