"""One WebSocket connection: its subscriptions, its bounded queue, its end."""

import asyncio
import socket as sockets
import struct
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from aiohttp import WSCloseCode, WSMsgType, web

from core.simulator.faults.board import FaultBoard
from core.simulator.faults.frames import FrameFaults
from core.simulator.faults.kinds import Drop, Shutdown
from core.simulator.hub import Listener
from core.simulator.stream_frames import combined as wrapped_in
from core.simulator.streams import Route
from core.simulator.subscriptions import MOST_STREAMS, TooManyStreamsError, answer

_MOST_QUEUED = 4_000
_COMMANDS_PER_S = 10
_PING_S = 180.0  # the exchange pings every three minutes
_CLOSE_S = 1.0
_LARGEST_COMMAND_BYTES = 1 << 18
_SHUTDOWN_NOTICE_S = 2.0
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: unsent data is thrown away, RST is sent


class Topics(Protocol):
    """What frames come from: the `Hub` of a market, or a recording that is played."""

    def join(self, listener: Listener, name: str, route: Route) -> None:
        """Begin to push a stream."""

    def leave(self, listener: Listener, name: str, route: Route) -> None:
        """Stop pushing a stream."""


class Session:
    """
    A client of the hub.

    Args:
        hub: Where frames come from.
        route: The way the client came in.
        combined: Whether frames are wrapped with the name of their stream.
        board: The faults that strike it; None for none.
        monotonic: Seconds, for the limit on commands and for late frames.
    """

    def __init__(
        self,
        hub: Topics,
        route: Route,
        *,
        combined: bool,
        board: FaultBoard | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.combined = combined
        self._board = FaultBoard(monotonic) if board is None else board
        self._faults = FrameFaults(self._board)
        self._hub = hub
        self._route = route
        self._monotonic = monotonic
        self._streams: dict[str, None] = {}
        self._queue: asyncio.Queue[tuple[float, str]] = asyncio.Queue(_MOST_QUEUED)
        self._ending = asyncio.Event()
        self._close_code: int = WSCloseCode.OK
        self._close_reason = ""
        self._commands: deque[float] = deque(maxlen=_COMMANDS_PER_S + 1)

    @property
    def streams(self) -> Sequence[str]:
        """Names subscribed to, in order."""
        return tuple(self._streams)

    @property
    def waiting(self) -> int:
        """How many frames are queued that the client has not taken yet."""
        return self._queue.qsize()

    def subscribe(self, names: Sequence[str]) -> None:
        """
        Add streams.

        Raises:
            TooManyStreamsError: If the connection would carry more than the exchange allows.
        """
        if len(self._streams.keys() | set(names)) > MOST_STREAMS:
            raise TooManyStreamsError
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
        if self._faults.calm:
            self._offer(wrapped if self.combined else payload)
            return
        frames, delay_s = self._faults.struck(payload, wrapped), self._faults.delay_s()
        for frame in frames:
            self._offer(frame.wrapped if self.combined else frame.payload, delay_s)

    def shut_down(self, now_ms: int) -> None:
        """Announce the end of the server, and close two seconds later."""
        payload = f'{{"e":"serverShutdown","E":{now_ms}}}'
        self._offer(wrapped_in("!serverShutdown", payload) if self.combined else payload)
        loop = asyncio.get_running_loop()
        loop.call_later(_SHUTDOWN_NOTICE_S, self.end, WSCloseCode.GOING_AWAY)

    def end(self, code: int, reason: str = "") -> None:
        """Close the connection; 1006 resets it. The first to call decides."""
        if not self._ending.is_set():
            self._close_code, self._close_reason = code, reason
            self._ending.set()

    async def serve(self, request: web.Request, names: Sequence[str]) -> web.StreamResponse:
        """Shake hands, then push and answer until either side ends it."""
        if len(set(names)) > MOST_STREAMS:
            return web.Response(status=400, text="Too many streams.")
        socket = web.WebSocketResponse(
            heartbeat=_PING_S, compress=False, timeout=_CLOSE_S, max_msg_size=_LARGEST_COMMAND_BYTES
        )
        await socket.prepare(request)
        self.subscribe(names)
        self._meet_lasting_faults()
        sending = asyncio.create_task(self._send(socket))
        # Either ends the session; a listener is not always woken when its socket is aborted.
        listening = asyncio.create_task(self._listen(socket))
        closing = asyncio.create_task(self._close_when_told(request, socket, sending))
        try:
            await asyncio.wait({listening, closing}, return_when=asyncio.FIRST_COMPLETED)
            if self._ending.is_set():
                await closing
        finally:
            self.unsubscribe(self.streams)
            await _ended(sending, listening, closing)
        return socket

    def _meet_lasting_faults(self) -> None:
        """End a session that began while every socket is being ended."""
        for drop in self._board.of(Drop):
            drop.strike()
            self.end(drop.fault.code)
        for shutdown in self._board.of(Shutdown):
            shutdown.strike()
            self.end(WSCloseCode.GOING_AWAY)

    async def _listen(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            now_s = self._monotonic()
            self._commands.append(now_s)
            crowded = len(self._commands) > _COMMANDS_PER_S
            if crowded and now_s - self._commands[0] < 1.0:
                self.end(WSCloseCode.POLICY_VIOLATION, "Too many requests")
            elif message.type is WSMsgType.TEXT:
                self._offer(answer(self, message.data))

    async def _send(self, socket: web.WebSocketResponse) -> None:
        try:
            while True:
                due_s, text = await self._queue.get()
                if due_s > (now_s := self._monotonic()):
                    await asyncio.sleep(due_s - now_s)
                await socket.send_str(text)
        except ConnectionError:
            return  # the client has gone; the listening side ends as well

    async def _close_when_told(
        self, request: web.Request, socket: web.WebSocketResponse, sending: asyncio.Task[None]
    ) -> None:
        transport = request.transport
        await self._ending.wait()
        sending.cancel()
        if self._close_code == WSCloseCode.ABNORMAL_CLOSURE:
            _reset(transport)
            return
        # Closing waits for a client that may never read again; what follows does not.
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_S):
                await socket.close(code=self._close_code, message=self._close_reason.encode())
        if transport is not None:
            transport.abort()

    def _offer(self, text: str, delay_s: float = 0.0) -> None:
        due_s = self._monotonic() + delay_s if delay_s else 0.0
        try:
            self._queue.put_nowait((due_s, text))
        except asyncio.QueueFull:
            self.end(WSCloseCode.POLICY_VIOLATION, "Client too slow")


def _reset(transport: asyncio.Transport | None) -> None:
    if transport is not None:
        socket = transport.get_extra_info("socket")
        if socket is not None:
            socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, _RESET_AT_CLOSE)
        transport.abort()


async def _ended(*tasks: asyncio.Task[None]) -> None:
    """Cancel tasks, wait for them, and raise what one of them failed with."""
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome
