"""
The journal's tables as this program expects them; `migrations` is what makes them.

Types are generic, so that the database may be any that SQLAlchemy speaks. Feed time
is UTC epoch milliseconds; ``created_at`` is the same instant as ``2026-11-21 03:30:00``
for people and their SQL, ``recorded_at`` is this machine's clock in the same form.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

REVISION = "0003"  # of the newest migration; revisions sort as text

METADATA = MetaData()


def _required(name: str, kind: Any, default: str | None = None) -> Column[Any]:
    return Column(name, kind, nullable=False, server_default=default)


SIGNALS = Table(
    "signals",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _required("created_at", String(19)),
    _required("recorded_at", String(19)),
    _required("symbol", String(40)),
    _required("interval", String(4)),
    _required("open_time_ms", BigInteger),
    _required("strategy", String(64)),
    _required("direction", String(8)),
    _required("strength", String(16)),
    _required("score", Float(53)),
    _required("confidence", Float(53)),
    _required("entry", Float(53)),
    _required("stop", Float(53)),
    _required("target", Float(53)),
    _required("quantity", Float(53)),
    _required("decided_ms", BigInteger),
    _required("reasons", JSON),
    _required("invalidation", JSON, "[]"),
    Column("expires_ms", BigInteger),
    UniqueConstraint(
        "symbol", "interval", "open_time_ms", "strategy", name="one_signal_per_bar_and_strategy"
    ),
    Index("signals_by_decided_ms", "decided_ms"),
    # Deleting old signals must never free an id that a trade still carries.
    sqlite_autoincrement=True,
)

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _required("created_at", String(19)),
    _required("recorded_at", String(19)),
    _required("symbol", String(40)),
    _required("interval", String(4)),
    _required("open_time_ms", BigInteger),
    _required("strategy", String(64)),
    _required("outcome", String(16)),
    _required("reason", Text),
    _required("closed_ms", BigInteger),
    _required("decided_ms", BigInteger),
    Column("close", Float(53)),
    Column("features", JSON(none_as_null=True)),
    _required("missing", JSON),
    Column("votes", JSON(none_as_null=True)),
    Column("score", Float(53)),
    Column("rule_direction", String(8)),
    Column("rule_strength", String(16)),
    Column("rule_confidence", Float(53)),
    Column("rule_stop", Float(53)),
    Column("rule_target", Float(53)),
    _required("analyst", Text),
    Column("signal_id", Integer),
    _required("analyst_detail", Text, ""),
    Column("confidence", Float(53)),
    _required("shadows", JSON, "{}"),
    Column("rule_reward_risk", Float(53)),
    _required("rule_invalidation", JSON, "[]"),
    UniqueConstraint(
        "symbol", "interval", "open_time_ms", "strategy", name="one_decision_per_bar_and_strategy"
    ),
    Index("decisions_by_closed_ms", "closed_ms"),
)

# No foreign key to signals: whoever deletes old signals keeps every trade. Interval, bar and
# strategy are empty where a signal was deleted before trades had them.
TRADES = Table(
    "trades",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _required("created_at", String(19)),
    _required("source", String(16)),
    Column("signal_id", Integer),
    _required("symbol", String(40)),
    Column("interval", String(4)),
    Column("open_time_ms", BigInteger),
    Column("strategy", String(64)),
    _required("direction", String(8)),
    _required("status", String(16)),
    _required("quantity", Float(53)),
    _required("confidence", Float(53)),
    _required("decided_ms", BigInteger),
    _required("stop", Float(53)),
    _required("target", Float(53)),
    _required("invalidation", JSON),
    Column("expires_ms", BigInteger),
    _required("last_bar_ms", BigInteger),
    Column("close_ms", BigInteger),
    Column("close_reason", String(32)),
    Column("entry_ms", BigInteger),
    Column("entry_price", Float(53)),
    Column("exit_ms", BigInteger),
    Column("exit_price", Float(53)),
    Column("exit_reason", String(32)),
    _required("fees", Float(53)),
    _required("funding", Float(53)),
    Column("funding_ms", BigInteger),
    Column("pnl", Float(53)),
    Column("r_multiple", Float(53)),
    UniqueConstraint(
        "source",
        "symbol",
        "interval",
        "open_time_ms",
        "strategy",
        name="one_trade_per_source_bar_and_strategy",
    ),
    Index("trades_by_status", "status", "exit_ms"),
    Index("trades_by_signal_id", "signal_id"),
    # What was reported of a trade must never come to mean another.
    sqlite_autoincrement=True,
)

EQUITY = Table(
    "equity",
    METADATA,
    Column("source", String(16), primary_key=True),
    Column("at_ms", BigInteger, primary_key=True, autoincrement=False),
    _required("equity", Float(53)),
    _required("balance", Float(53)),
    _required("open_pnl", Float(53)),
    _required("exposure", Float(53)),
)

# One row per attempt. Symbol, interval and bar are empty where no market or bar was meant.
LLM_CALLS = Table(
    "llm_calls",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _required("created_at", String(19)),
    _required("recorded_at", String(19)),
    _required("purpose", String(16)),
    Column("symbol", String(40)),
    Column("interval", String(4)),
    Column("open_time_ms", BigInteger),
    _required("asked_ms", BigInteger),
    _required("attempt", Integer),
    _required("cached", Boolean),
    _required("verdict", Text),
    _required("checks", JSON),
    _required("prompt", Text),
    _required("prompt_sha256", String(64)),
    _required("answer", Text),
    _required("model", String(100)),
    _required("prompt_tokens", Integer),
    _required("cache_hit_tokens", Integer),
    _required("completion_tokens", Integer),
    _required("cost_usd", Float(53)),
    _required("latency_ms", Integer),
    Index("llm_calls_by_asked_ms", "purpose", "asked_ms"),
    Index("llm_calls_by_prompt_sha256", "prompt_sha256"),
    # Only those that still hold their text, so that emptied ones are never looked at again.
    Index(
        "llm_calls_whole_by_created_at",
        "created_at",
        sqlite_where=text("prompt <> ''"),
        postgresql_where=text("prompt <> ''"),
    ),
)

CHAT_MESSAGES = Table(
    "chat_messages",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _required("created_at", String(19)),
    _required("recorded_at", String(19)),
    _required("at_ms", BigInteger),
    _required("role", String(16)),
    _required("text", Text),
    _required("symbol", String(40)),
    Column("interval", String(4)),
    _required("complete", Boolean),
    _required("error", Text),
    _required("prompt_sha256", String(64)),
    Index("chat_messages_by_at_ms", "at_ms"),
)

FEATURE_TELEMETRY = Table(
    "feature_telemetry",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _required("created_at", String(19)),
    _required("feature", String(64)),
    _required("symbol", String(40)),
    _required("interval", String(4)),
    _required("at_ms", BigInteger),
    _required("latency_ms", Float(53)),
    Column("peak_kb", Float(53)),
    _required("rows", Integer),
    _required("error", Text),
    Index("feature_telemetry_by_feature", "feature", "at_ms"),
    Index("feature_telemetry_by_at_ms", "at_ms"),
)

REGIMES = Table(
    "regimes",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _required("created_at", String(19)),
    _required("recorded_at", String(19)),
    _required("symbol", String(40)),
    _required("interval", String(4)),
    _required("regime", String(16)),
    _required("open_time_ms", BigInteger),
    _required("known_ms", BigInteger),
    UniqueConstraint("symbol", "interval", "open_time_ms", name="one_regime_per_bar"),
    Index("regimes_by_known_ms", "known_ms"),
)

CONTROL = Table(
    "control",
    METADATA,
    Column("key", String(64), primary_key=True),
    _required("value", Text),
    _required("updated_ms", BigInteger),
)
