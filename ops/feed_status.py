"""What page, health and metrics look at in the status of a feed."""

from collections.abc import Mapping
from typing import Protocol


class FeedStatus(Protocol):
    """How a feed is doing, as it says itself; told on its event loop."""

    @property
    def state(self) -> str:
        """Name of the state."""

    @property
    def age_s(self) -> float | None:
        """Monotonic age of the newest frame with data; None before the first."""

    @property
    def detail(self) -> str:
        """What it waits for or lacks, for people; often empty."""

    @property
    def frames(self) -> int:
        """Frames received."""

    @property
    def malformed(self) -> int:
        """Frames that could not be read."""

    @property
    def reconnects(self) -> int:
        """How often data flowed again after a socket was lost."""

    @property
    def gaps(self) -> int:
        """Bars that the exchange does not have."""

    @property
    def differences(self) -> int:
        """Bars that the exchange told otherwise afterwards."""

    @property
    def unreadable(self) -> Mapping[str, int]:
        """Malformed frames by kind."""
