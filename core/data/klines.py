"""
Klines to candles: the form of the streams (a mapping) and that of REST (a row).

Source:
    developers.binance.com, USD-M futures, kline streams and ``GET /fapi/v1/klines``.
"""

import math
from collections.abc import Mapping
from typing import TypeAlias, TypeVar

import msgspec

from core.data.errors import MalformedMessageError
from core.model.candles import Candle, CandleError, CandleUpdate
from core.model.intervals import Interval

# Every interval of the USD-M kline stream; ours (`Interval`) are six of them.
KLINE_INTERVALS = frozenset(
    ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
)
# Milliseconds reach this in the year 5138; a larger time is in microseconds.
LATEST_MS = 10**14
Whole: TypeAlias = int | str
"""
A JSON integer. Numbers that travel as text are decoded laxly, to floats in one pass, which would
turn any text into an integer too; offered the choice it stays text, and is refused.
"""
Flag: TypeAlias = bool | int | str
"""A JSON boolean; otherwise as `Whole`."""
# Counts are kept as int64; no day has seen a thousandth of this many trades.
_MOST_TRADES = 10**15
_BARS: Mapping[str, tuple[Interval, int]] = {
    interval.value: (interval, interval.duration_ms) for interval in Interval
}
# What the decoder says of a number that is none.
_NUMBER_FAULTS = ("Expected `float`", "Number out of range")
_T = TypeVar("_T")


class Kline(msgspec.Struct, gc=False):
    """The ``k`` mapping of a kline event, under Binance's own names."""

    t: Whole
    s: str
    i: str
    o: float
    h: float
    l: float  # noqa: E741 - Binance's name
    c: float
    v: float
    q: float
    n: Whole
    V: float
    Q: float
    x: Flag


class _Row(msgspec.Struct, array_like=True, gc=False):
    t: Whole
    o: float
    h: float
    l: float  # noqa: E741
    c: float
    v: float
    close_time: Whole
    q: float
    n: Whole
    V: float
    Q: float


def parse_kline(k: Mapping[str, object], event_time_ms: int) -> CandleUpdate:
    """
    Turn the ``k`` mapping of a kline event into a candle.

    Raises:
        MalformedMessageError: If a key is missing, has a wrong type or an impossible value.
    """
    return candle_update(converted(k, Kline), event_time_ms)


def parse_kline_row(interval: Interval, row: object) -> Candle:
    """
    Turn one REST kline row into a candle.

    Raises:
        MalformedMessageError: If the row is short, has a wrong type or an impossible value.
    """
    parsed = converted(row, _Row)
    candle = sound_candle(parsed)
    if candle.open_time_ms % interval.duration_ms:
        raise MalformedMessageError("time", f"no {interval} bar opens at {candle.open_time_ms}")
    return candle


def parse_kline_rows(symbol: str, interval: Interval, rows: object) -> list[Candle]:
    """
    Turn a REST klines answer into candles, all or none.

    Raises:
        MalformedMessageError: If it is not a list of rows or any row is malformed.
    """
    if not isinstance(rows, list):
        raise MalformedMessageError("shape", f"klines of {symbol} are {type(rows).__name__}")
    return [parse_kline_row(interval, row) for row in rows]


def candle_update(kline: Kline, event_time_ms: Whole) -> CandleUpdate:
    """Check a decoded stream kline and turn it into a candle; raises as `parse_kline`."""
    # Thousands a second come through here: what `sound_candle` does is done in place.
    bar = _BARS.get(kline.i)
    if bar is None:
        raise MalformedMessageError("interval", f"unknown interval {kline.i[:40]!r}")
    interval, duration_ms = bar
    open_ms, trades, closed = kline.t, kline.n, kline.x
    if not (
        isinstance(open_ms, int)
        and isinstance(event_time_ms, int)
        and isinstance(closed, bool)
        and isinstance(trades, int)
        and 0 <= trades <= _MOST_TRADES
    ):
        raise MalformedMessageError("shape", f"{open_ms!r:.40} {closed!r:.40} {trades!r:.40}")
    # Whether the two times go together only the other frames can tell: see `MarketTime`.
    if open_ms % duration_ms or not (0 < open_ms < LATEST_MS and 0 < event_time_ms < LATEST_MS):
        raise MalformedMessageError(
            "time", f"a {interval} bar of {open_ms} reported at {event_time_ms}"
        )
    k = kline
    try:
        candle = Candle(open_ms, k.o, k.h, k.l, k.c, k.v, k.q, trades, k.V, k.Q)
    except CandleError as error:
        raise _impossible(kline, error) from error
    return CandleUpdate(kline.s, interval, candle, closed, event_time_ms)


def sound_candle(row: Kline | _Row) -> Candle:
    """Turn decoded values into a candle; raises `MalformedMessageError`."""
    open_ms, trades = row.t, row.n
    if not (isinstance(open_ms, int) and isinstance(trades, int) and 0 <= trades <= _MOST_TRADES):
        raise MalformedMessageError("shape", f"t={open_ms!r:.40} n={trades!r:.40}")
    if not 0 < open_ms < LATEST_MS:
        raise MalformedMessageError("time", f"{open_ms} is not a time in milliseconds")
    try:
        return Candle(open_ms, row.o, row.h, row.l, row.c, row.v, row.q, trades, row.V, row.Q)
    except CandleError as error:
        raise _impossible(row, error) from error


def _impossible(row: Kline | _Row, error: CandleError) -> MalformedMessageError:
    values = (row.o, row.h, row.l, row.c, row.v, row.q, row.V, row.Q)
    return MalformedMessageError(
        "candle" if all(map(math.isfinite, values)) else "number", str(error)
    )


def checked_time(time_ms: Whole) -> int:
    """Return what can be a time in milliseconds; raises `MalformedMessageError`."""
    if not isinstance(time_ms, int):
        raise MalformedMessageError("shape", f"{time_ms!r:.40} is not an integer")
    if not 0 < time_ms < LATEST_MS:
        raise MalformedMessageError("time", f"{time_ms} is not a time in milliseconds")
    return time_ms


def converted(value: object, target: type[_T]) -> _T:
    """Convert parsed JSON to a type; raises `MalformedMessageError`."""
    try:
        return msgspec.convert(value, target, strict=False)
    except msgspec.ValidationError as error:
        raise misshapen(error) from error


def misshapen(error: msgspec.ValidationError) -> MalformedMessageError:
    """Name what a decoder disliked."""
    text = str(error)
    return MalformedMessageError("number" if text.startswith(_NUMBER_FAULTS) else "shape", text)
