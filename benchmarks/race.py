"""A race: contenders take turns, their times are medians, their numbers are compared."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median

import numpy as np

Numbers = dict[str, np.ndarray | float]
Found = Numbers | Callable[[], Numbers]  # a function is called once, after the race
Run = Callable[[], tuple[float, Found]]
OURS = "hlmteach"
_TURN = 0.1  # seconds


@dataclass(frozen=True)
class Tolerance:
    """How far a contender's numbers may be from ours.

    beta : in standard errors;  se, variance : relative
    """

    beta: float
    se: float
    variance: float


# lme4's optimiser stops near the optimum; statsmodels' and gpboost's further off.
TOLERANCES = {
    "lme4": Tolerance(beta=1e-4, se=1e-4, variance=1e-3),
    "lmerTest": Tolerance(beta=1e-4, se=1e-4, variance=1e-3),
    # Its refit ends up to a thousandth from its own lmer's optimum of the same rows.
    "lme4 refit": Tolerance(beta=1e-2, se=5e-3, variance=1e-2),
    # Its standard errors have another formula; these are lme4's at the variances that it found.
    "statsmodels": Tolerance(beta=1e-2, se=1e-2, variance=1e-2),
    "gpboost": Tolerance(beta=1e-2, se=1e-2, variance=1e-2),
}


@dataclass(frozen=True)
class Contender:
    """Who runs, and how its seconds are to be multiplied (a sample of replicates stands for all).

    reference : the name of the run of ours whose numbers it is compared with
    """

    name: str
    run: Run
    times: float = 1.0
    reference: str = OURS


@dataclass(frozen=True)
class Case:
    """One piece of work and who does it; the first contender is ours.

    goals : contender -> how many times faster we want to be
    limit : seconds that we want to stay below
    """

    name: str
    work: str
    contenders: list[Contender]
    goals: dict[str, float] = field(default_factory=dict)
    limit: float | None = None


@dataclass
class Lane:
    """What one contender did."""

    contender: Contender
    seconds: list[float] = field(default_factory=list)
    found: Found = field(default_factory=dict)

    @property
    def median(self) -> float:
        return median(self.seconds) * self.contender.times

    @cached_property
    def numbers(self) -> Numbers:
        return self.found() if callable(self.found) else self.found


@dataclass(frozen=True)
class Outcome:
    """A case after the race."""

    case: Case
    lanes: list[Lane]

    def ratio(self, lane: Lane) -> float:
        """How many times longer a contender took than we did."""
        return lane.median / self.lanes[0].median

    def check(self, lane: Lane) -> str:
        """ "" where there is nothing to compare, else "OK" or "FAIL" and by how much."""
        if lane.contender.name.startswith(OURS) or not lane.numbers:
            return ""
        ours = next(x for x in self.lanes if x.contender.name == lane.contender.reference)
        return compare(ours.numbers, lane.numbers, TOLERANCES[lane.contender.name])

    def rows(self) -> Iterable[dict]:
        """A row for each contender; goals that are met say so."""
        for lane in self.lanes:
            name, first = lane.contender.name, lane is self.lanes[0]
            goal = self.case.limit if first else self.case.goals.get(name)
            met = goal and (lane.median < goal if first else self.ratio(lane) >= goal)
            yield {
                "case": self.case.name,
                "work": self.case.work,
                "contender": name,
                "seconds": lane.median,
                "ratio": self.ratio(lane),
                "runs": len(lane.seconds),
                "goal": goal,
                "met": bool(met) if goal else None,
                "check": self.check(lane),
            }


def race(case: Case, rounds: int = 9, budget: float = 40.0) -> Outcome:
    """Let the contenders of a case take turns.

    A contender that has used up its budget (seconds) rests; each runs once at least, after a
    run for practice where a run is short.
    """
    lanes = [Lane(contender) for contender in case.contenders]
    for lane in lanes:
        seconds, lane.found = lane.contender.run()
        if seconds > 2:
            lane.seconds.append(seconds)
    for _ in range(rounds):
        for lane in lanes:
            if sum(lane.seconds) < budget:
                lane.seconds.append(_turn(lane))
    return Outcome(case, lanes)


def _turn(lane: Lane) -> float:
    """Median seconds of the runs of one turn: as many as fill it, so that what the contender before
    has left in the processor's caches is not in the time (`timeit` repeats short runs likewise).
    """
    seconds: list[float] = []
    while not seconds or sum(seconds) + seconds[-1] < _TURN:
        once, lane.found = lane.contender.run()
        seconds.append(once)
    return median(seconds)


def compare(ours: Numbers, theirs: Numbers, allowed: Tolerance) -> str:
    """Are two packages' numbers the same, within what an optimiser leaves?

    A variance may be further off where our criterion is the lower one: then the difference is
    theirs. Standard errors are those of the variances, so they may follow.
    """
    gaps = {}
    if "beta" in theirs:
        gaps["beta"] = np.max(np.abs(ours["beta"] - theirs["beta"]) / ours["se"]) / allowed.beta
    if "se" in theirs:
        gaps["se"] = np.max(np.abs(theirs["se"] / ours["se"] - 1)) / allowed.se
    if "variance" in theirs:
        scale = np.maximum(np.abs(ours["variance"]), 1e-3 * np.max(ours["variance"]))
        far = np.max(np.abs(theirs["variance"] - ours["variance"]) / scale)
        gaps["variance"] = far / allowed.variance
    if "df" in theirs:
        gaps["df"] = np.max(np.abs(theirs["df"] / ours["df"] - 1)) / 1e-3
    worst = max(gaps, key=gaps.get)
    if gaps[worst] <= 1:
        return "OK"
    lower = np.sum(theirs.get("criterion", -np.inf)) - np.sum(ours.get("criterion", np.inf))
    if lower > 1e-7 and gaps[worst] < 100:
        return f"OK: ours is lower by {lower:.1g}"
    return f"FAIL: {worst} is off {gaps[worst]:.1f} times what is allowed"
