from core.journal.errors import JournalError, MissingJournalError
from core.model.intervals import Interval
from core.model.signal import Direction
from core.model.source import Source
from core.model.trade import Trade, TradeStatus
from tests.ui.fakes import signal, world
from ui.notifications.reading import HappeningsReader
from ui.view import View

BTC = View("BTCUSDT", Interval.M1)


class FakeTrades:
    def open_trades(self):
        return (
            Trade(
                1, "BTCUSDT", Direction.LONG, TradeStatus.OPEN, 1.0, 1, 1.0, 3.0, 1,
                source=Source.HAND, entry_ms=5, entry_price=2.0,
            ),
            Trade(
                2, "BTCUSDT", Direction.LONG, TradeStatus.OPEN, 1.0, 1, 1.0, 3.0, 1,
                source=Source.RANDOM, entry_ms=5, entry_price=2.0,
            ),
        )  # fmt: skip

    def closed_trades(self, source, *, since_ms):
        return ()


def missing():
    raise MissingJournalError("none")


def ids_of(reader):
    return {event.id for event in reader.happenings(BTC).events}


def test_signals_and_fills_by_hand_are_told_but_not_those_of_shadows():
    market = world()
    market.journal.signals = (signal(4),)
    found = ids_of(HappeningsReader(market.services, FakeTrades))
    assert found == {"signal-4", "fill-4", "exit-4", "hand-fill-1"}


def test_before_the_engine_ever_ran_there_is_nothing():
    assert ids_of(HappeningsReader(world().services, missing)) == set()


def test_a_journal_that_cannot_be_read_has_nothing_new():
    market = world()
    market.journal.fault = JournalError("locked")
    assert ids_of(HappeningsReader(market.services, missing)) == set()
