from types import SimpleNamespace

import pytest

pytest.importorskip(
    "nbgrader", reason="NOT INSTALLED: nbgrader, so that no nbgrader course is tested"
)

from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.nbgraderformat import MetadataValidator

from hlmteach.nbgrader.cells import Known

CHECK = 'hlm.check("ch04.icc", icc)'
SUM = "0" * 32
REPORT = 'report = ...\nhlm.check("ch04.report", report)'


def cell(name, source, locked=False):
    return SimpleNamespace(name=name, cell_type="code", source=source, locked=locked, checksum=SUM)


@pytest.fixture
def known():
    """An assignment of three cells: an answer, its check, and one that a person marks."""
    graded = [
        SimpleNamespace(name=n, max_score=p) for n, p in (("ch04_icc", 2), ("ch04_report", 3))
    ]
    source = SimpleNamespace(
        source_cells=[
            cell("ch04_icc_answer", "icc = ..."),
            cell("ch04_icc", CHECK, locked=True),
            cell("ch04_report", REPORT),
        ],
        grade_cells=graded,
        solution_cells=[SimpleNamespace(name=n) for n in ("ch04_icc_answer", "ch04_report")],
        task_cells=[],
    )
    return Known(source)


def named(name, source, make=new_code_cell):
    return make(source, metadata={"nbgrader": {"grade_id": name}} if name else {})


def names(cells):
    return [one.metadata.get("nbgrader", {}).get("grade_id") for one in cells]


def test_metadata_are_the_gradebooks(known):
    cells = [named("ch04_icc_answer", "icc = 0.2"), named("ch04_icc", CHECK)]
    cells.append(named("ch04_report", "mine"))
    assert known.restore(cells) == []
    answer, check, report = (one.metadata.nbgrader for one in cells)
    assert answer.solution and not answer.grade and "points" not in answer
    assert check.grade and check.locked and check.points == 2.0 and check.checksum == SUM
    assert report.grade and report.solution and not report.locked and report.points == 3.0
    assert cells[0].source == "icc = 0.2" and cells[2].source == "mine"
    for one in cells:
        MetadataValidator().validate_cell(one)


def test_an_edited_check_is_put_back(known):
    cells = [named("ch04_icc_answer", "icc = 1"), named("ch04_icc", "2.0", new_markdown_cell)]
    said = "edited checks, in whose place the assignment's own are run: ch04_icc"
    assert known.restore(cells) == [said]
    assert (cells[1].cell_type, cells[1].source, cells[1].outputs) == ("code", CHECK, [])


def test_of_duplicates_the_last_counts_and_strangers_lose_their_name(known):
    cells = [named("ch04_icc", "1"), named("ch04_icc", "2"), named("my-own", "3")]
    problems = known.restore(cells)
    assert names(cells) == [None, "ch04_icc", None] and cells[0].source == "1"
    assert "cells that are there twice, of which the last counts: ch04_icc" in problems
    assert "cells that are none of the assignment's: my-own" in problems


def test_what_a_cell_says_of_its_points_and_kind_is_noted_and_changes_nothing(known):
    cells = [named("ch04_icc_answer", "icc = 0.2"), named("ch04_icc", CHECK)]
    cells[1].metadata.nbgrader |= {"points": 1000, "locked": False}
    cells.append(named("ch04_report", "mine"))
    cells[2].metadata.nbgrader |= {"points": 3, "grade": True, "solution": True, "locked": False}
    said = "cells that say otherwise of their points or their kind: ch04_icc"
    assert known.restore(cells) == [said]
    assert cells[1].metadata.nbgrader.points == 2.0 and cells[1].metadata.nbgrader.locked


def test_a_deleted_check_comes_back_behind_its_answer(known):
    cells = [named("ch04_icc_answer", "icc = 0.2"), named(None, "icc = 5")]
    assert known.restore(cells) == ["missing checks, put back: ch04_icc"]
    assert [one.source for one in cells] == ["icc = 0.2", CHECK, "icc = 5"]


def test_without_any_name_checks_come_last_unless_the_notebook_has_its_own(known):
    cells = [named(None, "icc = 0.2")]
    known.restore(cells)
    assert [one.source for one in cells] == ["icc = 0.2", CHECK]
    own = [named(None, 'hlm.check("ch04.icc", 0.2)')]
    assert known.restore(own) == [] and len(own) == 1
    comment = [named(None, '# hlm.check("ch04.icc", 0.2)')]
    known.restore(comment)
    assert len(comment) == 2


def test_a_text_that_lost_its_name_is_found_by_what_it_checks(known):
    cells = [named(None, 'hlm.check("ch04.report", "Schools differ.")'), named("ch04_icc", CHECK)]
    known.restore(cells)
    assert names(cells) == ["ch04_report", "ch04_icc"]


def test_a_submission_without_code_stays_so(known):
    cells = [new_markdown_cell("This file could not be read as a notebook: it is empty.")]
    assert known.restore(cells) == [] and len(cells) == 1
