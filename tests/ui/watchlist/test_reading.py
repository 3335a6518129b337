"""The list of all that is followed."""

from dataclasses import replace

import pytest

from core.data.market_events import MarkPrice
from core.journal.database import database_url
from core.journal.errors import JournalError, MissingJournalError
from core.journal.journal import Journal
from core.journal.watch_reader import WatchReader
from core.model.intervals import MINUTE_MS, Interval
from core.model.regime import Regime, RegimeChange
from tests.builders import random_walk
from tests.core.journal.builders import decision, key
from tests.core.journal.empty_journal import ready
from tests.ui.fakes import NOON_MS, signal, world
from ui.shell.account import DAY_MS
from ui.view import View
from ui.watchlist.feature import told
from ui.watchlist.reading import Watch, WatchDesk
from ui.watchlist.sparks import MOST_AT_ONCE, Spark, Sparks, spark_of

VIEW = View("BTCUSDT", Interval.M1)


def no_journal():
    raise MissingJournalError("there is none")


def market():
    """Three symbols with a day and a half of minutes, and no running candle."""
    found = world()
    found.feed.time_ms = NOON_MS
    for symbol in found.feed.followed:
        start_ms = NOON_MS - 2_000 * MINUTE_MS
        series = random_walk(2_000, symbol=symbol, start_ms=start_ms)
        found.store.series[symbol, Interval.M1] = series
    return found


def row(desk, symbol="BTCUSDT"):
    return next(row for row in desk.watch(VIEW).rows if row.symbol == symbol)


def test_a_row_has_price_change_funding_and_a_day_of_closes():
    here = market()
    here.feed.marks["BTCUSDT"] = MarkPrice("BTCUSDT", 1.0, 1.0, 0.0001, NOON_MS, NOON_MS)
    minutes = here.store.series["BTCUSDT", Interval.M1]
    found = row(WatchDesk(here.services, no_journal))
    ago = minutes.open[list(minutes.open_time_ms).index(NOON_MS - DAY_MS)]
    assert found.last == minutes.close[-1]
    assert found.change == pytest.approx((minutes.close[-1] / ago - 1) * 100)
    assert found.funding == pytest.approx(0.01)
    assert (len(found.spark.points), min(found.spark.points), max(found.spark.points)) == (
        96, 0, 100,
    )  # fmt: skip
    assert (found.score, found.regime, found.signal_ms) == (None, "", None)


def test_what_the_engine_recorded_stands_beside_it(tmp_path):
    here, url = market(), database_url(tmp_path / "journal.db")
    journal = Journal.open(ready(url))
    features = {"alignment_1m": -0.8, "alignment_1d": 0.5}
    journal.record_decisions([decision(key(0)), replace(decision(key(1)), features=features)])
    interval = here.services.settings.signals.interval
    change = RegimeChange("BTCUSDT", interval, Regime.TREND_DOWN, NOON_MS, NOON_MS)
    here.journal.known_regimes["BTCUSDT", interval] = change
    here.journal.signals = (signal(2), signal(1, decided_ms=1))
    found = row(WatchDesk(here.services, lambda: WatchReader.open(url)))
    assert (found.score, found.regime) == (0.6, "trend down")
    assert (found.alignment[0], found.alignment[1], found.alignment[-1]) == (-0.8, None, 0.5)
    assert (found.signal, found.signal_ms) == ("LONG", here.journal.signals[0].decided_ms)


def test_a_journal_that_cannot_be_read_leaves_the_market_on_the_list(tmp_path):
    here, url = market(), database_url(tmp_path / "journal.db")
    Journal.open(ready(url)).close()
    here.journal.fault = JournalError("torn")
    found = WatchDesk(here.services, lambda: WatchReader.open(url)).watch(VIEW)
    assert found.fault == "torn"
    assert found.rows[0].last is not None


def test_a_reading_serves_all_pages_for_a_while():
    here, now = market(), [0.0]
    desk = WatchDesk(replace(here.services, monotonic=lambda: now[0]), no_journal)
    first = desk.watch(VIEW)
    reads = here.store.reads
    assert desk.watch(VIEW) is first
    assert here.store.reads == reads
    now[0] = 5.0
    assert desk.watch(VIEW) is not first


def test_mini_charts_are_read_a_few_at_a_time_and_once_per_quarter_of_an_hour():
    here = world()
    sparks, symbols = Sparks(here.store), tuple(f"A{i}USDT" for i in range(2 * MOST_AT_ONCE))
    reads = []
    for at_ms in (NOON_MS, NOON_MS, NOON_MS, NOON_MS + 15 * MINUTE_MS):
        before = here.store.reads
        sparks.refresh(symbols, at_ms)
        reads.append(here.store.reads - before)
    assert reads == [MOST_AT_ONCE, MOST_AT_ONCE, 0, MOST_AT_ONCE]


def test_too_few_minutes_are_no_chart():
    assert spark_of(random_walk(10).head(0)) == Spark()


def test_only_what_changed_is_told():
    here = market()
    before = WatchDesk(here.services, no_journal).watch(VIEW)
    whole = told(before, None)
    assert whole["whole"]
    assert [len(each["spark"]["points"]) for each in whole["rows"]] == [96, 96, 96]
    moved = replace(before.rows[1], last=1.0)
    now = Watch((before.rows[0], moved, before.rows[2]))
    change = told(now, before)
    assert change["rows"] == [{"id": moved.symbol, "last": 1.0}]
    assert change["symbols"] == whole["symbols"]
