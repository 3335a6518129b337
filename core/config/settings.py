"""What can be configured: frozen sections that cannot hold an illegal value."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from core.model.instrument import is_symbol
from core.model.intervals import Interval
from core.model.policy import Policy


def _origin(url: str, schemes: tuple[str, str]) -> str:
    parts = urlsplit(url)
    example = " or ".join(f"{scheme}://host:port" for scheme in schemes)
    plain = url.isprintable() and " " not in url
    if parts.scheme not in schemes or not parts.hostname or not plain:
        raise ValueError(f"must be {example}")
    if url.partition("://")[2].rstrip("/") != parts.netloc or "@" in parts.netloc:
        raise ValueError(f"must be {example} without a path or a login")
    if parts.port == 0:  # what is no port number raises here
        raise ValueError("port 0 is none")
    return f"{parts.scheme}://{parts.netloc}"


def _rest_origin(url: str) -> str:
    return _origin(url, ("http", "https"))


def _stream_origin(url: str) -> str:
    return _origin(url, ("ws", "wss"))


def _symbol(name: str) -> str:
    if not is_symbol(name):
        raise ValueError("must be a symbol as Binance names it, such as BTCUSDT")
    return name


def _quote(asset: str) -> str:
    if not re.fullmatch(r"[A-Z0-9]{2,10}", asset):
        raise ValueError("must be an asset in upper case, such as USDT")
    return asset


def _key(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not (text.isascii() and text.isprintable()) or " " in text:
        raise ValueError("must be the key alone: no space, line break or foreign character")
    return secret


def _loopback(host: str) -> str:
    if host not in {"127.0.0.1", "localhost", "::1"}:
        raise ValueError("must be 127.0.0.1, localhost or ::1 (there is no login yet)")
    return host


def _distinct(symbols: tuple[str, ...]) -> tuple[str, ...]:
    doubled = sorted({s for s in symbols if symbols.count(s) > 1})
    if doubled:
        raise ValueError(f"names {', '.join(doubled)} more than once")
    return symbols


RestOrigin = Annotated[str, AfterValidator(_rest_origin)]
StreamOrigin = Annotated[str, AfterValidator(_stream_origin)]
Port = Annotated[int, Field(ge=1, le=65535)]
Symbol = Annotated[str, AfterValidator(_symbol)]
AnyInterval = Annotated[Interval, Field(strict=False)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class ExchangeSettings(_Section):
    """Where the exchange is and how hard we may ask it."""

    rest_url: RestOrigin
    ws_url: StreamOrigin
    request_timeout_s: float = Field(ge=1, le=60)
    weight_per_minute: int = Field(ge=60, le=2400)


class FeedSettings(_Section):
    """How many streams share a socket, and when a socket is given up and replaced."""

    reconnect_first_s: float = Field(gt=0, le=10)
    reconnect_ceiling_s: float = Field(ge=1, le=25)
    silence_s: float = Field(ge=2, le=300)
    streams_per_connection: int = Field(ge=2, le=1024)
    rotate_after_s: float = Field(ge=10, le=86_000)


class DataSettings(_Section):
    """How much history is kept."""

    history_days: int = Field(ge=1, le=365)
    hot_candles: int = Field(ge=300, le=20_000)
    watched_candles: int = Field(ge=60, le=5_000)
    higher_candles: int = Field(ge=300, le=5_000)


Weight = Annotated[float, Field(ge=0, le=10)]


class TrendWeights(_Section):
    """Votes on trend and regime."""

    supertrend: Weight
    moving_averages: Weight
    chandelier: Weight
    regime: Weight


class MomentumWeights(_Section):
    """Votes on momentum and structure."""

    rsi: Weight
    macd: Weight
    structure: Weight
    channel: Weight


class FlowWeights(_Section):
    """Votes on order flow and liquidity."""

    taker_flow: Weight
    volume: Weight
    book: Weight
    liquidity: Weight


class AlignmentWeights(_Section):
    """The vote of the other timeframes."""

    timeframes: Weight


class FilterWeights(_Section):
    """Votes against whatever the others say: when a market is not fit to be traded."""

    volatility: Weight
    stretch: Weight
    costs: Weight


class VoteWeights(_Section):
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


class SignalSettings(_Section):
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


class PriceTable(_Section):
    """USD per million tokens, off-peak."""

    input_cache_hit: float = Field(ge=0)
    input_cache_miss: float = Field(ge=0)
    output: float = Field(ge=0)


Hour = Annotated[int, Field(ge=0, le=24)]
Hours = Annotated[tuple[Hour, Hour], Field(strict=False)]


class ChatSettings(_Section):
    """Questions that people ask about the market."""

    daily_usd: float = Field(ge=0, le=1000)
    daily_calls: int = Field(ge=0, le=100_000)
    max_tokens: int = Field(ge=100, le=32_768)
    timeout_s: float = Field(ge=5, le=600)


class DeepSeekSettings(_Section):
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


class PaperSettings(_Section):
    """The paper account and its costs."""

    starting_equity_usd: float = Field(ge=100, le=1e9)
    taker_fee_bps: float = Field(ge=0, le=100)
    maker_fee_bps: float = Field(ge=0, le=100)
    slippage_bps: float = Field(ge=0, le=100)


class RiskSettings(_Section):
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


class DashboardSettings(_Section):
    """The page."""

    host: Annotated[str, AfterValidator(_loopback)]
    port: Port
    candles_shown: int = Field(ge=50, le=2000)
    pushes_per_s: float = Field(ge=0.5, le=10)


class EngineSettings(_Section):
    """The trading process."""

    port: Port
    heartbeat_s: float = Field(ge=0.2, le=10)


class LoggingSettings(_Section):
    """What is written to logs/."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class DemoSettings(_Section):
    """What `make demo` changes."""

    speed: float = Field(ge=0.1, le=600)
    seed: int = Field(ge=0)
    history_days: int = Field(ge=1, le=30)
    interval: AnyInterval


