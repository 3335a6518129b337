"""config.yaml and the environment into frozen settings; a surprise is an error that names it."""

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import yaml
from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from core.model.intervals import Interval

REPOSITORY = Path(__file__).resolve().parent.parent
# Environment variable -> where its value goes.
_OVERRIDES = {
    "BINANCE_FUTURES_REST_URL": ("exchange", "rest_url"),
    "BINANCE_FUTURES_WS_URL": ("exchange", "ws_url"),
    "DEEPSEEK_BASE_URL": ("deepseek", "base_url"),
    "DEEPSEEK_API_KEY": ("deepseek", "api_key"),
    "DASHBOARD_PORT": ("dashboard", "port"),
    "ENGINE_PORT": ("engine", "port"),
}
_NUMERIC_OVERRIDES = {"DASHBOARD_PORT", "ENGINE_PORT"}


class ConfigError(Exception):
    """The configuration cannot be used; the message has one line per fault."""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https", "ws", "wss"} or not parts.netloc:
        raise ValueError("must be scheme://host:port")
    if parts.path.strip("/") or parts.query:
        raise ValueError("must be scheme://host:port without a path")
    return url.rstrip("/")


def _loopback(host: str) -> str:
    if host not in {"127.0.0.1", "localhost", "::1"}:
        raise ValueError("must be 127.0.0.1, localhost or ::1 (there is no login yet)")
    return host


def _distinct(symbols: tuple[str, ...]) -> tuple[str, ...]:
    doubled = sorted({s for s in symbols if symbols.count(s) > 1})
    if doubled:
        raise ValueError(f"names {', '.join(doubled)} more than once")
    return symbols


