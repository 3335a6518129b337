from dataclasses import replace

import pytest

from core.trading_limits import breaker_limits_of, costs_of, limits_of
from tests import builders

LIMITS = limits_of(builders.settings())


@pytest.mark.parametrize(
    "changes",
    [
        {"risk_per_trade_pct": 2.01},
        {"risk_per_trade_pct": 0.0},
        {"risk_per_trade_pct": float("nan")},
        {"min_reward_risk": float("inf")},
        {"max_per_hour": -1},
        {"max_positions": -1},
        {"max_notional_x": 1.01},
        {"max_total_notional_x": 3.01},
        {"max_total_notional_x": float("nan")},
        {"leverage": 0.5},
        {"maintenance_margin_pct": 100.0},
        {"cooldown_ms": -1},
    ],
)
def test_a_limit_out_of_bounds_cannot_be(changes):
    with pytest.raises(ValueError, match=next(iter(changes))):
        replace(LIMITS, **changes)


def test_the_hard_maximum_of_the_risk_is_two_percent():
    assert replace(LIMITS, risk_per_trade_pct=2.0).risk_per_trade_pct == 2.0


def test_what_is_configured_in_minutes_and_basis_points_arrives():
    settings = builders.settings()
    costs = costs_of(settings.paper)
    assert (costs.taker_fee, costs.slippage, costs.target_fee) == (0.0005, 0.0001, 0.0002)
    assert LIMITS.cooldown_ms == settings.risk.cooldown_minutes * 60_000
    assert LIMITS.max_per_hour == settings.signals.max_per_hour
    assert breaker_limits_of(settings).max_drawdown_pct == settings.risk.max_drawdown_pct
