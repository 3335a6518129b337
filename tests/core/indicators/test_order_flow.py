from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.order_flow import (
    AbsorptionRules,
    absorbed_takers,
    delta_share,
    divergences,
    imbalance_z,
    taker_delta,
    taker_imbalance,
)
from core.model.candles import CandleSeries
from core.model.intervals import Interval
from tests.builders import candle, random_walk

PERIOD = 10
RULES = AbsorptionRules(PERIOD, least_z=2.0, least_volume=1.5, most_progress=0.2)
imbalances = st.lists(st.floats(-1.0, 1.0), max_size=40).map(np.array)


def quiet_then(**last):
    """Twenty candles one unit high whose takers agree about as often as not, then one more."""
    rows = [
        candle(
            i * 60_000,
            100.0,
            high=100.5,
            low=99.5,
            volume=10.0,
            taker_buy_volume=5.0 + 0.5 * (-1) ** i,
        )
        for i in range(20)
    ]
    rows.append(candle(20 * 60_000, **({"open": 100.0, "high": 101.5, "low": 98.5} | last)))
    return CandleSeries.from_candles("BTCUSDT", Interval.M1, rows)


def absorbed(series, rules=RULES):
    """Rows where buying was absorbed, and rows where selling was."""
    delta = taker_delta(series.volume, series.taker_buy_volume)
    rows, side = absorbed_takers(series, delta, rules)
    return [rows[side > 0].tolist(), rows[side < 0].tolist()]


def test_delta_is_buyers_less_sellers():
    delta = taker_delta(np.array([10.0, 10.0, 0.0]), np.array([7.0, 0.0, 0.0]))
    assert delta.tolist() == [4.0, -10.0, 0.0]


def test_imbalance_is_a_share_of_volume_and_nil_without_any():
    share = taker_imbalance(np.array([10.0, 1e-300, 0.0, 5.0]), np.array([7.0, 0.0, 0.0, np.nan]))
    np.testing.assert_array_equal(share, [0.4, -1.0, 0.0, np.nan])


@settings(max_examples=40)
@given(imbalances, st.integers(2, 12))
def test_z_is_what_the_definition_says_and_bounded(imbalance, period):
    z = imbalance_z(imbalance, period)
    assert np.isnan(z[: period - 1]).all()
    for row in range(period - 1, imbalance.size):
        window = imbalance[row - period + 1 : row + 1]
        if window.std() > 1e-4:
            assert z[row] == pytest.approx((window[-1] - window.mean()) / window.std(), abs=1e-6)
        assert abs(z[row]) <= np.sqrt(period - 1.0) * (1.0 + 1e-6)


def test_z_of_equal_imbalances_is_nil_whatever_rounding_says():
    assert imbalance_z(np.full(30, 0.1), 7)[6:].tolist() == [0.0] * 24


def test_z_is_unknown_while_an_unknown_imbalance_is_in_the_window():
    imbalance = np.array([0.1, -0.3, np.nan, 0.2, 0.4, 0.1, 0.0])
    assert np.isnan(imbalance_z(imbalance, 3)).tolist() == [True] * 5 + [False] * 2


def test_z_does_not_depend_on_what_came_before_the_window():
    imbalance = np.random.default_rng(4).uniform(-1.0, 1.0, 300)
    whole = imbalance_z(imbalance, 50)
    for start in (1, 17, 200):
        np.testing.assert_array_equal(imbalance_z(imbalance[start:], 50)[49:], whole[start + 49 :])


def test_delta_share_is_net_takers_over_volume_of_the_newest():
    series = quiet_then(volume=20.0, taker_buy_volume=20.0)
    assert delta_share(series, 1) == 1.0
    assert delta_share(series, 3) == pytest.approx((20.0 + 1.0 - 1.0) / 40.0)


def test_delta_share_is_unknown_of_too_few_candles_and_nil_without_volume():
    assert np.isnan(delta_share(quiet_then(), 22))
    nothing = {"volume": 0.0, "taker_buy_volume": 0.0}
    assert delta_share(quiet_then(**nothing), 1) == 0.0


def test_buying_that_moves_nothing_is_absorbed():
    push = {"volume": 30.0, "taker_buy_volume": 29.0}
    assert absorbed(quiet_then(**push)) == [[20], []]
    assert absorbed(quiet_then(**push, close=99.0)) == [[20], []]
    assert absorbed(quiet_then(**push, close=100.19)) == [[20], []]


def test_selling_that_moves_nothing_is_absorbed():
    push = {"volume": 30.0, "taker_buy_volume": 1.0}
    assert absorbed(quiet_then(**push)) == [[], [20]]
    assert absorbed(quiet_then(**push, close=101.0)) == [[], [20]]


@pytest.mark.parametrize(("usual", "now"), [(2.0, 10.5), (8.0, 9.5)], ids=["sellers", "buyers"])
def test_takers_who_were_only_less_one_sided_than_usual_are_not_absorbed(usual, now):
    rows = [
        candle(i * 60_000, 100.0, high=101.0, low=99.0, volume=10.0, taker_buy_volume=usual)
        for i in range(20)
    ]
    last = candle(20 * 60_000, 100.0, high=101.0, low=99.0, volume=20.0, taker_buy_volume=now)
    other = msgspec.structs.replace(last, taker_buy_volume=20.0 - now)
    series = CandleSeries.from_candles("BTCUSDT", Interval.M1, [*rows, last])
    turned = CandleSeries.from_candles("BTCUSDT", Interval.M1, [*rows, other])
    bought = now > 10.0
    assert absorbed(series) == ([[20], []] if bought else [[], [20]])
    assert absorbed(turned) == [[], []]


