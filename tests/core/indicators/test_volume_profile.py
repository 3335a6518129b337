import csv
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import REPOSITORY
from core.indicators.volume_profile import round_grid, spread_volume, value_area
from core.model.candles import CandleSeries
from core.model.intervals import Interval
from tests.builders import candle, random_walk

LEAN = REPOSITORY.parent / "shared" / "data" / "indicators" / "lean" / "vp_datatest.csv"
LEAN_PERIOD = 3
LEAN_STEP = 0.05


def market(*rows):
    """Candles of (low, high, volume, taker buys)."""
    made = [
        candle(i * 60_000, low, low=low, high=high, volume=volume, taker_buy_volume=bought)
        for i, (low, high, volume, bought) in enumerate(rows)
    ]
    return CandleSeries.from_candles("BTCUSDT", Interval.M1, made)


def by_definition(series, grid, volume):
    """Overlap of every candle with every bucket, one at a time."""
    total = np.zeros(grid.buckets)
    for low, high, amount in zip(series.low, series.high, volume, strict=True):
        for b, lower in enumerate(grid.lower_edges):
            upper = lower + grid.width
            if high > low:
                total[b] += amount * max(0.0, min(high, upper) - max(low, lower)) / (high - low)
            elif lower <= low < upper:
                total[b] += amount
    return total


@pytest.mark.skipif(not LEAN.is_file(), reason="the shared data set is not beside this checkout")
def test_control_and_value_area_match_published_results():
    """Lean counts each close's volume at that price rounded up to five cents, three at a time."""
    with LEAN.open() as file:
        rows = list(csv.reader(file))[1:]
    steps = [math.ceil(float(row[4]) / LEAN_STEP) for row in rows]
    volumes = [float(row[6]) for row in rows]
    compared = 0
    for i in range(LEAN_PERIOD - 1, len(rows)):
        control, control_volume, high, low, wanted, area_high, area_low = map(float, rows[i][7:14])
        at = np.array(steps[i - LEAN_PERIOD + 1 : i + 1])
        of = volumes[i - LEAN_PERIOD + 1 : i + 1]
        profile = np.bincount(at - at.min(), of)
        area = value_area(profile, 0.7)
        assert profile[area.heaviest] == control_volume
        assert 0.7 * profile.sum() == pytest.approx(wanted, rel=1e-12)
        found = np.array([area.heaviest, len(profile) - 1, 0, area.last, area.first]) + at.min()
        np.testing.assert_allclose(
            found * LEAN_STEP, [control, high, low, area_high, area_low], atol=1e-9
        )
        compared += 1
    assert compared == 19


def test_a_value_area_takes_the_larger_neighbour_first():
    area = value_area(np.array([5.0, 1.0, 9.0, 4.0, 0.0, 3.0]), 0.7)
    assert (area.heaviest, area.first, area.last) == (2, 2, 5)


def test_of_equal_neighbours_the_upper_is_taken_and_of_equal_maxima_the_lower():
    area = value_area(np.array([1.0, 4.0, 1.0, 4.0]), 0.4)
    assert (area.heaviest, area.first, area.last) == (1, 1, 1)
    assert value_area(np.array([1.0, 4.0, 1.0]), 0.7).last == 2


def test_the_whole_volume_is_between_the_outermost_places_that_traded():
    area = value_area(np.array([0.0, 1.0, 0.0, 7.0, 0.1, 0.0]), 1.0)
    assert (area.first, area.last) == (1, 4)


@pytest.mark.parametrize("buckets", [0, 1, 5])
def test_without_volume_there_is_no_value_area(buckets):
    assert value_area(np.zeros(buckets), 0.7) is None


