"""The engine on a real store and journal, with a feed that says what the test wants."""

import asyncio
import json
import sqlite3
import time

import pytest
from msgspec.structs import replace

from core.data.data_store import DataStore
from core.data.errors import RestError
from core.data.feed_status import FeedState, FeedStatus
from core.data.orderflow.flow_columns import FlowColumns
from core.engine import Engine, Surroundings
from core.journal.database import Access, database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.candles import CandleUpdate
from core.model.engine_report import EngineReport
from core.model.intervals import MINUTE_MS, Interval
from core.model.source import Source
from core.overlays import load_overlays
from core.signal_generator import SignalGenerator
from core.telemetry import Telemetry
from tests.builders import home, instrument, random_walk, settings
from tests.core.journal.empty_journal import ready

HISTORY = 600


class ScriptedFeed:
    """Puts candles into the store and announces them, as the real feed does."""

    tells_time = False

    def __init__(self, store, script, symbol="BTCUSDT"):
        self.symbol = symbol
        self._store = store
        self._script = script
        self._listeners = []
        self._market_ms = None
        self.instruments = {"BTCUSDT": instrument(tick="0.01")}
        self.market_label = None
        self.done = asyncio.Event()
        self.fetched = []
        self.symbols = (symbol,)
        self.restarts = 0
        self.order_flow = self

    def listen(self, listener):
        self._listeners.append(listener)

    def status(self):
        return FeedStatus(FeedState.LIVE, 0.0, "", 0, 0, 0)

    def whole(self, symbol, *, since_ms=None):
        return True

    def streams(self):
        return ()

    def standing(self, symbol):
        return FeedState.LIVE, ""

    def gaps(self, symbol):
        return ()

    def book_phases(self):
        return {}

    def flow(self, symbol):
        return FlowColumns(1).series(symbol)

    def footprints(self, symbol):
        return ()

    def restart(self):
        self.restarts += 1

    def market_time_ms(self):
        """Bars are announced in a burst: with their time, none could be decided on in time."""
        return self._market_ms if self.tells_time else None

    async def ensure(self, symbol, interval, candles=None):
        pass

    async def complete(self, symbol, start_ms, end_ms):
        self.fetched.append((symbol, start_ms, end_ms))

    async def run(self):
        for candle, from_rest, lateness_ms in self._script:
            event_ms = candle.open_time_ms + MINUTE_MS + lateness_ms
            self._market_ms = event_ms
            self._store.append(self.symbol, candle)
            update = CandleUpdate(self.symbol, Interval.M1, candle, True, event_ms, from_rest)
            for listener in self._listeners:
                listener(update)
            await asyncio.sleep(0)
        self.done.set()
        await asyncio.Event().wait()


class Stage:
    """One home that engines come to and go from."""

    def __init__(self, path):
        self.home = home(path)
        base = settings()
        self.settings = base.model_copy(
            update={
                "symbols": ("BTCUSDT",),
                "signals": base.signals.model_copy(
                    update={"interval": Interval.M1, "threshold": 0.2}
                ),
            }
        )
        self.market = random_walk(HISTORY + 400, seed=8)
        self.feed = ScriptedFeed
        self.symbol = "BTCUSDT"
        self.clock = time.monotonic
        self.journal_type = Journal
        self.writer = None
        self.overlays = {"supertrend": load_overlays()["supertrend"]}
        self.analyst = None
        self.latch = ""
        self.until = ""  # a query that says 1 when enough was seen; else when all is decided
        self.missing = 0  # so many bars before the first announced one are not in the store

    def play(self, first, last, *, from_rest=False, lateness_ms=300):
        """Run an engine over bars ``first`` to ``last`` of the market, then end it."""
        asyncio.run(self._play(first, last, from_rest, lateness_ms))

    async def _play(self, first, last, from_rest, lateness_ms):
        store = DataStore(self.settings, self.home)
        store.merge(self.market.head(first - self.missing))
        bars = list(self.market.rows(first, last))
        feed = self.feed(store, [(bar, from_rest, lateness_ms) for bar in bars], self.symbol)
        url = ready(self.home.database)
        engine = Engine(
            self.settings,
            store=store,
            feed=feed,
            generator=SignalGenerator(
                self.settings,
                overlays=self.overlays,
                telemetry=Telemetry(),
                analyst=self.analyst,
                monotonic=self.clock,
            ),
            journal=self.journal_type.open(url, access=Access.LIGHT),  # no power is cut here
            reader=JournalReader.open(url),
            around=Surroundings(
                settlements=self.settlements, analyst=lambda: "nobody", latch=lambda: self.latch
            ),
            monotonic=self.clock,
            writer=self.writer,
        )
        running = asyncio.ensure_future(engine.run())
        try:
            async with asyncio.timeout(90):
                await feed.done.wait()
                done = self.until or (
                    f"SELECT max(open_time_ms) = {bars[-1].open_time_ms} FROM decisions"
                )
                await self.seen(done, running)
        finally:
            running.cancel()
            ended = (await asyncio.gather(running, return_exceptions=True))[0]
        if isinstance(ended, Exception):
            raise ended

    async def seen(self, query, running=None):
        """Wait until ``query`` says 1 or nothing runs; asked again only when somebody wrote."""
        connection = sqlite3.connect(self.home.database)
        version = None
        try:
            while not (running and running.done()):
                before, version = version, connection.execute("PRAGMA data_version").fetchone()
                if before != version and connection.execute(query).fetchall() == [(1,)]:
                    return
                await asyncio.sleep(0.01)
        finally:
            connection.close()

    async def settlements(self, symbol, start_ms, end_ms):
        return ()

    def report(self):
        ((value,),) = self.rows("SELECT value FROM control WHERE key='engine'")
        return EngineReport.from_json(value)

    def reported(self, condition):
        found = self.rows("SELECT value FROM control WHERE key='engine'")
        return bool(found) and condition(self.report())

    def rows(self, query):
        connection = sqlite3.connect(self.home.database)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """A home whose engine ran over 200 bars and ended; only to be looked at."""
    stage = Stage(tmp_path_factory.mktemp("played"))
    stage.play(HISTORY, HISTORY + 200)
    return stage


