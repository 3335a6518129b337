"""One WebSocket connection: its subscriptions, its bounded queue, its end."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from aiohttp import WSCloseCode, WSMsgType, web

from core.simulator.hub import Hub
from core.simulator.streams import Route
from core.simulator.subscriptions import answer

_MOST_QUEUED = 4_000
_COMMANDS_PER_S = 10
_PING_S = 180.0  # the exchange pings every three minutes
_CLOSE_S = 1.0
_LARGEST_COMMAND_BYTES = 1 << 18


class Session:
    """
    A client of the hub.

    Args:
        hub: Where frames come from.
        route: The way the client came in.
        combined: Whether frames are wrapped with the name of their stream.
        monotonic: Seconds, for the limit on commands.
    """

    def __init__(
        self,
        hub: Hub,
        route: Route,
        *,
        combined: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.combined = combined
        self._hub = hub
        self._route = route
        self._monotonic = monotonic
        self._streams: dict[str, None] = {}
        self._queue: asyncio.Queue[str] = asyncio.Queue(_MOST_QUEUED)
        self._too_slow = asyncio.Event()
        self._commands: deque[float] = deque(maxlen=_COMMANDS_PER_S + 1)

    @property
    def streams(self) -> Sequence[str]:
        """Names subscribed to, in order."""
        return tuple(self._streams)

    def subscribe(self, names: Sequence[str]) -> None:
        """Add streams."""
        for name in names:
            self._streams[name] = None
            self._hub.join(self, name, self._route)

    def unsubscribe(self, names: Sequence[str]) -> None:
        """Remove streams."""
        for name in names:
            self._streams.pop(name, None)
            self._hub.leave(self, name, self._route)

    def push(self, payload: str, wrapped: str) -> None:
        """Queue a frame; a client that does not read is given up."""
        self._offer(wrapped if self.combined else payload)

    async def serve(self, request: web.Request, names: Sequence[str]) -> web.WebSocketResponse:
        """Shake hands, then push and answer until either side ends it."""
        socket = web.WebSocketResponse(
            heartbeat=_PING_S, compress=False, timeout=_CLOSE_S, max_msg_size=_LARGEST_COMMAND_BYTES
        )
        await socket.prepare(request)
        self.subscribe(names)
        sending = asyncio.create_task(self._send(socket))
        # Either ends the session; a listener is not always woken when its socket is aborted.
        ends = {
            asyncio.create_task(self._listen(socket)),
            asyncio.create_task(self._give_up_when_slow(request, socket, sending)),
        }
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.unsubscribe(self.streams)
            await _ended(sending, *ends)
        return socket

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            now_s = self._monotonic()
            self._commands.append(now_s)
            crowded = len(self._commands) > _COMMANDS_PER_S
            if crowded and now_s - self._commands[0] < 1.0:
                await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"Too many requests")
            elif message.type is WSMsgType.TEXT:
                self._offer(answer(self, message.data))

    async def _send(self, socket: web.WebSocketResponse) -> None:
        try:
            while True:
                await socket.send_str(await self._queue.get())
        except ConnectionError:
            return  # the client has gone; the listening side ends as well

    async def _give_up_when_slow(
        self, request: web.Request, socket: web.WebSocketResponse, sending: asyncio.Task[None]
    ) -> None:
        transport = request.transport
        await self._too_slow.wait()
        sending.cancel()
        # Closing waits for a client that may never read again; what follows does not.
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_S):
                await socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"Client too slow")
        if transport is not None:
            transport.abort()

    def _offer(self, text: str) -> None:
        try:
            self._queue.put_nowait(text)
        except asyncio.QueueFull:
            self._too_slow.set()


async def _ended(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks, wait for them, and raise what one of them failed with."""
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
