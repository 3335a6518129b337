"""The tables of what people ask for; see `core.journal.tables` for the others."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, String, Table, Text, text

from core.journal.columns import METADATA, required

# What people want done, and what came of it; ``at_ms`` is feed time as whoever asked knew it,
# ``recorded_ms`` this machine's clock.
COMMANDS = Table(
    "commands",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    required("created_at", String(19)),
    required("recorded_at", String(19)),
    required("at_ms", BigInteger),
    required("recorded_ms", BigInteger),
    required("who", String(100)),
    required("command", Text),
    required("state", String(16)),
    required("answer", Text),
    # Looked into twice a second: it holds the few that wait.
    Index(
        "commands_waiting",
        "id",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    # Whoever asked knows a command by its number only.
    sqlite_autoincrement=True,
)

ALERTS = Table(
    "alerts",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    required("created_at", String(19)),
    required("recorded_at", String(19)),
    required("added_ms", BigInteger),
    required("symbol", String(40)),
    Column("interval", String(4)),
    required("subject", String(64)),
    required("comparison", String(16)),
    required("level", Float(53)),
    required("note", Text),
    required("once", Boolean),
    required("active", Boolean),
    Column("above", Boolean),
    Column("fired_ms", BigInteger),
    Column("value", Float(53)),
    Index("alerts_by_fired_ms", "fired_ms"),
    sqlite_autoincrement=True,
)

# A copy of ``logs/audit.jsonl``, which is older than any restored journal; ``at_ms`` is this
# machine's clock, ``hash`` is over all but ``created_at`` and itself.
AUDIT = Table(
    "audit",
    METADATA,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    required("created_at", String(19)),
    required("at_ms", BigInteger),
    required("who", Text),
    required("action", String(16)),
    required("detail", Text),
    required("previous", String(64)),
    required("hash", String(64)),
)
