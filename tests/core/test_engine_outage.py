"""The engine while its journal cannot be written: nothing waits, nothing is lost, nothing late."""

import asyncio
import time

import pytest

from core.decision_book import LATEST_ROW_S
from core.journal.errors import JournalError, UnavailableJournalError
from core.journal.journal import Journal
from core.journal.writer import JournalWriter
from core.model.intervals import MINUTE_MS
from tests.core.test_engine import HISTORY, ScriptedFeed, Stage

BARS = 120


async def blink(_):
    await asyncio.sleep(0.005)


@pytest.fixture
def stage(tmp_path):
    return Stage(tmp_path)


class Outage:
    """A disk that is full from the first bar on, until all of them were evaluated."""

    def __init__(self, stage, *, waited_s, error=UnavailableJournalError):
        self.full = True
        self.late_s = 0.0
        self.waited_s = waited_s
        self.refused = set()
        self.error = error
        stage.writer = JournalWriter(sleep=blink)
        stage.clock = lambda: time.monotonic() + self.late_s
        stage.journal_type = journal_on(self)
        stage.feed = feed_through(self)

    def check(self, what):
        if self.full:
            self.refused.add(what)
            raise self.error(f"journal.db: no room for a {what}")

    def end(self):
        self.late_s = self.waited_s
        self.full = False


def journal_on(outage):
    class FullDisk(Journal):
        def record_evaluation(self, *arguments, **named):
            outage.check("decision")
            return super().record_evaluation(*arguments, **named)

        def save_trades(self, trades):
            outage.check("trade")
            super().save_trades(trades)

        def add_readings(self, readings):
            outage.check("reading")
            super().add_readings(readings)

        def add_equity(self, *arguments):
            outage.check("equity")
            super().add_equity(*arguments)

        def set_control(self, key, *arguments):
            if key == "engine":
                outage.check("heartbeat")
            super().set_control(key, *arguments)

    return FullDisk


def feed_through(outage):
    class Announced(ScriptedFeed):
        evaluated = 0

        def whole(self, symbol, *, since_ms=None):
            self.evaluated += 1
            return True

        async def run(self):
            ending = asyncio.ensure_future(super().run())
            while self.evaluated < BARS:  # although not one row could be written
                await asyncio.sleep(0.01)
            outage.end()
            await ending

    return Announced


@pytest.fixture(scope="module")
def outlasted(tmp_path_factory):
    """A home whose engine outlasted a short outage, and the outage; only to be looked at."""
    stage = Stage(tmp_path_factory.mktemp("outlasted"))
    outage = Outage(stage, waited_s=0.0)
    stage.play(HISTORY, HISTORY + BARS)
    return stage, outage


def test_every_bar_is_evaluated_at_once_and_has_its_row_when_there_is_room_again(outlasted):
    stage, outage = outlasted
    times = [time_ms for (time_ms,) in stage.rows("SELECT open_time_ms FROM decisions ORDER BY 1")]
    first_ms = stage.market.candle(HISTORY).open_time_ms
    assert times == [first_ms + n * MINUTE_MS for n in range(BARS)]
    assert "decision" in outage.refused
    outcomes = {outcome for (outcome,) in stage.rows("SELECT DISTINCT outcome FROM decisions")}
    assert "signal" in outcomes
    untraded = "SELECT id FROM signals EXCEPT SELECT signal_id FROM trades"
    assert stage.rows(untraded) == []


def test_a_signal_whose_row_comes_late_is_a_stale_row_and_no_trade(stage):
    Outage(stage, waited_s=LATEST_ROW_S + 1.0)
    stage.play(HISTORY, HISTORY + BARS)
    stale = "SELECT count(*) > 0, max(signal_id) FROM decisions WHERE reason LIKE '%journal%'"
    assert stage.rows(stale) == [(1, None)]
    assert stage.rows("SELECT count(*) FROM signals") == [(0,)]
    assert stage.rows("SELECT count(*) FROM trades") == [(0,)]


def test_signals_that_wait_for_their_rows_count_as_open(outlasted):
    stage, _ = outlasted
    overlapping = (
        "SELECT count(*) FROM trades a JOIN trades b ON a.id < b.id AND a.source = b.source "
        "WHERE b.decided_ms < coalesce(a.exit_ms, 1e15) AND a.status != 'refused'"
    )
    assert stage.rows(overlapping) == [(0,)]


def test_a_trade_that_was_open_ends_as_it_would_have_without_the_outage(tmp_path):
    through, full = Stage(tmp_path / "a"), Stage(tmp_path / "b")
    through.play(HISTORY, HISTORY + 45 + BARS)
    full.play(HISTORY, HISTORY + 40)
    ((number,),) = full.rows("SELECT min(id) FROM trades WHERE status = 'open'")
    assert number is not None
    outage = Outage(full, waited_s=LATEST_ROW_S + 1.0)
    full.play(HISTORY + 40, HISTORY + 40 + BARS)
    assert "trade" in outage.refused or "decision" in outage.refused
    full.feed, full.journal_type, full.writer = ScriptedFeed, Journal, None
    # What a walk could not save is walked again with the next bar.
    full.play(HISTORY + 40 + BARS, HISTORY + 45 + BARS)
    columns = "status, entry_ms, entry_price, exit_ms, exit_price, pnl"
    trade = f"SELECT {columns} FROM trades WHERE id = {number}"
    assert full.rows(trade) == through.rows(trade)
    assert full.rows(trade)[0][0] == "closed"


def test_what_will_never_pass_ends_the_engine_and_says_why(stage, caplog):
    Outage(stage, waited_s=0.0, error=JournalError)
    with pytest.raises(JournalError, match="no room for a"):
        stage.play(HISTORY, HISTORY + BARS)
    assert "the engine ends" in caplog.text


def test_a_heartbeat_that_cannot_be_written_never_ends_the_engine(stage, caplog):
    outage = Outage(stage, waited_s=0.0, error=JournalError)
    wrong = outage.check
    outage.check = lambda what: wrong(what) if what == "heartbeat" else None
    reports = []

    class Beating(ScriptedFeed):
        async def run(self):
            async with asyncio.timeout(90):
                while len(reports) < 3:
                    await asyncio.sleep(0.01)
            await super().run()

        def status(self):
            reports.append(1)
            return super().status()

    stage.feed = Beating
    engine = stage.settings.engine.model_copy(update={"heartbeat_s": 0.2})
    stage.settings = stage.settings.model_copy(update={"engine": engine})
    stage.play(HISTORY, HISTORY + 20)
    assert len(reports) >= 3
    assert stage.rows("SELECT count(*) FROM decisions") == [(20,)]
    assert caplog.text.count("heartbeat not written") == 1
