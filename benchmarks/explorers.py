"""What a learner waits for after moving a slider: data, fit, figure, and its bytes for the page."""

from collections.abc import Iterator
from html import escape
from itertools import cycle
from time import perf_counter

from hlmteach import explore
from hlmteach.explore.explorer import Explorer

from .r_session import RSession
from .race import OURS, Case, Contender, Numbers, Run

NAMES = tuple(f"explore-{name}" for name in explore.__all__)


def redraws(r: RSession | None, quick: bool) -> Iterator[Case]:
    """Every explorer, its sliders moved in turn."""
    for case, name in zip(NAMES, explore.__all__, strict=True):
        explorer = getattr(explore, name)()
        lane = Contender(OURS, _moves(explorer))
        yield Case(case, f"a redraw of hlm.explore.{name}()", [lane], limit=0.05)


def _moves(explorer: Explorer) -> Run:
    """One slider moves by one step; the sentence that follows is that of a figure drawn anew."""
    _, *controls, _, said = explorer.widget().children
    turns = cycle(controls)

    def run() -> tuple[float, Numbers]:
        control = next(turns)
        up = control.value + control.step <= control.max
        start = perf_counter()
        control.value += control.step if up else -control.step
        seconds = perf_counter() - start
        values = {name: c.value for name, c in zip(explorer.sliders, controls, strict=True)}
        if escape(explorer.text(**values)) not in said.value:
            raise RuntimeError(f"{explorer.title} at {values} says: {said.value}")
        return seconds, {}

    return run
