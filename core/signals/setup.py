"""When a proposal is near: the score has come most of the way to the threshold."""

from typing import Final

NEARLY: Final = 0.85
"""Share of the threshold from which a setup is said to form (issue 6, item 4)."""


def setup_forming(score: float, threshold: float) -> bool:
    """Whether a score is close to the threshold, on either side of 0, and has not reached it."""
    return NEARLY * threshold <= abs(score) < threshold
