"""
Klines to candles: the form of the streams (a mapping) and that of REST (a row).

Source:
    developers.binance.com, USD-M futures, kline streams and ``GET /fapi/v1/klines``.
"""

import math
from collections.abc import Mapping
from typing import Annotated, TypeAlias, TypeVar

import msgspec

from core.data.errors import MalformedMessageError
from core.model.candles import Candle, CandleError, CandleUpdate
from core.model.intervals import Interval

# Every interval of the USD-M kline stream; ours (`Interval`) are six of them.
KLINE_INTERVALS = frozenset(
    ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
)
# Milliseconds reach this in the year 5138; a larger time is in microseconds.
_LATEST_MS = 10**14
# Counts are kept as int64; no day has seen a thousandth of this many trades.
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=10**15)]
_T = TypeVar("_T")


class Kline(msgspec.Struct):
    """The ``k`` mapping of a kline event, under Binance's own names."""

    t: int
    s: str
    i: str
    o: str
    h: str
    l: str  # noqa: E741 - Binance's name
    c: str
    v: str
    q: str
    n: _Count
    V: str
    Q: str
    x: bool


class _Row(msgspec.Struct, array_like=True):
    t: int
    o: str
    h: str
    l: str  # noqa: E741
    c: str
    v: str
    close_time: int
    q: str
    n: _Count
    V: str
    Q: str


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
    _checked_open_time(parsed.t, interval)
    return sound_candle(parsed)


def parse_kline_rows(symbol: str, interval: Interval, rows: object) -> list[Candle]:
    """
    Turn a REST klines answer into candles, all or none.

    Raises:
        MalformedMessageError: If it is not a list of rows or any row is malformed.
    """
    if not isinstance(rows, list):
        raise MalformedMessageError("shape", f"klines of {symbol} are {type(rows).__name__}")
    return [parse_kline_row(interval, row) for row in rows]


def candle_update(kline: Kline, event_time_ms: int) -> CandleUpdate:
    """Check a decoded stream kline and turn it into a candle; raises as `parse_kline`."""
    try:
        interval = Interval(kline.i)
    except ValueError:
        raise MalformedMessageError("interval", f"unknown interval {kline.i[:40]!r}") from None
    checked_time(event_time_ms)
    _checked_open_time(kline.t, interval)
    if kline.t > event_time_ms + interval.duration_ms:
        raise MalformedMessageError("time", f"a bar of {kline.t} reported at {event_time_ms}")
    return CandleUpdate(kline.s, interval, sound_candle(kline), kline.x, event_time_ms)


def sound_candle(row: Kline | _Row) -> Candle:
    """Turn decoded values into a candle; raises `MalformedMessageError`."""
    checked_time(row.t)
    try:
        return Candle(
            open_time_ms=row.t,
            open=number(row.o),
            high=number(row.h),
            low=number(row.l),
            close=number(row.c),
            volume=number(row.v),
            quote_volume=number(row.q),
            trades=row.n,
            taker_buy_volume=number(row.V),
            taker_buy_quote_volume=number(row.Q),
        )
    except CandleError as error:
        raise MalformedMessageError("candle", str(error)) from error


def number(text: str) -> float:
    """Parse a number that travels as text; raises `MalformedMessageError`."""
    try:
        value = float(text)
    except ValueError:
        raise MalformedMessageError("number", f"{text[:40]!r} is not a number") from None
    if not math.isfinite(value):
        raise MalformedMessageError("number", f"{text[:40]!r} is not finite")
    return value


def checked_time(time_ms: int) -> None:
    """Raise `MalformedMessageError` unless the value can be a time in milliseconds."""
    if not 0 < time_ms < _LATEST_MS:
        raise MalformedMessageError("time", f"{time_ms} is not a time in milliseconds")


def _checked_open_time(time_ms: int, interval: Interval) -> None:
    checked_time(time_ms)
    if time_ms % interval.duration_ms:
        raise MalformedMessageError("time", f"no {interval} bar opens at {time_ms}")


def converted(value: object, target: type[_T]) -> _T:
    """Convert parsed JSON to a type; raises `MalformedMessageError`."""
    try:
        return msgspec.convert(value, target)
    except msgspec.ValidationError as error:
        raise MalformedMessageError("shape", str(error)) from error
