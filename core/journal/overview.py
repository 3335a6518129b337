"""What people look at: recent signals and decisions, telemetry, control values, counts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, TypeAlias

from sqlalchemy import URL, Connection, Engine, Row, func, select

from core.journal.database import transaction
from core.journal.reading import open_for_reading
from core.journal.records import conditions_of, decision_of
from core.journal.tables import CONTROL, DECISIONS, FEATURE_TELEMETRY, METADATA, SIGNALS, TRADES
from core.model.condition import Condition
from core.model.intervals import Interval
from core.model.signal import Decision, Direction, SignalKey, Strength
from core.model.source import Source
from core.model.trade import ExitReason, TradeStatus

_READINGS_SUMMARISED = 500
_Reading: TypeAlias = Row[int, float, float | None, str]


@dataclass(frozen=True, slots=True)
class SignalRow:
    """
    A signal, and what has become of it.

    Attributes:
        entry: Price it was decided at; ``entry_price`` is what the fill cost.
        status: None when the trade is gone.
    """

    id: int
    created_at: str
    key: SignalKey
    direction: Direction
    strength: Strength
    score: float
    confidence: float
    entry: float
    stop: float
    target: float
    quantity: float
    decided_ms: int
    reasons: tuple[str, ...]
    status: TradeStatus | None
    entry_ms: int | None
    entry_price: float | None
    exit_ms: int | None
    exit_price: float | None
    exit_reason: ExitReason | None
    pnl: float | None
    r_multiple: float | None
    invalidation: tuple[Condition, ...] = ()
    expires_ms: int | None = None


@dataclass(frozen=True, slots=True)
class FeatureSummary:
    """
    How one feature's computation has fared.

    Attributes:
        count: Readings kept.
        errors: Of the newest 500, how many failed.
        last_at_ms: Feed time of the newest reading.
        median_latency_ms, p95_latency_ms: Of the newest 500; p95 by nearest rank.
        peak_kb: Newest sampled peak memory among them; None when none was sampled.
    """

    feature: str
    count: int
    errors: int
    last_at_ms: int
    last_latency_ms: float
    median_latency_ms: float
    p95_latency_ms: float
    peak_kb: float | None


@dataclass(frozen=True, slots=True)
class ControlValue:
    """A value some process has set; ``updated_ms`` is feed time."""

    value: str
    updated_ms: int


class JournalOverview:
    """
    Read what a page or a report shows; never blocks a writer, safe from any thread.

    Every method raises `JournalError` when the database cannot be read.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str | URL) -> "JournalOverview":
        """Open an existing journal; see `core.journal.reading.open_for_reading`."""
        return cls(open_for_reading(url))

    def recent_signals(self, limit: int = 100, symbol: str | None = None) -> tuple[SignalRow, ...]:
        """Return the newest signals with the state of their trades, newest first."""
        c = TRADES.c
        entry, exit_ = (c.entry_ms, c.entry_price), (c.exit_ms, c.exit_price, c.exit_reason)
        statement = (
            select(SIGNALS, c.status, *entry, *exit_, c.pnl, c.r_multiple)
            .outerjoin(TRADES, (c.signal_id == SIGNALS.c.id) & (c.source == Source.POLICY.value))
            .order_by(SIGNALS.c.id.desc())
            .limit(limit)
        )
        if symbol is not None:
            statement = statement.where(SIGNALS.c.symbol == symbol)
        with transaction(self._engine) as connection:
            return tuple(_signal_row(row) for row in connection.execute(statement))

    def recent_decisions(self, limit: int = 100, symbol: str | None = None) -> tuple[Decision, ...]:
        """Return the newest evaluations, newest first."""
        statement = select(DECISIONS).order_by(DECISIONS.c.id.desc()).limit(limit)
        if symbol is not None:
            statement = statement.where(DECISIONS.c.symbol == symbol)
        with transaction(self._engine) as connection:
            return tuple(decision_of(row) for row in connection.execute(statement))

    def telemetry(self) -> tuple[FeatureSummary, ...]:
        """Summarise the readings of each feature, by name."""
        feature = FEATURE_TELEMETRY.c.feature
        counts = select(feature, func.count()).group_by(feature).order_by(feature)
        with transaction(self._engine) as connection:
            return tuple(
                _summary(name, count, _newest(connection, name))
                for name, count in connection.execute(counts).all()
            )

    def control(self, key: str) -> ControlValue | None:
        """Return one control value; None when nobody has set it."""
        statement = select(CONTROL).where(CONTROL.c.key == key)
        with transaction(self._engine) as connection:
            row = connection.execute(statement).first()
        return None if row is None else ControlValue(row.value, row.updated_ms)

    def row_counts(self) -> dict[str, int]:
        """Return how many rows each table holds, by table name."""
        with transaction(self._engine) as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in METADATA.sorted_tables
            }


def _signal_row(row: Row[Any]) -> SignalRow:
    values = dict(row._mapping)
    del values["recorded_at"]
    key = SignalKey(
        values.pop("symbol"),
        Interval(values.pop("interval")),
        values.pop("open_time_ms"),
        values.pop("strategy"),
    )
    return SignalRow(
        **values
        | {
            "key": key,
            "direction": Direction(row.direction),
            "strength": Strength(row.strength),
            "reasons": tuple(row.reasons),
            "invalidation": conditions_of(row.invalidation),
            "status": None if row.status is None else TradeStatus(row.status),
            "exit_reason": None if row.exit_reason is None else ExitReason(row.exit_reason),
        }
    )


def _newest(connection: Connection, feature: str) -> Sequence[_Reading]:
    c = FEATURE_TELEMETRY.c
    return connection.execute(
        select(c.at_ms, c.latency_ms, c.peak_kb, c.error)
        .where(c.feature == feature)
        .order_by(c.at_ms.desc(), c.id.desc())
        .limit(_READINGS_SUMMARISED)
    ).all()


def _summary(feature: str, count: int, newest: Sequence[_Reading]) -> FeatureSummary:
    latencies = sorted(row.latency_ms for row in newest)
    return FeatureSummary(
        feature=feature,
        count=count,
        errors=sum(row.error != "" for row in newest),
        last_at_ms=newest[0].at_ms,
        last_latency_ms=newest[0].latency_ms,
        median_latency_ms=median(latencies),
        p95_latency_ms=latencies[math.ceil(0.95 * len(latencies)) - 1],
        peak_kb=next((row.peak_kb for row in newest if row.peak_kb is not None), None),
    )