def test_every_closed_bar_leaves_one_decision(played):
    rows = played.rows("SELECT count(*), count(DISTINCT open_time_ms) FROM decisions")
    assert rows == [(200, 200)]


def test_a_signal_opens_a_trade_at_the_next_open_after_the_decision(played):
    traded = played.rows("SELECT decided_ms, entry_ms FROM trades WHERE entry_ms IS NOT NULL")
    assert traded, "a market of 200 bars with trends gives signals"
    for decided_ms, entry_ms in traded:
        assert 0 <= entry_ms - decided_ms < MINUTE_MS


def test_trades_are_the_same_whether_the_engine_ran_through_or_was_restarted(played, stage):
    for first in range(HISTORY, HISTORY + 200, 50):
        stage.play(first, first + 50)
    query = "SELECT symbol, direction, status, entry_ms, entry_price, exit_ms, pnl FROM trades"
    assert played.rows(query) == stage.rows(query) != []


def test_bars_missed_while_down_get_a_row_and_never_a_signal(stage):
    stage.play(HISTORY, HISTORY + 5)
    stage.play(HISTORY + 60, HISTORY + 65)
    missed = stage.rows(
        "SELECT count(*), max(signal_id) FROM decisions WHERE outcome='engine_down'"
    )
    assert missed == [(55, None)]
    assert stage.rows("SELECT count(*) FROM decisions") == [(65,)]


def test_a_bar_that_rest_confirms_late_is_not_traded(stage):
    stage.play(HISTORY, HISTORY + 100, from_rest=True, lateness_ms=3_001)
    assert stage.rows("SELECT DISTINCT outcome FROM decisions") == [("stale",)]
    assert stage.rows("SELECT count(*) FROM signals") == [(0,)]


def test_a_clean_end_leaves_no_write_ahead_log(played):
    assert not list(played.home.database.parent.glob("*-wal"))


def test_telemetry_and_equity_are_recorded(stage):
    stage.play(HISTORY, HISTORY + 10)
    features = {row[0] for row in stage.rows("SELECT DISTINCT feature FROM feature_telemetry")}
    assert "supertrend" in features
    valued = stage.rows("SELECT source, count(*) FROM equity GROUP BY 1 ORDER BY 1")
    assert valued == [(source.value, 2) for source in sorted(Source)]


def test_the_heartbeat_can_be_read_back(played):
    ((value,),) = played.rows("SELECT value FROM control WHERE key='engine'")
    report = EngineReport.from_json(value)
    assert report.beats >= 1
    assert report.analyst == "nobody"


def test_bars_another_strategy_decided_on_are_not_called_missed(stage):
    first, second = (
        stage.settings,
        stage.settings.model_copy(
            update={"signals": stage.settings.signals.model_copy(update={"threshold": 0.9})}
        ),
    )
    for start, settings_now in ((0, first), (10, second), (20, first)):
        stage.settings = settings_now
        stage.play(HISTORY + start, HISTORY + start + 10)
    assert stage.rows("SELECT count(DISTINCT strategy) FROM decisions") == [(2,)]
    assert stage.rows("SELECT count(*) FROM decisions WHERE outcome='engine_down'") == [(0,)]


