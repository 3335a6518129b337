"""Views to try overlays on: all intervals, order flow of some minutes, holes; made once."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache

import numpy as np

from core.data.fold import fold
from core.data.gaps import gaps
from core.model.candles import VALUE_COLUMNS, CandleSeries
from core.model.intervals import MINUTE_MS, Interval
from core.model.market_view import MarketView
from core.model.order_flow import FlowSeries, Footprint
from tests.builders import START_MS, random_walk
from tests.core.real_markets import recorded

DAYS = 60
HEARD_MINUTES = 500
FOOTPRINTS = 60
BARS_BEFORE = 40


@cache
def generated(seed: int) -> CandleSeries:
    """Sixty days of minutes that begin and end within an hour."""
    return random_walk(DAYS * 1440, seed=seed, start_ms=START_MS + 37 * MINUTE_MS)


@cache
def real(symbol: str, interval: Interval, rows: int) -> CandleSeries:
    """Recorded candles; who took is made up, for the files do not tell."""
    series = recorded(symbol, interval, rows)
    share = np.random.default_rng(11).uniform(0.1, 0.9, len(series))
    return replace(
        series,
        taker_buy_volume=series.volume * share,
        taker_buy_quote_volume=series.quote_volume * share,
    )


def without(series: CandleSeries, absent: "np.ndarray") -> CandleSeries:
    """Return the candles that are not in ``absent``, a mask."""
    columns = {name: getattr(series, name)[~absent] for name in ("open_time_ms", *VALUE_COLUMNS)}
    return CandleSeries(series.symbol, series.interval, **columns)


@cache
def holed(seed: int) -> CandleSeries:
    """The generated minutes without single ones, here and there, and without some hours."""
    whole = generated(seed)
    random = np.random.default_rng(seed)
    absent = random.random(len(whole)) < 0.001
    absent[-1200:] = random.random(1200) < 0.15
    for start in random.integers(0, len(whole) - 200, 20):
        absent[start : start + random.integers(2, 180)] = True
    return without(whole, absent)


@cache
def folded(minutes: CandleSeries) -> Mapping[Interval, CandleSeries]:
    """The series itself and every longer interval it completes."""
    longer = [i for i in Interval if i.duration_ms > minutes.interval.duration_ms]
    return {minutes.interval: minutes} | {i: fold(minutes, i) for i in longer}


@cache
def view_of(fine: CandleSeries, interval: Interval, rows: int) -> MarketView:
    """
    The newest ``rows`` of an interval, with everything an overlay may look at.

    A viewer sees the older half of the newest 300 candles, so that what is made of the
    shown range is settled in half of the prefixes of those 300.
    """
    every = folded(fine)
    candles = every[interval].tail(rows)
    minutes = every.get(Interval.M1)
    times = candles.open_time_ms
    found = gaps(fine.open_time_ms, fine.interval, int(fine.open_time_ms[0]), int(times[-1]))
    return MarketView(
        candles,
        {i: _from(series, times[0]) for i, series in every.items() if i is not interval},
        flow=None if minutes is None else heard(minutes),
        footprints=() if minutes is None else footprints(minutes),
        gaps=tuple(found),
        shown_ms=(int(times[-min(300, len(times))]), int(times[-min(150, len(times))])),
    )


def _from(series: CandleSeries, first_ms: int) -> CandleSeries:
    """The bars from a little more than any overlay asks for before the first shown."""
    return series.between(int(first_ms) - BARS_BEFORE * series.interval.duration_ms, None)


@cache
def heard(minutes: CandleSeries) -> FlowSeries:
    """What was heard of the newest minutes: with breaks, and not of all trades."""
    random = np.random.default_rng(3)
    most = min(HEARD_MINUTES, len(minutes))
    kept = np.flatnonzero(random.random(most) < 0.97) + len(minutes) - most
    n = kept.size
    buy = minutes.taker_buy_volume[kept]
    sell = minutes.volume[kept] - buy
    lean = random.uniform(-1.0, 1.0, (2, n))
    lean[:, ::17] = np.nan
    complete = random.random(n) < 0.9
    seen = np.where(complete, 1.0, 0.7)
    return FlowSeries(
        minutes.symbol,
        minutes.open_time_ms[kept],
        buy * seen,
        sell * seen,
        buy * seen * minutes.close[kept],
        sell * seen * minutes.close[kept],
        minutes.trades[kept],
        lean[0],
        lean[1],
        np.where(np.isnan(lean[0]), np.nan, random.uniform(0.1, 2.0, n)),
        complete,
    )


@cache
def footprints(minutes: CandleSeries) -> tuple[Footprint, ...]:
    """Volume by price of the newest minutes, spread evenly over a few buckets."""
    tail = minutes.tail(FOOTPRINTS)
    made = []
    for i, open_time_ms in enumerate(tail.open_time_ms.tolist()):
        width = max(tail.close[i] * 1e-4, (tail.high[i] - tail.low[i]) / 20.0)
        lowest, highest = np.floor(tail.low[i] / width), np.floor(tail.high[i] / width)
        price = np.arange(lowest, highest + 1.0) * width
        buy = np.full(price.size, tail.taker_buy_volume[i] / price.size)
        sell = np.full(price.size, tail.volume[i] / price.size) - buy
        made.append(Footprint(open_time_ms, float(width), price, buy, sell))
    return tuple(made)


@lru_cache(maxsize=4096)
def past(view: MarketView, n: int) -> MarketView:
    """
    Return the view as it was when only the oldest ``n`` candles had closed.

    Unlike in ``view.head(n)`` nothing that came later is there at all: whoever reads beyond
    what was known says something else.
    """
    then = view.head(n)
    return replace(
        then,
        others={interval: then.at(interval) for interval in view.others},
        flow=then.known_flow(),
        footprints=then.known_footprints(),
        gaps=then.known_gaps(),
    )
