"""The market as it stands at an instant: nothing after ``now_ms`` is ever visible."""

from core.simulator.bars import KLINE_MINUTES, MINUTE_MS, Bar, Bars, fold, join, of_rows
from core.simulator.begun_minute import BegunMinute, begun_minute
from core.simulator.day_cache import DayCache
from core.simulator.market import Market
from core.simulator.seconds import DAY_MINUTES, DAY_MS
from core.simulator.stretches import Stretches

_HOUR_MINUTES = 60
_HOUR_DAYS_PER_SYMBOL, _MOST_HOUR_DAYS = 2_000, 20_000  # 5 kB each; years stay cheap
_WINDOW_MINUTES = DAY_MINUTES  # of the rolling ticker


class Tape:
    """
    Reads a market at instants.

    The trades of second ``s`` happen at its first millisecond, so at ``now_ms`` the second
    that contains it is visible and no later one.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self.stretches = Stretches(market)
        self._begun_minutes: dict[str, BegunMinute] = {}
        self._hours: DayCache[Bars] = DayCache(
            min(_HOUR_DAYS_PER_SYMBOL * len(market.listings), _MOST_HOUR_DAYS)
        )

    @property
    def market(self) -> Market:
        """What is read."""
        return self._market

    def newest_ms(self, symbol: str, now_ms: int) -> int | None:
        """Newest instant at which the symbol was traded; None before its first candle."""
        span = self._market.span(symbol)
        return min(now_ms, span.end_ms - 1) if now_ms >= span.first_ms else None

    def bars(
        self, symbol: str, interval: str, start_ms: int, end_ms: int, now_ms: int, *, limit: int
    ) -> Bars:
        """
        Return the oldest ``limit`` candles that open in ``[start_ms, end_ms]``.

        The last one is the running candle when it falls into the range.
        """
        at_ms, size = self.newest_ms(symbol, now_ms), KLINE_MINUTES[interval]
        if at_ms is None:
            return join([])
        step = size * MINUTE_MS
        first = _floor(max(_ceiling(start_ms, step), self._market.span(symbol).first_ms), step)
        running = _floor(at_ms, step)
        last = min(_floor(end_ms, step), running, first + (limit - 1) * step)
        parts = self._complete(symbol, size, first, min(last, running - step))
        if first <= running <= last:
            parts.append(self._running(symbol, running, at_ms))
        return join(parts)

    def newest_bars(
        self, symbol: str, interval: str, end_ms: int, now_ms: int, *, limit: int
    ) -> Bars:
        """Return the newest ``limit`` candles that open at or before ``end_ms``."""
        step = KLINE_MINUTES[interval] * MINUTE_MS
        at_ms = self.newest_ms(symbol, now_ms)
        newest = _floor(min(end_ms, now_ms if at_ms is None else at_ms), step)
        return self.bars(symbol, interval, newest - (limit - 1) * step, newest, now_ms, limit=limit)

    def rolling_day(self, symbol: str, now_ms: int) -> Bars:
        """Return the last 24 hours as one bar; empty before the first candle."""
        window = self.newest_bars(symbol, "1m", now_ms, now_ms, limit=_WINDOW_MINUTES)
        return fold(window, len(window)) if len(window) else window

    def can_read(self, symbol: str, now_ms: int) -> bool:
        """Return whether now can be read without drawing more days than this tick may."""
        at_ms = self.newest_ms(symbol, now_ms)
        return at_ms is None or self.stretches.spend(symbol, at_ms)

    def price(self, symbol: str, now_ms: int) -> int | None:
        """Last traded price, in price units; None before the first candle."""
        at_ms = self.newest_ms(symbol, now_ms)
        if at_ms is None:
            return None
        stretch = self.stretches.at(symbol, at_ms)
        return int(stretch.price[stretch.index(at_ms)])

    def minutes_since(self, symbol: str, open_ms: int, now_ms: int) -> list[Bar]:
        """
        Return the minutes that open at ``open_ms`` or later, the running one last.

        The same as `bars` of ``1m``, without arrays: this is asked for each second of each
        symbol.
        """
        at_ms = self.newest_ms(symbol, now_ms)
        if at_ms is None:
            return []
        running_ms = _floor(at_ms, MINUTE_MS)
        first_ms = max(open_ms, self._market.span(symbol).first_ms)
        found = [self._minute(symbol, ms) for ms in range(first_ms, running_ms, MINUTE_MS)]
        return [*found, self._begun(symbol, at_ms)] if first_ms <= running_ms else found

    def _complete(self, symbol: str, size: int, first: int, last: int) -> list[Bars]:
        parts, step = [], size * MINUTE_MS
        for day in range(first // DAY_MS, last // DAY_MS + 1 if last >= first else 0):
            bars = self._of_day(symbol, day, size)
            start = max(0, (first - day * DAY_MS) // step)
            stop = min(len(bars), (last - day * DAY_MS) // step + 1)
            parts.append(bars.rows(start, stop))
        return parts

    def _of_day(self, symbol: str, day: int, size: int) -> Bars:
        if size % _HOUR_MINUTES:
            return fold(self._market.minutes(symbol, day), size)
        hours = self._hours.fetch(symbol, day, self._to_hours)
        return fold(hours, size // _HOUR_MINUTES)

    def _to_hours(self, symbol: str, day: int) -> Bars:
        return fold(self._market.minutes(symbol, day), _HOUR_MINUTES)

    def _running(self, symbol: str, open_ms: int, at_ms: int) -> Bars:
        """Fold the whole minutes of a candle with what there is of the one at ``at_ms``."""
        minutes = self._market.minutes(symbol, at_ms // DAY_MS)
        minute = at_ms % DAY_MS // MINUTE_MS
        begun = of_rows([self._begun(symbol, at_ms)])
        bars = join([minutes.rows(open_ms % DAY_MS // MINUTE_MS, minute), begun])
        return fold(bars, len(bars))

    def _minute(self, symbol: str, open_ms: int) -> Bar:
        """Return a whole minute, past or not."""
        at = open_ms % DAY_MS // MINUTE_MS
        (bar,) = self._market.minutes(symbol, open_ms // DAY_MS).rows(at, at + 1)
        return bar

    def _begun(self, symbol: str, at_ms: int) -> Bar:
        open_ms = _floor(at_ms, MINUTE_MS)
        begun = self._begun_minutes.get(symbol)
        if begun is None or begun.open_ms != open_ms:
            stretch = self.stretches.at(symbol, at_ms)
            begun = begun_minute(stretch, self._minute(symbol, open_ms))
            self._begun_minutes[symbol] = begun
        return begun.at(at_ms)


def _floor(at_ms: int, step: int) -> int:
    return at_ms - at_ms % step


def _ceiling(at_ms: int, step: int) -> int:
    return -(-at_ms // step) * step
