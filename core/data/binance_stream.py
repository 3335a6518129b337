"""
Binance USD-M market streams, on as many sockets as they need, each kept alive.

``python -m core.data.binance_stream`` prints the live candles of the configured symbols.
"""

import asyncio
import inspect
import random
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from core.config import Settings, load_settings
from core.data.binance_messages import (
    KLINE_INTERVALS,
    kline_stream,
    parse_kline_mapping,
    parse_stream_frame,
)
from core.data.reconnect import ConnectLimiter, reconnect_delays
from core.data.sockets.complaints import Complaints
from core.data.sockets.events import Connected, Disconnected, StreamEvent, StreamStatistics
from core.data.sockets.health import StreamHealth, StreamState
from core.data.sockets.kline_order import KlineOrder
from core.data.sockets.socket_set import SocketSet
from core.data.sockets.wiring import Parse, Sink, Tap, Wiring
from core.data.websocket import Connect, open_socket

__all__ = [
    "BinanceStream",
    "Connected",
    "Disconnected",
    "KlineHandler",
    "StreamEvent",
    "StreamHealth",
    "StreamState",
    "StreamStatistics",
    "Tap",
]

KlineHandler: TypeAlias = Callable[[str, str, Mapping[str, object]], Awaitable[None] | None]


class BinanceStream:
    """
    Reads streams for as long as it is not cancelled, through any number of connections.

    Args:
        settings: Default: the configuration file.
        connect: Opens a socket.
        delays: Makes the waits between failing connects; default: full jitter as configured.
        sleep, monotonic: Time, for tests.
        tap: Is shown every frame as received, for a recording.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        connect: Connect = open_socket,
        delays: Callable[[], Iterator[float]] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        tap: Tap | None = None,
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
        self._tap = tap
        self._limiter = ConnectLimiter()
        self._complaints = Complaints(monotonic)
        self._sockets = SocketSet(feed.streams_per_connection)

    async def run(self, streams: Sequence[str], sink: Callable[[StreamEvent], None]) -> None:
        """
        Hand every event of the streams to ``sink``; never returns.

        What ``sink`` raises, this raises too, after closing the sockets. A refusal of the
        exchange does not end it: the streams stay RECONNECTING and say why.
        """
        self._sockets.add(streams)
        await self._sockets.run(self._wiring(parse_stream_frame, sink, raise_refusals=False))

    def subscribe(self, streams: Iterable[str]) -> None:
        """Follow further streams, now or once `run` begins."""
        self._sockets.add(streams)

    def unsubscribe(self, streams: Iterable[str]) -> None:
        """Follow streams no more."""
        self._sockets.remove(streams)

    def restart(self) -> None:
        """Replace every socket by a new one; those that deliver do so without a gap."""
        self._sockets.renew("a restart was asked for")

    def health(self) -> Mapping[str, StreamHealth]:
        """Return how each stream is, by name."""
        return self._sockets.health(self._monotonic(), self.settings.feed.silence_s)

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
        order = KlineOrder()

        def hand_over(
            event: Connected | Disconnected | Mapping[str, object],
        ) -> Awaitable[None] | None:
            if isinstance(event, Connected | Disconnected) or not order.advances(event):
                return None
            answer = handler(name, interval, event)
            return answer if inspect.isawaitable(answer) else None

        sockets = SocketSet(self.settings.feed.streams_per_connection)
        sockets.add([kline_stream(symbol, interval)])
        await sockets.run(self._wiring(parse_kline_mapping, hand_over, raise_refusals=True))

    def _wiring(self, parse: Parse, sink: Sink, *, raise_refusals: bool) -> Wiring:
        feed = self.settings.feed
        return Wiring(
            base_url=self.settings.exchange.ws_url,
            silence_s=feed.silence_s,
            rotate_after_s=feed.rotate_after_s,
            connect=self._connect,
            parse=parse,
            sink=sink,
            statistics=self.statistics,
            complaints=self._complaints,
            limiter=self._limiter,
            delays=self._delays,
            uniform=random.uniform,
            tap=self._tap,
            raise_refusals=raise_refusals,
            sleep=self._sleep,
            monotonic=self._monotonic,
        )


if __name__ == "__main__":
    from core.data.live_candles import main

    sys.exit(main(BinanceStream, arguments=sys.argv[1:]))
