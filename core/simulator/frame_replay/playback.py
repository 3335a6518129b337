"""Sends recorded frames to whoever has subscribed, at the distances at which they came."""

import asyncio
import itertools
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Iterator
from enum import StrEnum

from core.data.recording.lines import Frame
from core.data.recording.reader import Recording
from core.simulator.frame_replay.envelope import (
    Envelope,
    is_answer,
    is_snapshot,
    opened,
    route_of,
    symbol_of,
)
from core.simulator.frame_replay.state import ReplayState
from core.simulator.hub import Listener
from core.simulator.streams import Route

logger = logging.getLogger(__name__)

# A client opens its sockets one after the other: none of them shall miss the first frames.
GRACE_S = 1.0
# In so many parts, as a process that was held up for long has done nothing meanwhile.
_GRACE_PARTS = 20
_READ_AT_ONCE = 1_000
_MOST_WAITING = 1_000
_STUCK_S = 5.0
_PAUSE_S = 0.005
_ROUTES = {"market": Route.MARKET, "public": Route.PUBLIC}


class Stage(StrEnum):
    """How far a replay is."""

    WAITING = "waiting for the first subscription"
    PLAYING = "playing"
    ENDED = "ended"


class Playback:
    """
    The topics of a replay.

    Args:
        recording: What is played, once.
        state: Kept abreast of what was sent.
        symbols: Whose streams are served.
        speed: Seconds of the recording per second.
        waiting: How many frames the slowest client has not read yet.
    """

    def __init__(
        self,
        recording: Recording,
        state: ReplayState,
        symbols: Collection[str],
        *,
        speed: float,
        waiting: Callable[[], int],
        grace_s: float = GRACE_S,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.stage = Stage.WAITING
        self.frames = 0
        self._not_text = 0
        self._recording = recording
        self._state = state
        self._symbols = frozenset(symbols)
        self._speed = speed
        self._waiting = waiting
        self._grace_s = grace_s
        self._monotonic = monotonic
        self._sleep = sleep
        self._listeners: dict[tuple[str, Route], set[Listener]] = {}
        self._joined = asyncio.Event()

    def join(self, listener: Listener, name: str, route: Route) -> None:
        """Begin to push a stream; one that was not recorded is silent."""
        symbol = symbol_of(name)
        if route is not Route.PRIVATE and (not symbol or symbol in self._symbols):
            self._listeners.setdefault((name, _carrier(route)), set()).add(listener)
        self._joined.set()

    def leave(self, listener: Listener, name: str, route: Route) -> None:
        """Stop pushing a stream."""
        key = (name, _carrier(route))
        listeners = self._listeners.get(key, set())
        listeners.discard(listener)
        if not listeners:
            self._listeners.pop(key, None)

    async def run(self) -> None:
        """Wait for the first subscription, play everything once, then be silent for ever."""
        await self._joined.wait()
        for _ in range(_GRACE_PARTS):
            await self._sleep(self._grace_s / _GRACE_PARTS)
        self.stage = Stage.PLAYING
        logger.info("replay begins: recording=%s speed=%g", self._recording.path, self._speed)
        frames = self._recording.frames()
        first_ns, started_s = 0, self._monotonic()
        while batch := await asyncio.to_thread(_next, frames):
            for frame in batch:
                first_ns = first_ns or frame.received_ns
                due_s = started_s + (frame.received_ns - first_ns) / 1e9 / self._speed
                if (wait_s := due_s - self._monotonic()) > 0.0:
                    await self._sleep(wait_s)
                self.send(frame)
            started_s += await self._let_clients_read()
        self.stage = Stage.ENDED
        logger.warning(
            "the recording has ended, the market stands still: frames=%d left_out=%s",
            self.frames,
            self.left_out(),
        )
        await asyncio.Event().wait()

    def send(self, frame: Frame) -> None:
        """Hand a frame to whoever listens, and let REST know it."""
        if is_answer(frame.payload):
            return
        envelope = opened(frame.payload)
        self._state.play(frame, envelope)
        if envelope is None and is_snapshot(frame.payload):
            return
        self.frames += 1
        try:
            wrapped = frame.payload.decode()
            payload = wrapped if envelope is None else envelope.data.decode()
        except UnicodeDecodeError:
            self._not_text += 1  # no text frame could carry it
            return
        for listener in self._addressed(frame, envelope):
            listener.push(payload, wrapped)

    def left_out(self) -> dict[str, int]:
        """Return what could not be played, by kind."""
        faults = {fault.value: count for fault, count in self._recording.faults.items()}
        return faults | {"not text": self._not_text} if self._not_text else faults

    def _addressed(self, frame: Frame, envelope: Envelope | None) -> Collection[Listener]:
        if envelope is not None:
            route = _ROUTES.get(frame.route) or route_of(envelope.stream)
            return tuple(self._listeners.get((envelope.stream, route), ()))
        # What names no stream, such as garbage or a farewell, was for all of the connection.
        wanted = _ROUTES.get(frame.route)
        groups = (who for (_, route), who in self._listeners.items() if wanted in {None, route})
        return set(itertools.chain.from_iterable(groups))

    async def _let_clients_read(self) -> float:
        """Wait, a little, for clients that lag behind a fast replay; return for how long."""
        started_s = self._monotonic()
        await self._sleep(0)
        while self._waiting() > _MOST_WAITING and self._monotonic() - started_s < _STUCK_S:
            await self._sleep(_PAUSE_S)
        return self._monotonic() - started_s


def _carrier(route: Route) -> Route:
    return Route.MARKET if route is Route.MARKET else Route.PUBLIC


def _next(frames: Iterator[Frame]) -> list[Frame]:
    return list(itertools.islice(frames, _READ_AT_ONCE))
