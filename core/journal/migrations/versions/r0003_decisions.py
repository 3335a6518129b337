"""
Shadow accounts, one row per attempt at the model, conversations, and what ends a trade.

Rows that were there are of the account that is traded; a trade keeps its signal's number.
There is no downgrade: the way back is the copy made before the migration.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _extend_decisions_and_signals()
    _rebuild_trades()
    _rebuild_equity()
    _rebuild_llm_calls()
    _add_chat_messages()


def _required(name: str, kind: Any, default: str | None = None) -> "sa.Column[Any]":
    return sa.Column(name, kind, nullable=False, server_default=default)


def _extend_decisions_and_signals() -> None:
    op.add_column("decisions", _required("analyst_detail", sa.Text(), ""))
    op.add_column("decisions", sa.Column("confidence", sa.Float(precision=53), nullable=True))
    op.add_column("decisions", _required("shadows", sa.JSON(), "{}"))
    op.add_column("decisions", sa.Column("rule_reward_risk", sa.Float(precision=53), nullable=True))
    op.add_column("decisions", _required("rule_invalidation", sa.JSON(), "[]"))
    op.create_index("decisions_by_closed_ms", "decisions", ["closed_ms"])
    op.add_column("signals", _required("invalidation", sa.JSON(), "[]"))
    op.add_column("signals", sa.Column("expires_ms", sa.BigInteger(), nullable=True))


def _rebuild_trades() -> None:
    op.drop_index("trades_by_status", table_name="trades")
    op.create_table(
        "trades_new",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _required("created_at", sa.String(length=19)),
        _required("source", sa.String(length=16)),
        sa.Column("signal_id", sa.Integer(), nullable=True),
        _required("symbol", sa.String(length=40)),
        sa.Column("interval", sa.String(length=4), nullable=True),
        sa.Column("open_time_ms", sa.BigInteger(), nullable=True),
        sa.Column("strategy", sa.String(length=64), nullable=True),
        _required("direction", sa.String(length=8)),
        _required("status", sa.String(length=16)),
        _required("quantity", sa.Float(precision=53)),
        _required("confidence", sa.Float(precision=53)),
        _required("decided_ms", sa.BigInteger()),
        _required("stop", sa.Float(precision=53)),
        _required("target", sa.Float(precision=53)),
        _required("invalidation", sa.JSON()),
        sa.Column("expires_ms", sa.BigInteger(), nullable=True),
        _required("last_bar_ms", sa.BigInteger()),
        sa.Column("close_ms", sa.BigInteger(), nullable=True),
        sa.Column("close_reason", sa.String(length=32), nullable=True),
        sa.Column("entry_ms", sa.BigInteger(), nullable=True),
        sa.Column("entry_price", sa.Float(precision=53), nullable=True),
        sa.Column("exit_ms", sa.BigInteger(), nullable=True),
        sa.Column("exit_price", sa.Float(precision=53), nullable=True),
        sa.Column("exit_reason", sa.String(length=32), nullable=True),
        _required("fees", sa.Float(precision=53)),
        _required("funding", sa.Float(precision=53)),
        sa.Column("funding_ms", sa.BigInteger(), nullable=True),
        sa.Column("pnl", sa.Float(precision=53), nullable=True),
        sa.Column("r_multiple", sa.Float(precision=53), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "source",
            "symbol",
            "interval",
            "open_time_ms",
            "strategy",
            name="one_trade_per_source_bar_and_strategy",
        ),
        sqlite_autoincrement=True,
    )
    op.execute(
        "INSERT INTO trades_new (id, created_at, source, signal_id, symbol, interval,"
        " open_time_ms, strategy, direction, status, quantity, confidence, decided_ms, stop,"
        " target, invalidation, last_bar_ms, entry_ms, entry_price, exit_ms, exit_price,"
        " exit_reason, fees, funding, pnl, r_multiple)"
        " SELECT t.signal_id, t.created_at, 'policy', t.signal_id, t.symbol, s.interval,"
        " s.open_time_ms, s.strategy, t.direction, t.status, t.quantity,"
        " coalesce(s.confidence, 0.0), t.decided_ms, t.stop, t.target, '[]', t.last_bar_ms,"
        " t.entry_ms, t.entry_price, t.exit_ms, t.exit_price, t.exit_reason, t.fees, 0.0, t.pnl,"
        " t.r_multiple"
        " FROM trades t LEFT JOIN signals s ON s.id = t.signal_id ORDER BY t.signal_id"
    )
    op.drop_table("trades")
    op.rename_table("trades_new", "trades")
    _count_on("trades")
    op.create_index("trades_by_status", "trades", ["status", "exit_ms"])
    op.create_index("trades_by_signal_id", "trades", ["signal_id"])


def _rebuild_equity() -> None:
    op.create_table(
        "equity_new",
        _required("source", sa.String(length=16)),
        sa.Column("at_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        _required("equity", sa.Float(precision=53)),
        _required("balance", sa.Float(precision=53)),
        _required("open_pnl", sa.Float(precision=53)),
        _required("exposure", sa.Float(precision=53)),
        sa.PrimaryKeyConstraint("source", "at_ms"),
    )
    op.execute(
        "INSERT INTO equity_new (source, at_ms, equity, balance, open_pnl, exposure)"
        " SELECT 'policy', at_ms, equity, balance, open_pnl, 0.0 FROM equity"
    )
    op.drop_table("equity")
    op.rename_table("equity_new", "equity")


def _rebuild_llm_calls() -> None:
    op.create_table(
        "llm_calls_new",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _required("created_at", sa.String(length=19)),
        _required("recorded_at", sa.String(length=19)),
        _required("purpose", sa.String(length=16)),
        sa.Column("symbol", sa.String(length=40), nullable=True),
        sa.Column("interval", sa.String(length=4), nullable=True),
        sa.Column("open_time_ms", sa.BigInteger(), nullable=True),
        _required("asked_ms", sa.BigInteger()),
        _required("attempt", sa.Integer()),
        _required("cached", sa.Boolean()),
        _required("verdict", sa.Text()),
        _required("checks", sa.JSON()),
        _required("prompt", sa.Text()),
        _required("prompt_sha256", sa.String(length=64)),
        _required("answer", sa.Text()),
        _required("model", sa.String(length=100)),
        _required("prompt_tokens", sa.Integer()),
        _required("cache_hit_tokens", sa.Integer()),
        _required("completion_tokens", sa.Integer()),
        _required("cost_usd", sa.Float(precision=53)),
        _required("latency_ms", sa.Integer()),
        sa.PrimaryKeyConstraint("id"),
    )
    # When it was asked was not kept: the decision it led to came right after.
    op.execute(
        "INSERT INTO llm_calls_new (id, created_at, recorded_at, purpose, symbol, interval,"
        " open_time_ms, asked_ms, attempt, cached, verdict, checks, prompt, prompt_sha256, answer,"
        " model, prompt_tokens, cache_hit_tokens, completion_tokens, cost_usd, latency_ms)"
        " SELECT c.id, c.created_at, c.created_at, 'decision', c.symbol, c.interval,"
        " c.open_time_ms, coalesce((SELECT max(d.decided_ms) FROM decisions d"
        " WHERE d.symbol = c.symbol AND d.interval = c.interval"
        " AND d.open_time_ms = c.open_time_ms), c.open_time_ms), 1, false, c.verdict, '[]',"
        " c.prompt, c.prompt_sha256, c.answer, c.model, c.prompt_tokens, c.cache_hit_tokens,"
        " c.completion_tokens, c.cost_usd, c.latency_ms FROM llm_calls c ORDER BY c.id"
    )
    op.drop_table("llm_calls")
    op.rename_table("llm_calls_new", "llm_calls")
    _count_on("llm_calls")
    op.create_index("llm_calls_by_asked_ms", "llm_calls", ["purpose", "asked_ms"])
    op.create_index("llm_calls_by_prompt_sha256", "llm_calls", ["prompt_sha256"])
    whole = sa.text("prompt <> ''")
    op.create_index(
        "llm_calls_whole_by_created_at",
        "llm_calls",
        ["created_at"],
        sqlite_where=whole,
        postgresql_where=whole,
    )


def _count_on(table: str) -> None:
    """Begin new numbers after the copied ones: PostgreSQL's counter has not seen those."""
    if op.get_context().dialect.name == "postgresql":
        counter = f"pg_get_serial_sequence('{table}', 'id')"
        # Of an empty table there is no highest number, and setval of null does nothing.
        op.execute(f"SELECT setval({counter}, max(id)) FROM {table}")  # noqa: S608 - our own names


def _add_chat_messages() -> None:
    op.create_table(
        "chat_messages",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _required("created_at", sa.String(length=19)),
        _required("recorded_at", sa.String(length=19)),
        _required("at_ms", sa.BigInteger()),
        _required("role", sa.String(length=16)),
        _required("text", sa.Text()),
        _required("symbol", sa.String(length=40)),
        sa.Column("interval", sa.String(length=4), nullable=True),
        _required("complete", sa.Boolean()),
        _required("error", sa.Text()),
        _required("prompt_sha256", sa.String(length=64)),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("chat_messages_by_at_ms", "chat_messages", ["at_ms"])
