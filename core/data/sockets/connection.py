"""One connection to the exchange, from the handshake to its end."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from core.data.binance_messages import Acknowledgement, ServerShutdown, stream_name
from core.data.errors import MalformedMessageError, StreamRefusedError
from core.data.sockets.health import socket_silence_s, zero_messages
from core.data.sockets.subscriber import Subscriber
from core.data.sockets.watches import Watches
from core.data.sockets.wiring import Wiring
from core.data.websocket import Socket, UnreachableError

logger = logging.getLogger(__name__)

CHECK_EVERY_S = 0.5
# How every combined frame begins; what begins otherwise is looked at more closely.
_OPENING = len('{"stream":"')


@dataclass(frozen=True, slots=True)
class Ending:
    """
    Why a connection is over.

    Attributes:
        silent: Whether it was given up because nothing came.
        refusal: What the exchange answered to the handshake, if it said no.
        unreachable: Whether nobody answered at all.
    """

    reason: str
    silent: bool = False
    refusal: StreamRefusedError | None = None
    unreachable: bool = False


class Connection:
    """
    Reads one socket and keeps its subscriptions as they are wanted.

    Attributes:
        task: The whole of it; fails with what the sink raised.
        ending: Done as soon as it is over, before the socket is closed.
        delivered: Done when everything was acknowledged and data came.
        opened_s: When the handshake was accepted; None before.
    """

    def __init__(
        self, wiring: Wiring, watches: Watches, label: str, on_shutdown: Callable[[], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        self.ending: asyncio.Future[Ending] = loop.create_future()
        self.delivered: asyncio.Future[None] = loop.create_future()
        self.opened_s: float | None = None
        self._heard_s: float | None = None
        self.task: asyncio.Task[None]
        self.subscriber = Subscriber(wiring, watches, label, lambda: self._consuming)
        self._wiring = wiring
        self._watches = watches
        self._on_shutdown = on_shutdown
        self._frames = 0
        self._consuming = False

    @property
    def frames(self) -> int:
        """How many frames with data came."""
        return self._frames

    @property
    def steady_s(self) -> float:
        """For how long data flowed."""
        if self.opened_s is None or self._heard_s is None:
            return 0.0
        return self._heard_s - self.opened_s

    def start(self) -> None:
        """Connect and read, in a task; whoever starts it has to `close` it."""
        self.task = asyncio.create_task(self._serve())

    async def close(self) -> None:
        """End it, whatever it does; what it failed with was told by `result`."""
        if not self.ending.done():
            self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    def result(self) -> Ending | None:
        """Return how it ended, None while it has not; raises what the sink raised."""
        if self.ending.done():
            return self.ending.result()
        if self.task.done():
            self.task.result()
        return None

    async def _serve(self) -> None:
        url = f"{self._wiring.base_url}/{self._watches.link.route}/stream"
        async with AsyncExitStack() as stack:
            try:
                socket = await stack.enter_async_context(self._wiring.connect(url))
            except StreamRefusedError as error:
                self.ending.set_result(Ending(str(error), refusal=error))
            except (ConnectionError, TimeoutError) as error:
                unreachable = isinstance(error, UnreachableError | TimeoutError)
                self.ending.set_result(Ending(str(error) or "no answer", unreachable=unreachable))
            else:
                self.opened_s = self._wiring.monotonic()
                self._wiring.statistics.connects += 1
                self.ending.set_result(await self._until_it_ends(socket))

    async def _until_it_ends(self, socket: Socket) -> Ending:
        parts = [
            asyncio.create_task(self._read(socket)),
            asyncio.create_task(self._subscribe(socket)),
            asyncio.create_task(self._watch()),
        ]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            return next(part for part in parts if part in done).result()
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    async def _read(self, socket: Socket) -> Ending:
        """Hand on frames; all that happens for each of them is in here."""
        wiring, link, by_wire_name = self._wiring, self._watches.link, self._watches.by_wire_name
        statistics, tap, parse, sink = wiring.statistics, wiring.tap, wiring.parse, wiring.sink
        monotonic, receive = wiring.monotonic, socket.receive
        while True:
            try:
                payload = await receive()
            except ConnectionError as error:
                return Ending(str(error))
            statistics.frames += 1
            if tap is not None:
                tap(link.route.value, payload, wiring.wall_ns())
            try:
                event = parse(payload)
            except MalformedMessageError as error:
                self._malformed(error)
                continue
            now_s = monotonic()
            watch = by_wire_name.get(payload[_OPENING : payload.find(b'"', _OPENING)])
            if watch is None:
                if not self._is_data(payload, event):
                    continue
            else:
                watch.frames += 1
                watch.heard_s = now_s
            self._frames += 1
            link.heard_s = self._heard_s = now_s
            if event is not None and (answer := sink(event)) is not None:
                self._consuming = True
                await answer
                self._consuming = False

    def _is_data(self, payload: bytes, event: object) -> bool:
        """Whether a frame without a known name in its usual place comes from the market."""
        match event:
            case Acknowledgement():
                self.subscriber.answered(event)
                return False
            case ServerShutdown():
                self._on_shutdown()
                return False
        watch = self._watches.by_name.get(stream_name(payload) or "")
        if watch is not None:
            watch.frames += 1
            watch.heard_s = self._wiring.monotonic()
        return watch is not None or event is not None

    async def _subscribe(self, socket: Socket) -> Ending:
        try:
            await self.subscriber.run(socket)
        except ConnectionError as error:
            return Ending(str(error))

    async def _watch(self) -> Ending:
        """
        Return once nothing has come for too long.

        Counted in checks, so that a process that was stopped for hours, or busy, does not
        mistake its own absence for the exchange's.
        """
        link = self._watches.link
        patience_s = socket_silence_s(link.route, self._wiring.silence_s)
        silent_s, seen, last_s = 0.0, 0, self._wiring.monotonic()
        while silent_s < patience_s:
            await self._wiring.sleep(CHECK_EVERY_S)
            now_s = self._wiring.monotonic()
            if self._frames != seen or self._consuming:
                silent_s, seen = 0.0, self._frames
            else:
                silent_s += min(now_s - last_s, 2.0 * CHECK_EVERY_S)
            last_s = now_s
            if self._frames and self.subscriber.settled and not self.delivered.done():
                self.delivered.set_result(None)
            self.subscriber.revive(now_s)
        reason = f"no data for {patience_s:g} s"
        if not self._frames and self.subscriber.settled:
            reason = zero_messages(link.route, patience_s)
        return Ending(reason, silent=True)

    def _malformed(self, error: MalformedMessageError) -> None:
        malformed = self._wiring.statistics.malformed
        malformed[error.kind] += 1
        if self._wiring.complaints.due(error.kind):
            count = malformed[error.kind]
            logger.warning("malformed frames: count=%d newest=%s", count, error)
