"""A person beside the running engine, who speaks to it through the journal alone."""

import asyncio

from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.alert import PRICE, Alert, Comparison
from core.model.command import AddAlert, CommandState, Enter, PauseSymbol
from core.model.signal import Direction
from core.model.source import Source
from tests.core.test_engine import HISTORY, ScriptedFeed, Stage

ENTERED = "SELECT count(*) FROM trades WHERE source = 'hand' AND status != 'pending'"


class PatientFeed(ScriptedFeed):
    """Waits with the rest of its bars until a person's wishes are answered."""

    wishes = None

    async def run(self):
        bars, self._script = self._script[3:], self._script[:3]
        playing = asyncio.ensure_future(super().run())
        await self.done.wait()
        playing.cancel()
        self.done = asyncio.Event()
        await self.wishes.answered(self._script[-1][0])
        self._script = bars
        await super().run()


class Wishes:
    """Asks once some bars are decided, and waits for the answers."""

    def __init__(self, url):
        self.url, self.rows = url, ()

    async def answered(self, bar):
        journal = Journal.open(self.url, migrate=False)
        reader = JournalReader.open(self.url)
        close = bar.close
        wishes = (
            PauseSymbol("BTCUSDT"),
            Enter("BTCUSDT", Direction.LONG, close * 0.97, close * 1.09, risk_pct=0.5),
            AddAlert(Alert("BTCUSDT", None, PRICE, Comparison.ABOVE, close * 0.5)),
        )
        async with asyncio.timeout(60):
            while reader.control("breakers.hand") is None:  # until then accounts are not valued
                await asyncio.sleep(0.01)
            numbers = [journal.add_command(wish, who="somebody", at_ms=0) for wish in wishes]
            while any(reader.command(n).state is CommandState.WAITING for n in numbers):
                await asyncio.sleep(0.01)
        self.rows = tuple(reader.command(number) for number in numbers)
        journal.close()


def test_a_person_pauses_a_symbol_enters_by_hand_and_is_told_of_a_price(tmp_path):
    stage = Stage(tmp_path)
    url = database_url(stage.home.database)
    feed = type("Feed", (PatientFeed,), {"wishes": Wishes(url)})
    stage.feed = feed
    stage.until = (
        f"SELECT ({ENTERED}) >= 1 AND (SELECT count(*) FROM decisions) >= 33"
        " AND (SELECT max(fired_ms) FROM alerts) IS NOT NULL"
        " AND (SELECT value LIKE '%\"paused\": [\"BTCUSDT\"]%' FROM control WHERE key = 'engine')"
    )
    stage.settings = stage.settings.model_copy(
        update={"engine": stage.settings.engine.model_copy(update={"heartbeat_s": 0.05})}
    )
    stage.play(HISTORY, HISTORY + 33)
    answers = [(row.state, row.answer) for row in feed.wishes.rows]
    assert [state for state, _ in answers] == [CommandState.DONE] * 3, answers
    asked_ms = stage.rows("SELECT min(decided_ms) FROM trades WHERE source = 'hand'")[0][0]
    assert stage.rows(
        f"SELECT count(*) FROM trades WHERE source = 'policy' AND decided_ms > {asked_ms}"
    ) == [(0,)]
    assert stage.rows("SELECT count(*) FROM trades WHERE source = 'rules'") != [(0,)]
    reader = JournalReader.open(url)
    (fired,) = reader.fired_since(0)
    assert not fired.active
    trades = (*reader.live_trades(), *reader.recent_trades(source=Source.HAND))
    mine = next(trade for trade in trades if trade.source is Source.HAND)
    assert mine.entry_ms is None or mine.entry_ms >= mine.decided_ms
    assert reader.equity_curve(source=Source.HAND)
