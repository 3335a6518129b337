"""What people do by hand, as the engine that carried it out writes it down."""

from collections.abc import Callable

from core.config import Home
from core.journal.command_records import CommandRow
from core.model.command import AddAlert, CommandState, RemoveAlert, to_json
from ops.audit.entry import Action
from ops.audit.trail import append_audit

_NOT_TRADING = (AddAlert, RemoveAlert)


def by_hand(home: Home) -> Callable[[CommandRow, CommandState, str], None]:
    """Return what writes an entry for each answered command; alerts trade nothing and get none."""

    def answered(row: CommandRow, state: CommandState, answer: str) -> None:
        if isinstance(row.command, _NOT_TRADING):
            return
        asked = row.fault if row.command is None else to_json(row.command)
        detail = f"command {row.id} {state.value}: {asked}: {answer}"
        append_audit(home, Action.MANUAL, who=row.who, detail=detail)

    return answered
