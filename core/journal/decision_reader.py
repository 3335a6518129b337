"""The story of one evaluation, as a page tells it: decision, signal, questions, trades."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import URL, Row, select

from core.journal.call_records import call_of
from core.journal.database import transaction
from core.journal.reading import open_for_reading
from core.journal.records import conditions_of, decision_of
from core.journal.tables import DECISIONS, LLM_CALLS, SIGNALS, TRADES
from core.journal.trade_reader import TradeReader
from core.journal.trade_records import trade_of
from core.model.intervals import Interval
from core.model.signal import Decision, Direction, Outcome, Signal, SignalKey, Strength
from core.model.source import Source
from core.model.trade import Trade
from core.model.verdict import LlmCall, Purpose

_HOUR_MS: Final = 3_600_000
# Questions are found by when they were asked, for only that has an index. They are recorded with
# their decision; the span leaves room for a slow disk and for a clock that was put right.
_ASKED_BEFORE_MS, _ASKED_AFTER_MS = 2 * _HOUR_MS, _HOUR_MS


@dataclass(frozen=True, slots=True)
class Story:
    """
    One evaluation and all that belongs to it.

    Attributes:
        signal: None where it led to none, or where that was deleted.
        calls: Attempts at the model, in their order; only those that are still kept.
        trades: Of every account, entered on this bar; parts that were split off come last.
    """

    id: int
    decision: Decision
    signal: Signal | None = None
    calls: tuple[LlmCall, ...] = ()
    trades: tuple[Trade, ...] = ()

    @property
    def trade(self) -> Trade | None:
        """What the traded account made of it."""
        return next((t for t in self.trades if t.source is Source.POLICY), None)


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """An evaluation as a list shows it; as in `Decision`, without what is large."""

    id: int
    key: SignalKey
    outcome: Outcome
    reason: str
    direction: Direction | None
    strength: Strength | None
    score: float | None
    confidence: float | None
    analyst: str


class DecisionReader(TradeReader):
    """Read evaluations with what belongs to them; every method raises `JournalError`."""

    @classmethod
    def open(cls, url: str | URL) -> "DecisionReader":
        """Open an existing journal; see `open_for_reading` for what it raises."""
        return cls(open_for_reading(url))

    def latest(self, symbol: str, interval: Interval) -> int | None:
        """Return the number of the evaluation of the newest bar; None before the first."""
        c = DECISIONS.c
        statement = (
            select(c.id)
            .where(c.symbol == symbol, c.interval == interval.value)
            .order_by(c.open_time_ms.desc(), c.id.desc())
            .limit(1)
        )
        with transaction(self._engine) as connection:
            found = connection.execute(statement).scalar()
        return None if found is None else int(found)

    def of_signal(self, signal_id: int) -> int | None:
        """Return the number of the evaluation that a signal came from; None where it is gone."""
        s, d = SIGNALS.c, DECISIONS.c
        same = (
            (s.symbol == d.symbol)
            & (s.interval == d.interval)
            & (s.open_time_ms == d.open_time_ms)
            & (s.strategy == d.strategy)
        )
        statement = select(d.id).select_from(SIGNALS.join(DECISIONS, same)).where(s.id == signal_id)
        with transaction(self._engine) as connection:
            found = connection.execute(statement).scalar()
        return None if found is None else int(found)

    def story(self, decision_id: int) -> Story | None:
        """Return one evaluation whole; None where there is none of that number."""
        statement = select(DECISIONS).where(DECISIONS.c.id == decision_id)
        with transaction(self._engine) as connection:
            row = connection.execute(statement).first()
        if row is None:
            return None
        decision = decision_of(row)
        return Story(
            decision_id,
            decision,
            self._signal(row.signal_id),
            self._calls(decision.key, _recorded_ms(row.recorded_at)),
            self.trades_on(decision.key),
        )

    def trades_on(self, key: SignalKey) -> tuple[Trade, ...]:
        """Return what all accounts entered on a bar, and the parts that were split off since."""
        c = TRADES.c
        of_bar = (
            select(TRADES)
            .where(c.source.in_([source.value for source in Source]), c.symbol == key.symbol)
            .where(c.interval == key.interval.value, c.open_time_ms == key.open_time_ms)
            .where(c.strategy == key.strategy)
            .order_by(c.id)
        )
        with transaction(self._engine) as connection:
            whole = tuple(trade_of(row) for row in connection.execute(of_bar))
            if not whole:
                return ()
            parts = (
                select(TRADES)
                .where(c.source.in_({trade.source.value for trade in whole}))
                .where(c.symbol == key.symbol, c.part_of.in_([trade.id for trade in whole]))
                .order_by(c.id)
            )
            return (*whole, *(trade_of(row) for row in connection.execute(parts)))

    def lines(self, limit: int) -> Sequence[DecisionLine]:
        """Return the newest evaluations of all symbols, newest first."""
        c = DECISIONS.c
        key = (c.symbol, c.interval, c.open_time_ms, c.strategy)
        rules = (c.rule_direction, c.rule_strength, c.rule_confidence, c.score)
        statement = (
            select(c.id, *key, c.outcome, c.reason, *rules, c.confidence, c.analyst)
            .order_by(c.id.desc())
            .limit(limit)
        )
        with transaction(self._engine) as connection:
            return tuple(_line(row) for row in connection.execute(statement))

    def _signal(self, signal_id: int | None) -> Signal | None:
        if signal_id is None:
            return None
        with transaction(self._engine) as connection:
            row = connection.execute(select(SIGNALS).where(SIGNALS.c.id == signal_id)).first()
        return None if row is None else _signal_of(row)

    def _calls(self, key: SignalKey, recorded_ms: int) -> tuple[LlmCall, ...]:
        c = LLM_CALLS.c
        statement = (
            select(LLM_CALLS)
            .where(c.purpose == Purpose.DECISION.value)
            .where(c.asked_ms >= recorded_ms - _ASKED_BEFORE_MS)
            .where(c.asked_ms <= recorded_ms + _ASKED_AFTER_MS)
            .where(c.symbol == key.symbol, c.interval == key.interval.value)
            .where(c.open_time_ms == key.open_time_ms)
            .order_by(c.id)
        )
        with transaction(self._engine) as connection:
            return tuple(call_of(row) for row in connection.execute(statement))


def _recorded_ms(text: str) -> int:
    moment = datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1000


def _key_of(row: Row[*tuple[Any, ...]]) -> SignalKey:
    return SignalKey(row.symbol, Interval(row.interval), row.open_time_ms, row.strategy)


def _signal_of(row: Row[Any]) -> Signal:
    return Signal(
        key=_key_of(row),
        direction=Direction(row.direction),
        strength=Strength(row.strength),
        score=row.score,
        confidence=row.confidence,
        reference_price=row.entry,
        stop=row.stop,
        target=row.target,
        quantity=row.quantity,
        decided_ms=row.decided_ms,
        reasons=tuple(row.reasons),
        invalidation=conditions_of(row.invalidation),
        expires_ms=row.expires_ms,
    )


def _line(row: Row[*tuple[Any, ...]]) -> DecisionLine:
    confidence = row.rule_confidence if row.confidence is None else row.confidence
    return DecisionLine(
        id=row.id,
        key=_key_of(row),
        outcome=Outcome(row.outcome),
        reason=row.reason,
        direction=None if row.rule_direction is None else Direction(row.rule_direction),
        strength=None if row.rule_strength is None else Strength(row.rule_strength),
        score=row.score,
        confidence=confidence,
        analyst=row.analyst,
    )
