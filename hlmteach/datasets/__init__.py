"""The course's data: two that ship with it, and the real PISA.

Plain imports, on purpose: each function has the name of its module, and a lazy lookup could hand
out the module instead. Heavy libraries load inside the functions.
"""

from importlib import import_module

__all__ = [
    "icc_by_country",
    "oecd",
    "oecd_codebook",
    "pisa",
    "pisa_like",
    "pisa_like_pv",
    "study_hours",
]

for _name in __all__:
    try:
        globals()[_name] = getattr(import_module(f"{__name__}.{_name}"), _name)
    except ModuleNotFoundError as _error:
        if _error.name != f"{__name__}.{_name}":
            raise
