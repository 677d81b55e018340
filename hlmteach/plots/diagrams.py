"""Diagrams without data: who is nested in whom."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from ..arguments import whole_number
from ..words import count, group_words
from .canvas import canvas
from .palette import BLUE, INK, MUTED, ORANGE

_MOST = 40  # members that still have room, side by side
_WIDTH = 425  # points that they share in a new figure


def nesting(
    n_groups: int = 3,
    group_size: int | Sequence[int] = 4,
    ax: Axes | None = None,
    *,
    labels: tuple[str, str] = ("student", "school"),
) -> Axes:
    """Members nested in groups: the picture behind a two-level model.

    Parameters
    ----------
    n_groups : number of groups, 1 or more
    group_size : members of each group, or one number per group
    ax : Axes to draw on; None makes a figure
    labels : what a member and what a group is called, in the singular

    Raises
    ------
    ValueError
        For impossible numbers, or more members than have room (40).

    Examples
    --------
    >>> ax = nesting(n_groups=2, group_size=[3, 5], labels=("pupil", "class"))
    >>> len(ax.texts) > 10
    True
    """
    sizes = _sizes(n_groups, group_size)
    member, group = labels
    with canvas(ax, size=(7, 3), grid=None) as ax:
        left, room = 0.0, _WIDTH / (sum(sizes) + len(sizes))
        fits = (min(sizes) + 1) * room > 25 + 7 * len(group)
        for j, size in enumerate(sizes, start=1):
            _family(ax, left, size, room, f"{group.capitalize()} {j}" if fits else f"{j}")
            left += size + 1
        ax.text(-1.2, 1, f"Level 2:\n{_many(group)}", ha="right", va="center", fontsize=12)
        ax.text(-1.2, 0, f"Level 1:\n{_many(member)}", ha="right", va="center", fontsize=12)
        ax.set(xlim=(-0.9, left - 1.1), ylim=(-0.5, 1.45))
        ax.set_axis_off()
    ax.hlm_alt = _alt(sizes, member, group)
    return ax


def _sizes(n_groups: int, group_size: int | Sequence[int]) -> list[int]:
    n_groups = whole_number("n_groups", n_groups, 1)
    each = [group_size] * n_groups if not isinstance(group_size, Sequence) else list(group_size)
    if len(each) != n_groups:
        raise ValueError(
            f"group_size holds {len(each)} numbers for {n_groups} groups; give one number a group."
        )
    each = [whole_number("group_size", size, 1) for size in each]
    if sum(each) > _MOST:
        raise ValueError(
            f"{sum(each)} members have no room in the diagram; it holds {_MOST}. "
            "Draw a few groups: they stand for all."
        )
    return each


def _family(ax: Axes, left: float, size: int, room: float, name: str) -> None:
    """A group and its members, each with so much room in points; numbered where numbers fit."""
    middle = left + (size - 1) / 2
    circle = {"markersize": min(21, 0.85 * room), "markerfacecolor": "#FBE3B0"}
    for i in range(size):
        ax.plot([middle, left + i], [1, 0], color=MUTED, linewidth=1.2, zorder=1)
        ax.plot(left + i, 0, "o", markeredgecolor=ORANGE, **circle)
        if room > 20:
            ax.text(left + i, 0, f"{i + 1}", ha="center", va="center_baseline", fontsize=11)
    ax.text(
        middle,
        1,
        name,
        ha="center",
        va="center",
        fontsize=12,
        color=INK,
        bbox={"boxstyle": "round,pad=0.5", "facecolor": "#D3E7F4", "edgecolor": BLUE},
    )


def _alt(sizes: list[int], member: str, group: str) -> str:
    total, many, groups = sum(sizes), _many(member), _many(group)
    each = f"its own {sizes[0]}" if len(set(sizes)) == 1 else "its own"
    tally = "" if len(set(sizes)) == 1 else f" ({', '.join(map(str, sizes))} in turn)"
    return (
        f"Diagram: {count(total, member, many)} (level 1) nested within "
        f"{count(len(sizes), group, groups)} (level 2). Lines lead from each {group} to {each} "
        f"{many}{tally}; no {member} belongs to two {groups}."
    )


def _many(word: str) -> str:
    return group_words(word)[1]
