"""
Trading by hand: what people ask of the engine, alerts, and trades that a person has changed.

There is no downgrade: the way back is the copy made before the migration.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _extend_trades()
    _add_commands()
    _add_alerts()


def _required(name: str, kind: Any) -> "sa.Column[Any]":
    return sa.Column(name, kind, nullable=False)


def _extend_trades() -> None:
    op.add_column("trades", sa.Column("part_of", sa.Integer(), nullable=True))
    op.add_column("trades", sa.Column("entry_stop", sa.Float(precision=53), nullable=True))
    op.add_column("trades", sa.Column("moved_ms", sa.BigInteger(), nullable=True))
    op.add_column("trades", sa.Column("moved_stop", sa.Float(precision=53), nullable=True))
    op.add_column("trades", sa.Column("moved_target", sa.Float(precision=53), nullable=True))
    op.create_index("trades_by_exit_ms", "trades", ["exit_ms", "source"])


def _add_commands() -> None:
    op.create_table(
        "commands",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _required("created_at", sa.String(length=19)),
        _required("recorded_at", sa.String(length=19)),
        _required("at_ms", sa.BigInteger()),
        _required("recorded_ms", sa.BigInteger()),
        _required("who", sa.String(length=100)),
        _required("command", sa.Text()),
        _required("state", sa.String(length=16)),
        _required("answer", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "commands_waiting", "commands", ["id"], sqlite_where=waiting, postgresql_where=waiting
    )


def _add_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        _required("created_at", sa.String(length=19)),
        _required("recorded_at", sa.String(length=19)),
        _required("added_ms", sa.BigInteger()),
        _required("symbol", sa.String(length=40)),
        sa.Column("interval", sa.String(length=4), nullable=True),
        _required("subject", sa.String(length=64)),
        _required("comparison", sa.String(length=16)),
        _required("level", sa.Float(precision=53)),
        _required("note", sa.Text()),
        _required("once", sa.Boolean()),
        _required("active", sa.Boolean()),
        sa.Column("above", sa.Boolean(), nullable=True),
        sa.Column("fired_ms", sa.BigInteger(), nullable=True),
        sa.Column("value", sa.Float(precision=53), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("alerts_by_fired_ms", "alerts", ["fired_ms"])
