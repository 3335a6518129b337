"""What can be configured: frozen sections that cannot hold an illegal value."""

import re
from collections.abc import Mapping
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from core.config.dashboard import DashboardSettings, Port
from core.config.decisions import DeepSeekSettings, PaperSettings, RiskSettings, SignalSettings
from core.config.health import HealthSettings
from core.config.operations import (
    AlarmSettings,
    BackupSettings,
    EmergencySettings,
    LoggingSettings,
    RetentionSettings,
    ScheduleSettings,
)
from core.config.section import AnyInterval, Section
from core.model.instrument import is_symbol


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


def _distinct(symbols: tuple[str, ...]) -> tuple[str, ...]:
    doubled = sorted({s for s in symbols if symbols.count(s) > 1})
    if doubled:
        raise ValueError(f"names {', '.join(doubled)} more than once")
    return symbols


RestOrigin = Annotated[str, AfterValidator(_rest_origin)]
StreamOrigin = Annotated[str, AfterValidator(_stream_origin)]
Symbol = Annotated[str, AfterValidator(_symbol)]


class ExchangeSettings(Section):
    """Where the exchange is and how hard we may ask it."""

    rest_url: RestOrigin
    ws_url: StreamOrigin
    request_timeout_s: float = Field(ge=1, le=60)
    weight_per_minute: int = Field(ge=60, le=2400)


class FeedSettings(Section):
    """How many streams share a socket, and when a socket is given up and replaced."""

    reconnect_first_s: float = Field(gt=0, le=10)
    reconnect_ceiling_s: float = Field(ge=1, le=25)
    silence_s: float = Field(ge=2, le=300)
    streams_per_connection: int = Field(ge=2, le=1024)
    rotate_after_s: float = Field(ge=10, le=86_000)


class DataSettings(Section):
    """How much history is kept."""

    history_days: int = Field(ge=1, le=365)
    hot_candles: int = Field(ge=300, le=20_000)
    watched_candles: int = Field(ge=60, le=5_000)
    higher_candles: int = Field(ge=300, le=5_000)


class EngineSettings(Section):
    """The trading process."""

    port: Port
    heartbeat_s: float = Field(ge=0.2, le=10)


class DemoSettings(Section):
    """What `make demo` changes."""

    speed: float = Field(ge=0.1, le=600)
    seed: int = Field(ge=0)
    history_days: int = Field(ge=1, le=30)
    interval: AnyInterval


class UniverseSettings(Section):
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


class Settings(Section):
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
    emergency: EmergencySettings = EmergencySettings()
    backup: BackupSettings = BackupSettings()
    health: HealthSettings = HealthSettings()
    alarms: AlarmSettings = AlarmSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    retention: RetentionSettings = RetentionSettings()

    @model_validator(mode="after")
    def _follows_something(self) -> Self:
        if not self.symbols and self.universe is None:
            raise ValueError("symbols, universe: at least one of both must name what to follow")
        return self
