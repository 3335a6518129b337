from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.model.candles import CandleSeries
from core.model.intervals import Interval
from core.model.signal import Direction
from core.trading.account import Account, Halt, Position
from core.trading.costs import Costs
from core.trading.limits import Limits
from core.trading.risk_gate import Admission, Proposal, Refusal, data_fault, rule_on
from tests import builders
from tests.builders import START_MS, random_walk

MINUTE = 60_000
INSTRUMENT = builders.instrument()
HOUR = 60 * MINUTE
ACCOUNT = Account(equity=10_000.0, at_ms=START_MS)
FREE = Costs(taker_fee=0.0, slippage=0.0)
COSTS = Costs(taker_fee=0.0005, slippage=0.0001)
LIMITS = Limits(
    risk_per_trade_pct=1.0,
    min_reward_risk=1.2,
    max_per_hour=5,
    costs=FREE,
    max_positions=3,
    max_notional_x=1.0,
    max_total_notional_x=3.0,
    leverage=3.0,
    maintenance_margin_pct=2.5,
    cooldown_ms=HOUR,
)
LONG = Proposal("BTCUSDT", Direction.LONG, reference=100.0, stop=95.0, target=112.5)
SHORT = Proposal("BTCUSDT", Direction.SHORT, reference=100.0, stop=105.0, target=87.5)


def held(**notionals):
    return {
        symbol: Position(Direction.LONG, 1.0, 0.9, 1.2, notional)
        for symbol, notional in notionals.items()
    }


def rule(proposal=LONG, account=ACCOUNT, instrument=INSTRUMENT, limits=LIMITS):
    return rule_on(proposal, account, instrument, limits)


def refusal_code(**changes):
    ruling = rule(**changes)
    assert isinstance(ruling, Refusal)
    assert ruling.reason
    return ruling.code


def test_a_sound_proposal_is_sized_to_lose_the_allowed_share_at_the_stop():
    liquidation = pytest.approx(100.0 * (1 - 1 / 3) / 0.975)
    assert rule() == Admission(20.0, 95.0, 112.5, 2.5, liquidation)


def test_costs_of_both_fills_make_the_size_smaller():
    ruling = rule(limits=replace(LIMITS, costs=COSTS))
    per_unit = 5.0 + (100.0 + 95.0) * 0.0006
    assert ruling.quantity == pytest.approx(100.0 / per_unit, abs=0.001)
    assert ruling.quantity * per_unit <= 100.0
    assert ruling.reward_risk == pytest.approx((12.5 - 0.06 - 112.5 * 0.0005) / per_unit)


def test_a_position_is_never_larger_than_equity():
    near = replace(LONG, stop=99.9, target=100.3)
    assert rule(near).quantity == 100.0


def test_levels_are_put_on_the_tick():
    ruling = rule(replace(LONG, stop=95.04999, target=112.46))
    assert (ruling.stop, ruling.target) == (95.0, 112.5)


def test_rounding_never_buys_a_step_too_much():
    account = replace(ACCOUNT, equity=3.0)  # 0.03 / 0.1 is a hair below 0.3 in floats
    proposal = replace(LONG, reference=1.0, stop=0.9, target=1.3)
    ruling = rule(proposal, account, builders.instrument(step="0.1", min_notional="0"))
    assert ruling.quantity == 0.3


def test_no_more_is_bought_than_one_order_may_have():
    ruling = rule(instrument=replace(INSTRUMENT, max_quantity=Decimal("1.0625")))
    assert ruling.quantity == 1.062


