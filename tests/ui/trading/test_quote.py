"""The size calculator says what the gate says."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.model.command import Enter
from core.model.signal import Direction
from core.trading.account import Account, Halt, Position
from core.trading.hand import rule_by_hand
from core.trading_limits import limits_of
from tests import builders
from ui.trading.quote import quote

LIMITS = limits_of(builders.settings())
INSTRUMENT = builders.instrument()
ACCOUNT = Account(equity=10_000.0, at_ms=1_000)
LONG = Enter("BTCUSDT", Direction.LONG, 63_000.04, 67_000.0, risk_pct=0.5)
SHORT = Enter("BTCUSDT", Direction.SHORT, 65_000.0, 61_000.0, risk_pct=0.5)


def quoted(wish, account=ACCOUNT, price=64_000.0):
    return quote(wish, price, account, INSTRUMENT, LIMITS)


@pytest.mark.parametrize("wish", [LONG, SHORT])
def test_a_quote_is_what_the_gate_admits(wish):
    found = quoted(wish)
    ruling = rule_by_hand(wish, 64_000.0, ACCOUNT, INSTRUMENT, LIMITS)
    assert found.refused == ""
    assert (found.quantity, found.stop, found.target) == (
        ruling.quantity,
        ruling.stop,
        ruling.target,
    )
    assert found.reward_risk == ruling.reward_risk == pytest.approx(found.gain / found.loss)
    assert found.loss <= 50.0 < found.loss + 64_000.0 * 0.001
    assert found.notional == pytest.approx(found.quantity * 64_000.0)
    assert found.margin == pytest.approx(found.notional / LIMITS.leverage)
    assert found.loss_pct == pytest.approx(found.loss / 100.0)
    assert Decimal(repr(found.stop)) % INSTRUMENT.tick_size == 0


def test_a_refusal_still_shows_what_was_wished_for():
    greedy = quoted(replace(LONG, risk_pct=LIMITS.risk_per_trade_pct + 1.0))
    assert "allowed per trade" in greedy.refused
    assert greedy.quantity > quoted(LONG).quantity
    large = quoted(replace(LONG, risk_pct=None, quantity=5.0004))
    assert "more than" in large.refused
    assert (large.quantity, large.notional) == (5.0, 320_000.0)


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (replace(ACCOUNT, halts=(Halt("drawdown", "all is lost"),)), "all is lost"),
        (
            replace(ACCOUNT, positions={"BTCUSDT": Position(Direction.LONG, None, 1.0, 2.0, 3.0)}),
            "pending or open",
        ),
        (replace(ACCOUNT, equity=0.0), "equity is"),
    ],
)
def test_what_stands_against_any_entry_is_said(account, words):
    assert words in quoted(LONG, account).refused


def test_levels_on_one_side_of_the_price_have_no_figures():
    found = quoted(LONG, price=62_000.0)
    assert "either side" in found.refused
    assert (found.quantity, found.loss) == (None, None)
