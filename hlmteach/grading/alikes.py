"""Alikes: what two students share that two students seldom share. For a person to look at.

Nothing here changes a mark: good friends learn together, and some answers have only one wording.
"""

import re
from collections import defaultdict
from typing import Any

from .entry import Entry
from .submissions import Submission, by_code

LEAST_CODE = 40  # letters that are a student's own, below which all notebooks are alike
LEAST_TEXT = 40
LEAST_NUMBERS = 2  # wrong answers that are all right for one other student
CLOSE = 1e-3


def notes(
    submissions: list[Submission],
    entries: list[Entry],
    results: dict[str, dict[str, Any]],
    handed_out: set[str],
) -> list[str]:
    """Sentences about students whose work is the same.

    Parameters
    ----------
    submissions, entries : of the class
    results : student's key -> stored result
    handed_out : lines of code that the class was given, as `submissions.plain_line` makes them
    """
    found = [
        f"{_names([s.id for s in who])} handed in the very same file."
        for who in by_code(submissions).values()
    ]
    found += [f"{_names(who)} have the same code." for who in _same_code(submissions, handed_out)]
    found += [
        f"{_names(who)} have the same text in {question}." for question, who in _same_text(entries)
    ]
    return found + _numbers_of_another(entries, results)


def _names(ids: list[str]) -> str:
    more = f" and {len(ids) - 6} more" if len(ids) > 6 else ""
    return ", ".join(ids[:6]) + more


def _same_code(submissions: list[Submission], handed_out: set[str]) -> list[list[str]]:
    """Students with the same lines of their own."""
    groups: dict[tuple, dict[str, str]] = defaultdict(dict)
    for submission in submissions:
        for attempt in submission.attempts:
            own = tuple(line for line in attempt.lines if line not in handed_out)
            if sum(map(len, own)) >= LEAST_CODE:
                groups[own][submission.student.key] = submission.student.id
    return [list(who.values()) for who in groups.values() if len(who) > 1]


def _same_text(entries: list[Entry]) -> list[tuple[str, list[str]]]:
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for entry in entries:
        for answer in entry.answers:
            text = " ".join(re.findall(r"\w+", answer.record.get("text", "").casefold()))
            if len(text) >= LEAST_TEXT:
                groups[answer.question.id, text].append(entry.student.id)
    return [(question, who) for (question, _), who in groups.items() if len(who) > 1]


def _numbers_of_another(entries: list[Entry], results: dict[str, dict[str, Any]]) -> list[str]:
    """Students whose wrong numbers are right for the data of one other student."""
    truths = {
        key: {name: v for a in result["attempts"] for name, v in a.get("truth", {}).items()}
        for key, result in results.items()
    }
    found = []
    for entry in entries:
        wrong = _wrong_numbers(entry)
        if len(wrong) < LEAST_NUMBERS:
            continue
        for other in entries:
            truth = truths.get(other.student.key, {})
            hits = [n for n, v in wrong.items() if _close(v, truth.get(n))]
            if len(hits) >= LEAST_NUMBERS and other.student.key != entry.student.key:
                which = ", ".join(hits[:4])
                found.append(
                    f"{entry.student.id}: {len(hits)} wrong numbers ({which}) are right for the "
                    f"data of {other.student.id}."
                )
    return found


def _wrong_numbers(entry: Entry) -> dict[str, float]:
    """Numbers of three digits at least that are not right for the student's own data."""
    found = {}
    for answer in entry.answers:
        given = answer.record.get("given", "")
        if answer.question.kind == "number" and answer.status in ("unknown", "wrong"):
            if len(re.sub(r"\D", "", given).lstrip("0")) >= 3:
                try:
                    found[answer.question.id] = float(given)
                except ValueError:
                    continue
    return found


def _close(value: float, truth: float | None) -> bool:
    return truth is not None and abs(value - truth) <= CLOSE * abs(truth)
