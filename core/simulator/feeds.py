"""One subscription's frames, tick by tick: what changed since the last one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from core.simulator.agg_trades import trades_between
from core.simulator.bars import KLINE_MINUTES, MINUTE_MS, Bar
from core.simulator.listings import Listing
from core.simulator.order_book import Book, book_at
from core.simulator.premium import Premium
from core.simulator.seconds import SECOND_MS
from core.simulator.stream_frames import agg_trade_frame, json_text, kline_frame
from core.simulator.tape import Tape

# After a long stall of the process only the newest trades are pushed.
_MOST_TRADES_MS = 120 * SECOND_MS


class Feed(Protocol):
    """Produces the frames of one stream."""

    @property
    def period_ticks(self) -> int:
        """Asked for frames at every n-th tick."""

    def frames(self, now_ms: int) -> list[str]:
        """Return payloads since the last call, oldest first."""


class Books:
    """The order books of the current tick; REST and streams must see the same ones."""

    def __init__(self, tape: Tape, now_ms: int) -> None:
        self._tape = tape
        self._now_ms = now_ms
        self._books: dict[str, Book] = {}

    def advance(self, now_ms: int) -> None:
        """Go on to the next tick."""
        self._now_ms = now_ms
        self._books.clear()

    def book(self, symbol: str) -> Book:
        """Return the symbol's book of this tick."""
        if symbol not in self._books:
            self._books[symbol] = book_at(self._tape, symbol, self._now_ms)
        return self._books[symbol]


@dataclass(frozen=True, slots=True)
class Sources:
    """What feeds read from."""

    tape: Tape
    premium: Premium
    books: Books

    def listing(self, symbol: str) -> Listing:
        """Return the symbol's listing."""
        return self.tape.market.listings[symbol]

    def traded(self, at_ms: int) -> tuple[str, ...]:
        """Return the symbols that are traded at an instant."""
        listed = tuple(self.tape.market.listings)
        return tuple(found for symbol in listed for found in self.traded_of(symbol, at_ms))

    def traded_of(self, symbol: str, at_ms: int) -> tuple[str, ...]:
        """Return the symbol if it is traded at an instant."""
        span = self.tape.market.span(symbol)
        return (symbol,) if span.first_ms <= at_ms <= span.end_ms else ()


class KlineFeed:
    """Every candle's end exactly once and in order, then the running candle."""

    period_ticks = 2

    def __init__(self, sources: Sources, symbol: str, interval: str, now_ms: int) -> None:
        self._tape = sources.tape
        self._symbol = symbol
        self._interval = interval
        self._listing = sources.listing(symbol)
        self._step = KLINE_MINUTES[interval] * MINUTE_MS
        self._open_ms = now_ms - now_ms % self._step  # candles before this one are done
        self._second = -1

    def frames(self, now_ms: int) -> list[str]:
        """Return the frames of the candles that closed, and of the one that runs."""
        if now_ms // SECOND_MS == self._second:
            return []
        self._second = now_ms // SECOND_MS
        frames = []
        for bar in self._bars(now_ms):
            closed = bar.open_ms + self._step <= now_ms
            frames.append(kline_frame(self._listing, self._interval, bar, now_ms, closed=closed))
        self._open_ms = now_ms - now_ms % self._step
        return frames

    def _bars(self, now_ms: int) -> Iterable[Bar]:
        if self._step == MINUTE_MS:
            return self._tape.minutes_since(self._symbol, self._open_ms, now_ms)
        count = (now_ms - self._open_ms) // self._step + 1
        return self._tape.bars(
            self._symbol, self._interval, self._open_ms, now_ms, now_ms, limit=count
        )


class AggTradeFeed:
    """Every aggregate trade."""

    period_ticks = 1

    def __init__(self, sources: Sources, symbol: str, now_ms: int) -> None:
        self._market = sources.tape.market
        self._listing = sources.listing(symbol)
        self._seen_ms = now_ms

    def frames(self, now_ms: int) -> list[str]:
        """Return the trades since the last call."""
        if now_ms // SECOND_MS == self._seen_ms // SECOND_MS:
            return []  # trades happen at the start of a second
        start_ms = max(self._seen_ms + 1, now_ms - _MOST_TRADES_MS)
        self._seen_ms = now_ms
        limit = 2 * _MOST_TRADES_MS // SECOND_MS + 2
        trades = trades_between(self._market, self._listing.symbol, start_ms, now_ms, limit=limit)
        return [agg_trade_frame(self._listing, trade, now_ms) for trade in trades]


class LatticeFeed:
    """Summaries at round market times; only the newest when several have passed."""

    def __init__(
        self,
        summaries: Callable[[int], list[dict[str, object]]],
        every_ms: int,
        period_ticks: int,
        single: bool,
    ) -> None:
        self._summaries = summaries
        self._every_ms = every_ms
        self._single = single
        self._newest_ms = -1
        self.period_ticks = period_ticks

    def frames(self, now_ms: int) -> list[str]:
        """Return the summaries of the newest round time, once: one object or one array."""
        newest_ms = now_ms - now_ms % self._every_ms
        if newest_ms == self._newest_ms:
            return []
        self._newest_ms = newest_ms
        summaries = self._summaries(newest_ms)
        return [json_text(summaries[0] if self._single else summaries)] if summaries else []
