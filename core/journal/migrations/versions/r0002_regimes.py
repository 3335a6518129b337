"""
When a market became another: one row per change of regime.

There is no downgrade: the way back is the copy made before the migration.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "regimes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("created_at", sa.String(length=19), nullable=False),
        sa.Column("recorded_at", sa.String(length=19), nullable=False),
        sa.Column("symbol", sa.String(length=40), nullable=False),
        sa.Column("interval", sa.String(length=4), nullable=False),
        sa.Column("regime", sa.String(length=16), nullable=False),
        sa.Column("open_time_ms", sa.BigInteger(), nullable=False),
        sa.Column("known_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("symbol", "interval", "open_time_ms", name="one_regime_per_bar"),
    )
    op.create_index("regimes_by_known_ms", "regimes", ["known_ms"])
