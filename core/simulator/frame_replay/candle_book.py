"""Candles as REST answers them at an instant of a replay: recorded rows, frames and trades."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from core.simulator.bars import KLINE_MINUTES, MINUTE_MS

Row: TypeAlias = list[Any]
"""A candle as the exchange writes it: twelve values, numbers as text."""

_OPEN_MS, _OPEN, _HIGH, _LOW, _CLOSE, _VOLUME, _CLOSE_MS = range(7)
_SUMS = (5, 7, 8, 9, 10)  # volume, quote volume, trades, taker volume, taker quote volume
_COLUMNS = 12
# Plain digits: what is written as 1e999999999 would be written out in full by the next fold.
_NUMBER = re.compile(r"[0-9]{1,24}(\.[0-9]{1,24})?")
# A leap in the times of trades that is longer is a broken time, not a silent market.
_LONGEST_SILENCE_MS = 24 * 60 * MINUTE_MS
_FRAME_KEYS = ("t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q")


@dataclass(frozen=True, slots=True)
class Trade:
    """
    One trade, or an aggregate of some.

    Attributes:
        trades: How many it stands for.
    """

    time_ms: int
    price: str
    quantity: str
    trades: int
    taker_buys: bool

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Trade | None":
        """Read a ``trade`` or ``aggTrade`` event; None if it is neither or malformed."""
        aggregate = event.get("e") == "aggTrade"
        first, last = (event.get("f"), event.get("l")) if aggregate else (0, 0)
        price, quantity, time_ms = (event.get(key) for key in ("p", "q", "T"))
        if not all(type(value) is int for value in (first, last, time_ms)):
            return None
        if not (_positive(price) and _positive(quantity)):
            return None
        count = last - first + 1  # type: ignore[operator]
        if count < 1 or time_ms < 0:  # type: ignore[operator]
            return None
        return cls(time_ms, price, quantity, count, event.get("m") is False)  # type: ignore[arg-type]

    def row(self) -> Row:
        """Return the minute it alone would make."""
        open_ms = self.time_ms - self.time_ms % MINUTE_MS
        quote = format(Decimal(self.price) * Decimal(self.quantity), "f")
        taker = [self.quantity, quote] if self.taker_buys else ["0", "0"]
        prices = [self.price] * 4
        end_ms = open_ms + MINUTE_MS - 1
        return [open_ms, *prices, self.quantity, end_ms, quote, self.trades, *taker, "0"]


class CandleBook:
    """Closed and running candles by symbol and interval; nobody is shown the future."""

    def __init__(self) -> None:
        self._closed: dict[tuple[str, str], dict[int, Row]] = {}
        self._running: dict[tuple[str, str], Row] = {}

    def remember(
        self, symbol: str, interval: str, rows: Iterable[object], *, open_end: bool
    ) -> int:
        """
        Take an answer of REST.

        Args:
            symbol: Of the candles.
            interval: As the exchange names it.
            rows: Whatever the body held.
            open_end: Whether the newest row was asked for without a bound: it has not closed.

        Returns:
            How many rows were no candles and were left out.
        """
        rows = list(rows)
        sound = [row for row in rows if isinstance(row, list) and _sound(row)]
        closed = self._closed.setdefault((symbol, interval), {})
        for row in sound[: len(sound) - open_end]:
            closed[row[_OPEN_MS]] = row
        if open_end and sound:
            self._running.setdefault((symbol, interval), sound[-1])
        return len(rows) - len(sound)

    def play(self, kline: Mapping[str, Any]) -> None:
        """Take the ``k`` of a frame; one that is no candle is passed over."""
        row: Row = [*(kline.get(key) for key in _FRAME_KEYS), "0"]
        if not _sound(row):
            return
        key = (str(kline.get("s")), str(kline.get("i")))
        if kline.get("x") is True:
            self._closed.setdefault(key, {})[row[_OPEN_MS]] = row
        else:
            self._running[key] = row

    def trade(self, symbol: str, trade: Trade) -> None:
        """Fold a trade into its minute: for captures in which no candle was recorded."""
        key, row = (symbol, "1m"), trade.row()
        running, open_ms = self._running.get(key), row[_OPEN_MS]
        if running is None:
            self._running[key] = row
        elif open_ms == running[_OPEN_MS]:
            self._running[key] = _joined([running, row], open_ms, MINUTE_MS)
        elif 0 < open_ms - running[_OPEN_MS] <= _LONGEST_SILENCE_MS:
            closed = self._closed.setdefault(key, {})
            closed[running[_OPEN_MS]] = running
            for flat_ms in range(running[_OPEN_MS] + MINUTE_MS, open_ms, MINUTE_MS):
                closed[flat_ms] = _flat(running, flat_ms)
            self._running[key] = row

    def rows(
        self,
        symbol: str,
        interval: str,
        now_ms: int,
        *,
        start_ms: int | None,
        end_ms: int | None,
        limit: int,
    ) -> list[Row]:
        """Return candles that open in the range, as they were at ``now_ms``."""
        known = self._known(symbol, interval, now_ms)
        last_ms = now_ms if end_ms is None else min(end_ms, now_ms)
        times = sorted(ms for ms in known if ms <= last_ms and (start_ms is None or ms >= start_ms))
        times = times[-limit:] if start_ms is None else times[:limit]
        return [known[ms] for ms in times]

    def _known(self, symbol: str, interval: str, now_ms: int) -> dict[int, Row]:
        known = dict(self._folded(symbol, interval, now_ms)) if interval != "1m" else {}
        closed = self._closed.get((symbol, interval), {})
        known |= {ms: row for ms, row in closed.items() if row[_CLOSE_MS] < now_ms}
        running = self._running.get((symbol, interval))
        if running is not None and running[_OPEN_MS] <= now_ms:
            known.setdefault(running[_OPEN_MS], running)
        return known

    def _folded(self, symbol: str, interval: str, now_ms: int) -> Iterator[tuple[int, Row]]:
        """Fold the minutes into bars that have all of theirs; the running one as far as it is."""
        width_ms = KLINE_MINUTES.get(interval, 0) * MINUTE_MS
        if not 0 < width_ms <= KLINE_MINUTES["1d"] * MINUTE_MS:
            return
        minutes = self._known(symbol, "1m", now_ms)
        bars: dict[int, list[Row]] = {}
        for open_ms in sorted(minutes):
            bars.setdefault(open_ms - open_ms % width_ms, []).append(minutes[open_ms])
        newest_ms = max(minutes, default=0)
        for bar_ms, parts in bars.items():
            wanted = (min(bar_ms + width_ms - MINUTE_MS, newest_ms) - bar_ms) // MINUTE_MS + 1
            if len(parts) == wanted:
                yield bar_ms, _joined(parts, bar_ms, width_ms)


def _joined(parts: Sequence[Row], open_ms: int, width_ms: int) -> Row:
    row: Row = [open_ms, parts[0][_OPEN], "", "", parts[-1][_CLOSE], "", open_ms + width_ms - 1]
    row += ["", 0, "", "", "0"]
    row[_HIGH] = max((part[_HIGH] for part in parts), key=Decimal)
    row[_LOW] = min((part[_LOW] for part in parts), key=Decimal)
    for column in _SUMS:
        total = sum((Decimal(part[column]) for part in parts), Decimal(0))
        row[column] = int(total) if column == 8 else format(total, "f")  # noqa: PLR2004
    return row


def _flat(before: Row, open_ms: int) -> Row:
    close = before[_CLOSE]
    row: Row = [open_ms, close, close, close, close, "0", open_ms + MINUTE_MS - 1]
    return [*row, "0", 0, "0", "0", "0"]


def _positive(text: object) -> bool:
    return isinstance(text, str) and _NUMBER.fullmatch(text) is not None and Decimal(text) > 0


def _sound(row: Sequence[object]) -> bool:
    if len(row) != _COLUMNS or not all(type(row[i]) is int for i in (_OPEN_MS, _CLOSE_MS, 8)):
        return False
    numbers = [row[i] for i in (1, 2, 3, 4, 5, 7, 9, 10)]
    return all(isinstance(text, str) and _NUMBER.fullmatch(text) for text in numbers)
