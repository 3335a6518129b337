import numpy as np
import pytest

from core.data.fold import fold
from core.indicators.alignment import EFFICIENCY_CANDLES, UNKNOWN
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.overlays.timeframe_alignment import OVERLAY
from tests.builders import START_MS, random_walk
from tests.core.indicators.test_alignment import naive

MINUTES = random_walk(13 * 1440, seed=11, start_ms=START_MS + 7 * 60_000)
FOLDED = {interval: fold(MINUTES, interval) for interval in Interval if interval != Interval.M1}
MARKETS = {Interval.M1: MINUTES, **FOLDED}


def view_of(shown, rows):
    others = {interval: bars for interval, bars in MARKETS.items() if interval is not shown}
    return MarketView(MARKETS[shown].tail(rows), others)


def drawn(view):
    *ribbons, score = OVERLAY.compute(view, OVERLAY.defaults)
    return {ribbon.name: ribbon for ribbon in ribbons}, score


@pytest.mark.parametrize("shown", [Interval.M1, Interval.M15, Interval.H4])
def test_every_row_of_every_timeframe_is_as_a_plain_loop_has_it(shown):
    view = view_of(shown, 40)
    ribbons, score = drawn(view)
    assert list(ribbons) == [interval.value for interval in Interval]
    for interval, market in MARKETS.items():
        bars = dict(zip(market.open_time_ms.tolist(), market.close.tolist(), strict=True))
        ends_ms = view.candles.open_time_ms + shown.duration_ms
        expected = [naive(bars, interval, int(end_ms)) for end_ms in ends_ms]
        known = slice(EFFICIENCY_CANDLES if interval is shown else 0, None)
        ribbon = ribbons[interval.value]
        assert ribbon.code[known].tolist() == [code for code, _ in expected][known]
        np.testing.assert_allclose(
            ribbon.strength[known], [s for _, s in expected][known], rtol=1e-12
        )
    votes = [r.strength * (np.sign(r.code - 1.0)) for r in ribbons.values()]
    np.testing.assert_allclose(score.y[10:], np.mean(votes, axis=0)[10:], rtol=1e-12, atol=1e-15)
    assert 0.0 < np.nanmax(np.abs(score.y)) <= 1.0


def test_a_day_counts_from_the_close_of_its_last_minute_on():
    code_and_strength = []
    for hour in (22, 23, 24):
        ends_ms = FOLDED[Interval.D1].open_time_ms[-1] + hour * 3_600_000
        hours = FOLDED[Interval.H1].between(None, int(ends_ms) - 3_600_000)
        view = MarketView(hours.tail(20), {Interval.D1: FOLDED[Interval.D1]})
        ribbons, _ = drawn(view)
        code_and_strength.append((ribbons["1d"].code[-1], ribbons["1d"].strength[-1]))
    assert code_and_strength[0] == code_and_strength[1] != code_and_strength[2]


def test_a_timeframe_that_is_promised_but_not_known_leaves_no_score():
    shown = MINUTES.tail(30)
    nothing = FOLDED[Interval.H1].head(0)
    ribbons, score = drawn(MarketView(shown, {Interval.H1: nothing}))
    assert set(ribbons["1h"].code.tolist()) == {UNKNOWN}
    assert np.isnan(score.y).all()
    ribbons, score = drawn(MarketView(shown))
    assert list(ribbons) == ["1m"]
    assert np.isfinite(score.y[10:]).all()


def test_what_ended_before_the_newest_closed_bar_stands_for_nothing():
    stale = FOLDED[Interval.M15].head(len(FOLDED[Interval.M15]) - 1)
    ribbons, score = drawn(MarketView(MINUTES.tail(14), {Interval.M15: stale}))
    end_ms = int(FOLDED[Interval.M15].open_time_ms[-1]) + Interval.M15.duration_ms
    late = MINUTES.tail(14).open_time_ms + 60_000 >= end_ms
    assert late.any()
    assert (ribbons["15m"].code[late] == UNKNOWN).all()
    assert np.isnan(score.y[late]).all()


def test_how_far_other_intervals_reach_back_does_not_matter():
    view = view_of(Interval.M15, 60)
    reach = {
        interval: bars.tail(len(bars) - int(np.searchsorted(bars.open_time_ms, first_ms)))
        for interval, bars in view.others.items()
        for first_ms in [
            interval.open_time_ms(int(view.candles.open_time_ms[0]) + Interval.M15.duration_ms)
            - OVERLAY.companions[interval] * interval.duration_ms
        ]
    }
    ribbons, score = drawn(MarketView(view.candles, reach))
    expected, the_score = drawn(view)
    np.testing.assert_array_equal(score.y, the_score.y)
    for name, ribbon in expected.items():
        assert ribbons[name].code.tolist() == ribbon.code.tolist()