def test_less_than_the_smallest_order_is_refused():
    ruling = rule(instrument=replace(INSTRUMENT, min_quantity=Decimal(1_000_000)))
    assert ruling.code == "min_notional"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"instrument": replace(INSTRUMENT, symbol="ETHUSDT")}, "instrument"),
        ({"instrument": replace(INSTRUMENT, status="SETTLING")}, "not_trading"),
        ({"account": replace(ACCOUNT, equity=0.0)}, "equity"),
        ({"account": replace(ACCOUNT, equity=-5.0)}, "equity"),
        ({"account": replace(ACCOUNT, equity=float("nan"))}, "equity"),
        ({"account": replace(ACCOUNT, equity=float("inf"))}, "equity"),
        ({"account": replace(ACCOUNT, halts=(Halt("drawdown", "21 %"),))}, "drawdown"),
        ({"account": replace(ACCOUNT, positions=held(BTCUSDT=10.0))}, "open_position"),
        ({"account": replace(ACCOUNT, positions=held(A=1.0, B=1.0, C=1.0))}, "max_positions"),
        ({"account": replace(ACCOUNT, last_exit_ms={"BTCUSDT": START_MS - HOUR + 1})}, "cooldown"),
        ({"account": replace(ACCOUNT, last_exit_ms={"BTCUSDT": START_MS + HOUR})}, "cooldown"),
        ({"account": replace(ACCOUNT, signals_last_hour=5)}, "max_per_hour"),
        ({"limits": replace(LIMITS, max_per_hour=0)}, "max_per_hour"),
        ({"proposal": replace(LONG, direction=Direction.FLAT)}, "levels"),
        ({"proposal": replace(LONG, direction=Direction.SHORT)}, "levels"),
        ({"proposal": replace(LONG, stop=100.0)}, "levels"),
        ({"proposal": replace(LONG, stop=99.999)}, "levels"),
        ({"proposal": replace(LONG, stop=-1.0)}, "levels"),
        ({"proposal": replace(LONG, stop=float("nan"))}, "levels"),
        ({"proposal": replace(LONG, target=float("inf"))}, "levels"),
        ({"proposal": replace(LONG, reference=float("nan"))}, "levels"),
        ({"proposal": replace(LONG, risk_scale=0.0)}, "levels"),
        ({"proposal": replace(LONG, risk_scale=1.01)}, "levels"),
        ({"proposal": replace(LONG, risk_scale=float("nan"))}, "levels"),
        ({"proposal": replace(LONG, target=105.0)}, "reward_risk"),
        ({"limits": replace(LIMITS, leverage=20.0)}, "liquidation"),
        ({"proposal": SHORT, "limits": replace(LIMITS, leverage=20.0)}, "liquidation"),
        ({"limits": replace(LIMITS, maintenance_margin_pct=90.0)}, "liquidation"),
        ({"account": replace(ACCOUNT, positions=held(A=30_000.0))}, "total_notional"),
        ({"account": replace(ACCOUNT, positions=held(A=29_999.0))}, "total_notional"),
        ({"account": replace(ACCOUNT, positions=held(A=float("nan")))}, "total_notional"),
        ({"account": replace(ACCOUNT, positions=held(A=-1.0))}, "total_notional"),
        ({"account": replace(ACCOUNT, equity=20.0)}, "min_notional"),
        ({"account": replace(ACCOUNT, equity=0.01)}, "min_notional"),
    ],
)
def test_everything_else_is_refused_with_its_reason(changes, code):
    assert refusal_code(**changes) == code


def test_costs_can_make_a_good_looking_trade_a_bad_one():
    close = replace(LONG, stop=99.9, target=100.2)
    assert isinstance(rule(close), Admission)
    assert refusal_code(proposal=close, limits=replace(LIMITS, costs=COSTS)) == "reward_risk"


def test_another_symbols_position_and_exit_do_not_matter():
    account = replace(
        ACCOUNT,
        positions=held(ETHUSDT=10_000.0),
        last_exit_ms={"ETHUSDT": START_MS},
        signals_last_hour=4,
    )
    assert rule(account=account) == rule()


def test_a_symbol_is_traded_again_when_it_has_cooled_down():
    account = replace(ACCOUNT, last_exit_ms={"BTCUSDT": START_MS - HOUR})
    assert isinstance(rule(account=account), Admission)
    just_now = replace(ACCOUNT, last_exit_ms={"BTCUSDT": START_MS})
    assert isinstance(rule(account=just_now, limits=replace(LIMITS, cooldown_ms=0)), Admission)


def test_half_the_risk_is_half_the_size():
    assert rule(replace(LONG, risk_scale=0.5)).quantity == 10.0


def test_every_halt_is_told():
    halts = (Halt("daily_loss", "3.1 %"), Halt("drawdown", "20.4 %"))
    refusal = rule(account=replace(ACCOUNT, halts=halts))
    assert refusal == Refusal("daily_loss", "3.1 %; 20.4 %")


def test_other_positions_leave_what_is_left():
    account = replace(ACCOUNT, positions=held(A=20_000.0, B=9_500.0))
    assert rule(account=account).quantity == 5.0


def test_margins_are_never_more_than_the_equity():
    account = replace(ACCOUNT, positions=held(A=9_500.0))
    assert rule(account=account, limits=replace(LIMITS, leverage=1.0)).quantity == 5.0


