from dataclasses import replace

import pytest

from core.engine_tallies import EngineTallies
from core.model.candles import CandleUpdate
from core.model.intervals import MINUTE_MS, Interval
from core.model.signal import Decision, Outcome, SignalKey
from tests.builders import START_MS, candles

KEY = SignalKey("BTCUSDT", Interval.M1, START_MS, "s")
HELD = Decision(KEY, Outcome.HOLD, "nothing", START_MS, START_MS)


def refused(reason):
    return replace(HELD, outcome=Outcome.REFUSED, reason=reason)


def test_decisions_are_counted_by_how_they_ended_and_absent_outcomes_are_zero():
    tallies = EngineTallies()
    tallies.decided(HELD)
    tallies.decided(HELD)
    outcomes = tallies.outcomes()
    assert outcomes[Outcome.HOLD] == 2
    assert outcomes.keys() == set(Outcome)
    assert sum(outcomes.values()) == 2


def test_refusals_are_counted_by_their_code_and_words_are_none():
    tallies = EngineTallies()
    for reason in ("cooldown: 3 minutes", "cooldown: 9 minutes", "just so", 'a "b"\n: c', ": d"):
        tallies.decided(refused(reason))
    assert tallies.refusals() == {"cooldown": 2, "other": 3}


@pytest.mark.parametrize(("event_ms", "market_ms", "lag_s"), [(40, 0, 0.04), (40, 2_500, 2.5)])
def test_a_close_is_as_late_as_the_newest_that_was_told_before_it(event_ms, market_ms, lag_s):
    end_ms = START_MS + MINUTE_MS
    candle = next(iter(candles([1.0]).rows(0, 1)))
    update = CandleUpdate("BTCUSDT", Interval.M1, candle, True, end_ms + event_ms)
    tallies = EngineTallies()
    tallies.heard(update, end_ms + market_ms)
    tallies.heard(update, None)
    assert tallies.close_lags().total == pytest.approx(lag_s + 0.04)
    assert tallies.close_lags().counts[-1] == 2
