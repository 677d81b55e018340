"""The picture on the first page: every school its own line."""

import io

import matplotlib

NAME = "cover.svg"
_SALT = "hlmteach"  # else the marks inside an SVG differ from run to run
_CAPTION = (
    "*Each thin line is one of {n} schools: mathematics by family background, in a model whose "
    "lines vary from school to school. The data are simulated, in the manner of PISA; chapter 9 "
    "fits such models.*"
)


def picture() -> tuple[str, str]:
    """The SVG, and what stands for it on the page: the image with its alt text, and a caption."""
    import hlmteach as hlm

    students, _ = hlm.datasets.pisa_like()
    usa = students[students["country"] == "USA"].dropna(subset=["math", "escs"])
    fit = hlm.lmer("math ~ escs + (1 + escs | school_id)", usa)
    with matplotlib.rc_context({"svg.hashsalt": _SALT}):
        ax = hlm.plots.group_lines(fit)
        out = io.StringIO()
        ax.figure.savefig(out, format="svg", metadata={"Date": None})
    text = f"![{hlm.plots.alt(ax)}]({NAME})\n\n{_CAPTION.format(n=fit.n_groups)}"
    return out.getvalue(), text
