"""What the journal forgets, and when, in bounded transactions."""

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Engine,
    Table,
    and_,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from core.config.operations import RetentionSettings
from core.journal.database import transaction
from core.journal.records import utc_text
from core.journal.tables import (
    ALERTS,
    CHAT_MESSAGES,
    COMMANDS,
    DECISIONS,
    FEATURE_TELEMETRY,
    LLM_CALLS,
    REGIMES,
    SIGNALS,
)
from core.model.command import CommandState
from core.model.intervals import Interval

# 117 bytes each with their indexes: 117 MB. Three symbols at 1m make 726,000 in seven days (24 of
# each bar); the whole market at 15m would make nine million.
_MOST_READINGS = 1_000_000
# Rows in one transaction: at most 25 ms of deleting here, so that a decision waits no longer.
_SMALL_ROWS = 2_000
_LARGE_ROWS = 200  # of decisions and prompts, which hold some 5 to 20 kB each


@dataclass(frozen=True, slots=True)
class Retention:
    """
    How many days of feed time each kind of row is kept; trades and equity for ever.

    Attributes:
        signal_days: Then they go to the archive, see `core.journal.signal_archive`.
        call_days: Then prompt and answer are emptied; the row with its price stays.
        command_days: Of commands that are answered.
        alert_days: Of alerts that are over, since they fired; those that are watched for stay.
        most_readings: Of the measurements all but the newest so many go before their time.
    """

    signal_days: int = 90
    telemetry_days: int = 7
    regime_days: int = 365
    decision_days: int = 90
    call_days: int = 30
    chat_days: int = 365
    command_days: int = 365
    alert_days: int = 365
    most_readings: int = _MOST_READINGS

    @classmethod
    def configured(cls, settings: RetentionSettings) -> "Retention":
        """Return what a configuration asks for."""
        return cls(**settings.model_dump())


def forget(engine: Engine, now_ms: int, kept: Retention) -> int:
    """
    Delete or empty what is older than its time; each batch of rows is a transaction.

    The last regime of each symbol and interval is kept, however old: it still stands.

    Returns:
        How many rows were deleted, emptied or archived.
    """
    r, c = FEATURE_TELEMETRY.c, REGIMES.c
    too_many = r.id <= select(func.max(r.id)).scalar_subquery() - kept.most_readings
    readings = or_(r.at_ms < _before(now_ms, kept.telemetry_days), too_many)
    regimes = and_(c.known_ms < _before(now_ms, kept.regime_days), _superseded())
    decisions = DECISIONS.c.closed_ms < _before(now_ms, kept.decision_days)
    messages = CHAT_MESSAGES.c.at_ms < _before(now_ms, kept.chat_days)
    return (
        _delete(engine, FEATURE_TELEMETRY, readings, _SMALL_ROWS)
        + _delete(engine, REGIMES, regimes, _SMALL_ROWS)
        + _delete(engine, DECISIONS, decisions, _LARGE_ROWS)
        + _delete(engine, CHAT_MESSAGES, messages, _SMALL_ROWS)
        + _delete(engine, COMMANDS, _answered(_before(now_ms, kept.command_days)), _SMALL_ROWS)
        + _delete(engine, ALERTS, _retired(_before(now_ms, kept.alert_days)), _SMALL_ROWS)
        + _empty_calls(engine, _before(now_ms, kept.call_days))
        + _archive(engine, _before(now_ms, kept.signal_days))
    )


def _before(now_ms: int, days: int) -> int:
    return now_ms - days * Interval.D1.duration_ms


def _answered(before_ms: int) -> ColumnElement[bool]:
    c = COMMANDS.c
    # Whoever asked may not have known feed time.
    asked_ms = case((c.at_ms > 0, c.at_ms), else_=c.recorded_ms)
    return and_(c.state != CommandState.WAITING.value, asked_ms < before_ms)


def _retired(before_ms: int) -> ColumnElement[bool]:
    c = ALERTS.c
    return and_(c.active.is_(False), func.coalesce(c.fired_ms, c.added_ms) < before_ms)


def _superseded() -> ColumnElement[bool]:
    c, later = REGIMES.c, REGIMES.alias()
    return exists().where(
        later.c.symbol == c.symbol,
        later.c.interval == c.interval,
        later.c.open_time_ms > c.open_time_ms,
    )


def _delete(engine: Engine, table: Table, old: ColumnElement[bool], most: int) -> int:
    forgotten = 0
    while True:
        with transaction(engine) as connection:
            batch = select(table.c.id).where(old).limit(most)
            count = connection.execute(delete(table).where(table.c.id.in_(batch))).rowcount
        forgotten += count
        if count < most:
            return forgotten


def _archive(engine: Engine, before_ms: int) -> int:
    old = select(SIGNALS.c.id).where(SIGNALS.c.decided_ms < before_ms).limit(1)
    with transaction(engine) as connection:
        if connection.execute(old).first() is None:
            return 0
    # Arrow takes longer to import than most commands to run.
    from core.journal.signal_archive import archive_signals  # noqa: PLC0415

    return archive_signals(engine, before_ms)


def _empty_calls(engine: Engine, before_ms: int) -> int:
    c = LLM_CALLS.c
    whole = and_(c.prompt != "", c.created_at < utc_text(max(before_ms, 0)))
    emptied = 0
    while True:
        with transaction(engine) as connection:
            batch = select(c.id).where(whole).limit(_LARGE_ROWS)
            statement = update(LLM_CALLS).where(c.id.in_(batch)).values(prompt="", answer="")
            count = connection.execute(statement).rowcount
        emptied += count
        if count < _LARGE_ROWS:
            return emptied
