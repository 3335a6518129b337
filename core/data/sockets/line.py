"""One planned socket for as long as it is wanted, through any number of connections."""

import asyncio
import logging
from typing import Any

from core.data.reconnect import STEADY_S, refusal_wait_s
from core.data.sockets.connection import Connection, Ending
from core.data.sockets.events import Connected, Disconnected
from core.data.sockets.health import socket_silence_s
from core.data.sockets.watches import Watches
from core.data.sockets.wiring import Wiring

logger = logging.getLogger(__name__)

# Both sockets of a rotation are read for so long after the new one delivers, so that what one
# of them gets late is not lost.
OVERLAP_S = 2.0
# A rotation that failed is tried again; the old socket goes on meanwhile.
_ROTATE_AGAIN_S = 60.0
# Sockets that were opened together are not replaced together.
_ROTATION_JITTER = 0.1
_SHORTEST_WAIT_S = 0.001


class Line:
    """
    Keeps one socket connected: back-off after losses, another socket before the old one is cut.

    Args:
        wiring: What it shares with the other lines.
        watches: Its streams.
        label: Name for the log.
    """

    def __init__(self, wiring: Wiring, watches: Watches, label: str) -> None:
        self.watches = watches
        self._wiring = wiring
        self._label = label
        self._delays = wiring.delays()
        self._live: list[Connection] = []  # the one in use last
        self._closing: set[asyncio.Task[None]] = set()
        self._asked: asyncio.Future[str] | None = None
        self._lost_s: float | None = None

    def changed(self) -> None:
        """Bring the subscriptions in line with `watches`."""
        for connection in self._live:
            connection.subscriber.wake()

    def replace(self, why: str) -> None:
        """
        Put another socket in the place of this one, without a gap if it still delivers.

        One that waits for its next attempt makes it now, unless the exchange asked for the wait.
        """
        if self._asked is not None and not self._asked.done():
            self._asked.set_result(why)

    async def run(self) -> None:
        """
        Keep it connected until cancelled.

        Raises:
            StreamRefusedError: If the exchange says no and that was asked for.
        """
        try:
            while True:
                connection = await self._begin()
                ending = await self._kept(connection)
                await self._lost(self._live[-1], ending)
        finally:
            await asyncio.gather(*(connection.close() for connection in self._live))
            await asyncio.gather(*self._closing)

    async def _begin(self) -> Connection:
        wiring = self._wiring
        while (wait_s := wiring.limiter.wait_s(wiring.monotonic())) > 0.0:
            await wiring.sleep(max(wait_s, _SHORTEST_WAIT_S))
        begun_s = wiring.monotonic()
        wiring.limiter.record(begun_s)
        connection = Connection(
            wiring,
            self.watches,
            self._label,
            lambda: self.replace("the server announced its shutdown"),
        )
        self._live.append(connection)
        connection.start()
        connection.ending.add_done_callback(lambda ended: self._unreached(ended, begun_s))
        return connection

    def _unreached(self, ended: asyncio.Future[Ending], begun_s: float) -> None:
        if not ended.cancelled() and ended.result().unreachable:
            self._wiring.limiter.forget(begun_s)

    async def _kept(self, connection: Connection) -> Ending:
        """Return how the last of the connections ended that followed each other without a gap."""
        monotonic = self._wiring.monotonic
        until_s = monotonic() + self._life_s()
        said = False
        while True:
            self._asked = asyncio.get_running_loop().create_future()
            news: set[asyncio.Future[Any]] = {connection.task, connection.ending, self._asked}
            if not said:
                news.add(connection.delivered)
            wait_s = max(0.0, until_s - monotonic())
            await asyncio.wait(news, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
            if ending := connection.result():
                return ending
            if connection.delivered.done() and not said:
                self._say_connected()
                said = True
                if not self._asked.done():
                    continue
            why = self._asked.result() if self._asked.done() else "its age"
            self._asked = None
            successor = await self._succeeded(connection)
            if successor is None:
                logger.warning(
                    "WebSocket connection not rotated, keeping it: socket=%s", self._label
                )
                until_s = monotonic() + _ROTATE_AGAIN_S
            else:
                logger.info("WebSocket connection rotated: socket=%s because=%s", self._label, why)
                self._wiring.statistics.rotations += 1
                connection, until_s = successor, monotonic() + self._life_s()

    async def _succeeded(self, old: Connection) -> Connection | None:
        """Return a connection that took over from the old one, None if none could."""
        patience_s = socket_silence_s(self.watches.link.route, self._wiring.silence_s)
        if self._wiring.limiter.wait_s(self._wiring.monotonic()) > 0.0:
            return None  # while waiting here nobody would notice the end of the old one
        successor = await self._begin()
        before = old.frames
        news: set[asyncio.Future[Any]] = {successor.task, successor.ending, successor.delivered}
        await asyncio.wait(news, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
        ended = successor.result()
        # A book that nobody touches is quiet on both.
        both_quiet = successor.subscriber.settled and old.frames == before
        if ended is not None or not (successor.delivered.done() or both_quiet):
            self._retire(successor)
            if ended is not None and ended.refusal is not None:
                self._stay_away(ended)
            return None
        if lost := old.result():
            self._wiring.sink(Disconnected(lost.reason, lost.silent, self.watches.names()))
            self._wiring.sink(Connected(self.watches.names()))
        else:
            await self._wiring.sleep(OVERLAP_S)
        self._retire(old)
        return successor

    async def _lost(self, connection: Connection, ending: Ending) -> None:
        """Tell of the loss and wait until another attempt is due."""
        wiring, now_s = self._wiring, self._wiring.monotonic()
        self._retire(connection)
        if ending.refusal is not None and wiring.raise_refusals:
            raise ending.refusal
        if connection.steady_s >= STEADY_S:
            self._delays = wiring.delays()
        if self._lost_s is None and connection.opened_s is not None:
            self._lost_s = now_s
        stay_away_s = self._stay_away(ending)
        wait_s = next(self._delays) if stay_away_s is None else stay_away_s
        self._say_lost(ending, wait_s)
        reason = ending.reason
        if stay_away_s is not None:
            reason = f"{reason}; trying again in {wait_s:.0f} s"
        self.watches.lost(reason, silent=ending.silent)
        self._wiring.sink(Disconnected(reason, ending.silent, self.watches.names()))
        if stay_away_s is None:
            await self._pause(wait_s)
        else:
            await wiring.sleep(wait_s)

    async def _pause(self, wait_s: float) -> None:
        """Wait, but no longer than until another socket is asked for."""
        self._asked = asyncio.get_running_loop().create_future()
        pause = asyncio.ensure_future(self._wiring.sleep(wait_s))
        news: set[asyncio.Future[Any]] = {pause, self._asked}
        try:
            await asyncio.wait(news, return_when=asyncio.FIRST_COMPLETED)
            if self._asked.done():
                self._delays = self._wiring.delays()
        finally:
            self._asked = None
            pause.cancel()
            await asyncio.gather(pause, return_exceptions=True)

    def _stay_away(self, ending: Ending) -> float | None:
        """Keep every socket of ours from connecting when the exchange asked for that."""
        if ending.refusal is None:
            return None
        wait_s = refusal_wait_s(ending.refusal.status, ending.refusal.retry_after_s)
        if wait_s is not None:
            self._wiring.limiter.hold(self._wiring.monotonic() + wait_s)
        return wait_s

    def _retire(self, connection: Connection) -> None:
        """Close a connection in the background: that may take a second."""
        self._live.remove(connection)
        closing = asyncio.create_task(connection.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _life_s(self) -> float:
        earlier = self._wiring.uniform(0.0, _ROTATION_JITTER)
        return self._wiring.rotate_after_s * (1.0 - earlier)

    def _say_connected(self) -> None:
        streams = len(self.watches.by_name)
        if self._lost_s is None:
            logger.info("WebSocket connection open: socket=%s streams=%d", self._label, streams)
            return
        away_s = self._wiring.monotonic() - self._lost_s
        self._lost_s = None
        self._wiring.statistics.reconnects += 1
        logger.info(
            "WebSocket connection back after %.1f s: socket=%s streams=%d",
            away_s,
            self._label,
            streams,
        )

    def _say_lost(self, ending: Ending, wait_s: float) -> None:
        if not self._wiring.complaints.due(f"{self._label}: {ending.reason}"):
            return
        if ending.refusal is not None:
            what = "refused"
        elif ending.silent:
            what = "mute, replacing it"
        else:
            what = "lost"
        logger.warning(
            "WebSocket connection %s: socket=%s reason=%s next_attempt_s=%.1f",
            what,
            self._label,
            ending.reason,
            wait_s,
        )
