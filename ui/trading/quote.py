"""What an entry would cost and bring, and whether the gate would let it pass. Pure."""

from dataclasses import dataclass
from decimal import Decimal

from core.model.command import Enter
from core.model.instrument import Instrument
from core.trading.account import Account
from core.trading.hand import rule_by_hand
from core.trading.limits import Limits
from core.trading.risk_gate import Admission
from core.trading.sizing import Room, UnitTrade, decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """
    An entry at the newest price; money in quote currency, after the costs of both fills.

    Attributes:
        refused: Why the gate would refuse it; empty when it would not.
        equity: Of the account.
        stop, target: On the tick.
        quantity: On the step. What was wished for where the gate refuses it.
        margin: Of the isolated position with the configured leverage.
        loss: At the stop; positive.
        loss_pct: Of the account.
        gain: At the target.
        liquidation: Price of a forced close; 0.0 of a long that has none.
    """

    symbol: str
    price: float
    equity: float
    refused: str = ""
    stop: float | None = None
    target: float | None = None
    quantity: float | None = None
    notional: float | None = None
    leverage: float | None = None
    margin: float | None = None
    loss: float | None = None
    loss_pct: float | None = None
    gain: float | None = None
    reward_risk: float | None = None
    liquidation: float | None = None


def quote(
    wish: Enter, price: float, account: Account, instrument: Instrument, limits: Limits
) -> Quote:
    """
    Reckon an entry with the arithmetic and the gate of the engine.

    Args:
        wish: By risk or by quantity.
        price: The newest one.
        account: Of the source HAND.
        instrument: Trading rules of the symbol.
        limits: As configured.
    """
    ruling = rule_by_hand(wish, price, account, instrument, limits)
    refused = "" if isinstance(ruling, Admission) else ruling.reason
    sign, reference = wish.direction.sign, decimal(price)
    stop, target = instrument.price_on_tick(wish.stop), instrument.price_on_tick(wish.target)
    if not (sign * stop < sign * reference < sign * target and min(stop, target) > 0):
        words = f"stop and target must be on either side of the price of {price:.10g}"
        return Quote(wish.symbol, price, account.equity, words)
    unit = UnitTrade.of(sign, reference, stop, target, limits.costs)
    quantity = (
        decimal(ruling.quantity)
        if isinstance(ruling, Admission)
        else _wished(wish, reference, unit, account, instrument, limits)
    )
    loss = float(unit.risk * quantity)
    return Quote(
        symbol=wish.symbol,
        price=price,
        equity=account.equity,
        refused=refused,
        stop=float(stop),
        target=float(target),
        quantity=float(quantity),
        notional=float(quantity * reference),
        leverage=limits.leverage,
        margin=float(quantity * reference / decimal(limits.leverage)),
        loss=loss,
        loss_pct=loss / account.equity * 100.0 if account.equity > 0.0 else None,
        gain=float(unit.reward * quantity),
        reward_risk=float(unit.reward / unit.risk),
        liquidation=float(unit.liquidation(limits.leverage, limits.maintenance_margin_pct)),
    )


def _wished(
    wish: Enter,
    reference: Decimal,
    unit: UnitTrade,
    account: Account,
    instrument: Instrument,
    limits: Limits,
) -> Decimal:
    """What the size wished for comes to, whatever the gate says."""
    if wish.quantity is not None:
        return instrument.quantity_on_step(wish.quantity)
    scale = (wish.risk_pct or 0.0) / limits.risk_per_trade_pct
    room = Room.of(account.equity, Decimal(0), limits, risk_scale=scale)
    return max(room.alone(unit, reference, instrument), Decimal(0))
