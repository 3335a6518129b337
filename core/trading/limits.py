"""Limits that no model, rule or configuration gets past."""

import math
from dataclasses import dataclass

from core.trading.costs import Costs

# DESIGN 7 and issue 5, item 4: what the configuration may tighten and never loosen.
HARD_RISK_PCT = 2.0
HARD_NOTIONAL_X = 1.0
HARD_TOTAL_NOTIONAL_X = 3.0


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What the risk gate holds a proposal against.

    Attributes:
        risk_per_trade_pct: Percent of equity lost, costs included, when the stop is hit;
            at most 2.
        min_reward_risk: Least reward per unit of risk, both after costs.
        max_per_hour: Signals of the whole system in an hour of market time.
        costs: Of each fill.
        max_positions: Pending and open at the same time.
        max_notional_x: Of one position, in equities; at most 1.
        max_total_notional_x: Of all positions, in equities; at most 3.
        leverage: Of the isolated margin, at least 1.
        maintenance_margin_pct: Percent of a position's notional below which its margin may
            not fall.
        cooldown_ms: Market time after an exit in which its symbol is left alone.

    Raises:
        ValueError: If one of them is out of these bounds or no number.
    """

    risk_per_trade_pct: float
    min_reward_risk: float
    max_per_hour: int
    costs: Costs
    max_positions: int
    max_notional_x: float
    max_total_notional_x: float
    leverage: float
    maintenance_margin_pct: float
    cooldown_ms: int

    def __post_init__(self) -> None:
        sound = {
            "risk_per_trade_pct": 0.0 < self.risk_per_trade_pct <= HARD_RISK_PCT,
            "min_reward_risk": 0.0 <= self.min_reward_risk < math.inf,
            "max_per_hour": self.max_per_hour >= 0,
            "max_positions": self.max_positions >= 0,
            "max_notional_x": 0.0 < self.max_notional_x <= HARD_NOTIONAL_X,
            "max_total_notional_x": 0.0 < self.max_total_notional_x <= HARD_TOTAL_NOTIONAL_X,
            "leverage": 1.0 <= self.leverage < math.inf,
            "maintenance_margin_pct": 0.0 <= self.maintenance_margin_pct < 100.0,  # noqa: PLR2004 - percent
            "cooldown_ms": self.cooldown_ms >= 0,
        }
        for name, fits in sound.items():
            if not fits:
                raise ValueError(f"{name} is out of bounds: {getattr(self, name)}")
