"""What trades are worth, as the page is told it."""

from dataclasses import replace

import pytest

from core.model.signal import Direction
from core.model.source import Source
from core.model.trade import ExitReason, Trade, TradeStatus
from core.trading.costs import Costs
from core.trading.position_value import open_pnl, with_result
from tests import builders
from ui.trading.valuation import age, closed_row, held_row, result_at, sums

COSTS = Costs(taker_fee=0.0005, slippage=0.0002, maker_fee=0.0002)
OPEN = Trade(
    id=7,
    symbol="BTCUSDT",
    direction=Direction.LONG,
    status=TradeStatus.OPEN,
    quantity=0.1,
    decided_ms=0,
    stop=63_000.0,
    target=66_000.0,
    last_bar_ms=0,
    source=Source.HAND,
    entry_ms=60_000,
    entry_price=64_000.0,
    fees=3.2,
    funding=0.5,
)


def test_an_open_trade_is_worth_what_the_engine_says():
    for trade in (OPEN, replace(OPEN, direction=Direction.SHORT, stop=65_000.0, target=60_000.0)):
        found = result_at(trade, 64_500.0, COSTS)
        assert found.pnl == pytest.approx(open_pnl(trade, 64_500.0, COSTS), abs=1e-9)


def test_r_is_measured_by_the_stop_of_the_entry():
    moved = replace(OPEN, stop=64_200.0, entry_stop=63_000.0)
    before, after = (result_at(trade, 64_500.0, COSTS) for trade in (OPEN, moved))
    assert after.r_multiple == before.r_multiple == pytest.approx(before.pnl / 100.0)


def test_a_target_rests_in_the_book():
    resting = result_at(OPEN, 66_000.0, COSTS, rests=True)
    assert resting.exit_price == 66_000.0
    assert resting.fees == pytest.approx(3.2 + 66_000.0 * 0.1 * 0.0002)
    assert resting.pnl > result_at(OPEN, 66_000.0, COSTS).pnl


def test_a_row_shows_where_the_levels_are_going_to_be():
    moving = replace(OPEN, moved_ms=1, moved_stop=63_500.0)
    row = held_row(moving, 64_500.0, 660_000, builders.instrument(), COSTS)
    assert (row["stop"], row["target"], row["is_moving"]) == (63_500.0, 66_000.0, True)
    assert (row["age"], row["decimals"], row["tick"]) == ("10 min", 1, 0.1)
    assert row["is_mine"]
    assert row["at_stop"] < 0.0 < row["at_target"]


def test_without_an_entry_or_a_price_nothing_is_made_up():
    pending = replace(OPEN, status=TradeStatus.PENDING, entry_price=None, entry_ms=None, fees=0.0)
    row = held_row(pending, 64_500.0, 30_000, None, COSTS)
    assert [row[key] for key in ("entry", "pnl", "r", "at_stop", "at_target")] == [None] * 5
    assert held_row(OPEN, None, 0, None, COSTS)["pnl"] is None


@pytest.mark.parametrize("change", [{"source": Source.RANDOM}, {"close_ms": 5}])
def test_a_shadow_and_what_is_being_closed_are_not_to_be_changed(change):
    assert not held_row(replace(OPEN, **change), 1.0, 0, None, COSTS)["is_mine"]


def test_a_finished_trade_says_how_it_ended():
    closed = with_result(
        replace(
            OPEN,
            status=TradeStatus.CLOSED,
            exit_ms=3_660_000,
            exit_price=63_000.0,
            exit_reason=ExitReason.STOP,
        )
    )
    row = closed_row(closed, builders.instrument())
    assert (row["reason"], row["held"], row["exit"]) == ("stop", "1 h 00 min", 63_000.0)
    assert row["pnl"] == closed.pnl
    withdrawn = replace(
        OPEN, status=TradeStatus.REFUSED, exit_ms=9, entry_ms=None, exit_reason=ExitReason.BY_HAND
    )
    assert closed_row(withdrawn, None)["reason"] == "withdrawn before it entered"
    assert sums([closed, withdrawn]) == {
        "count": 1,
        "won": 0,
        "pnl": closed.pnl,
        "r": closed.r_multiple,
        "fees": 3.2,
        "funding": 0.5,
    }


@pytest.mark.parametrize("reason", ExitReason)
def test_each_reason_has_words(reason):
    assert closed_row(replace(OPEN, exit_ms=1, exit_reason=reason), None)["reason"]


@pytest.mark.parametrize(
    ("ms", "words"),
    [(-5, "0 s"), (59_999, "59 s"), (60_000, "1 min"), (90_000_000, "1 d 01 h")],
)
def test_an_age_has_the_units_that_matter(ms, words):
    assert age(ms) == words
