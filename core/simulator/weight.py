"""Request weight, counted by the minute as the exchange counts it."""

from collections.abc import Callable

MINUTE_S = 60.0
WEIGHT_PER_MINUTE = 2_400


class WeightCounter:
    """
    Weight used in the current minute of life (not of market time).

    Args:
        monotonic: Seconds that never run backwards.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._minute = -1
        self.used = 0

    def charge(self, weight: int) -> bool:
        """Count a request; False when the limit is exceeded."""
        minute = int(self._monotonic() // MINUTE_S)
        if minute != self._minute:
            self._minute, self.used = minute, 0
        self.used += weight
        return self.used <= WEIGHT_PER_MINUTE


def kline_weight(limit: int) -> int:
    """Weigh a request for candles."""
    for below, weight in ((100, 1), (500, 2), (1_001, 5)):
        if limit < below:
            return weight
    return 10


def depth_weight(limit: int) -> int:
    """Weigh a request for the order book."""
    for most, weight in ((50, 2), (100, 5), (500, 10)):
        if limit <= most:
            return weight
    return 20
