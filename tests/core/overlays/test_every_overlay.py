"""The contract every overlay keeps; a new overlay is covered the day it appears."""

from operator import attrgetter
from typing import assert_never

import numpy as np
import pytest

from core.model.candles import CandleSeries
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import Line, Marker
from core.overlays import load_overlays, warm_up_candles
from tests.builders import START_MS, candles, random_walk
from tests.core.real_markets import needs_recordings, recorded

every_overlay = pytest.mark.parametrize("overlay", load_overlays().values(), ids=attrgetter("key"))
recordings = pytest.mark.parametrize(
    ("symbol", "interval"),
    [("BTCUSDT", Interval.M1), ("ETHUSDT", Interval.M15), ("SOLUSDT", Interval.M5)],
)
PREFIXES = 400


def drawn(overlay, market):
    return overlay.compute(MarketView(market), overlay.defaults)


def known_by(shapes, market, start, stop):
    """What of ``shapes`` is settled in rows ``start`` to ``stop``, as comparable values."""
    if stop <= start:
        return []
    first_ms = int(market.open_time_ms[start])
    last_ms = int(market.open_time_ms[stop - 1])
    known_ms = market.interval.close_time_ms(last_ms)
    seen = []
    for shape in shapes:
        match shape:
            case Line(name, y, direction):
                signs = b"" if direction is None else direction[start:stop].tobytes()
                seen.append((name, y[start:stop].tobytes(), signs))
            case Marker(confirmed_ms=confirmed_ms, at_ms=at_ms):
                if first_ms <= at_ms and confirmed_ms <= known_ms:
                    seen.append(shape)
            case _:
                assert_never(shape)
    return seen


def assert_nothing_repaints(overlay, market, prefixes):
    now = drawn(overlay, market)
    for n in prefixes:
        then = market.head(n)
        settled = n - overlay.settles_after
        assert known_by(drawn(overlay, then), then, 0, settled) == known_by(
            now, market, 0, settled
        ), f"at candle {n}"


def settled_values(shapes, market, start):
    """Numbers from row ``start`` on, to be compared within rounding, and the exact rest."""
    numbers, rest = [], []
    for shape in shapes:
        match shape:
            case Line(name, y, direction):
                numbers.extend(y[start:])
                rest.append((name, None if direction is None else direction[start:].tolist()))
            case Marker(name, kind, at_ms, confirmed_ms, price):
                if at_ms >= market.open_time_ms[start]:
                    numbers.append(price)
                    rest.append((name, kind, at_ms, confirmed_ms))
            case _:
                assert_never(shape)
    return np.array(numbers), rest


def assert_the_start_does_not_matter(overlay, market, starts):
    now = drawn(overlay, market)
    warm = overlay.warm_up_candles(overlay.defaults)
    for start in starts:
        part = market.rows(start, len(market))
        assert len(part) > warm, "the test would look at nothing"
        numbers, rest = settled_values(drawn(overlay, part), part, warm)
        expected, the_rest = settled_values(now, market, start + warm)
        assert rest == the_rest, f"started at candle {start}"
        np.testing.assert_allclose(numbers, expected, rtol=1e-9, err_msg=f"started at {start}")


@every_overlay
@pytest.mark.parametrize("seed", [1, 2])
def test_no_prefix_of_a_generated_market_is_repainted(overlay, seed):
    market = random_walk(PREFIXES, seed=seed, start_ms=START_MS + 37 * 60_000)
    assert_nothing_repaints(overlay, market, range(1, PREFIXES))


@every_overlay
@needs_recordings
@recordings
def test_no_prefix_of_a_recorded_market_is_repainted(overlay, symbol, interval):
    market = recorded(symbol, interval, 1200)
    assert_nothing_repaints(overlay, market, range(len(market) - PREFIXES, len(market)))


@every_overlay
def test_a_market_with_holes_is_not_repainted(overlay):
    whole = random_walk(900)
    kept = np.flatnonzero(np.random.default_rng(5).random(900) > 0.2)
    market = CandleSeries.from_candles("BTCUSDT", Interval.M1, [whole.candle(i) for i in kept])
    assert_nothing_repaints(overlay, market, range(1, len(market), 3))


@every_overlay
@pytest.mark.parametrize("interval", list(Interval))
def test_where_a_generated_market_begins_does_not_matter(overlay, interval):
    market = random_walk(overlay.warm_up_candles(overlay.defaults) + 300, interval=interval)
    assert_the_start_does_not_matter(overlay, market, range(1, 290, 7))


@every_overlay
@needs_recordings
@recordings
def test_where_a_recorded_market_begins_does_not_matter(overlay, symbol, interval):
    market = recorded(symbol, interval, 2500)
    last = len(market) - overlay.warm_up_candles(overlay.defaults) - 1
    assert_the_start_does_not_matter(overlay, market, range(1, last, 11))


@every_overlay
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_overlay_survives_short_history(overlay, n):
    for shape in drawn(overlay, candles(np.full(n, 100.0))):
        if isinstance(shape, Line):
            assert shape.y.shape == (n,)


@every_overlay
@pytest.mark.parametrize("price", [1e-8, 1.0, 1e9])
def test_overlay_survives_a_flat_market_without_volume(overlay, price):
    flat = candles(np.full(600, price))
    columns = {name: getattr(flat, name) for name in ("open", "high", "low", "close")}
    nothing = np.zeros(600)
    market = CandleSeries(
        flat.symbol,
        flat.interval,
        flat.open_time_ms,
        **columns,
        volume=nothing,
        quote_volume=nothing,
        trades=np.zeros(600, dtype=np.int64),
        taker_buy_volume=nothing,
        taker_buy_quote_volume=nothing,
    )
    assert all(shape.name for shape in drawn(overlay, market))


@every_overlay
@pytest.mark.parametrize("price", [1e-8, 1e9])
def test_overlay_survives_tiny_and_huge_prices(overlay, price):
    for shape in drawn(overlay, random_walk(600, price=price)):
        if isinstance(shape, Line):
            assert np.isfinite(shape.y[-1])


@every_overlay
def test_lines_are_aligned_with_the_candles(overlay):
    for shape in drawn(overlay, random_walk(321)):
        if isinstance(shape, Line):
            assert shape.y.shape == (321,)
            assert shape.direction is None or shape.direction.shape == (321,)


@every_overlay
def test_no_marker_is_known_before_its_candle_closed(overlay):
    market = random_walk(900)
    for shape in drawn(overlay, market):
        if isinstance(shape, Marker):
            assert shape.confirmed_ms >= market.interval.close_time_ms(shape.at_ms)


@every_overlay
def test_an_overlay_tells_people_what_it_is(overlay):
    assert overlay.title
    assert len(overlay.explanation) > 40
    assert overlay.source


def test_the_longest_warm_up_is_what_all_overlays_need():
    overlays = load_overlays().values()
    assert warm_up_candles(overlays) == max(o.warm_up_candles(o.defaults) for o in overlays)
    assert warm_up_candles([]) == 0
