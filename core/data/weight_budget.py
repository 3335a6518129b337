"""How much we may ask of the exchange's REST interface: arithmetic only."""

from collections import deque

WINDOW_S = 60.0
# Binance allows 2400 a minute and address; from here on others share it with us and we wait.
CROWDED_WEIGHT = 2100
CROWDED_PAUSE_S = 15.0
_KLINES_WEIGHTS = ((100, 1), (500, 2), (1001, 5))
_LARGEST_WEIGHT = 10
_DEPTH_WEIGHTS = ((50, 2), (100, 5), (500, 10))
_LARGEST_DEPTH_WEIGHT = 20


def klines_weight(limit: int) -> int:
    """Return the weight of a klines request. Source: PROTOCOLS B, weight by limit."""
    return next((weight for below, weight in _KLINES_WEIGHTS if limit < below), _LARGEST_WEIGHT)


def depth_weight(limit: int) -> int:
    """Return the weight of an order book request. Source: PROTOCOLS B, weight by limit."""
    return next((weight for most, weight in _DEPTH_WEIGHTS if limit <= most), _LARGEST_DEPTH_WEIGHT)


class WeightBudget:
    """Keeps the weight spent in any minute under our own limit, and obeys the exchange's count."""

    def __init__(self, per_minute: int) -> None:
        if per_minute < 1:
            raise ValueError(f"weight per minute must be at least 1, was {per_minute}")
        self._per_minute = per_minute
        self._spent: deque[tuple[float, int]] = deque()
        self._closed_until_s = float("-inf")

    def wait_s(self, weight: int, now_s: float) -> float:
        """Return how long to wait before ``weight`` may be spent."""
        while self._spent and self._spent[0][0] <= now_s - WINDOW_S:
            self._spent.popleft()
        wait_s = max(0.0, self._closed_until_s - now_s)
        over = sum(spent for _, spent in self._spent) + weight - self._per_minute
        for at_s, spent in self._spent:
            if over <= 0:
                break
            over -= spent
            wait_s = max(wait_s, at_s + WINDOW_S - now_s)
        return wait_s

    def spend(self, weight: int, now_s: float) -> None:
        """Count a request."""
        self._spent.append((now_s, weight))

    def observe(self, used: int, now_s: float) -> None:
        """Take note of the weight the exchange has counted for our address this minute."""
        if used >= CROWDED_WEIGHT:
            self.close(CROWDED_PAUSE_S, now_s)

    def close(self, for_s: float, now_s: float) -> None:
        """Spend nothing for a while, because the exchange said so."""
        self._closed_until_s = max(self._closed_until_s, now_s + for_s)
