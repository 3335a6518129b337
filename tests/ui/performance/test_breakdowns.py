"""Groups of trades."""

import pytest

from core.model.trade import ExitReason
from tests.builders import START_MS
from tests.ui.performance.history import DAY_MS, trade
from ui.performance.breakdowns import (
    R_LEAST,
    R_MOST,
    R_STEP,
    REASON_WORDS,
    by_day,
    by_multiple,
    by_reason,
    by_symbol,
)


def test_symbols_come_with_the_best_result_first():
    trades = [trade(1, -20.0), trade(2, 30.0, symbol="ETHUSDT"), trade(3, 5.0)]
    best, worst = by_symbol(trades)
    assert (best.name, best.count, best.won, best.usd) == ("ETHUSDT", 1, 1, 30.0)
    assert (worst.name, worst.count, worst.won, worst.usd) == ("BTCUSDT", 2, 1, -15.0)
    assert worst.r == pytest.approx(-0.15)


def test_each_reason_has_words_of_its_own():
    assert set(REASON_WORDS) == set(ExitReason)
    assert len(set(REASON_WORDS.values())) == len(ExitReason)
    assert [share.name for share in by_reason([trade(1), trade(2, -9.0)])] == ["target", "stop"]
    assert by_reason([trade(1, exit_reason=None)])[0].name == "not told"


def test_days_are_utc_days_of_the_exit():
    midnight = START_MS - START_MS % DAY_MS + DAY_MS
    trades = [trade(1, 7.0, exit_ms=midnight - 1), trade(2, 0.0, exit_ms=midnight)]
    first, second = by_day(trades)
    assert (first.at_ms, first.won, first.lost, first.usd) == (midnight - DAY_MS, 1, 0, 7.0)
    assert (second.at_ms, second.won, second.lost) == (midnight, 0, 1)


def test_every_multiple_is_counted_once_also_beyond_the_ends():
    trades = [trade(n, r_multiple=r) for n, r in enumerate((-9.0, R_LEAST, -0.5, 0.0, 6.0, 42.0))]
    classes = dict(by_multiple(trades))
    assert len(classes) == (R_MOST - R_LEAST) / R_STEP
    assert classes == dict.fromkeys(classes, 0) | {R_LEAST: 2, -0.5: 1, 0.0: 1, 5.5: 2}
    assert by_multiple([trade(1, r_multiple=None)]) == []
