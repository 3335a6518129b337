"""A running simulator for tests, with a client of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import websockets

from core.simulator.errors import SimulatorError
from core.simulator.run import SimulatorOptions, simulate

START_MS = 1_790_000_000_000
DEADLINE_S = 15.0


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

    def socket(self, path: str) -> websockets.connect:
        return websockets.connect(
            f"ws://127.0.0.1:{self.port}{path}", proxy=None, close_timeout=0.2
        )


@asynccontextmanager
async def exchange(**options: object) -> AsyncIterator[Exchange]:
    chosen = {"port": 0, "speed": 100.0, "start_ms": START_MS} | options
    ready = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(
        simulate(SimulatorOptions(**chosen), on_ready=ready.set_result)  # type: ignore[arg-type]
    )
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
