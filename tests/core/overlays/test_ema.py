import numpy as np
import pytest

from core.indicators.averages import ema
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import LONGEST_WARM_UP
from core.overlays.ema import OVERLAY, EmaParams, ema_shapes
from tests.builders import random_walk
from tests.core.real_markets import needs_recordings, recorded


def test_there_is_a_line_for_each_period_named_after_it():
    lines = ema_shapes(MarketView(random_walk(300)), EmaParams(9, 21, 100))
    assert [line.name for line in lines] == ["EMA 9", "EMA 21", "EMA 100"]
    assert len({line.tone for line in lines}) == 3
    assert [int(np.isnan(line.y).sum()) for line in lines] == [8, 20, 99]


@needs_recordings
@pytest.mark.parametrize(
    ("symbol", "interval"), [("BTCUSDT", Interval.M1), ("ETHUSDT", Interval.M15)]
)
def test_lines_are_within_a_millionth_of_one_run_over_full_history(symbol, interval):
    # What the seeds of the anchored runs still weigh; nothing for the shorter periods.
    market = recorded(symbol, interval, 20_000)
    lines = ema_shapes(MarketView(market), OVERLAY.defaults)
    for line, period, rtol in zip(lines, (20, 50, 200), (1e-14, 1e-14, 1e-6), strict=True):
        np.testing.assert_allclose(line.y, ema(market.close, period), rtol=rtol)


def test_the_longest_warm_up_is_used_and_not_exceeded():
    assert OVERLAY.warm_up_candles(OVERLAY.defaults, Interval.M1) == LONGEST_WARM_UP
    assert OVERLAY.warm_up_candles(EmaParams(5, 10, 20), Interval.M1) < LONGEST_WARM_UP / 2


@pytest.mark.parametrize(
    ("periods", "message"),
    [
        ((1, 50, 200), "fast must be between 2 and 250, was 1"),
        ((20, 50, 251), "slow must be between 2 and 250, was 251"),
        ((50, 50, 200), "fast, middle and slow must increase, were 50, 50 and 200"),
        ((20, 200, 50), "fast, middle and slow must increase, were 20, 200 and 50"),
    ],
)
def test_impossible_periods_are_rejected(periods, message):
    with pytest.raises(ValueError, match=message):
        EmaParams(*periods)