@pytest.mark.parametrize(
    "ordinary",
    [
        {"volume": 30.0, "taker_buy_volume": 29.0, "close": 100.3},
        {"volume": 30.0, "taker_buy_volume": 1.0, "close": 99.7},
        {"volume": 14.0, "taker_buy_volume": 14.0},
        {"volume": 30.0, "taker_buy_volume": 15.5},
        {"volume": 0.0, "taker_buy_volume": 0.0},
    ],
    ids=["bought and rose", "sold and fell", "little volume", "both sides", "no volume"],
)
def test_takers_are_not_absorbed_where_one_condition_fails(ordinary):
    assert absorbed(quiet_then(**ordinary)) == [[], []]


def test_the_first_candle_that_can_be_absorbed_has_a_window_with_true_ranges_before_it():
    series = quiet_then(volume=30.0, taker_buy_volume=29.0)
    long_enough = series.tail(PERIOD + 2)
    assert absorbed(long_enough) == [[PERIOD + 1], []]
    assert absorbed(series.tail(PERIOD + 1)) == [[], []]


def test_a_long_series_has_what_each_part_of_it_has():
    whole = random_walk(16_000, seed=3)
    rules = AbsorptionRules(20, 1.5, 0.8, 0.6)
    found, parts = absorbed(whole, rules), [[], []]
    for start in range(0, 16_000, 1000):
        first = max(start - 21, 0)
        part = absorbed(whole.rows(first, start + 1000), rules)
        for side in (0, 1):
            parts[side] += [row + first for row in part[side]]
    assert found == parts
    assert min(len(rows) for rows in parts) > 100


def test_takers_that_are_not_known_are_not_absorbed():
    series = random_walk(200)
    unknown = replace(series, taker_buy_volume=np.full(200, np.nan))
    assert absorbed(unknown) == [[], []]


def two_tops(*, second, delta_between):
    """A high of 105 at row 12, then one at row 20, both in ten flat candles before and between."""
    price = np.full(25, 100.0)
    price[12], price[20] = 105.0, second
    delta = np.zeros(25)
    delta[13:21] = delta_between / 8.0
    return price, delta, np.full(25, 10.0)


def tops(price, delta, volume, period=12):
    return [rows.tolist() for rows in divergences(price, delta, volume, period, 1)]


def test_a_higher_high_on_net_selling_diverges_from_the_high_before():
    assert tops(*two_tops(second=106.0, delta_between=-8.0)) == [[20], [12]]


@pytest.mark.parametrize(
    ("second", "delta_between"),
    [(104.0, -8.0), (105.0, -8.0), (106.0, 8.0), (106.0, -3.9), (106.0, 0.0)],
    ids=["lower", "equal", "bought", "sold too little", "balanced"],
)
def test_other_tops_do_not_diverge(second, delta_between):
    assert tops(*two_tops(second=second, delta_between=delta_between)) == [[], []]


def test_selling_before_or_at_the_earlier_high_does_not_count():
    price, delta, volume = two_tops(second=106.0, delta_between=0.0)
    delta[:13] = -5.0
    assert tops(price, delta, volume) == [[], []]


def test_a_run_of_new_highs_is_one_top():
    price = np.full(25, 100.0)
    price[12] = 100.5
    price[20:24] = [101.0, 102.0, 103.0, 104.0]
    assert tops(price, np.full(25, -1.0), np.full(25, 10.0)) == [[20], [12]]


def test_a_lower_low_on_net_buying_is_the_mirror_image():
    price, delta, volume = two_tops(second=106.0, delta_between=-8.0)
    rows, earlier = divergences(200.0 - price, -delta, volume, 12, -1)
    assert (rows.tolist(), earlier.tolist()) == ([20], [12])


@pytest.mark.parametrize("side", [1, -1])
def test_a_long_series_diverges_where_each_part_of_it_does(side):
    whole, parts = random_walk(16_000, seed=3), []
    delta = taker_delta(whole.volume, whole.taker_buy_volume)
    price = whole.high if side > 0 else whole.low
    rows, _ = divergences(price, delta, whole.volume, 30, side)
    for start in range(0, 16_000, 1000):
        part = slice(max(start - 29, 0), start + 1000)
        found, _ = divergences(price[part], delta[part], whole.volume[part], 30, side)
        parts += (found + part.start).tolist()
    assert rows.tolist() == parts
    assert len(parts) > 50


@pytest.mark.parametrize("n", [0, 1, 6, 12])
def test_short_history_has_neither(n):
    series = random_walk(n)
    assert absorbed(series) == [[], []]
    delta = taker_delta(series.volume, series.taker_buy_volume)
    assert tops(series.high, delta, series.volume) == [[], []]


def test_delta_that_is_not_known_does_not_diverge():
    price, delta, volume = two_tops(second=106.0, delta_between=-8.0)
    delta[15] = np.nan
    assert tops(price, delta, volume) == [[], []]
