"""Explorers: move a slider, and a model is drawn, simulated and fitted anew.

    hlm.explore.icc()                         # in a notebook: sliders, a figure and a sentence
    hlm.explore.icc(sigma_u=80)               # another start
    hlm.explore.icc().draw(sigma_u=80)        # the Figure alone, for a page or a test

Each explorer wraps one pure function from its sliders' values to a Figure. What the figure shows
stands below it as a sentence, which screen readers announce when a slider was moved. Where no
kernel runs (a stored notebook, the web book), an explorer is a strip of frames with captions.
"""

from importlib import import_module

# The files have other names than the functions, so that a lazy lookup cannot hand out a module.
_NAMES = {
    "least_squares": "line_by_hand",
    "clustering": "study_means",
    "icc": "variance_shares",
    "shrinkage": "pulled_means",
    "within_between": "blended_slopes",
    "slopes": "school_lines",
    "criterion": "criterion_curve",
    "power": "power_curve",
}

__all__ = [*_NAMES]


def __getattr__(name: str):
    if name not in _NAMES:
        raise AttributeError(f"hlmteach.explore has no {name!r}; it has {', '.join(_NAMES)}")
    value = getattr(import_module(f"{__name__}.{_NAMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
