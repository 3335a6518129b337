"""What the close of a bar led to, as it is written: whole or not at all, and only once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    insert,
    literal,
    select,
    union_all,
)

from core.journal.call_records import call_values
from core.journal.database import transaction
from core.journal.durable import DurableRows
from core.journal.records import decision_values, key_values, signal_values
from core.journal.tables import DECISIONS, LLM_CALLS, SIGNALS, TRADES
from core.journal.trade_records import pending_trade, trade_values
from core.journal.upserts import insert_new
from core.model.signal import Decision, Signal, SignalKey
from core.model.source import Source
from core.model.verdict import LlmCall

_KEY = tuple(field.name for field in fields(SignalKey))


def _same(table: Table) -> Select[int]:
    same = and_(*(table.c[name] == bindparam(name) for name in _KEY))
    if table is TRADES:  # for the index, which begins with it
        same &= TRADES.c.source.in_([literal(source.value) for source in Source])
    return select(table.c.id).where(same)


# Built once: for SQLAlchemy building a statement is more work than running it.
_NEW_CALLS = insert(LLM_CALLS)
_NEW_SIGNAL = insert(SIGNALS).returning(SIGNALS.c.id)
_NEW_TRADE = insert(TRADES).returning(TRADES.c.id)
_NEW_DECISION = insert(DECISIONS)
# Decisions are forgotten before trades are, and people may delete signals.
_SAME_KEY = union_all(*(_same(table) for table in (DECISIONS, SIGNALS, TRADES))).limit(1)


@dataclass(frozen=True, slots=True)
class Recorded:
    """
    What an evaluation became.

    Attributes:
        signal_id: None when there was no signal.
        trade_ids: Of the pending trades: the signal's first, then the shadows' as given.
    """

    signal_id: int | None = None
    trade_ids: tuple[int, ...] = ()


class Evaluations(DurableRows):
    """Write decisions with what follows from them."""

    def record_evaluation(
        self,
        decision: Decision,
        *,
        signal: Signal | None = None,
        shadows: Sequence[Signal] = (),
        calls: Sequence[LlmCall] = (),
    ) -> Recorded | None:
        """
        Keep one evaluation: the decision, its signal, the pending trades, and the calls.

        All rows or none. Of a key that is known already only the calls are written, for they
        were paid again; so repeating an evaluation after a crash doubles no trade.

        Args:
            decision: How it ended.
            signal: Of the account that is traded.
            shadows: What the shadow accounts enter; they are trades without a signal's row.
            calls: What was asked for it, attempt by attempt.

        Returns:
            What is now recorded; None when the key was known.

        Raises:
            ValueError: If a signal belongs to another evaluation or account.
            JournalError: If the database refuses; then nothing was written.
        """
        _must_belong(decision.key, signal, shadows)
        stamp = {"recorded_at": self._now_text()}
        with transaction(self._durable) as connection:
            asked = [_call_values(decision, call) | stamp for call in calls]
            if asked:
                connection.execute(_NEW_CALLS, asked)
            if _known(connection, decision.key):
                return None
            signal_id, trade_ids = None, []
            if signal is not None:
                row = signal_values(signal) | stamp
                signal_id = int(connection.execute(_NEW_SIGNAL, row).scalar_one())
                trade_ids.append(_insert_trade(connection, signal, signal_id))
            trade_ids += [_insert_trade(connection, shadow, None) for shadow in shadows]
            row = decision_values(decision, signal_id) | stamp
            connection.execute(_NEW_DECISION, row)
        return Recorded(signal_id, tuple(trade_ids))

    def record_decisions(self, decisions: Iterable[Decision]) -> None:
        """Keep decisions that led to nothing, all or none; those of known keys are left out."""
        stamp = {"recorded_at": self._now_text()}
        rows = [decision_values(decision, None) | stamp for decision in decisions]
        with transaction(self._durable) as connection:
            insert_new(connection, DECISIONS, rows)


def _must_belong(key: SignalKey, signal: Signal | None, shadows: Sequence[Signal]) -> None:
    for one in [*shadows] if signal is None else [signal, *shadows]:
        if one.key != key:
            raise ValueError(f"signal of {one.key} with a decision on {key}")
        if (one.source is Source.POLICY) != (one is signal):
            raise ValueError(f"signal of {one.source} in the place of another account's")


def _known(connection: Connection, key: SignalKey) -> bool:
    return connection.execute(_SAME_KEY, key_values(key)).first() is not None


def _insert_trade(connection: Connection, signal: Signal, signal_id: int | None) -> int:
    row = trade_values(pending_trade(0, signal, signal_id)) | key_values(signal.key)
    del row["id"]
    return int(connection.execute(_NEW_TRADE, row).scalar_one())


def _call_values(decision: Decision, call: LlmCall) -> dict[str, Any]:
    return call_values(
        call,
        at_ms=decision.decided_ms,
        symbol=decision.key.symbol,
        interval=decision.key.interval,
        open_time_ms=decision.key.open_time_ms,
    )