@pytest.mark.parametrize(
    ("low", "high", "width", "first"),
    [
        (100.0, 160.0, 1.0, 100),
        (100.0, 161.0, 2.0, 50),
        (0.2301, 0.2313, 2e-5, 11505),
        (61_234.5, 64_321.0, 100.0, 612),
        (1.2e-8, 1.8e-8, 1e-10, 120),
    ],
)
def test_buckets_are_of_a_round_height_from_a_round_price(low, high, width, first):
    grid = round_grid(low, high, 60)
    assert grid.width == pytest.approx(width, rel=1e-12)
    assert grid.first in (first, first - 1)  # 1.2e-8 is a hair below 120 steps
    assert 30 - 1 <= grid.buckets + 1 <= 63


@settings(max_examples=60)
@given(st.floats(1e-8, 1e6), st.floats(0.0, 3.0), st.integers(10, 300))
def test_a_grid_spans_its_range_in_about_as_many_buckets_as_allowed(low, reach, most):
    high = low * (1.0 + reach)
    grid = round_grid(low, high, most)
    assert grid == round_grid(low, high, most)
    edges = grid.lower_edges
    assert edges.shape == (grid.buckets,)
    assert edges[0] <= low * (1 + 1e-12)
    assert edges[-1] + grid.width >= high * (1 - 1e-12)
    assert grid.buckets <= most + 1


def test_a_candle_is_spread_evenly_over_its_range():
    series = market((10.0, 14.0, 8.0, 2.0), (12.0, 12.0, 3.0, 3.0), (11.5, 12.5, 1.0, 0.0))
    volume, bought = spread_volume(series, round_grid(10.0, 14.0, 4))
    np.testing.assert_allclose(volume, [2.0, 2.5, 5.5, 2.0])
    np.testing.assert_allclose(bought, [0.5, 0.5, 3.5, 0.5])


@pytest.mark.parametrize("price", [1e-8, 0.231, 1e6])
@pytest.mark.parametrize("buckets", [10, 60, 300])
def test_buckets_hold_what_the_definition_says(price, buckets):
    series = random_walk(40, seed=buckets, price=price)
    grid = round_grid(series.low.min(), series.high.max(), buckets)
    volume, bought = spread_volume(series, grid)
    np.testing.assert_allclose(
        volume, by_definition(series, grid, series.volume), atol=1e-9 * volume.sum()
    )
    assert volume.sum() == pytest.approx(series.volume.sum(), rel=1e-9)
    assert bought.sum() == pytest.approx(series.taker_buy_volume.sum(), rel=1e-9)
    assert (volume >= 0.0).all()


@pytest.mark.parametrize("price", [1e-8, 0.3, 1e6])
def test_a_market_that_stands_still_is_one_bucket(price):
    series = market(*[(price, price, 2.0, 1.0)] * 3)
    volume, bought = spread_volume(series, round_grid(price, price, 60))
    assert volume.max() == 6.0
    assert bought.max() == 3.0
    assert np.count_nonzero(volume) == 1


def test_buckets_no_candle_touches_are_exactly_empty():
    series = market((10.0, 13.3, 1e9, 0.0), (10.1, 13.7, 0.1, 0.0), (17.0, 19.9, 0.3, 0.0))
    volume, _ = spread_volume(series, round_grid(10.0, 20.0, 10))
    assert volume[4:7].tolist() == [0.0, 0.0, 0.0]


def test_taker_buys_are_unknown_where_one_is():
    series = market((10.0, 14.0, 8.0, 2.0), (11.0, 12.0, 1.0, 1.0))
    columns = {
        name: getattr(series, name)
        for name in ("open", "high", "low", "close", "volume", "quote_volume", "trades")
    }
    unknown = CandleSeries(
        series.symbol,
        series.interval,
        series.open_time_ms,
        **columns,
        taker_buy_volume=np.array([np.nan, 1.0]),
        taker_buy_quote_volume=np.array([np.nan, 1.0]),
    )
    volume, bought = spread_volume(unknown, round_grid(10.0, 14.0, 4))
    assert volume.sum() == pytest.approx(9.0)
    assert np.isnan(bought).all()
