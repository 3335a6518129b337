"""What can be configured of decisions: votes, analyst, paper account, risk."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from core.config.section import AnyInterval, Section
from core.model.policy import Policy


def _key(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError("must be the key alone: no space, line break or foreign character")
    return secret


Weight = Annotated[float, Field(ge=0, le=10)]


class TrendWeights(Section):
    """Votes on trend and regime."""

    supertrend: Weight
    moving_averages: Weight
    chandelier: Weight
    regime: Weight


class MomentumWeights(Section):
    """Votes on momentum and structure."""

    rsi: Weight
    macd: Weight
    structure: Weight
    channel: Weight


class FlowWeights(Section):
    """Votes on order flow and liquidity."""

    taker_flow: Weight
    volume: Weight
    book: Weight
    liquidity: Weight


class AlignmentWeights(Section):
    """The vote of the other timeframes."""

    timeframes: Weight


class FilterWeights(Section):
    """Votes against whatever the others say: when a market is not fit to be traded."""

    volatility: Weight
    stretch: Weight
    costs: Weight


class VoteWeights(Section):
    """Weights of the votes; only their ratios count."""

    trend: TrendWeights
    momentum: MomentumWeights
    flow: FlowWeights
    alignment: AlignmentWeights
    filters: FilterWeights

    @model_validator(mode="after")
    def _speaks(self) -> Self:
        if not any(weight for layer in self.model_dump().values() for weight in layer.values()):
            raise ValueError("at least one weight must be above 0")
        return self


class SignalSettings(Section):
    """When an evaluation happens and what makes it a signal."""

    interval: AnyInterval
    policy: Annotated[Policy, Field(strict=False)]
    threshold: float = Field(gt=0, le=1)
    max_per_hour: int = Field(ge=0, le=1000)
    stop_atr: float = Field(ge=0.5, le=10)
    reward_risk: float = Field(ge=1, le=10)
    max_holding_bars: int = Field(ge=1, le=10_000)
    random_entry_share: float = Field(ge=0, le=1)
    random_seed: int = Field(ge=0)
    weights: VoteWeights


class PriceTable(Section):
    """USD per million tokens, off-peak."""

    input_cache_hit: float = Field(ge=0)
    input_cache_miss: float = Field(ge=0)
    output: float = Field(ge=0)


Hour = Annotated[int, Field(ge=0, le=24)]
Hours = Annotated[tuple[Hour, Hour], Field(strict=False)]


class ChatSettings(Section):
    """Questions that people ask about the market."""

    daily_usd: float = Field(ge=0, le=1000)
    daily_calls: int = Field(ge=0, le=100_000)
    max_tokens: int = Field(ge=100, le=32_768)
    timeout_s: float = Field(ge=5, le=600)


class DeepSeekSettings(Section):
    """The analyst. Without a key it is never asked."""

    base_url: Annotated[str, Field(pattern=r"^https?://[!-~]+$")]
    model: str = Field(min_length=1)
    thinking: Literal["disabled", "low", "high", "max"]
    ask_from: float = Field(ge=0, le=1)
    timeout_s: float = Field(ge=1, le=60)
    retries: int = Field(ge=0, le=5)
    max_tokens: int = Field(ge=100, le=32_768)
    max_concurrent: int = Field(ge=1, le=100)
    daily_usd: float = Field(ge=0, le=1000)
    daily_calls: int = Field(ge=0, le=100_000)
    failures_to_open: int = Field(ge=1, le=100)
    open_for_s: float = Field(ge=1, le=3600)
    wrong_claims_refused: float = Field(gt=0, le=1)
    usd_per_million: Mapping[str, PriceTable] = Field(min_length=1)
    peak_factor: float = Field(ge=1, le=10)
    peak_hours_utc: Annotated[tuple[Hours, ...], Field(strict=False)]
    chat: ChatSettings
    api_key: Annotated[SecretStr, Field(strict=False), AfterValidator(_key)] | None = None


class PaperSettings(Section):
    """The paper account and its costs."""

    starting_equity_usd: float = Field(ge=100, le=1e9)
    taker_fee_bps: float = Field(ge=0, le=100)
    maker_fee_bps: float = Field(ge=0, le=100)
    slippage_bps: float = Field(ge=0, le=100)


class RiskSettings(Section):
    """Limits outside any model's reach."""

    risk_per_trade_pct: float = Field(gt=0, le=2)
    min_reward_risk: float = Field(ge=0.5, le=10)
    max_positions: int = Field(ge=1, le=1000)
    max_notional_x: float = Field(gt=0, le=1)
    max_total_notional_x: float = Field(gt=0, le=3)
    leverage: float = Field(ge=1, le=20)
    maintenance_margin_pct: float = Field(gt=0, le=20)
    cooldown_minutes: int = Field(ge=0, le=10_080)
    daily_loss_pct: float = Field(gt=0, le=100)
    max_drawdown_pct: float = Field(gt=0, le=100)
