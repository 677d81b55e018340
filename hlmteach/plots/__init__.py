"""Figures people keep: each function draws one, returns its Axes and knows its own alt text.

    ax = hlm.plots.caterpillar(model)      # a Fit or a statsmodels MixedLM result
    ax.set_title("Schools in the United States")
    hlm.plots.show(ax)                     # the picture, with its alt text

`ax=` draws on Axes of your own (a sequence of Axes where a figure has panels). Without it, a
figure of the package's own is made: in the package's style, without touching matplotlib's global
settings, and unknown to pyplot, so that nothing stays open and nothing is shown twice. A cell that
ends in such Axes shows the picture, too. `ax.figure.savefig("figure.pdf")` saves it.

How alt text travels
    `show` displays one `text/html` output, an `<img>` that carries the PNG and its alt text, with
    the alt text alone as `text/plain`. An `image/png` output with the alt text in its metadata
    (what `IPython.display.Image(..., alt=)` makes) would be the obvious way, but JupyterLab 4 and
    nbconvert's default template ignore that metadata, and MyST-NB reads alt text from the cell's
    metadata only. All three prefer `text/html` and keep its alt text, also in notebooks that are
    not trusted. `hlm.plots.show(ax, alt="...")` gives a figure of your own its text.
"""

from importlib import import_module

# The files have other names than the functions, so that a lazy lookup cannot hand out a module.
_NAMES = {
    "style": "palette",
    "alt": "picture",
    "show": "picture",
    "nesting": "diagrams",
    "regression_line": "scatters",
    "level2_scatter": "scatters",
    "ols_residuals": "residual_panels",
    "residuals": "residual_panels",
    "residuals_against": "left_over",
    "residual_spread": "left_over",
    "group_means": "clusters",
    "sampling_distribution": "simulations",
    "variance_bars": "variances",
    "school_means_range": "variances",
    "caterpillar": "group_effects",
    "shrinkage": "group_effects",
    "group_lines": "lines",
    "within_between": "levels",
    "influence": "deletions",
    "coefficients": "estimates",
    "icc_by_country": "countries",
    "profile": "deviances",
}

__all__ = [*_NAMES]


def __getattr__(name: str):
    if name not in _NAMES:
        raise AttributeError(f"hlmteach.plots has no figure {name!r}; it has {', '.join(_NAMES)}")
    value = getattr(import_module(f"{__name__}.{_NAMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
