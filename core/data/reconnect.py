"""When to connect again: no clock and no socket in here."""

import random
from collections import deque
from collections.abc import Callable, Iterator
from http import HTTPStatus

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


# What the exchange's answer to a handshake asks for when it does not say how long. None of
# these passes within seconds, and asking often makes them worse.
_REFUSAL_WAITS_S = {
    HTTPStatus.TOO_MANY_REQUESTS: 60.0,
    HTTPStatus.IM_A_TEAPOT: 120.0,  # the shortest ban
    HTTPStatus.FORBIDDEN: 60.0,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: 60.0,
}
_LONGEST_BAN_S = 3 * 86_400.0


def refusal_wait_s(status: int, told_s: float | None) -> float | None:
    """
    Return how long this address must stay away from the exchange; None if it need not.

    Args:
        status: HTTP status of the refused handshake.
        told_s: What the exchange said, if it did.
    """
    least_s = next((wait for known, wait in _REFUSAL_WAITS_S.items() if known == status), None)
    if least_s is None:
        return None
    if told_s is None:
        return least_s
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.IM_A_TEAPOT}:
        return min(told_s, _LONGEST_BAN_S)
    return min(max(told_s, least_s), _LONGEST_BAN_S)


class ConnectLimiter:
    """
    At most so many connects in any window of time, whatever the back-off says.

    The first half may come at once; the others are spread, so that nobody ever waits for a
    whole window to pass.
    """

    def __init__(self, connects: int = CONNECTS_PER_WINDOW, window_s: float = WINDOW_S) -> None:
        if connects < 1 or window_s <= 0.0:
            raise ValueError(f"connects {connects} and window {window_s} s must be positive")
        self._window_s = window_s
        self._half = connects // 2
        self._spread_s = window_s / (connects - self._half)
        self._made: deque[float] = deque(maxlen=connects)
        self._held_until_s = float("-inf")

    def wait_s(self, now_s: float) -> float:
        """Return how long to wait before the next connect is allowed."""
        allowed_s = max(now_s, self._held_until_s)
        recent = sum(made_s > now_s - self._window_s for made_s in self._made)
        if self._made and recent >= self._half:
            allowed_s = max(allowed_s, self._made[-1] + self._spread_s)
        if len(self._made) == self._made.maxlen:
            allowed_s = max(allowed_s, self._made[0] + self._window_s)
        return allowed_s - now_s

    def record(self, now_s: float) -> None:
        """Count a connect attempt."""
        self._made.append(now_s)

    def forget(self, made_s: float) -> None:
        """Take back an attempt that reached nobody: a dead network costs no allowance."""
        if made_s in self._made:
            self._made.remove(made_s)

    def hold(self, until_s: float) -> None:
        """Allow nothing until then: the exchange asked this address to stay away."""
        self._held_until_s = max(self._held_until_s, until_s)