@pytest.mark.parametrize(
    "symbols",
    [("ETHUSDT",), ("BTCUSDT", "ETHUSDT")],
    ids=["no longer configured", "configured but no longer listed"],
)
def test_a_trade_of_a_symbol_that_is_no_longer_followed_still_ends(stage, symbols):
    stage.play(HISTORY, HISTORY + 40)
    assert ("BTCUSDT", "open") in stage.rows("SELECT symbol, status FROM trades")
    market = stage.market

    class Elsewhere(ScriptedFeed):
        tells_time = True

        async def complete(self, symbol, start_ms, end_ms):
            self._store.merge(market.between(start_ms, end_ms))

    stage.feed, stage.symbol = Elsewhere, "ETHUSDT"
    stage.settings = stage.settings.model_copy(update={"symbols": symbols})
    stage.play(HISTORY + 40, HISTORY + 140)
    ended = stage.rows("SELECT DISTINCT status FROM trades WHERE symbol='BTCUSDT'")
    assert ended == [("closed",)]


def test_time_spent_waiting_for_history_counts_as_time_to_decide(stage):
    skipped_s = 0.0

    class SlowHistory(ScriptedFeed):
        async def ensure(self, symbol, interval, candles=None):
            nonlocal skipped_s
            skipped_s += 90.0

    stage.feed, stage.clock = SlowHistory, lambda: time.monotonic() + skipped_s
    stage.play(HISTORY, HISTORY + 100)
    decided = stage.rows("SELECT decided_ms - closed_ms FROM decisions")
    assert min(latency_ms for (latency_ms,) in decided) >= 90_000


def test_no_bar_is_skipped_by_a_trade_while_candles_are_missing(tmp_path):
    class Holed(ScriptedFeed):
        """REST answers from the third bar on."""

        calls = 0

        async def complete(self, symbol, start_ms, end_ms):
            Holed.calls += 1
            if Holed.calls < 3:
                raise RestError("klines: unreachable")
            self._store.merge(through.market.between(start_ms, end_ms))

    through, holed = Stage(tmp_path / "a"), Stage(tmp_path / "b")
    stop = HISTORY + 150
    for stage in (through, holed):
        stage.play(HISTORY, HISTORY + 40)
    open_after = holed.rows("SELECT count(*) FROM trades WHERE status IN ('open', 'pending')")
    assert open_after != [(0,)], "the market leaves a trade open here"
    holed.feed, holed.missing = Holed, 50
    through.play(HISTORY + 140, stop)
    holed.play(HISTORY + 140, stop)
    query = "SELECT direction, status, entry_ms, exit_ms, exit_price, pnl FROM trades LIMIT 1"
    assert Holed.calls >= 3
    assert holed.rows(query) == through.rows(query)


def test_a_bar_missing_in_what_is_evaluated_blocks_the_signal(stage):
    class Holed(ScriptedFeed):
        async def run(self):
            hole = stage.market.candle(HISTORY - 5)
            keep = self._store.candles

            def without(symbol, interval, **bounds):
                found = keep(symbol, interval, **bounds)
                times = found.open_time_ms.tolist()
                if hole.open_time_ms not in times:
                    return found
                at = times.index(hole.open_time_ms)
                rows = [*found.head(at), *found.rows(at + 1, len(found))]
                return type(found).from_candles(symbol, interval, rows)

            self._store.candles = without
            await super().run()

    stage.feed = Holed
    stage.play(HISTORY, HISTORY + 100)
    outcomes = stage.rows("SELECT DISTINCT outcome FROM decisions")
    assert outcomes == [("stale",)]
    assert stage.rows("SELECT count(*) FROM signals") == [(0,)]


def test_how_far_an_evaluation_looks_is_how_far_the_feed_must_be_whole(stage):
    asked = []

    class Asked(ScriptedFeed):
        def whole(self, symbol, *, since_ms=None):
            asked.append((self._market_ms, since_ms))
            return False

    stage.feed = Asked
    stage.play(HISTORY, HISTORY + 3)
    assert stage.rows("SELECT DISTINCT outcome FROM decisions") == [("stale",)]
    assert all(now_ms - since_ms > 100 * MINUTE_MS for now_ms, since_ms in asked)


def test_without_a_list_the_engine_trades_what_the_feed_follows_and_nothing_else(stage):
    stage.settings = stage.settings.model_copy(update={"symbols": ()})

    class Elsewhere(ScriptedFeed):
        async def run(self):
            bar = stage.market.candle(HISTORY)
            update = CandleUpdate("DOGEUSDT", Interval.M1, bar, True, bar.open_time_ms + MINUTE_MS)
            for listener in self._listeners:
                listener(update)
            await super().run()

    stage.feed = Elsewhere
    stage.play(HISTORY, HISTORY + 5)
    assert stage.rows("SELECT symbol, count(*) FROM decisions GROUP BY 1") == [("BTCUSDT", 5)]


