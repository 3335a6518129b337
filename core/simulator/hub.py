"""Ticks: each stream's frames are made once and handed to everyone who listens."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from core.simulator.clock import MarketClock
from core.simulator.feeds import Books, Feed, Sources
from core.simulator.stream_frames import combined
from core.simulator.streams import Route, feed_of

TICK_S = 0.125


class Listener(Protocol):
    """Who gets frames; must not block."""

    def push(self, payload: str, wrapped: str) -> None:
        """Take a frame in its raw and in its combined form."""


@dataclass(slots=True)
class _Topic:
    feed: Feed | None
    listeners: set[Listener] = field(default_factory=set)


class Hub:
    """Which listener wants which stream; `run` keeps them served."""

    def __init__(self, sources: Sources, clock: MarketClock) -> None:
        self._sources = sources
        self._clock = clock
        self._topics: dict[tuple[str, Route], _Topic] = {}
        self._tick = 0

    @property
    def books(self) -> Books:
        """The order books of the current tick."""
        return self._sources.books

    def join(self, listener: Listener, name: str, route: Route) -> None:
        """Begin to push a stream; frames start with the next tick."""
        topic = self._topics.get((name, route))
        if topic is None:
            topic = _Topic(feed_of(name, route, self._sources, self._clock.now_ms()))
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
        self._sources.books.advance(now_ms)
        for (name, _), topic in self._topics.items():
            if topic.feed is None or self._tick % topic.feed.period_ticks:
                continue
            for payload in topic.feed.frames(now_ms):
                wrapped = combined(name, payload)
                for listener in topic.listeners:
                    listener.push(payload, wrapped)
