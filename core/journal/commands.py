"""What people ask of the engine, and the answer: each is carried out whole, and only once."""

from dataclasses import dataclass

from sqlalchemy import Connection, Update, insert, update

from core.journal.command_records import alert_values
from core.journal.database import transaction
from core.journal.durable import DurableRows
from core.journal.records import utc_text
from core.journal.tables import ALERTS, COMMANDS, CONTROL, TRADES
from core.journal.trade_records import FIXED, trade_values
from core.journal.upserts import upsert
from core.model.alert import Alert
from core.model.command import Command, CommandState, to_json
from core.model.trade import Trade

LONGEST_NAME = 100
"""Characters of whoever asks."""

_NEW_COMMAND = insert(COMMANDS).returning(COMMANDS.c.id)
_NEW_TRADE = insert(TRADES).returning(TRADES.c.id)
_NEW_ALERT = insert(ALERTS).returning(ALERTS.c.id)


@dataclass(frozen=True, slots=True)
class Effects:
    """
    What a command does to the journal.

    Attributes:
        changed: Trades as they are from now on.
        new_trades: Trades to be added; their ids are given by the journal.
        control: Key, value and feed time of a value that others look at.
        new_alert: To be watched from now on.
        added_ms: Feed time of ``new_alert``.
        removed_alert: Row of an alert that is retired.
    """

    changed: tuple[Trade, ...] = ()
    new_trades: tuple[Trade, ...] = ()
    control: tuple[str, str, int] | None = None
    new_alert: Alert | None = None
    added_ms: int = 0
    removed_alert: int | None = None


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """Numbers of the rows that a command has added."""

    trade_ids: tuple[int, ...] = ()
    alert_id: int | None = None


class Commands(DurableRows):
    """Write commands, and what they do together with the mark that it is done."""

    def add_command(self, command: Command, *, who: str, at_ms: int) -> int:
        """
        Ask the engine for something; the row's number tells where the answer will be.

        Args:
            command: What is wanted.
            who: Asks for it; words on one line.
            at_ms: Feed time as the asker knows it; 0 where it is not known.

        Raises:
            ValueError: If ``who`` is no line of words.
            JournalError: If the database refuses; then nothing was asked.
        """
        if not (who.strip() and who.isprintable() and len(who) <= LONGEST_NAME):
            raise ValueError(f"who must be words on one line, was {who!r:.80}")
        row = {
            "created_at": utc_text(at_ms),
            "recorded_at": self._now_text(),
            "at_ms": at_ms,
            "recorded_ms": int(self._clock() * 1000),
            "who": who,
            "command": to_json(command),
            "state": CommandState.WAITING.value,
            "answer": "",
        }
        with transaction(self._durable) as connection:
            return int(connection.execute(_NEW_COMMAND, row).scalar_one())

    def settle_command(
        self, command_id: int, state: CommandState, answer: str, effects: Effects
    ) -> CarriedOut | None:
        """
        Answer a waiting command, with all that it does: both or neither.

        Args:
            command_id: Row of the command.
            state: Done or refused.
            answer: A sentence for people.
            effects: What it does; nothing when it is refused.

        Returns:
            Numbers of the rows that were added; None when it waits no more: then nothing was
            done again.

        Raises:
            JournalError: If the database refuses; then it still waits.
        """
        with transaction(self._durable) as connection:
            marked = connection.execute(_marked(command_id, state, answer))
            if marked.rowcount != 1:
                return None
            return self._write(connection, effects)

    def _write(self, connection: Connection, effects: Effects) -> CarriedOut:
        changed = [trade_values(trade) for trade in effects.changed]
        upsert(connection, TRADES, changed, fixed=FIXED)
        trade_ids = tuple(_inserted(connection, trade) for trade in effects.new_trades)
        if effects.control is not None:
            key, value, updated_ms = effects.control
            upsert(connection, CONTROL, [{"key": key, "value": value, "updated_ms": updated_ms}])
        if effects.removed_alert is not None:
            same = ALERTS.c.id == effects.removed_alert
            connection.execute(update(ALERTS).where(same).values(active=False))
        if effects.new_alert is None:
            return CarriedOut(trade_ids)
        row = alert_values(effects.new_alert, effects.added_ms)
        row["recorded_at"] = self._now_text()
        return CarriedOut(trade_ids, int(connection.execute(_NEW_ALERT, row).scalar_one()))


def _marked(command_id: int, state: CommandState, answer: str) -> Update:
    c = COMMANDS.c
    return (
        update(COMMANDS)
        .where(c.id == command_id, c.state == CommandState.WAITING.value)
        .values(state=state.value, answer=answer)
    )


def _inserted(connection: Connection, trade: Trade) -> int:
    row = trade_values(trade)
    del row["id"]
    return int(connection.execute(_NEW_TRADE, row).scalar_one())
