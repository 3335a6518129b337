"""When and at what price a position is left, of what one closed 1m candle tells. Pure."""

from dataclasses import dataclass, replace

from core.model.candles import Candle
from core.model.condition import Condition
from core.model.intervals import MINUTE_MS, Interval
from core.model.trade import ExitReason, Trade
from core.trading.costs import Costs
from core.trading.position_value import market_price


@dataclass(frozen=True, slots=True)
class Fill:
    """
    The order that ended a position.

    Attributes:
        fee: Fraction of the notional.
    """

    price: float
    at_ms: int
    reason: ExitReason
    fee: float


def exit_at_open(trade: Trade, bar: Candle, costs: Costs) -> Fill | None:
    """
    Return the exit at a candle's open; None when the position lives on.

    A price that opens beyond a level comes before all that was asked for: its order stood in the
    market already.
    """
    sign, at_ms = trade.direction.sign, bar.open_time_ms
    market = market_price(bar.open, -sign, costs)
    if sign * (bar.open - trade.stop) <= 0.0:
        return Fill(market, at_ms, ExitReason.STOP, costs.taker_fee)
    if sign * (bar.open - trade.target) >= 0.0:
        return Fill(bar.open, at_ms, ExitReason.TARGET, costs.target_fee)
    if trade.close_ms is not None and trade.close_reason is not None and trade.close_ms <= at_ms:
        return Fill(market, at_ms, trade.close_reason, costs.taker_fee)
    if trade.expires_ms is not None and trade.expires_ms <= at_ms:
        return Fill(market, at_ms, ExitReason.EXPIRED, costs.taker_fee)
    return None


def exit_inside(trade: Trade, bar: Candle, costs: Costs) -> Fill | None:
    """Return the exit at a level inside a candle, dated to its end; the stop comes first."""
    sign = trade.direction.sign
    end_ms = Interval.M1.close_time_ms(bar.open_time_ms)
    worst, best = (bar.low, bar.high) if sign > 0 else (bar.high, bar.low)
    if sign * (worst - trade.stop) <= 0.0:
        price = market_price(trade.stop, -sign, costs)
        return Fill(price, end_ms, ExitReason.STOP, costs.taker_fee)
    if sign * (best - trade.target) >= 0.0:
        return Fill(trade.target, end_ms, ExitReason.TARGET, costs.target_fee)
    return None


def called(trade: Trade, reason: ExitReason, at_ms: int) -> Trade:
    """Ask for the close at the first open from ``at_ms`` on; the earliest such call stands."""
    if trade.close_ms is not None and trade.close_ms <= at_ms:
        return trade
    return replace(trade, close_ms=at_ms, close_reason=reason)


def judged(trade: Trade, bar: Candle) -> Trade:
    """Ask for the close where a condition is met by the candle that ends with ``bar``."""
    end_ms = bar.open_time_ms + MINUTE_MS
    if any(_met(condition, bar, end_ms) for condition in trade.invalidation):
        return called(trade, ExitReason.INVALIDATED, end_ms)
    return trade


def _met(condition: Condition, bar: Candle, end_ms: int) -> bool:
    completes = condition.interval.open_time_ms(end_ms) == end_ms
    return completes and condition.met(bar.close)
