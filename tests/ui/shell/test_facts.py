import pytest

from core.data.market_events import MarkPrice
from core.journal.errors import JournalError, MissingJournalError
from core.journal.overview import ControlValue
from core.model.engine_report import EngineReport
from core.model.engine_state import EngineActivity, EngineState
from core.model.intervals import Interval
from tests.ui.fakes import NOON_MS, world
from ui.shell.account import DAY_MS, Account, AccountReader
from ui.shell.facts import FactsReader
from ui.view import View

BTC = View("BTCUSDT", Interval.M1)
REPORT = EngineReport(
    7, "LIVE", 0.1, NOON_MS, "DeepSeek", 10_150.0, 1, llm_usd_today=0.04, llm_usd_limit=1.0
)


class FakeOverview:
    def __init__(self, text=None):
        self.text = text

    def control(self, key):
        return None if self.text is None else ControlValue(self.text, NOON_MS)


class FakeEquity:
    def __init__(self, worth):
        self.worth, self.asked = worth, []

    def equity_at(self, at_ms, source):
        self.asked.append(at_ms)
        return self.worth


def missing():
    raise MissingJournalError("none")


def account_of(overview, equity):
    return AccountReader(lambda: overview, lambda: equity, 10_000.0).account(NOON_MS)


def test_the_day_counts_from_midnight():
    equity = FakeEquity(10_100.0)
    told = account_of(FakeOverview(REPORT.to_json()), equity)
    assert told == Account(10_150.0, pytest.approx(50.0), 0.04, 1.0)
    assert equity.asked == [NOON_MS - NOON_MS % DAY_MS]


def test_an_account_made_today_began_with_what_is_configured():
    assert account_of(FakeOverview(REPORT.to_json()), FakeEquity(None)).day_pnl == 150.0


def test_before_the_engine_ever_ran_nothing_is_known():
    assert AccountReader(missing, missing, 10_000.0).account(NOON_MS) == Account()
    assert account_of(FakeOverview(None), FakeEquity(None)) == Account()


def test_without_an_engine_the_account_is_of_the_moment_that_one_told_it_last():
    reader = AccountReader(lambda: FakeOverview(REPORT.to_json()), lambda: FakeEquity(1.0), 1e4)
    market = world()
    market.engine.now = EngineState(EngineActivity.STOPPED)
    told = FactsReader(market.services, reader).facts(BTC).account
    assert told == Account(10_150.0, at_ms=NOON_MS)


def test_a_journal_that_cannot_be_read_leaves_the_account_unknown():
    def broken():
        raise JournalError("locked")

    assert AccountReader(broken, broken, 10_000.0).account(NOON_MS) == Account()
    assert account_of(FakeOverview("{"), FakeEquity(None)) == Account()


def test_mark_and_funding_are_those_of_the_shown_symbol():
    market = world()
    market.feed.marks = {"BTCUSDT": MarkPrice("BTCUSDT", 64_001.5, 64_000.0, 0.0001, NOON_MS, 1)}
    facts = FactsReader(market.services).facts(BTC)
    assert (facts.mark, facts.funding_rate, facts.funding_ms) == (64_001.5, 0.0001, NOON_MS)
    other = FactsReader(market.services).facts(View("ETHUSDT", Interval.M1))
    assert (other.mark, other.funding_rate) == (None, None)


def test_the_price_of_a_day_ago_is_read_from_the_finest_candles_that_reach_back():
    market = world()
    market.feed.time_ms = NOON_MS
    key = ("BTCUSDT", Interval.M15)
    market.store.series[key] = market.feed.histories[key]
    facts = FactsReader(market.services).facts(BTC)
    quarters = market.store.series[key]
    at = list(quarters.open_time_ms).index(NOON_MS - DAY_MS)
    assert facts.price_24h == quarters.open[at]


def test_candles_that_do_not_reach_back_leave_the_change_unknown():
    market = world()
    market.feed.time_ms = NOON_MS
    assert FactsReader(market.services).facts(BTC).price_24h is None


def test_what_is_told_to_the_browser_is_flat():
    told = FactsReader(world().services).facts(BTC).told()
    assert told["market"] == "BTCUSDT"
    assert {"price_24h", "mark", "equity", "day_pnl", "llm_usd", "llm_limit_usd"} <= set(told)
