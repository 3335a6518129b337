from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.indicators.alignment import (
    DOWN,
    EFFICIENCY_CANDLES,
    MIXED,
    UNKNOWN,
    UP,
    Closes,
    alignment_score,
    latest,
    leans,
)
from core.model.intervals import Interval
from tests.builders import START_MS, candles, random_walk

MIXED_BELOW, FULL_AT = 0.2, 0.5


def closes(open_time_ms, close, interval=Interval.M1):
    times = np.asarray(open_time_ms, dtype=np.int64)
    return Closes(interval, times, np.asarray(close, dtype=np.float64))


def leaning(*told):
    (found,) = leans([closes(*told)], mixed_below=MIXED_BELOW, full_at=FULL_AT)
    return found


def leaning_at_once(close):
    market = candles(close)
    return leaning(market.open_time_ms, market.close)


def naive(bars, interval, at_ms):
    """Code and strength at one moment, from a mapping of open times to closes."""
    newest_ms = at_ms // interval.duration_ms * interval.duration_ms - interval.duration_ms
    times = [newest_ms - lag * interval.duration_ms for lag in range(EFFICIENCY_CANDLES, -1, -1)]
    if any(time_ms not in bars for time_ms in times):
        return UNKNOWN, np.nan
    closes = [bars[time_ms] for time_ms in times]
    way = sum(abs(b - a) for a, b in pairwise(closes))
    efficiency = (closes[-1] - closes[0]) / way if way else 0.0
    code = UP if efficiency >= MIXED_BELOW else DOWN if efficiency <= -MIXED_BELOW else MIXED
    return code, min(abs(efficiency) / FULL_AT, 1.0)


@settings(max_examples=25)
@given(
    st.sampled_from([Interval.M1, Interval.M5, Interval.H1]),
    st.sampled_from([Interval.M1, Interval.M15, Interval.H4]),
    st.integers(0, 2**16),
    st.floats(0.0, 0.15),
)
def test_each_moment_is_told_by_the_newest_bar_closed_by_then(interval, shown, seed, holes):
    rng = np.random.default_rng(seed)
    market = random_walk(60, seed=seed, interval=interval)
    kept = rng.random(60) >= holes
    times, close = market.open_time_ms[kept], market.close[kept]
    at_ms = START_MS + shown.duration_ms * (np.flatnonzero(rng.random(90) > 0.1) - 5)
    found = latest(leaning(times, close, interval), closes(times, close, interval), at_ms)
    bars = dict(zip(times.tolist(), close.tolist(), strict=True))
    expected = [naive(bars, interval, int(moment)) for moment in at_ms]
    assert found.code.tolist() == [code for code, _ in expected]
    np.testing.assert_allclose(found.strength, [s for _, s in expected], rtol=1e-12)
    signs = np.array([{UP: 1.0, DOWN: -1.0}.get(code, 0.0) for code, _ in expected])
    np.testing.assert_array_equal(found.vote, found.strength * signs)


@pytest.mark.parametrize("interval", [Interval.M1, Interval.M5, Interval.H1])
@pytest.mark.parametrize("offset", [-90, 0, 7, 300])
def test_moments_in_equal_steps_are_told_the_same_whether_or_not_the_step_is(interval, offset):
    market = random_walk(40, seed=2, interval=interval)
    kept = np.arange(40) != 20
    bars = closes(market.open_time_ms[kept], market.close[kept], interval)
    told = leaning(bars.open_time_ms, bars.close, interval)
    step_ms = Interval.M5.duration_ms
    at_ms = START_MS + step_ms * (np.arange(500) + offset)
    searched, divided = latest(told, bars, at_ms), latest(told, bars, at_ms, step_ms)
    assert divided.code.tolist() == searched.code.tolist()
    np.testing.assert_array_equal(divided.strength, searched.strength)


