"""Submissions and stored results made by hand, to test what becomes of them."""

from datetime import datetime
from pathlib import Path

from hlmteach.grading.entry import Entry, enter
from hlmteach.grading.marking import blank
from hlmteach.grading.pile import File
from hlmteach.grading.policy import Policy
from hlmteach.grading.roster import Student
from hlmteach.grading.sheet import Sheet
from hlmteach.grading.submissions import Attempt, Submission
from hlmteach.questions import get

ICC, READ, REPORT = get("ch04.icc"), get("ch04.read-output"), get("ch04.report")
ASKED = [READ, ICC, REPORT]
ANN = Student("ann", "Ann Lee", "ann@x.org")


def attempt(name: str = "ann/lab.ipynb", time: datetime | None = None, **more) -> Attempt:
    file = File(tuple(name.split("/")), 10, time, Path(name))
    more = {"digest": "d", "checked": tuple(q.id for q in ASKED), **more}
    return Attempt(file, time, **more)


def answer(status: str, share: float = 0.0, **more) -> dict:
    plain = {"given": "0.25", "message": f"({status})", "diagnosis": [], "correct": None}
    return {"status": status, "share": share, **plain, **more}


def record(status: str = "ok", name: str = "ann/lab.ipynb", **answers: dict) -> dict:
    """A stored notebook; answers by `icc`, `read`, `report`."""
    ids = {"icc": ICC.id, "read": READ.id, "report": REPORT.id}
    found = {ids[key]: value for key, value in answers.items()}
    return {**blank(name, status, ""), "answers": found}


def entry(
    attempts: list[Attempt],
    records: list[dict] | None,
    policy: Policy | None = None,
    sheet: Sheet | None = None,
    student: Student = ANN,
) -> Entry:
    result = None if records is None else {"attempts": records}
    submission = Submission(student, attempts)
    return enter(submission, result, ASKED, policy or Policy(), sheet or Sheet())


RIGHT = answer("right", 1.0)
WRONG = answer("wrong", diagnosis=["icc-sd"])
OPEN = answer("recorded", text="Schools differ a lot, it says.")
