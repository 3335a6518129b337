"""A running simulator for tests, with a client of it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import websockets

from core.simulator.errors import SimulatorError
from core.simulator.run import SimulatorOptions, simulate
from tests.even_clock import EvenClock

START_MS = 1_790_000_000_000
DEADLINE_S = 300.0


class Exchange:
    """A running simulator and a client of it."""

    def __init__(self, port: int, http: aiohttp.ClientSession) -> None:
        self.port = port
        self._http = http

    async def ask(self, path: str, **query: object) -> object:
        status, body, _ = await self.reply(path, **query)
        assert status == 200, body
        return body

    async def reply(self, path: str, **query: object) -> tuple[int, object, str]:
        params = {key: str(value) for key, value in query.items()}
        async with self._http.get(f"http://127.0.0.1:{self.port}{path}", params=params) as reply:
            text = await reply.text()
            used = reply.headers.get("X-MBX-USED-WEIGHT-1M", "")
            return reply.status, json.loads(text) if text.startswith(("{", "[")) else text, used

    async def control(self, path: str) -> dict[str, int]:
        async with self._http.post(f"http://127.0.0.1:{self.port}{path}") as reply:
            return await reply.json()

    async def post(self, path: str, body: object) -> tuple[int, dict]:
        text = body if isinstance(body, str) else json.dumps(body)
        async with self._http.post(f"http://127.0.0.1:{self.port}{path}", data=text) as reply:
            return reply.status, await reply.json()

    async def fault(self, kind: str, **parameters: object) -> int:
        """Start a fault and return its id."""
        status, body = await self.post("/sim/faults", {"kind": kind, **parameters})
        assert status == 200, body
        return body["id"]

    async def faults(self) -> list[dict]:
        """Return the active faults, with how often each struck."""
        return (await self.ask("/sim/faults"))["faults"]

    async def heal(self, fault_id: int | None = None) -> int:
        """End one fault, or all of them; return how many ended."""
        which = "" if fault_id is None else f"/{fault_id}"
        async with self._http.delete(f"http://127.0.0.1:{self.port}/sim/faults{which}") as reply:
            body = await reply.json()
            assert reply.status == 200, body
            return body["ended"]

    async def list(self, symbol: str, **terms: object) -> dict:
        """List, settle or close a symbol."""
        status, body = await self.post("/sim/listings", {"symbol": symbol, **terms})
        assert status == 200, body
        return body

    def socket(self, path: str) -> websockets.connect:
        return websockets.connect(
            f"ws://127.0.0.1:{self.port}{path}", proxy=None, close_timeout=0.2
        )


@asynccontextmanager
async def exchange(**options: object) -> AsyncIterator[Exchange]:
    chosen = {"port": 0, "speed": 100.0, "start_ms": START_MS} | options
    ready = asyncio.get_running_loop().create_future()
    # A replay has a pace of its own: it waits for whoever hears it.
    clock = time.monotonic if "replay" in options else EvenClock()
    made = SimulatorOptions(**chosen)  # type: ignore[arg-type]
    running = asyncio.create_task(simulate(made, on_ready=ready.set_result, monotonic=clock))
    await asyncio.wait({ready, running}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if running.done():
            await running
        async with aiohttp.ClientSession() as http, asyncio.timeout(DEADLINE_S):
            yield Exchange(await ready, http)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError, SimulatorError):
            await running
