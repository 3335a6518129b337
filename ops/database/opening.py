"""What the engine does to its journal before it trades on it."""

from core.config import Home, Settings
from core.journal.database import Access, database_url, open_engine, transaction
from core.journal.journal import Journal
from core.journal.revisions import BACKUP_SUFFIX, revision_of
from core.journal.tables import REVISION
from ops.audit.config_changes import note_config
from ops.audit.entry import Action
from ops.audit.trail import append_audit
from ops.database.damage import refuse_damaged


def prepare_journal(home: Home, settings: Settings, *, demo: bool = False) -> None:
    """
    Look at the journal, migrate it, and bring the audit trail up to date; blocks.

    The engine of the home must be kept out: its own place is held while this runs.

    Raises:
        DamagedJournalError: If it is damaged; it is set aside then.
        PinnedJournalError: If its schema was rolled back.
        JournalError: If it cannot be used otherwise.
        OSError: If a damaged one cannot be set aside.
    """
    refuse_damaged(home)
    migrate_journal(home, who="engine")
    note_config(home, settings, who="engine", demo=demo)


def migrate_journal(home: Home, *, who: str) -> str | None:
    """
    Make or migrate the journal of a home; raises `JournalError`.

    Returns:
        The revision it had before; None when nothing was migrated.
    """
    before = _revision(home)
    Journal.open(database_url(home.database)).close()
    if before is None or before == REVISION:
        return None
    kept = f"{home.database.name}{BACKUP_SUFFIX}"
    detail = f"schema {before} -> {REVISION}; as it was: {kept}"
    append_audit(home, Action.MIGRATE, who=who, detail=detail)
    return before


def _revision(home: Home) -> str | None:
    if not home.database.exists():
        return None
    engine = open_engine(database_url(home.database), Access.READ)
    with transaction(engine) as connection:
        return revision_of(connection)
