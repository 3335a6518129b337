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
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

REVISION = "0002"  # of the newest migration; revisions sort as text

METADATA = MetaData()


def _required(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


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
    UniqueConstraint(
        "symbol", "interval", "open_time_ms", "strategy", name="one_decision_per_bar_and_strategy"
    ),
)

# No foreign key to signals: whoever deletes old signals keeps every trade.
TRADES = Table(
    "trades",
    METADATA,
    Column("signal_id", Integer, primary_key=True, autoincrement=False),
    _required("created_at", String(19)),
    _required("symbol", String(40)),
    _required("direction", String(8)),
    _required("status", String(16)),
    _required("quantity", Float(53)),
    _required("decided_ms", BigInteger),
    _required("stop", Float(53)),
    _required("target", Float(53)),
    _required("last_bar_ms", BigInteger),
    Column("entry_ms", BigInteger),
    Column("entry_price", Float(53)),
    Column("exit_ms", BigInteger),
    Column("exit_price", Float(53)),
    Column("exit_reason", String(32)),
    _required("fees", Float(53)),
    Column("pnl", Float(53)),
    Column("r_multiple", Float(53)),
    Index("trades_by_status", "status"),
)

EQUITY = Table(
    "equity",
    METADATA,
    Column("at_ms", BigInteger, primary_key=True, autoincrement=False),
    _required("equity", Float(53)),
    _required("balance", Float(53)),
    _required("open_pnl", Float(53)),
)

LLM_CALLS = Table(
    "llm_calls",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _required("created_at", String(19)),
    _required("symbol", String(40)),
    _required("interval", String(4)),
    _required("open_time_ms", BigInteger),
    _required("verdict", Text),
    _required("prompt", Text),
    _required("prompt_sha256", String(64)),
    _required("answer", Text),
    _required("model", String(100)),
    _required("prompt_tokens", Integer),
    _required("cache_hit_tokens", Integer),
    _required("completion_tokens", Integer),
    _required("cost_usd", Float(53)),
    _required("latency_ms", Integer),
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
