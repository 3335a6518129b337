"""
The last word before a signal: limits outside any model's reach.

Pure, and closed unless everything is in order: what cannot be checked is refused.
It rules on entries alone; nothing here can keep a position from being closed.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

import numpy as np

from core.model.candles import CandleSeries
from core.model.instrument import Instrument
from core.model.intervals import MINUTE_MS
from core.model.signal import Direction
from core.trading.account import Account
from core.trading.limits import Limits
from core.trading.sizing import Room, UnitTrade, decimal

__all__ = ["Admission", "Limits", "Proposal", "Refusal", "Ruling", "data_fault", "rule_on"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """
    A trade somebody would like to make.

    Attributes:
        reference: Price it was thought out at: the close of the evaluated candle.
        risk_scale: Share of the allowed risk to take, above 0 and at most 1.
    """

    symbol: str
    direction: Direction
    reference: float
    stop: float
    target: float
    risk_scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Admission:
    """
    The trade as it may be made.

    Attributes:
        quantity: Base units, a multiple of the instrument's step.
        stop: On the instrument's tick.
        target: On the instrument's tick.
        reward_risk: After costs.
        liquidation: Price of a forced close, beyond the stop; 0.0 of a long that has none.
    """

    quantity: float
    stop: float
    target: float
    reward_risk: float
    liquidation: float = 0.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: a short stable ``code``, and words with numbers."""

    code: str
    reason: str


Ruling: TypeAlias = Admission | Refusal


def data_fault(candles: CandleSeries, closed_ms: int, *, whole: bool) -> str | None:
    """
    Say why no decision may be made on these candles, None when they are fit.

    Args:
        candles: The window a decision would be made on.
        closed_ms: Feed time of the report that the newest of them closed.
        whole: Whether the feed is live and its recent 1m candles have no hole.
    """
    if not whole:
        return "the feed is not live or its candles have a hole"
    step_ms = candles.interval.duration_ms
    holes = np.flatnonzero(np.diff(candles.open_time_ms) != step_ms)
    if holes.size:
        return f"candles are missing after {int(candles.open_time_ms[holes[0]])}"
    if len(candles) and closed_ms - int(candles.open_time_ms[-1]) >= 2 * step_ms:
        return f"the newest candle opened at {int(candles.open_time_ms[-1])}, a bar too old"
    return None


def rule_on(proposal: Proposal, account: Account, instrument: Instrument, limits: Limits) -> Ruling:
    """
    Admit a proposal with its size, or refuse it with a reason.

    The size is what loses ``risk_per_trade_pct`` of equity, times the proposal's scale, at the
    stop with the costs of both fills, cut to what one position and all of them may be worth.
    Notionals count at the reference price.
    """
    refusal = _standing(proposal.symbol, account, instrument, limits)
    if refusal is not None:
        return refusal
    stop, target = _on_tick(proposal.stop, instrument), _on_tick(proposal.target, instrument)
    refusal = _levels(proposal, stop, target)
    if refusal is not None:
        return refusal
    reference = decimal(proposal.reference)
    trade = UnitTrade.of(proposal.direction.sign, reference, stop, target, limits.costs)
    if trade.reward < decimal(limits.min_reward_risk) * trade.risk:
        ratio = trade.reward / trade.risk
        words = f"reward/risk after costs is {ratio:.2f}, below {limits.min_reward_risk}"
        return Refusal("reward_risk", words)
    liquidation = trade.liquidation(limits.leverage, limits.maintenance_margin_pct)
    if trade.sign * liquidation >= trade.sign * stop:
        there = instrument.price_on_tick(float(liquidation))
        words = f"with leverage {limits.leverage:g} it is liquidated at {there}"
        return Refusal("liquidation", f"{words}, before the stop at {stop}")
    quantity = _quantity(proposal, account, trade, instrument, limits)
    if isinstance(quantity, Refusal):
        return quantity
    return Admission(
        quantity=float(quantity),
        stop=float(stop),
        target=float(target),
        reward_risk=float(trade.reward / trade.risk),
        liquidation=float(liquidation),
    )


