import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.orderflow.footprint_bars import MOST_BUCKETS, FootprintBars
from core.model.intervals import MINUTE_MS


def test_volume_is_sorted_by_price_and_side():
    bars = FootprintBars(5)
    for price, quantity, buys in (
        (61_800.3, 1.0, True),
        (61_800.9, 2.0, False),
        (61_799.0, 3.0, 1),
    ):
        bars.add(0, price, quantity, taker_buys=bool(buys))
    (told,) = bars.snapshot()
    assert told.width == 1.0
    assert told.price.tolist() == [61_799.0, 61_800.0]
    assert told.buy_volume.tolist() == [3.0, 1.0]
    assert told.sell_volume.tolist() == [0.0, 2.0]


def test_a_price_on_the_edge_of_a_bucket_belongs_to_it():
    bars = FootprintBars(5)
    bars.add(0, 0.23102, 1.0, taker_buys=True)
    bars.add(0, 0.23103, 1.0, taker_buys=True)
    (told,) = bars.snapshot()
    assert told.price.tolist() == pytest.approx([0.23102, 0.23103])


def test_a_newer_bar_ends_the_running_one_and_the_oldest_are_forgotten():
    bars = FootprintBars(2)
    for i in range(5):
        bars.add(i * MINUTE_MS, 100.0, 1.0, taker_buys=True)
    assert [told.open_time_ms // MINUTE_MS for told in bars.snapshot()] == [2, 3, 4]
    bars.clear()
    assert bars.snapshot() == ()


@given(st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=40))
def test_no_volume_is_lost_whatever_the_prices(prices):
    bars = FootprintBars(2)
    for price in prices:
        bars.add(0, price, 1.0, taker_buys=True)
    (told,) = bars.snapshot()
    assert told.buy_volume.sum() == len(prices)
    assert told.price[0] <= min(prices) * (1 + 1e-6)


def test_a_bar_of_very_many_prices_is_told_coarser():
    bars = FootprintBars(2)
    for i in range(5_000):
        bars.add(0, 100.0 + i * 0.01, 1.0, taker_buys=bool(i % 2))
    (told,) = bars.snapshot()
    assert told.price.size <= MOST_BUCKETS
    assert told.width > 0.01
    assert told.buy_volume.sum() == told.sell_volume.sum() == 2_500
