"""What the tab, the chart and the toolbar are told of the trades."""

from dataclasses import replace

import pytest

from core.journal.commands import Effects
from core.journal.database import database_url
from core.journal.errors import JournalError, MissingJournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.command import CommandState, PauseSymbol
from core.model.engine_report import EngineReport
from core.model.intervals import Interval
from core.model.source import Source
from core.model.trade import ExitReason, TradeStatus
from core.trading.position_value import with_result
from tests.core.journal.empty_journal import ready
from tests.ui.fakes import world
from tests.ui.trading.test_valuation import OPEN
from ui.trading.reading import Book, Standing, TradingReader, price_of
from ui.view import View

VIEW = View("BTCUSDT", Interval.M1)
CLOSED = with_result(
    replace(
        OPEN,
        status=TradeStatus.CLOSED,
        exit_ms=180_000,
        exit_price=66_000.0,
        exit_reason=ExitReason.TARGET,
    )
)
TRADES = (
    OPEN,
    replace(OPEN, symbol="ETHUSDT", source=Source.POLICY, entry_price=3_300.0, stop=3_200.0),
    replace(OPEN, source=Source.RANDOM),
    CLOSED,
    replace(CLOSED, source=Source.RULES, exit_ms=240_000),
)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    url = database_url(tmp_path_factory.mktemp("reading") / "journal.db")
    journal = Journal.open(ready(url))
    number = journal.add_command(PauseSymbol("BTCUSDT"), who="a test", at_ms=0)
    journal.settle_command(number, CommandState.DONE, "done", Effects(new_trades=TRADES))
    report = EngineReport(1, "LIVE", 0.1, 0, "nobody", 10_000.0, 2, paused=("BTCUSDT",))
    journal.set_control("engine", report.to_json(), 0)
    journal.close()
    return url


@pytest.fixture
def reader(url):
    return TradingReader(world().services, lambda: JournalReader.open(url))


def test_the_symbol_on_screen_shows_what_a_person_may_change(reader):
    standing = reader.standing(VIEW)
    assert [(row["source"], row["symbol"]) for row in standing.trades] == [("hand", "BTCUSDT")]
    assert (standing.paused, standing.is_running, standing.fault) == (True, True, "")
    assert reader.standing(replace(VIEW, symbol="ETHUSDT")).paused is False
    assert standing.told()["trades"][0]["pnl"] == standing.trades[0]["pnl"] is not None


def test_the_tab_lists_every_account_with_sums_apart(reader):
    book = reader.book(VIEW)
    assert [row["source"] for row in book.held] == ["random", "policy", "hand"]
    assert [row["source"] for row in book.closed] == ["hand", "rules"]
    assert book.totals["mine"]["pnl"] == pytest.approx(CLOSED.pnl)
    assert book.totals["shadows"]["count"] == 1
    assert book.fault == ""
    assert reader.book(VIEW) == book


def raising(error):
    def open_it():
        raise error

    return TradingReader(world().services, open_it)


def test_before_the_engine_ever_ran_there_is_nothing_yet():
    reader = raising(MissingJournalError("no such file"))
    assert reader.book(VIEW) == Book(is_begun=False)
    assert reader.standing(VIEW) == Standing("BTCUSDT", is_running=True)


def test_a_journal_that_cannot_be_read_is_said():
    reader = raising(JournalError("it is damaged"))
    assert reader.book(VIEW).fault == "it is damaged"
    assert reader.standing(VIEW).fault == "it is damaged"


def test_a_price_is_the_running_one_else_that_of_the_newest_candle():
    market = world()
    closes = market.store.series["BTCUSDT", Interval.M1].close
    assert price_of(market.services, "BTCUSDT") == closes[-1]
    market.market.step()
    assert price_of(market.services, "BTCUSDT") == (
        market.store.moving["BTCUSDT", Interval.M1].close
    )
    assert price_of(market.services, "XRPUSDT") is None