class UniverseSettings(_Section):
    """
    What is streamed besides the engine's list.

    Attributes:
        quote: Asset the perpetuals are quoted in; None for any.
        top_by_volume: How many of them, by the volume of 24 h; None for all.
    """

    quote: Annotated[str, AfterValidator(_quote)] | None
    top_by_volume: Annotated[int, Field(ge=1, le=1000)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _all(cls, given: object) -> object:
        if given == "all":
            return {"quote": None}
        if not isinstance(given, Mapping):
            raise ValueError("must be all, or a section such as {quote: USDT, top_by_volume: 50}")  # noqa: TRY004 - pydantic reports ValueError
        return given

    @model_validator(mode="after")
    def _comparable(self) -> Self:
        if self.top_by_volume is not None and self.quote is None:
            raise ValueError(
                "top_by_volume needs a quote: volumes in different money do not compare"
            )
        return self


class Settings(_Section):
    """
    The whole configuration; cannot hold an illegal value.

    Attributes:
        symbols: The engine's list: what is traded. Empty when that is the universe.
        universe: What is streamed besides; None when nothing is.
    """

    symbols: Annotated[tuple[Symbol, ...], Field(strict=False), AfterValidator(_distinct)] = ()
    universe: UniverseSettings | None = None
    exchange: ExchangeSettings
    feed: FeedSettings
    data: DataSettings
    signals: SignalSettings
    deepseek: DeepSeekSettings
    paper: PaperSettings
    risk: RiskSettings
    dashboard: DashboardSettings
    engine: EngineSettings
    logging: LoggingSettings
    demo: DemoSettings

    @model_validator(mode="after")
    def _follows_something(self) -> Self:
        if not self.symbols and self.universe is None:
            raise ValueError("symbols, universe: at least one of both must name what to follow")
        return self
