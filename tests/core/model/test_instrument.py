from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.instrument import ContractType, is_symbol
from tests.builders import instrument

NAN = Decimal("NaN")


@pytest.mark.parametrize(
    "changes",
    [
        {"symbol": "../etc"},
        {"symbol": "btcusdt"},
        {"tick_size": Decimal(0)},
        {"tick_size": Decimal("-0.1")},
        {"tick_size": NAN},
        {"tick_size": Decimal("Infinity")},
        {"step_size": Decimal(0)},
        {"step_size": NAN},
        {"min_notional": Decimal(-1)},
        {"min_notional": NAN},
        {"min_quantity": Decimal(2), "max_quantity": Decimal(1)},
        {"min_quantity": Decimal(-1)},
        {"max_quantity": Decimal(0)},
        {"max_quantity": NAN},
    ],
)
def test_rules_that_make_no_sense_cannot_exist(changes):
    with pytest.raises(ValueError, match=str(changes.get("symbol", "BTCUSDT"))):
        replace(instrument(), **changes)


@pytest.mark.parametrize("name", ["BTCUSDT", "1000PEPEUSDT", "BTCUSDT_261225", "币安人生USDT"])
def test_what_the_exchange_lists_is_a_symbol(name):
    assert is_symbol(name)


@pytest.mark.parametrize(
    "name", ["", "B", "BTC USDT", "BTC/USDT", "BTC.USDT", "A@B", "B\n", "a" * 3]
)
def test_what_would_split_a_path_or_a_stream_name_is_none(name):
    assert not is_symbol(name)


@pytest.mark.parametrize(
    ("tick", "decimals"), [("0.10", 1), ("0.0000100", 5), ("1", 0), ("10", 0), ("0.25", 2)]
)
def test_decimals_are_those_of_the_tick(tick, decimals):
    assert instrument(tick=tick).decimals == decimals


def test_a_price_goes_to_the_nearest_tick():
    rules = instrument(tick="0.05")
    assert rules.price_on_tick(1.03) == Decimal("1.05")
    assert rules.price_on_tick(0.1 + 0.2) == Decimal("0.30")
    assert rules.price_on_tick(0.125) == Decimal("0.10")  # a half goes to the even tick


def test_a_quantity_never_grows():
    rules = instrument(step="0.1")
    assert rules.quantity_on_step(0.3) == Decimal("0.3")  # 0.3 / 0.1 is below 3 in floats
    assert rules.quantity_on_step(0.39999) == Decimal("0.3")
    assert rules.quantity_on_step(Decimal("0.09")) == 0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_not_rounded(value):
    with pytest.raises(ValueError, match="finite"):
        instrument().price_on_tick(value)
    with pytest.raises(ValueError, match="finite"):
        instrument().quantity_on_step(value)


@given(
    value=st.floats(1e-6, 1e9),
    step=st.sampled_from(["0.0000001", "0.00001", "0.001", "0.25", "1", "10"]),
)
def test_rounding_stays_on_the_grid_and_within_a_step(value, step):
    rules, exact = instrument(tick=step, step=step), Decimal(repr(value))
    price, quantity = rules.price_on_tick(value), rules.quantity_on_step(value)
    assert price % Decimal(step) == quantity % Decimal(step) == 0
    assert abs(price - exact) <= Decimal(step) / 2
    assert 0 <= exact - quantity < Decimal(step)


@pytest.mark.parametrize(
    ("kind", "status", "has_market"),
    [
        (ContractType.PERPETUAL, "TRADING", True),
        (ContractType.PERPETUAL, "SETTLING", False),
        (ContractType.PERPETUAL, "PENDING_TRADING", False),
        (ContractType.PERPETUAL, "BREAK", False),
        (ContractType.TRADIFI_PERPETUAL, "TRADING", True),
        (ContractType.TRADIFI_PERPETUAL, "BREAK", True),  # closed for the weekend
        (ContractType.TRADIFI_PERPETUAL, "SETTLING", False),
    ],
)
def test_a_closed_session_is_no_end(kind, status, has_market):
    found = instrument(contract_type=kind, status=status)
    assert found.has_market == has_market
    assert found.is_trading == (status == "TRADING")
    assert found.is_perpetual
