"""Commands and alerts as rows, and back."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from core.journal.records import Values, utc_text
from core.model.alert import Alert
from core.model.command import Command, CommandState, from_json


@dataclass(frozen=True, slots=True)
class CommandRow:
    """
    A command, and what has become of it.

    Attributes:
        command: None where the row holds none that this program understands; ``answer`` or
            ``fault`` says why.
        answer: A sentence for people; empty while it waits.
        who: Who asked.
        recorded_ms: When it was put into the journal, by this machine's clock.
        fault: Why the row is no command; empty when it is one.
    """

    id: int
    command: Command | None
    state: CommandState
    answer: str
    who: str
    recorded_ms: int
    fault: str = ""


@dataclass(frozen=True, slots=True)
class AlertRow:
    """
    An alert, and what has become of it.

    Attributes:
        added_ms: Feed time.
        active: Whether it is watched for; a retired one stays as a row.
        above: Whether the value was on the upper side of the level; None before the first look.
        fired_ms: Feed time at which it fired last; None before it did.
        value: What it saw then.
    """

    id: int
    alert: Alert
    added_ms: int
    active: bool = True
    above: bool | None = None
    fired_ms: int | None = None
    value: float | None = None


def command_row(row: Row[Any]) -> CommandRow:
    """Rebuild a command from its row; one that is none keeps the reason."""
    command, fault = None, ""
    try:
        command = from_json(row.command)
    except ValueError as error:
        # It may quote what no database takes, and goes back into one as the answer.
        fault = str(error).encode("utf-8", "backslashreplace").decode()
    state = CommandState(row.state)
    return CommandRow(row.id, command, state, row.answer, row.who, row.recorded_ms, fault)


def alert_values(alert: Alert, added_ms: int) -> Values:
    """Return the columns of a new alert, without the id and ``recorded_at``."""
    return alert.values() | {
        "created_at": utc_text(added_ms),
        "added_ms": added_ms,
        "active": True,
        "above": None,
        "fired_ms": None,
        "value": None,
    }


def alert_row(row: Row[Any]) -> AlertRow:
    """Rebuild an alert from its row."""
    names = ("symbol", "interval", "subject", "comparison", "level", "note", "once")
    return AlertRow(
        id=row.id,
        alert=Alert.of_values({name: getattr(row, name) for name in names}),
        added_ms=row.added_ms,
        active=row.active,
        above=row.above,
        fired_ms=row.fired_ms,
        value=row.value,
    )
