"""Limits: what one notebook may use."""

from dataclasses import asdict, dataclass

PATIENCE = 3  # times its seconds, for a notebook that has to wait for a processor


@dataclass(frozen=True)
class Limits:
    """What one notebook may use, all its cells and processes together.

    Attributes
    ----------
    seconds : by the clock; while others keep it from a processor the clock stands still
    cpu : seconds of processor time
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

    @property
    def longest(self) -> float:
        """Seconds after which it is ended though it had to wait for a processor."""
        return PATIENCE * self.seconds

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value < (0 if name == "figures" else 1):
                raise ValueError(f"The limit {name} is {value}; it must be at least 1.")