def _standing(
    symbol: str, account: Account, instrument: Instrument, limits: Limits
) -> Refusal | None:
    """What speaks against any trade in ``symbol`` now."""
    if instrument.symbol != symbol:
        return Refusal("instrument", f"rules of {instrument.symbol} given for {symbol}")
    if not instrument.is_trading:
        return Refusal("not_trading", f"{symbol} is {instrument.status}")
    if not (math.isfinite(account.equity) and account.equity > 0.0):
        return Refusal("equity", f"equity is {account.equity}")
    if account.halts:
        return Refusal(account.halts[0].code, "; ".join(halt.reason for halt in account.halts))
    return _occupied(symbol, account, limits)


def _occupied(symbol: str, account: Account, limits: Limits) -> Refusal | None:
    """What the account has done already that speaks against it."""
    if symbol in account.positions:
        return Refusal("open_position", f"{symbol} has a pending or open trade")
    if len(account.positions) >= limits.max_positions:
        words = f"{len(account.positions)} trades are pending or open"
        return Refusal("max_positions", f"{words}, {limits.max_positions} allowed")
    exit_ms = account.last_exit_ms.get(symbol)
    # An exit that is yet to come cannot be judged, so it counts as one of just now.
    if limits.cooldown_ms and exit_ms is not None:
        waited_ms = max(0, account.at_ms - exit_ms)
        if waited_ms < limits.cooldown_ms:
            words = f"{waited_ms / MINUTE_MS:.0f} minutes since the last exit in {symbol}"
            return Refusal("cooldown", f"{words}, {limits.cooldown_ms / MINUTE_MS:.0f} to wait")
    if account.signals_last_hour >= limits.max_per_hour:
        words = f"{account.signals_last_hour} signals in the last hour"
        return Refusal("max_per_hour", f"{words}, {limits.max_per_hour} allowed")
    return None


def _levels(proposal: Proposal, stop: Decimal, target: Decimal) -> Refusal | None:
    sign = proposal.direction.sign
    reference = proposal.reference
    fit = (
        sign != 0
        and math.isfinite(reference)
        and stop.is_finite()
        and target.is_finite()
        and min(stop, target) > 0
        and sign * stop < sign * decimal(reference) < sign * target
    )
    if not fit:
        words = f"{proposal.direction} from {reference}, stop {stop}, target {target}"
        return Refusal("levels", words)
    if not 0.0 < proposal.risk_scale <= 1.0:
        return Refusal("levels", f"the share of the risk to take is {proposal.risk_scale}")
    return None


def _quantity(
    proposal: Proposal,
    account: Account,
    trade: UnitTrade,
    instrument: Instrument,
    limits: Limits,
) -> Decimal | Refusal:
    notionals = [position.notional for position in account.positions.values()]
    if not all(math.isfinite(notional) and notional >= 0.0 for notional in notionals):
        return Refusal("total_notional", f"open positions are worth {notionals}")
    held = sum(map(decimal, notionals), Decimal(0))
    reference = decimal(proposal.reference)
    room = Room.of(account.equity, held, limits, risk_scale=proposal.risk_scale)
    wanted = room.alone(trade, reference, instrument)
    if not _tradable(wanted, reference, instrument):
        return Refusal("min_notional", _too_little(wanted, reference, instrument))
    quantity = room.beside_others(wanted, reference, instrument)
    if not _tradable(quantity, reference, instrument):
        words = _too_little(quantity, reference, instrument)
        return Refusal("total_notional", f"beside {held:.2f} in open positions {words}")
    return quantity


def _tradable(quantity: Decimal, reference: Decimal, instrument: Instrument) -> bool:
    least = instrument.min_quantity
    return quantity > 0 and quantity >= least and quantity * reference >= instrument.min_notional


def _too_little(quantity: Decimal, reference: Decimal, instrument: Instrument) -> str:
    return (
        f"{quantity:f} {instrument.symbol} are worth {quantity * reference:.2f}; the least "
        f"are {instrument.min_quantity:f} and {instrument.min_notional:f} {instrument.quote}"
    )


def _on_tick(price: float, instrument: Instrument) -> Decimal:
    return instrument.price_on_tick(price) if math.isfinite(price) else Decimal("NaN")