Origin = Annotated[str, AfterValidator(_origin)]
Port = Annotated[int, Field(ge=1, le=65535)]
# Names may be non-ASCII or carry "_"; what they may not do is split a URL or a stream name.
Symbol = Annotated[str, Field(pattern=r"^[^\s/\\@!?&#%a-z.]{2,40}$")]
AnyInterval = Annotated[Interval, Field(strict=False)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ExchangeSettings(_Section):
    """Where the exchange is and how hard we may ask it."""

    rest_url: Origin
    ws_url: Origin
    request_timeout_s: float = Field(ge=1, le=60)
    weight_per_minute: int = Field(ge=60, le=2400)


class FeedSettings(_Section):
    """When a socket is given up and tried again."""

    reconnect_first_s: float = Field(gt=0, le=10)
    reconnect_ceiling_s: float = Field(ge=1, le=25)
    silence_s: float = Field(ge=2, le=300)


class DataSettings(_Section):
    """How much history is kept."""

    history_days: int = Field(ge=1, le=365)
    hot_candles: int = Field(ge=300, le=20_000)
    higher_candles: int = Field(ge=300, le=5_000)


class Policy(StrEnum):
    """How the analyst's view is combined with the rules'."""

    RULES = "rules"
    CONFIRM = "confirm"


class SignalSettings(_Section):
    """When an evaluation happens and what makes it a signal."""

    interval: AnyInterval
    policy: Annotated[Policy, Field(strict=False)]
    threshold: float = Field(gt=0, le=1)
    max_per_hour: int = Field(ge=0, le=1000)
    stop_atr: float = Field(ge=0.5, le=10)
    reward_risk: float = Field(ge=1, le=10)


class PriceTable(_Section):
    """USD per million tokens, off-peak."""

    input_cache_hit: float = Field(ge=0)
    input_cache_miss: float = Field(ge=0)
    output: float = Field(ge=0)
    peak_factor: float = Field(ge=1, le=10)


class DeepSeekSettings(_Section):
    """The analyst. Without a key it is never asked."""

    base_url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    model: str = Field(min_length=1)
    timeout_s: float = Field(ge=1, le=60)
    max_tokens: int = Field(ge=100, le=8192)
    usd_per_million: PriceTable
    api_key: Annotated[SecretStr, Field(strict=False)] | None = None


class PaperSettings(_Section):
    """The paper account and its costs."""

    starting_equity_usd: float = Field(ge=100, le=1e9)
    taker_fee_bps: float = Field(ge=0, le=100)
    slippage_bps: float = Field(ge=0, le=100)


class RiskSettings(_Section):
    """Limits outside any model's reach."""

    risk_per_trade_pct: float = Field(gt=0, le=2)
    min_reward_risk: float = Field(ge=0.5, le=10)


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


class Settings(_Section):
    """The whole configuration; cannot hold an illegal value."""

    symbols: Annotated[
        tuple[Symbol, ...], Field(min_length=1, strict=False), AfterValidator(_distinct)
    ]
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


@dataclass(frozen=True, slots=True)
class Home:
    """Where an installation keeps what it writes (``TRADING_HOME``)."""

    root: Path

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Home":
        """Return the directory named by ``TRADING_HOME``, else the checkout."""
        return cls(Path(environ.get("TRADING_HOME") or REPOSITORY).resolve())

    @property
    def cache(self) -> Path:
        """Parquet candles."""
        return self.root / "data" / "cache"

    @property
    def run(self) -> Path:
        """PID files and locks."""
        return self.root / "data" / "run"

    @property
    def database(self) -> Path:
        """The SQLite journal."""
        return self.root / "data" / "trading_signals.db"

    @property
    def logs(self) -> Path:
        """Log files."""
        return self.root / "logs"

    def create(self) -> None:
        """Make every directory the product writes to."""
        for path in (self.cache, self.run, self.logs, self.root / "backups", self.root / "reports"):
            path.mkdir(parents=True, exist_ok=True)


def load_settings(
    path: Path | None = None, environ: Mapping[str, str] = os.environ, *, demo: bool = False
) -> Settings:
    """
    Read the configuration.

    Args:
        path: The YAML file; default ``TRADING_CONFIG``, else the checkout's config.yaml.
            A ``.env`` beside it is read; the environment wins over both.
        environ: Environment variables.
        demo: Apply the ``demo`` section and ignore any key: a demo asks nobody.

    Raises:
        ConfigError: If the file is missing, is not YAML, or holds an unknown key, a
            wrong type or a value out of range.
    """
    path = path or Path(environ.get("TRADING_CONFIG") or REPOSITORY / "config.yaml")
    secrets = {k: v for k, v in dotenv_values(path.parent / ".env").items() if v}
    settings = parse_settings(_document(path), {**secrets, **environ}, source=path.name)
    return _as_demo(settings) if demo else settings


def parse_settings(
    document: Mapping[str, Any], environ: Mapping[str, str], *, source: str = "config.yaml"
) -> Settings:
    """
    Turn a parsed YAML document into settings; see `load_settings`.

    Args:
        document: The mapping as read.
        environ: Variables that override it; empty values do not count.
        source: Name of the document in error messages.

    Raises:
        ConfigError: If anything in it is unknown, of a wrong type or out of range.
    """
    overridden = _overridden(document, {k: v for k, v in environ.items() if v})
    try:
        return Settings.model_validate(overridden)
    except ValidationError as error:
        faults = [f"{source}: {_explain(fault)}" for fault in error.errors()]
        raise ConfigError("\n".join(faults)) from None


def _as_demo(settings: Settings) -> Settings:
    demo = settings.demo
    return settings.model_copy(
        update={
            "signals": settings.signals.model_copy(update={"interval": demo.interval}),
            "data": settings.data.model_copy(update={"history_days": demo.history_days}),
            "deepseek": settings.deepseek.model_copy(update={"api_key": None}),
        }
    )


def _document(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path.name}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(document, dict):
        raise ConfigError(f"{path.name}: must be a mapping of keys, was {type(document).__name__}")
    return document


def _overridden(document: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    result = {key: dict(v) if isinstance(v, dict) else v for key, v in document.items()}
    for variable, (section, key) in _OVERRIDES.items():
        if variable not in environ or not isinstance(result.get(section), dict):
            continue  # a missing section is reported by the validation that follows
        text = environ[variable]
        if variable not in _NUMERIC_OVERRIDES:
            result[section][key] = text
        elif text.isdecimal():
            result[section][key] = int(text)
        else:
            raise ConfigError(f"{variable} = {text!r}: must be a port number, 1 to 65535")
    return result


def _explain(fault: Any) -> str:
    key = ".".join(str(part) for part in fault["loc"])
    match fault["type"]:
        case "extra_forbidden":
            return f"unknown key {key}{_nearest(fault['loc'])}"
        case "missing":
            return f"missing key {key}"
        case _:
            shown = "(hidden)" if "api_key" in key else repr(fault["input"])
            return f"{key} = {shown}: {fault['msg'].removeprefix('Value error, ')}"


def _nearest(location: tuple[str | int, ...]) -> str:
    model: Any = Settings
    for part in location[:-1]:
        model = model.model_fields[str(part)].annotation
    close = difflib.get_close_matches(str(location[-1]), model.model_fields, n=1)
    allowed = ", ".join(name for name in model.model_fields if name != "api_key")
    return f" (did you mean {close[0]}?)" if close else f" (allowed: {allowed})"
