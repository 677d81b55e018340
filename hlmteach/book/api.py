"""The reference of the package: a page for each public name, from its docstring."""

from importlib import import_module

PAGES = (
    ("hlmteach", "Models, data and questions"),
    ("hlmteach.datasets", "Data sets"),
    ("hlmteach.plots", "Figures"),
    ("hlmteach.explore", "Explorers"),
)
_HEAD = """# The package

`import hlmteach as hlm` is all that a notebook needs. Every name below has a page with its
arguments, its units and an example.
"""
_SECTION = """
## {title}

```{{eval-rst}}
.. autosummary::
   :toctree: generated
   :nosignatures:

{names}
```
"""


def page() -> str:
    """The overview, as MyST Markdown."""
    return _HEAD + "".join(
        _SECTION.format(title=title, names="\n".join(f"   {name}" for name in public(module)))
        for module, title in PAGES
    )


def public(module: str) -> list[str]:
    """The public names of a module, in full; its sub-modules have their own lists.

    Examples
    --------
    >>> public("hlmteach.explore")[:2]
    ['hlmteach.explore.least_squares', 'hlmteach.explore.clustering']
    """
    loaded = import_module(module)
    others = {name for name, _ in PAGES}
    full = [f"{module}.{name}" for name in loaded.__all__]
    return [name for name in full if name not in others]
