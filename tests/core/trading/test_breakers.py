import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.trading.breakers import BreakerLimits, Breakers, BreakerStateError
from tests.builders import START_MS

MINUTE = 60_000
DAY = 1440 * MINUTE
LIMITS = BreakerLimits(daily_loss_pct=3.0, max_drawdown_pct=20.0)


def seen(*observations, limits=LIMITS):
    (first_ms, equity), *rest = observations
    state = Breakers.begun(START_MS + first_ms, equity)
    for at_ms, equity in rest:
        state = state.observed(START_MS + at_ms, equity, limits)
    return state


def codes(state, at_ms=None):
    at_ms = state.at_ms if at_ms is None else START_MS + at_ms
    return [halt.code for halt in state.halts(at_ms)]


def test_the_daily_breaker_trips_at_its_limit_and_not_before():
    assert codes(seen((0, 10_000.0), (1, 9_700.01))) == []
    assert codes(seen((0, 10_000.0), (1, 9_700.0))) == ["daily_loss"]


def test_a_daily_loss_stands_until_the_next_utc_day_though_the_equity_recovers():
    state = seen((0, 10_000.0), (MINUTE, 9_600.0), (2 * MINUTE, 10_500.0))
    assert codes(state, DAY - 1) == ["daily_loss"]
    assert "4.00 %" in state.halts(state.at_ms)[0].reason
    assert codes(state, DAY) == []
    assert codes(state.observed(START_MS + DAY, 10_500.0, LIMITS)) == []


def test_a_day_begins_at_what_the_day_before_ended_with():
    state = seen((0, 10_000.0), (DAY - MINUTE, 9_900.0), (DAY + MINUTE, 9_602.0))
    assert state.day_start == 9_900.0
    assert codes(state) == ["daily_loss"]


def test_an_observation_at_midnight_is_the_start_of_the_new_day():
    state = seen((0, 10_000.0), (DAY - MINUTE, 9_900.0), (DAY, 9_800.0))
    assert state.day_start == 9_800.0


@pytest.mark.parametrize(("first", "start"), [(9_500.0, 9_900.0), (10_100.0, 10_100.0)])
def test_after_a_midnight_that_nobody_saw_the_stricter_equity_counts(first, start):
    state = seen((0, 10_000.0), (DAY - 60 * MINUTE, 9_900.0), (DAY + MINUTE, first))
    assert state.day_start == start


def test_a_drawdown_stands_for_days_until_it_is_resumed_and_the_peak_begins_anew():
    state = seen((0, 10_000.0), (1, 8_000.0), (3 * DAY, 12_000.0))
    assert codes(state) == ["drawdown"]
    assert "20.00 % below its peak, 10,000.00" in state.halts(state.at_ms)[0].reason
    resumed = state.resumed()
    assert codes(resumed) == []
    assert resumed.peak == 12_000.0


def test_resuming_leaves_a_daily_loss():
    assert codes(seen((0, 10_000.0), (1, 7_000.0)).resumed()) == ["daily_loss"]


def test_nothing_left_trips_both():
    assert codes(seen((0, 0.0), (1, 0.0))) == ["daily_loss", "drawdown"]


def test_time_that_goes_back_changes_nothing_and_halts_when_it_goes_far():
    state = seen((0, 10_000.0), (2 * DAY, 10_000.0))
    assert state.observed(START_MS, 1.0, LIMITS) == state
    assert codes(state, 2 * DAY - MINUTE) == []
    assert codes(state, DAY) == ["market_time"]


def test_equity_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="nan"):
        seen((0, 10_000.0), (1, float("nan")))


@pytest.mark.parametrize("pct", [0.0, 100.1, float("nan")])
def test_limits_out_of_bounds_cannot_be(pct):
    with pytest.raises(ValueError, match="daily_loss_pct"):
        BreakerLimits(pct, 20.0)
    with pytest.raises(ValueError, match="max_drawdown_pct"):
        BreakerLimits(3.0, pct)


observations = st.lists(
    st.tuples(st.integers(-DAY, DAY), st.floats(-100, 20_000)), min_size=1, max_size=30
)


@settings(max_examples=60)
@given(observations)
def test_breakers_never_loosen_but_at_midnight_and_by_hand(steps):
    state = Breakers.begun(START_MS, 10_000.0)
    at_ms = START_MS
    for step_ms, equity in steps:
        at_ms += step_ms
        before, state = state, state.observed(at_ms, equity, LIMITS)
        assert Breakers.from_json(state.to_json()) == state
        assert "drawdown" not in codes(before) or "drawdown" in codes(state)
        if state.at_ms // DAY == before.at_ms // DAY:
            assert "daily_loss" not in codes(before) or "daily_loss" in codes(state)
            assert state.day_start == before.day_start
        assert state.peak >= before.peak
        assert state.at_ms >= before.at_ms


SOUND = json.loads(seen((0, 10_000.0), (1, 9_000.0)).to_json())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "[" * 100_000,
        "x" * 100_000,
        "1" * 10_000,
        json.dumps(SOUND)[:-1],
        json.dumps(SOUND)[:-1] + ', "peak": 1.0}',
        json.dumps(SOUND | {"more": 1.0}),
        json.dumps({k: v for k, v in SOUND.items() if k != "drawdown_at"}),
        json.dumps(SOUND | {"at_ms": 1.5}),
        json.dumps(SOUND | {"at_ms": True}),
        json.dumps(SOUND | {"at_ms": -1}),
        json.dumps(SOUND | {"equity": "9000"}),
        json.dumps(SOUND | {"equity": None}),
        json.dumps(SOUND | {"equity": float("nan")}),
        json.dumps(SOUND | {"peak": float("inf")}),
        json.dumps(SOUND | {"peak": 8_999.0}),
        json.dumps(SOUND | {"drawdown_at": False}),
    ],
)
def test_a_damaged_state_is_an_error_and_never_a_beginning(text):
    with pytest.raises(BreakerStateError):
        Breakers.from_json(text)


def test_what_a_restart_must_not_lose_is_all_but_the_newest_observation():
    state = seen((0, 10_000.0), (1, 9_999.0))
    assert replace(state, at_ms=state.at_ms + 1, equity=9_998.0).standing == state.standing
    assert replace(state, daily_loss_at=1.0).standing != state.standing
    assert replace(state, at_ms=state.at_ms + DAY).standing != state.standing
