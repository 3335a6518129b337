"""A few workers for many symbols: what is most urgent first, nothing twice at a time."""

import asyncio
from collections.abc import Awaitable, Callable


class WorkQueue:
    """
    Runs `work` for the keys that are wanted.

    However many keys there are, only so many are worked on at a time. Wanting a key that is being
    worked on makes it run once more afterwards; wanting one that rests changes nothing.

    Args:
        work: Does what there is to do for a key, and returns for how many seconds to let it rest
            before it is wanted again of itself; zero when nothing is left to do.
        rank: How urgent a key is; smaller is sooner. Looked at when a worker is free.
        workers: How many keys are worked on at a time.
        urgent: Whether a key may take the one worker that is kept free for such.
        sleep: Time, for tests.
    """

    def __init__(
        self,
        work: Callable[[str], Awaitable[float]],
        rank: Callable[[str], int],
        *,
        workers: int,
        urgent: Callable[[str], bool],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._work = work
        self._rank = rank
        self._workers = workers
        self._urgent = urgent
        self._sleep = sleep
        self._ready: set[str] = set()
        self._busy: set[str] = set()
        self._resting: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()

    def want(self, key: str) -> None:
        """Have a key worked on as soon as it is its turn."""
        if key not in self._resting and key not in self._ready:
            self._ready.add(key)
            self._changed.set()

    def forget(self, key: str) -> None:
        """Do not begin work on a key that was wanted."""
        self._ready.discard(key)
        rest = self._resting.pop(key, None)
        if rest is not None:
            rest.cancel()

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._working(tasks, urgent_only=True))
            for _ in range(self._workers - 1):
                tasks.create_task(self._working(tasks, urgent_only=False))

    async def _working(self, tasks: asyncio.TaskGroup, *, urgent_only: bool) -> None:
        while True:
            key = self._next(urgent_only=urgent_only)
            if key is None:
                self._changed.clear()
                await self._changed.wait()
                continue
            self._ready.discard(key)
            self._busy.add(key)
            try:
                rest_s = await self._work(key)
            finally:
                self._busy.discard(key)
            if rest_s > 0.0:
                self._ready.discard(key)
                self._resting[key] = tasks.create_task(self._rest(key, rest_s))
            self._changed.set()  # it may have been wanted meanwhile

    async def _rest(self, key: str, rest_s: float) -> None:
        await self._sleep(rest_s)
        del self._resting[key]
        self.want(key)

    def _next(self, *, urgent_only: bool) -> str | None:
        free = (key for key in self._ready if key not in self._busy)
        if urgent_only:
            free = (key for key in free if self._urgent(key))
        return min(free, key=self._rank, default=None)
