"""What a person may do with a paper account: held against the same gate as everybody. Pure."""

from dataclasses import replace
from decimal import Decimal

from core.model.command import Enter, MoveLevels
from core.model.instrument import Instrument
from core.model.intervals import MINUTE_MS, Interval
from core.model.source import Source
from core.model.trade import Trade, TradeStatus
from core.trading.account import Account
from core.trading.limits import Limits
from core.trading.risk_gate import Admission, Proposal, Refusal, Ruling, rule_on
from core.trading.sizing import UnitTrade, decimal


def rule_by_hand(
    wish: Enter, price: float, account: Account, instrument: Instrument, limits: Limits
) -> Ruling:
    """
    Admit what a person would like to enter, or refuse it with a reason.

    The gate is the one of every account. A risk above what is configured for a trade is refused,
    and so is a quantity above what that risk, and the room for positions, allow; nothing is
    silently made smaller but by rounding down to the step.

    Args:
        wish: By risk or by quantity.
        price: The newest one.
        account: Of the source HAND.
        instrument: Trading rules of the symbol.
        limits: As configured.
    """
    most_pct = limits.risk_per_trade_pct
    scale = 1.0 if wish.risk_pct is None else wish.risk_pct / most_pct
    if scale > 1.0:
        return Refusal("risk", f"{wish.risk_pct:g} % at risk, {most_pct:g} % allowed per trade")
    proposal = Proposal(wish.symbol, wish.direction, price, wish.stop, wish.target, scale)
    ruling = rule_on(proposal, account, instrument, limits)
    if isinstance(ruling, Refusal) or wish.quantity is None:
        return ruling
    quantity = instrument.quantity_on_step(wish.quantity)
    if quantity > decimal(ruling.quantity):
        words = f"{quantity:f} are more than the {ruling.quantity:.10g} that risk and room allow"
        return Refusal("quantity", words)
    least = instrument.min_quantity
    worth = quantity * decimal(price)
    if quantity <= 0 or quantity < least or worth < instrument.min_notional:
        words = f"{quantity:f} are worth {worth:.2f}; the least are {least:f}"
        return Refusal("min_notional", f"{words} and {instrument.min_notional:f}")
    return replace(ruling, quantity=float(quantity))


def entered_by_hand(wish: Enter, admission: Admission, at_ms: int) -> Trade:
    """Return the pending trade an admitted wish begins as; its id is the journal's to give."""
    return Trade(
        id=0,
        symbol=wish.symbol,
        direction=wish.direction,
        status=TradeStatus.PENDING,
        quantity=admission.quantity,
        decided_ms=at_ms,
        stop=admission.stop,
        target=admission.target,
        last_bar_ms=Interval.M1.open_time_ms(at_ms) - MINUTE_MS,
        source=Source.HAND,
    )


def part_to_close(trade: Trade, share: float, instrument: Instrument) -> Decimal:
    """Return how much of a trade a share is, on the step; 0 where it is less than one step."""
    return instrument.quantity_on_step(decimal(trade.quantity) * decimal(share))


def level_fault(trade: Trade, wish: MoveLevels, price: float) -> str:
    """
    Say why levels cannot be where a person wants them; nothing when they can.

    Args:
        trade: Pending or open.
        wish: On the instrument's tick.
        price: The newest one.
    """
    sign = trade.direction.sign
    if wish.stop is not None and sign * (price - wish.stop) <= 0.0:
        side = "below" if sign > 0 else "above"
        return f"the stop of a {trade.direction} must be {side} the price of {price:.10g}"
    if wish.target is not None and sign * (wish.target - price) <= 0.0:
        side = "above" if sign > 0 else "below"
        return f"the target of a {trade.direction} must be {side} the price of {price:.10g}"
    return ""


def stop_fault(trade: Trade, stop: float, price: float, equity: float, limits: Limits) -> str:
    """
    Say why a stop may not be moved away from the price; nothing when it may, or comes nearer.

    A stop that is moved away must not risk more than a new trade may, nor lie beyond the price
    of liquidation.

    Args:
        trade: Pending or open.
        stop: Where it is wanted.
        price: Of the entry where there was none yet.
        equity: Of the trade's account.
        limits: As configured.
    """
    sign = trade.direction.sign
    before = trade.stop if trade.moved_stop is None else trade.moved_stop
    if sign * (stop - before) >= 0.0:
        return ""
    entry = decimal(price if trade.entry_price is None else trade.entry_price)
    unit = UnitTrade.of(sign, entry, decimal(stop), decimal(trade.target), limits.costs)
    risk = float(unit.risk) * trade.quantity
    most = equity * limits.risk_per_trade_pct / 100.0
    if risk > most:
        return f"{risk:,.2f} would be at risk there, {most:,.2f} allowed per trade"
    liquidation = unit.liquidation(limits.leverage, limits.maintenance_margin_pct)
    if sign * liquidation >= sign * decimal(stop):
        there = f"{float(liquidation):.8g}"
        return f"with leverage {limits.leverage:g} it is liquidated at {there} before that"
    return ""
