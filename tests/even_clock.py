"""Time for a market that runs in the process of its test."""

import time

# More than a tick of the simulator: on a machine that is not held up this is life's own time.
MOST_S = 0.25


class EvenClock:
    """
    Seconds that stand still while nobody looks.

    A process that the machine holds up for seconds would else find that hours of a fast market
    have gone by at once, for itself and for the client that was held up with it.
    """

    def __init__(self) -> None:
        self._now_s = self._seen_s = time.monotonic()

    def __call__(self) -> float:
        """Go on by what has passed since the last look, at most a quarter of a second."""
        seen_s = time.monotonic()
        self._now_s += min(seen_s - self._seen_s, MOST_S)
        self._seen_s = seen_s
        return self._now_s
