"""Time that tests can move ahead: bans, patience and sleep of hours, without waiting for them."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress


class MovableClock:
    """
    Real time, until it is moved ahead; whoever sleeps wakes when their time is past.

    Args:
        now_s: Seconds that it moves ahead of.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self.ahead_s = 0.0
        self._now_s = now_s
        self._moved = asyncio.Event()

    def monotonic(self) -> float:
        return self._now_s() + self.ahead_s

    async def sleep(self, seconds: float) -> None:
        due_s = self.monotonic() + seconds
        await asyncio.sleep(0)
        while (left_s := due_s - self.monotonic()) > 0.0:
            moved = self._moved
            with suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await moved.wait()

    def move(self, seconds: float) -> None:
        self.ahead_s += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
