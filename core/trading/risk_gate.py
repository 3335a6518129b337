"""
The last word before a signal: limits outside any model's reach.

Pure, and closed unless everything is in order: what cannot be checked is refused.
Sizing is done in decimal arithmetic on the numbers as printed, and always rounds
down: no rounding error can buy a step too much.
"""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

import numpy as np

from core.model.candles import CandleSeries
from core.model.instrument import Instrument
from core.model.signal import Direction
from core.trading.account import Account
from core.trading.costs import Costs


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Attributes:
        risk_per_trade_pct: Percent of equity lost, costs included, when the stop is hit.
        min_reward_risk: Least reward per unit of risk, both after costs.
        max_per_hour: Signals of the whole system in an hour of market time.
        costs: Of each fill.
    """

    risk_per_trade_pct: float
    min_reward_risk: float
    max_per_hour: int
    costs: Costs


@dataclass(frozen=True, slots=True)
class Proposal:
    """
    A trade somebody would like to make.

    Attributes:
        reference: Price it was thought out at: the close of the evaluated candle.
    """

    symbol: str
    direction: Direction
    reference: float
    stop: float
    target: float


@dataclass(frozen=True, slots=True)
class Admission:
    """
    The trade as it may be made.

    Attributes:
        quantity: Base units, a multiple of the instrument's step.
        stop: On the instrument's tick.
        target: On the instrument's tick.
        reward_risk: After costs.
    """

    quantity: float
    stop: float
    target: float
    reward_risk: float


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

    The size is what loses ``risk_per_trade_pct`` of equity at the stop, costs of both
    fills included, but never more than equity buys without leverage.
    """
    refusal = _standing(proposal.symbol, account, instrument, limits)
    if refusal is not None:
        return refusal
    stop, target = _on_tick(proposal.stop, instrument), _on_tick(proposal.target, instrument)
    refusal = _levels(proposal, stop, target)
    if refusal is not None:
        return refusal
    reference = _decimal(proposal.reference)
    risk, reward = _after_costs(reference, stop, target, limits.costs)
    if reward < _decimal(limits.min_reward_risk) * risk:
        words = f"reward/risk after costs is {reward / risk:.2f}, below {limits.min_reward_risk}"
        return Refusal("reward_risk", words)
    quantity = _quantity(account.equity, reference, risk, instrument, limits)
    notional = quantity * reference
    if quantity <= 0 or notional < instrument.min_notional:
        words = f"{quantity} {proposal.symbol} are worth {notional:.2f}"
        return Refusal("min_notional", f"{words}, below {instrument.min_notional}")
    return Admission(float(quantity), float(stop), float(target), float(reward / risk))


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
    if symbol in account.open_symbols:
        return Refusal("open_position", f"{symbol} has a pending or open trade")
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
        and sign * stop < sign * _decimal(reference) < sign * target
    )
    if fit:
        return None
    words = f"{proposal.direction} from {reference}, stop {stop}, target {target}"
    return Refusal("levels", words)


def _after_costs(
    reference: Decimal, stop: Decimal, target: Decimal, costs: Costs
) -> tuple[Decimal, Decimal]:
    """Loss at the stop and gain at the target of one unit, in quote currency."""
    fee, slippage = _decimal(costs.taker_fee), _decimal(costs.slippage)
    entry = reference * (fee + slippage)
    risk = abs(reference - stop) + entry + stop * (fee + slippage)
    reward = abs(target - reference) - entry - target * fee
    return risk, reward


def _quantity(
    equity: float, reference: Decimal, risk: Decimal, instrument: Instrument, limits: Limits
) -> Decimal:
    money = _decimal(equity)
    by_risk = money * _decimal(limits.risk_per_trade_pct) / 100 / risk
    most = min(by_risk, money / reference, instrument.max_quantity)
    quantity = instrument.quantity_on_step(most)
    return quantity if quantity >= instrument.min_quantity else Decimal(0)


def _on_tick(price: float, instrument: Instrument) -> Decimal:
    return instrument.price_on_tick(price) if math.isfinite(price) else Decimal("NaN")


def _decimal(value: float) -> Decimal:
    """The number as it prints: 0.1 is a tenth, not its nearest binary fraction."""
    return Decimal(repr(float(value)))
