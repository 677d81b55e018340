"""Pictures in the pages: small drawings as SVG, the same bytes every time, each with its words."""

from .page import text

_BLUE = "#0072B2"  # told apart from the grey by everybody


def _svg(width: int, height: int, words: str, shapes: list[str], caption: str) -> str:
    return "\n".join(
        [
            f'<figure><svg role="img" aria-label="{text(words)}" viewBox="0 0 {width} {height}" '
            f'width="{width}" font-size="16" font-family="system-ui, sans-serif" '
            'fill="currentColor">',
            *shapes,
            f"</svg><figcaption>{text(caption)}</figcaption></figure>",
        ]
    )


def _label(x: float, y: float, words: object, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text(words)}</text>'


def distribution(shares: list[float]) -> str:
    """How many students reached which part of the points, in ten classes.

    Parameters
    ----------
    shares : of the points, one a student; above 1 with bonus points
    """
    counts = [0] * 10
    for share in shares:
        counts[max(0, min(9, int(10 * share + 1e-9)))] += 1
    names = [f"{10 * k}-{10 * k + 10} %" for k in range(10)]
    said = "; ".join(f"{n} {c}" for n, c in zip(names, counts, strict=True) if c)
    words = f"Bar chart: number of students by share of the points. {said or 'Nobody yet'}."
    shapes, most = [], max(counts) or 1
    for k, count in enumerate(counts):
        height = 130 * count / most
        shapes.append(
            f'<rect x="{20 + 60 * k}" y="{150 - height:.1f}" width="52" height="{height:.1f}" '
            f'fill="{_BLUE}"/>'
        )
        shapes += [_label(46 + 60 * k, 145 - height, count)] if count else []
        shapes.append(_label(46 + 60 * k, 168, f"{10 * k}-{10 * k + 10}"))
    shapes.append(_label(320, 187, "per cent of the points"))
    return _svg(640, 192, words, shapes, "Students by share of the points")


def school_means(means: list[float]) -> str:
    """A student's own data at a glance: the mean of math in each school, sorted."""
    if len(means) < 2:
        return ""
    low, high = min(means), max(means)
    span = (high - low) or 1.0
    ordered = sorted(means)
    words = (
        f"Dot plot: the mean of math in each of {len(means)} schools, sorted; from {low:.0f} to "
        f"{high:.0f} points."
    )
    step = 560 / len(ordered)
    shapes = [
        f'<circle cx="{60 + step * (k + 0.5):.1f}" cy="{125 - 110 * (mean - low) / span:.1f}" '
        f'r="3" fill="{_BLUE}"/>'
        for k, mean in enumerate(ordered)
    ]
    shapes += [_label(52, 129, f"{low:.0f}", "end"), _label(52, 19, f"{high:.0f}", "end")]
    shapes.append(_label(340, 152, f"{len(means)} schools, sorted by their mean"))
    return _svg(640, 158, words, shapes, "Your data: mean of math in each school")
