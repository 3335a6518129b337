"""How fast a page is pushed to."""


class Pace:
    """
    A token bucket: the mean rate is bounded, a little jitter costs no delay.

    Args:
        per_s: Mean rate.
        burst: Pushes that may follow each other at once.
    """

    def __init__(self, per_s: float, *, burst: float = 2.0) -> None:
        self._per_s = per_s
        self._burst = burst
        self._tokens = burst
        self._at_s: float | None = None

    def wait_s(self, now_s: float) -> float:
        """Take one push; return how long to wait before it."""
        elapsed_s = 0.0 if self._at_s is None else now_s - self._at_s
        self._at_s = now_s
        self._tokens = min(self._burst, self._tokens + elapsed_s * self._per_s) - 1.0
        return max(0.0, -self._tokens / self._per_s)
