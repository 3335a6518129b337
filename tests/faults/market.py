"""The exchange of a fault test: the simulator in this loop, which can go away and come back."""

import asyncio
from contextlib import suppress
from pathlib import Path

import aiohttp

from core.simulator.run import SimulatorOptions, simulate
from tests.even_clock import EvenClock
from tests.faults.clock import MovableClock
from tests.ports import unclaimed_port

SYMBOLS = ("BTCUSDT", "ETHUSDT")
START_MS = 1_781_222_400_000 + 7 * 60_000
_READY_S = 180.0


class Exchange:
    """A simulator on a port: what it says, and what it is told to do wrong."""

    def __init__(self, speed: float, port: int, clock: MovableClock | None = None) -> None:
        self.speed = speed
        self.port = port
        self.clock = clock or MovableClock()
        self._http: aiohttp.ClientSession | None = None
        self._told_ms, self._told_s = 0, 0.0

    @property
    def now_ms(self) -> int:
        """Market time as the exchange itself would tell it."""
        return self._told_ms + int((self.clock.monotonic() - self._told_s) * self.speed * 1_000)

    async def meet(self) -> None:
        """Begin to talk to it, and learn what time it is there."""
        if self._http is None:
            self._http = aiohttp.ClientSession(f"http://127.0.0.1:{self.port}")
        state = await self.ask("/sim/state")
        self._told_ms, self._told_s = state["market_time_ms"], self.clock.monotonic()

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def ask(self, path: str, **query: object):
        params = {name: str(value) for name, value in query.items()}
        async with self._http.get(path, params=params) as reply:
            assert reply.status == 200, await reply.text()
            return await reply.json(content_type=None)

    async def start(self, fault: dict[str, object]) -> int:
        async with self._http.post("/sim/faults", json=fault) as reply:
            body = await reply.json()
            assert reply.status == 200, body
            return int(body["id"])

    async def struck(self) -> dict[str, int]:
        """How often each active fault did something, by kind."""
        return {f["kind"]: f["struck"] for f in (await self.ask("/sim/faults"))["faults"]}

    async def heal(self) -> None:
        async with self._http.delete("/sim/faults") as reply:
            assert reply.status == 200


class Market(Exchange):
    """A simulator in this loop, on one port for good; market time goes on where it was."""

    def __init__(self, folder: Path, speed: float) -> None:
        super().__init__(speed, unclaimed_port(), MovableClock(EvenClock()))
        self._clock_file = folder / "market_clock.json"
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        options = SimulatorOptions(
            port=self.port,
            speed=self.speed,
            symbols=SYMBOLS,
            start_ms=START_MS,
            clock_file=self._clock_file,
        )
        self._task = asyncio.create_task(
            simulate(options, on_ready=ready.set_result, monotonic=self.clock.monotonic)
        )
        await asyncio.wait({self._task, ready}, timeout=_READY_S, return_when="FIRST_COMPLETED")
        if self._task.done():
            await self._task
        self.port = ready.result()
        await self.meet()

    async def go_away(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def close(self) -> None:
        await self.go_away()
        await super().close()