def test_a_position_may_be_held_to_less_than_equity():
    near = replace(LONG, stop=99.9, target=100.3)
    assert rule(near, limits=replace(LIMITS, max_notional_x=0.25)).quantity == 25.0


def test_a_maker_at_the_target_has_more_left():
    dear = replace(LIMITS, costs=replace(COSTS, maker_fee=0.0005))
    cheap = replace(LIMITS, costs=replace(COSTS, maker_fee=0.0))
    assert rule(limits=dear) == rule(limits=replace(LIMITS, costs=COSTS))
    assert rule(limits=cheap).reward_risk > rule(limits=dear).reward_risk


@pytest.mark.parametrize("proposal", [LONG, SHORT])
def test_at_the_liquidation_price_the_margin_is_the_maintenance_margin(proposal):
    price = rule(proposal).liquidation
    left = 100.0 / 3 + proposal.direction.sign * (price - 100.0)
    assert left == pytest.approx(0.025 * price)
    assert proposal.direction.sign * price < proposal.direction.sign * proposal.stop


def test_a_long_without_leverage_has_no_liquidation():
    assert rule(limits=replace(LIMITS, leverage=1.0)).liquidation == 0.0


@settings(max_examples=60)
@given(
    equity=st.floats(10, 1e7),
    reference=st.floats(0.01, 1e5),
    stop_share=st.floats(0.001, 0.2),
    sign=st.sampled_from([1, -1]),
    step=st.sampled_from([1e-5, 0.001, 1.0, 1000.0]),
    others_x=st.floats(0, 3.5),
    risk_pct=st.floats(0.01, 2.0),
    leverage=st.floats(1, 20),
)
def test_an_admission_keeps_every_limit(
    equity, reference, stop_share, sign, step, others_x, risk_pct, leverage
):
    proposal = Proposal(
        "BTCUSDT",
        Direction.LONG if sign > 0 else Direction.SHORT,
        reference,
        stop=reference * (1 - sign * stop_share),
        target=reference * (1 + sign * stop_share * 2.5),
    )
    instrument = builders.instrument(tick="0.00000001", step=repr(step))
    limits = replace(LIMITS, costs=COSTS, risk_per_trade_pct=risk_pct, leverage=leverage)
    account = replace(ACCOUNT, equity=equity, positions=held(A=equity * others_x))
    ruling = rule(proposal, account, instrument, limits)
    assume(isinstance(ruling, Admission))
    quantity, stop = Decimal(repr(ruling.quantity)), Decimal(repr(ruling.stop))
    price, money = Decimal(repr(reference)), Decimal(repr(equity))
    others = Decimal(repr(equity * others_x))
    # As the broker fills it: both market orders slip against us and pay the fee.
    entry, out = price * (1 + sign * Decimal("0.0001")), stop * (1 - sign * Decimal("0.0001"))
    loss = sign * (entry - out) + (entry + out) * Decimal("0.0005")
    a_hair = 1 + Decimal("1e-20")
    assert quantity % Decimal(repr(step)) == 0
    assert quantity * loss <= money * Decimal(repr(risk_pct)) / 100 * a_hair
    assert quantity * loss <= money / 50 * a_hair
    assert quantity * price <= money * a_hair
    assert quantity * price + others <= money * min(3, Decimal(repr(leverage))) * a_hair
    assert quantity * price >= instrument.min_notional
    assert ruling.reward_risk >= 1.2
    assert sign * ruling.liquidation < sign * ruling.stop


def test_live_whole_candles_are_fit():
    market = random_walk(10)
    assert data_fault(market, START_MS + 10 * MINUTE + 5, whole=True) is None


def test_a_feed_that_is_not_whole_is_a_fault():
    assert data_fault(random_walk(10), START_MS + 10 * MINUTE, whole=False)


def test_a_hole_is_a_fault_that_tells_where():
    rows = [row for i, row in enumerate(random_walk(10)) if i != 4]
    holed = CandleSeries.from_candles("BTCUSDT", Interval.M1, rows)
    assert str(START_MS + 3 * MINUTE) in data_fault(holed, START_MS + 10 * MINUTE, whole=True)


def test_a_candle_that_is_not_the_one_that_closed_is_a_fault():
    assert "too old" in data_fault(random_walk(10), START_MS + 11 * MINUTE, whole=True)


def test_no_candles_are_no_fault_of_the_data():
    assert data_fault(CandleSeries.empty("BTCUSDT", Interval.M1), START_MS, whole=True) is None
