"""All sockets of one stream: a line for each that the plan asks for."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.data.sockets.health import StreamHealth, StreamState, health
from core.data.sockets.line import Line
from core.data.sockets.plan import SocketPlan
from core.data.sockets.watches import Watches
from core.data.sockets.wiring import Wiring


class SocketSet:
    """
    Streams on as few sockets as allowed; they come and go while it runs.

    Args:
        streams_per_socket: At most so many streams share a socket.
    """

    def __init__(self, streams_per_socket: int) -> None:
        self._plan = SocketPlan(streams_per_socket)
        self._watches: dict[int, Watches] = {}
        self._lines: dict[int, Line] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._wiring: Wiring | None = None
        self._changed = asyncio.Event()

    def add(self, streams: Iterable[str]) -> None:
        """Follow streams; those that are followed stay where they are."""
        self._apply(self._plan.add(streams))

    def remove(self, streams: Iterable[str]) -> None:
        """Follow streams no more; a socket left without any is closed."""
        self._apply(self._plan.remove(streams))

    def renew(self, why: str) -> None:
        """Put new sockets in the place of all, without a gap where they deliver."""
        for line in self._lines.values():
            line.replace(why)

    async def run(self, wiring: Wiring) -> None:
        """
        Serve what is followed until cancelled.

        Raises:
            StreamRefusedError: If the exchange says no and ``wiring`` asks to raise that.
        """
        self._wiring = wiring
        self._apply(frozenset(self._plan.routes))
        try:
            while True:
                await self._until_something_ends()
        finally:
            self._wiring = None
            tasks = [*self._tasks.values(), *self._ending]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for watches in self._watches.values():
                watches.lost("stopped", silent=False)
            self._tasks.clear()
            self._lines.clear()
            self._ending.clear()

    def health(self, now_s: float, silence_s: float) -> Mapping[str, StreamHealth]:
        """Return how each stream is, by name, heartbeats that the plan added included."""
        found: dict[str, StreamHealth] = {}
        for number, watches in self._watches.items():
            for name, watch in watches.by_name.items():
                if name in found and self._plan.socket_of(name) != number:
                    continue  # a heartbeat of this socket that is wanted on another one
                judged = health(watch, now_s, silence_s)
                if self._wiring is None:
                    judged = replace(judged, state=StreamState.STOPPED, detail="")
                found[name] = judged
        return found

    def _apply(self, sockets: Iterable[int]) -> None:
        for number in sockets:
            route = self._plan.routes.get(number)
            if route is None:
                self._close(number)
                continue
            if number not in self._watches:
                self._watches[number] = Watches(route)
            self._watches[number].want(self._plan.streams(number))
            if self._wiring is None:
                continue
            if number in self._lines:
                self._lines[number].changed()
            else:
                label = f"{route.value}-{number}"
                line = self._lines[number] = Line(self._wiring, self._watches[number], label)
                self._tasks[number] = asyncio.create_task(line.run())
                self._changed.set()

    def _close(self, number: int) -> None:
        del self._watches[number]
        if self._lines.pop(number, None) is not None:
            task = self._tasks.pop(number)
            task.cancel()
            self._ending.add(task)
            self._changed.set()

    async def _until_something_ends(self) -> None:
        self._changed.clear()
        changed = asyncio.create_task(self._changed.wait())
        try:
            done, _ = await asyncio.wait(
                {changed, *self._tasks.values(), *self._ending},
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            changed.cancel()
        for task in done - {changed}:
            self._ending.discard(task)
            if not task.cancelled():
                task.result()
