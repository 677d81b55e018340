"""The benchmark's own arithmetic: turns, medians, goals, and numbers that disagree."""

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks.memory import peak_over_columns
from benchmarks.race import TOLERANCES, Case, Contender, compare, race
from benchmarks.tables import school_study

NUMBERS = {"beta": np.array([1.0, 2.0]), "se": np.array([0.1, 0.1]), "variance": np.ones(2)}


def contender(name, seconds, turns, numbers=NUMBERS, times=1.0):
    """One that takes the given seconds, in order, and writes its name down at each turn."""
    left = iter(seconds)

    def run():
        turns.append(name)
        return next(left), numbers

    return Contender(name, run, times)


@pytest.fixture
def without_r(monkeypatch):
    monkeypatch.setattr(command, "r_session", lambda: None)


def test_contenders_take_turns_and_medians_are_compared():
    turns = []
    ours = contender("hlmteach", [9, 1, 2, 30], turns)  # the practice run (9 s) counts: it is long
    lme4 = contender("lme4", [1, 40, 60, 50], turns)
    outcome = race(Case("name", "work", [ours, lme4], {"lme4": 9}), rounds=3, budget=1e9)
    assert turns == ["hlmteach", "lme4"] * 4
    first, second = outcome.rows()
    assert (first["seconds"], second["seconds"]) == (5.5, 50)
    assert second["ratio"] == pytest.approx(50 / 5.5)
    assert second["met"] and second["check"] == "OK"


def test_a_goal_that_is_missed_says_so():
    turns = []
    lanes = [contender("hlmteach", [1] * 4, turns), contender("lme4", [8] * 4, turns)]
    rows = list(race(Case("name", "work", lanes, {"lme4": 9}, limit=0.5), rounds=3).rows())
    assert [row["met"] for row in rows] == [False, False]


def test_a_contender_that_used_up_its_budget_rests():
    turns = []
    lanes = [contender("hlmteach", [1] * 5, turns), contender("lme4", [30] * 5, turns)]
    race(Case("name", "work", lanes), rounds=4, budget=40)
    assert turns.count("lme4") == 2


def test_a_sample_of_replicates_stands_for_all():
    lane = contender("lme4 refit", [0.5] * 3, [], times=50)
    mine = contender("hlmteach", [0.1] * 3, [])
    assert list(race(Case("name", "work", [mine, lane]), rounds=2).rows())[1]["seconds"] == 25


@pytest.mark.parametrize("key", ["beta", "se", "variance"])
@pytest.mark.parametrize("name", TOLERANCES)
def test_numbers_that_disagree_fail(name, key):
    theirs = NUMBERS | {key: NUMBERS[key] * 1.2}
    assert compare(NUMBERS, NUMBERS, TOLERANCES[name]) == "OK"
    assert compare(NUMBERS, theirs, TOLERANCES[name]).startswith(f"FAIL: {key}")


def test_a_variance_may_be_off_where_our_criterion_is_lower():
    theirs = NUMBERS | {"variance": NUMBERS["variance"] * 1.002}
    lower = compare(NUMBERS | {"criterion": 1.0}, theirs | {"criterion": 1.1}, TOLERANCES["lme4"])
    higher = compare(NUMBERS | {"criterion": 1.1}, theirs | {"criterion": 1.0}, TOLERANCES["lme4"])
    assert lower == "OK: ours is lower by 0.1"
    assert higher.startswith("FAIL")


def test_a_run_whose_numbers_disagree_fails(monkeypatch, capsys, without_r):
    wrong = NUMBERS | {"beta": NUMBERS["beta"] + 1}
    lanes = [contender("hlmteach", [0.1] * 99, []), contender("lme4", [1.0] * 99, [], wrong)]
    monkeypatch.setattr(command, "wanted", lambda *_: [Case("odd", "work", lanes)])
    assert command.main(["--only", "odd"]) == 1
    assert "Numbers disagree in odd: lme4." in capsys.readouterr().out


@pytest.mark.parametrize("case", ["check", "optimum", "slope", "explore-icc"])
def test_the_command_runs_without_r(case, capsys, without_r):
    assert command.main(["--quick", "--only", case]) == 0
    printed = capsys.readouterr().out
    assert "nothing is compared with lme4" in printed
    assert f"\n{case}: " in printed


def test_memory_counts_what_a_fit_allocates():
    data = school_study(200, 60_000)
    formula, columns = "achievement ~ ses + (1 | school)", ["achievement", "ses", "school"]
    ratio, megabytes = peak_over_columns(formula, data, columns)
    assert 1 < ratio < 3
    assert megabytes == pytest.approx(ratio * 8 * 60_000 * 3 / 1e6)
