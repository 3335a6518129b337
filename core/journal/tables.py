"""
The journal's tables as this program expects them; `migrations` is what makes them.

Types are generic, so that the database may be any that SQLAlchemy speaks. Feed time
is UTC epoch milliseconds; ``created_at`` is the same instant as ``2026-11-21 03:30:00``
for people and their SQL, ``recorded_at`` is this machine's clock in the same form.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.journal.columns import METADATA, required
from core.journal.hand_tables import ALERTS, AUDIT, COMMANDS

REVISION = "0005"  # of the newest migration; revisions sort as text

__all__ = [
    "ALERTS",
    "AUDIT",
    "CHAT_MESSAGES",
    "COMMANDS",
    "CONTROL",
    "DECISIONS",
    "EQUITY",
    "FEATURE_TELEMETRY",
    "LLM_CALLS",
    "METADATA",
    "REGIMES",
    "SIGNALS",
    "TRADES",
]

SIGNALS = Table(
    "signals",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    required("created_at", String(19)),
    required("recorded_at", String(19)),
    required("symbol", String(40)),
    required("interval", String(4)),
    required("open_time_ms", BigInteger),
    required("strategy", String(64)),
    required("direction", String(8)),
    required("strength", String(16)),
    required("score", Float(53)),
    required("confidence", Float(53)),
    required("entry", Float(53)),
    required("stop", Float(53)),
    required("target", Float(53)),
    required("quantity", Float(53)),
    required("decided_ms", BigInteger),
    required("reasons", JSON),
    required("invalidation", JSON, "[]"),
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
    required("created_at", String(19)),
    required("recorded_at", String(19)),
    required("symbol", String(40)),
    required("interval", String(4)),
    required("open_time_ms", BigInteger),
    required("strategy", String(64)),
    required("outcome", String(16)),
    required("reason", Text),
    required("closed_ms", BigInteger),
    required("decided_ms", BigInteger),
    Column("close", Float(53)),
    Column("features", JSON(none_as_null=True)),
    required("missing", JSON),
    Column("votes", JSON(none_as_null=True)),
    Column("score", Float(53)),
    Column("rule_direction", String(8)),
    Column("rule_strength", String(16)),
    Column("rule_confidence", Float(53)),
    Column("rule_stop", Float(53)),
    Column("rule_target", Float(53)),
    required("analyst", Text),
    Column("signal_id", Integer),
    required("analyst_detail", Text, ""),
    Column("confidence", Float(53)),
    required("shadows", JSON, "{}"),
    Column("rule_reward_risk", Float(53)),
    required("rule_invalidation", JSON, "[]"),
    UniqueConstraint(
        "symbol", "interval", "open_time_ms", "strategy", name="one_decision_per_bar_and_strategy"
    ),
    Index("decisions_by_closed_ms", "closed_ms"),
)

# No foreign key to signals: whoever deletes old signals keeps every trade. Interval, bar and
# strategy are empty where a signal was deleted before trades had them, of a trade that was entered
# by hand, and of a part that was split off by hand.
TRADES = Table(
    "trades",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    required("created_at", String(19)),
    required("source", String(16)),
    Column("signal_id", Integer),
    required("symbol", String(40)),
    Column("interval", String(4)),
    Column("open_time_ms", BigInteger),
    Column("strategy", String(64)),
    required("direction", String(8)),
    required("status", String(16)),
    required("quantity", Float(53)),
    required("confidence", Float(53)),
    required("decided_ms", BigInteger),
    required("stop", Float(53)),
    required("target", Float(53)),
    required("invalidation", JSON),
    Column("expires_ms", BigInteger),
    required("last_bar_ms", BigInteger),
    Column("close_ms", BigInteger),
    Column("close_reason", String(32)),
    Column("entry_ms", BigInteger),
    Column("entry_price", Float(53)),
    Column("exit_ms", BigInteger),
    Column("exit_price", Float(53)),
    Column("exit_reason", String(32)),
    required("fees", Float(53)),
    required("funding", Float(53)),
    Column("funding_ms", BigInteger),
    Column("pnl", Float(53)),
    Column("r_multiple", Float(53)),
    Column("part_of", Integer),
    Column("entry_stop", Float(53)),
    Column("moved_ms", BigInteger),
    Column("moved_stop", Float(53)),
    Column("moved_target", Float(53)),
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
    Index("trades_by_exit_ms", "exit_ms", "source"),
    # What was reported of a trade must never come to mean another.
    sqlite_autoincrement=True,
)

EQUITY = Table(
    "equity",
    METADATA,
    Column("source", String(16), primary_key=True),
    Column("at_ms", BigInteger, primary_key=True, autoincrement=False),
    required("equity", Float(53)),
    required("balance", Float(53)),
    required("open_pnl", Float(53)),
    required("exposure", Float(53)),
)

# One row per attempt. Symbol, interval and bar are empty where no market or bar was meant.
LLM_CALLS = Table(
    "llm_calls",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    required("created_at", String(19)),
    required("recorded_at", String(19)),
    required("purpose", String(16)),
    Column("symbol", String(40)),
    Column("interval", String(4)),
    Column("open_time_ms", BigInteger),
    required("asked_ms", BigInteger),
    required("attempt", Integer),
    required("cached", Boolean),
    required("verdict", Text),
    required("checks", JSON),
    required("prompt", Text),
    required("prompt_sha256", String(64)),
    required("answer", Text),
    required("model", String(100)),
    required("prompt_tokens", Integer),
    required("cache_hit_tokens", Integer),
    required("completion_tokens", Integer),
    required("cost_usd", Float(53)),
    required("latency_ms", Integer),
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
    required("created_at", String(19)),
    required("recorded_at", String(19)),
    required("at_ms", BigInteger),
    required("role", String(16)),
    required("text", Text),
    required("symbol", String(40)),
    Column("interval", String(4)),
    required("complete", Boolean),
    required("error", Text),
    required("prompt_sha256", String(64)),
    Index("chat_messages_by_at_ms", "at_ms"),
)

FEATURE_TELEMETRY = Table(
    "feature_telemetry",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    required("created_at", String(19)),
    required("feature", String(64)),
    required("symbol", String(40)),
    required("interval", String(4)),
    required("at_ms", BigInteger),
    required("latency_ms", Float(53)),
    Column("peak_kb", Float(53)),
    required("rows", Integer),
    required("error", Text),
    Index("feature_telemetry_by_feature", "feature", "at_ms"),
    Index("feature_telemetry_by_at_ms", "at_ms"),
)

REGIMES = Table(
    "regimes",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    required("created_at", String(19)),
    required("recorded_at", String(19)),
    required("symbol", String(40)),
    required("interval", String(4)),
    required("regime", String(16)),
    required("open_time_ms", BigInteger),
    required("known_ms", BigInteger),
    UniqueConstraint("symbol", "interval", "open_time_ms", name="one_regime_per_bar"),
    Index("regimes_by_known_ms", "known_ms"),
)

CONTROL = Table(
    "control",
    METADATA,
    Column("key", String(64), primary_key=True),
    required("value", Text),
    required("updated_ms", BigInteger),
)
