"""
The first tables: what one engine writes and one dashboard reads.

There is no downgrade: the way back is the copy made before the migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "control",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("created_at", sa.String(length=19), nullable=False),
        sa.Column("recorded_at", sa.String(length=19), nullable=False),
        sa.Column("symbol", sa.String(length=40), nullable=False),
        sa.Column("interval", sa.String(length=4), nullable=False),
        sa.Column("open_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("strategy", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("closed_ms", sa.BigInteger(), nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=False),
        sa.Column("close", sa.Float(precision=53), nullable=True),
        sa.Column("features", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("votes", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("score", sa.Float(precision=53), nullable=True),
        sa.Column("rule_direction", sa.String(length=8), nullable=True),
        sa.Column("rule_strength", sa.String(length=16), nullable=True),
        sa.Column("rule_confidence", sa.Float(precision=53), nullable=True),
        sa.Column("rule_stop", sa.Float(precision=53), nullable=True),
        sa.Column("rule_target", sa.Float(precision=53), nullable=True),
        sa.Column("analyst", sa.Text(), nullable=False),
        sa.Column("signal_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "symbol",
            "interval",
            "open_time_ms",
            "strategy",
            name="one_decision_per_bar_and_strategy",
        ),
    )
    op.create_table(
        "equity",
        sa.Column("at_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("equity", sa.Float(precision=53), nullable=False),
        sa.Column("balance", sa.Float(precision=53), nullable=False),
        sa.Column("open_pnl", sa.Float(precision=53), nullable=False),
        sa.PrimaryKeyConstraint("at_ms"),
    )
    op.create_table(
        "feature_telemetry",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("created_at", sa.String(length=19), nullable=False),
        sa.Column("feature", sa.String(length=64), nullable=False),
        sa.Column("symbol", sa.String(length=40), nullable=False),
        sa.Column("interval", sa.String(length=4), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("latency_ms", sa.Float(precision=53), nullable=False),
        sa.Column("peak_kb", sa.Float(precision=53), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("feature_telemetry_by_at_ms", "feature_telemetry", ["at_ms"])
    op.create_index("feature_telemetry_by_feature", "feature_telemetry", ["feature", "at_ms"])
    op.create_table(
        "llm_calls",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("created_at", sa.String(length=19), nullable=False),
        sa.Column("symbol", sa.String(length=40), nullable=False),
        sa.Column("interval", sa.String(length=4), nullable=False),
        sa.Column("open_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("prompt_sha256", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("prompt_tokens", sa.Integer(), nullable=False),
        sa.Column("cache_hit_tokens", sa.Integer(), nullable=False),
        sa.Column("completion_tokens", sa.Integer(), nullable=False),
        sa.Column("cost_usd", sa.Float(precision=53), nullable=False),
        sa.Column("latency_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "signals",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("created_at", sa.String(length=19), nullable=False),
        sa.Column("recorded_at", sa.String(length=19), nullable=False),
        sa.Column("symbol", sa.String(length=40), nullable=False),
        sa.Column("interval", sa.String(length=4), nullable=False),
        sa.Column("open_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("strategy", sa.String(length=64), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("strength", sa.String(length=16), nullable=False),
        sa.Column("score", sa.Float(precision=53), nullable=False),
        sa.Column("confidence", sa.Float(precision=53), nullable=False),
        sa.Column("entry", sa.Float(precision=53), nullable=False),
        sa.Column("stop", sa.Float(precision=53), nullable=False),
        sa.Column("target", sa.Float(precision=53), nullable=False),
        sa.Column("quantity", sa.Float(precision=53), nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "symbol", "interval", "open_time_ms", "strategy", name="one_signal_per_bar_and_strategy"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("signals_by_decided_ms", "signals", ["decided_ms"])
    op.create_table(
        "trades",
        sa.Column("signal_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.String(length=19), nullable=False),
        sa.Column("symbol", sa.String(length=40), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("quantity", sa.Float(precision=53), nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=False),
        sa.Column("stop", sa.Float(precision=53), nullable=False),
        sa.Column("target", sa.Float(precision=53), nullable=False),
        sa.Column("last_bar_ms", sa.BigInteger(), nullable=False),
        sa.Column("entry_ms", sa.BigInteger(), nullable=True),
        sa.Column("entry_price", sa.Float(precision=53), nullable=True),
        sa.Column("exit_ms", sa.BigInteger(), nullable=True),
        sa.Column("exit_price", sa.Float(precision=53), nullable=True),
        sa.Column("exit_reason", sa.String(length=32), nullable=True),
        sa.Column("fees", sa.Float(precision=53), nullable=False),
        sa.Column("pnl", sa.Float(precision=53), nullable=True),
        sa.Column("r_multiple", sa.Float(precision=53), nullable=True),
        sa.PrimaryKeyConstraint("signal_id"),
    )
    op.create_index("trades_by_status", "trades", ["status"])
