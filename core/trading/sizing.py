"""
What a trade of one unit may cost and bring, where it is liquidated, and how much may be bought.

In decimal arithmetic on the numbers as printed, and quantities always round down: no rounding
error can buy a step too much.
"""

from dataclasses import dataclass
from decimal import Decimal

from core.model.instrument import Instrument
from core.trading.costs import Costs
from core.trading.limits import Limits


def decimal(value: float) -> Decimal:
    """Return the number as it prints: 0.1 is a tenth, not its nearest binary fraction."""
    return Decimal(repr(float(value)))


@dataclass(frozen=True, slots=True)
class UnitTrade:
    """
    One unit bought or sold at the reference price; all of it in quote currency.

    Attributes:
        sign: 1 of a long, -1 of a short.
        entry: What the market order fills at, slippage included.
        risk: Lost when the stop is hit, slippage and fees of both fills included.
        reward: Left at the target, likewise; the target rests in the book and does not slip.
    """

    sign: int
    entry: Decimal
    risk: Decimal
    reward: Decimal

    @classmethod
    def of(
        cls, sign: int, reference: Decimal, stop: Decimal, target: Decimal, costs: Costs
    ) -> "UnitTrade":
        """Price the trade; ``stop`` and ``target`` are on their sides of ``reference``."""
        fee, slippage = decimal(costs.taker_fee), decimal(costs.slippage)
        entry, stopped = reference * (1 + sign * slippage), stop * (1 - sign * slippage)
        risk = sign * (entry - stopped) + fee * (entry + stopped)
        reward = sign * (target - entry) - fee * entry - decimal(costs.target_fee) * target
        return cls(sign, entry, risk, reward)

    def liquidation(self, leverage: float, maintenance_margin_pct: float) -> Decimal:
        """
        Return the price at which the exchange would close the position by force.

        A unit entered at e with isolated margin e / L is worth, at price p, its margin and its
        gain s (p - e), where s is the sign. It is liquidated where that falls to the maintenance
        margin m p:  e / L + s (p - e) = m p.  Solved for p, a long's is e (1 - 1/L) / (1 - m),
        a short's e (1 + 1/L) / (1 + m). 0 of a long with leverage 1: the price cannot get there.

        One isolated position; the exchange's brackets by notional are taken as the one rate
        that is configured.
        """
        margin = self.entry / decimal(leverage)
        maintenance = decimal(maintenance_margin_pct) / 100
        return (self.entry - self.sign * margin) / (1 - self.sign * maintenance)


@dataclass(frozen=True, slots=True)
class Room:
    """
    What the account allows one more position to be, in quote currency.

    Attributes:
        risk: To be lost at the stop.
        notional: Of the position.
        total: Left of what all positions together may be worth, and of what the equity can
            be the margin of; may be negative.
    """

    risk: Decimal
    notional: Decimal
    total: Decimal

    @classmethod
    def of(cls, equity: float, held: Decimal, limits: Limits, *, risk_scale: float) -> "Room":
        """Measure the account; ``held`` is the notional of its positions."""
        money = decimal(equity)
        # The margins, notional / leverage each, may not exceed the equity: the same as this.
        most_x = min(decimal(limits.max_total_notional_x), decimal(limits.leverage))
        return cls(
            risk=money * decimal(limits.risk_per_trade_pct) / 100 * decimal(risk_scale),
            notional=money * decimal(limits.max_notional_x),
            total=money * most_x - held,
        )

    def alone(self, trade: UnitTrade, reference: Decimal, instrument: Instrument) -> Decimal:
        """Return the quantity were there no other position, on the step."""
        most = min(self.risk / trade.risk, self.notional / reference, instrument.max_quantity)
        return instrument.quantity_on_step(most)

    def beside_others(
        self, quantity: Decimal, reference: Decimal, instrument: Instrument
    ) -> Decimal:
        """Return what of ``quantity`` the other positions leave room for, on the step."""
        return instrument.quantity_on_step(min(quantity, max(self.total, Decimal(0)) / reference))
