"""A socket that plays a script, for tests of what reads it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

from core.data.websocket import Socket


class Clock:
    """Seconds that pass only when something waits."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, for_s: float) -> None:
        self.now_s += for_s
        await asyncio.sleep(0)


# A frame; an error to raise; seconds that pass without a frame; something to call in between.
Step: TypeAlias = str | bytes | Exception | float | Callable[[], None]


class ScriptedSocket:
    """Delivers its steps, then hangs."""

    def __init__(self, steps: Sequence[Step], clock: Clock) -> None:
        self._steps = list(steps)
        self._clock = clock

    async def receive(self, timeout_s: float) -> str | bytes:
        await asyncio.sleep(0)
        while self._steps:
            step = self._steps[0]
            if isinstance(step, float | int):
                if step > timeout_s:
                    self._steps[0] = step - timeout_s
                    break
                self._clock.now_s += step
                timeout_s -= step
            elif isinstance(step, Exception):
                self._steps.pop(0)
                raise step
            elif not isinstance(step, str | bytes):
                step()
            else:
                self._steps.pop(0)
                return step
            self._steps.pop(0)
        self._clock.now_s += timeout_s
        raise TimeoutError


class ScriptedExchange:
    """Each connect gets the next script, or raises it; after the last nobody answers any more."""

    def __init__(self, clock: Clock, *scripts: Sequence[Step] | Exception) -> None:
        self.urls: list[str] = []
        self.connected_s: list[float] = []
        self.open = 0
        self._clock = clock
        self._scripts = list(scripts)

    @asynccontextmanager
    async def connect(self, url: str) -> AsyncIterator[Socket]:
        self.urls.append(url)
        self.connected_s.append(self._clock.now_s)
        if not self._scripts:
            await asyncio.Event().wait()
        script = self._scripts.pop(0)
        if isinstance(script, Exception):
            raise script
        self.open += 1
        try:
            yield ScriptedSocket(script, self._clock)
        finally:
            self.open -= 1