@pytest.mark.parametrize(
    ("closes", "code", "strength"),
    [
        (np.arange(100.0, 130.0), UP, 1.0),
        (np.arange(130.0, 100.0, -1.0), DOWN, 1.0),
        (np.full(30, 100.0), MIXED, 0.0),
        (np.full(30, 1e-8), MIXED, 0.0),
        (np.tile([1e6, 1e6 + 1.0], 15), MIXED, 0.0),
    ],
)
def test_straight_ways_are_full_and_idle_ones_are_mixed(closes, code, strength):
    found = leaning_at_once(closes)
    assert found.code.tolist() == [UNKNOWN] * EFFICIENCY_CANDLES + [code] * (30 - 10)
    np.testing.assert_allclose(found.strength[EFFICIENCY_CANDLES:], strength, atol=1e-15)


@pytest.mark.parametrize("n", [0, 1, EFFICIENCY_CANDLES])
def test_too_few_bars_are_unknown(n):
    found = leaning_at_once(np.full(n, 5.0))
    assert found.code.tolist() == [UNKNOWN] * n
    assert np.isnan(found.vote).all()


def test_a_missing_bar_makes_every_window_that_holds_it_unknown():
    market = random_walk(60)
    kept = np.arange(60) != 30
    found = leaning(market.open_time_ms[kept], market.close[kept])
    unknown = market.open_time_ms[kept][found.code == UNKNOWN]
    hole = int(market.open_time_ms[30])
    expected = [*market.open_time_ms[:10].tolist(), *(hole + 60_000 * k for k in range(1, 11))]
    assert unknown.tolist() == expected


def test_chance_alone_is_mixed_in_two_windows_of_five_and_full_in_one():
    close = 1e4 + np.cumsum(np.random.default_rng(4).normal(size=20_000))
    found = leaning_at_once(close)
    known = slice(EFFICIENCY_CANDLES, None)
    assert np.mean(found.code[known] == MIXED) == pytest.approx(0.4, abs=0.03)
    assert np.mean(found.strength[known] == 1.0) == pytest.approx(0.2, abs=0.03)


def test_the_score_is_the_mean_vote_and_unknown_where_any_timeframe_is():
    up, down = leaning_at_once(np.arange(1.0, 40.0)), leaning_at_once(np.arange(40.0, 1.0, -1.0))
    late = closes(START_MS + 60_000 * np.arange(20, 39), np.arange(1.0, 20.0))
    later = latest(
        leaning(late.open_time_ms, late.close), late, START_MS + 60_000 * np.arange(1, 40)
    )
    np.testing.assert_array_equal(alignment_score([up, up])[10:], 1.0)
    np.testing.assert_array_equal(alignment_score([up, down])[10:], 0.0)
    assert np.isnan(alignment_score([up, later])[:30]).all()
    assert alignment_score([up, down, later])[30:].tolist() == [1.0 / 3.0] * 9


def test_timeframes_judged_together_are_as_judged_alone():
    apart = [
        closes(market.open_time_ms, market.close, interval)
        for seed, (interval, n) in enumerate(
            {Interval.M5: 30, Interval.M1: 8, Interval.H1: 25}.items()
        )
        for market in [random_walk(n, seed=seed, interval=interval)]
    ]
    together = leans(apart, mixed_below=MIXED_BELOW, full_at=FULL_AT)
    for timeframe, found in zip(apart, together, strict=True):
        alone = leaning(timeframe.open_time_ms, timeframe.close, timeframe.interval)
        assert found.code.tolist() == alone.code.tolist()
        np.testing.assert_array_equal(found.vote, alone.vote)


def test_no_window_reaches_from_one_timeframe_into_the_next():
    first = random_walk(5, interval=Interval.M5)
    next_ms = int(first.open_time_ms[-1]) + 60_000  # ten 1m bars later the span would fit
    second = random_walk(15, start_ms=next_ms)
    both = [
        closes(first.open_time_ms, first.close, Interval.M5),
        closes(second.open_time_ms, second.close, Interval.M1),
    ]
    _, found = leans(both, mixed_below=MIXED_BELOW, full_at=FULL_AT)
    assert (found.code == UNKNOWN).tolist() == [True] * 10 + [False] * 5
