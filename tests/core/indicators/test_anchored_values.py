import numpy as np
import pytest

from core.indicators.anchored_values import (
    LONGEST_MEMORY,
    anchored_values,
    ema_memory,
    wilder_memory,
)
from core.indicators.anchoring import BLOCK_CANDLES, warm_up
from core.indicators.averages import ema, wilder_mean
from core.model.candles import CandleSeries
from core.model.intervals import Interval
from core.model.overlay import LONGEST_WARM_UP
from tests.builders import START_MS, random_walk

PERIOD = 9


def smoothed(candles, memory=30):
    """Two columns, to be kept apart."""
    return anchored_values(
        candles,
        memory,
        lambda rows: (ema(candles.close[rows], PERIOD), wilder_mean(candles.high[rows], PERIOD)),
    )


def test_each_column_is_as_long_as_the_candles():
    for n in (0, 1, PERIOD, 700):
        first, second = smoothed(random_walk(n))
        assert first.shape == second.shape == (n,)


def test_with_memory_enough_columns_are_those_of_one_run():
    market = random_walk(900)
    first, second = smoothed(market, wilder_memory(PERIOD))
    np.testing.assert_allclose(first, ema(market.close, PERIOD), rtol=1e-14)
    np.testing.assert_allclose(second, wilder_mean(market.high, PERIOD), rtol=1e-14)


@pytest.mark.parametrize("dropped", [1, 100, BLOCK_CANDLES, 333])
def test_after_warm_up_values_are_the_same_to_the_bit_wherever_the_series_begins(dropped):
    market = random_walk(1000, start_ms=START_MS + 37 * 60_000)
    part = market.rows(dropped, 1000)
    for ours, whole in zip(smoothed(part), smoothed(market), strict=True):
        np.testing.assert_array_equal(ours[warm_up(30) :], whole[dropped + warm_up(30) :])


def test_after_a_hole_longer_than_the_memory_an_indicator_warms_up_anew():
    whole = random_walk(1600)
    kept = [*range(300), *range(1000, 1600)]
    market = CandleSeries.from_candles("BTCUSDT", Interval.M1, [whole.candle(i) for i in kept])
    first, _ = smoothed(market)
    unknown = np.flatnonzero(np.isnan(first)).tolist()
    assert unknown == [*range(PERIOD - 1), *range(300, 300 + PERIOD - 1)]


@pytest.mark.parametrize("memory", [ema_memory, wilder_memory])
def test_memory_forgets_the_seed_or_is_the_longest_allowed(memory):
    # A seed of 100 times the price, then stillness.
    values = np.concatenate((np.full(20, 100.0), np.ones(memory(20))))
    average = ema if memory is ema_memory else wilder_mean
    assert average(values, 20)[-1] == pytest.approx(1.0, abs=1e-12)
    assert memory(250) == LONGEST_MEMORY
    assert warm_up(LONGEST_MEMORY) == LONGEST_WARM_UP
