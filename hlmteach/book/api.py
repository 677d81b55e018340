"""The reference of the package: its public names, page by page, from their docstrings."""

import inspect
import re
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class Part:
    """One page of the reference.

    Attributes
    ----------
    stem : name of its file
    title : what is on it
    module : where its names are
    names : which; all public names of the module if there are none
    """

    stem: str
    title: str
    module: str = "hlmteach"
    names: tuple[str, ...] = ()

    @property
    def full_names(self) -> list[str]:
        """Its names with their module."""
        names = self.names or import_module(self.module).__all__
        return [f"{self.module}.{name}" for name in names]


PARTS = (
    Part(
        "fit", "Simulate and fit", names=("Params", "simulate", "center", "lmer", "Fit", "as_fit")
    ),
    Part(
        "read",
        "Read a model",
        names=("summary", "icc", "design_effect", "ranef", "r2", "prediction_interval", "table"),
    ),
    Part(
        "compare",
        "Test and compare",
        names=("lrt", "compare", "confint", "coefficient_tests", "contrast"),
    ),
    Part(
        "check",
        "Check a model",
        names=(
            "check_model",
            "level2_residuals",
            "without_each_group",
            "cooks_distance",
            "robust_se",
        ),
    ),
    Part("plan", "Plan a study", names=("recover", "power")),
    Part(
        "design",
        "PISA's design",
        names=(
            "pool",
            "weighted",
            "scale_weights",
            "brr_weights",
            "replicate_se",
            "pv_estimate",
            "recompute_icc",
        ),
    ),
    Part(
        "questions",
        "Questions",
        names=("student", "dealt", "data", "check", "hint", "progress"),
    ),
    Part("datasets", "Data sets", "hlmteach.datasets"),
    Part("plots", "Figures", "hlmteach.plots"),
    Part("explore", "Explorers", "hlmteach.explore"),
)
_HEAD = """# The package

`import hlmteach as hlm` is all that a notebook needs. Every name has its arguments, its units and
an example.
"""
_SUMMARY = """
## [{title}]({stem}.md)

```{{eval-rst}}
.. autosummary::
   :nosignatures:

{names}
```
"""
_TREE = """
```{{toctree}}
:hidden:

{stems}
```
"""
_ENTRY = """
## {short}

```{{eval-rst}}
.. auto{kind}:: {name}
{options}
```
"""
_RULE = re.compile(r"-{3,}$")
_LISTS = ("Parameters", "Attributes")
_ITEM = re.compile(r"(\*{0,2}\w[\w, *]*) : (.+)")
_SHORT = 60  # characters; what is longer than that is a sentence and not the name of a type


def pages() -> dict[str, str]:
    """The overview and the parts, as MyST Markdown, by the names of their files."""
    return {"index.md": overview(), **{f"{part.stem}.md": page(part) for part in PARTS}}


def overview() -> str:
    """All names with the first sentence of each."""
    summaries = [
        # The tilde shows the last name alone.
        _SUMMARY.format(
            title=part.title,
            stem=part.stem,
            names="\n".join(f"   ~{name}" for name in part.full_names),
        )
        for part in PARTS
    ]
    tree = _TREE.format(stems="\n".join(part.stem for part in PARTS))
    return _HEAD + "".join(summaries) + tree


def page(part: Part) -> str:
    """The docstrings of one part."""
    return f"# {part.title}\n" + "".join(_entry(name) for name in part.full_names)


def _entry(name: str) -> str:
    module, _, last = name.rpartition(".")
    thing = getattr(import_module(module), last)
    kind = "class" if inspect.isclass(thing) else "function"
    methods = [key for key, value in vars(thing).items() if _is_told(key, value)]
    options = f"   :members: {', '.join(methods)}" if kind == "class" and methods else ""
    return _ENTRY.format(short=short(name), kind=kind, name=name, options=options)


def _is_told(name: str, value: object) -> bool:
    return inspect.isfunction(value) and not name.startswith("_") and bool(value.__doc__)


def short(name: str) -> str:
    """A name as a notebook says it.

    Examples
    --------
    >>> short("hlmteach.plots.caterpillar")
    'hlm.plots.caterpillar'
    """
    return re.sub(r"^hlmteach\b", "hlm", name)


def with_sentences(lines: list[str]) -> list[str]:
    """A docstring in which a parameter that is told in a sentence has no type.

    numpydoc puts a type behind the colon. Where the package's docstrings put a sentence there, that
    may go on in the next line, it must not be torn apart.

    Examples
    --------
    >>> with_sentences(["Parameters", "----------", "data : rows to take;", "    or None for all"])
    ['Parameters', '----------', 'data', '    rows to take;', '    or None for all']
    >>> with_sentences(["Parameters", "----------", "m0, m1 : the two models to compare"])[2:]
    ['m0 / m1', '    the two models to compare']
    """
    made: list[str] = []
    section = ""
    for number, line in enumerate(lines):
        after = lines[number + 1] if number + 1 < len(lines) else ""
        if _RULE.match(after):
            section = line
        entry = _ITEM.match(line) if section in _LISTS else None
        told = entry and not _is_type(entry[2], after)
        # Names that share a sentence stay together: napoleon would repeat it for each.
        made += [entry[1].replace(", ", " / "), f"    {entry[2]}"] if told else [line]
    return made


def _is_type(text: str, after: str) -> bool:
    """Whether the text behind a colon names a type: it is short, and a sentence begins below it."""
    below = after.startswith("    ") and not after.strip()[:1].islower()
    return text.isidentifier() or (len(text) < _SHORT and below)
