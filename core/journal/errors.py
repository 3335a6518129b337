"""What can be wrong with the journal."""


class JournalError(Exception):
    """The journal cannot be read or written; the message says where and why."""


class MissingJournalError(JournalError):
    """There is no database where the journal should be: nothing has been recorded yet."""


class EmptyJournalError(JournalError):
    """The database exists but no table was ever made in it."""


class PinnedJournalError(JournalError):
    """The schema is pinned: this program may not migrate it until somebody lets it."""


class DamagedJournalError(JournalError):
    """The journal's file is damaged; the message says where it was put, and how to go on."""


class UnavailableJournalError(JournalError):
    """The journal cannot be used just now (disk full, locked, unreachable): this may pass."""


def first_fault(failures: BaseExceptionGroup[BaseException]) -> JournalError | None:
    """Find what is wrong with the journal among what ended several tasks; None if nothing."""
    for failure in failures.exceptions:
        found = first_fault(failure) if isinstance(failure, BaseExceptionGroup) else failure
        if isinstance(found, JournalError):
            return found
    return None
