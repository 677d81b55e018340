"""The marking sheet as a page: the answers to each open question side by side, for reading."""

from hlmteach.questions import Question

from .entry import Entry
from .page import bullets, page, paragraph, text
from .sheet import FILE, Open, Sheet, answer_id


def open_answers(entries: list[Entry], questions: list[Question]) -> list[Open]:
    """All answers that a person marks: by question, then in the roster's order."""
    found = []
    for number, question in enumerate(questions):
        for entry in entries:
            answer = entry.answers[number]
            if answer.status == "recorded":
                given = answer.record.get("text", "")
                key = answer_id(entry.student.key, question.id, given)
                rubric = "; ".join(question.rubric)
                who = (entry.student.id, entry.student.name)
                found.append(Open(question.id, *who, given, rubric, answer.of, key))
    return found


def sheet_page(answers: list[Open], sheet: Sheet, questions: list[Question], title: str) -> str:
    """The page; points are written into the CSV file beside it."""
    body = [
        paragraph(
            f"For reading. Write points (and a comment, if you like) into {FILE}, which has the "
            "same answers in the same order, save it as CSV, and run `hlmteach grade` again."
        )
    ]
    for question in questions:
        mine = [answer for answer in answers if answer.question == question.id]
        if mine:
            marked = sum(_points(sheet, answer) is not None for answer in mine)
            body += [
                f"<h2>{text(question.id)}: {marked} of {len(mine)} marked</h2>",
                paragraph(question.prompt),
                f"<p>What is looked for ({mine[0].of:g} points):</p>",
                bullets(list(question.rubric)),
                *_table(mine, sheet),
            ]
    if len(body) == 1:
        body.append(paragraph("There is no answer to an open question."))
    return page(f"Marking sheet: {title}", body)


def _points(sheet: Sheet, answer: Open) -> float | None:
    mark = sheet.marks.get(answer.key)
    return mark.points if mark else None


def _table(answers: list[Open], sheet: Sheet) -> list[str]:
    head = '<th scope="col">student</th><th scope="col">answer</th><th scope="col">points</th>'
    lines = [f"<table><thead><tr>{head}</tr></thead><tbody>"]
    for answer in answers:
        points = _points(sheet, answer)
        shown = "" if points is None else f"{points:g}"
        lines.append(
            f'<tr><th scope="row">{text(answer.name or answer.id)}</th>'
            f'<td class="answer">{text(answer.answer)}</td><td class="n">{shown}</td></tr>'
        )
    return [*lines, "</tbody></table>"]
