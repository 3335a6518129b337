"""When to connect again: no clock and no socket in here."""

import random
from collections import deque
from collections.abc import Callable, Iterator

# Data must have flowed for so long before a connection counts as good and the back-off starts
# anew. A server that accepts, greets and closes would otherwise be called without end.
STEADY_S = 5.0
# Binance allows 300 connects in 5 minutes per address (documented for spot); several programs
# of ours and others may share the address.
CONNECTS_PER_WINDOW = 60
WINDOW_S = 300.0


def reconnect_delays(
    first_s: float,
    ceiling_s: float,
    uniform: Callable[[float, float], float] = random.uniform,
) -> Iterator[float]:
    """
    Yield waits before successive attempts, without end.

    Full jitter: each is uniform between zero and a bound that doubles from ``first_s`` up to
    ``ceiling_s``, so that many clients of a restarted server do not return at once.

    Source:
        M. Brooker, "Exponential Backoff And Jitter" (2015).
    """
    bound_s = min(first_s, ceiling_s)
    while True:
        yield uniform(0.0, bound_s)
        bound_s = min(bound_s * 2.0, ceiling_s)


class ConnectLimiter:
    """At most so many connects in any window of time, whatever the back-off says."""

    def __init__(self, connects: int = CONNECTS_PER_WINDOW, window_s: float = WINDOW_S) -> None:
        if connects < 1 or window_s <= 0.0:
            raise ValueError(f"connects {connects} and window {window_s} s must be positive")
        self._window_s = window_s
        self._made: deque[float] = deque(maxlen=connects)

    def wait_s(self, now_s: float) -> float:
        """Return how long to wait before the next connect is allowed."""
        if len(self._made) < (self._made.maxlen or 0):
            return 0.0
        return max(0.0, self._made[0] + self._window_s - now_s)

    def record(self, now_s: float) -> None:
        """Count a connect attempt."""
        self._made.append(now_s)
