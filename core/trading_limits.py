"""The configured limits and costs as the trading side knows them."""

from core.config import PaperSettings, Settings
from core.model.intervals import MINUTE_MS
from core.trading.breakers import BreakerLimits
from core.trading.costs import Costs
from core.trading.limits import Limits

_BPS = 1e4  # basis points in one


def costs_of(paper: PaperSettings) -> Costs:
    """Return what a paper fill costs."""
    return Costs(
        taker_fee=paper.taker_fee_bps / _BPS,
        slippage=paper.slippage_bps / _BPS,
        maker_fee=paper.maker_fee_bps / _BPS,
    )


def limits_of(settings: Settings) -> Limits:
    """Return what the risk gate holds proposals against."""
    risk = settings.risk
    return Limits(
        risk_per_trade_pct=risk.risk_per_trade_pct,
        min_reward_risk=risk.min_reward_risk,
        max_per_hour=settings.signals.max_per_hour,
        costs=costs_of(settings.paper),
        max_positions=risk.max_positions,
        max_notional_x=risk.max_notional_x,
        max_total_notional_x=risk.max_total_notional_x,
        leverage=risk.leverage,
        maintenance_margin_pct=risk.maintenance_margin_pct,
        cooldown_ms=risk.cooldown_minutes * MINUTE_MS,
    )


def breaker_limits_of(settings: Settings) -> BreakerLimits:
    """Return the losses from which nothing is entered any more."""
    return BreakerLimits(
        daily_loss_pct=settings.risk.daily_loss_pct,
        max_drawdown_pct=settings.risk.max_drawdown_pct,
    )
