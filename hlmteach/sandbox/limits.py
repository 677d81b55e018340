"""Limits: what one notebook may use."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Limits:
    """What one notebook may use, all its cells and processes together.

    Attributes
    ----------
    seconds : by the clock
    cpu : seconds of processor time that one of its processes may use
    memory_mb : beyond what the libraries take that every notebook has loaded
    processes : processes and threads at one time
    file_mb : size of its private folder, and of one file
    output_kb : evidence and errors that it may report
    figures : pictures that are kept for the feedback

    Examples
    --------
    >>> Limits(seconds=30).memory_mb
    1024
    """

    seconds: float = 60
    cpu: int = 60
    memory_mb: int = 1024
    processes: int = 64
    file_mb: int = 50
    output_kb: int = 512
    figures: int = 6

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value < (0 if name == "figures" else 1):
                raise ValueError(f"The limit {name} is {value}; it must be at least 1.")
