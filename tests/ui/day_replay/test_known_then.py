from dataclasses import replace

import numpy as np
import pytest

from core.data.market_views import Heard
from core.data.orderflow.flow_columns import FlowColumns
from core.journal.errors import JournalError
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS, Interval
from core.model.trade import TradeStatus
from tests.ui.fakes import FakeJournal, signal, world
from ui.chart_service import ChartService
from ui.day_replay.known_then import PastSignals, known_signals
from ui.look import Candles, Look
from ui.view import View

AFTER = 90
"""Candles of the replayed market that had not closed yet."""
OVERLAYS = ("supertrend", "order_flow", "timeframe_alignment", "smart_money", "market_regime")
"""One of each kind of what is looked at: candles, flow, other intervals, zones, a state."""


def closed_ms(market, interval):
    times = market.store.series["BTCUSDT", interval].open_time_ms
    return interval.close_time_ms(int(times[-1 - AFTER]))


def ended(market, until_ms):
    """Let the market's store end where it was at a moment."""
    for (symbol, interval), series in market.store.series.items():
        last_ms = until_ms + 1 - interval.duration_ms
        market.store.series[symbol, interval] = series.between(None, last_ms)


def heard(first_ms, minutes):
    columns = FlowColumns(1000)
    for minute in range(minutes):
        columns.write_tops(first_ms + minute * MINUTE_MS, (0.1, 0.2, 1.0))
    return columns.series("BTCUSDT")


@pytest.mark.parametrize("interval", [Interval.M1, Interval.M15])
def test_a_replayed_chart_is_the_one_that_was_drawn_when_the_store_ended_there(interval):
    now, then = world(), world()
    for market in (now, then):
        for symbol, other in market.feed.histories:
            market.store.series[symbol, other] = market.feed.histories[symbol, other]
    until_ms = closed_ms(now, interval)
    ended(then, until_ms)
    past = View("BTCUSDT", interval, OVERLAYS, look=Look(until_ms=until_ms))
    first_ms = until_ms + 1 - 40 * MINUTE_MS
    gap = Gap(until_ms + 1 - 3 * MINUTE_MS, until_ms + 1 - 2 * MINUTE_MS)
    later = Gap(until_ms + 1 + 5 * MINUTE_MS, until_ms + 1 + 9 * MINUTE_MS)
    everything = Heard(heard(first_ms, 40 + AFTER), gaps=(gap, later))
    replayed = ChartService(now.services).chart(past, (), heard=everything)
    drawn = ChartService(then.services).chart(
        replace(past, look=Look()), (), heard=Heard(heard(first_ms, 40), gaps=(gap,))
    )
    for chart in (replayed, drawn):
        for told in ("look", "stamp"):
            del chart.figure["layout"]["meta"][told]
    assert replayed.figure["layout"]["meta"]["bars"] > 100
    assert replayed.figure == drawn.figure


def test_averaged_candles_and_more_bars_are_replayed_as_well():
    market = world()
    until_ms = closed_ms(market, Interval.M1)
    look = Look(candles=Candles.HEIKIN_ASHI, bars=700, until_ms=until_ms)
    chart = ChartService(market.services).chart(View("BTCUSDT", Interval.M1, look=look), ())
    trace = next(t for t in chart.figure["data"] if t["type"] == "candlestick")
    assert len(trace["x"]) == 700
    assert trace["x"][-1] + MINUTE_MS - 1 == until_ms


def test_a_signal_is_known_when_its_bar_has_closed():
    row = signal(1)
    closes_ms = row.key.interval.close_time_ms(row.key.open_time_ms)
    assert known_signals([row], closes_ms - 1) == []
    assert [found.id for found in known_signals([row], closes_ms)] == [1]


def test_what_became_of_a_signal_is_not_told_before_it_happened():
    row = signal(1)
    for until_ms, status in (
        (row.entry_ms - 1, TradeStatus.PENDING),
        (row.entry_ms, TradeStatus.OPEN),
        (row.exit_ms - 1, TradeStatus.OPEN),
    ):
        [then] = known_signals([row], until_ms)
        assert then.status is status
        assert (then.exit_price, then.exit_reason, then.pnl, then.r_multiple) == (None,) * 4
        assert (then.entry_price is not None) == (until_ms >= row.entry_ms)
    assert known_signals([row], row.exit_ms) == [row]


def test_signals_older_than_the_newest_ones_are_read_from_the_journal():
    journal = FakeJournal(tuple(signal(number) for number in range(1, 400)))
    past = PastSignals(journal, lambda: 0.0)
    until_ms = journal.signals[-1].exit_ms
    assert 399 in [row.id for row in past.at(until_ms, journal.signals[:5])]


def test_without_a_journal_the_newest_signals_are_replayed():
    journal = FakeJournal()
    journal.fault = JournalError("locked")
    row = signal(1)
    assert PastSignals(journal, lambda: 0.0).at(row.exit_ms, [row]) == [row]


def test_a_replay_has_no_marks_of_later_signals():
    market = world()
    early, late = signal(120), signal(1)
    market.journal.signals = (late, early)
    look = Look(until_ms=closed_ms(market, Interval.M1))
    view = View("BTCUSDT", Interval.M1, look=look)
    chart = ChartService(market.services).chart(view, market.journal.signals)
    marks = [t for t in chart.figure["data"] if t["name"] == "Signals LONG"]
    assert np.concatenate([m["x"] for m in marks]).tolist() == [early.key.open_time_ms]