def test_a_restart_of_the_feed_is_carried_out_once_and_reported(stage):
    class Restarted(ScriptedFeed):
        async def run(self):
            async with asyncio.timeout(90):
                while not stage.reported(lambda report: report.beats >= 2):
                    await asyncio.sleep(0.01)
                assert self.restarts == 0, "that was asked of an engine before this one"
                stage.journal.set_control("restart_feed", "8", 0)
                while not stage.reported(lambda report: report.feed_restart == 8):
                    await asyncio.sleep(0.01)
                beats = stage.report().beats
                while not stage.reported(lambda report: report.beats > beats + 1):
                    await asyncio.sleep(0.01)
            assert self.restarts == 1
            await super().run()

    engine = stage.settings.engine.model_copy(update={"heartbeat_s": 0.2})
    stage.settings = stage.settings.model_copy(update={"engine": engine})
    stage.journal = Journal.open(database_url(stage.home.database))
    stage.journal.set_control("restart_feed", "7", 0)
    stage.feed = Restarted
    stage.play(HISTORY, HISTORY + 2)
    stage.journal.close()


def test_the_report_of_an_older_or_newer_engine_can_be_read():
    report = EngineReport(1, "LIVE", 0.1, 5, "nobody", 10_000.0, 0, streams={"LIVE": 3}, gaps=2)
    assert EngineReport.from_json(report.to_json()) == report
    said = json.loads(report.to_json())
    del said["gaps"], said["streams"]
    said["colour"] = "green"
    assert EngineReport.from_json(json.dumps(said)).gaps == 0


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"beats": 1}'])
def test_something_else_than_a_report_is_an_error(text):
    with pytest.raises(ValueError, match=r"report|JSON|Expecting|property name"):
        EngineReport.from_json(text)


def test_a_bar_that_was_held_up_by_an_earlier_one_is_not_traded_as_if_it_had_just_closed(stage):
    class Holding(ScriptedFeed):
        def listen(self, listener):
            super().listen(lambda update: listener(replace(update, held=True)))

    stage.feed = Holding
    stage.play(HISTORY, HISTORY + 100, lateness_ms=3_001)
    assert stage.rows("SELECT DISTINCT outcome FROM decisions") == [("stale",)]
    assert stage.rows("SELECT count(*) FROM signals") == [(0,)]


def test_shadow_accounts_are_recorded_with_each_decision_and_trade_by_themselves(played):
    shadows = [json.loads(told) for (told,) in played.rows("SELECT shadows FROM decisions")]
    assert all(set(told) == {"rules", "random"} for told in shadows)
    traded = dict(played.rows("SELECT source, count(*) FROM trades GROUP BY 1"))
    assert traded.keys() >= {"policy", "rules", "random"}
    # Nobody is asked: the policy and the rules alone are one.
    columns = "decided_ms - decided_ms % 60000, direction, entry_price, exit_price, exit_reason"
    of = "SELECT {} FROM trades WHERE source='{}' ORDER BY decided_ms"
    assert played.rows(of.format(columns, "policy")) == played.rows(of.format(columns, "rules"))


def test_with_the_emergency_latch_nothing_is_entered_by_any_account(stage):
    stage.latch = "somebody pulled it"
    stage.play(HISTORY, HISTORY + 200)
    assert stage.rows("SELECT count(*) FROM trades") == [(0,)]
    refused = stage.rows("SELECT count(*) FROM decisions WHERE reason LIKE '%somebody pulled it%'")
    assert refused > [(0,)]


def test_stops_are_walked_while_the_analyst_has_not_answered(stage):
    """The answer never comes; the trades of shadow accounts end all the same."""

    class Silent:
        asked = 0

        async def judge(self, facts):
            Silent.asked += 1
            await asyncio.Event().wait()

    stage.play(HISTORY, HISTORY + 40)
    before = stage.rows("SELECT count(*) FROM trades WHERE status = 'open'")
    assert before > [(0,)]
    stage.analyst = Silent()
    stage.until = "SELECT count(*) = 0 FROM trades WHERE status = 'open'"
    stage.play(HISTORY + 40, HISTORY + 240)
    assert Silent.asked == 1, "one question of a symbol at a time"
    busy = stage.rows("SELECT count(*) FROM decisions WHERE analyst = 'still_waiting'")
    assert busy > [(0,)]
    asked = "SELECT outcome, shadows FROM decisions WHERE reason LIKE '%had answered%'"
    ((outcome, told),) = stage.rows(asked)
    assert outcome == "engine_down", "the question was open when the engine ended"
    assert json.loads(told).keys() >= {"rules", "random"}
    bars = "SELECT count(*), max(open_time_ms) - min(open_time_ms) FROM decisions"
    ((rows, span_ms),) = stage.rows(bars)
    assert span_ms == (rows - 1) * MINUTE_MS, "no bar is without its row"
