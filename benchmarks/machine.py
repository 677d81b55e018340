"""What the times belong to: the machine and the versions."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("hlmteach", "numpy", "scipy", "pandas", "statsmodels", "gpboost")


def machine() -> dict[str, str]:
    """Processor, cores, system and Python; nothing that names the machine or its owner."""
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def versions(more: dict[str, str]) -> dict[str, str]:
    """Versions of the packages that take part; `more` are R's."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found | more
