"""Time that tests can move ahead: bans, patience and sleep of hours, without waiting for them."""

import asyncio
import time
from contextlib import suppress


class MovableClock:
    """Real time, until it is moved ahead; whoever sleeps wakes when their time is past."""

    def __init__(self) -> None:
        self.ahead_s = 0.0
        self._moved = asyncio.Event()

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead_s

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
