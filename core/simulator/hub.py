"""Ticks: each stream's frames are made once and handed to everyone who listens."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from core.simulator.clock import MarketClock
from core.simulator.feeds import Books, Feed, Sources
from core.simulator.seconds import SECOND_MS
from core.simulator.stream_frames import combined
from core.simulator.streams import Route, feed_of

TICK_S = 0.125
_DRAWS_PER_TICK = 8  # days of seconds, some milliseconds each
_LOOK_AHEAD_TICKS = 2  # in the ticks that have no candles
_AHEAD_S, _MOST_AHEAD_S = 60.0, 1_800.0


class Listener(Protocol):
    """Who gets frames; must not block."""

    def push(self, payload: str, wrapped: str) -> None:
        """Take a frame in its raw and in its combined form."""


@dataclass(slots=True)
class _Topic:
    feed: Feed | None
    symbol: str  # empty for a stream of all symbols
    wrapping: str
    listeners: set[Listener] = field(default_factory=set)


class Hub:
    """Which listener wants which stream; `run` keeps them served."""

    def __init__(self, sources: Sources, clock: MarketClock) -> None:
        self._sources = sources
        self._clock = clock
        self._topics: dict[tuple[str, Route], _Topic] = {}
        self._tick = 0
        self._listed = len(sources.tape.market.listings)

    @property
    def books(self) -> Books:
        """The order books of the current tick."""
        return self._sources.books

    def join(self, listener: Listener, name: str, route: Route) -> None:
        """Begin to push a stream; frames start with the next tick."""
        topic = self._topics.get((name, route))
        if topic is None:
            symbol = name.partition("@")[0].upper()
            topic = _Topic(
                feed_of(name, route, self._sources, self._clock.now_ms()),
                symbol if symbol in self._sources.tape.market.listings else "",
                combined(name, "")[:-1],
            )
            self._topics[(name, route)] = topic
        topic.listeners.add(listener)

    def leave(self, listener: Listener, name: str, route: Route) -> None:
        """Stop pushing a stream; the last one to leave ends its feed."""
        topic = self._topics.get((name, route))
        if topic is not None:
            topic.listeners.discard(listener)
            if not topic.listeners:
                del self._topics[(name, route)]

    async def run(self) -> None:
        """Push until cancelled; a tick that comes late is not made up for."""
        loop = asyncio.get_running_loop()
        due_s = loop.time()
        while True:
            due_s = max(due_s + TICK_S, loop.time())
            await asyncio.sleep(due_s - loop.time())
            self.tick()

    def tick(self) -> None:
        """Push what changed until now."""
        now_ms = self._clock.now_ms()
        self._tick += 1
        tape = self._sources.tape
        self._sources.books.advance(now_ms)
        self._find_new_symbols(now_ms)
        tape.stretches.allow(_DRAWS_PER_TICK)
        for topic in self._topics.values():
            if topic.feed is None or self._tick % topic.feed.period_ticks:
                continue
            if topic.symbol and not tape.can_read(topic.symbol, now_ms):
                continue
            for payload in topic.feed.frames(now_ms):
                wrapped = f"{topic.wrapping}{payload}}}"
                for listener in topic.listeners:
                    listener.push(payload, wrapped)
        if self._tick % _LOOK_AHEAD_TICKS == 1:
            self._look_ahead(now_ms)

    def _find_new_symbols(self, now_ms: int) -> None:
        """Begin to feed streams that were subscribed to before their symbol was listed."""
        listed = len(self._sources.tape.market.listings)
        if listed == self._listed:
            return
        self._listed = listed
        for (name, route), topic in self._topics.items():
            if topic.feed is None:
                topic.feed = feed_of(name, route, self._sources, now_ms)

    def _look_ahead(self, now_ms: int) -> None:
        """Draw what is left of the allowance for symbols that will need it soon."""
        soon_ms = now_ms + int(min(_AHEAD_S * self._clock.speed, _MOST_AHEAD_S) * SECOND_MS)
        needed = dict.fromkeys(topic.symbol for topic in self._topics.values() if topic.feed)
        if needed.pop("", ()) is None:
            needed |= dict.fromkeys(self._sources.traded(now_ms))
        for symbol in needed:
            if not self._sources.tape.can_read(symbol, soon_ms):
                return
