"""hlmteach: hierarchical linear models, taught and checked.

The names below load their module on first use, so that `import hlmteach` costs next to nothing.
"""

from importlib import import_module

__version__ = "0.1.0"

_MODULES = ("datasets", "explore", "plots")
_NAMES = {
    "Params": "params",
    "simulate": "simulation",
    "lmer": "fitting",
    "Fit": "fit",
    "as_fit": "adapters",
    "summary": "summaries",
    "icc": "measures",
    "design_effect": "measures",
    "ranef": "measures",
    "level2_residuals": "residuals",
    "without_each_group": "influence",
    "cooks_distance": "influence",
    "robust_se": "sandwich",
    "lrt": "comparison",
    "compare": "comparison",
    "confint": "intervals",
    "r2": "explained",
    "coefficient_tests": "inference",
    "contrast": "inference",
    "prediction_interval": "prediction",
    "table": "tables",
    "recover": "montecarlo",
    "power": "planning",
    "center": "centering",
    "check_model": "diagnostics",
    "pool": "pooling",
    "weighted": "pseudolikelihood",
    "scale_weights": "weighting",
    "brr_weights": "brr",
    "replicate_se": "replication",
    "pv_estimate": "replication",
    "recompute_icc": "worldwide",
    "student": "questions.interactive",
    "dealt": "questions.interactive",
    "data": "questions.interactive",
    "check": "questions.interactive",
    "hint": "questions.interactive",
    "progress": "questions.interactive",
}

__all__ = [*_NAMES, *_MODULES]


def __getattr__(name: str):
    if name in _NAMES:
        value = getattr(import_module(f"hlmteach.{_NAMES[name]}"), name)
    elif name in _MODULES:
        value = import_module(f"hlmteach.{name}")
    else:
        raise AttributeError(f"module 'hlmteach' has no attribute {name!r}; it has {__all__}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
