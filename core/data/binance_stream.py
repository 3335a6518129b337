"""
Binance USD-M market streams: one connection that is kept alive.

``python -m core.data.binance_stream`` prints the live candles of the configured symbols.
"""

import asyncio
import inspect
import logging
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar
from urllib.parse import quote

from core.config import Settings, load_settings
from core.data.binance_messages import (
    KLINE_INTERVALS,
    MARKET_STREAM_PATH,
    Acknowledgement,
    MarkPrice,
    ServerShutdown,
    kline_stream,
    parse_kline_mapping,
    parse_stream_frame,
)
from core.data.errors import MalformedMessageError
from core.data.reconnect import STEADY_S, ConnectLimiter, reconnect_delays
from core.data.websocket import Connect, Socket, open_socket
from core.model.candles import CandleUpdate

logger = logging.getLogger(__name__)

_COMPLAIN_EVERY_S = 60.0
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Connected:
    """The handshake was accepted; data may follow."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """
    A connection ended, or could not be made; another will be tried.

    Attributes:
        silent: Whether it was given up because nothing came through it.
    """

    reason: str
    silent: bool = False


StreamEvent: TypeAlias = Connected | Disconnected | CandleUpdate | MarkPrice
KlineHandler: TypeAlias = Callable[[str, str, Mapping[str, object]], Awaitable[None] | None]
_Parse: TypeAlias = Callable[[str | bytes], _T | Acknowledgement | ServerShutdown | None]


@dataclass(slots=True)
class StreamStatistics:
    """What came through, since the start."""

    frames: int = 0
    connects: int = 0
    malformed: Counter[str] = field(default_factory=Counter)


class BinanceStream:
    """
    Reads streams for as long as it is not cancelled, through any number of connections.

    Args:
        settings: Default: the configuration file.
        connect: Opens a socket.
        delays: Makes the waits between failing connects; default: full jitter as configured.
        sleep, monotonic: Time, for tests.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        connect: Connect = open_socket,
        delays: Callable[[], Iterator[float]] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings or load_settings()
        self.statistics = StreamStatistics()
        self._connect = connect
        feed = self.settings.feed
        self._delays = delays or (
            lambda: reconnect_delays(feed.reconnect_first_s, feed.reconnect_ceiling_s)
        )
        self._sleep = sleep
        self._monotonic = monotonic
        self._limiter = ConnectLimiter()
        self._complained_s: dict[str, float] = {}

    async def run(self, streams: Sequence[str], sink: Callable[[StreamEvent], None]) -> None:
        """
        Hand every event of the streams to ``sink``; never returns.

        Raises:
            StreamRefusedError: If the exchange says that it will not serve us.
        """
        follow: AsyncGenerator[StreamEvent, None] = self._follow(streams, parse_stream_frame)
        async with aclosing(follow) as events:
            async for event in events:
                sink(event)

    async def stream_klines(self, symbol: str, interval: str, handler: KlineHandler) -> None:
        """
        Call ``handler(symbol, interval, kline)`` for each kline update until cancelled.

        Args:
            symbol: Name of the perpetual, in any case.
            interval: As Binance names it; also those the charts do not offer.
            handler: Plain or coroutine function; gets Binance's own ``k`` mapping, numbers as
                text. What it raises, this raises too, after closing the connection.

        Raises:
            ValueError: If there is no such interval (Binance would accept it and stay silent).
            StreamRefusedError: If the exchange says that it will not serve us.
        """
        if interval not in KLINE_INTERVALS:
            raise ValueError(f"interval must be one of {sorted(KLINE_INTERVALS)}, was {interval!r}")
        name = symbol.upper()
        follow = self._follow([kline_stream(symbol, interval)], parse_kline_mapping)
        async with aclosing(follow) as events:
            async for event in events:
                if not isinstance(event, Connected | Disconnected):
                    answer = handler(name, interval, event)
                    if inspect.isawaitable(answer):
                        await answer

    async def _follow(
        self, streams: Sequence[str], parse: _Parse[_T]
    ) -> AsyncGenerator[_T | Connected | Disconnected, None]:
        """
        Yield events through one connection after another.

        A generator, so that an error of whoever consumes them, be it a broken pipe, cannot be
        mistaken for one of the connection.
        """
        url = f"{self.settings.exchange.ws_url}{MARKET_STREAM_PATH}?streams=" + quote(
            "/".join(streams), safe="/@!"
        )
        delays = self._delays()
        while True:
            await self._sleep(self._limiter.wait_s(self._monotonic()))
            self._limiter.record(self._monotonic())
            steady_s: float | None = None
            async with AsyncExitStack() as stack:
                try:
                    socket = await stack.enter_async_context(self._connect(url))
                except (ConnectionError, TimeoutError) as error:
                    ended = Disconnected(str(error) or "no answer")
                else:
                    self.statistics.connects += 1
                    logger.info("WebSocket connection opened: url=%s streams=%d", url, len(streams))
                    yield Connected()
                    started_s = self._monotonic()
                    async with aclosing(self._read(socket, parse)) as events:
                        async for event in events:
                            if isinstance(event, Disconnected):
                                ended = event
                                break
                            yield event
                            steady_s = self._monotonic() - started_s
            if steady_s is not None and steady_s >= STEADY_S:
                delays = self._delays()
            if self._due(f"disconnected: {ended.reason}"):
                logger.warning("WebSocket connection lost: reason=%s", ended.reason)
            yield ended
            await self._sleep(next(delays))

    async def _read(
        self, socket: Socket, parse: _Parse[_T]
    ) -> AsyncGenerator[_T | Disconnected, None]:
        """Yield the data of one connection, then why it ended."""
        silence_s = self.settings.feed.silence_s
        heard_s = self._monotonic()
        while True:
            try:
                payload = await socket.receive(max(0.0, heard_s + silence_s - self._monotonic()))
            except TimeoutError:
                yield Disconnected(f"no data for {silence_s:g} s", silent=True)
                return
            except ConnectionError as error:
                yield Disconnected(str(error))
                return
            match self._message(payload, parse):
                case None:
                    continue
                case Acknowledgement() as answer:
                    if answer.error and self._due("command refused"):
                        logger.warning("WebSocket command refused: reason=%s", answer.error)
                case ServerShutdown():
                    yield Disconnected("the server announced its shutdown")
                    return
                case message:
                    yield message
                    heard_s = self._monotonic()  # after it was consumed, however long that took

    def _message(
        self, payload: str | bytes, parse: _Parse[_T]
    ) -> _T | Acknowledgement | ServerShutdown | None:
        self.statistics.frames += 1
        try:
            return parse(payload)
        except MalformedMessageError as error:
            self.statistics.malformed[error.kind] += 1
            if self._due(error.kind):
                count = self.statistics.malformed[error.kind]
                logger.warning("malformed frames: count=%d newest=%s", count, error)
            return None

    def _due(self, complaint: str) -> bool:
        """Whether a complaint of this kind may be logged again."""
        now_s = self._monotonic()
        due = now_s - self._complained_s.get(complaint, float("-inf")) >= _COMPLAIN_EVERY_S
        if due:
            self._complained_s[complaint] = now_s
        return due


if __name__ == "__main__":
    from core.data.live_candles import main

    sys.exit(main(BinanceStream, arguments=sys.argv[1:]))
