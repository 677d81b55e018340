"""Report: the class on one page, for the teacher."""

from statistics import mean, median

from .entry import Entry
from .page import bullets, page, paragraph, table
from .pictures import distribution
from .statistics import Item, common_mistakes

MOST_PROBLEMS = 40
_CERTAIN = ("graded", "missing")


def report(
    entries: list[Entry],
    found: list[Item],
    title: str,
    unmatched: list[tuple[str, str]],
    alike: list[str],
    problems: list[str],
) -> str:
    """The page.

    Parameters
    ----------
    entries, found : the gradebook's rows, and how the class did on each question
    title : what was graded
    unmatched : (file, why) of notebooks that are nobody's
    alike : what several students share
    problems : what was wrong with the pile, or with the marking sheet
    """
    body = [
        *_summary(entries),
        *_todo(entries, unmatched, problems),
        *_mistakes(found),
        *_questions(found),
        *_look(entries, alike),
        *_gradebook(entries),
    ]
    return page(f"Report: {title}", body)


def _summary(entries: list[Entry]) -> list[str]:
    there = [entry for entry in entries if entry.used]
    lines = [f"{len(there)} of {len(entries)} students handed something in."]
    missing = [entry.student.name or entry.student.id for entry in entries if not entry.used]
    if there and missing:
        more = f" and {len(missing) - 30} more" if len(missing) > 30 else ""
        lines.append(f"No notebook from {', '.join(missing[:30])}{more}.")
    if not there:
        return [paragraph(line) for line in lines]
    totals = [entry.total for entry in there]
    lines.append(
        f"Mean {mean(totals):.1f}, median {median(totals):.1f}, from {min(totals):g} to "
        f"{max(totals):g}, of {there[0].of:g} points."
    )
    shares = [entry.total / entry.of if entry.of else 0.0 for entry in there]
    return [*(paragraph(line) for line in lines), distribution(shares)]


def _todo(entries: list[Entry], unmatched: list[tuple[str, str]], problems: list[str]) -> list[str]:
    """What keeps the gradebook from being finished."""
    parts = []
    waiting = sum(a.points is None and a.status == "recorded" for e in entries for a in e.answers)
    if waiting:
        parts.append(
            paragraph(
                f"{waiting} answers to open questions are still to be marked: fill in the column "
                "`points` of marking_sheet.csv (marking_sheet.html shows the answers with what is "
                "looked for), save it as CSV, and run the same `hlmteach grade` again."
            )
        )
    if unmatched:
        rows = [[name, why] for name, why in unmatched]
        parts.append(table("Notebooks that are nobody's", ["file", "why"], rows))
        parts.append(
            paragraph(
                "Write the student's id beside the file in unmatched.csv and grade again, or "
                "rename the file."
            )
        )
    failed = [e for e in entries if e.status not in _CERTAIN and not _only_marking(e)]
    if failed:
        rows = [[e.student.id, e.student.name, e.status] for e in failed]
        parts.append(table("Submissions that did not go through", ["id", "name", "status"], rows))
    parts += [bullets(problems[:MOST_PROBLEMS])] if problems else []
    return ["<h2>To do</h2>", *parts] if parts else []


def _only_marking(entry: Entry) -> bool:
    return entry.status.endswith("to mark") and ";" not in entry.status


def _mistakes(found: list[Item]) -> list[str]:
    rows = [[n, q.id, name, text] for q, name, text, n in common_mistakes(found)]
    if not rows:
        return []
    head = ["students", "question", "mistake", "what they are told"]
    return ["<h2>The commonest mistakes</h2>", table("Most frequent first", head, rows, {0})]


def _questions(found: list[Item]) -> list[str]:
    if not found:
        return []
    head = [
        "question",
        "answered",
        "share of points",
        "goes with the rest",
        "unknown mistakes",
        "remark",
    ]
    rows = [
        [
            item.question.id,
            f"{item.answered} of {item.handed_in}",
            "to mark" if item.share is None else f"{item.share:.0%}",
            "" if item.along is None else f"{item.along:.2f}",
            item.unknown or "",
            item.remark,
        ]
        for item in found
    ]
    note = (
        "Goes with the rest: the correlation of the points for this question with those for all "
        "others. Unknown mistakes: wrong answers that no known mistake gives."
    )
    shown = table("Question by question", head, rows, {1, 2, 3, 4})
    return ["<h2>The questions</h2>", shown, paragraph(note)]


def _look(entries: list[Entry], alike: list[str]) -> list[str]:
    """Nothing in this list has changed a mark."""
    who: dict[str, list[str]] = {}
    for entry in entries:
        for note in entry.notes:
            who.setdefault(note, []).append(entry.student.id)
    rows = [["several", note] for note in alike]
    rows += [[_names(ids), note] for note, ids in who.items()]
    if not rows:
        return []
    words = "None of this has changed a mark. Much of it is harmless; a person decides."
    shown = table("What was noticed", ["who", "what"], rows)
    return ["<h2>Worth a look</h2>", paragraph(words), shown]


def _names(ids: list[str]) -> str:
    more = f" and {len(ids) - 4} more" if len(ids) > 4 else ""
    return ", ".join(ids[:4]) + more


def _gradebook(entries: list[Entry]) -> list[str]:
    rows = [[e.student.id, e.student.name, f"{e.total:g}", f"{e.of:g}", e.status] for e in entries]
    head = ["id", "name", "total", "of", "status"]
    return ["<h2>Gradebook</h2>", table("Total by student", head, rows, {2, 3})]
