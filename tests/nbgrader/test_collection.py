"""What everybody may put into nbgrader's exchange, and what is collected of it."""

import csv
import os
from types import SimpleNamespace

import pytest

pytest.importorskip(
    "nbgrader", reason="NOT INSTALLED: nbgrader, so that no nbgrader course is tested"
)

from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc
from traitlets.config import Config

from hlmteach.nbgrader import collection, look

TIME = "2026-01-02 03:04:05.000000 UTC"
NOTEBOOK = '{"cells": []}'


@pytest.fixture
def exchange(tmp_path, monkeypatch):
    """An exchange in which a folder belongs to whom `owners` says, or else to its student."""
    monkeypatch.setattr("nbgrader.exchange.default.collect.Gradebook", NoGradebook)
    root, inbound = tmp_path / "course", tmp_path / "exchange" / "course" / "inbound"
    inbound.mkdir(parents=True)
    inbound.parents[1].chmod(0o777)
    (root / "source" / "ch04").mkdir(parents=True)
    (root / "source" / "ch04" / "lab.ipynb").write_text("{}")
    owners, config = {}, Config()
    monkeypatch.setattr(
        collection, "owner", lambda path: owners.get(path.name, path.name.partition("+")[0])
    )
    config.CourseDirectory.root, config.CourseDirectory.course_id = str(root), "course"
    config.Exchange.root = str(inbound.parents[1])

    def put(student, time=TIME, text=NOTEBOOK, owner=None, name="lab.ipynb"):
        folder = inbound / f"{student}+ch04+{time}+x{len(owners)}"
        folder.mkdir()
        owners[folder.name] = owner or student
        (folder / name).write_text(text)
        return folder

    def collect(**more):
        folder = CourseDirectory(config=config, assignment_id="ch04")
        collection.Collect(coursedir=folder, config=config, **more).start()
        found = {p.parent.name: p for p in (root / "submitted").glob("*/ch04")}
        return {student: (p / "lab.ipynb").read_text() for student, p in found.items()}

    def notes():
        if not (root / look.FILE).exists():
            return {}
        with open(root / look.FILE, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return {
            row["student"]: [r["note"] for r in rows if r["student"] == row["student"]]
            for row in rows
        }

    return SimpleNamespace(put=put, collect=collect, notes=notes, root=root, inbound=inbound)


class NoGradebook:
    """A gradebook without a date on which anything is due."""

    def __init__(self, *_):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def find_assignment(self, _):
        return SimpleNamespace(duedate=None)


def now():
    from datetime import UTC, datetime

    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"


def test_the_newest_of_each_student_is_collected_and_nothing_said(exchange):
    exchange.put("jo", TIME, "old")
    exchange.put("jo", now(), "new")
    exchange.put("bo", now())
    assert exchange.collect() == {"jo": "new", "bo": NOTEBOOK}
    assert exchange.notes() == {}


def test_links_and_pipes_stay_where_they_are(exchange):
    folder = exchange.put("jo", now())
    (folder / "key.txt").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    place = exchange.put("ida", now())
    place.joinpath("lab.ipynb").unlink()
    place.rmdir()
    place.symlink_to(exchange.root)
    assert set(exchange.collect()) == {"jo"}
    kept = {path.name for path in (exchange.root / "submitted" / "jo" / "ch04").iterdir()}
    assert kept == {"lab.ipynb", "timestamp.txt", "submission_secret.txt"}
    assert "it is a link" in exchange.notes()["ida"][0]


def test_names_that_are_none_stop_nobody(exchange):
    exchange.put("jo", now())
    odd = ("a*b", "[ab]", "<img src=x onerror=alert(1)>", '";alert(1);"', "a\nb")
    for name in ("x+ch04+garbage", "x+ch04+", *(f"{one}+ch04+{TIME}" for one in odd)):
        (exchange.inbound / name).mkdir()
    (exchange.inbound / f"file+ch04+{TIME}+r").write_text("no folder")
    assert exchange.collect() == {"jo": NOTEBOOK}
    assert len(exchange.notes()) == 8


def test_nobody_hands_in_for_somebody_else_who_has_handed_in(exchange):
    exchange.put("jo", now(), "mine")
    exchange.put("jo", "2031-01-01 00:00:00 UTC", "forged", owner="eve")
    assert exchange.collect() == {"jo": "mine"}
    assert "belongs to 'eve'; not collected" in exchange.notes()["jo"][0]


def test_where_all_work_under_one_account_the_newest_counts(exchange):
    exchange.put("jo", TIME, "old", owner="jovyan")
    exchange.put("jo", now(), "new", owner="jovyan")
    assert exchange.collect() == {"jo": "new"}
    assert exchange.notes()["jo"] == [
        "its folder in the exchange belongs to 'jovyan': who handed it in?"
    ]


def test_without_the_check_of_owners_nothing_is_said_of_them(exchange):
    exchange.put("jo", now(), owner="jovyan")
    assert exchange.collect(check_owner=False) == {"jo": NOTEBOOK} and exchange.notes() == {}


def test_a_time_that_was_set_back_is_noted(exchange):
    folder = exchange.put("jo", TIME)
    (folder / "timestamp.txt").write_text("2025-01-01 00:00:00 UTC")
    exchange.collect()
    late, other = exchange.notes()["jo"]
    assert late.startswith("handed in at 2026-01-02 03:04 UTC, it says; last changed at 2")
    assert other == "its timestamp.txt says 2025-01-01 00:00; the folder's name counts"
    stored = exchange.root / "submitted" / "jo" / "ch04" / "timestamp.txt"
    assert parse_utc(stored.read_text()) == parse_utc(TIME)


@pytest.mark.parametrize("ticket", [b"", b"\xff\xfe", b"a" * 100_000, b"a\nb"])
def test_no_students_ticket_stops_the_feedback_of_the_class(exchange, ticket):
    folder = exchange.put("jo", now())
    (folder / "submission_secret.txt").write_bytes(ticket)
    exchange.collect()
    stored = exchange.root / "submitted" / "jo" / "ch04" / "submission_secret.txt"
    assert len(bytes.fromhex(stored.read_text("ascii"))) == 64


def test_a_resubmission_without_a_notebook_is_one_that_says_so(exchange):
    exchange.put("jo", TIME, "old")
    exchange.collect()
    exchange.put("jo", now(), "words", name="report.txt")
    assert exchange.collect(update=True) == {"jo": ""}
    assert "nothing that could be it" in exchange.notes()["jo"][0]
