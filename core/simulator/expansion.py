"""Recorded minutes into seconds that fold back into exactly the same minutes."""

from dataclasses import dataclass

import numpy as np

from core.model.candles import FloatArray
from core.simulator.listings import Listing
from core.simulator.seconds import DAY_MINUTES, MINUTE_S, IntArray, Seconds

_SHAPE = (DAY_MINUTES, MINUTE_S)
_LEAN = 0.6  # how strongly buyers prefer seconds that rise, in logarithms of weight
_LAST = MINUTE_S - 1
_SILENT_SHARE = 0.1  # of the seconds have no trade


@dataclass(frozen=True, slots=True, eq=False)
class DayOfMinutes:
    """A padded UTC day of recorded candles; shape ``(1440,)`` each, in listing units."""

    open: IntArray
    high: IntArray
    low: IntArray
    close: IntArray
    volume: IntArray
    buy: IntArray
    trades: IntArray


def invented_buys(random: np.random.Generator, day: DayOfMinutes) -> IntArray:
    """Taker buys for candles without them: they lean with the candle, and never vanish."""
    reach = np.maximum(day.high - day.low, 1)
    lean = 0.28 * np.tanh(1.5 * (day.close - day.open) / reach)
    share = np.clip(0.5 + lean + 0.06 * random.standard_normal(DAY_MINUTES), 0.04, 0.96)
    buy = np.rint(day.volume * share).astype(np.int64)
    divisible = day.volume > 1
    both: IntArray = np.clip(buy, 1, np.maximum(day.volume - 1, 1))
    return np.where(divisible, both, buy)


def invented_trades(random: np.random.Generator, day: DayOfMinutes, listing: Listing) -> IntArray:
    """Trade counts for candles without them: they grow with volume."""
    notional = day.volume * day.close / 10.0**listing.quote_decimals
    size = max(listing.minute_notional / 1_500.0, 50.0)
    count = np.ceil(notional / size * random.lognormal(0.0, 0.25, DAY_MINUTES)).astype(np.int64)
    return np.minimum(count, day.volume)


def expanded(random: np.random.Generator, day: DayOfMinutes, tick_units: int) -> Seconds:
    """
    Draw seconds whose open, high, low, close, volume, buys and trades are those of ``day``.

    The seconds that print open, high, low and close print them even where a minute has too
    little volume to give each of them a trade.
    """
    knots = _knots(random, day)
    price = _prices(random, day, knots, tick_units)
    fixed = np.zeros(_SHAPE, dtype=bool)
    np.put_along_axis(fixed, knots, values=True, axis=1)
    weight = random.lognormal(0.0, 0.9, _SHAPE)
    weight[random.random(_SHAPE) < _SILENT_SHARE] = 0.0
    weight = np.where(fixed, np.maximum(weight, 1.0), weight)
    lean = _LEAN * np.sign(np.diff(price, axis=1, prepend=price[:, :1]))
    buy = _shared_out(day.buy, weight * np.exp(lean))
    sell = _shared_out(day.volume - day.buy, weight * np.exp(-lean))
    sides = (buy > 0).astype(np.int64) + (sell > 0)
    spare = day.trades - sides.sum(axis=1)
    more = _shared_out(np.maximum(spare, 0), weight)
    fewer = _shared_out(day.trades, weight)
    trades = np.where((spare >= 0)[:, None], sides + more, fewer)
    price = _carried(price, fixed | (buy + sell > 0))
    return Seconds(price.ravel(), buy.ravel(), sell.ravel(), trades.ravel())


def _knots(random: np.random.Generator, day: DayOfMinutes) -> IntArray:
    """Seconds that print open, high, low, close; shape ``(1440, 4)``."""
    early = random.integers(1, 29, DAY_MINUTES)
    late = random.integers(30, _LAST, DAY_MINUTES)
    # A rising minute usually dips first.
    low_first = random.random(DAY_MINUTES) < np.where(day.close >= day.open, 0.75, 0.25)
    high = np.where(low_first, late, early)
    low = np.where(low_first, early, late)
    high = np.where(day.high == day.open, 0, np.where(day.high == day.close, _LAST, high))
    low = np.where(day.low == day.open, 0, np.where(day.low == day.close, _LAST, low))
    zero = np.zeros(DAY_MINUTES, dtype=np.int64)
    return np.stack((zero, high, low, zero + _LAST), axis=1)


def _prices(
    random: np.random.Generator, day: DayOfMinutes, knots: IntArray, tick_units: int
) -> IntArray:
    """Straight lines between the knots, with noise that stays within the candle."""
    at = np.stack((day.open, day.high, day.low, day.close), axis=1)
    order = np.argsort(knots, axis=1, kind="stable")
    position = np.take_along_axis(knots, order, axis=1)
    value = np.take_along_axis(at, order, axis=1)
    second = np.arange(MINUTE_S)[None, :]
    line: FloatArray = np.repeat(value[:, :1], MINUTE_S, axis=1).astype(np.float64)
    for i in range(3):
        start, stop = position[:, i : i + 1], position[:, i + 1 : i + 2]
        part = (second - start) / np.maximum(stop - start, 1)
        between = value[:, i : i + 1] + part * (value[:, i + 1 : i + 2] - value[:, i : i + 1])
        line = np.where((second > start) & (second <= stop), between, line)
    noise = random.standard_normal(_SHAPE) * (0.06 * (day.high - day.low))[:, None]
    price = np.rint((line + noise) / tick_units).astype(np.int64) * tick_units
    price = np.clip(price, day.low[:, None], day.high[:, None])
    np.put_along_axis(price, knots, at, axis=1)
    return price


def _shared_out(total: IntArray, weight: FloatArray) -> IntArray:
    """Split whole numbers by weight, exactly: rounding is carried from second to second."""
    part = np.cumsum(weight, axis=1)
    cumulative = np.rint(part / part[:, -1:] * total[:, None]).astype(np.int64)
    cumulative[:, -1] = total
    return np.diff(cumulative, axis=1, prepend=0)


def _carried(price: IntArray, printed: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> IntArray:
    """Repeat the newest printed price through seconds without a trade."""
    index = np.where(printed, np.arange(MINUTE_S), 0)
    newest = np.maximum.accumulate(index, axis=1)
    return np.take_along_axis(price, newest, axis=1)
