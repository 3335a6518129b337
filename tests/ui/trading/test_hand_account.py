"""The account by hand, put together from the journal."""

from dataclasses import replace

import pytest

from core.breaker_book import breakers_key
from core.model.source import Source
from core.model.trade import TradeStatus
from core.trading.breakers import Breakers
from core.trading.position_value import open_pnl
from tests.ui.trading.test_valuation import COSTS, OPEN
from ui.trading.hand_account import HandAccount

HOUR_MS = 3_600_000


class FakeHandJournal:
    """A journal that holds what it is given."""

    def __init__(self, live=(), control=None):
        self.live, self.kept = live, control

    def realised(self):
        return dict.fromkeys(Source, 0.0) | {Source.HAND: -250.0, Source.POLICY: 999.0}

    def live_trades(self):
        return self.live

    def last_exits(self, source):
        return {"ETHUSDT": 5} if source is Source.HAND else {}

    def entry_times(self, source):
        return (1, HOUR_MS, HOUR_MS + 1) if source is Source.HAND else ()

    def control(self, key):
        assert key == breakers_key(Source.HAND)
        return self.kept


def account(journal, latch="", at_ms=HOUR_MS + 1):
    book = HandAccount(10_000.0, COSTS, price=lambda _: 64_500.0, latch=lambda: latch)
    return book.account(journal, at_ms)


def test_it_is_worth_what_was_left_and_what_is_open():
    others = replace(OPEN, id=8, source=Source.POLICY)
    found = account(FakeHandJournal((OPEN, others)))
    assert found.equity == pytest.approx(9_750.0 + open_pnl(OPEN, 64_500.0, COSTS))
    assert found.positions.keys() == {"BTCUSDT"}
    assert found.signals_last_hour == 2
    assert found.last_exit_ms == {"ETHUSDT": 5}
    assert found.halts == ()


def test_parts_of_a_position_count_together():
    part = replace(OPEN, id=9, part_of=7, quantity=0.05)
    found = account(FakeHandJournal((OPEN, part)))
    assert found.positions["BTCUSDT"].notional == pytest.approx(0.15 * 64_500.0)


def test_a_pending_trade_takes_its_place():
    pending = replace(OPEN, status=TradeStatus.PENDING, entry_price=None)
    found = account(FakeHandJournal((pending,)))
    assert found.positions["BTCUSDT"].pnl == 0.0
    assert found.equity == 9_750.0


@pytest.mark.parametrize(
    ("kept", "latch", "codes"),
    [
        (Breakers(5, 9_000.0, 10_000.0, 10_000.0, 9_000.0).to_json(), "", ["daily_loss"]),
        ("{", "", ["breaker_state"]),
        (None, "somebody pulled it", ["emergency"]),
    ],
)
def test_what_halts_the_account_is_known(kept, latch, codes):
    found = account(FakeHandJournal(control=kept), latch)
    assert [halt.code for halt in found.halts] == codes
